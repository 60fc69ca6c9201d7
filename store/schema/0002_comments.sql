-- What the tables and columns mean; docs/data.md is made from it.

COMMENT ON TABLE posts IS 'One row a post of a platform: a brand''s own, or somebody else''s about a brand (then `mentions` says which). Text, author and address are NULL once the post was deleted on its platform.';
COMMENT ON COLUMN posts.post_key IS 'Key of the post: BLAKE2b of platform and native_id, 63 bits. The same in every table.';
COMMENT ON COLUMN posts.platform IS 'Where it was posted: x, instagram, youtube, bluesky, …';
COMMENT ON COLUMN posts.native_id IS 'The platform''s own id of the post.';
COMMENT ON COLUMN posts.kind IS 'post, reply, quote, repost, comment, review, article or message.';
COMMENT ON COLUMN posts.parent_key IS 'post_key of the post that it answers, quotes or repeats (which need not be in this table).';
COMMENT ON COLUMN posts.own_brand IS 'The brand whose own post it is; NULL for a post by somebody else.';
COMMENT ON COLUMN posts.source IS 'The source that shows it; a brand''s own source comes before others.';
COMMENT ON COLUMN posts.author_key IS 'Keyed hash of the author''s account: the same person on one platform has the same key. NULL where unknown or erased.';
COMMENT ON COLUMN posts.author_id IS 'The account''s id, in the clear only for the brands'' own posts unless the settings keep authors.';
COMMENT ON COLUMN posts.author_name IS 'The account''s name, under the same rule.';
COMMENT ON COLUMN posts.text IS 'The text as it was last seen.';
COMMENT ON COLUMN posts.text_norm IS 'The text for searching: NFKC and lower case. Search with LIKE and a word normalised in the same way.';
COMMENT ON COLUMN posts.lang IS 'Language code as the source gave it.';
COMMENT ON COLUMN posts.tags IS 'Hashtags without #, as the source gave them.';
COMMENT ON COLUMN posts.url IS 'Address of the post.';
COMMENT ON COLUMN posts.stars IS 'A review''s rating, 1 to 5.';
COMMENT ON COLUMN posts.created_at IS 'When it was posted, UTC.';
COMMENT ON COLUMN posts.day IS 'The day of created_at in Asia/Tokyo.';
COMMENT ON COLUMN posts.first_seen_at IS 'When a source first showed it, UTC.';
COMMENT ON COLUMN posts.seen_at IS 'When a source last showed it, UTC.';
COMMENT ON COLUMN posts.gone_at IS 'When it was last found deleted, protected or suspended, UTC; NULL while it can be seen.';

COMMENT ON TABLE metrics IS 'Every observation of a post''s counts, one row a post and moment, never changed. NULL: the platform did not say; it does not mean 0.';
COMMENT ON COLUMN metrics.post_key IS 'The post.';
COMMENT ON COLUMN metrics.observed_at IS 'When the counts were read, UTC.';
COMMENT ON COLUMN metrics.views IS 'Views (impressions, plays), as the platform defines them.';
COMMENT ON COLUMN metrics.likes IS 'Likes.';
COMMENT ON COLUMN metrics.comments IS 'Comments and replies.';
COMMENT ON COLUMN metrics.shares IS 'Shares, reposts and quotes.';
COMMENT ON COLUMN metrics.saves IS 'Saves and bookmarks.';

COMMENT ON TABLE post_latest IS 'One row a post with the counts of its newest observation. Counts of different moments are never mixed. A row whose platform is NULL belongs to a post that is not known yet.';
COMMENT ON COLUMN post_latest.post_key IS 'The post.';
COMMENT ON COLUMN post_latest.platform IS 'As in posts.';
COMMENT ON COLUMN post_latest.own_brand IS 'As in posts.';
COMMENT ON COLUMN post_latest.kind IS 'As in posts.';
COMMENT ON COLUMN post_latest.created_at IS 'As in posts.';
COMMENT ON COLUMN post_latest.day IS 'As in posts: the day of posting in Asia/Tokyo.';
COMMENT ON COLUMN post_latest.observed_at IS 'When the counts were read, UTC; NULL: never.';
COMMENT ON COLUMN post_latest.views IS 'Views at that moment; NULL where the platform did not say.';
COMMENT ON COLUMN post_latest.likes IS 'Likes at that moment; NULL where the platform did not say.';
COMMENT ON COLUMN post_latest.comments IS 'Comments at that moment; NULL where the platform did not say.';
COMMENT ON COLUMN post_latest.shares IS 'Shares at that moment; NULL where the platform did not say.';
COMMENT ON COLUMN post_latest.saves IS 'Saves at that moment; NULL where the platform did not say.';

