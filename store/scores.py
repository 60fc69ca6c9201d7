"""Scores of mentions: what is still to be scored, what came back, and what the review desk should see."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from store.errors import BadRecord

SCHEMA = pa.schema(
    [
        ("post_key", pa.int64()), ("brand", pa.string()), ("model", pa.string()), ("sentiment", pa.string()),
        ("p_negative", pa.float64()), ("p_neutral", pa.float64()), ("p_positive", pa.float64()),
        ("stance", pa.string()), ("p_promoter", pa.float64()), ("p_critic", pa.float64()), ("p_request", pa.float64()),
        ("unsure", pa.bool_()), ("mention_type", pa.string()), ("phases", pa.list_(pa.string())), ("intents", pa.list_(pa.string())),
        ("irony", pa.float64()), ("relevance", pa.float64()), ("why", pa.string()), ("scored_at", pa.timestamp("us")),
    ]
)  # fmt: skip

_UNSCORED = """
    FROM mentions m JOIN posts p ON p.post_key = m.post_key
    WHERE p.text IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM scores s WHERE s.post_key = m.post_key AND s.brand = m.brand AND s.model = ?)
"""

# The first rule that holds names the flag. A post that was already old when it was found (an import of past years) is history, not
# something to answer, and is left out; so is what no person wrote in their own words.
FRESH_DAYS = 30
_FLAG = """
    INSERT INTO flags (post_key, brand, rule, flagged_at)
    SELECT post_key, brand, rule, now()::TIMESTAMP FROM (
        SELECT s.post_key, s.brand,
            CASE WHEN s.stance = 'critic' AND s.p_critic >= 0.6 THEN 'critic'
                 WHEN s.sentiment = 'negative' AND s.p_negative >= 0.6 AND s.stance IS DISTINCT FROM 'promoter' THEN 'negative'
                 WHEN s.irony >= 0.6 AND s.stance IS DISTINCT FROM 'promoter' THEN 'irony'
                 WHEN s.unsure AND greatest(s.p_critic, s.p_negative) >= 0.5 AND s.stance IS DISTINCT FROM 'promoter'
                     THEN 'unsure' END AS rule
        FROM scores s
        JOIN mentions m ON m.post_key = s.post_key AND m.brand = s.brand
        WHERE (s.model = $model OR NOT EXISTS (
                SELECT 1 FROM scores c WHERE c.post_key = s.post_key AND c.brand = s.brand AND c.model = $model))
          AND coalesce(s.mention_type, 'personal') = 'personal' AND coalesce(s.relevance, 1) >= 0.5
          AND m.first_seen_at <= m.created_at + to_days($days)
          AND NOT EXISTS (SELECT 1 FROM flags f WHERE f.post_key = s.post_key AND f.brand = s.brand)
          AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.post_key = s.post_key AND p.text IS NULL)
          AND NOT EXISTS (
                SELECT 1 FROM families c JOIN mentions h ON h.post_key = c.head_key AND h.brand = s.brand JOIN posts q ON q.post_key = h.post_key
                WHERE c.post_key = s.post_key AND c.role <> 'quote' AND q.text IS NOT NULL)
    ) WHERE rule IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY post_key, brand ORDER BY rule) = 1
"""


def unscored(connection: duckdb.DuckDBPyConnection, model: str, limit: int) -> pa.Table:
    """Return up to ``limit`` mentions without a score of ``model``, newest first: ``post_key, brand, platform, kind, text``."""
    return connection.sql(
        f"SELECT m.post_key, m.brand, m.platform, m.kind, p.text {_UNSCORED} ORDER BY m.created_at DESC, m.post_key, m.brand LIMIT ?",
        params=[model, limit],
    ).to_arrow_table()


def unscored_count(connection: duckdb.DuckDBPyConnection, model: str) -> int:
    """Return how many mentions have no score of ``model``."""
    ((waiting,),) = connection.execute(f"SELECT count(*) {_UNSCORED}", [model]).fetchall()
    return int(waiting)


def save_scores(connection: duckdb.DuckDBPyConnection, table: pa.Table, handed: pa.Table | None = None) -> int:
    """Save the scores (columns of the table ``scores``; absent ones NULL) and return how many came.

    A score replaces an earlier one of the same mention and model. ``handed`` is what `unscored` gave to be scored: where a text has
    been edited since, the score is of words that are no more, and is left out. Without a current model (``meta``: ``model``) theirs
    becomes it. Raises `BadRecord`.
    """
    columns = [table.column(f.name).cast(f.type) if f.name in table.column_names else pa.nulls(table.num_rows, f.type) for f in SCHEMA]
    rows = pa.table(columns, schema=SCHEMA)
    for name in ("post_key", "brand", "model"):
        if rows.column(name).null_count:
            raise BadRecord("scores", f"{name} is missing")
    connection.register("in_scores", rows)
    connection.register(
        "in_handed", pa.table({"post_key": pa.array([], pa.int64()), "text": pa.array([], pa.string())}) if handed is None else handed
    )
    connection.execute("BEGIN")
    try:
        connection.execute(
            "DELETE FROM scores USING in_scores s WHERE scores.post_key = s.post_key AND scores.brand = s.brand AND scores.model = s.model"
        )
        # a post erased while it was being scored: its words must not come back through `why`
        connection.execute(
            "INSERT INTO scores SELECT s.* REPLACE (CASE WHEN p.text IS NOT NULL THEN s.why END AS why) "
            "FROM in_scores s JOIN posts p ON p.post_key = s.post_key "
            "WHERE NOT EXISTS (SELECT 1 FROM in_handed h WHERE h.post_key = p.post_key AND p.text IS NOT NULL AND h.text <> p.text) "
            "QUALIFY row_number() OVER (PARTITION BY s.post_key, s.brand, s.model) = 1"
        )
        connection.execute(
            "INSERT INTO meta (name, value) SELECT 'model', min(model) FROM in_scores "
            "WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'model') HAVING count(*) > 0"
        )
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.unregister("in_scores")
        connection.unregister("in_handed")
    return len(rows)


def flag(connection: duckdb.DuckDBPyConnection) -> int:
    """Flag the mentions that somebody should look at and return how many are new.

    Personal, relevant mentions, at most `FRESH_DAYS` old when they were found, by their score of the current model (of another, where
    that one has not come to them yet: a new model takes its time, and an alarm must not wait for it), for the first of these reasons:

    - ``critic``: criticises the brand with p ≥ 0.6;
    - ``negative``: negative with p ≥ 0.6, and not in defence of the brand;
    - ``irony``: praise that is probably not meant, p ≥ 0.6;
    - ``unsure``: the model is not sure, but critic or negative is more likely than not (p ≥ 0.5).

    A post is flagged at most once for a brand, whatever later models say. What repeats another mention of the brand (a repost, the same
    text) is not flagged while that one can be read: it is shown there as its spread.
    """
    current = connection.execute("SELECT value FROM meta WHERE name = 'model'").fetchall()
    if not current:
        return 0
    ((flagged,),) = connection.execute(_FLAG, {"model": current[0][0], "days": FRESH_DAYS}).fetchall()
    return int(flagged)
