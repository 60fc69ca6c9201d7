"""Queries of the overview: rates, counts, sentiment, movers, campaigns and gaps."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import duckdb
import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from store.queries.filters import RELEVANT, SCORED, Filters, Grain, What, bin_of, on_platforms

TOKYO = timedelta(hours=9)
"""Ahead of UTC, the whole year."""


def _sums(filters: Filters) -> str:
    """SQL for the sums from which a rate and its interval are made (see ``analysis.rates.ratio_of_sums``)."""
    d = filters.definition
    return (
        f"CAST(coalesce(sum(rate_posts), 0) AS BIGINT) AS posts, coalesce(sum({d}_r), 0) AS r, coalesce(sum(daily.v), 0) AS v, "
        f"coalesce(sum({d}_rr), 0) AS rr, coalesce(sum({d}_rv), 0) AS rv, coalesce(sum(vv), 0) AS vv"
    )


_WHERE = f"brand = $brand AND day BETWEEN $from_day AND $to_day AND {on_platforms('platform')}"


APART = ("youtube",)
"""Platforms whose terms forbid to mix their figures with others' in one number: alone or not at all in sums over platforms."""
_APART = ", ".join(f"'{name}'" for name in APART)
_TOGETHER = (
    f"{_WHERE} AND (platform NOT IN ({_APART}) OR len($platforms::VARCHAR[]) = 1 "
    f"OR NOT EXISTS (SELECT 1 FROM daily o WHERE o.brand = $brand AND o.platform NOT IN ({_APART})))"
)


