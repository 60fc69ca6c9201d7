"""Writing labels, and the words for them: the review desk and the labelling page share this."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, html, i18n
from dashboard.i18n import t
from store.errors import StoreError
from store.labels import SENTIMENTS, STANCES, Label, label_event, read_label

NOT_ABOUT = "off"


def write(post_key: int, brand: str, actor: str, label: Label | None) -> bool:
    """Land a label (None takes it back); the page that follows counts it. Say what is wrong, and return False, where it cannot be kept."""
    try:
        data.inbox(str(data.home().root)).land([label_event(post_key, brand, actor, label)])
    except StoreError as error:
        st.session_state["label_error"] = error.text(i18n.language())
        return False
    return True


def show_error() -> None:
    """Show what went wrong with the last label, once."""
    if error := st.session_state.pop("label_error", None):
        st.error(error)


def words_of(value: object) -> str:
    """Return a label event's value in the reader's language: 否定的・批判."""
    label = read_label(value if isinstance(value, str) else None)
    if label is None:
        return t("label.taken_back")
    return said(label.sentiment, label.stance, label.relevant)


def said(sentiment: object, stance: object, relevant: object = True) -> str:
    """Return what was said of a post in the reader's language."""
    if not relevant:
        return t("label.off")
    parts = [t(f"sentiment.{sentiment}")] if isinstance(sentiment, str) else []
    parts += [i18n.known(f"stance.{stance}", stance)] if isinstance(stance, str) else []
    return t("label.and").join(parts)


def current(pending: pd.DataFrame, post_key: int, brand: str) -> Any | None:
    """Return the label of a post toward ``brand`` (``store.queries.label_of``), or None."""
    found = data.ask_now("label_of", pending, post_key, brand)
    return None if found.empty else found.iloc[0]


def editor(post_key: int, brand: str, actor: str, pending: pd.DataFrame) -> None:
    """Show the control that corrects the score of one post."""
    now = current(pending, post_key, brand)
    if now is not None:
        text = t("label.by", label=said(now["sentiment"], now["stance"], now["relevant"]), actor=now["actor"])
        html.show(f'<div class="hb-quiet"><span class="hb-tag">{html.esc(t("label.confirmed"))}</span> {html.esc(text)}</div>')
    with st.popover(t("label.correct"), icon=":material/edit:", disabled=not actor, help=None if actor else t("desk.who.needed")):
        before = {
            name: now[name] if now is not None and now["relevant"] and isinstance(now[name], str) else None
            for name in ("sentiment", "stance")
        }
        mood = st.segmented_control(
            t("label.sentiment"), SENTIMENTS, format_func=i18n.labels("sentiment.", SENTIMENTS), key=f"label_mood_{post_key}",
            default=before["sentiment"],
        )  # fmt: skip
        stance = st.segmented_control(
            t("label.stance"), STANCES, format_func=i18n.labels("stance.", STANCES), key=f"label_stance_{post_key}",
            default=before["stance"],
        )  # fmt: skip
        with st.container(horizontal=True):
            if st.button(t("label.save"), key=f"label_save_{post_key}", type="primary", disabled=not (mood or stance)):
                _save(post_key, brand, actor, Label(mood, stance))
            if st.button(t("label.is_off"), key=f"label_off_{post_key}", icon=":material/block:"):
                _save(post_key, brand, actor, Label(relevant=False))
            if now is not None and st.button(t("label.take_back"), key=f"label_back_{post_key}", icon=":material/undo:"):
                _save(post_key, brand, actor, None)


def _save(post_key: int, brand: str, actor: str, label: Label | None) -> None:
    if write(post_key, brand, actor, label):
        st.toast(t("label.saved") if label else t("label.taken_back"), icon=":material/check:")
    st.rerun()
