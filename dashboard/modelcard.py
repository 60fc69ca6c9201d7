"""The shipped model's card, drawn from its machine-readable form (nlp/model/card.json, by way of the store's ``meta``).

The card is data of another room and may be of another version: a part that is missing or shaped otherwise is left out, the rest is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import html, i18n, modelcharts
from dashboard.i18n import known, number, percent, t

HEADS = ("sentiment", "stance", "mention_type")
_NAMES = {
    "sentiment": "sentiment.{}",
    "stance": "stance.{}",
    "mention_type": "type.{}",
    "phases": "journey.{}",
    "intents": "intent.{}",
}
WRONG = 12


def show_card(card: dict[str, Any]) -> None:
    """Show the figures of the card, part by part."""
    for part in (_heads, _classes, _journey, _plots, _phenomena, _outside, _peers, _wrong):
        _if_there(part, card)


def _if_there(part: Callable[[dict[str, Any]], None], card: dict[str, Any]) -> None:
    try:
        part(card)
    except (KeyError, TypeError, IndexError, AttributeError):
        return  # not in this card, or in another shape


def figure(told: dict[str, Any], digits: int = 1) -> str:
    """Return a share of the card with its interval: 72.7% [70.5%–75.0%]."""
    return f"{percent(told['value'], digits)} [{percent(told['low'], digits)}–{percent(told['high'], digits)}]"


def f1(told: dict[str, Any]) -> tuple[str, str]:
    """Return the macro-F1 of a result of the card, and its interval: 0.73, [0.70–0.75]."""
    score = told["macro_f1"]
    return f"{score['value']:.2f}", f"[{score['low']:.2f}–{score['high']:.2f}]"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], name: str, numbers: int) -> None:
    """Show a table; the last ``numbers`` columns are numbers."""
    first = len(titles) - numbers

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="{"n" if at >= first else "w" if tag == "td" else ""}">{html.esc(cell)}</{tag}>' for at, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    html.show(
        f'<div class="hb-table-wrap" tabindex="0" role="region" aria-label="{html.esc(name)}"><table class="hb-table">'
        f"<thead><tr>{cells(titles, 'th')}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _measured(card: dict[str, Any]) -> list[str]:
    return [head for head in HEADS if head in card["held_out"]]


def _heads(card: dict[str, Any]) -> None:
    facts = []
    for head in _measured(card):
        told = card["held_out"][head]
        value, interval = f1(told)
        facts.append(
            f'<div class="hb-fact"><dt>{html.esc(t(f"model.head.{head}"))}</dt><dd>{html.esc(t("model.f1"))} {value}'
            f"<small>{interval}</small>"
            f"<small>{html.esc(t('model.accuracy'))} {html.esc(figure(told['accuracy'], 0))}</small>"
            f"<small>{html.esc(t('model.posts', n=number(told['n'])))}</small>{_readers(card, head)}</dd></div>"
        )
    html.show(f'<dl class="hb-facts-grid hb-three">{"".join(facts)}</dl>')


def _readers(card: dict[str, Any], head: str) -> str:
    """How far those agree who read the same posts, and the model with them."""
    try:
        found = {row["name"]: [value for value in row[head].values() if value is not None] for row in card["readers"]}
        ours, theirs = found.pop("model"), [value for values in found.values() for value in values]
        spans = {name: f"{min(values):.2f}–{max(values):.2f}" for name, values in (("ours", ours), ("theirs", theirs))}
    except (KeyError, TypeError, AttributeError, ValueError):
        return ""  # not in this card
    return f"<small>{html.esc(t('model.readers', **spans))}</small>"


def _classes(card: dict[str, Any]) -> None:
    _by_class("model.by_class", {head: list(card["held_out"][head]["per_class"].items()) for head in _measured(card)})


def _journey(card: dict[str, Any]) -> None:
    """Phases and intents, of which a post may have several; the most frequent first."""
    kinds = {kind: sorted(card[kind], key=lambda one: -one["n"]) for kind in ("phases", "intents")}
    _by_class("model.journey", {kind: [(one["name"], one) for one in found] for kind, found in kinds.items()})


def _by_class(section: str, told: dict[str, list[tuple[str, dict[str, Any]]]]) -> None:
    """How often each class is right where it is said, and how often it is found: a tab for each kind of classes."""
    rows = {
        kind: [
            [known(_NAMES[kind].format(name), name), *(percent(one[key], 0) for key in ("precision", "recall", "f1")), number(one["n"])]
            for name, one in classes
        ]
        for kind, classes in told.items()
    }
    html.section(t(section), t(f"{section}.note"))
    titles = [t("model.class"), t("model.precision"), t("model.recall"), t("model.f1.class"), t("model.n")]
    for tab, kind in zip(st.tabs([t(f"model.head.{kind}") for kind in rows]), rows, strict=True):
        with tab:
            table(titles, rows[kind], t(f"model.head.{kind}"), 4)


def _phenomena(card: dict[str, Any]) -> None:
    rows = []
    for one in card["phenomena"]:
        told = one["held_out"]["sentiment"]
        if told and told["n"]:
            name = one["japanese"] if i18n.language() == "ja" else one["title"]
            rows.append((float(told["accuracy"]["value"]), [name, figure(told["accuracy"], 0), number(told["n"])]))
    if rows:
        html.section(t("model.slices"))
        table(
            [t("model.slice"), t("model.accuracy"), t("model.n")],
            [row for _, row in sorted(rows, key=lambda row: row[0])],
            t("model.slices"),
            2,
        )


def _plots(card: dict[str, Any]) -> None:
    calibration, abstention = card["calibration"]["held_out"], card["abstention"]["held_out"]
    bins = pd.DataFrame([one for one in calibration["bins"] if one["n"]]).rename(columns={"mean": "said", "accuracy": "right"})
    bins = bins.assign(said_text=[percent(v, 0) for v in bins["said"]], right_text=[percent(v, 0) for v in bins["right"]])
    curve = pd.DataFrame(abstention["curve"])
    curve = curve.assign(share_text=[percent(v, 0) for v in curve["share"]], accuracy_text=[percent(v, 0) for v in curve["accuracy"]])
    left, right = st.columns(2, gap="medium")
    with left:
        html.section(t("model.calibration"), t("model.calibration.note", ece=f"{calibration['ece']:.3f}"))
        html.chart(modelcharts.reliability(bins), alt=t("model.chart.reliability", n=number(calibration["n"])))
    with right:
        html.section(t("model.coverage"), t("model.coverage.note"))
        html.chart(modelcharts.coverage(curve), alt=t("model.chart.coverage"))


def _outside(card: dict[str, Any]) -> None:
    """Figures on data from elsewhere, which the model was never trained or tuned on."""
    rows = []
    for one in card["outside"]:
        name = _data_name(one["name"]) + ("" if one["model"] == card["model"] else t("model.outside.earlier"))
        for head in ("sentiment", "stance"):
            if told := one.get(head):
                rows.append(
                    [
                        f"{name} · {t(f'model.head.{head}')}",
                        " ".join(f1(told)),
                        figure(told["accuracy"], 0),
                        number(told["n"]),
                    ]
                )
    if rows:
        html.section(t("model.outside"), t("model.outside.note"))
        table([t("model.data"), t("model.f1"), t("model.accuracy"), t("model.n")], rows, t("model.outside"), 3)


def _data_name(name: str) -> str:
    return known(f"model.data.{name}", name)


def _peers(card: dict[str, Any]) -> None:
    """Other tools on the same posts, with this model among them where it was measured on those, too."""
    peers = [peer for peer in card["peers"] if peer.get("sentiment")]
    if not peers:
        return
    html.section(t("model.peers"))
    ours = {
        "held-out": card["held_out"]["sentiment"],
        **{one["name"]: one["sentiment"] for one in card["outside"] if one["model"] == card["model"]},
    }
    theirs = [(f"{peer['name']} {peer.get('version') or ''}".strip(), str(peer.get("data") or ""), peer["sentiment"]) for peer in peers]
    asked = dict.fromkeys(name for _, name, _ in theirs)
    compared = [(f"Hibiki {card['model']}", name, ours[name]) for name in asked if name in ours] + theirs
    rows = [
        [f"{tool} · {_data_name(name)}", " ".join(f1(told)), percent(told["accuracy"]["value"], 0), number(told["n"])]
        for tool, name, told in compared
    ]
    table([t("model.peer"), t("model.f1"), t("model.accuracy"), t("model.n")], rows, t("model.peers"), 3)


def _wrong(card: dict[str, Any]) -> None:
    examples = card["wrong"]["examples"][:WRONG]
    html.section(t("model.wrong"), t("model.wrong.note"))
    moods = {name: t(f"sentiment.{name}") for name in ("positive", "neutral", "negative")}
    rows = [[str(one["text"]), moods[one["reader"]], f"{moods[one['model']]} {percent(one['probability'], 0)}"] for one in examples]
    table([t("model.text"), t("model.truth"), t("model.said")], rows, t("model.wrong"), 2)