COMMENT ON TABLE mentions IS 'One row a post by somebody else and brand that it is about.';
COMMENT ON COLUMN mentions.post_key IS 'The post.';
COMMENT ON COLUMN mentions.brand IS 'The brand.';
COMMENT ON COLUMN mentions.source IS 'The source that found it first.';
COMMENT ON COLUMN mentions.first_seen_at IS 'When it was found, UTC.';
COMMENT ON COLUMN mentions.platform IS 'As in posts.';
COMMENT ON COLUMN mentions.kind IS 'As in posts.';
COMMENT ON COLUMN mentions.author_key IS 'As in posts.';
COMMENT ON COLUMN mentions.created_at IS 'As in posts.';
COMMENT ON COLUMN mentions.day IS 'As in posts: the day of posting in Asia/Tokyo.';

COMMENT ON TABLE scores IS 'What a model read in a mention, one row a post, brand and model version. The view mention_scored has those of the current model.';
COMMENT ON COLUMN scores.post_key IS 'The post.';
COMMENT ON COLUMN scores.brand IS 'The brand that the stance is about.';
COMMENT ON COLUMN scores.model IS 'Version of the model.';
COMMENT ON COLUMN scores.sentiment IS 'What the writer feels: positive, neutral or negative; unscored where the text is not Japanese.';
COMMENT ON COLUMN scores.p_negative IS 'Probability of negative.';
COMMENT ON COLUMN scores.p_neutral IS 'Probability of neutral.';
COMMENT ON COLUMN scores.p_positive IS 'Probability of positive.';
COMMENT ON COLUMN scores.stance IS 'Toward the brand: promoter, critic, request or none.';
COMMENT ON COLUMN scores.p_promoter IS 'Probability of promoter.';
COMMENT ON COLUMN scores.p_critic IS 'Probability of critic.';
COMMENT ON COLUMN scores.p_request IS 'Probability of request.';
COMMENT ON COLUMN scores.unsure IS 'True where the model cannot tell.';
COMMENT ON COLUMN scores.mention_type IS 'personal, news, campaign_entry, advertisement, official or spam.';
COMMENT ON COLUMN scores.phases IS 'Phases of the customer journey that the text tells of.';
COMMENT ON COLUMN scores.intents IS 'complaint, question, purchase, churn, recommendation.';
COMMENT ON COLUMN scores.irony IS 'Probability that the words are not meant literally.';
COMMENT ON COLUMN scores.relevance IS 'Probability that the post is about the brand at all.';
COMMENT ON COLUMN scores.why IS 'The words that made the score, JSON [[word, weight], …]; positive weights pull to positive. NULL once the post is erased.';
COMMENT ON COLUMN scores.scored_at IS 'When it was scored, UTC.';

COMMENT ON TABLE flags IS 'Mentions that the review desk should look at, one row a post and brand.';
COMMENT ON COLUMN flags.post_key IS 'The post.';
COMMENT ON COLUMN flags.brand IS 'The brand.';
COMMENT ON COLUMN flags.rule IS 'Why: critic (criticises with p ≥ 0.6), negative (p ≥ 0.6 and not in defence of the brand), irony (p ≥ 0.6), unsure (the model is not sure; critic or negative with p ≥ 0.5).';
COMMENT ON COLUMN flags.flagged_at IS 'When it was flagged, UTC.';

COMMENT ON TABLE review_events IS 'What people did at the review desk, one row an action, never changed: the audit log. The view review_state has where each case stands.';
COMMENT ON COLUMN review_events.event_id IS 'Id of the event.';
COMMENT ON COLUMN review_events.post_key IS 'The post.';
COMMENT ON COLUMN review_events.brand IS 'The brand.';
COMMENT ON COLUMN review_events."at" IS 'When, UTC. The name is a word of SQL: write it "at".';
COMMENT ON COLUMN review_events.actor IS 'Who.';
COMMENT ON COLUMN review_events.action IS 'take, note, close, reopen or label.';
COMMENT ON COLUMN review_events.value IS 'The note''s text, the label, or who takes the case.';