def rate_total(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return one row of sums over the brand's own posts: ``posts, r, v, rr, rv, vv``; ``APART`` only where it was asked for alone."""
    return con.execute(f"SELECT {_sums(filters)} FROM daily WHERE {_TOGETHER}", filters.values).df()


def rate_by_platform(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``platform, every_post`` and the sums of ``rate_total``, the platform with most views first."""
    return con.execute(
        f"SELECT platform, CAST(sum(daily.posts) AS BIGINT) AS every_post, {_sums(filters)} FROM daily WHERE {_WHERE} "
        "GROUP BY platform ORDER BY v DESC, every_post DESC, platform",
        filters.values,
    ).df()


def rate_series(con: duckdb.DuckDBPyConnection, filters: Filters, window: int, step: int) -> pd.DataFrame:
    """Return ``platform, day`` and the sums of ``rate_total`` over the ``window`` days up to and including ``day``.

    Sums are additive, so a moving window costs nothing and shows no half-filled bins. One row a platform every ``step`` days, the last
    one on the period's last day; ``posts`` is 0 where the window holds none.
    """
    d = filters.definition
    start = filters.start - timedelta(days=window)
    days = (filters.end - start).days + 1
    found = con.execute(
        f"""
        SELECT platform, date_diff('day', $from_day::DATE, day) AS at, rate_posts AS posts, {d}_r AS r, v, {d}_rr AS rr, {d}_rv AS rv, vv
        FROM daily WHERE {_WHERE}
        """,
        {**filters.values, "from_day": start},
    ).fetchnumpy()
    # A few hundred rows: numpy slides over them in a tenth of the time that SQL's window functions need to be planned.
    platforms, which = np.unique(np.asarray(found["platform"], dtype=str), return_inverse=True)
    shown = np.arange(days - 1, window - 1, -step)[::-1]
    series: dict[str, object] = {
        "platform": np.repeat(platforms.astype(object), len(shown)),
        "day": np.tile(np.datetime64(start) + shown, len(platforms)).astype("datetime64[us]"),
    }
    for name in ("posts", "r", "v", "rr", "rv", "vv"):
        grid = np.zeros((len(platforms), days))
        grid[which, found["at"]] = np.ma.filled(found[name], 0)
        moved = sliding_window_view(grid, window, axis=1).sum(axis=2)[:, shown - window + 1]
        series[name] = moved.ravel().astype(np.int64) if name == "posts" else moved.ravel()
    return pd.DataFrame(series)


def daily_totals(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``day, posts, views, reactions, r, v`` for every day of the period, days without a post as 0.

    ``views`` and ``reactions`` are what the posts of that day have gathered by now; ``r`` and ``v`` only those of posts whose
    views are known (for a rate). What is ``APART`` is in none of them, unless it was asked for alone.
    """
    d = filters.definition
    reactions = "coalesce(likes, 0) + coalesce(comments, 0)" + (" + coalesce(shares, 0) + coalesce(saves, 0)" if d == "all" else "")
    return con.execute(
        f"""
        WITH days AS (SELECT CAST(unnest(generate_series($from_day::DATE, $to_day::DATE, INTERVAL 1 DAY)) AS DATE) AS day),
        sums AS (
            SELECT day, sum(posts) AS posts, sum(views) AS views, sum({reactions}) AS reactions, sum({d}_r) AS r, sum(v) AS v
            FROM daily WHERE {_TOGETHER} GROUP BY day
        )
        SELECT day, CAST(coalesce(posts, 0) AS BIGINT) AS posts, coalesce(views, 0) AS views, coalesce(reactions, 0) AS reactions,
               r, v
        FROM days LEFT JOIN sums USING (day) ORDER BY day
        """,
        filters.values,
    ).df()


_MENTIONED = f"""
    SELECT m.day, m.platform, coalesce(m.author_key, m.post_key) AS author, s.sentiment, s.stance, s.confirmed, s.model_sentiment, s.model_stance,
           coalesce(s.sentiment IN ('positive', 'neutral', 'negative'), false) AND coalesce(s.mention_type, 'personal') = 'personal'
           AND m.kind <> 'repost' AND m.post_key NOT IN (SELECT post_key FROM copies) AS personal
    FROM mentions m {SCORED}
    WHERE m.brand = $brand AND m.day BETWEEN $from_day AND $to_day AND {on_platforms("m.platform")} AND {RELEVANT}
"""


def mention_totals(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return one row about the mentions of the period.

    ``mentions`` all of them; ``scored`` those in a person's own words (no reposts, no copies of another text) with a sentiment, of which ``positive, neutral, negative``;
    ``authors`` who wrote these, of which ``promoters`` praised more often than they blamed and ``critics`` the other way round;
    ``confirmed`` of them were judged by a person. The same as the model alone sees it, whatever people said (for a correction by its
    known mistakes): ``model_positive, model_neutral, model_negative, model_promoters, model_critics``.
    """
    return con.execute(
        f"""
        WITH m AS ({_MENTIONED}),
        by_author AS (
            SELECT count(*) FILTER (stance = 'promoter') - count(*) FILTER (stance = 'critic') AS leaning,
                   count(*) FILTER (model_stance = 'promoter') - count(*) FILTER (model_stance = 'critic') AS model_leaning
            FROM m WHERE personal GROUP BY author
        ),
        people AS (
            SELECT count(*) AS authors, count(*) FILTER (leaning > 0) AS promoters, count(*) FILTER (leaning < 0) AS critics,
                   count(*) FILTER (model_leaning > 0) AS model_promoters, count(*) FILTER (model_leaning < 0) AS model_critics
            FROM by_author
        ),
        posts AS (
            SELECT count(*) AS mentions, count(*) FILTER (personal) AS scored,
                   count(*) FILTER (personal AND sentiment = 'positive') AS positive,
                   count(*) FILTER (personal AND sentiment = 'neutral') AS neutral,
                   count(*) FILTER (personal AND sentiment = 'negative') AS negative,
                   count(*) FILTER (personal AND confirmed) AS confirmed,
                   count(*) FILTER (personal AND model_sentiment = 'positive') AS model_positive,
                   count(*) FILTER (personal AND model_sentiment = 'neutral') AS model_neutral,
                   count(*) FILTER (personal AND model_sentiment = 'negative') AS model_negative,
                   count(*) FILTER (sentiment IS NULL OR sentiment = 'unscored') AS unscored
            FROM m
        )
        SELECT * FROM posts, people
        """,
        filters.values,
    ).df()


def mention_daily(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``day, mentions, scored, positive, neutral, negative, promoters, critics`` for every day, days without any as 0."""
    return mention_series(con, filters, "day")


def mention_series(con: duckdb.DuckDBPyConnection, filters: Filters, grain: Grain) -> pd.DataFrame:
    """Return the columns of ``mention_daily`` a bin of days (``day`` is its first), bins without a mention as 0."""
    return con.execute(
        f"""
        WITH m AS ({_MENTIONED}),
        bins AS (SELECT DISTINCT {bin_of("CAST(d AS DATE)", grain)} AS day FROM (
            SELECT unnest(generate_series($from_day::DATE, $to_day::DATE, INTERVAL 1 DAY)) AS d)),
        counts AS (
            SELECT {bin_of("day", grain)} AS day, count(*) AS mentions, count(*) FILTER (personal) AS scored,
                   count(*) FILTER (personal AND sentiment = 'positive') AS positive,
                   count(*) FILTER (personal AND sentiment = 'neutral') AS neutral,
                   count(*) FILTER (personal AND sentiment = 'negative') AS negative,
                   count(DISTINCT author) FILTER (personal AND stance = 'promoter') AS promoters,
                   count(DISTINCT author) FILTER (personal AND stance = 'critic') AS critics
            FROM m GROUP BY 1
        )
        SELECT day, coalesce(mentions, 0) AS mentions, coalesce(scored, 0) AS scored, coalesce(positive, 0) AS positive,
               coalesce(neutral, 0) AS neutral, coalesce(negative, 0) AS negative, coalesce(promoters, 0) AS promoters,
               coalesce(critics, 0) AS critics
        FROM bins LEFT JOIN counts USING (day) ORDER BY day
        """,
        filters.values,
    ).df()


def share_of_voice(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``brand, name, mentions`` of every declared brand in the period, on the same platforms."""
    return con.execute(
        f"""
        SELECT b.brand, coalesce(b.name, b.brand) AS name, count(m.post_key) AS mentions
        FROM brands b
        LEFT JOIN mentions m ON m.brand = b.brand AND m.day BETWEEN $from_day AND $to_day AND {on_platforms("m.platform")}
        WHERE $brand IS NOT NULL
        GROUP BY ALL ORDER BY mentions DESC, b.brand
        """,
        filters.values,
    ).df()


def today_so_far(con: duckdb.DuckDBPyConnection, brand: str, today: date) -> pd.DataFrame:
    """Return one row: ``posts`` (own), ``mentions``, ``negative`` of ``today`` and the newest ``seen_at`` of any count (UTC)."""
    return con.execute(
        f"""
        SELECT (SELECT count(*) FROM posts WHERE own_brand = $brand AND day = $today) AS posts,
               (SELECT count(*) FROM mentions m WHERE m.brand = $brand AND m.day = $today) AS mentions,
               (SELECT count(*) FROM mentions m {SCORED} WHERE m.brand = $brand AND m.day = $today AND s.sentiment = 'negative'
                  AND coalesce(s.mention_type, 'personal') = 'personal' AND {RELEVANT}) AS negative,
               (SELECT max(observed_at) FROM post_latest) AS seen_at
        """,
        {"brand": brand, "today": today},
    ).df()


def movers(con: duckdb.DuckDBPyConnection, filters: Filters, what: What, measure: str, limit: int) -> pd.DataFrame:
    """Return the posts that gained most within the period, whenever they were posted.

    A gain is the newest count up to the end of the period minus the newest before it began; a post from before the period
    without an earlier count is left out, as its gain is unknown. ``measure`` is "views" or "reactions".

    Columns: ``post_key, platform, text, created_at, url, gained, now, views, reactions, sentiment``, most gained first.
    """
    value = "m.views" if measure == "views" else filters.reactions("m")
    belongs = (
        "l.own_brand = $brand" if what == "own" else "EXISTS (SELECT 1 FROM mentions x WHERE x.post_key = l.post_key AND x.brand = $brand)"
    )
    since, until = (datetime.combine(day, time()) - TOKYO for day in (filters.start, filters.end + timedelta(days=1)))
    # A post whose newest count is older than the period cannot have gained in it: most of the counts need not be read.
    mine = f"""
        SELECT l.post_key, l.day, l.created_at FROM post_latest l
        WHERE {belongs} AND l.observed_at >= $since AND l.day <= $to_day AND {on_platforms("l.platform")}
    """
    values = {**filters.values, "since": since, "until": until}
    kept = {name: value for name, value in values.items() if name not in ("from_day", "until")}
    (oldest,) = con.execute(f"SELECT min(created_at) FROM ({mine})", kept).fetchone() or (None,)
    return con.execute(
        f"""
        WITH mine AS ({mine}),
        counts AS (
            SELECT m.post_key, any_value(mine.day) AS day,
                   arg_max({value}, m.observed_at) AS now,
                   arg_max({value}, m.observed_at) FILTER (m.observed_at < $since) AS earlier,
                   max(m.observed_at) AS last_at
            FROM metrics m JOIN mine USING (post_key)
            WHERE m.observed_at >= $oldest::TIMESTAMP AND m.observed_at < $until AND {value} IS NOT NULL
            GROUP BY m.post_key
        ),
        gains AS (
            SELECT post_key, now, now - CASE WHEN day >= $from_day THEN coalesce(earlier, 0) ELSE earlier END AS gained
            FROM counts WHERE last_at >= $since
        ),
        best AS (
            SELECT g.* FROM gains g JOIN posts p USING (post_key) WHERE gained > 0 AND p.gone_at IS NULL
            ORDER BY gained DESC, post_key LIMIT {int(limit)}
        )
        SELECT p.post_key, p.platform, p.text, p.created_at, p.url, best.gained, best.now, l.views,
               {filters.reactions("l")} AS reactions, s.sentiment
        FROM best JOIN posts p USING (post_key) LEFT JOIN post_latest l USING (post_key)
        LEFT JOIN mentions m ON m.post_key = p.post_key AND m.brand = $brand {SCORED}
        ORDER BY best.gained DESC, p.post_key
        """,
        {**values, "oldest": oldest},
    ).df()


def campaigns(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return the brand's campaigns that touch the period: ``campaign, name, starts_on, ends_on``."""
    return con.execute(
        "SELECT campaign, coalesce(name, campaign) AS name, starts_on, ends_on FROM campaigns "
        "WHERE brand = $brand AND starts_on <= $to_day AND ends_on >= $from_day ORDER BY starts_on",
        {key: value for key, value in filters.values.items() if key != "platforms"},
    ).df()


def gaps(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return the stretches of the period in which the brand's sources could not be read: ``platform, source, from_at, to_at, reason``."""
    return con.execute(
        f"""
        SELECT platform, source, from_at, to_at, reason FROM open_gaps
        WHERE brand = $brand AND from_at < CAST($to_day::DATE AS TIMESTAMP) + INTERVAL 15 HOUR
          AND to_at > CAST($from_day::DATE AS TIMESTAMP) - INTERVAL 9 HOUR AND {on_platforms("platform")}
        ORDER BY from_at
        """,
        filters.values,
    ).df()
