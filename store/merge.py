"""One tick: a group of landed rows goes into the tables, inside the transaction that the caller holds.

The tables have no keys; this module keeps them. Whatever the order and grouping in which rows arrive, and however often:

- ``posts`` has one row a post; ``source`` is the one that shows it, a brand's own source before others. A record seen later overwrites what it says and keeps what it does not say; one seen earlier
  only fills what is unknown. Of two seen at the same time the one that was stored first stays.
- A post whose newest record is not newer than its newest ``Gone`` has no text, author, tags or address (`tombstones` remembers).
- ``mentions`` has one row a post and brand, none for a brand's own posts.
- ``metrics`` has one row a post and moment; ``post_latest`` one row a post with the counts of its newest moment, whole: counts of
  different moments are never mixed.
- ``daily`` says what ``post_latest`` says: the days touched are deleted and inserted anew.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from store.arrow import KINDS

#: Seen later, these are replaced even by nothing; else they stay as they are.
_NEWEST = ("kind", "text", "text_norm", "tags", "created_at", "gone_at")
#: What a later record does not say stays; what an earlier one says fills what is unknown.
_FILLED = ("parent_key", "author_key", "author_id", "author_name", "lang", "url", "stars")
#: What the public wrote or is, erased with the post.
_ERASED = ("author_key", "author_id", "author_name", "text", "text_norm", "tags", "url")
_POSTS = (
    "post_key", "platform", "native_id", "kind", "parent_key", "own_brand", "source", "author_key", "author_id", "author_name",
    "text", "text_norm", "lang", "tags", "url", "stars", "created_at", "day", "first_seen_at", "seen_at", "gone_at",
)  # fmt: skip
_COUNTS = ("views", "likes", "comments", "shares", "saves")
#: What the narrow tables repeat of a post.
_NARROW = ("post_key", "platform", "own_brand", "kind", "author_key", "created_at", "day")
ERASE = ", ".join(f"{name} = NULL" for name in _ERASED)

#: Japan has had no summer time since 1951, so the day in Asia/Tokyo is the day nine hours on; a zone look-up costs 3-7 times this.
_TOKYO_DAY = "CAST({} + INTERVAL 9 HOUR AS DATE)"


def _each(names: tuple[str, ...], form: str) -> str:
    return ", ".join(form.format(name) for name in names)


_STAGE_GONE = """
CREATE TEMP TABLE stage_gone AS SELECT post_key, max(seen_at) AS gone_at FROM in_gone GROUP BY post_key;
MERGE INTO tombstones t USING stage_gone s ON t.post_key = s.post_key
    WHEN MATCHED AND s.gone_at > t.gone_at THEN UPDATE SET gone_at = s.gone_at
    WHEN NOT MATCHED THEN INSERT (post_key, gone_at) VALUES (s.post_key, s.gone_at);
"""

# within a batch as between batches: the latest word on each column, arg_max passing over what is unknown
_FOLD = f"""
CREATE TEMP TABLE folded_rows AS
    SELECT post_key, any_value(platform) AS platform, any_value(native_id) AS native_id,
        min(CASE WHEN relation = 'own' THEN brand END) AS own_brand,
        coalesce(arg_max(source, n) FILTER (relation = 'own'), arg_max(source, n)) AS source,
        {_each(("kind", "text", "text_norm", "tags", "created_at"), "arg_max({0}, n) AS {0}")},
        {_each(_FILLED, "arg_max({0}, n) AS {0}")},
        min(seen_at) AS first_seen_at, max(seen_at) AS seen_at
    FROM (SELECT *, row_number() OVER (ORDER BY seen_at, ordinal DESC) AS n FROM in_posts) GROUP BY post_key;
CREATE TEMP VIEW folded AS SELECT * FROM folded_rows;
CREATE TEMP VIEW stage_told AS
    SELECT post_key, brand, arg_min(source, seen_at) AS source, min(seen_at) AS first_seen_at
    FROM in_posts WHERE relation = 'mention' GROUP BY post_key, brand;
"""
_PLAIN = f"""
CREATE TEMP VIEW folded AS
    SELECT post_key, platform, native_id, CASE WHEN relation = 'own' THEN brand END AS own_brand,
        {", ".join(("kind", "source", "text", "text_norm", "tags", "created_at", *_FILLED))}, seen_at AS first_seen_at, seen_at
    FROM in_posts;
CREATE TEMP VIEW stage_told AS SELECT post_key, brand, source, seen_at AS first_seen_at FROM in_posts WHERE relation = 'mention';
"""
_STAGE_POSTS = f"""
CREATE TEMP VIEW stage_posts AS
SELECT {", ".join(f"CASE WHEN out_at IS NULL THEN {name} END AS {name}" if name in _ERASED else name for name in _POSTS if name not in ("day", "gone_at"))},
    {_TOKYO_DAY.format("created_at")} AS day, out_at AS gone_at
