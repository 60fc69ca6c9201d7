"""`hibiki label`: a person says what mentions feel and where they stand, one after another; or labels come and go as files."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.common import err, home_here, out, settings_of
from monitor.errors import MonitorError, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from analysis.active import Ask
    from monitor.settings import Settings
    from store.home import Home
    from store.inbox import Inbox
    from store.labels import Label

POOL = 1500
HANDFUL = 10
"""So many posts are chosen at once; then what was learned by then counts for the next choice."""
SENTIMENT_KEYS = {"p": "positive", "u": "neutral", "n": "negative"}
STANCE_KEYS = {"p": "promoter", "c": "critic", "r": "request", "o": "none"}


def label(
    brand: Annotated[str | None, typer.Option("--brand", metavar="ID", help=say("option.label_brand"))] = None,
    name: Annotated[str | None, typer.Option("--name", help=say("option.label_name"))] = None,
    count: Annotated[int, typer.Option("--count", min=1, help=say("option.label_count"))] = 100,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", metavar="FILE", help=say("option.label_jsonl"))] = None,
    export: Annotated[Path | None, typer.Option("--export", metavar="FILE", help=say("option.label_export"))] = None,
    ask: Annotated[Path | None, typer.Option("--ask", metavar="FILE", help=say("option.label_ask"))] = None,
) -> None:
    """Ask about mentions, or take labels in or out."""
    if sum(file is not None for file in (jsonl, export, ask)) > 1:
        raise UsageProblem(say("usage.label_one"))
    home = home_here()
    settings = settings_of(home)
    chosen = _brand(settings, brand)
    with Desk(home, chosen, settings.brand(chosen).name, name or getpass.getuser()) as desk:
        if jsonl is not None:
            _import(desk, jsonl)
        elif export is not None:
            _export(desk, export)
        elif ask is not None:
            _export_asks(desk, ask, count)
        else:
            _Session(desk, count).run()


def _brand(settings: Settings, brand: str | None) -> str:
    known = [one.id for one in settings.brands]
    own = [one.id for one in settings.brands if one.role == "own"]
    if brand is None:
        if len(own) != 1:
            raise UsageProblem(say("usage.which_brand", known=", ".join(known)))
        return own[0]
    if brand not in known:
        raise UsageProblem(say("usage.no_brand", name=brand, known=", ".join(known)))
    return brand


class Desk:
    """A brand's labels: reading and writing them, and what to ask next. A context manager."""

    def __init__(self, home: Home, brand: str, name: str, actor: str) -> None:
        from store.inbox import Inbox
        from store.published import connect

        self.brand, self.name, self.actor = brand, name, actor
        self._con: duckdb.DuckDBPyConnection = connect(home)
        self.inbox: Inbox = Inbox(home)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *error: object) -> None:
        self._con.close()

    def _pending(self) -> pd.DataFrame:
        frame: pd.DataFrame = self.inbox.pending("review_events").to_pandas()
        return frame

    def labels(self) -> pd.DataFrame:
        """Return the labels made so far, with ``held``."""
        from analysis.active import is_held
        from store import queries

        rows = queries.labelled(self._con, self._pending(), self.brand)
        rows["held"] = [is_held(self.brand, text) for text in rows["text"]]
        return rows

    def next(self, count: int) -> tuple[list[Ask], pd.DataFrame]:
        """Return what to ask next, and the pool that holds these posts."""
        from analysis.active import plan
        from store import queries

        pending = self._pending()
        pool = queries.label_pool(self._con, pending, self.brand, (), POOL)
        known = queries.labelled(self._con, pending, self.brand)
        return plan(pool, self.brand, known["text"].tolist(), count), pool

    def mentions(self) -> pd.DataFrame:
        """Return every mention that may be labelled: ``post_key, platform, native_id, url``."""
        from store import queries

        return queries.mention_keys(self._con, self.brand)

    def why(self, post_key: int) -> Any:
        """Return what the model sees in a mention, or None."""
        from store import queries

        rows = queries.post_scores(self._con, post_key, self.brand)
        return None if rows.empty else rows.iloc[0]

    def write(self, labels: list[tuple[int, Label | None]]) -> None:
        """Land labels; None takes one back."""
        from store.labels import label_event

        self.inbox.land([label_event(key, self.brand, self.actor, said) for key, said in labels])


