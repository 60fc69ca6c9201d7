"""What is left of the platforms' money and quotas, on the page of sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dashboard import data, html, i18n
from dashboard.i18n import number, t
from dashboard.tables import Column, table


def show_allowances() -> None:
    """Show what is left of the platforms' money and quotas, where any source draws on one."""
    found = data.ask_now("allowances", datetime.now(UTC).replace(tzinfo=None))
    if found.empty:
        return
    html.section(t("sources.allowances"), t("sources.allowances.note"))
    columns = (
        Column(t("sources.allowance"), place="title"),
        Column(t("axis.platform"), place="bare"),
        Column(t("sources.spent"), "n"),
        Column(t("sources.allowed"), "n"),
        Column(t("sources.forecast"), "n"),
        Column(t("sources.allowance.state"), place="state"),
        Column(t("sources.resets")),
    )
    html.show(table(t("sources.allowances"), columns, [(None, [_allowance(row) for row in data.records(found)])]))


def _allowance(row: Any) -> list[str]:
    state = allowance_state(row.allowed, row.spent, row.forecast)
    mark = {"used": "bad", "short": "soon", "enough": "ok"}.get(state, "")
    part = min(1.0, row.spent / row.allowed) if state != "fresh" and row.allowed > 0 else 0.0
    meter = f'<span class="hb-meter {mark}" aria-hidden="true"><i style="width:{part:.0%}"></i></span>'
    return [
        html.esc(row.title) + meter,
        html.platform(row.platform),
        html.esc(amount(row.spent, row.unit)),
        html.esc(amount(row.allowed, row.unit)),
        html.esc(amount(row.forecast, row.unit)),
        f'<span class="hb-state {mark}">{html.esc(t(f"sources.allowance.{state}"))}</span>',
        html.esc(i18n.time_text(row.resets_at)),
    ]


def allowance_state(allowed: float, spent: float | None, forecast: float | None) -> str:
    """Return how an allowance stands: ``used`` up, ``short`` (it will not last), ``enough``, or ``fresh`` (a new window began)."""
    if spent is None or not i18n.is_number(spent):
        return "fresh"
    if spent >= allowed:
        return "used"
    return "short" if forecast is not None and i18n.is_number(forecast) and forecast > allowed else "enough"


def amount(value: float | None, unit: str) -> str:
    """Return an amount with its unit: $1.23, 4,500 単位."""
    if value is None or not i18n.is_number(value):
        return i18n.MISSING
    return f"${value:,.2f}" if unit == "USD" else t(f"unit.{unit}", n=number(round(value)))
