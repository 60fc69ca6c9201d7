-- The tables. No keys, indexes, sequences or ON CONFLICT: they cost 4-5 times the disk and DuckLake does not know them;
-- the merge in ingest keeps the keys. Times are UTC; `day` is the day in Asia/Tokyo, cut once at ingest.

CREATE TABLE posts (
    post_key BIGINT, platform VARCHAR, native_id VARCHAR, kind VARCHAR, parent_key BIGINT,
    own_brand VARCHAR, source VARCHAR, author_key BIGINT, author_id VARCHAR, author_name VARCHAR,
    text VARCHAR, text_norm VARCHAR, lang VARCHAR, tags VARCHAR[], url VARCHAR, stars DOUBLE,
    created_at TIMESTAMP, day DATE, first_seen_at TIMESTAMP, seen_at TIMESTAMP, gone_at TIMESTAMP
);
CREATE TABLE metrics (
    post_key BIGINT, observed_at TIMESTAMP, views BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, saves BIGINT
);
CREATE TABLE post_latest (
    post_key BIGINT, platform VARCHAR, own_brand VARCHAR, kind VARCHAR, created_at TIMESTAMP, day DATE,
    observed_at TIMESTAMP, views BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, saves BIGINT
);
CREATE TABLE mentions (
    post_key BIGINT, brand VARCHAR, source VARCHAR, first_seen_at TIMESTAMP,
    platform VARCHAR, kind VARCHAR, author_key BIGINT, created_at TIMESTAMP, day DATE
);
CREATE TABLE scores (
    post_key BIGINT, brand VARCHAR, model VARCHAR, sentiment VARCHAR,
    p_negative DOUBLE, p_neutral DOUBLE, p_positive DOUBLE,
    stance VARCHAR, p_promoter DOUBLE, p_critic DOUBLE, p_request DOUBLE,
    unsure BOOLEAN, mention_type VARCHAR, phases VARCHAR[], intents VARCHAR[], irony DOUBLE, relevance DOUBLE,
    why VARCHAR, scored_at TIMESTAMP
);
CREATE TABLE flags (
    post_key BIGINT, brand VARCHAR, rule VARCHAR, flagged_at TIMESTAMP
);
CREATE TABLE review_events (
    event_id VARCHAR, post_key BIGINT, brand VARCHAR, "at" TIMESTAMP, actor VARCHAR, action VARCHAR, value VARCHAR
);
CREATE TABLE daily (
    brand VARCHAR, platform VARCHAR, day DATE,
    posts BIGINT, posts_with_views BIGINT,
    views DOUBLE, likes DOUBLE, comments DOUBLE, shares DOUBLE, saves DOUBLE,
    rate_posts BIGINT, v DOUBLE, vv DOUBLE,
    basic_r DOUBLE, basic_rr DOUBLE, basic_rv DOUBLE,
    all_r DOUBLE, all_rr DOUBLE, all_rv DOUBLE
);
CREATE TABLE gaps (
    source VARCHAR, platform VARCHAR, brand VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP, reason VARCHAR, recorded_at TIMESTAMP
);
CREATE TABLE runs (
    source VARCHAR, platform VARCHAR, brand VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP, outcome VARCHAR,
    posts BIGINT, metrics BIGINT, requests BIGINT, message VARCHAR, advice VARCHAR
);
CREATE TABLE rejects (
    source VARCHAR, place VARCHAR, reason VARCHAR, raw VARCHAR, seen_at TIMESTAMP
);
CREATE TABLE brands (
    brand VARCHAR, name VARCHAR, role VARCHAR, position INTEGER
);
CREATE TABLE sources (
    source VARCHAR, kind VARCHAR, platform VARCHAR, brand VARCHAR, what VARCHAR, every_seconds BIGINT, description VARCHAR
);
CREATE TABLE campaigns (
    campaign VARCHAR, brand VARCHAR, name VARCHAR, starts_on DATE, ends_on DATE, tags VARCHAR[]
);
CREATE TABLE goals (
    brand VARCHAR, measure VARCHAR, target DOUBLE, due_on DATE
);
CREATE TABLE kpis (
    brand VARCHAR, day DATE, name VARCHAR, value DOUBLE
);
CREATE TABLE surveys (
    brand VARCHAR, answer_id VARCHAR, answered_on DATE, score INTEGER, comment VARCHAR
);
CREATE TABLE tombstones (
    post_key BIGINT, gone_at TIMESTAMP
);
CREATE TABLE forgotten (
    author_key BIGINT, forgotten_at TIMESTAMP
);
CREATE TABLE files (
    name VARCHAR, kind VARCHAR, row_count BIGINT, ingested_at TIMESTAMP
);
CREATE TABLE meta (
    name VARCHAR, value VARCHAR
);
