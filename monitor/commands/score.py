"""`hibiki score`: one text for people, or lines of JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.common import out
from monitor.errors import FAILED, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from nlp.scorer import Score, Scorer

BATCH = 256
CHUNK = 1 << 16


def score(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help=say("option.text"), show_default=False)] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help=say("option.jsonl"))] = False,
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.brand"))] = None,
    platform: Annotated[str | None, typer.Option("--platform", help=say("option.platform"))] = None,
) -> None:
    """Score a text, or the lines of standard input."""
    if (text is None) != jsonl:
        raise UsageProblem(say("usage.text_or_jsonl"))
    from nlp.scorer import Item, Scorer

    scorer = Scorer.load()
    if text is not None:
        _show(scorer.score([Item(text, brand=brand, platform=platform)])[0])
    elif not _score_lines(scorer, brand, platform):
        raise typer.Exit(FAILED)


def _show(score: Score) -> None:
    """Print one score for a person: labels, probabilities, and the words that decided."""
    from rich.table import Table
    from rich.text import Text

    console = out()
    unsure = say("score.unsure") if score.unsure else ""
    console.print(say("score.sentiment", label=say(f"sentiment.{score.sentiment}")) + unsure, markup=False)
    if not score.probabilities:
        return
    shares = Table.grid(padding=(0, 1, 0, 2))
    for name in ("positive", "neutral", "negative"):
        share = score.probabilities[name]
        shares.add_row(say(f"sentiment.{name}"), Text(f"{share:.1%}", justify="right"), "█" * round(share * 30))
    console.print(shares)
    console.print(say("score.stance", label=say(f"stance.{score.stance}")), markup=False)
    console.print(say("score.type", label=say(f"type.{score.mention_type}")), markup=False)
    if not score.why:
        console.print(say("score.no_words"))
        return
    console.print(say("score.words") + ":")
    for words, weight in score.why:
        console.print(Text(f"  {weight:+.2f}  {words}", "green" if weight > 0 else "red" if weight < 0 else ""))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    raw: bytes


def _lines(descriptor: int) -> Iterator[list[_Line]]:
    """Yield the lines of ``descriptor`` in groups, as they come: who writes one line and waits gets its answer."""
    rest, number = b"", 0
    while chunk := os.read(descriptor, CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        group = [_Line(number + at, raw) for at, raw in enumerate(whole, 1)]
        number += len(group)
        for start in range(0, len(group), BATCH):
            yield group[start : start + BATCH]
    if rest:
        yield [_Line(number + 1, rest)]


def _score_lines(scorer: Scorer, brand: str | None, platform: str | None) -> bool:
    """Answer each line with a line, in order; tell whether all could be read. What could not is said on standard error."""
    from nlp.scorer import Item

    well = True
    for group in _lines(sys.stdin.fileno()):
        ids, items = [], []
        for line in group:
            if not line.raw.strip():
                continue
            try:
                told = _read(line.raw)
            except ValueError as error:
                typer.echo(say("score.bad_line", line=line.number, reason=str(error)), err=True)
                well = False
                continue
            ids.append(told.get("id"))
            items.append(
                Item(
                    told["text"],
                    brand=told.get("brand") or brand,
                    platform=told.get("platform") or platform,
                    others=tuple(told.get("others") or ()),
                )
            )
        for given, found in zip(ids, scorer.score(items) if items else (), strict=True):
            sys.stdout.write(json.dumps(answer(given, found), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return well


def _read(raw: bytes) -> dict[str, Any]:
    """Return what a line says.

    Raises:
        ValueError: It is not a JSON object with a text.
    """
    try:
        told = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError(say("score.not_utf8")) from None
    except (ValueError, RecursionError):
        raise ValueError(say("score.not_json")) from None
    optional = ("brand", "platform")
    if (
        not isinstance(told, dict)
        or not isinstance(told.get("text"), str)
        or not all(isinstance(told.get(o), str | None) for o in optional)
        or not isinstance(told.get("others"), list | None)
        or not all(isinstance(name, str) for name in told.get("others") or ())
    ):
        raise ValueError(say("score.no_text"))
    return told


def answer(given_id: object, score: Score) -> dict[str, Any]:
    """Return the answer to one line. Probabilities are null where a text could not be scored."""
    return {
        "id": given_id,
        "sentiment": score.sentiment,
        "probabilities": {name: _rounded(score.probabilities.get(name)) for name in ("negative", "neutral", "positive")},
        "stance": score.stance,
        "unsure": score.unsure,
        "mention_type": score.mention_type,
        "phases": list(score.phases),
        "intents": list(score.intents),
        "irony": round(score.irony, 4),
        "relevance": round(score.relevance, 4),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
