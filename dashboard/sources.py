"""収集状況: is everything being heard, what is missing, and how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, data, html, i18n, palette
from dashboard.allowances import show_allowances
from dashboard.i18n import known, number, t
from dashboard.precision import show_precision
from dashboard.tables import Column, table
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
    show_allowances()
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
    if health.empty:
        html.section(t("sources.table"))
        html.empty(t("sources.none"))
        return
    states = [_state(source) for source in data.records(health)]
    told = [t(f"sources.count.{state}", n=states.count(state)) for state in ("well", "soon", "bad", "none") if state in states]
    html.section(t("sources.table"), t("sources.count", n=len(states), states=t("sources.count.between").join(told)))
    columns = (
        Column(t("sources.source"), place="title"),
        Column(t("axis.platform"), place="bare"),
        Column(t("sources.what"), place="bare"),
        Column(t("sources.outcome"), place="state"),
        Column(t("sources.success")),
        Column(t("sources.every"), "n"),
        Column(t("sources.upcoming"), "n"),
        Column(t("sources.posts_day"), "n"),
        Column(t("sources.requests_day"), "n"),
        Column(t("sources.gap_days"), "n"),
    )
    upcoming = data.timetable() if is_alive(data.status()) else {}
    missing = _missing()
    groups = [
        (
            brand if isinstance(brand, str) else i18n.MISSING,
            [
                _source(one, data.moment(upcoming.get(one.source, {}).get("next_at")), missing.get(one.source, 0.0))
                for one in data.records(group)
            ],
        )
        for brand, group in health.groupby("brand_name", sort=False, dropna=False)
    ]
    html.show(table(t("sources.table"), columns, groups))


def _state(source: Any) -> str:
    """Return how a source is: ``well``, ``soon`` (it works, and will not for long), ``bad``, or ``none`` (not read yet, or waiting)."""
    if source.outcome == "ok":
        return "soon" if isinstance(source.advice, str) else "well"
    return "bad" if isinstance(source.outcome, str) and source.outcome != "skipped" else "none"


def _missing() -> dict[str, float]:
    """Return how many days are missing of each source that has gaps."""
    gaps = data.ask("gap_timeline", _gap_start())
    start, days = pd.Timestamp(_gap_start()), dict[str, float]()
    for gap in data.records(gaps):
        days[gap.source] = days.get(gap.source, 0.0) + (gap.to_at - max(gap.from_at, start)) / timedelta(days=1)
    return days


def _source(source: Any, upcoming: datetime | None, missing: float) -> list[str]:
    outcome, state = source.outcome if isinstance(source.outcome, str) else "none", _state(source)
    mark = {"well": "ok", "soon": "soon", "bad": "bad", "none": ""}[state]
    return [
        html.esc(source.source),
        html.platform(source.platform) if isinstance(source.platform, str) else i18n.MISSING,
        html.esc(known(f"sources.what.{source.what}", i18n.MISSING)),
        f'<span class="hb-state {mark}">{html.esc(t("sources.soon" if state == "soon" else f"outcome.{outcome}"))}</span>',
        html.esc(i18n.ago(source.last_success) if pd.notna(source.last_success) else i18n.MISSING),
        html.esc(every_text(source.every_seconds)),
        html.esc(upcoming_text(upcoming)),
        number(source.posts_day),
        number(source.requests_day),
        html.esc(gap_text(missing)),
    ]


def gap_text(days: float) -> str:
    """Return how much is missing: なし, 9時間, 3.5日."""
    if days <= 0:
        return t("sources.gap_none")
    return t("every.hours", n=max(1, round(days * 24))) if days < 1.5 else t("every.days", n=f"{days:.1f}".removesuffix(".0"))


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


def _gap_start() -> datetime:
    start = i18n.today() + timedelta(days=1 - GAP_DAYS)
    return datetime(start.year, start.month, start.day)


def _gaps() -> None:
    html.section(t("sources.gaps"), t("sources.gaps.note"))
    end, start = i18n.today() + timedelta(days=1), _gap_start().date()
    gaps = data.ask("gap_timeline", _gap_start())
    if gaps.empty:
        html.show(f'<span class="hb-state ok">{html.esc(t("sources.gaps.none"))}</span>')
        return
    bars = pd.DataFrame(
        {
            "source": gap.source,
            "day": max(charts.local_naive(gap.from_at), _gap_start()),
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
    columns = (
        Column(t("sources.source"), place="title"),
        Column(t("sources.seen"), place="state"),
        Column(t("sources.place"), place="bare"),
        Column(t("sources.reason"), "w", "bare"),
        Column(t("sources.raw"), "w"),
    )
    rows = [
        [
            html.esc(text)
            for text in (
                one.source,
                i18n.time_text(one.seen_at),
                palette.platform_name(one.place or ""),
                one.reason,
                str(one.raw or "")[:200],
            )
        ]
        for one in data.records(found)
    ]
    html.show(table(t("sources.rejects"), columns, [(None, rows)]))


page()
