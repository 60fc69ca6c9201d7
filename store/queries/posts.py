"""Queries of the posts page: the list, one post, its curve of counts and what its kind usually gathers."""

from __future__ import annotations

from typing import Literal

import duckdb
import pandas as pd

from store.arrow import normal
from store.queries.filters import RELEVANT, SCORED, Filters, What, on_platforms

Sort = Literal["newest", "views", "reactions", "rate", "negative"]

_ORDERS: dict[Sort, str] = {
    "newest": "created_at DESC, post_key",
    "views": "views DESC NULLS LAST, post_key",
    "reactions": "reactions DESC NULLS LAST, post_key",
    "rate": "rate DESC NULLS LAST, post_key",
    "negative": "p_negative DESC NULLS LAST, post_key",
}
_BELONGS: dict[What, str] = {
    "own": "p.own_brand = $brand",
    "mention": "m.post_key IS NOT NULL",
    "every": "(p.own_brand = $brand OR m.post_key IS NOT NULL)",
}


def _matching(filters: Filters, what: What, sentiment: str | None, search: str) -> tuple[str, dict[str, object]]:
    """SQL of the posts that match, with their counts and scores, and its values."""
    words = normal(search).split()
    values: dict[str, object] = {**filters.values, "sentiment": sentiment}
    values |= {f"word_{n}": word for n, word in enumerate(words)}
    found = " ".join(f"AND contains(p.text_norm, $word_{n})" for n in range(len(words)))  # LIKE with an escape takes six times as long
    return (
        f"""
        SELECT p.post_key, p.platform, p.kind, p.text, p.created_at, coalesce(p.own_brand = $brand, false) AS own, l.views,
               {filters.reactions("l")} AS reactions, {filters.reactions("l")} / nullif(l.views, 0) AS rate,
               s.sentiment, s.p_negative, s.stance, s.unsure, coalesce(s.confirmed, false) AS confirmed
        FROM posts p
        LEFT JOIN post_latest l USING (post_key)
        LEFT JOIN mentions m ON m.post_key = p.post_key AND m.brand = $brand
        {SCORED}
        WHERE p.day BETWEEN $from_day AND $to_day AND p.gone_at IS NULL AND {_BELONGS[what]} AND (p.own_brand = $brand OR {RELEVANT}) AND {on_platforms("p.platform")}
          AND ($sentiment::VARCHAR IS NULL OR s.sentiment = $sentiment) {found}
        """,
        values,
    )


def post_list(
    con: duckdb.DuckDBPyConnection,
    filters: Filters,
    what: What,
    sentiment: str | None,
    search: str,
    sort: Sort,
    limit: int,
    offset: int = 0,
) -> pd.DataFrame:
    """Return up to ``limit`` posts that match, in order of ``sort``, after the first ``offset``.

    ``search`` finds posts that hold all its words (width and case do not matter). Columns: ``post_key, platform, kind, text,
    created_at`` (UTC)``, own, views, reactions, rate`` (reactions ÷ views, NULL without views)``, sentiment, p_negative, stance, unsure, confirmed`` (by a person).
    """
    sql, values = _matching(filters, what, sentiment, search)
    return con.execute(f"SELECT * FROM ({sql}) ORDER BY {_ORDERS[sort]} LIMIT {int(limit)} OFFSET {int(offset)}", values).df()


def post_count(con: duckdb.DuckDBPyConnection, filters: Filters, what: What, sentiment: str | None, search: str) -> pd.DataFrame:
    """Return one row, ``posts``: how many match."""
    sql, values = _matching(filters, what, sentiment, search)
    return con.execute(f"SELECT count(*) AS posts FROM ({sql})", values).df()