FROM (
    SELECT i.*, CASE WHEN g.gone_at >= i.seen_at THEN g.gone_at WHEN i.own_brand IS NULL THEN f.forgotten_at END AS out_at
    FROM folded i
    LEFT JOIN tombstones g ON g.post_key = i.post_key
    LEFT JOIN forgotten f ON f.author_key = i.author_key
);
"""

# what is erased is not filled again, neither from the row nor into it
_FILL = """CASE WHEN s.seen_at > k.seen_at AND s.gone_at IS NULL THEN coalesce(s.{0}, k.{0}) WHEN s.seen_at > k.seen_at THEN s.{0}
            WHEN k.text IS NULL THEN k.{0} ELSE coalesce(k.{0}, s.{0}) END AS {0}"""
_MERGE_POSTS = f"""
CREATE TEMP TABLE known AS SELECT p.* FROM posts p SEMI JOIN stage_posts s ON p.post_key = s.post_key;
CREATE TEMP TABLE stage_changed AS
SELECT m.*, k.text IS DISTINCT FROM m.text AND m.text IS NOT NULL AS edited, k.own_brand AS old_brand, k.platform AS old_platform, k.day AS old_day
FROM (
    SELECT k.post_key, k.platform, k.native_id, least(k.own_brand, s.own_brand) AS own_brand,
        CASE WHEN (s.own_brand IS NULL) = (k.own_brand IS NULL) AND s.seen_at > k.seen_at THEN s.source
            WHEN k.own_brand IS NULL AND s.own_brand IS NOT NULL THEN s.source ELSE k.source END AS source,
        {_each(_NEWEST, "CASE WHEN s.seen_at > k.seen_at THEN s.{0} ELSE k.{0} END AS {0}")},
        {_each(_FILLED, _FILL)},
        CASE WHEN s.seen_at > k.seen_at THEN s.day ELSE k.day END AS day,
        least(k.first_seen_at, s.first_seen_at) AS first_seen_at, greatest(k.seen_at, s.seen_at) AS seen_at
    FROM known k JOIN stage_posts s ON s.post_key = k.post_key
) m JOIN known k ON k.post_key = m.post_key
WHERE {" OR ".join(f"m.{name} IS DISTINCT FROM k.{name}" for name in ("own_brand", "source", *_NEWEST, *_FILLED))};
CREATE TEMP TABLE fresh AS
SELECT {", ".join(_NARROW)} FROM stage_changed
UNION ALL
SELECT {_each(_NARROW, "s.{0}")} FROM stage_posts s ANTI JOIN known k ON k.post_key = s.post_key;
DELETE FROM posts WHERE post_key IN (SELECT post_key FROM stage_changed);
INSERT INTO posts ({", ".join(_POSTS)}) SELECT {_each(_POSTS, "s.{0}")} FROM stage_posts s ANTI JOIN known k ON k.post_key = s.post_key;
INSERT INTO posts ({", ".join(_POSTS)}) SELECT {", ".join(_POSTS)} FROM stage_changed;
UPDATE posts SET seen_at = greatest(posts.seen_at, s.seen_at), first_seen_at = least(posts.first_seen_at, s.first_seen_at)
    FROM (SELECT s.* FROM stage_posts s SEMI JOIN known k ON k.post_key = s.post_key) s
    WHERE posts.post_key = s.post_key AND (s.seen_at > posts.seen_at OR s.first_seen_at < posts.first_seen_at);
DELETE FROM scores WHERE post_key IN (SELECT post_key FROM stage_changed WHERE edited);
DELETE FROM flags WHERE post_key IN (SELECT post_key FROM stage_changed WHERE edited)
    AND NOT EXISTS (SELECT 1 FROM review_events e WHERE e.post_key = flags.post_key AND e.brand = flags.brand);
DELETE FROM prints WHERE post_key IN (SELECT post_key FROM stage_changed WHERE edited);
DELETE FROM copies WHERE post_key IN (SELECT post_key FROM stage_changed WHERE edited);
"""

_MERGE_MENTIONS = f"""
CREATE TEMP TABLE stage_mentions AS
SELECT m.post_key, m.brand, m.source, m.first_seen_at, p.platform, p.kind, p.author_key, p.created_at, p.day
FROM stage_told m
JOIN (SELECT * FROM fresh UNION ALL SELECT {_each(_NARROW, "k.{0}")} FROM known k ANTI JOIN fresh f ON f.post_key = k.post_key) p ON p.post_key = m.post_key
WHERE p.own_brand IS DISTINCT FROM m.brand;
UPDATE mentions SET first_seen_at = s.first_seen_at, source = s.source FROM stage_mentions s
    WHERE mentions.post_key = s.post_key AND mentions.brand = s.brand AND s.first_seen_at < mentions.first_seen_at;
