"""Which posts may be looked up again for new counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

_CANDIDATES = """
    SELECT p.post_key, p.platform, p.native_id, p.kind, c.relation, c.brand, c.source,
           p.created_at AT TIME ZONE 'UTC' AS created_at, l.observed_at AT TIME ZONE 'UTC' AS observed_at, l.views
    FROM (
        SELECT post_key, 'own' AS relation, own_brand AS brand, source FROM posts WHERE own_brand IS NOT NULL AND created_at > $oldest
        UNION ALL
        SELECT post_key, 'mention', brand, source FROM mentions WHERE created_at > $oldest
    ) c
    JOIN posts p ON p.post_key = c.post_key
    LEFT JOIN post_latest l ON l.post_key = c.post_key
    WHERE p.gone_at IS NULL AND p.created_at > $oldest
      AND ($source IS NULL OR c.source = $source) AND ($platform IS NULL OR p.platform = $platform) AND ($brand IS NULL OR c.brand = $brand)
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

    Columns: ``post_key, platform, native_id, kind, relation, brand, source, created_at, observed_at, views``, times aware in UTC;
    ``observed_at`` and ``views`` are of the newest observation, NULL without one. Works on a published copy too.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    oldest = (now - younger_than).astimezone(UTC).replace(tzinfo=None)
    values = {"oldest": oldest, "source": source, "platform": platform, "brand": brand}
    return connection.sql(_CANDIDATES, params=values).to_arrow_table()
