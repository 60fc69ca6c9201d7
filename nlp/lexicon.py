"""The polarity lexicon: reading nlp/lexicon/*.tsv and finding its terms in a cut text.

A term is looked up as the sequence of its words' normalised forms, so 「美味しかった」 meets 「おいしい」, and never inside another
word. Longest match wins.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from nlp.normalize import fold_term
from nlp.tokens import Tokenizer

LEXICON_DIR = Path(__file__).parent / "lexicon"
COLUMNS = ("term", "polarity", "strength", "pos", "domain", "note")
SHIFTER_COLUMNS = ("term", "kind", "weight", "note")
SHIFTERS = "shifters.tsv"


class LexiconError(ValueError):
    """A line of the lexicon cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term: `polarity` is −1, 0 or 1, `strength` 1 to 3; `domain` names where it turns, empty if everywhere."""

    term: str
    polarity: int
    strength: int
    pos: str
    domain: str
    note: str
    where: str

    @property
    def value(self) -> float:
        """Polarity times strength, −1 … 1."""
        return self.polarity * self.strength / 3


@dataclass(frozen=True, slots=True)
class Shifter:
    """A word that turns or weighs others: `kind` says how, `weight` by how much."""

    term: str
    kind: str
    weight: float
    note: str


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    if tuple(lines[0].split("\t")) != columns:
        raise LexiconError(f"{path.name}:1: the header must be {' '.join(columns)}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):
            continue
        cells = next(csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE))
        if len(cells) > len(columns):
            raise LexiconError(f"{path.name}:{number}: {len(cells)} columns, {len(columns)} expected")
        rows.append((number, cells + [""] * (len(columns) - len(cells))))
    return rows


def read_entries(folder: Path = LEXICON_DIR) -> list[Entry]:
    """All terms with a polarity, in the order of files and lines. Raises LexiconError."""
    entries = []
    for path in sorted(folder.glob("*.tsv")):
        if path.name == SHIFTERS:
            continue
        for number, (term, polarity, strength, pos, domain, note) in _rows(path, COLUMNS):
            where = f"{path.name}:{number}"
            if polarity not in ("+", "-", "0", "") or strength not in ("0", "1", "2", "3"):
                raise LexiconError(f"{where}: {term!r}: polarity is + - or 0, strength 0 to 3")
            sign = {"+": 1, "-": -1}.get(polarity, 0)
            entries.append(Entry(term, sign, int(strength), pos, domain, note, where))
    return entries


def read_shifters(folder: Path = LEXICON_DIR) -> list[Shifter]:
    """The words that turn or weigh others. Raises LexiconError."""
    path = folder / SHIFTERS
    if not path.exists():
        return []
    shifters = []
    for number, (term, kind, weight, note) in _rows(path, SHIFTER_COLUMNS):
        try:
            shifters.append(Shifter(term, kind, float(weight or "nan"), note))
        except ValueError:
            raise LexiconError(f"{path.name}:{number}: weight {weight!r} is not a number") from None
    return shifters


class Trie:
    """Terms as sequences of normalised forms. `first[norm]` opens a node: (entry or None, next nodes)."""

    def __init__(self) -> None:
        self.root: dict[str, Node] = {}

    def add(self, norms: list[str], entry: Entry) -> None:
        """Add a term; the first entry of the same sequence stays unless the new one has no domain and the old one has."""
        nodes = self.root
        node: Node | None = None
        for norm in norms:
            node = nodes.setdefault(norm, Node())
            nodes = node.next
        if node is not None and (node.entry is None or (node.entry.domain and not entry.domain)):
            node.entry = entry


class Node:
    """A place in the trie."""

    __slots__ = ("entry", "next")

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.next: dict[str, Node] = {}


class Lexicon:
    """The terms, cut by the same tokenizer as the texts they are looked up in."""

    def __init__(self, tokenizer: Tokenizer, entries: list[Entry] | None = None) -> None:
        self.entries = read_entries() if entries is None else entries
        self.trie = Trie()
        for entry in self.entries:
            cut = tokenizer.cut(fold_term(entry.term))
            norms = [tokenizer.words.rows[word].norm for word in cut.words]
            if norms:
                self.trie.add(norms, entry)
