-- The views that analysts and pages meet. Each says what one row is; docs/data.md is made from the comments.

CREATE VIEW engagement_daily AS
SELECT brand, platform, day, d.definition, posts, posts_with_views, rate_posts,
    CASE WHEN rate_posts > 0 THEN CASE d.definition WHEN 'er_basic' THEN basic_r ELSE all_r END END AS reactions,
    CASE WHEN rate_posts > 0 THEN v END AS views,
    CASE WHEN rate_posts > 0 THEN CASE d.definition WHEN 'er_basic' THEN basic_r ELSE all_r END / nullif(v, 0) END AS rate
FROM daily CROSS JOIN (SELECT unnest(['er_basic', 'er_all']) AS definition) d;

CREATE VIEW own_posts AS
SELECT p.own_brand AS brand, p.post_key, p.platform, p.kind, p.day, p.created_at, p.text, p.url, p.tags, l.observed_at,
    l.views, l.likes, l.comments, l.shares, l.saves,
    CASE WHEN l.views > 0 AND (l.likes IS NOT NULL OR l.comments IS NOT NULL)
        THEN (coalesce(l.likes, 0) + coalesce(l.comments, 0)) / CAST(l.views AS DOUBLE) END AS er_basic,
    CASE WHEN l.views > 0 AND (l.likes IS NOT NULL OR l.comments IS NOT NULL)
        THEN (coalesce(l.likes, 0) + coalesce(l.comments, 0) + coalesce(l.shares, 0) + coalesce(l.saves, 0)) / CAST(l.views AS DOUBLE)
    END AS er_all,
    p.gone_at
FROM posts p LEFT JOIN post_latest l ON l.post_key = p.post_key
WHERE p.own_brand IS NOT NULL;

CREATE VIEW review_state AS
SELECT c.post_key, c.brand, coalesce(e.state, 'open') AS state,
    CASE WHEN e.state = 'taken' THEN e.assignee END AS assignee,
    e.note, e.label, f.rule, f.flagged_at, e.changed_at, e.closed_at, coalesce(e.events, 0) AS events
FROM (SELECT post_key, brand FROM flags UNION SELECT post_key, brand FROM review_events) c
LEFT JOIN flags f ON f.post_key = c.post_key AND f.brand = c.brand
LEFT JOIN (
    SELECT post_key, brand,
        arg_max(CASE action WHEN 'take' THEN 'taken' WHEN 'close' THEN 'closed' ELSE 'open' END, "at")
            FILTER (action IN ('take', 'close', 'reopen')) AS state,
        arg_max(coalesce(value, actor), "at") FILTER (action = 'take') AS assignee,
        arg_max(value, "at") FILTER (action = 'note') AS note,
        arg_max(value, "at") FILTER (action = 'label') AS label,
        max("at") AS changed_at,
        max("at") FILTER (action = 'close') AS closed_at,
        count(*) AS events
    FROM review_events GROUP BY post_key, brand
) e ON e.post_key = c.post_key AND e.brand = c.brand;

CREATE VIEW mention_scored AS
SELECT m.brand, m.post_key, m.platform, m.kind, m.day, m.created_at, m.first_seen_at, m.source, m.author_key,
    p.text, p.text_norm, p.url, p.lang, p.stars, p.gone_at,
    l.observed_at, l.views, l.likes, l.comments, l.shares, l.saves,
    s.model, s.sentiment, s.p_negative, s.p_neutral, s.p_positive, s.stance, s.p_promoter, s.p_critic, s.p_request, s.unsure,
    s.mention_type, s.phases, s.intents, s.irony, s.relevance, s.why, s.scored_at,
    r.rule, r.flagged_at, r.state AS review_state, r.assignee, r.label
FROM mentions m
JOIN posts p ON p.post_key = m.post_key
LEFT JOIN post_latest l ON l.post_key = m.post_key
LEFT JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand AND s.model = (SELECT value FROM meta WHERE name = 'model')
LEFT JOIN review_state r ON r.post_key = m.post_key AND r.brand = m.brand;

CREATE VIEW mention_daily AS
SELECT m.brand, m.platform, m.day,
    count(*) AS mentions,
    count(DISTINCT m.author_key) AS authors,
    count(*) FILTER (s.sentiment IN ('positive', 'neutral', 'negative')) AS scored,
    count(*) FILTER (s.sentiment = 'positive') AS positive,
    count(*) FILTER (s.sentiment = 'neutral') AS neutral,
    count(*) FILTER (s.sentiment = 'negative') AS negative,
    count(*) FILTER (s.unsure) AS unsure,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.sentiment IS NOT NULL AND s.sentiment <> 'unscored') AS personal,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.stance = 'promoter') AS promoters,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.stance = 'critic') AS critics,
    count(*) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.stance = 'request') AS requests,
    count(DISTINCT m.author_key) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.stance = 'promoter') AS promoter_authors,
    count(DISTINCT m.author_key) FILTER (coalesce(s.mention_type, 'personal') = 'personal' AND s.stance = 'critic') AS critic_authors
