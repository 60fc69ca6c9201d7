"""What the lexicon's files hold: terms with a polarity (nlp/lexicon/*.tsv) and the words that turn or weigh others (shifters.tsv)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LEXICON_DIR = Path(__file__).parent / "lexicon"
COLUMNS = ("term", "polarity", "strength", "pos", "domain", "note")
SHIFTER_COLUMNS = ("term", "kind", "weight", "after", "note")
SHIFTERS = "shifters.tsv"
EVENT = "event"
SHIFTER_KINDS = (
    "negation",
    "double_negation",
    "lessening",
    "contrast",
    "intensifier",
    "diminisher",
    "modality",
    "regret",
    "hearsay",
    "question",
    "irony",
)
ADJECTIVES = ("adj", "na")


class LexiconError(ValueError):
    """A line of the lexicon cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term: `polarity` is -1, 0 or 1, `strength` 0 to 3; `domain` names where it turns, empty if everywhere. The note "felt" marks an adjective that tells what somebody
    feels (悲しい) and not what a thing is like, "saying" a proverb or set phrase (馬の耳に念仏, 一生懸命) that is seldom said of a thing by 「…は」."""

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

    @property
    def is_feeling(self) -> bool:
        """Whether it tells what somebody feels: a brand that is called so is not judged."""
        return self.note.partition(";")[0] == "felt"

    @property
    def is_saying(self) -> bool:
        """Whether it is a proverb or set phrase, of which no sentence about a brand is made."""
        return self.note.partition(";")[0] == "saying"


@dataclass(frozen=True, slots=True)
class Shifter:
    """A word that turns or weighs others: `kind` (of SHIFTER_KINDS) says how, `weight` by how much (see nlp.polarity). `after` is a word that it is cut
    behind: alone, many an ending is cut as another word (「ばよかった」 as an adverb ばっ)."""

    term: str
    kind: str
    weight: float
    after: str
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
        cells = list(map(str.strip, line.split("\t")))
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
    for where, (term, kind, weight, after, note) in _rows(path, SHIFTER_COLUMNS):
        if kind not in SHIFTER_KINDS:
            raise LexiconError(f"{where}: kind {kind!r} is none of {', '.join(SHIFTER_KINDS)}")
        try:
            shifters.append(Shifter(term, kind, float(weight), after, note, where))
        except ValueError:
            raise LexiconError(f"{where}: weight {weight!r} is not a number") from None
    return shifters
