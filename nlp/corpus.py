"""The corpus: reading and checking nlp/corpus/<industry>-<batch>.tsv, and the parts it is split into.

docs/labelling.md says what the columns mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

CORPUS_DIR = Path(__file__).parent / "corpus"
# Names the batches whose phases and intents were given by the rules of docs/labelling.md, one a line; where there is no such file, all were.
JOURNEY_LIST = "journey.txt"
COLUMNS = ("text", "brand", "platform", "sentiment", "stance", "type", "phases", "intents", "irony")
PLATFORMS = ("x", "instagram", "youtube", "tiktok", "bluesky", "misskey", "line", "review", "blog", "news")
SENTIMENTS = ("negative", "neutral", "positive")
STANCES = ("promoter", "critic", "request", "none")
TYPES = ("personal", "news", "campaign_entry", "advertisement", "official", "spam")
PHASES = ("needs", "research", "selection", "purchase", "first_use", "use", "voice", "renewal")
INTENTS = ("complaint", "question", "purchase", "churn", "recommendation")
SENTIMENT_CODES = {"neg": "negative", "neu": "neutral", "pos": "positive"}

# Held out: whole industries, and whole batches of posts about life. Chosen by name before any of them was looked at or any
# figure computed; neither weights nor settings are ever fitted to them.
HELD_OUT_INDUSTRIES = frozenset(("hotel", "games", "bank"))
HELD_OUT_BATCHES = frozenset(("everyday-a5", "everyday-b5"))


_WRITER = re.compile(r"-([a-z]+)\d+$")


class CorpusError(ValueError):
    """Lines of the corpus that break the rules of docs/labelling.md; the message names each file and line."""


@dataclass(frozen=True, slots=True)
class Post:
    """One labelled post. `batch` is the file's name without its ending, `industry` its first part; where `journey_asked` is false, `phases`
    and `intents` are whatever the writer put, and an empty one is no answer."""

    text: str
    brand: str | None
    platform: str
    sentiment: str
    stance: str
    mention_type: str
    phases: tuple[str, ...]
    intents: tuple[str, ...]
    irony: bool
    industry: str
    batch: str
    line: int
    journey_asked: bool = True

    @property
    def writer(self) -> str:
        """Who wrote it: the letters that the batch's name ends in, before its number (the whole name where there are none)."""
        found = _WRITER.search(self.batch)
        return found[1] if found else self.batch

    @property
    def held_out(self) -> bool:
        """Whether the post belongs to the part that training never sees."""
        return self.industry in HELD_OUT_INDUSTRIES or self.batch in HELD_OUT_BATCHES


def read_corpus(folder: Path = CORPUS_DIR) -> list[Post]:
    """All posts, by file and line. Raises CorpusError with every fault found."""
    posts: list[Post] = []
    faults: list[str] = []
    listed = folder / JOURNEY_LIST
    batches = {path.stem: path for path in sorted(folder.glob("*.tsv"))}
    asked = set(listed.read_text(encoding="utf-8").split()) if listed.exists() else set(batches)
    for batch, path in batches.items():
        found, wrong = read_file(path)
        posts += found if batch in asked else [replace(post, journey_asked=False) for post in found]
        faults += wrong
    faults += [f"{JOURNEY_LIST}: there is no batch {name}" for name in sorted(asked - batches.keys())]
    if faults:
        raise CorpusError("\n".join(faults))
    if not posts:
        raise CorpusError(f"no posts in {folder}")
    return posts


def read_file(path: Path) -> tuple[list[Post], list[str]]:
    """The posts of one file and what is wrong with the rest, as `file:line: what`."""
    posts: list[Post] = []
    faults: list[str] = []
    batch = path.stem
    industry = batch.rsplit("-", 1)[0]
    lines = path.read_bytes().decode("utf-8").split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        return [], [f"{path.name}:1: the header must be {' '.join(COLUMNS)}"]
    for number, line in enumerate(lines[1:], 2):
        if not line and number == len(lines):
            break
        try:
            posts.append(_post(line, industry, batch, number))
        except ValueError as error:
            faults.append(f"{path.name}:{number}: {error}")
    return posts, faults


def _post(line: str, industry: str, batch: str, number: int) -> Post:
    cells = line.split("\t")
    if "\r" in line:
        raise ValueError("carriage return")
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} columns, {len(COLUMNS)} expected")
    text, brand, platform, sentiment, stance, kind, phases, intents, irony = cells
    if not text.strip():
        raise ValueError("text is empty")
    return Post(
        text=unescape(text),
        brand=brand or None,
        platform=_one(platform, PLATFORMS, "platform"),
        sentiment=SENTIMENT_CODES[_one(sentiment, tuple(SENTIMENT_CODES), "sentiment")],
        stance=_one(stance or "none", STANCES, "stance"),
        mention_type=_one(kind or "personal", TYPES, "type"),
        phases=tuple(_one(name, PHASES, "phase") for name in phases.split(",") if name),
        intents=tuple(_one(name, INTENTS, "intent") for name in intents.split(",") if name),
        irony=_one(irony, ("", "1"), "irony") == "1",
        industry=industry,
        batch=batch,
        line=number,
    )


def _one(value: str, allowed: Sequence[str], what: str) -> str:
    if value not in allowed:
        raise ValueError(f"{what} {value!r} is none of {', '.join(allowed)}")
    return value


def unescape(text: str) -> str:
    r"""Undo the escapes of the text column: `\n` is a line break, `\\` a backslash."""
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


def digest(folders: Iterable[Path]) -> str:
    """A hash of all .tsv files of the folders and of the list of batches read for the journey, by name and content: tells whether a model was made from them."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted([*folder.glob("*.tsv"), *folder.glob(JOURNEY_LIST)]):
            total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