FROM mentions m
LEFT JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand AND s.model = (SELECT value FROM meta WHERE name = 'model')
GROUP BY m.brand, m.platform, m.day;

CREATE VIEW post_history AS
SELECT o.post_key, l.platform, l.own_brand, l.created_at, l.day, o.observed_at,
    date_diff('second', l.created_at, o.observed_at) / 3600.0 AS age_hours,
    o.views, o.likes, o.comments, o.shares, o.saves
FROM metrics o JOIN post_latest l ON l.post_key = o.post_key
WHERE l.platform IS NOT NULL;

CREATE VIEW post_at_age AS
SELECT a.age, o.post_key, any_value(l.platform) AS platform, any_value(l.own_brand) AS own_brand, any_value(l.day) AS day,
    min(o.observed_at) AS observed_at,
    min(date_diff('second', l.created_at, o.observed_at)) / 3600.0 AS age_hours,
    first(o.views ORDER BY o.observed_at) AS views, first(o.likes ORDER BY o.observed_at) AS likes,
    first(o.comments ORDER BY o.observed_at) AS comments, first(o.shares ORDER BY o.observed_at) AS shares,
    first(o.saves ORDER BY o.observed_at) AS saves
FROM metrics o
JOIN post_latest l ON l.post_key = o.post_key
JOIN (SELECT unnest(['24h', '7d']) AS age, unnest([24, 168]) AS hours, unnest([36, 216]) AS until_hours) a
    ON o.observed_at >= l.created_at + to_hours(a.hours) AND o.observed_at < l.created_at + to_hours(a.until_hours)
WHERE l.own_brand IS NOT NULL
GROUP BY a.age, o.post_key;

CREATE VIEW campaign_posts AS
SELECT c.campaign, c.brand, c.name, p.post_key, p.platform, p.day, l.observed_at, l.views, l.likes, l.comments, l.shares, l.saves
FROM campaigns c
JOIN posts p ON p.own_brand = c.brand AND p.day BETWEEN c.starts_on AND c.ends_on
    AND (len(coalesce(c.tags, [])) = 0
        OR list_has_any(list_transform(c.tags, lambda t: lower(t)), list_transform(coalesce(p.tags, []), lambda t: lower(t))))
LEFT JOIN post_latest l ON l.post_key = p.post_key;

CREATE VIEW nps_monthly AS
SELECT brand, CAST(date_trunc('month', answered_on) AS DATE) AS month, count(*) AS answers,
    count(*) FILTER (score >= 9) AS promoters,
    count(*) FILTER (score BETWEEN 7 AND 8) AS passives,
    count(*) FILTER (score <= 6) AS detractors,
    100.0 * (count(*) FILTER (score >= 9) - count(*) FILTER (score <= 6)) / count(*) AS nps
FROM surveys WHERE score BETWEEN 0 AND 10
GROUP BY brand, CAST(date_trunc('month', answered_on) AS DATE);

COMMENT ON VIEW engagement_daily IS 'The engagement rate of a brand''s own posts: one row a brand, platform, day of posting and definition, at the posts'' newest observation. Over several rows divide the sums (sum(reactions) / sum(views)); never average the rates.';
COMMENT ON COLUMN engagement_daily.brand IS 'The brand whose own posts they are.';
COMMENT ON COLUMN engagement_daily.platform IS 'The platform.';
COMMENT ON COLUMN engagement_daily.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN engagement_daily.definition IS 'er_basic = (likes + comments) ÷ views; er_all = (likes + comments + shares + saves) ÷ views. A post enters when its views are known and above 0 and its likes or its comments are known; a count that is unknown adds nothing.';
COMMENT ON COLUMN engagement_daily.posts IS 'All posts of the day, reposts left out.';
COMMENT ON COLUMN engagement_daily.posts_with_views IS 'Posts whose views are known.';
COMMENT ON COLUMN engagement_daily.rate_posts IS 'Posts that enter the rate.';
COMMENT ON COLUMN engagement_daily.reactions IS 'Σ reactions of the posts that enter; NULL where none does.';
COMMENT ON COLUMN engagement_daily.views IS 'Σ views of the posts that enter; NULL where none does.';
COMMENT ON COLUMN engagement_daily.rate IS 'reactions ÷ views; NULL where no post enters (which is not a rate of 0).';

