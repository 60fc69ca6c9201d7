"""ラベル付け: one post at a time, answered by two keys, so that the brand's own view comes back into the scores."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.active import Ask, is_held, plan
from dashboard import data, html, i18n, labels, state
from dashboard.frame import brand_name, current_view
from dashboard.i18n import number, t
from store.labels import SENTIMENTS, STANCES, Drawn, Label
from store.queries import Filters

POOL = 1500
HANDFUL = 10
GOAL = 200
"""So many labels are a good start: six in ten teach, three in ten measure."""
RECENT = 6
MOOD_KEYS = {"positive": "1", "neutral": "2", "negative": "3"}
STANCE_KEYS = {"promoter": "4", "critic": "5", "request": "6", "none": "7"}
_ICONS = {"positive": "sentiment_satisfied", "neutral": "sentiment_neutral", "negative": "sentiment_dissatisfied"}


def page() -> None:
    """Show the page."""
    filters = current_view().filters
    name = brand_name(filters.brand)
    html.title(t("label.title"), t("label.note", name=name))
    labels.show_error()
    actor = st.text_input(
        t("desk.who"), placeholder=t("desk.who.hint"), label_visibility="collapsed", icon=":material/person:", width=270, max_chars=40,
        **state.seeded("me", state.get("me")),
    ).strip()  # fmt: skip
    found = data.ask_now("labelled", data.pending_events(), filters.brand)
    held = sum(is_held(filters.brand, text) for text in found["text"])
    _progress(filters.brand, len(found), held)
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        ask = _asked(filters, found)
        if ask is None:
            html.empty(t("label.none"))
        else:
            _card(ask, filters, actor, name)
    with right:
        _help(filters.brand, len(found))
        _recent(found, filters.brand, actor)


def _progress(brand: str, made: int, held: int) -> None:
    text = t("label.progress", made=number(made), learn=number(made - held), held=number(held))
    share = min(1.0, made / GOAL)
    html.show(
        f'<div class="hb-quiet" role="status">{html.esc(text)}</div><div class="hb-bar" role="progressbar" aria-label="{html.esc(t("label.title"))}" '
        f'aria-valuemin="0" aria-valuemax="{GOAL}" aria-valuenow="{min(made, GOAL)}"><span style="width:{100 * share:.1f}%"></span></div>'
    )


# --- what is asked


def _queue(filters: Filters) -> list[Ask]:
    """The posts in hand, in order; another brand or platform starts another one."""
    key = (filters.brand, filters.platforms)
    if st.session_state.get("label_of") != key:
        st.session_state["label_of"] = key
        st.session_state["label_queue"], st.session_state["label_rows"] = [], {}
        st.session_state["label_skipped"], st.session_state["label_done"] = set(), []
        st.session_state["label_pool"] = (None, None)
    queue: list[Ask] = st.session_state["label_queue"]
    return queue


def _asked(filters: Filters, found: Any) -> Ask | None:
    """Return the post to ask about now, None where there is none left."""
    queue = _queue(filters)
    if not queue:
        pool = _pool(filters)
        passed = st.session_state["label_skipped"] | {ask.post_key for ask in st.session_state["label_done"]}
        asks = plan(pool[~pool["post_key"].isin(passed)], filters.brand, found["text"].tolist(), HANDFUL)
        wanted = {ask.post_key for ask in asks}
        rows = {int(row.post_key): row for row in data.records(pool) if row.post_key in wanted}
        queue += asks
        st.session_state["label_rows"] |= rows
    return queue[0] if queue else None


def _pool(filters: Filters) -> pd.DataFrame:
    """Return what may be asked about; looked up anew with every published file (a second or two with 300,000 mentions)."""
    version, pool = st.session_state["label_pool"]
    if pool is None or version != data.shown_version():
        pool = data.ask_now("label_pool", data.pending_events(), filters.brand, filters.platforms, POOL)
        st.session_state["label_pool"] = (data.shown_version(), pool)
    frame: pd.DataFrame = pool
    return frame


def _answer(label: Label | None, filters: Filters, actor: str, ask: Ask) -> None:
    """Keep the answer (None: skipped) and go on to the next post."""
    if label is None:
        st.session_state["label_skipped"].add(ask.post_key)
    elif not labels.write(ask.post_key, filters.brand, actor, label):
        return
    else:
        st.session_state["label_done"].append(ask)
    st.session_state["label_queue"] = [one for one in st.session_state["label_queue"] if one.post_key != ask.post_key]
    st.session_state.pop("label_mood", None)


def _back(filters: Filters, actor: str) -> None:
    """Take the last answer back and ask again."""
    done: list[Ask] = st.session_state["label_done"]
    st.session_state.pop("label_mood", None)
    if done and labels.write(done[-1].post_key, filters.brand, actor, None):
        st.session_state["label_queue"].insert(0, done.pop())


def _feel(mood: str) -> None:
    st.session_state["label_mood"] = mood


# --- what is shown


def _card(ask: Ask, filters: Filters, actor: str, name: str) -> None:
    row = st.session_state["label_rows"][ask.post_key]
    mood = st.session_state.get("label_mood")
    with st.container(border=True, key="label_card"):
        reason = f'<span class="hb-tag">{html.esc(t(f"label.why.{ask.drawn}"))}</span>'
        html.show(
            f'<div class="hb-post-meta">{html.platform(row.platform)}<span>{html.esc(i18n.day_text(row.day.date()))}</span>{reason}</div>'
            f'<div class="hb-text hb-big">{html.esc(row.text)}</div>'
        )
        helped = None if actor else t("desk.who.needed")
        html.show(f'<h2 class="hb-sub">{html.esc(t("label.ask.sentiment"))}</h2>')
        with st.container(horizontal=True, key="label_moods"):
            for one in SENTIMENTS:
                st.button(
                    t(f"sentiment.{one}"), key=f"mood_{one}", icon=f":material/{_ICONS[one]}:", shortcut=MOOD_KEYS[one], width="stretch",
                    type="primary" if mood == one else "secondary", disabled=not actor, help=helped, on_click=_feel, args=(one,),
                )  # fmt: skip
        html.show(f'<h2 class="hb-sub">{html.esc(t("label.ask.stance", name=name))}</h2>')
        drawn: Drawn = ask.drawn
        with st.container(horizontal=True, key="label_stances"):
            for one in STANCES:
                label = Label(mood, one, drawn=drawn)
                st.button(
                    t(f"label.stance.{one}"), key=f"stance_{one}", shortcut=STANCE_KEYS[one], width="stretch", disabled=not actor or not mood,
                    help=helped or (None if mood else t("label.mood_first")), on_click=_answer, args=(label, filters, actor, ask),
                )  # fmt: skip
        with st.container(horizontal=True, key="label_others"):
            _other("off", "x", "block", Label(relevant=False, drawn=drawn), filters, actor, ask)
            _other("skip", "s", "skip_next", None, filters, actor, ask)
            st.button(
                t("label.undo"), key="label_undo", icon=":material/undo:", shortcut="z", type="tertiary", on_click=_back, args=(filters, actor),
                disabled=not actor or not st.session_state["label_done"],
            )  # fmt: skip
        if not actor:
            html.show(f'<div class="hb-quiet">{html.esc(t("desk.who.needed"))}</div>')


def _other(name: str, key: str, icon: str, label: Label | None, filters: Filters, actor: str, ask: Ask) -> None:
    st.button(
        t(f"label.do.{name}"), key=f"label_{name}", icon=f":material/{icon}:", shortcut=key, type="tertiary", disabled=not actor,
        on_click=_answer, args=(label, filters, actor, ask),
    )  # fmt: skip


def _help(brand: str, made: int) -> None:
    """Say how to answer, and what comes of it."""
    keys = [
        (" ".join(MOOD_KEYS.values()), t("label.keys.mood")),
        (" ".join(STANCE_KEYS.values()), t("label.keys.stance")),
    ]
    keys += [("X", t("label.do.off")), ("S", t("label.do.skip")), ("Z", t("label.undo"))]
    shown = "".join(f"<li><kbd>{html.esc(key)}</kbd> {html.esc(text)}</li>" for key, text in keys)
    command = f"<code>hibiki train --brand {html.esc(brand)}</code>"
    learn = html.esc(t("label.learn" if made >= 30 else "label.learn.later", command="\x00")).replace("\x00", command)
    html.show(
        f'<h2 class="hb-sub">{html.esc(t("label.how"))}</h2><ul class="hb-plain hb-keys">{shown}</ul>'
        f'<div class="hb-quiet">{html.esc(t("label.rule"))}</div><div class="hb-quiet">{html.esc(t("label.held"))}</div><div class="hb-quiet">{learn}</div>'
    )


def _recent(found: Any, brand: str, actor: str) -> None:
    """Show the latest labels."""
    if found.empty:
        return
    items = "".join(
        f'<li><b>{html.esc(labels.said(row.sentiment, row.stance, row.relevant))}</b> <span class="hb-quiet">{html.esc(row.actor)} · '
        f'{html.esc(i18n.ago(row.labelled_at))}</span><div class="hb-quiet">{html.esc(str(row.text)[:60])}</div></li>'
        for row in data.records(found.head(RECENT))
    )
    html.show(f'<h2 class="hb-sub">{html.esc(t("label.recent"))}</h2><ul class="hb-log">{items}</ul>')


page()
