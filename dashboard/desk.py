"""要対応: what somebody should look at, who takes it, and what was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, get_args
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import data, html, i18n, labels, rows, state
from dashboard.frame import brand_name, current_view
from dashboard.i18n import number, t
from dashboard.post import show_post
from store.errors import StoreError
from store.queries.desk import CaseSort
from store.records import ReviewAction, ReviewEvent

DAYS = 30
STATES = ("open", "taken", "closed", "all")
SORTS: tuple[CaseSort, ...] = get_args(CaseSort)
LOG = 12
ACTIONS: dict[str, tuple[ReviewAction, ...]] = {"open": ("take", "close"), "taken": ("close", "reopen"), "closed": ("reopen",)}
"""What can be done with a case in each state."""


def page() -> None:
    """Show the page."""
    view = current_view()
    brand = view.filters.brand
    html.title(t("desk.title"), t("desk.note", name=brand_name(brand), days=DAYS))
    actor, wanted, sort = _controls()
    if error := st.session_state.pop("desk_error", None):
        st.error(error)
    labels.show_error()
    pending = data.pending_events()
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=DAYS)
    found = data.ask_now("cases", pending, brand, view.filters.platforms, sort, since)
    counts = {name: int((found["state"] == name).sum()) for name in ("open", "taken", "closed")}
    html.show(f'<div class="hb-quiet" role="status">{html.esc(t("desk.counts", **{k: f"{v:,}" for k, v in counts.items()}))}</div>')
    shown = found if wanted == "all" else found[found["state"] == wanted]
    listed, detail = st.columns([1.1, 1], gap="medium")
    chosen = state.get("post")
    with listed:
        if shown.empty:
            html.empty(t("desk.none.open" if wanted == "open" else "desk.none"))
        at, pages = rows.page_of(len(shown))
        for case in data.records(shown.iloc[rows.PAGE * (at - 1) : rows.PAGE * at]):
            _row(case, actor, brand)
        rows.pager(at, pages)
    with detail:
        if chosen or len(shown):
            first = int(shown["post_key"].iloc[0]) if len(shown) else 0
            rows.detail(first, lambda key: _case(key, found, pending, actor, view.filters))
        _log(pending, brand)


def _controls() -> tuple[str, str, CaseSort]:
    with st.container(horizontal=True, vertical_alignment="center"):
        actor = st.text_input(
            t("desk.who"), placeholder=t("desk.who.hint"), label_visibility="collapsed", icon=":material/person:", width=270, max_chars=40,
            **state.seeded("me", state.get("me")),
        ).strip()  # fmt: skip
        wanted = st.segmented_control(
            t("desk.state"), STATES, required=True, format_func=i18n.labels("state.", STATES), label_visibility="collapsed",
            **state.seeded("state", state.one_of("state", STATES)),
        )  # fmt: skip
        sort = st.selectbox(
            t("desk.sort"), SORTS, format_func=i18n.labels("desk.sort.", SORTS), label_visibility="collapsed", width=265,
            **state.seeded("sort", state.one_of("sort", SORTS)),
        )  # fmt: skip
    return actor, wanted, sort


def _write(action: ReviewAction, post_key: int, brand: str, actor: str, value: str | None = None) -> None:
    """Land one event in the inbox; the page that follows shows it at once."""
    event = ReviewEvent(event_id=uuid4().hex, post_key=post_key, brand=brand, at=datetime.now(UTC), actor=actor, action=action, value=value)
    try:
        data.inbox(str(data.home().root)).land([event])
    except StoreError as error:
        st.session_state["desk_error"] = error.text(i18n.language())
        return
    st.toast(t(f"desk.done.{action}"), icon=":material/check:")


def _save_note(post_key: int, brand: str, actor: str, key: str) -> None:
    text = str(st.session_state.get(key, "")).strip()
    if text:
        _write("note", post_key, brand, actor, text)
        st.session_state[key] = ""


def _button(action: ReviewAction, post_key: int, brand: str, actor: str, key: str, primary: bool = False) -> None:
    icons = {"take": "person_add", "close": "check_circle", "reopen": "undo", "note": "edit_note", "label": "label"}
    st.button(
        t(f"desk.{action}"), key=f"{key}_{action}_{post_key}", icon=f":material/{icons[action]}:", type="primary" if primary else "secondary",
        disabled=not actor, help=None if actor else t("desk.who.needed"), on_click=_write, args=(action, post_key, brand, actor),
    )  # fmt: skip


def _state(case: Any) -> str:
    """Return a case's state, and who has it, as a badge."""
    name = t(f"state.{case.state}")
    text = t("desk.by", state=name, actor=case.actor) if case.state != "open" and isinstance(case.actor, str) else name
    return f'<span class="hb-mood {"negative" if case.state == "open" else "positive" if case.state == "taken" else "none"}">{html.esc(text)}</span>'