COMMENT ON VIEW own_posts IS 'The brands'' own posts with their newest counts and rates, one row a post.';
COMMENT ON COLUMN own_posts.brand IS 'The brand.';
COMMENT ON COLUMN own_posts.post_key IS 'The post.';
COMMENT ON COLUMN own_posts.platform IS 'The platform.';
COMMENT ON COLUMN own_posts.kind IS 'post, reply, quote, repost, …; the daily rates leave reposts out.';
COMMENT ON COLUMN own_posts.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN own_posts.created_at IS 'When it was posted, UTC.';
COMMENT ON COLUMN own_posts.text IS 'The text.';
COMMENT ON COLUMN own_posts.url IS 'Address of the post.';
COMMENT ON COLUMN own_posts.tags IS 'Hashtags without #.';
COMMENT ON COLUMN own_posts.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN own_posts.views IS 'Views; NULL where the platform did not say.';
COMMENT ON COLUMN own_posts.likes IS 'Likes; NULL where the platform did not say.';
COMMENT ON COLUMN own_posts.comments IS 'Comments; NULL where the platform did not say.';
COMMENT ON COLUMN own_posts.shares IS 'Shares; NULL where the platform did not say.';
COMMENT ON COLUMN own_posts.saves IS 'Saves; NULL where the platform did not say.';
COMMENT ON COLUMN own_posts.er_basic IS '(likes + comments) ÷ views; NULL where the post does not enter the rate (see engagement_daily).';
COMMENT ON COLUMN own_posts.er_all IS '(likes + comments + shares + saves) ÷ views; NULL where the post does not enter the rate.';
COMMENT ON COLUMN own_posts.gone_at IS 'When it was last found deleted, UTC.';

COMMENT ON VIEW review_state IS 'Where each case of the review desk stands: one row a post and brand that was flagged or that somebody acted on.';
COMMENT ON COLUMN review_state.post_key IS 'The post.';
COMMENT ON COLUMN review_state.brand IS 'The brand.';
COMMENT ON COLUMN review_state.state IS 'open, taken or closed.';
COMMENT ON COLUMN review_state.assignee IS 'Who has taken it; NULL unless it is taken.';
COMMENT ON COLUMN review_state.note IS 'The last note.';
COMMENT ON COLUMN review_state.label IS 'The last label that a person gave.';
COMMENT ON COLUMN review_state.rule IS 'Why it was flagged; NULL where a person brought it up.';
COMMENT ON COLUMN review_state.flagged_at IS 'When it was flagged, UTC.';
COMMENT ON COLUMN review_state.changed_at IS 'The last action, UTC.';
COMMENT ON COLUMN review_state.closed_at IS 'When it was last closed, UTC.';
COMMENT ON COLUMN review_state.events IS 'How many actions there were.';

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
COMMENT ON COLUMN mention_scored.sentiment IS 'positive, neutral or negative; unscored where the text is not Japanese; NULL: not scored yet.';
COMMENT ON COLUMN mention_scored.p_negative IS 'Probability of negative.';
COMMENT ON COLUMN mention_scored.p_neutral IS 'Probability of neutral.';
COMMENT ON COLUMN mention_scored.p_positive IS 'Probability of positive.';
COMMENT ON COLUMN mention_scored.stance IS 'Toward the brand: promoter, critic, request or none.';
COMMENT ON COLUMN mention_scored.p_promoter IS 'Probability of promoter.';
COMMENT ON COLUMN mention_scored.p_critic IS 'Probability of critic.';
COMMENT ON COLUMN mention_scored.p_request IS 'Probability of request.';
COMMENT ON COLUMN mention_scored.unsure IS 'True where the model cannot tell.';
COMMENT ON COLUMN mention_scored.mention_type IS 'personal, news, campaign_entry, advertisement, official or spam.';
COMMENT ON COLUMN mention_scored.phases IS 'Phases of the customer journey.';
COMMENT ON COLUMN mention_scored.intents IS 'complaint, question, purchase, churn, recommendation.';
COMMENT ON COLUMN mention_scored.irony IS 'Probability that the words are not meant literally.';
COMMENT ON COLUMN mention_scored.relevance IS 'Probability that the post is about the brand at all.';
COMMENT ON COLUMN mention_scored.why IS 'The words that made the score, JSON [[word, weight], …].';
COMMENT ON COLUMN mention_scored.scored_at IS 'When it was scored, UTC.';
COMMENT ON COLUMN mention_scored.rule IS 'Why it was flagged; NULL: it was not.';
COMMENT ON COLUMN mention_scored.flagged_at IS 'When it was flagged, UTC.';
COMMENT ON COLUMN mention_scored.review_state IS 'open, taken or closed; NULL where it is no case.';
COMMENT ON COLUMN mention_scored.assignee IS 'Who has taken it.';
COMMENT ON COLUMN mention_scored.label IS 'The last label that a person gave.';