def post_detail(con: duckdb.DuckDBPyConnection, post_key: int) -> pd.DataFrame:
    """Return the post with its newest counts, or no row: ``platform, kind, text, created_at, url, author_name, own_brand, gone_at,
    observed_at, views, likes, comments, shares, saves, tags, stars``."""
    return con.execute(
        """
        SELECT p.platform, p.kind, p.text, p.created_at, p.url, p.author_name, p.own_brand, p.gone_at, p.tags, p.stars,
               l.observed_at, l.views, l.likes, l.comments, l.shares, l.saves
        FROM posts p LEFT JOIN post_latest l USING (post_key) WHERE p.post_key = $post_key
        """,
        {"post_key": post_key},
    ).df()


def post_scores(con: duckdb.DuckDBPyConnection, post_key: int, brand: str) -> pd.DataFrame:
    """Return the score of the post toward ``brand`` or no row: ``sentiment, p_negative, p_neutral, p_positive, stance, unsure,
    mention_type, intents, irony, confirmed`` (by a person)``, model_sentiment, model_stance, why`` (JSON ``[[[words…], weight], …]``)."""
    return con.execute(
        """
        SELECT sentiment, p_negative, p_neutral, p_positive, stance, unsure, mention_type, intents, irony, confirmed, model_sentiment, model_stance, why
        FROM mention_scored WHERE post_key = $post_key AND brand = $brand AND sentiment IS NOT NULL
        """,
        {"post_key": post_key, "brand": brand},
    ).df()


def post_curve(con: duckdb.DuckDBPyConnection, post_key: int, filters: Filters) -> pd.DataFrame:
    """Return the post's observations by age: ``age_hours, observed_at, views, reactions``, oldest first."""
    return con.execute(
        f"""
        SELECT date_diff('second', p.created_at, m.observed_at) / 3600.0 AS age_hours, m.observed_at, m.views,
               {filters.reactions("m")} AS reactions
        FROM metrics m JOIN posts p USING (post_key) WHERE m.post_key = $post_key ORDER BY m.observed_at
        """,
        {"post_key": post_key},
    ).df()


USUAL_DAYS = 180
"""How many days of the brand's earlier posts make "the usual" of ``usual_curve``."""


def usual_curve(con: duckdb.DuckDBPyConnection, post_key: int, filters: Filters) -> pd.DataFrame:
    """Return what the brand's own posts on the same platform had usually gathered by an age.

    The posts of the ``USUAL_DAYS`` days before the post; at each age the median of their newest counts by then, of posts that are
    at least that old. Columns: ``age_hours, posts, views, reactions``; no row where the post is not the brand's own.
    """
    return con.execute(
        f"""
        WITH this AS (SELECT post_key, platform, own_brand, day FROM posts WHERE post_key = $post_key AND own_brand = $brand),
        kin AS (
            SELECT p.post_key, p.created_at FROM posts p, this
            WHERE p.own_brand = this.own_brand AND p.platform = this.platform AND p.post_key <> this.post_key
              AND p.day BETWEEN this.day - {USUAL_DAYS} AND this.day
        ),
        ages AS (SELECT unnest([1.0, 3, 6, 12, 24, 48, 72, 120, 168, 336, 504, 720]) AS age_hours),
        seen AS (
            SELECT k.post_key, date_diff('second', k.created_at, m.observed_at) / 3600.0 AS at_hours, m.views, {filters.reactions("m")} AS reactions
            FROM metrics m JOIN kin k USING (post_key)
        ),
        reached AS (
            SELECT post_key, age_hours, arg_max(views, at_hours) AS views, arg_max(reactions, at_hours) AS reactions
            FROM seen, ages WHERE at_hours <= age_hours * 1.15
            GROUP BY ALL HAVING max(at_hours) >= age_hours * 0.75
        )
        SELECT age_hours, count(*) AS posts, median(views) AS views, median(reactions) AS reactions
        FROM reached GROUP BY age_hours HAVING count(*) >= 5 ORDER BY age_hours
        """,
        {"post_key": post_key, "brand": filters.brand},
    ).df()