COMMENT ON TABLE daily IS 'Sums over a brand''s own posts by day of posting and platform, at their newest observation; reposts are left out. With these sums a rate and its interval clustered by post can be made for any period.';
COMMENT ON COLUMN daily.brand IS 'The brand whose own posts they are.';
COMMENT ON COLUMN daily.platform IS 'The platform.';
COMMENT ON COLUMN daily.day IS 'Day of posting in Asia/Tokyo.';
COMMENT ON COLUMN daily.posts IS 'Posts.';
COMMENT ON COLUMN daily.posts_with_views IS 'Posts whose views are known.';
COMMENT ON COLUMN daily.views IS 'Sum of the known views; NULL where none is known.';
COMMENT ON COLUMN daily.likes IS 'Sum of the known likes; NULL where none is known.';
COMMENT ON COLUMN daily.comments IS 'Sum of the known comments; NULL where none is known.';
COMMENT ON COLUMN daily.shares IS 'Sum of the known shares; NULL where none is known.';
COMMENT ON COLUMN daily.saves IS 'Sum of the known saves; NULL where none is known.';
COMMENT ON COLUMN daily.rate_posts IS 'Posts that enter the rate: views known and above 0, and likes or comments known.';
COMMENT ON COLUMN daily.v IS 'Σ views of the posts that enter the rate.';
COMMENT ON COLUMN daily.vv IS 'Σ views² of the posts that enter the rate.';
COMMENT ON COLUMN daily.basic_r IS 'Σ reactions of the posts that enter the rate, er_basic: likes + comments (one that is unknown adds nothing).';
COMMENT ON COLUMN daily.basic_rr IS 'Σ reactions², er_basic.';
COMMENT ON COLUMN daily.basic_rv IS 'Σ reactions × views, er_basic.';
COMMENT ON COLUMN daily.all_r IS 'Σ reactions of the posts that enter the rate, er_all: likes + comments + shares + saves (one that is unknown adds nothing).';
COMMENT ON COLUMN daily.all_rr IS 'Σ reactions², er_all.';
COMMENT ON COLUMN daily.all_rv IS 'Σ reactions × views, er_all.';

COMMENT ON TABLE gaps IS 'Stretches of time that a source could not be read: what is missing there is unknown, not zero.';
COMMENT ON COLUMN gaps.source IS 'The source.';
COMMENT ON COLUMN gaps.platform IS 'Its platform.';
COMMENT ON COLUMN gaps.brand IS 'Its brand.';
COMMENT ON COLUMN gaps.from_at IS 'Start, UTC.';
COMMENT ON COLUMN gaps.to_at IS 'End, UTC.';
COMMENT ON COLUMN gaps.reason IS 'Why.';
COMMENT ON COLUMN gaps.recorded_at IS 'When it was noticed, UTC.';

COMMENT ON TABLE runs IS 'How each source''s part of each round ended.';
COMMENT ON COLUMN runs.source IS 'The source.';
COMMENT ON COLUMN runs.platform IS 'Its platform.';
COMMENT ON COLUMN runs.brand IS 'Its brand.';
COMMENT ON COLUMN runs.started_at IS 'Start, UTC.';
COMMENT ON COLUMN runs.finished_at IS 'End, UTC.';
COMMENT ON COLUMN runs.outcome IS 'ok, skipped, busy, access, format or error.';
COMMENT ON COLUMN runs.posts IS 'Posts read.';
COMMENT ON COLUMN runs.metrics IS 'Observations read.';
COMMENT ON COLUMN runs.requests IS 'Requests made.';
COMMENT ON COLUMN runs.message IS 'What happened.';
COMMENT ON COLUMN runs.advice IS 'How to mend it.';

COMMENT ON TABLE rejects IS 'Items that could not be read, kept aside so that nothing is lost.';
COMMENT ON COLUMN rejects.source IS 'The source or file.';
COMMENT ON COLUMN rejects.place IS 'Where in it the item stood.';
COMMENT ON COLUMN rejects.reason IS 'Why it could not be read.';
COMMENT ON COLUMN rejects.raw IS 'The item as it came.';
COMMENT ON COLUMN rejects.seen_at IS 'When, UTC.';

