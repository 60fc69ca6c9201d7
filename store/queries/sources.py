"""Queries of the sources page: health, gaps, rejects, models, sizes."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd


def source_health(con: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """Return one row a source, declared or seen in a run.

    ``now`` is naive UTC. Columns: ``source, kind, platform, brand, brand_name, what, every_seconds, last_success, last_run, outcome,
    message, advice`` (of the last run)``, posts_day, metrics_day, requests_day`` (of the last 24 hours)``, failures`` (runs in a row
    without success).
    """
    return con.execute(
        """
        WITH last AS (
            SELECT source, max(finished_at) AS last_run, max(finished_at) FILTER (outcome = 'ok') AS last_success,
                   arg_max(outcome, finished_at) AS outcome, arg_max(coalesce(message, ''), finished_at) AS message,
                   arg_max(coalesce(advice, ''), finished_at) AS advice, any_value(platform) AS platform, any_value(brand) AS brand,
                   CAST(coalesce(sum(posts) FILTER (finished_at > $now::TIMESTAMP - INTERVAL 24 HOUR), 0) AS BIGINT) AS posts_day,
                   CAST(coalesce(sum(metrics) FILTER (finished_at > $now::TIMESTAMP - INTERVAL 24 HOUR), 0) AS BIGINT) AS metrics_day,
                   CAST(coalesce(sum(requests) FILTER (finished_at > $now::TIMESTAMP - INTERVAL 24 HOUR), 0) AS BIGINT) AS requests_day
            FROM runs GROUP BY source
        ),
        fails AS (
            SELECT r.source, count(*) AS failures FROM runs r JOIN last l USING (source)
            WHERE r.outcome NOT IN ('ok', 'skipped') AND (l.last_success IS NULL OR r.finished_at > l.last_success) GROUP BY r.source
        )
        SELECT coalesce(s.source, l.source) AS source, s.kind, coalesce(s.platform, l.platform) AS platform,
               coalesce(s.brand, l.brand) AS brand, coalesce(b.name, s.brand, l.brand) AS brand_name, s.what, s.every_seconds,
               l.last_success, l.last_run, l.outcome, nullif(l.message, '') AS message, nullif(l.advice, '') AS advice,
               coalesce(l.posts_day, 0) AS posts_day, coalesce(l.metrics_day, 0) AS metrics_day,
               coalesce(l.requests_day, 0) AS requests_day, coalesce(f.failures, 0) AS failures
        FROM sources s FULL JOIN last l USING (source) LEFT JOIN fails f ON f.source = coalesce(s.source, l.source)
        LEFT JOIN brands b ON b.brand = coalesce(s.brand, l.brand)
        ORDER BY coalesce(f.failures, 0) = 0, b.position, platform, source
        """,
        {"now": now},
    ).df()


def precision_of_sources(con: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """Return what part of a source's mentions of the last 28 days is about the brand, the least sure source first.

    ``now`` is naive UTC. Columns: ``source, brand_name, mentions`` (scored by the current model)``, expected`` (their mean relevance, 0 to
    1)``, looked_at`` (of all that people labelled after a random draw)``, about`` (those of them that are about the brand).
    """
    return con.execute(
        """
        WITH looked AS (
            SELECT m.source, m.brand, count(*) AS looked_at, count(*) FILTER (h.relevant) AS about
            FROM labels h JOIN mentions m ON m.post_key = h.post_key AND m.brand = h.brand WHERE h.drawn GROUP BY ALL
        )
        SELECT m.source, coalesce(any_value(b.name), m.brand) AS brand_name, count(*) AS mentions, avg(s.relevance) AS expected,
               coalesce(any_value(l.looked_at), 0) AS looked_at, coalesce(any_value(l.about), 0) AS about
        FROM mentions m JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand
             AND s.model = (SELECT value FROM meta WHERE name = 'model')
        LEFT JOIN brands b ON b.brand = m.brand LEFT JOIN looked l ON l.source = m.source AND l.brand = m.brand
        WHERE m.created_at > $now::TIMESTAMP - INTERVAL 28 DAY AND s.relevance IS NOT NULL
        GROUP BY m.source, m.brand ORDER BY expected, mentions DESC, m.source
        """,
        {"now": now},
    ).df()


def allowances(con: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """Return what platforms let us use: ``platform, title, unit, allowed, spent, forecast, resets_at, recorded_at``.

    ``now`` is naive UTC. Only what was drawn on in the last 35 days; ``spent`` and ``forecast`` are NULL where the window has ended since.
    """
    return con.execute(
        """
        SELECT platform, title, unit, allowed, CASE WHEN resets_at > $now::TIMESTAMP THEN spent END AS spent,
               CASE WHEN resets_at > $now::TIMESTAMP THEN forecast END AS forecast, resets_at, recorded_at
        FROM allowances WHERE recorded_at > $now::TIMESTAMP - INTERVAL 35 DAY ORDER BY platform, title, name
        """,
        {"now": now},
    ).df()


def gap_timeline(con: duckdb.DuckDBPyConnection, since: datetime) -> pd.DataFrame:
    """Return what is still missing beyond ``since`` (naive UTC): ``source, platform, brand, from_at, to_at, reason``, newest first."""
    return con.execute(
        "SELECT source, platform, brand, from_at, to_at, reason FROM open_gaps WHERE to_at > $since ORDER BY from_at DESC",
        {"since": since},
    ).df()


def rejects(con: duckdb.DuckDBPyConnection, limit: int) -> pd.DataFrame:
    """Return the newest items that could not be read: ``source, place, reason, raw, seen_at``."""
    return con.execute(
        f"SELECT source, place, reason, raw, seen_at FROM rejects ORDER BY seen_at DESC, source, place LIMIT {int(limit)}"
    ).df()


def models(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the models that scored mentions: ``model, mentions, first_at, last_at``, the latest first."""
    return con.execute(
        "SELECT model, count(*) AS mentions, min(scored_at) AS first_at, max(scored_at) AS last_at FROM scores GROUP BY model ORDER BY last_at DESC"
    ).df()


def table_sizes(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return ``name, row_count`` of the facts: posts, metrics, mentions, scores."""
    names = ("posts", "metrics", "mentions", "scores", "rejects")
    return con.execute(" UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS row_count FROM {name}" for name in names)).df()
