"""Families of mentions: what repeats another post (reposts, texts that say the same), so that a voice counts once."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pyarrow as pa

WINDOW = timedelta(days=30)
"""A text that comes again after a longer time is said anew."""
NEAREST = 4
"""So many candidates a band are compared, the oldest: a family's first is among them."""

_WAITING = "FROM posts p WHERE p.text IS NOT NULL AND p.post_key IN (SELECT post_key FROM mentions) AND p.post_key NOT IN (SELECT post_key FROM prints)"


def unprinted(connection: duckdb.DuckDBPyConnection, limit: int) -> pa.Table:
    """Return up to ``limit`` mentions that were not compared with others yet, newest first: ``post_key, text``."""
    return connection.sql(f"SELECT p.post_key, p.text {_WAITING} ORDER BY p.created_at DESC LIMIT ?", params=[limit]).to_arrow_table()


def save_prints(connection: duckdb.DuckDBPyConnection, prints: pa.Table) -> pa.Table:
    """Keep ``prints`` (``post_key, bands``) and return whom they may repeat.

    Columns ``post_key, text, at, other_key, other_text, other_at``: pairs of posts that share a band and lie at most ``WINDOW`` apart.
    """
    connection.register("in_prints", prints)
    try:
        connection.execute(
            "INSERT INTO prints SELECT s.post_key, s.bands, p.created_at FROM in_prints s JOIN posts p USING (post_key) "
            "WHERE p.text IS NOT NULL AND s.post_key NOT IN (SELECT post_key FROM prints)"
        )
        return connection.sql(
            f"""
            WITH fresh AS (
                SELECT t.post_key, t.created_at, unnest(t.bands) AS band FROM prints t SEMI JOIN in_prints s USING (post_key)
            ),
            others AS (SELECT post_key, created_at, unnest(bands) AS band FROM prints),
            found AS (
                SELECT DISTINCT post_key, other_key FROM (
                    SELECT f.post_key, o.post_key AS other_key FROM fresh f JOIN others o ON o.band = f.band AND o.post_key <> f.post_key
                        AND o.created_at BETWEEN f.created_at - INTERVAL {WINDOW.days} DAY AND f.created_at + INTERVAL {WINDOW.days} DAY
                    QUALIFY row_number() OVER (PARTITION BY f.post_key, f.band ORDER BY o.created_at, o.post_key) <= {NEAREST}
                )
            )
            SELECT f.post_key, p.text, p.created_at AS at, f.other_key, q.text AS other_text, q.created_at AS other_at
            FROM found f JOIN posts p ON p.post_key = f.post_key JOIN posts q ON q.post_key = f.other_key
            WHERE p.text IS NOT NULL AND q.text IS NOT NULL
            """
        ).to_arrow_table()
    finally:
        connection.unregister("in_prints")


def heads(connection: duckdb.DuckDBPyConnection, posts: pa.Array) -> pa.Table:
    """Return ``post_key, head_key, head_at`` of those of ``posts`` that repeat another, and of all others of their families."""
    connection.register("in_posts", pa.table({"post_key": posts}))
    try:
        return connection.sql(
            """
            WITH families AS (
                SELECT head_key FROM copies SEMI JOIN in_posts USING (post_key) UNION SELECT post_key FROM in_posts
            )
            SELECT c.post_key, p.created_at AS at, c.head_key, h.created_at AS head_at
            FROM copies c JOIN families USING (head_key) JOIN posts p ON p.post_key = c.post_key JOIN posts h ON h.post_key = c.head_key
            """
        ).to_arrow_table()
    finally:
        connection.unregister("in_posts")


def save_heads(connection: duckdb.DuckDBPyConnection, found: pa.Table) -> int:
    """Write down that posts repeat others (``post_key, head_key``); return how many are new or another's now.

    Whoever is a head here repeats nobody any more.
    """
    connection.register("in_heads", found)
    connection.execute("BEGIN")
    try:
        ((before,),) = connection.execute("SELECT count(*) FROM in_heads s SEMI JOIN copies USING (post_key, head_key)").fetchall()
        connection.execute(
            "DELETE FROM copies WHERE post_key IN (SELECT post_key FROM in_heads) OR post_key IN (SELECT head_key FROM in_heads)"
        )
        connection.execute("INSERT INTO copies SELECT post_key, head_key FROM in_heads")
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.unregister("in_heads")
    return int(found.num_rows) - int(before)
