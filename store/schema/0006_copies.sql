-- Who repeats whom: a repost, or a text that says the same as an earlier one. Spread is seen, and a voice counts once.

CREATE TABLE prints (post_key BIGINT, bands BIGINT[], created_at TIMESTAMP);
COMMENT ON TABLE prints IS 'What finds texts that say the same (analysis/copies.py): one row a mention that was compared; bands is NULL for a short text.';
COMMENT ON COLUMN prints.post_key IS 'The post.';
COMMENT ON COLUMN prints.bands IS 'Hashes of which a text that says the same shares at least one.';
COMMENT ON COLUMN prints.created_at IS 'When it was posted, UTC.';

CREATE TABLE copies (post_key BIGINT, head_key BIGINT);
COMMENT ON TABLE copies IS 'Texts that say the same as an earlier one: one row a post that repeats.';
COMMENT ON COLUMN copies.post_key IS 'The post that repeats.';
COMMENT ON COLUMN copies.head_key IS 'The first post of its family.';

CREATE VIEW families AS
SELECT m.post_key, coalesce(c.head_key, d.head_key, r.parent_key) AS head_key,
    CASE WHEN r.kind = 'repost' THEN 'repost' WHEN c.post_key IS NOT NULL THEN 'copy' ELSE 'quote' END AS role
FROM (SELECT DISTINCT post_key FROM mentions) m
JOIN posts r ON r.post_key = m.post_key
LEFT JOIN copies c ON c.post_key = m.post_key
LEFT JOIN copies d ON d.post_key = r.parent_key AND r.kind IN ('repost', 'quote')
WHERE c.post_key IS NOT NULL OR (r.kind IN ('repost', 'quote') AND r.parent_key IS NOT NULL);
COMMENT ON VIEW families IS 'How mentions spread: one row a mention that repeats another post or quotes it. Reposts and copies are no voice of their own; a quote is one.';
COMMENT ON COLUMN families.post_key IS 'The post that repeats or quotes.';
COMMENT ON COLUMN families.head_key IS 'The first post of its family.';
COMMENT ON COLUMN families.role IS 'repost, copy (another text that says the same) or quote.';