COMMENT ON TABLE brands IS 'The brands in the settings.';
COMMENT ON COLUMN brands.brand IS 'Id of the brand.';
COMMENT ON COLUMN brands.name IS 'Its name for people.';
COMMENT ON COLUMN brands.role IS 'own or competitor.';
COMMENT ON COLUMN brands.position IS 'Its place among the others.';

COMMENT ON TABLE sources IS 'The sources in the settings.';
COMMENT ON COLUMN sources.source IS 'Name of the source.';
COMMENT ON COLUMN sources.kind IS 'Kind of collector.';
COMMENT ON COLUMN sources.platform IS 'The platform that it reads.';
COMMENT ON COLUMN sources.brand IS 'The brand that it is about.';
COMMENT ON COLUMN sources.what IS 'own (the brand''s own posts) or mentions.';
COMMENT ON COLUMN sources.every_seconds IS 'How often it is read.';
COMMENT ON COLUMN sources.description IS 'In words.';

COMMENT ON TABLE campaigns IS 'The campaigns in the settings.';
COMMENT ON COLUMN campaigns.campaign IS 'Id of the campaign.';
COMMENT ON COLUMN campaigns.brand IS 'The brand.';
COMMENT ON COLUMN campaigns.name IS 'Its name for people.';
COMMENT ON COLUMN campaigns.starts_on IS 'First day (Asia/Tokyo).';
COMMENT ON COLUMN campaigns.ends_on IS 'Last day (Asia/Tokyo).';
COMMENT ON COLUMN campaigns.tags IS 'Hashtags of its posts, without #; empty: all posts of the days.';

COMMENT ON TABLE goals IS 'The goals in the settings.';
COMMENT ON COLUMN goals.brand IS 'The brand.';
COMMENT ON COLUMN goals.measure IS 'What is measured.';
COMMENT ON COLUMN goals.target IS 'The value to reach.';
COMMENT ON COLUMN goals.due_on IS 'By when.';

COMMENT ON TABLE kpis IS 'Imported figures, one row a brand, day and name; a later import replaces an earlier one.';
COMMENT ON COLUMN kpis.brand IS 'The brand.';
COMMENT ON COLUMN kpis.day IS 'The day (Asia/Tokyo).';
COMMENT ON COLUMN kpis.name IS 'What it is.';
COMMENT ON COLUMN kpis.value IS 'The figure.';

COMMENT ON TABLE surveys IS 'Answers to the 0–10 recommendation question; a later import of the same answer replaces the earlier one.';
COMMENT ON COLUMN surveys.brand IS 'The brand.';
COMMENT ON COLUMN surveys.answer_id IS 'Id of the answer.';
COMMENT ON COLUMN surveys.answered_on IS 'The day.';
COMMENT ON COLUMN surveys.score IS '0 to 10.';
COMMENT ON COLUMN surveys.comment IS 'What was written with it.';

COMMENT ON TABLE tombstones IS 'Posts that their platforms no longer show, also those not known yet: their text never comes back from an older record.';
COMMENT ON COLUMN tombstones.post_key IS 'The post.';
COMMENT ON COLUMN tombstones.gone_at IS 'When it was last found gone, UTC.';

COMMENT ON TABLE forgotten IS 'Authors whose posts are to stay without text and author.';
COMMENT ON COLUMN forgotten.author_key IS 'The author.';
COMMENT ON COLUMN forgotten.forgotten_at IS 'Since when, UTC.';

COMMENT ON TABLE files IS 'Inbox files that were taken in, so that each counts exactly once.';
COMMENT ON COLUMN files.name IS 'Name of the file.';
COMMENT ON COLUMN files.kind IS 'What it held.';
COMMENT ON COLUMN files.row_count IS 'How many rows.';
COMMENT ON COLUMN files.ingested_at IS 'When, UTC.';

COMMENT ON TABLE meta IS 'Named values about this database.';
COMMENT ON COLUMN meta.name IS 'Name: model (version of the current model), demo, …';
COMMENT ON COLUMN meta.value IS 'Value.';

COMMENT ON TABLE schema_version IS 'The migrations that were applied.';
COMMENT ON COLUMN schema_version.version IS 'Number.';
COMMENT ON COLUMN schema_version.name IS 'Name.';
COMMENT ON COLUMN schema_version.digest IS 'SHA-256 of what it said.';
COMMENT ON COLUMN schema_version.applied_at IS 'When, UTC.';
