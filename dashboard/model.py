"""モデルの成績: how well the scores are, where they fail, and what brands' own models did."""

from __future__ import annotations

import json
from typing import Any

from dashboard import data, html, i18n
from dashboard.frame import brand_name, current_view
from dashboard.i18n import number, percent, t
from dashboard.modelcard import show_card
from dashboard.stars import show_agreement

SHOWN_TRIALS = 12


def page() -> None:
    """Show the page."""
    meta = data.meta()
    card = _read(meta.get("model_card"))
    html.title(t("model.title"), t("model.note", version=str(card["model"])) if card.get("model") else "")
    if card:
        html.show(f'<div class="hb-quiet">{html.esc(t("model.how"))}</div>')
        show_card(card)
    else:
        html.empty(t("model.none"))
    show_agreement(current_view().filters)
    _brands(_read(meta.get("brand_models")))


def _read(text: str | None) -> dict[str, Any]:
    """Return the JSON object in ``text``; empty where there is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _brands(states: dict[str, Any]) -> None:
    """Show how each training of a brand's own model was judged, the latest first."""
    html.section(t("model.brands"))
    trials = [(brand, state, trial) for brand, state in states.items() for trial in reversed(state.get("trials", []))]
    if not trials:
        html.empty(t("model.brands.none"))
        return
    heads = ("sentiment", "stance")
    titles = [
        t("model.brand"),
        t("model.when"),
        t("model.labels"),
        *(f"{t(f'model.head.{head}')} {t('model.accuracy')}" for head in heads),
        t("model.verdict"),
    ]
    # the shipped model's part of the name that the scores carry
    scored_by = data.meta().get("model", "").partition("+")[0]
    body = "".join(_trial(brand, state, trial, heads, scored_by) for brand, state, trial in trials[:SHOWN_TRIALS])
    head = "".join(f"<th>{html.esc(title)}</th>" for title in titles)
    html.show(
        f'<div class="hb-table-wrap" tabindex="0" role="region" aria-label="{html.esc(t("model.brands"))}">'
        f'<table class="hb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _trial(brand: str, state: dict[str, Any], trial: dict[str, Any], heads: tuple[str, ...], scored_by: str) -> str:
    judged = trial["judgement"]
    cells = [brand_name(brand), i18n.time_text(data.moment(trial["at"])), f"{number(trial['learned'])}・{number(judged['held'])}"]
    for head in heads:
        found = judged["heads"].get(head)
        text = i18n.MISSING
        if found:
            gain = found["accuracy_gain"]
            change = (
                f"{i18n.signed(100 * gain['value'], 1, 'pt')} [{i18n.signed(100 * gain['low'], 1)}, {i18n.signed(100 * gain['high'], 1)}]"
            )
            text = f"{percent(found['accuracy_before'])} → {percent(found['accuracy_after'])}（{change}）"
        cells.append(text)
    used = bool(judged["taken"]) and trial["version"] is not None and trial["version"] == state.get("active")
    void = used and trial["base"] != scored_by
    verdict = html.esc(i18n.known(f"model.verdict.{judged['verdict']}", str(judged["verdict"])))
    mark = f' <span class="hb-tag">{html.esc(t("model.void" if void else "model.in_use"))}</span>' if used else ""
    return "<tr>" + "".join(f'<td class="t">{html.esc(cell)}</td>' for cell in cells) + f'<td class="w">{verdict}{mark}</td></tr>'


page()
