"""A list of posts to choose from, and the chosen one beside it (over it, on a phone)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import html, state
from dashboard.i18n import t

PAGE = 20


def page_of(total: int) -> tuple[int, int]:
    """Return the page that the URL asks for and how many there are, for ``total`` items."""
    pages = max(-(-total // PAGE), 1)
    asked = state.get("page")
    return min(max(int(asked), 1), pages) if asked.isdecimal() else 1, pages


def row(post_key: int, head: str, facts: list[tuple[str, str]], buttons: Callable[[], Any] | None = None) -> None:
    """Show one item of the list. ``head`` is HTML made by ``dashboard.html``; ``buttons`` puts further buttons beside "details"."""
    key = str(post_key)
    chosen = state.get("post") == key
    with st.container(border=True, key=f"row_chosen_{key}" if chosen else f"row_{key}", gap="xxsmall"):
        html.show(head)
        with st.container(horizontal=True, vertical_alignment="center"):
            shown = "".join(f"<span>{html.esc(name)} <b>{html.esc(value)}</b></span>" for name, value in facts)
            html.show(f'<div class="hb-facts">{shown}</div>', width="content")
            st.space("stretch")
            if buttons:
                buttons()
            st.button(t("movers.open"), key=f"choose_{key}", type="tertiary", icon=":material/chevron_right:", icon_position="right",
                      on_click=state.put, args=("post", key))  # fmt: skip


def pager(at: int, pages: int) -> None:
    """Show where in the list the reader is, with a way back and on."""
    if pages < 2:
        return

    def turn(to: int) -> None:
        state.put("page", str(to))
        state.put("post", "")

    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.button(t("posts.previous"), icon=":material/chevron_left:", on_click=turn, args=(at - 1,), disabled=at <= 1)
        html.show(f'<span class="hb-quiet hb-num">{at:,} / {pages:,}</span>')
        st.button(
            t("posts.next"), icon=":material/chevron_right:", icon_position="right", on_click=turn, args=(at + 1,), disabled=at >= pages
        )


def detail(first: int, show: Callable[[int], Any]) -> None:
    """Show the chosen post, or ``first`` where none is chosen (a phone then shows the list alone)."""
    chosen = state.get("post")
    with st.container(key="detail_chosen" if chosen else "detail_auto"):
        if chosen:
            st.button(t("posts.close"), icon=":material/close:", on_click=state.put, args=("post", ""), key="detail_close")
        show(int(chosen) if chosen.isdecimal() else first)
