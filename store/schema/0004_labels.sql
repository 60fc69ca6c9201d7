-- What people said about single mentions comes back: labels (corrections of sentiment, stance, relevance) are review events whose value says
-- `sentiment=negative stance=critic drawn=asked` or `relevant=no …` (store/labels.py); NULL takes the label back. The newest event counts.
-- Counts take a person's word before the model's.

CREATE VIEW labels AS
SELECT n.post_key, n.brand, n.sentiment, n.stance, n.relevant, n.drawn, n.actor, n.labelled_at
FROM (
    SELECT post_key, brand,
        nullif(regexp_extract(said, 'sentiment=(\w+)', 1), '') AS sentiment,
        nullif(regexp_extract(said, 'stance=(\w+)', 1), '') AS stance,
        NOT contains(said, 'relevant=no') AS relevant,
        drawn, actor, labelled_at, said
    FROM (
        SELECT post_key, brand,
            arg_max(coalesce(value, ''), {'at': "at", 'id': event_id}) AS said,
            arg_max(actor, {'at': "at", 'id': event_id}) AS actor,
            max("at") AS labelled_at,
            coalesce(bool_or(contains(value, 'drawn=random')), false) AS drawn
        FROM review_events WHERE action = 'label' GROUP BY post_key, brand
    )
) n JOIN posts p ON p.post_key = n.post_key
WHERE p.gone_at IS NULL AND (n.sentiment IS NOT NULL OR n.stance IS NOT NULL OR NOT n.relevant);

COMMENT ON VIEW labels IS 'What people said of a mention, in place of the model: one row a post and brand, the newest word. Labels of posts that are gone are not here, nor those that were taken back.';
COMMENT ON COLUMN labels.post_key IS 'The post.';
COMMENT ON COLUMN labels.brand IS 'The brand.';
COMMENT ON COLUMN labels.sentiment IS 'positive, neutral or negative; NULL: not said.';
COMMENT ON COLUMN labels.stance IS 'promoter, critic, request or none; NULL: not said.';
COMMENT ON COLUMN labels.relevant IS 'False: the post is not about the brand.';
COMMENT ON COLUMN labels.drawn IS 'True where the post was asked for by a random draw, at least once: only those may measure a model.';
COMMENT ON COLUMN labels.actor IS 'Who.';
COMMENT ON COLUMN labels.labelled_at IS 'When, UTC.';

CREATE OR REPLACE VIEW mention_scored AS
SELECT m.brand, m.post_key, m.platform, m.kind, m.day, m.created_at, m.first_seen_at, m.source, m.author_key,
    p.text, p.text_norm, p.url, p.lang, p.stars, p.gone_at,
    l.observed_at, l.views, l.likes, l.comments, l.shares, l.saves,
    s.model, coalesce(h.sentiment, s.sentiment) AS sentiment, s.p_negative, s.p_neutral, s.p_positive,
    coalesce(h.stance, s.stance) AS stance, s.p_promoter, s.p_critic, s.p_request,
    CASE WHEN h.sentiment IS NOT NULL THEN false ELSE s.unsure END AS unsure,
    s.mention_type, s.phases, s.intents, s.irony,
    CASE WHEN NOT h.relevant THEN 0.0 ELSE s.relevance END AS relevance, s.why, s.scored_at,
    r.rule, r.flagged_at, r.state AS review_state, r.assignee, r.label,
    h.post_key IS NOT NULL AS confirmed, s.sentiment AS model_sentiment, s.stance AS model_stance
FROM mentions m
JOIN posts p ON p.post_key = m.post_key
LEFT JOIN post_latest l ON l.post_key = m.post_key
LEFT JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand AND s.model = (SELECT value FROM meta WHERE name = 'model')
LEFT JOIN labels h ON h.post_key = m.post_key AND h.brand = m.brand
LEFT JOIN review_state r ON r.post_key = m.post_key AND r.brand = m.brand;

