"""The lexicon: reading nlp/lexicon/*.tsv and finding its terms in a cut text.

A term is looked up as the sequence of its words' normalised forms, so 「美味しかった」 meets 「おいしい」, and never inside another
word. The longest match wins; terms of polarity and shifters (negation, contrast, …) share one trie, so one pass finds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nlp.faces import GLAD, SAD, Faces
from nlp.normalize import fold_term
from nlp.tokens import Cut, Tokenizer, Word

LEXICON_DIR = Path(__file__).parent / "lexicon"
COLUMNS = ("term", "polarity", "strength", "pos", "domain", "note")
SHIFTER_COLUMNS = ("term", "kind", "weight", "note")
SHIFTERS = "shifters.tsv"
SHIFTER_KINDS = ("negation", "double_negation", "contrast", "intensifier", "diminisher", "modality", "question", "irony")


class LexiconError(ValueError):
    """A line of the lexicon cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term: `polarity` is -1, 0 or 1, `strength` 0 to 3; `domain` names where it turns, empty if everywhere."""

    term: str
    polarity: int
    strength: int
    pos: str
    domain: str
    note: str
    where: str

    @property
    def value(self) -> float:
        """Polarity times strength, -1 … 1."""
        return self.polarity * self.strength / 3


@dataclass(frozen=True, slots=True)
class Shifter:
    """A word that turns or weighs others: `kind` (of SHIFTER_KINDS) says how, `weight` by how much (see nlp.polarity)."""

    term: str
    kind: str
    weight: float
    note: str
    where: str


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    if tuple(lines[0].rstrip("\r").split("\t")) != columns:
        raise LexiconError(f"{path.name}:1: the header must be {' '.join(columns)}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.rstrip("\r").split("\t")]
        if len(cells) > len(columns):
            raise LexiconError(f"{path.name}:{number}: {len(cells)} columns, {len(columns)} expected")
        rows.append((f"{path.name}:{number}", cells + [""] * (len(columns) - len(cells))))
    return rows


def read_entries(folder: Path = LEXICON_DIR) -> list[Entry]:
    """All terms with a polarity, in the order of files and lines. Raises LexiconError."""
    entries = []
    for path in sorted(folder.glob("*.tsv")):
        if path.name == SHIFTERS:
            continue
        for where, (term, polarity, strength, pos, domain, note) in _rows(path, COLUMNS):
            if polarity not in ("+", "-", "0") or strength not in ("0", "1", "2", "3"):
                raise LexiconError(f"{where}: {term!r}: polarity is + - or 0, strength 0 to 3")
            entries.append(Entry(term, {"+": 1, "-": -1, "0": 0}[polarity], int(strength), pos, domain, note, where))
    return entries


def read_shifters(folder: Path = LEXICON_DIR) -> list[Shifter]:
    """The words that turn or weigh others. Raises LexiconError."""
    path = folder / SHIFTERS
    if not path.exists():
        return []
    shifters = []
    for where, (term, kind, weight, note) in _rows(path, SHIFTER_COLUMNS):
        if kind not in SHIFTER_KINDS:
            raise LexiconError(f"{where}: kind {kind!r} is none of {', '.join(SHIFTER_KINDS)}")
        try:
            shifters.append(Shifter(term, kind, float(weight), note, where))
        except ValueError:
            raise LexiconError(f"{where}: weight {weight!r} is not a number") from None
    return shifters


class Node:
    """A place in the trie: what ends here, and what may follow."""

    __slots__ = ("entry", "next", "shifters")

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.shifters: tuple[Shifter, ...] = ()
        self.next: dict[str, Node] = {}


@dataclass(frozen=True, slots=True)
class Match:
    """A term found: words `start` to `end` (exclusive) of the cut text."""

    start: int
    end: int
    entry: Entry | None
    shifters: tuple[Shifter, ...]


class Lexicon:
    """The terms, cut by the same tokenizer as the texts in which they are looked up."""

    def __init__(self, tokenizer: Tokenizer, entries: list[Entry] | None = None, shifters: list[Shifter] | None = None) -> None:
        self.entries = read_entries() if entries is None else entries
        self.shifters = read_shifters() if shifters is None else shifters
        self._root: dict[str, Node] = {}
        self._opens: list[Node | None] = []
        self.faces = Faces({entry.term: entry.polarity for entry in self.entries if entry.pos == "kaomoji"})
        signs = [Entry(GLAD, 1, 2, "emoji", "", "", ""), Entry(SAD, -1, 2, "emoji", "", "", "")]
        for entry in signs + [entry for entry in self.entries if entry.pos != "kaomoji"]:
            node = self._node(tokenizer, entry.term)
            # Of two terms that are one after normalisation, the one for every domain stays, else the first.
            if node is not None and (node.entry is None or (node.entry.domain and not entry.domain)):
                node.entry = entry
        for shifter in self.shifters:
            node = self._node(tokenizer, shifter.term)
            if node is None:
                continue
            if shifter.kind not in {known.kind for known in node.shifters}:
                node.shifters += (shifter,)
            if shifter.kind == "double_negation" and node.entry is None and shifter.term.startswith("悪"):
                # 「悪くない」 denies a blame and is a weak praise of its own, not a word that weighs another.
                node.entry = Entry(shifter.term, 1, 1, "expr", "", shifter.note, shifter.where)
        tokenizer.words.listen(self._learn)

    def _node(self, tokenizer: Tokenizer, term: str) -> Node | None:
        nodes, node = self._root, None
        for word in tokenizer.cut(fold_term(term)).words:
            norm = tokenizer.words.rows[word].norm
            if norm != " ":
                node = nodes.setdefault(norm, Node())
                nodes = node.next
        return node

    def _learn(self, index: int, word: Word) -> None:
        assert index == len(self._opens)
        self._opens.append(self._root.get(word.norm))

    def opens(self, norm: str) -> bool:
        """Whether a term starts with this word."""
        return norm in self._root

    def find(self, cut: Cut, norms: list[str]) -> list[Match]:
        """Longest matches from left to right, not overlapping. `norms` are the normalised forms of the cut words."""
        opens = self._opens
        matches: list[Match] = []
        free = 0
        for start, word in enumerate(cut.words):
            node = opens[word]
            if node is None or start < free:
                continue
            best, best_end = (node, start + 1) if node.entry or node.shifters else (None, 0)
            end = start + 1
            while node.next and end < len(norms):
                following = node.next.get(norms[end])
                if following is None:
                    break
                node = following
                end += 1
                if node.entry or node.shifters:
                    best, best_end = node, end
            if best is not None:
                matches.append(Match(start, best_end, best.entry, best.shifters))
                free = best_end
        return matches
