"""Which posts may be looked up again for new counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

GROWTH_DAYS = 2
"""Growth is measured against the last observation before the newest one, of so many days: older ones say nothing of now."""

_CANDIDATES = """
    WITH c AS MATERIALIZED (
        SELECT * FROM (
            SELECT post_key, 'own' AS relation, own_brand AS brand, source FROM posts WHERE own_brand IS NOT NULL AND created_at > $oldest
            UNION ALL
            SELECT post_key, 'mention', brand, source FROM mentions WHERE created_at > $oldest
        )
        WHERE ($source IS NULL OR source = $source) AND ($brand IS NULL OR brand = $brand)
    ),
    growing AS (
        SELECT post_key, greatest(0, arg_max(gained, observed_at)) / arg_max(hours, observed_at) AS growth FROM (
            SELECT m.post_key, m.observed_at, date_diff('second', m.observed_at, l.observed_at) / 3600.0 AS hours,
                   coalesce(l.views - m.views, coalesce(l.likes - m.likes, 0) + coalesce(l.comments - m.comments, 0)
                       + coalesce(l.shares - m.shares, 0) + coalesce(l.saves - m.saves, 0)) AS gained
            FROM metrics m SEMI JOIN c ON c.post_key = m.post_key JOIN post_latest l ON l.post_key = m.post_key
            WHERE m.observed_at > $recent AND l.observed_at > $recent AND m.observed_at < l.observed_at - INTERVAL 1 MINUTE
        ) GROUP BY post_key
    )
    SELECT p.post_key, p.platform, p.native_id, p.kind, c.relation, c.brand, c.source,
           p.created_at AT TIME ZONE 'UTC' AS created_at, l.observed_at AT TIME ZONE 'UTC' AS observed_at, l.views,
           g.growth, k.checked_at AT TIME ZONE 'UTC' AS checked_at
    FROM c
    JOIN posts p ON p.post_key = c.post_key
    LEFT JOIN post_latest l ON l.post_key = c.post_key
    LEFT JOIN checks k ON k.post_key = c.post_key
    LEFT JOIN growing g ON g.post_key = c.post_key
    WHERE p.gone_at IS NULL AND p.created_at > $oldest
      AND ($platform IS NULL OR p.platform = $platform)
    ORDER BY p.created_at DESC, p.post_key, c.brand
"""


def refresh_candidates(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    source: str | None = None,
    platform: str | None = None,
    brand: str | None = None,
    younger_than: timedelta = timedelta(days=30),
) -> pa.Table:
    """Return the posts younger than ``younger_than`` at ``now`` (aware) that are still there, newest first.

    Columns: ``post_key, platform, native_id, kind, relation, brand, source, created_at, observed_at, views, growth, checked_at``, times
    aware in UTC; ``observed_at`` and ``views`` are of the newest observation, NULL without one. ``growth``: views (else reactions) that
    came in an hour between the last two observations, NULL where there were not two lately. Works on a published copy too.
    """
    oldest, recent = (_naive(now - age) for age in (younger_than, timedelta(days=GROWTH_DAYS)))
    values = {"oldest": oldest, "recent": recent, "source": source, "platform": platform, "brand": brand}
    return connection.sql(_CANDIDATES, params=values).to_arrow_table()


_UNSEEN = """
    WITH held AS (
        SELECT p.native_id, p.created_at, l.observed_at, k.checked_at,
               greatest(p.seen_at, coalesce(l.observed_at, p.seen_at), coalesce(k.checked_at, p.seen_at)) AS seen_at
        FROM posts p
        LEFT JOIN post_latest l ON l.post_key = p.post_key
        LEFT JOIN checks k ON k.post_key = p.post_key
        WHERE p.gone_at IS NULL AND p.text IS NOT NULL AND p.platform = $platform
          AND (p.source = $source OR ($orphans AND p.own_brand IS NULL AND NOT list_contains($known::VARCHAR[], p.source)))
    )
    SELECT native_id, created_at AT TIME ZONE 'UTC' AS created_at, observed_at AT TIME ZONE 'UTC' AS observed_at,
           seen_at AT TIME ZONE 'UTC' AS checked_at, count(*) OVER () AS waiting
    FROM held WHERE seen_at < $before ORDER BY seen_at, native_id LIMIT $most
"""


def unseen(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    source: str,
    platform: str,
    unseen_for: timedelta,
    known: Sequence[str] = (),
    most: int = 5000,
) -> pa.Table:
    """Return the posts of ``source`` whose text is held and that nobody has seen to be there for ``unseen_for``, longest unseen first.

    With ``known``, the names of all sources there are, also the posts by others that came from none of them: whoever found them is no
    more. Columns: ``native_id, created_at, observed_at, checked_at`` (when it was last seen at all), ``waiting`` (how many there are; only
    ``most`` of them are returned). Works on a published copy too.
    """
    values: dict[str, object] = {"source": source, "platform": platform, "before": _naive(now - unseen_for), "most": most}
    values |= {"known": list(known), "orphans": bool(known)}
    return connection.sql(_UNSEEN, params=values).to_arrow_table()


def _naive(moment: datetime) -> datetime:
    """Return ``moment`` as the tables hold it: UTC, without a zone."""
    if moment.tzinfo is None:
        raise ValueError("now must be aware")
    return moment.astimezone(UTC).replace(tzinfo=None)