CREATE OR REPLACE VIEW mention_daily AS
SELECT m.brand, m.platform, m.day,
    count(*) AS mentions,
    count(DISTINCT m.author_key) AS authors,
    count(*) FILTER (coalesce(h.sentiment, s.sentiment) IN ('positive', 'neutral', 'negative')) AS scored,
    count(*) FILTER (coalesce(h.sentiment, s.sentiment) = 'positive') AS positive,
    count(*) FILTER (coalesce(h.sentiment, s.sentiment) = 'neutral') AS neutral,
    count(*) FILTER (coalesce(h.sentiment, s.sentiment) = 'negative') AS negative,
    count(*) FILTER (s.unsure AND h.sentiment IS NULL) AS unsure,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.sentiment, s.sentiment) IS NOT NULL AND coalesce(h.sentiment, s.sentiment) <> 'unscored') AS personal,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.stance, s.stance) = 'promoter') AS promoters,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.stance, s.stance) = 'critic') AS critics,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.stance, s.stance) = 'request') AS requests,
    count(DISTINCT m.author_key) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.stance, s.stance) = 'promoter') AS promoter_authors,
    count(DISTINCT m.author_key) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(h.stance, s.stance) = 'critic') AS critic_authors,
    count(h.post_key) AS confirmed
FROM mentions m
LEFT JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand AND s.model = (SELECT value FROM meta WHERE name = 'model')
LEFT JOIN labels h ON h.post_key = m.post_key AND h.brand = m.brand
WHERE coalesce(h.relevant, true)
GROUP BY m.brand, m.platform, m.day;

COMMENT ON VIEW mention_scored IS 'Mentions with all that is known about them: one row a post by somebody else and brand, with text, newest counts, score of the current model (meta: model) and state at the review desk.';
COMMENT ON COLUMN mention_scored.brand IS 'The brand.';
COMMENT ON COLUMN mention_scored.post_key IS 'The post.';
COMMENT ON COLUMN mention_scored.platform IS 'The platform.';
COMMENT ON COLUMN mention_scored.kind IS 'post, reply, quote, repost, comment, review, article or message.';
COMMENT ON COLUMN mention_scored.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN mention_scored.created_at IS 'When it was posted, UTC.';
COMMENT ON COLUMN mention_scored.first_seen_at IS 'When it was found, UTC.';
COMMENT ON COLUMN mention_scored.source IS 'The source that found it.';
COMMENT ON COLUMN mention_scored.author_key IS 'Keyed hash of the author''s account.';
COMMENT ON COLUMN mention_scored.text IS 'The text; NULL once deleted on its platform.';
COMMENT ON COLUMN mention_scored.text_norm IS 'The text for searching: NFKC, lower case.';
COMMENT ON COLUMN mention_scored.url IS 'Address of the post.';
COMMENT ON COLUMN mention_scored.lang IS 'Language code as the source gave it.';
COMMENT ON COLUMN mention_scored.stars IS 'A review''s rating, 1 to 5.';
COMMENT ON COLUMN mention_scored.gone_at IS 'When it was last found deleted, UTC.';
COMMENT ON COLUMN mention_scored.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN mention_scored.views IS 'Views; NULL where the platform did not say.';
COMMENT ON COLUMN mention_scored.likes IS 'Likes; NULL where the platform did not say.';
COMMENT ON COLUMN mention_scored.comments IS 'Comments; NULL where the platform did not say.';
COMMENT ON COLUMN mention_scored.shares IS 'Shares; NULL where the platform did not say.';
COMMENT ON COLUMN mention_scored.saves IS 'Saves; NULL where the platform did not say.';
COMMENT ON COLUMN mention_scored.model IS 'Version of the model; NULL: not scored yet.';
COMMENT ON COLUMN mention_scored.sentiment IS 'positive, neutral or negative, a person''s word before the model''s; unscored where the text is not Japanese; NULL: not scored yet.';
COMMENT ON COLUMN mention_scored.p_negative IS 'Probability of negative.';
COMMENT ON COLUMN mention_scored.p_neutral IS 'Probability of neutral.';
COMMENT ON COLUMN mention_scored.p_positive IS 'Probability of positive.';
COMMENT ON COLUMN mention_scored.stance IS 'Toward the brand: promoter, critic, request or none, a person''s word before the model''s.';
COMMENT ON COLUMN mention_scored.p_promoter IS 'Probability of promoter.';
COMMENT ON COLUMN mention_scored.p_critic IS 'Probability of critic.';
COMMENT ON COLUMN mention_scored.p_request IS 'Probability of request.';
COMMENT ON COLUMN mention_scored.unsure IS 'True where the model cannot tell.';
COMMENT ON COLUMN mention_scored.mention_type IS 'personal, news, campaign_entry, advertisement, official or spam.';
COMMENT ON COLUMN mention_scored.phases IS 'Phases of the customer journey.';
COMMENT ON COLUMN mention_scored.intents IS 'complaint, question, purchase, churn, recommendation.';
COMMENT ON COLUMN mention_scored.irony IS 'Probability that the words are not meant literally.';
COMMENT ON COLUMN mention_scored.relevance IS 'Probability that the post is about the brand at all; 0 where a person said that it is not.';
COMMENT ON COLUMN mention_scored.why IS 'The words that made the score, JSON [[word, weight], …].';
COMMENT ON COLUMN mention_scored.scored_at IS 'When it was scored, UTC.';
COMMENT ON COLUMN mention_scored.rule IS 'Why it was flagged; NULL: it was not.';
COMMENT ON COLUMN mention_scored.flagged_at IS 'When it was flagged, UTC.';
COMMENT ON COLUMN mention_scored.review_state IS 'open, taken or closed; NULL where it is no case.';
COMMENT ON COLUMN mention_scored.assignee IS 'Who has taken it.';
COMMENT ON COLUMN mention_scored.label IS 'The last label that a person gave, as written in review_events.';
COMMENT ON COLUMN mention_scored.confirmed IS 'True where a person labelled it.';
COMMENT ON COLUMN mention_scored.model_sentiment IS 'What the model says, whatever people said.';
COMMENT ON COLUMN mention_scored.model_stance IS 'What the model says, whatever people said.';

