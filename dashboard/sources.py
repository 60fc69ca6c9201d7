"""収集状況: is everything being heard, what is missing, and how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, data, html, i18n, palette
from dashboard.i18n import known, number, t
from dashboard.precision import show_precision
from dashboard.waiting import is_alive

GAP_DAYS = 90
REJECTS = 50
BEAT_SECONDS = 5


def page() -> None:
    """Show the page."""
    html.title(t("sources.title"))
    _machine()
    health = data.ask_now("source_health", datetime.now(UTC).replace(tzinfo=None))
    _problems(health)
    _table(health)
    _allowances()
    _behind()
    show_precision()
    _gaps()
    _rejects()


@st.fragment(run_every=BEAT_SECONDS)
def _machine() -> None:
    """Show the owner, the published file and the model; kept fresh."""
    status = data.status()
    alive = is_alive(status)
    beat = data.moment(status.get("heartbeat_at"))
    doing = known(f"phase.{status.get('phase')}", str(status.get("phase", ""))) if alive else ""
    upcoming = data.moment(status.get("next_round_at"))
    small = t("sources.owner.beat", when=i18n.ago(beat)) if beat else ""
    if alive and upcoming:
        small += f" · {t('sources.next', when=f'{upcoming.astimezone(i18n.TOKYO):%H:%M}')}"
    owner = (
        f'<span class="hb-state {"ok" if alive else "bad"}">{html.esc(t("sources.owner.alive" if alive else "sources.owner.dead"))}</span>'
    )
    path = Path(data.shown_version())
    sizes = {row.name: row.row_count for row in data.records(data.ask("table_sizes"))}
    models = data.ask("models")
    current = data.meta().get("model")
    scored = int(models.loc[models["model"] == current, "mentions"].sum())
    facts = [
        (t("sources.owner"), owner, f"{doing}{' · ' if doing and small else ''}{small}"),
        (
            t("sources.data"),
            html.esc(i18n.ago(data.published_at(str(path)))),
            f"{i18n.time_text(data.published_at(str(path)))} · {path.stem.removeprefix('hibiki-')}",
        ),
        (
            t("sources.size"),
            html.esc(i18n.size_of(path.stat().st_size)),
            t("sources.size.rows", posts=number(sizes["posts"]), metrics=number(sizes["metrics"])),
        ),
        (t("sources.model"), html.esc(current or t("sources.model.none")), t("sources.model.scored", n=number(scored)) if current else ""),
    ]
    shown = "".join(
        f'<div class="hb-fact"><dt>{html.esc(name)}</dt><dd>{value}<small>{html.esc(small)}</small></dd></div>'
        for name, value, small in facts
    )
    html.show(f'<dl class="hb-facts-grid">{shown}</dl>')
    message = status.get("message")
    if alive and isinstance(message, str):
        advice = status.get("advice")
        html.show(f'<div class="hb-notice">{html.esc(message)} {html.esc(advice or "")}</div>')
    wrong = status.get("settings_problem")
    if alive and isinstance(wrong, str):
        html.show(f'<div class="hb-notice" role="status">{html.esc(wrong)}</div>')
    if not alive:
        text = html.esc(t("sources.owner.advice", command="\x00")).replace("\x00", "<code>hibiki up</code>")
        html.show(f'<div class="hb-notice" role="status">{text}</div>')


def _problems(health: pd.DataFrame) -> None:
    """Say what went wrong, or will before long (a token that ends), and how to mend it, first thing."""
    failing = (health["failures"] > 0) & ~health["outcome"].isin(["ok", "skipped"])
    bad = health[failing | ((health["outcome"] == "ok") & health["advice"].notna())]
    html.section(t("sources.problems"))
    if bad.empty:
        html.show(f'<span class="hb-state ok">{html.esc(t("sources.problems.none"))}</span>')
        return
    for (outcome, message, advice), group in bad.fillna({"message": "", "advice": ""}).groupby(
        ["outcome", "message", "advice"], sort=False
    ):
        mend = f"<div>{html.esc(t('sources.fix', advice=advice))}</div>" if advice else ""
        soon = outcome == "ok"
        names = "".join(
            f"<li><b>{html.esc(source.source)}</b> {html.esc('' if soon else _failing(source))}</li>" for source in data.records(group)
        )
        html.show(
            f'<div class="hb-notice">{html.esc(t("sources.soon" if soon else f"outcome.{outcome}"))}: {html.esc(message)}{mend}<ul class="hb-plain">{names}</ul></div>'
        )


def _failing(source: Any) -> str:
    """Say how long a source has been failing."""
    if pd.isna(source.last_success):
        return t("sources.failing.never", n=source.failures)
    return t("sources.failing", n=source.failures, when=i18n.ago(source.last_success))


def _table(health: pd.DataFrame) -> None:
    html.section(t("sources.table"))
    if health.empty:
        html.empty(t("sources.none"))
        return
    heads = (("sources.source", ""), ("axis.platform", ""), ("sources.what", ""), ("sources.outcome", ""), ("sources.success", ""),
             ("sources.every", "n"), ("sources.upcoming", "n"), ("sources.posts_day", "n"), ("sources.requests_day", "n"))  # fmt: skip
    head = "".join(f'<th scope="col" class="{kind}">{html.esc(t(key))}</th>' for key, kind in heads)
    body, upcoming = "", data.timetable() if is_alive(data.status()) else {}
    for brand, group in health.groupby("brand_name", sort=False, dropna=False):
        body += f'<tr><th scope="rowgroup" colspan="{len(heads)}">{html.esc(brand if isinstance(brand, str) else i18n.MISSING)}</th></tr>'
        body += "".join(_source(source, data.moment(upcoming.get(source.source, {}).get("next_at"))) for source in data.records(group))
    html.show(
        f'<div class="hb-table-wrap" tabindex="0" role="region" aria-label="{html.esc(t("sources.table"))}"><table class="hb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _source(source: Any, upcoming: datetime | None) -> str:
    outcome = source.outcome if isinstance(source.outcome, str) else "none"
    mark = "ok" if outcome == "ok" else "" if outcome in ("none", "skipped") else "bad"
    platform = html.platform(source.platform) if isinstance(source.platform, str) else i18n.MISSING
    cells = (
        (html.esc(source.source), "t"),
        (platform, "t"),
        (html.esc(known(f"sources.what.{source.what}", i18n.MISSING)), "t"),
        (f'<span class="hb-state {mark}">{html.esc(t(f"outcome.{outcome}"))}</span>', "t"),
        (html.esc(i18n.ago(source.last_success) if pd.notna(source.last_success) else i18n.MISSING), "t"),
        (html.esc(every_text(source.every_seconds)), "n"),
        (html.esc(upcoming_text(upcoming)), "n"),
        (number(source.posts_day), "n"),
        (number(source.requests_day), "n"),
    )
    return "<tr>" + "".join(f'<td class="{kind}">{text}</td>' for text, kind in cells) + "</tr>"


def upcoming_text(upcoming: datetime | None) -> str:
    """Return when a source is read next: 14:05, or with the day where that is not today."""
    if upcoming is None:
        return i18n.MISSING
    there = upcoming.astimezone(i18n.TOKYO)
    return f"{there:%H:%M}" if there.date() == i18n.today() else i18n.time_text(upcoming.astimezone(UTC).replace(tzinfo=None))


def _behind() -> None:
    """Say what a budget or limit did not reach: posts to be checked for deletion, counts that wait."""
    late = {name: said for name, said in data.timetable().items() if said.get("behind_checks") or said.get("behind_counts")}
    if not late:
        return
    html.section(t("sources.behind"), t("sources.behind.note"))
    lines = []
    for name, said in late.items():
        parts = []
        if said.get("behind_checks"):
            oldest = data.moment(said.get("unseen_since"))
            since = t("sources.behind.since", when=i18n.ago(oldest)) if oldest else ""
            parts.append(t("sources.behind.checks", n=number(said["behind_checks"])) + since)
        if said.get("behind_counts"):
            parts.append(t("sources.behind.counts", n=number(said["behind_counts"])))
        lines.append(f"<li><b>{html.esc(name)}</b> {html.esc('・'.join(parts) if i18n.language() == 'ja' else ', '.join(parts))}</li>")
    html.show(f'<div class="hb-notice"><ul class="hb-plain">{"".join(lines)}</ul></div>')


def every_text(seconds: float | None) -> str:
    """Return how often a source is read: 15分, 6時間."""
    if seconds is None or not i18n.is_number(seconds):
        return i18n.MISSING
    return (
        t("every.minutes", n=max(1, round(seconds / 60)))
        if seconds < 5400
        else t("every.hours", n=f"{seconds / 3600:.1f}".removesuffix(".0"))
    )


def _allowances() -> None:
    """Show what is left of the platforms' money and quotas, where any source draws on one."""
    found = data.ask_now("allowances", datetime.now(UTC).replace(tzinfo=None))
    if found.empty:
        return
    html.section(t("sources.allowances"), t("sources.allowances.note"))
    heads = (("axis.platform", ""), ("sources.allowance", ""), ("sources.spent", "n"), ("sources.allowed", "n"), ("sources.forecast", "n"),
             ("sources.allowance.state", ""), ("sources.resets", ""))  # fmt: skip
    head = "".join(f'<th scope="col" class="{kind}">{html.esc(t(key))}</th>' for key, kind in heads)
    body = "".join(_allowance(row) for row in data.records(found))
    html.show(
        f'<div class="hb-table-wrap" tabindex="0" role="region" aria-label="{html.esc(t("sources.allowances"))}"><table class="hb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _allowance(row: Any) -> str:
    state = allowance_state(row.allowed, row.spent, row.forecast)
    mark = {"used": "bad", "short": "bad", "enough": "ok"}.get(state, "")
    cells = (
        (html.platform(row.platform), "t"),
        (html.esc(row.title), "t"),
        (html.esc(amount(row.spent, row.unit)), "n"),
        (html.esc(amount(row.allowed, row.unit)), "n"),
        (html.esc(amount(row.forecast, row.unit)), "n"),
        (f'<span class="hb-state {mark}">{html.esc(t(f"sources.allowance.{state}"))}</span>', "t"),
        (html.esc(i18n.time_text(row.resets_at)), "t"),
    )
    return "<tr>" + "".join(f'<td class="{kind}">{text}</td>' for text, kind in cells) + "</tr>"


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


def _gaps() -> None:
    html.section(t("sources.gaps"), t("sources.gaps.note"))
    end = i18n.today() + timedelta(days=1)
    start = end - timedelta(days=GAP_DAYS)
    gaps = data.ask("gap_timeline", datetime(start.year, start.month, start.day))
    if gaps.empty:
        html.show(f'<span class="hb-state ok">{html.esc(t("sources.gaps.none"))}</span>')
        return
    bars = pd.DataFrame(
        {
            "source": gap.source,
            "day": max(charts.local_naive(gap.from_at), datetime(start.year, start.month, start.day)),
            "until": charts.local_naive(gap.to_at),
            "when": f"{i18n.time_text(gap.from_at)} – {i18n.time_text(gap.to_at)}",
            "reason": gap.reason or "",
        }
        for gap in data.records(gaps)
    )
    height = 40 + 30 * bars["source"].nunique()
    html.chart(charts.gap_bars(bars, start, end, height), alt=t("sources.gaps.alt", n=len(gaps)))


def _rejects() -> None:
    found = data.ask("rejects", REJECTS)
    html.section(t("sources.rejects"), t("sources.rejects.note", n=len(found)) if len(found) else "")
    if found.empty:
        html.show(f'<span class="hb-state ok">{html.esc(t("sources.rejects.none"))}</span>')
        return
    heads = ("sources.seen", "sources.source", "sources.place", "sources.reason", "sources.raw")
    head = "".join(f'<th scope="col">{html.esc(t(key))}</th>' for key in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}">{html.esc(text)}</td>'
            for kind, text in (
                ("t", i18n.time_text(r.seen_at)),
                ("t", r.source),
                ("t", palette.platform_name(r.place or "")),
                ("w", r.reason),
                ("w", str(r.raw or "")[:200]),
            )
        )
        + "</tr>"
        for r in data.records(found)
    )
    html.show(
        f'<div class="hb-table-wrap" tabindex="0" role="region" aria-label="{html.esc(t("sources.rejects"))}"><table class="hb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


page()