UPDATE mentions SET kind = c.kind, author_key = c.author_key, created_at = c.created_at, day = c.day FROM stage_changed c
    WHERE mentions.post_key = c.post_key;
INSERT INTO mentions (post_key, brand, source, first_seen_at, platform, kind, author_key, created_at, day)
SELECT s.post_key, s.brand, s.source, s.first_seen_at, s.platform, s.kind, s.author_key, s.created_at, s.day FROM stage_mentions s
ANTI JOIN mentions m ON m.post_key = s.post_key AND m.brand = s.brand;
DELETE FROM mentions USING stage_changed c WHERE mentions.post_key = c.post_key AND mentions.brand = c.own_brand;
DELETE FROM scores USING stage_changed c WHERE scores.post_key = c.post_key AND scores.brand = c.own_brand;
DELETE FROM flags USING stage_changed c WHERE flags.post_key = c.post_key AND flags.brand = c.own_brand;
"""

_ERASE_GONE = f"""
CREATE TEMP TABLE stage_erased AS
SELECT p.post_key FROM posts p JOIN stage_gone g ON g.post_key = p.post_key WHERE g.gone_at >= p.seen_at;
UPDATE posts SET {ERASE}, gone_at = g.gone_at FROM stage_gone g WHERE posts.post_key = g.post_key AND g.gone_at >= posts.seen_at
    AND (posts.gone_at IS NULL OR g.gone_at > posts.gone_at);
"""
#: What is derived from an erased post's words follows it. Reads ``stage_erased``.
ERASE_DERIVED = """
UPDATE scores SET why = NULL WHERE why IS NOT NULL AND post_key IN (SELECT post_key FROM stage_erased);
UPDATE mentions SET author_key = NULL WHERE author_key IS NOT NULL AND post_key IN (SELECT post_key FROM stage_erased);
DELETE FROM flags WHERE post_key IN (SELECT post_key FROM stage_erased);
DELETE FROM prints WHERE post_key IN (SELECT post_key FROM stage_erased);
DELETE FROM checks WHERE post_key IN (SELECT post_key FROM stage_erased);
UPDATE review_events SET value = NULL FROM posts p JOIN stage_erased e ON e.post_key = p.post_key
    WHERE review_events.post_key = p.post_key AND action = 'note' AND value IS NOT NULL AND "at" <= p.gone_at;
"""
#: A note may repeat the post's words: one that was written before the post was gone goes with it, also when it comes late.
_ERASE_NOTES = """
UPDATE review_events SET value = NULL FROM posts p
    WHERE review_events.post_key = p.post_key AND action = 'note' AND value IS NOT NULL AND "at" <= p.gone_at;
"""
_MERGE_CHECKS = """
MERGE INTO checks t USING (SELECT post_key, max(checked_at) AS checked_at FROM in_checks GROUP BY post_key) s ON t.post_key = s.post_key
    WHEN MATCHED AND s.checked_at > t.checked_at THEN UPDATE SET checked_at = s.checked_at
    WHEN NOT MATCHED THEN INSERT (post_key, checked_at) VALUES (s.post_key, s.checked_at);
"""

_MERGE_METRICS = f"""
CREATE TEMP TABLE stage_metrics AS
SELECT s.* FROM (SELECT post_key, observed_at, {_each(_COUNTS, "max({0}) AS {0}")} FROM in_metrics GROUP BY post_key, observed_at) s
ANTI JOIN metrics m ON m.post_key = s.post_key AND m.observed_at = s.observed_at;
INSERT INTO metrics (post_key, observed_at, {", ".join(_COUNTS)}) SELECT post_key, observed_at, {", ".join(_COUNTS)} FROM stage_metrics;
"""

_LATEST_COUNTS = f"""
CREATE TEMP TABLE stage_latest AS
SELECT * FROM stage_metrics QUALIFY row_number() OVER (PARTITION BY post_key ORDER BY observed_at DESC) = 1;
MERGE INTO post_latest t USING stage_latest s ON t.post_key = s.post_key
    WHEN MATCHED AND (t.observed_at IS NULL OR s.observed_at > t.observed_at)
        THEN UPDATE SET observed_at = s.observed_at, {_each(_COUNTS, "{0} = s.{0}")}
    WHEN NOT MATCHED THEN INSERT (post_key, observed_at, {", ".join(_COUNTS)})
        VALUES (s.post_key, s.observed_at, {_each(_COUNTS, "s.{0}")});
