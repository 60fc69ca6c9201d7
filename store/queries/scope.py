"""What a published file holds at all: brands, platforms, days, versions."""

from __future__ import annotations

import duckdb
import pandas as pd


def brands(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the declared brands (``brand, name, role``), own ones first."""
    return con.execute("SELECT brand, coalesce(name, brand) AS name, role FROM brands ORDER BY role <> 'own', position, brand").df()


def platforms(con: duckdb.DuckDBPyConnection, brand: str) -> pd.DataFrame:
    """Return the platforms on which ``brand`` posts, is mentioned or has a source (``platform``), the busiest first."""
    return con.execute(
        """
        WITH seen AS (
            SELECT platform, count(*) AS n FROM posts WHERE own_brand = $brand GROUP BY 1
            UNION ALL
            SELECT platform, count(*) FROM mentions WHERE brand = $brand GROUP BY 1
            UNION ALL
            SELECT platform, 0 FROM sources WHERE brand = $brand AND platform IS NOT NULL
        )
        SELECT platform FROM seen GROUP BY 1 ORDER BY sum(n) DESC, platform
        """,
        {"brand": brand},
    ).df()


def span(con: duckdb.DuckDBPyConnection, brand: str) -> pd.DataFrame:
    """Return one row: the first and last day with a post of or about ``brand`` (``first_day, last_day``; NULL without any)."""
    return con.execute(
        """
        SELECT min(day) AS first_day, max(day) AS last_day FROM (
            SELECT day FROM posts WHERE own_brand = $brand
            UNION ALL
            SELECT day FROM mentions WHERE brand = $brand
        )
        """,
        {"brand": brand},
    ).df()


def meta(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return what the owner wrote about the file (``name, value``): demo, model, published_at …"""
    return con.execute("SELECT name, value FROM meta ORDER BY name").df()
