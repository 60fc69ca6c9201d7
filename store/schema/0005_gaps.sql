-- What was missing and has been read since (gap_fills), what is still missing (open_gaps), and when a post was last seen to be there (checks).

CREATE TABLE gap_fills (
    source VARCHAR, platform VARCHAR, brand VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP, filled_at TIMESTAMP
);
COMMENT ON TABLE gap_fills IS 'Stretches of time that were gaps and have been read since.';
COMMENT ON COLUMN gap_fills.source IS 'The source.';
COMMENT ON COLUMN gap_fills.platform IS 'Its platform.';
COMMENT ON COLUMN gap_fills.brand IS 'Its brand.';
COMMENT ON COLUMN gap_fills.from_at IS 'Start, UTC.';
COMMENT ON COLUMN gap_fills.to_at IS 'End, UTC.';
COMMENT ON COLUMN gap_fills.filled_at IS 'When the reading began that filled it, UTC. It closes the gaps that were recorded before.';

CREATE TABLE checks (
    post_key BIGINT, checked_at TIMESTAMP
);
COMMENT ON TABLE checks IS 'When a post whose counts are not followed any more was last seen to be there: one row a post.';
COMMENT ON COLUMN checks.post_key IS 'The post.';
COMMENT ON COLUMN checks.checked_at IS 'When, UTC.';

CREATE VIEW open_gaps AS
WITH fills AS (
    SELECT g.source, g.brand, g.from_at AS gap_from, g.to_at AS gap_to, greatest(g.from_at, f.from_at) AS from_at, least(g.to_at, f.to_at) AS to_at
    FROM gaps g JOIN gap_fills f ON f.source = g.source AND f.brand = g.brand
        AND f.filled_at > g.recorded_at AND f.from_at < g.to_at AND f.to_at > g.from_at
),
cuts AS (
    SELECT source, brand, from_at AS gap_from, to_at AS gap_to, unnest([from_at, to_at]) AS cut FROM gaps
    UNION
    SELECT source, brand, gap_from, gap_to, unnest([from_at, to_at]) FROM fills
),
pieces AS (
    SELECT source, brand, gap_from, gap_to, cut AS from_at, lead(cut) OVER (PARTITION BY source, brand, gap_from, gap_to ORDER BY cut) AS to_at
    FROM cuts
),
missing AS (
    SELECT g.source, g.platform, g.brand, p.from_at, p.to_at, g.reason, g.recorded_at
    FROM pieces p JOIN gaps g ON g.source = p.source AND g.brand = p.brand AND g.from_at = p.gap_from AND g.to_at = p.gap_to
    WHERE p.to_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM fills f WHERE f.source = p.source AND f.brand = p.brand AND f.gap_from = p.gap_from AND f.gap_to = p.gap_to
            AND f.from_at <= p.from_at AND f.to_at >= p.to_at)
),
begun AS (
    SELECT *, coalesce(from_at > max(to_at) OVER (
        PARTITION BY source, platform, brand, reason ORDER BY from_at, to_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS begins
    FROM missing
)
SELECT source, any_value(platform) AS platform, brand, min(from_at) AS from_at, max(to_at) AS to_at, any_value(reason) AS reason,
    max(recorded_at) AS recorded_at
FROM (
    SELECT *, sum(CAST(begins AS INTEGER)) OVER (PARTITION BY source, platform, brand, reason ORDER BY from_at, to_at ROWS UNBOUNDED PRECEDING) AS island
    FROM begun
)
GROUP BY source, platform, brand, reason, island;

COMMENT ON VIEW open_gaps IS 'What is still missing: the gaps without what has been read since, those that touch joined. One row a source, brand, reason and stretch of time.';
COMMENT ON COLUMN open_gaps.source IS 'The source.';
COMMENT ON COLUMN open_gaps.platform IS 'Its platform.';
COMMENT ON COLUMN open_gaps.brand IS 'Its brand.';
COMMENT ON COLUMN open_gaps.from_at IS 'Start, UTC.';
COMMENT ON COLUMN open_gaps.to_at IS 'End, UTC.';
COMMENT ON COLUMN open_gaps.reason IS 'Why.';
COMMENT ON COLUMN open_gaps.recorded_at IS 'When it was noticed last, UTC.';
