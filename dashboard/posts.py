"""投稿: find posts, and see what one of them did."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import streamlit as st

from dashboard import data, html, i18n, rows, state
from dashboard.frame import brand_name, current_view
from dashboard.i18n import number, t
from dashboard.kpis import rate_text
from dashboard.palette import platform_name
from dashboard.post import show_post
from store.queries import What
from store.queries.posts import Sort

MOST = 20_000
KINDS: tuple[What, ...] = get_args(What)
SORTS: tuple[Sort, ...] = get_args(Sort)
MOODS = ("all", "positive", "neutral", "negative")
LOOKS = ("list", "table")


def page() -> None:
    """Show the page."""
    view = current_view()
    html.title(t("nav.posts"), f"{brand_name(view.filters.brand)}　{i18n.period_text(view.period.start, view.period.end)}")
    what, mood, sort, search = _controls()
    asked = (view.filters, what, None if mood == "all" else mood, search)
    total = int(data.ask("post_count", *asked)["posts"].iloc[0])
    if total == 0:
        html.empty(t("posts.none"))
        return
    if state.one_of("look", LOOKS) == "table":
        _found(total, t("posts.cut", n=number(MOST)) if total > MOST else "")
        _table(data.ask("post_list", *asked, sort, MOST), what)
        return
    at, pages = rows.page_of(total)
    found = data.ask("post_list", *asked, sort, rows.PAGE, rows.PAGE * (at - 1))
    listed, detail = st.columns([1.1, 1], gap="medium")
    with listed:
        _found(total)
        _list(found)
        rows.pager(at, pages)
    with detail:
        rows.detail(int(found["post_key"].iloc[0]), lambda key: show_post(key, view.filters))


def _found(total: int, more: str = "") -> None:
    html.show(f'<div class="hb-quiet" role="status">{html.esc(t("posts.found", n=f"{total:,}"))} {html.esc(more)}</div>')


def _list(found: pd.DataFrame) -> None:
    """Show a page of posts to choose from."""
    for post in data.records(found):
        badge = "" if post.own else html.mood(post.sentiment, post.unsure, post.confirmed)
        head = (
            f'<div class="hb-post-meta">{html.platform(post.platform)}<span>{html.esc(i18n.time_text(post.created_at))}</span>{badge}</div>'
            f'<div class="hb-text hb-clamp">{html.esc(post.text or "")}</div>'
        )
        facts = [
            (t("axis.views"), number(post.views)),
            (t("axis.reactions"), number(post.reactions)),
            (t("posts.column.rate"), rate_text(post.rate)),
        ]
        rows.row(post.post_key, head, facts)


def _controls() -> tuple[What, str, Sort, str]:
    with st.container(horizontal=True, vertical_alignment="center"):
        what = st.segmented_control(
            t("posts.of"),
            KINDS,
            required=True,
            format_func=i18n.labels("posts.of.", KINDS),
            label_visibility="collapsed",
            **state.seeded("of", state.one_of("of", KINDS)),
        )
        search = st.text_input(
            t("posts.search"),
            placeholder=t("posts.search.hint"),
            label_visibility="collapsed",
            icon=":material/search:",
            width=280,
            **state.seeded("q", state.get("q")),
        )
        mood = st.selectbox(
            t("axis.sentiment"),
            MOODS,
            format_func=i18n.labels("posts.mood.", MOODS),
            label_visibility="collapsed",
            width=150,
            **state.seeded("mood", state.one_of("mood", MOODS)),
        )
        sort = st.selectbox(
            t("posts.sort"),
            SORTS,
            format_func=i18n.labels("posts.sort.", SORTS),
            label_visibility="collapsed",
            width=180,
            **state.seeded("sort", state.one_of("sort", SORTS)),
        )
        st.segmented_control(
            t("posts.look"),
            LOOKS,
            required=True,
            format_func=i18n.labels("posts.look.", LOOKS),
            label_visibility="collapsed",
            **state.seeded("look", state.one_of("look", LOOKS)),
        )
    return what, mood, sort, search


def _table(found: pd.DataFrame, what: What) -> None:
    """Show the posts as a table, sent only as far as the reader scrolls."""
    shown = pd.DataFrame(
        {
            "at": found["created_at"] + pd.Timedelta(hours=9),
            "text": found["text"].fillna("").str.replace(r"\s+", " ", regex=True).str.slice(0, 140),
            "platform": found["platform"].map(platform_name),
            "views": found["views"],
            "reactions": found["reactions"],
            "rate": found["rate"] * 100,
            "mood": found["sentiment"].map(lambda mood: t(f"sentiment.{mood}") if mood in MOODS else ""),
        }
    )
    config = {
        "at": st.column_config.DatetimeColumn(t("posts.column.at"), format="M/D HH:mm", width=95),
        "text": st.column_config.TextColumn(t("posts.column.text"), width="large"),
        "platform": st.column_config.TextColumn(t("axis.platform"), width=95),
        "views": st.column_config.NumberColumn(t("axis.views"), format="localized", width=85),
        "reactions": st.column_config.NumberColumn(t("axis.reactions"), format="localized", width=75),
        "rate": st.column_config.NumberColumn(t("posts.column.rate"), format="%.2f%%", width=75),
        "mood": st.column_config.TextColumn(t("axis.sentiment"), width=75),
    }
    columns = [name for name in config if name != "mood" or what != "own"]
    st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        column_order=columns,
        height=640,
        lazy=True,
        placeholder=i18n.MISSING,
        alt=t("posts.table.alt"),
    )


page()