def _row(case: Any, actor: str, brand: str) -> None:
    note = f'<div class="hb-quiet">{html.esc(t("desk.note.field"))}: {html.esc(case.note)}</div>' if isinstance(case.note, str) else ""
    head = (
        f'<div class="hb-post-meta">{_state(case)}{html.platform(case.platform)}<span>{html.esc(i18n.ago(case.created_at))}</span>'
        f'<span>{html.esc(html.rules(case.rules))}</span></div><div class="hb-text hb-clamp three">{html.esc(case.text or "")}</div>{note}'
    )
    facts = [(t("axis.views"), number(case.views)), (t("axis.reactions"), number(case.reactions))]
    if case.repeated:
        facts.append((t("desk.repeated"), number(case.repeated)))
    action: ReviewAction | None = {"open": "take", "taken": "close"}.get(case.state)  # type: ignore[assignment]
    rows.row(case.post_key, head, facts, partial(_button, action, case.post_key, brand, actor, "row") if action else None)


def _case(post_key: int, found: pd.DataFrame, pending: pd.DataFrame, actor: str, filters: Any) -> None:
    """Show one case whole: what can be done, the note, the history, the post."""
    match = found[found["post_key"] == post_key]
    if match.empty:
        html.empty(t("post.gone"))
        return
    case = next(data.records(match))
    with st.container(border=True, key="case_actions"):
        html.show(
            f'<div class="hb-post-meta">{_state(case)}<span>{html.esc(t("desk.flagged", rule=html.rules(case.rules) or i18n.MISSING))}</span></div>'
        )
        with st.container(horizontal=True):
            for n, action in enumerate(ACTIONS[case.state]):
                _button(action, post_key, filters.brand, actor, "case", primary=n == 0)
        labels.editor(post_key, filters.brand, actor, pending)
        key = f"note_{post_key}"
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(t("desk.note.field"), key=key, placeholder=t("desk.note.hint"), max_chars=1000, disabled=not actor)
            st.button(
                t("desk.note.save"),
                key=f"save_{post_key}",
                disabled=not actor,
                on_click=_save_note,
                args=(post_key, filters.brand, actor, key),
            )
        if not actor:
            html.show(f'<div class="hb-quiet">{html.esc(t("desk.who.needed"))}</div>')
        history = data.ask_now("case_history", pending, post_key, filters.brand)
        items = "".join(_event(event) for event in data.records(history)) or f"<li>{html.esc(t('desk.history.none'))}</li>"
        html.show(f'<h3 class="hb-sub">{html.esc(t("desk.history"))}</h3><ul class="hb-log">{items}</ul>')
    show_post(post_key, filters)


def _event(event: Any, text: str = "") -> str:
    value = labels.words_of(event.value) if event.action == "label" else event.value if event.action in ("note", "close") else None
    said = f"：{html.esc(value)}" if isinstance(value, str) else ""
    return (
        f'<li><span class="hb-quiet hb-num">{html.esc(i18n.time_text(event.at))}</span> <b>{html.esc(event.actor)}</b> '
        f"{html.esc(i18n.known(f'action.{event.action}', str(event.action)))}{said}{text}</li>"
    )


def _log(pending: pd.DataFrame, brand: str) -> None:
    """Show what was done lately, whatever the case."""
    log = data.ask_now("audit_log", pending, brand, LOG)
    if log.empty:
        return
    items = "".join(_event(event, f' <span class="hb-quiet">{html.esc(str(event.text or "")[:40])}</span>') for event in data.records(log))
    html.section(t("desk.log"))
    html.show(f'<ul class="hb-log">{items}</ul>')


page()