COMMENT ON VIEW mention_daily IS 'Mentions by brand, platform and day of posting, with sentiment and stance as people said, else of the current model. What people found not to be about the brand is left out. What is not scored yet is in mentions and not in scored: never take it for neutral.';
COMMENT ON COLUMN mention_daily.brand IS 'The brand.';
COMMENT ON COLUMN mention_daily.platform IS 'The platform.';
COMMENT ON COLUMN mention_daily.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN mention_daily.mentions IS 'Mentions.';
COMMENT ON COLUMN mention_daily.authors IS 'Different authors of the day. Days do not add up: the same author may write on both.';
COMMENT ON COLUMN mention_daily.scored IS 'Mentions with a sentiment.';
COMMENT ON COLUMN mention_daily.positive IS 'Of them positive.';
COMMENT ON COLUMN mention_daily.neutral IS 'Of them neutral.';
COMMENT ON COLUMN mention_daily.negative IS 'Of them negative.';
COMMENT ON COLUMN mention_daily.unsure IS 'Mentions of which the model is not sure (they are in the counts too).';
COMMENT ON COLUMN mention_daily.personal IS 'Scored mentions in somebody''s own words (no news, advertisements, campaign entries, spam).';
COMMENT ON COLUMN mention_daily.promoters IS 'Personal mentions by promoters.';
COMMENT ON COLUMN mention_daily.critics IS 'Personal mentions by critics.';
COMMENT ON COLUMN mention_daily.requests IS 'Personal mentions that ask for something.';
COMMENT ON COLUMN mention_daily.promoter_authors IS 'Different authors of promoters.';
COMMENT ON COLUMN mention_daily.critic_authors IS 'Different authors of critics.';
COMMENT ON COLUMN mention_daily.confirmed IS 'Mentions that a person labelled.';
