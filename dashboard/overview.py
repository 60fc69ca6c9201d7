"""概況: what moved, how sure that is, and which posts did it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from analysis.periods import Period
from dashboard import charts, data, html, i18n, kpis, palette, state
from dashboard.frame import brand_name, current_view
from dashboard.i18n import number, t
from dashboard.state import View
from store.queries import Filters

MOVERS = 6
SHORTEST = 14  # below this many days a chart over time shows the four weeks up to the period's end


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
    _rates(view)
    _moods(view)
    _movers(view)


def _has_data(view: View, name: str) -> bool:
    """Say what to do where there is nothing to show."""
    span = data.ask("span", view.filters.brand).iloc[0]
    if pd.isna(span["first_day"]):
        html.empty(t("empty.brand", name=name))
        return False
    posts = int(data.ask("daily_totals", view.filters)["posts"].sum())
    if posts == 0 and int(data.ask("mention_totals", view.filters)["mentions"].iloc[0]) == 0:
        html.empty(t("empty.period", name=name, span=i18n.period_text(span["first_day"].date(), span["last_day"].date())))
        return False
    return True


def _today(view: View) -> None:
    row = data.ask("today_so_far", view.filters.brand, i18n.today()).iloc[0]
    text = t("overview.today", posts=number(row["posts"]), mentions=number(row["mentions"]), negative=number(row["negative"]))
    html.show(f'<div class="hb-quiet">{html.esc(text)}</div>')


def _charted(view: View) -> Filters:
    """Return the filters of the charts over time: a short period is shown within the four weeks up to its end."""
    f = view.filters
    start = f.start if view.period.days >= SHORTEST else f.end - timedelta(days=27)
    return Filters(f.brand, start, f.end, f.platforms, f.definition)


def _rates(view: View) -> None:
    filters = _charted(view)
    days = Period(filters.start, filters.end).days
    window, step = (7, 1) if days <= 62 else (28, 7)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        html.section(t("rate.title"), t("rate.note", days=window, definition=t(f"rate.{filters.definition}")))
        mode = st.segmented_control(
            t("rate.mode"),
            ("each", "together"),
            default="each",
            required=True,
            format_func=lambda code: t(f"rate.mode.{code}"),
            label_visibility="collapsed",
            key="rate_mode",
        )
    totals = data.ask("rate_by_platform", view.filters)
    series = _rate_rows(data.ask("rate_series", filters, window, step))
    if series["value"].notna().sum() == 0:
        html.empty(t("rate.none"))
        return
    gaps, campaigns = data.ask("gaps", filters), data.ask("campaigns", filters)
    if mode == "together":
        platforms = [p for p in totals["platform"] if series.loc[series["platform"] == p, "value"].notna().any()]
        shown = series.assign(name=series["platform"].map(palette.platform_name))
        alt = t("chart.together_alt", period=i18n.period_text(filters.start, filters.end))
        layers = charts.background(gaps, campaigns, filters.start, filters.end)
        st.altair_chart(charts.rates(shown, layers, platforms), alt=alt)
        return
    before = data.ask("rate_by_platform", view.filters_before).set_index("platform")
    for column, (_, total) in zip(_grid(len(totals), 3), totals.iterrows(), strict=True):
        platform = str(total["platform"])
        with column, st.container(border=True, key=f"panel_{platform}"):
            rate = kpis.rate_of(total)
            earlier = kpis.rate_of(before.loc[platform]) if platform in before.index else None
            change = kpis.compare_rates(rate, earlier) if earlier else kpis.NOTHING
            html.show(
                f'<div class="hb-panel-head">{html.platform(platform)}<span class="hb-panel-value hb-num">{kpis.rate_text(rate.value)}</span></div>'
                f'<div class="hb-panel-head hb-quiet"><span>{html.esc(t("kpi.of_posts", n=number(total["every_post"])))}</span>'
                f"<span>{html.esc(kpis.points_text(change))} {html.verdict(change, 'up')}</span></div>"
            )
            mine = series[series["platform"] == platform]
            if rate.value is None or mine["value"].notna().sum() == 0:
                html.empty(t("rate.no_views"))
                continue
            layers = charts.background(gaps[gaps["platform"] == platform], campaigns, filters.start, filters.end)
            alt = t(
                "chart.rate_alt",
                platform=palette.platform_name(platform),
                period=i18n.period_text(filters.start, filters.end),
                value=kpis.rate_text(rate.value),
            )
            st.altair_chart(charts.rate(mine, layers, palette.platform_colour(platform)), alt=alt)


def _grid(count: int, width: int) -> Iterator[Any]:
    """Return ``count`` places, ``width`` a row; row by row, so that a phone stacks them in their order."""
    for start in range(0, count, width):
        yield from st.columns(width, gap="small")[: count - start]


def _rate_rows(series: pd.DataFrame) -> pd.DataFrame:
    """Add the rate, its interval and the words of the tooltip to rows of sums."""
    rates = [kpis.rate_of(row) for _, row in series.iterrows()]
    frame = series[["platform", "day", "posts"]].copy()
    frame["value"] = [rate.value for rate in rates]
    frame["low"] = [rate.low for rate in rates]
    frame["high"] = [rate.high for rate in rates]
    frame["day_text"] = [i18n.day_text(day.date()) for day in series["day"]]
    frame["rate_text"] = [kpis.rate_text(rate.value) for rate in rates]
    frame["band_text"] = [
        i18n.MISSING if r.low is None or r.high is None else f"{kpis.rate_text(r.low)} – {kpis.rate_text(r.high)}" for r in rates
    ]
    grouped = frame.groupby("platform")["value"]
    frame["alone"] = frame["value"].notna() & grouped.shift(1).isna() & grouped.shift(-1).isna()
    return frame


def _moods(view: View) -> None:
    filters = _charted(view)
    html.section(t("mentions.title"), t("mentions.note"))
    days = Period(filters.start, filters.end).days
    grain = "day" if days <= 62 else "week" if days <= 400 else "month"
    series = data.ask("mention_series", filters, grain)
    if int(series["scored"].sum()) == 0:
        html.empty(t("mentions.none"))
        return
    rows = [
        {
            "day": row.day,
            "name": t(f"sentiment.{mood}"),
            "rank": rank,
            "count": int(getattr(row, mood)),
            "day_text": i18n.day_text(row.day.date()),
        }
        for row in series.itertuples()
        for rank, mood in enumerate(("negative", "neutral", "positive"))
    ]
    layers = charts.background(data.ask("gaps", filters), data.ask("campaigns", filters), filters.start, filters.end)
    st.altair_chart(
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
            format_func=lambda code: t(f"movers.{code}"),
            label_visibility="collapsed",
            key="movers_whose",
        )
        measure = st.segmented_control(
            t("movers.by"),
            ("reactions", "views"),
            default="reactions",
            required=True,
            format_func=lambda code: t(f"kpi.{code}"),
            label_visibility="collapsed",
            key="movers_by",
        )
    frame = data.ask("movers", view.filters, whose, measure, MOVERS)
    if frame.empty:
        html.empty(t("movers.none"))
        return
    for n, (column, post) in enumerate(zip(_grid(len(frame), 2), frame.itertuples(), strict=True)):
        with column, st.container(border=True, key=f"mover_{n}"):
            badge = html.mood(post.sentiment) if whose == "mention" else ""
            html.show(
                f'<div class="hb-mover"><div class="hb-rank hb-num">{n + 1}</div><div>'
                f'<div class="hb-post-meta">{html.platform(post.platform)}<span>{html.esc(i18n.time_text(post.created_at))}</span>{badge}</div>'
                f'<div class="hb-text hb-clamp">{html.esc(post.text)}</div></div>'
                f'<div class="hb-gain hb-num">+{number(post.gained)}<small>{html.esc(t(f"kpi.{measure}"))}</small></div></div>'
            )
            if st.button(t("movers.open"), key=f"open_{n}", type="tertiary", icon=":material/arrow_forward:"):
                state.go("dashboard/posts.py", of=whose, post=str(post.post_key))


page()