"""

_LATEST_POSTS = """
MERGE INTO post_latest t USING fresh s ON t.post_key = s.post_key
    WHEN MATCHED THEN UPDATE SET platform = s.platform, own_brand = s.own_brand, kind = s.kind, created_at = s.created_at, day = s.day
    WHEN NOT MATCHED THEN INSERT (post_key, platform, own_brand, kind, created_at, day)
        VALUES (s.post_key, s.platform, s.own_brand, s.kind, s.created_at, s.day);
"""

_DAYS_OF_COUNTS = "SELECT l.own_brand AS brand, l.platform, l.day FROM post_latest l SEMI JOIN stage_latest s ON s.post_key = l.post_key"
_DAYS_OF_POSTS = (
    """SELECT own_brand AS brand, platform, day FROM fresh UNION ALL SELECT old_brand, old_platform, old_day FROM stage_changed"""
)
_STAGE_DAYS = "CREATE TEMP TABLE stage_days AS SELECT DISTINCT brand, platform, day FROM ({}) WHERE brand IS NOT NULL AND day IS NOT NULL"

# A post enters the rate when its views are known and above 0 and at least one of likes and comments is known; what else is
# unknown then adds nothing. Both definitions are over the same posts, so one v and vv serve both.
ROLL_UP = """
DELETE FROM daily USING stage_days d WHERE daily.brand = d.brand AND daily.platform = d.platform AND daily.day = d.day;
INSERT INTO daily (brand, platform, day, posts, posts_with_views, views, likes, comments, shares, saves,
    rate_posts, v, vv, basic_r, basic_rr, basic_rv, all_r, all_rr, all_rv)
SELECT own_brand, platform, day, count(*), count(views), sum(views), sum(likes), sum(comments), sum(shares), sum(saves),
    count(v), coalesce(sum(v), 0), coalesce(sum(v * v), 0),
    coalesce(sum(rb), 0), coalesce(sum(rb * rb), 0), coalesce(sum(rb * v), 0),
    coalesce(sum(ra), 0), coalesce(sum(ra * ra), 0), coalesce(sum(ra * v), 0)
