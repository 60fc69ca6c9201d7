"""What the dashboard asks of a published file: typed functions ``(con, …) -> DataFrame``; the only SQL it uses.

Every function takes an open connection to a published file and returns a small frame: sums and counts are made here, in
DuckDB, so that a page only formats them. Days are days in Asia/Tokyo; an unknown number is NULL (NaN or None in a frame).
"""

from __future__ import annotations

from store.queries.desk import audit_log, case_history, cases
from store.queries.figures import goals, kpi_days, survey_scores
from store.queries.filters import Definition, Filters, Grain, What
from store.queries.labels import label_of, label_pool, labelled, mention_keys
from store.queries.overview import (
    APART,
    campaigns,
    daily_totals,
    gaps,
    mention_daily,
    mention_series,
    mention_totals,
    movers,
    rate_by_platform,
    rate_series,
    rate_total,
    share_of_voice,
    today_so_far,
)
from store.queries.posts import post_count, post_curve, post_detail, post_list, post_scores, usual_curve
from store.queries.scope import brands, meta, platforms, span
from store.queries.sources import allowances, gap_timeline, models, precision_of_sources, rejects, source_health, table_sizes
from store.queries.stars import star_agreement

__all__ = [
    "APART",
    "Definition",
    "Filters",
    "Grain",
    "What",
    "allowances",
    "audit_log",
    "brands",
    "campaigns",
    "case_history",
    "cases",
    "daily_totals",
    "gap_timeline",
    "gaps",
    "goals",
    "kpi_days",
    "label_of",
    "label_pool",
    "labelled",
    "mention_daily",
    "mention_keys",
    "mention_series",
    "mention_totals",
    "meta",
    "models",
    "movers",
    "platforms",
    "post_count",
    "post_curve",
    "post_detail",
    "post_list",
    "post_scores",
    "precision_of_sources",
    "rate_by_platform",
    "rate_series",
    "rate_total",
    "rejects",
    "share_of_voice",
    "source_health",
    "span",
    "star_agreement",
    "survey_scores",
    "table_sizes",
    "today_so_far",
    "usual_curve",
]