COMMENT ON VIEW mention_daily IS 'Mentions by brand, platform and day of posting, with sentiment and stance of the current model. What is not scored yet is in mentions and not in scored: never take it for neutral.';
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

COMMENT ON VIEW post_history IS 'Every observation of a post''s counts with the post''s age: one row a post and moment.';
COMMENT ON COLUMN post_history.post_key IS 'The post.';
COMMENT ON COLUMN post_history.platform IS 'The platform.';
COMMENT ON COLUMN post_history.own_brand IS 'The brand whose own post it is.';
COMMENT ON COLUMN post_history.created_at IS 'When it was posted, UTC.';
COMMENT ON COLUMN post_history.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN post_history.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN post_history.age_hours IS 'Hours from posting to observation.';
COMMENT ON COLUMN post_history.views IS 'Views; NULL where the platform did not say.';
COMMENT ON COLUMN post_history.likes IS 'Likes; NULL where the platform did not say.';
COMMENT ON COLUMN post_history.comments IS 'Comments; NULL where the platform did not say.';
COMMENT ON COLUMN post_history.shares IS 'Shares; NULL where the platform did not say.';
COMMENT ON COLUMN post_history.saves IS 'Saves; NULL where the platform did not say.';

COMMENT ON VIEW post_at_age IS 'Counts of the brands'' own posts at the same age: one row a post and age (24h, 7d) where it was observed soon enough after reaching it.';
COMMENT ON COLUMN post_at_age.age IS '24h: the first observation from 24 to 36 hours after posting. 7d: from 7 to 9 days.';
COMMENT ON COLUMN post_at_age.post_key IS 'The post.';
COMMENT ON COLUMN post_at_age.platform IS 'The platform.';
COMMENT ON COLUMN post_at_age.own_brand IS 'The brand.';
COMMENT ON COLUMN post_at_age.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN post_at_age.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN post_at_age.age_hours IS 'Hours from posting to observation.';
COMMENT ON COLUMN post_at_age.views IS 'Views; NULL where the platform did not say.';
COMMENT ON COLUMN post_at_age.likes IS 'Likes; NULL where the platform did not say.';
COMMENT ON COLUMN post_at_age.comments IS 'Comments; NULL where the platform did not say.';
COMMENT ON COLUMN post_at_age.shares IS 'Shares; NULL where the platform did not say.';
COMMENT ON COLUMN post_at_age.saves IS 'Saves; NULL where the platform did not say.';

COMMENT ON VIEW campaign_posts IS 'The brand''s own posts that belong to a campaign, by day and hashtag: one row a campaign and post.';
COMMENT ON COLUMN campaign_posts.campaign IS 'Id of the campaign.';
COMMENT ON COLUMN campaign_posts.brand IS 'The brand.';
COMMENT ON COLUMN campaign_posts.name IS 'The campaign''s name.';
COMMENT ON COLUMN campaign_posts.post_key IS 'The post.';
COMMENT ON COLUMN campaign_posts.platform IS 'The platform.';
COMMENT ON COLUMN campaign_posts.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN campaign_posts.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN campaign_posts.views IS 'Views; NULL where the platform did not say.';
COMMENT ON COLUMN campaign_posts.likes IS 'Likes; NULL where the platform did not say.';
COMMENT ON COLUMN campaign_posts.comments IS 'Comments; NULL where the platform did not say.';
COMMENT ON COLUMN campaign_posts.shares IS 'Shares; NULL where the platform did not say.';
COMMENT ON COLUMN campaign_posts.saves IS 'Saves; NULL where the platform did not say.';

COMMENT ON VIEW nps_monthly IS 'The Net Promoter Score from surveys: one row a brand and month. NPS = % answering 9–10 minus % answering 0–6.';
COMMENT ON COLUMN nps_monthly.brand IS 'The brand.';
COMMENT ON COLUMN nps_monthly.month IS 'First day of the month.';
COMMENT ON COLUMN nps_monthly.answers IS 'Answers.';
COMMENT ON COLUMN nps_monthly.promoters IS 'Answers of 9 and 10.';
COMMENT ON COLUMN nps_monthly.passives IS 'Answers of 7 and 8.';
COMMENT ON COLUMN nps_monthly.detractors IS 'Answers of 0 to 6.';
COMMENT ON COLUMN nps_monthly.nps IS 'From −100 to 100.';
