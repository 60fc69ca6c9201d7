"""概況: what moved, how sure that is, and which posts did it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.periods import Period
from dashboard import adjusted, charts, data, html, i18n, kpis, state
from dashboard.figures import show_figures
from dashboard.frame import brand_name, current_view
from dashboard.goals import show_goals
from dashboard.i18n import number, t
from dashboard.rates import grid, show_rates
from dashboard.state import View

MOVERS = 6
STEPS = {"day": pd.DateOffset(days=1), "week": pd.DateOffset(days=7), "month": pd.DateOffset(months=1)}


def page() -> None:
    """Show the page."""
    view = current_view()
    name = brand_name(view.filters.brand)
    partial = f"　{t('period.partial')}" if view.period.is_partial(i18n.today()) else ""
    html.title(name, i18n.period_text(view.period.start, view.period.end) + partial)
    if not _has_data(view, name):
        return
    _today(view)
    comparison = t(f"vs.short.{view.comparison}")
    html.show(f'<div class="hb-kpis">{"".join(kpis.card(kpi, comparison) for kpi in kpis.all_kpis(view))}</div>')
    compared = t("frame.compared", before=i18n.period_text(view.before.start, view.before.end))
    html.show(f'<div class="hb-quiet">{html.esc(compared)}</div>')
    _explain_adjusted(view)
    show_goals(view.filters)
    show_rates(view)
    _moods(view)
    show_figures(view.charted)
    _movers(view)


def _explain_adjusted(view: View) -> None:
    totals = data.first(data.ask("mention_totals", view.filters))
    adjusted.explain(adjusted.shares(view.filters, totals), int(totals["confirmed"]))


def _has_data(view: View, name: str) -> bool:
    """Say what to do where there is nothing to show."""
    span = data.first(data.ask("span", view.filters.brand))
    if pd.isna(span["first_day"]):
        html.empty(t("empty.brand", name=name))
        return False
    posts = int(data.ask("rate_by_platform", view.filters)["every_post"].sum())
    if posts == 0 and int(data.ask("mention_totals", view.filters)["mentions"].iloc[0]) == 0:
        html.empty(t("empty.period", name=name, span=i18n.period_text(span["first_day"].date(), span["last_day"].date())))
        return False
    return True


def _today(view: View) -> None:
    row = data.first(data.ask("today_so_far", view.filters.brand, i18n.today()))
    text = t("overview.today", posts=number(row["posts"]), mentions=number(row["mentions"]), negative=number(row["negative"]))
    html.show(f'<div class="hb-quiet">{html.esc(text)}</div>')


def _moods(view: View) -> None:
    filters = view.charted
    html.section(t("mentions.title"), t("mentions.note"))
    days = Period(filters.start, filters.end).days
    grain = "day" if days <= 62 else "week" if days <= 400 else "month"
    series = data.ask("mention_series", filters, grain)
    if int(series["scored"].sum()) == 0:
        html.empty(t("mentions.none"))
        return
    rows = []
    for row in data.records(series):
        low, until = 0, row.day + STEPS[grain]
        for mood in ("negative", "neutral", "positive"):
            count = int(getattr(row, mood))
            edges = {"day": row.day, "until": until, "low": low, "high": low + count}
            rows.append(edges | {"name": t(f"sentiment.{mood}"), "count": count, "day_text": i18n.day_text(row.day.date())})
            low += count
    layers = charts.background(data.ask("gaps", filters), data.ask("campaigns", filters), filters.start, filters.end)
    html.chart(
        charts.moods(pd.DataFrame(rows), layers, grain), alt=t("chart.mentions_alt", period=i18n.period_text(filters.start, filters.end))
    )


def _movers(view: View) -> None:
    html.section(t("movers.title"), t("movers.note"))
    with st.container(horizontal=True):
        whose = st.segmented_control(
            t("movers.whose"),
            ("own", "mention"),
            default="own",
            required=True,
            format_func=i18n.labels("movers.", ("own", "mention")),
            label_visibility="collapsed",
            key="movers_whose",
        )
        measure = st.segmented_control(
            t("movers.by"),
            ("reactions", "views"),
            default="reactions",
            required=True,
            format_func=i18n.labels("kpi.", ("reactions", "views")),
            label_visibility="collapsed",
            key="movers_by",
        )
    frame = data.ask("movers", view.filters, whose, measure, MOVERS)
    if frame.empty:
        html.empty(t("movers.none"))
        return
    for n, (column, post) in enumerate(zip(grid(len(frame), 2), data.records(frame), strict=True)):
        with column, st.container(border=True, key=f"mover_{n}"):
            badge = html.mood(post.sentiment) if whose == "mention" else ""
            html.show(
                f'<div class="hb-mover"><div class="hb-rank hb-num">{n + 1}</div><div>'
                f'<div class="hb-post-meta">{html.platform(post.platform)}<span>{html.esc(i18n.time_text(post.created_at))}</span>{badge}</div>'
                f'<div class="hb-text hb-clamp">{html.esc(post.text)}</div></div>'
                f'<div class="hb-gain hb-num">+{number(post.gained)}<small>{html.esc(t(f"kpi.{measure}"))}</small></div></div>'
            )
            st.page_link(
                "dashboard/posts.py",
                label=t("movers.open"),
                icon=":material/arrow_forward:",
                query_params=state.shared(of=whose, post=str(post.post_key)),
            )


page()