class _Session:
    """Asking in the terminal: by single keys where there is one, by lines otherwise. What was answered is safe at once; the next
    session goes on from there."""

    def __init__(self, desk: Desk, count: int) -> None:
        self._desk, self._count = desk, count
        self._console = out()
        self._done: list[int] = []
        self._skipped: set[int] = set()
        self._typed: list[str] = []

    def run(self) -> None:
        """Ask until ``count`` labels are made, nothing is left, or the person ends it."""
        labels = self._desk.labels()
        held = int(labels["held"].sum())
        begin = say("label.begin", name=self._desk.name, labels=len(labels), learn=len(labels) - held, held=held)
        self._console.print(begin, markup=False)
        self._console.print(say("label.keys"), markup=False, style="dim")
        going = True
        while going and len(self._done) < self._count:
            asks, pool = self._desk.next(HANDFUL + len(self._skipped))
            found: Any = pool.itertuples(index=False)
            rows = {int(row.post_key): row for row in found}
            left = [ask for ask in asks if ask.post_key not in self._skipped][:HANDFUL]
            if not left:
                self._console.print(say("label.none_left"), markup=False)
                break
            for ask in left:
                going = len(self._done) < self._count and self._ask(ask, rows[ask.post_key])
                if not going:
                    break
        self._console.print(say("label.done", count=len(self._done), brand=self._desk.brand), markup=False)

    def _ask(self, ask: Ask, row: Any) -> bool:
        """Ask about one post; False ends the session."""
        from rich.text import Text

        from store.labels import Label

        head = f"── {len(self._done) + 1}/{self._count}  {row.platform}  {row.day:%Y-%m-%d}  {say(f'label.why.{ask.drawn}')} "
        self._console.print(Text(head, "dim"))
        self._console.print(Text(str(row.text), "bold"))
        while True:
            key = self._key("label.ask")
            if key == "q":
                return False
            if key == "s":
                self._skipped.add(ask.post_key)
                return True
            if key == "b":
                self._back()
            elif key == "w":
                self._explain(ask.post_key)
            elif key == "x":
                return self._save(ask.post_key, Label(relevant=False, drawn=ask.drawn))
            elif key in SENTIMENT_KEYS:
                stance = self._key("label.ask_stance")
                if stance in STANCE_KEYS or stance in ("", "\r", "\n"):
                    said = STANCE_KEYS.get(stance)
                    return self._save(ask.post_key, Label(SENTIMENT_KEYS[key], said, drawn=ask.drawn))
                self._console.print(say("label.unknown_key"), markup=False)
            else:
                self._console.print(say("label.unknown_key"), markup=False)

    def _save(self, post_key: int, said: Label) -> bool:
        self._desk.write([(post_key, said)])
        self._done.append(post_key)
        return True

    def _back(self) -> None:
        if not self._done:
            self._console.print(say("label.nothing_back"), markup=False)
            return
        self._desk.write([(self._done.pop(), None)])
        self._console.print(say("label.taken_back"), markup=False)

    def _explain(self, post_key: int) -> None:
        """Show what the model sees: only when asked, as who knows the model's answer first tends to agree with it."""
        import json

        score = self._desk.why(post_key)
        if score is None:
            return
        mood = str(score["model_sentiment"])
        share = f"{float(score[f'p_{mood}']):.0%}"
        names = {"sentiment": say(f"sentiment.{mood}"), "stance": say(f"stance.{score['model_stance']}")}
        self._console.print(say("label.model", share=share, **names), markup=False)
        words = "、".join(f"{words} {weight:+.2f}" for words, weight in json.loads(score["why"] or "[]"))
        if words:
            self._console.print(say("label.words", words=words), markup=False)

    def _key(self, prompt: str) -> str:
        """One key from a terminal; from a pipe the next character, an empty line being Enter. The end of input ends the session."""
        self._console.print(say(prompt), end="", markup=False)
        if sys.stdin.isatty():
            import click

            key = click.getchar()
            if key in ("\x03", "\x04"):
                raise KeyboardInterrupt
            self._console.print(key if key.isprintable() else "", markup=False)
            return key.lower()
        if not self._typed:
            line = sys.stdin.readline()
            if not line:
                return "q"
            self._typed = list(line.strip().lower()) or [""]
        key = self._typed.pop(0)
        self._console.print(key, markup=False)
        return key


def _import(desk: Desk, file: Path) -> None:
    from monitor.labelfiles import read

    mentions = desk.mentions()
    labels: list[tuple[int, Label | None]] = []
    failed = 0
    with file.open("rb") as lines:
        for line in read(lines, mentions):
            if line.label is None or line.post_key is None:
                failed += 1
                err().print(say("label.bad_line", file=file, line=line.number, reason=line.reason), markup=False)
            else:
                labels.append((line.post_key, line.label))
    desk.write(labels)
    out().print(say("label.imported", file=file, count=f"{len(labels):,}"), markup=False)
    if failed:
        raise MonitorError(say("label.import_failed", count=f"{failed:,}"))


def _export(desk: Desk, file: Path) -> None:
    from monitor.labelfiles import write

    rows = [{str(name): value for name, value in row.items()} for row in desk.labels().to_dict("records")]
    for row in rows:
        row["drawn"] = "random" if row["drawn"] else "file"
    _written(file, write(file, rows))


def _export_asks(desk: Desk, file: Path, count: int) -> None:
    from monitor.labelfiles import write

    asks, pool = desk.next(count)
    mentions: Any = desk.mentions().itertuples(index=False)
    known = {int(row.post_key): row for row in mentions}
    texts = dict(zip(pool["post_key"].tolist(), pool["text"].tolist(), strict=True))
    empty = {"sentiment": None, "stance": None, "relevant": True}

    def rows(one: Ask) -> dict[str, Any]:
        post = known[one.post_key]
        named = {"platform": post.platform, "native_id": post.native_id, "url": post.url}
        return {"post_key": one.post_key, **named, "text": texts[one.post_key], **empty, "drawn": one.drawn}

    _written(file, write(file, map(rows, asks)))


def _written(file: Path, count: int) -> None:
    out().print(say("label.exported", file=file, count=f"{count:,}"), markup=False)
