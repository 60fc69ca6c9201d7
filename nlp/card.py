"""The model card: nlp/model/card.json (every figure, for programs) and CARD.md (the same for people).

`python -m nlp.card` writes both anew from card.json and the small files beside it, which others keep: outside.json
(`python -m nlp.evaluate --tsv … --keep`) and peers.json (`python -m bench.peers`).

card.json (`format` 1). A figure is {value, low, high} (bootstrap 95 %); a result {n, accuracy, macro_f1, classes, per_class: {name: {precision, recall, f1, n}}, confusion}
with the truth in rows and a last column for "none of these"; a slice {n, accuracy, macro_f1}.

    model                 version
    data                  training, held_out: {posts, files, industries, everyday, ironic, sentiment, stance, mention_type}; held_out_industries, held_out_batches
    held_out              sentiment, stance, mention_type: a result each
    cross_validation      the same, in the training part, 3 or 5 folds by writer
    readers               [{name, sentiment, stance, mention_type: {reader: macro-F1 against that reader, null for oneself}}], three readers and the model
    parts                 [{part, …a slice}] of sentiment on held-out posts
    phenomena             [{name, title, japanese, rule, held_out, cross_validation: {n, sentiment: slice or null, stance: slice or null}}]
    phases, intents       [{name, precision, recall, f1, n}] on held-out posts
    calibration           held_out, cross_validation: {n, ece, bins: [{low, high, n, mean, accuracy}]} of the top probability of sentiment
    abstention            limits; held_out, cross_validation: {n, left, accuracy_of_the_rest, accuracy_of_all, curve: [{share, accuracy}]}
    learning_curve        [{posts, sentiment, stance, mention_type}] macro-F1 on held-out posts
    wrong                 {n, wrong, flips, examples: [{text, reader, model, probability, irony}]} on held-out posts
    outside               [{name, about, model, looks, sentiment: result, stance: result or null}], or []
    peers                 [{name, version, data, note, n, posts_a_second, sentiment: slice}], or []
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nlp.evaluate import Result, as_dict
from nlp.storage import MODEL_DIR

CARD, FIGURES, OUTSIDE, PEERS = "CARD.md", "card.json", "outside.json", "peers.json"
_HEADS = {"sentiment": "Sentiment", "stance": "Stance", "mention_type": "Mention type"}


def write_card(figures: dict[str, Any], folder: Path = MODEL_DIR) -> None:
    """Write card.json and CARD.md into `folder`."""
    figures = figures | {name: _beside(folder / file) for name, file in (("outside", OUTSIDE), ("peers", PEERS))}
    (folder / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / CARD).write_text(render(figures), encoding="utf-8")


def read_figures(folder: Path = MODEL_DIR) -> dict[str, Any]:
    """Return the figures of card.json. Raises FileNotFoundError."""
    figures: dict[str, Any] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    return figures


def keep_outside(name: str, model: str, results: Mapping[str, Result | None], folder: Path = MODEL_DIR) -> None:
    """Keep the figures of an outside yardstick in outside.json and renew the card. `about` and `looks` (how often it was looked at while this model was made) are
    written by hand there."""
    rows = _beside(folder / OUTSIDE)
    row = next((row for row in rows if row["name"] == name), None)
    if row is None:
        rows.append(row := {"name": name, "about": "", "looks": 0})
    row |= {"model": model, **{head: result and as_dict(result) for head, result in results.items()}}
    row["looks"] += 1
    (folder / OUTSIDE).write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_card(read_figures(folder), folder)


def _beside(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def render(card: dict[str, Any]) -> str:
    """Return CARD.md for these figures."""
    lines = ["# Model card", "", f"Model `{card['model']}`, written by `hibiki train`. Intervals are bootstrap 95 %.", ""]
    lines += _data(card["data"])
    if "held_out" in card:
        lines += ["## On held-out files", ""]
        for name, title in _HEADS.items():
            lines += [f"### {title}", "", *_result(card["held_out"][name]), ""]
        if "readers" in card:
            lines += _readers(card["readers"])
        lines += _table(
            "### Sentiment by part", ("part", "n", "accuracy", "macro-F1"), [[row["part"], *_cells(row)] for row in card["parts"]]
        )
    lines += _phenomena(card["phenomena"])
    for title, name in (("Phases", "phases"), ("Intents", "intents")):
        rows = [[row["name"], *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), row["n"]] for row in card.get(name, [])]
        if rows:
            lines += _table(f"### {title} (several at once, held-out posts)", ("", "precision", "recall", "F1", "n"), rows)
            lines += ["Learnt only from batches where they were given by one rule (docs/labelling.md).", ""]
    lines += _calibration(card)
    rows = [[name, shown(result["accuracy"]), shown(result["macro_f1"])] for name, result in card["cross_validation"].items()]
    lines += _table("## Cross-validation in the training part (3 or 5 folds by writer)", ("", "accuracy", "macro-F1"), rows)
    lines += ["Intervals here draw whole files.", ""]
    curve = [[row["posts"], *(f"{row[name]:.3f}" for name in _HEADS)] for row in card["learning_curve"]]
    if curve:
        lines += _table("## Learning curve (macro-F1 on held-out posts)", ("training posts", "sentiment", "stance", "type"), curve)
    lines += _outside(card["outside"], card["model"]) + _peers(card["peers"])
    if card["wrong"]["examples"]:
        lines += _wrong(card["wrong"])
    return "\n".join(lines).rstrip() + "\n"


def shown(figure: dict[str, float]) -> str:
    """Write a figure with its interval."""
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _cells(part: dict[str, Any] | None) -> list[object]:
    return ["–", "–", "–"] if part is None else [part["n"], shown(part["accuracy"]), shown(part["macro_f1"])]


def _table(title: str, header: tuple[str, ...], rows: list[list[Any]]) -> list[str]:
    lines = [title, "", "| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    return [*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows), ""]


def _result(result: dict[str, Any]) -> list[str]:
    lines = [f"n = {result['n']}, accuracy {shown(result['accuracy'])}, macro-F1 {shown(result['macro_f1'])}", ""]
    rows = [[name, *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), row["n"]] for name, row in result["per_class"].items()]
    lines += _table("", ("class", "precision", "recall", "F1", "n"), rows)[2:]
    confusion = [[name, *cells] for name, cells in zip(result["classes"], result["confusion"], strict=True)]
    return [*lines, *_table("Confusion (rows: truth, last column: unscored or other):", ("", *result["classes"], "other"), confusion)[:-1]]


def _data(data: dict[str, Any]) -> list[str]:
    parts = [data["training"], data["held_out"]]
    rows: list[list[Any]] = [[name, *(part[name] for part in parts)] for name in ("posts", "files", "industries", "everyday", "ironic")]
    rows += [[name, *(", ".join(f"{label} {count}" for label, count in part[name].items()) for part in parts)] for name in _HEADS]
    return [
        "## Data and split",
        "",
        "Every post was written for this project and labelled by the rules of docs/labelling.md. Held out, chosen by name before any figure was "
        f"seen: the industries {', '.join(data['held_out_industries'])} and the batches {', '.join(data['held_out_batches'])}. Neither weights nor "
        "settings are fitted to them; settings were chosen by cross-validation in the training part, grouped by writer; how much each writer counts, which n-grams and facts "
        "are used, and what the lexicon's terms and rules are, also by 2,175 sentences of some 200 people's blogs and short posts, which are no part of the project.",
        "",
        *_table("", ("", "training", "held out"), rows)[2:],
    ]


def _readers(rows: list[dict[str, Any]]) -> list[str]:
    people = list(rows[0]["sentiment"])
    cells = [
        [row["name"], *("–" if row[head][one] is None else f"{row[head][one]:.3f}" for head in _HEADS for one in people)] for row in rows
    ]
    header = ("", *(f"{_HEADS[head].lower()}: {one}" for head in _HEADS for one in people))
    return [
        *_table("### Three readers (macro-F1 on held-out posts, each against each)", header, cells),
        "Who wrote a post labelled it; two others read it blind, by the same rules, in the same workshop. The label is what two of the three say.",
        "",
    ]


def _phenomena(rows: list[dict[str, Any]]) -> list[str]:
    cells = []
    for row in rows:
        held, across = row["held_out"], row["cross_validation"]
        figures = [shown(part["sentiment"]["accuracy"]) if part["sentiment"] else "–" for part in (held, across)]
        stances = [shown(part["stance"]["accuracy"]) if part["stance"] else "–" for part in (held, across)]
        cells.append([row["title"], held["n"], figures[0], stances[0], across["n"], figures[1], stances[1]])
    header = ("phenomenon", "n held out", "sentiment", "stance", "n training", "sentiment", "stance")
    return [
        *_table("## The hard things (accuracy; held out, and cross-validated in the training part)", header, cells),
        "Posts are found by the rules of nlp/phenomena.py, which look at words and at people's labels, never at the model.",
        "",
    ]


def _calibration(card: dict[str, Any]) -> list[str]:
    calibration, abstention = card["calibration"], card["abstention"]
    part = "held_out" if "held_out" in calibration else "cross_validation"
    told, left, limits = calibration[part], abstention[part], abstention["limits"]
    rows = [[f"{row['low']:.1f}–{row['high']:.1f}", row["n"], f"{row['mean']:.3f}", f"{row['accuracy']:.3f}"] for row in told["bins"]]
    rest = left["accuracy_of_the_rest"]
    return [
        "## Calibration and abstention",
        "",
        f"Expected calibration error on {told['n']} held-out posts (10 bins): {told['ece']:.3f}; cross-validated in the training part: "
        f"{calibration['cross_validation']['ece']:.3f}.",
        "",
        *_table("", ("top probability", "posts", "mean probability", "accuracy"), rows)[2:],
        f"`unsure` is set where the top probability is below {limits['probability']}, irony is at least {limits['irony']}, or the lexicon's verdict is at "
        f"least {limits['clash']} strong and the model says the opposite (the first two limits were chosen on out-of-fold posts). On held-out posts it "
        f"leaves {left['left']:.0%} to a person; the rest is right at {rest if rest is None else format(rest, '.3f')}, all together at "
        f"{left['accuracy_of_all']:.3f}.",
        "",
        *_table("", ("posts judged, surest first", "accuracy"), [[f"{p['share']:.0%}", f"{p['accuracy']:.3f}"] for p in left["curve"]])[2:],
    ]


def _outside(rows: list[dict[str, Any]], model: str) -> list[str]:
    if not rows:
        return []
    lines = ["## On outside data", ""]
    for row in rows:
        lines += [f"### {row['name']}", "", f"{row['about']} Looked at {row['looks']} times in all.", ""]
        if row["model"] != model:
            lines += [f"Measured with an earlier model, `{row['model']}`.", ""]
        for name in ("sentiment", "stance"):
            if row.get(name):
                lines += [f"{_HEADS[name]}: " + _result(row[name])[0], "", *_result(row[name])[2:], ""]
    return lines


def _peers(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    cells = [
        [row["name"], row["version"], row["data"], *_cells(row["sentiment"]), f"{row['posts_a_second']:,}", row["note"]] for row in rows
    ]
    header = ("", "version", "data", "n", "accuracy", "macro-F1", "posts a second", "")
    return _table("## Beside others, on the same posts (sentiment; `python -m bench.peers`)", header, cells)


def _wrong(wrong: dict[str, Any]) -> list[str]:
    rows = [
        [
            row["text"].replace("\n", " ").replace("|", "｜"),
            row["reader"] + (" (ironic)" if row["irony"] else ""),
            row["model"],
            f"{row['probability']:.2f}",
        ]
        for row in wrong["examples"]
    ]
    return [
        "## What it gets wrong",
        "",
        f"{wrong['wrong']} of {wrong['n']} held-out posts get another sentiment than the reader's, {wrong['flips']} of them the opposite one. Feeling that is "
        "told by what happened and not by a word of feeling is the largest part, then jokes and irony. From the surest error to the least sure:",
        "",
        *_table("", ("post", "reader", "model", "p"), rows)[2:],
    ]


if __name__ == "__main__":
    write_card(read_figures())
