"""Queries of what no post bears: imported figures of days, survey answers, and the goals that were set."""

from __future__ import annotations

import duckdb
import pandas as pd

from store.queries.filters import Filters


def kpi_days(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``name, day, value`` of the brand's imported figures in the period, whatever the platforms, by name and day."""
    return con.execute(
        "SELECT name, day, value FROM kpis WHERE brand = $brand AND day BETWEEN $from_day AND $to_day ORDER BY name, day",
        _values(filters),
    ).df()


def survey_scores(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return ``score, answers``: how often each score (0 to 10) was given in the period."""
    return con.execute(
        "SELECT score, count(*) AS answers FROM surveys WHERE brand = $brand AND answered_on BETWEEN $from_day AND $to_day "
        "GROUP BY score ORDER BY score",
        _values(filters),
    ).df()


def goals(con: duckdb.DuckDBPyConnection, brand: str) -> pd.DataFrame:
    """Return ``measure, target, due_on`` of the brand's goals, the next due first."""
    return con.execute("SELECT measure, target, due_on FROM goals WHERE brand = ? ORDER BY due_on NULLS LAST, measure", [brand]).df()


def _values(filters: Filters) -> dict[str, object]:
    return {name: value for name, value in filters.values.items() if name != "platforms"}