FROM (
    SELECT own_brand, platform, day, views, likes, comments, shares, saves,
        CASE WHEN enters THEN CAST(views AS DOUBLE) END AS v,
        CASE WHEN enters THEN CAST(coalesce(likes, 0) + coalesce(comments, 0) AS DOUBLE) END AS rb,
        CASE WHEN enters THEN CAST(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0) AS DOUBLE) END AS ra
    FROM (
        SELECT l.*, l.views > 0 AND (l.likes IS NOT NULL OR l.comments IS NOT NULL) AS enters
        FROM post_latest l SEMI JOIN stage_days d ON d.brand = l.own_brand AND d.platform = l.platform AND d.day = l.day
        WHERE l.kind <> 'repost'
    )
) GROUP BY own_brand, platform, day;
"""

_STAGES = (
    "stage_gone", "folded_rows", "known", "stage_changed", "fresh", "stage_mentions", "stage_erased", "stage_metrics", "stage_latest", "stage_days",
)  # fmt: skip
_CLEAR = "".join(
    [f"DROP VIEW IF EXISTS temp.{name};" for name in ("stage_posts", "stage_told", "folded")]
    + [f"DROP TABLE IF EXISTS temp.{name};" for name in _STAGES]
)

#: kind -> the columns that tell two rows of a list apart (NULL is a value of its own)
_LISTS: dict[str, tuple[str, ...]] = {
    "gaps": ("source", "brand", "from_at", "to_at"),
    "gap_fills": ("source", "brand", "from_at", "to_at", "filled_at"),
    "runs": ("source", "brand", "started_at"),
    "rejects": ("source", "place", "reason", "raw"),
    "review_events": ("event_id",),
}
#: kind -> the columns that name a row which a later file replaces
_REPLACED: dict[str, tuple[str, ...]] = {"surveys": ("brand", "answer_id"), "kpis": ("brand", "day", "name"), "allowances": ("name",)}


def merge(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> dict[str, int]:
    """Merge the rows of one group; the caller holds the transaction. Return how many rows of each kind were new.

    ``tables`` maps kinds to tables with the schema of their kind. New posts, new mentions and new observations are counted; a post that
    changed counts under ``changed``.
    """
    new: dict[str, int] = {}
    if {"posts", "gone", "metrics"} & tables.keys():
        new |= _merge_posts(connection, tables)
    for kind, key in _LISTS.items():
        if kind in tables:
            new[kind] = _append(connection, kind, key, tables[kind])
    if "review_events" in tables:
        connection.execute(_ERASE_NOTES)
    if "checks" in tables:
        connection.register("in_checks", tables["checks"])
        connection.execute(_MERGE_CHECKS)
        connection.unregister("in_checks")
    for kind, key in _REPLACED.items():
        if kind in tables:
            new[kind] = _replace(connection, kind, key, tables[kind])
    return new


def _merge_posts(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> dict[str, int]:
    given = {kind: tables[kind] for kind in ("posts", "gone", "metrics") if kind in tables}
    if "posts" in given:
        given["posts"] = given["posts"].append_column("ordinal", pa.array(range(given["posts"].num_rows), pa.int64()))
    new: dict[str, int] = {}
    days = []
    for kind, table in given.items():
        connection.register(f"in_{kind}", table)
    try:
        if "gone" in given:
            connection.execute(_STAGE_GONE)
        if "posts" in given:
            new |= _take_posts(connection)
            days.append(_DAYS_OF_POSTS)
        if "gone" in given:
            connection.execute(_ERASE_GONE)
            connection.execute(ERASE_DERIVED)
            new["gone"] = _one(connection, "SELECT count(*) FROM stage_erased")
        if "metrics" in given:
            connection.execute(_MERGE_METRICS)
            connection.execute(_LATEST_COUNTS)
            new["metrics"] = _one(connection, "SELECT count(*) FROM stage_metrics")
            days.append(_DAYS_OF_COUNTS)
        if days:
            connection.execute(_STAGE_DAYS.format(" UNION ALL ".join(days)))
            connection.execute(ROLL_UP)
        connection.execute(_CLEAR)
    finally:
        for kind in given:
            connection.unregister(f"in_{kind}")
    return new


def _take_posts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    repeated = _one(connection, "SELECT count(*) - count(DISTINCT post_key) FROM in_posts")
    connection.execute(_FOLD if repeated else _PLAIN)
    connection.execute(_STAGE_POSTS)
    connection.execute(_MERGE_POSTS)
    before = _one(connection, "SELECT count(*) FROM mentions")
    connection.execute(_MERGE_MENTIONS)
    connection.execute(_LATEST_POSTS)
    changed = _one(connection, "SELECT count(*) FROM stage_changed")
    return {
        "posts": _one(connection, "SELECT count(*) FROM fresh") - changed,
        "changed": changed,
        "mentions": max(0, _one(connection, "SELECT count(*) FROM mentions") - before),
    }


def _append(connection: duckdb.DuckDBPyConnection, kind: str, key: tuple[str, ...], table: pa.Table) -> int:
    columns = ", ".join(f'"{name}"' for name in KINDS[kind].columns)
    same = " AND ".join(f"t.{name} IS NOT DISTINCT FROM s.{name}" for name in key)
    connection.register("in_rows", table)
    try:
        before = _one(connection, f"SELECT count(*) FROM {kind}")
        connection.execute(
            f"INSERT INTO {kind} ({columns}) SELECT {columns} FROM ("
            f"SELECT * FROM in_rows QUALIFY row_number() OVER (PARTITION BY {', '.join(key)}) = 1) s "
            f"WHERE NOT EXISTS (SELECT 1 FROM {kind} t WHERE {same})"
        )
        return _one(connection, f"SELECT count(*) FROM {kind}") - before
    finally:
        connection.unregister("in_rows")


def _replace(connection: duckdb.DuckDBPyConnection, kind: str, key: tuple[str, ...], table: pa.Table) -> int:
    columns = ", ".join(f'"{name}"' for name in KINDS[kind].columns)
    same = " AND ".join(f"{kind}.{name} = s.{name}" for name in key)
    connection.register("in_rows", table.append_column("ordinal", pa.array(range(table.num_rows), pa.int64())))
    try:
        before = _one(connection, f"SELECT count(*) FROM {kind}")
        connection.execute(
            "CREATE TEMP TABLE stage_rows AS SELECT * FROM in_rows "
            f"QUALIFY row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY ordinal DESC) = 1"
        )
        connection.execute(f"DELETE FROM {kind} USING stage_rows s WHERE {same}")
        connection.execute(f"INSERT INTO {kind} ({columns}) SELECT {columns} FROM stage_rows")
        connection.execute("DROP TABLE temp.stage_rows")
        return _one(connection, f"SELECT count(*) FROM {kind}") - before
    finally:
        connection.unregister("in_rows")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((value,),) = connection.execute(query).fetchall()
    return int(value)
