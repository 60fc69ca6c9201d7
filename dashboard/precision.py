"""How many of the posts that a search finds are about the brand: guessed by the model, and measured where people looked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analysis.shares import wilson
from dashboard import data, html
from dashboard.i18n import number, percent, t
from dashboard.kpis import interval_text
from dashboard.tables import Column, table

ENOUGH = 30
"""So many posts drawn by chance and looked at by people say more than the model's guess."""


def show_precision() -> None:
    """Show one line a source of mentions; nothing where no mention was scored lately."""
    found = data.ask_now("precision_of_sources", datetime.now(UTC).replace(tzinfo=None))
    if found.empty:
        return
    html.section(t("precision.title"), t("precision.note", n=ENOUGH))
    columns = (
        Column(t("precision.source"), place="title"),
        Column(t("precision.brand"), place="bare"),
        Column(t("precision.how"), place="bare"),
        Column(t("precision.mentions"), "n"),
        Column(t("precision.relevant"), "n"),
    )
    rows = [[html.esc(text) for text in _row(row)] for row in data.records(found)]
    html.show(table(t("precision.title"), columns, [(None, rows)]))


def _row(row: Any) -> list[str]:
    if row.looked_at >= ENOUGH:
        share = wilson(float(row.about), float(row.looked_at))
        value = f"{percent(share.value)} {interval_text(share.low, share.high, percent)}"
        how = t("precision.measured", n=number(row.looked_at))
    else:
        value, how = percent(row.expected), t("precision.guessed")
    return [row.source, row.brand_name, how, number(row.mentions), value.strip()]
