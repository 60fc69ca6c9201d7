"""The lexicon's terms cut into words, kept beside it in terms.txt: cutting them takes longer than all else that a start needs.

terms.txt has three parts, form feeds between: a stamp (of the lexicon's files and the tokenizer's versions), a line for each term as it stands, a line for each
event; the words of a term stand apart by tabs. A file of another stamp is passed over; `hibiki train` writes it anew.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from nlp.corpus import digest

FILE = "terms.txt"
_APART = "\n\f\n"

Keys = list[tuple[str, ...]]


def stamp(folder: Path) -> str:
    """What the words of the terms follow from."""
    return f"{digest([folder])} {version('sudachipy')} {version('sudachidict-core')}"


def read(folder: Path) -> tuple[Keys, Keys] | None:
    """The words of all terms and of all events, in the lexicon's order; None where there is no file or it is old."""
    try:
        head, plain, events = (folder / FILE).read_text(encoding="utf-8").split(_APART)
    except (FileNotFoundError, ValueError):
        return None
    return (_keys(plain), _keys(events)) if head == stamp(folder) else None


def write(folder: Path, plain: Keys, events: Keys) -> None:
    """Keep the words of all terms and of all events."""
    parts = [stamp(folder), *("\n".join("\t".join(key) for key in keys) for keys in (plain, events))]
    (folder / FILE).write_text(_APART.join(parts), encoding="utf-8")


def _keys(part: str) -> Keys:
    return [tuple(line.split("\t")) if line else () for line in part.split("\n")]
