"""The lexicon: finding the terms of its files (nlp.entries) in a cut text.

A term is looked up as the sequence of its words' normalised forms, so 「美味しかった」 meets 「おいしい」, and never inside another
word. The longest match wins; terms of polarity and shifters (negation, contrast, …) share one automaton, so one pass finds both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from nlp import terms
from nlp.entries import ADJECTIVES, EVENT, LEXICON_DIR, Entry, Shifter, read_entries, read_shifters
from nlp.faces import GLAD, SAD, Faces
from nlp.normalize import fold_terms
from nlp.tokens import Column, Cuts, Tokenizer, Word

# What a term is cut behind to see how it is cut inside a sentence: 「カッコいい」 is two words alone, one in 「これがカッコいい」.
_BEHIND = ("これが", "、")


@dataclass(frozen=True, slots=True)
class Term:
    """What a sequence of words means: an entry, shifters, or both. `words` is their number."""

    words: int
    entry: Entry | None
    shifters: tuple[Shifter, ...]
    first: str


@dataclass(slots=True)
class Matches:
    """Terms found in `Cuts`, from left to right and never overlapping: `term[i]` is a place in `Lexicon.terms`, standing at the words
    `start[i]` to `end[i]` (exclusive) of all words."""

    term: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]


# Signs that stand for words in the automaton. Words that no term has are one sign; another one keeps texts apart.
_APART, _STRANGE, _NOTHING, _FIRST_SIGN = 1, 2, 3, 0x100
_SURROGATES = range(0xD800, 0xE000)


# An event is told by what happened to what, whatever stands between: its words are looked up with these left out of term and text.
_LEFT_OUT = frozenset(
    ("を", "が", "は", "も", "に", "へ", "の", "って", "さえ", "すら", "こそ", "とか", "なんか", "など", "ます", "御", "、", " ", "\n")
)
_LEFT_OUT_POS = frozenset(("助詞", "助動詞", "接頭辞", "補助記号", "空白"))
_NEGATIVE = frozenset(("助動詞-ナイ", "助動詞-ヌ", "助動詞-ヘン"))
_NOT = "無い"
# The same as an ending of verbs, and how both are said politely.
_NAI = "ない"
_POLITE = (("ます", "ず"), ("有る", "ます", "ず"))
_ASKED = ("です", "か")


def _in_event(word: Word) -> str:
    """How a word is written in the automaton of events: nothing for what is left out, one sign for every way to say not."""
    if word.pos[4] in _NEGATIVE:
        return _NOT
    return "" if word.norm in _LEFT_OUT and word.pos[0] in _LEFT_OUT_POS else word.norm


class Lexicon:
    """The terms, cut by the same tokenizer as the texts in which they are looked up: Aho-Corasick automata over words, of which each
    is written as one sign. One is of terms as they stand, the other of events (_in_event)."""

    def __init__(self, tokenizer: Tokenizer, entries: list[Entry] | None = None, shifters: list[Shifter] | None = None) -> None:
        self.entries = read_entries() if entries is None else entries
        self.shifters = read_shifters() if shifters is None else shifters
        self.faces = Faces({entry.term: entry.polarity for entry in self.entries if entry.pos == "kaomoji"})
        kept = terms.read(LEXICON_DIR) if entries is None and shifters is None else None
        cut, cut_events = kept or self.cut(tokenizer)
        listed, happened = self._listed(), self._happened()
        found: dict[tuple[str, ...], tuple[Entry | None, tuple[Shifter, ...]]] = {}
        for entry, key in zip(listed, cut[: len(listed)], strict=True):
            known = found.get(key, (None, ()))[0]
            # Of two terms that are one after normalisation, the one for every domain stays, else the first.
            if key and (known is None or (known.domain and not entry.domain)):
                found[key] = (entry, ())
        for shifter, key in zip(self.shifters, cut[len(listed) : len(listed) + len(self.shifters)], strict=True):
            if not key:
                continue
            of_term, others = found.get(key, (None, ()))
            if shifter.kind not in {other.kind for other in others}:
                others += (shifter,)
            if shifter.kind == "double_negation" and of_term is None and shifter.term.startswith("悪"):
                # 「悪くない」 denies a blame and is a weak praise of its own, not a word that weighs another.
                of_term = Entry(shifter.term, 1, 1, "expr", "", shifter.note, shifter.where)
            if shifter.kind == "regret":
                of_term = Entry(shifter.term, -1, 1, "expr", "", shifter.note, shifter.where)
            found[key] = (of_term, others)
        for entry, key in zip(listed * len(_BEHIND), cut[len(listed) + len(self.shifters) :], strict=True):
            if len(key) > 1 or (key and entry.pos in ADJECTIVES):
                found.setdefault(key, (entry, ()))
        for key, means in list(found.items()):
            if key[-1] in (_NAI, _NOT):
                # 「もう行きません」, 「意味がありません」 are 「もう行かない」, 「意味がない」 said politely.
                for polite in _POLITE:
                    found.setdefault(key[:-1] + polite, means)
            alone = found.get(key[:-1], (None, ()))[0]
            if key[-1] == _NOT and means[0] and alone and alone.pos == "adj" and means[0].polarity < 0 < alone.polarity:
                # 「可愛くないですか」 asks for agreement with what it seems to deny.
                found.setdefault(key + _ASKED, (alone, ()))
        events: dict[tuple[str, ...], tuple[Entry | None, tuple[Shifter, ...]]] = {}
        for entry, key in zip(happened, cut_events, strict=True):
            if len(key) > 1:
                events.setdefault(key, (entry, ()))
            elif key:
                found.setdefault(key, (entry, ()))
        both = [*found.items(), *events.items()]
        self.terms = [Term(len(key), entry, shifters, key[0]) for key, (entry, shifters) in both]
        self._first = frozenset(key[0] for key in found)
        self._plain = _Automaton(tokenizer, list(found), _as_it_stands)
        self._events = _Automaton(tokenizer, list(events), _in_event)

    def _listed(self) -> list[Entry]:
        signs = [Entry(GLAD, 1, 2, "emoji", "", "", ""), Entry(SAD, -1, 2, "emoji", "", "", "")]
        return signs + [entry for entry in self.entries if entry.pos not in ("kaomoji", EVENT)]

    def _happened(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.pos == EVENT]

    def cut(self, tokenizer: Tokenizer) -> tuple[terms.Keys, terms.Keys]:
        """The words of all terms that are looked up as they stand (entries, shifters, then what entries are cut into elsewhere, empty where that is the same),
        and of all events."""
        listed = [entry.term for entry in self._listed()]
        plain = _cut_terms(tokenizer, listed, _as_it_stands)
        keys = plain + _cut_terms(
            tokenizer, [shifter.term for shifter in self.shifters], _as_it_stands, [shifter.after for shifter in self.shifters]
        )
        for before in _BEHIND:
            behind = _cut_terms(tokenizer, listed, _as_it_stands, [before] * len(listed))
            keys += [() if other == key else other for key, other in zip(plain, behind, strict=True)]
        return keys, _cut_terms(tokenizer, [entry.term for entry in self._happened()], _in_event)

    def opens(self, norm: str) -> bool:
        """Whether a term starts with this word."""
        return norm in self._first

    def find(self, cuts: Cuts) -> Matches:
        """Longest matches from left to right, not overlapping, in all texts at once. An event goes before the terms inside it."""
        plain, event = self._plain.find(cuts), self._events.find(cuts)
        if not len(event.term):
            return plain
        taken = np.zeros(len(cuts.words) + 1, np.int64)
        taken[event.start] += 1
        taken[event.end] -= 1
        inside = np.append(0, np.cumsum(np.cumsum(taken)[:-1] > 0))
        free = inside[plain.start] == inside[plain.end]
        term = np.append(plain.term[free], event.term + self._plain.size)
        start, end = np.append(plain.start[free], event.start), np.append(plain.end[free], event.end)
        order = np.argsort(start, kind="stable")
        return Matches(term[order], start[order], end[order])


def _as_it_stands(word: Word) -> str:
    return word.norm if word.norm != " " else ""


class _Automaton:
    """Finds sequences of words, of which each is written as `write` does (words written as nothing are passed over)."""

    def __init__(self, tokenizer: Tokenizer, keys: list[tuple[str, ...]], write: Callable[[Word], str]) -> None:
        self.size = len(keys)
        self._sign: dict[str, int] = {}
        for norm in (norm for key in keys for norm in key):
            sign = _FIRST_SIGN + len(self._sign)
            self._sign.setdefault(norm, sign if sign < _SURROGATES.start else sign + len(_SURROGATES))
        patterns = ["".join(chr(self._sign[norm]) for norm in key) for key in keys]
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

        def sign_of(word: Word) -> int:
            written = write(word)
            return self._sign.get(written, _STRANGE) if written or write is _as_it_stands else _NOTHING

        self._signs = Column(tokenizer.words, sign_of, np.uint32)

    def find(self, cuts: Cuts) -> Matches:
        """Longest matches from left to right, not overlapping; places are those of all words."""
        text = np.full(len(cuts.words) + len(cuts.texts), _APART, np.uint32)
        places = np.arange(len(cuts.words)) + cuts.doc
        text[places] = self._signs.array[cuts.words]
        kept = np.flatnonzero(text != _NOTHING)
        table = np.array(self._automaton.find_matches_as_indexes(text[kept].tobytes().decode("utf-32-le")), np.int64).reshape(-1, 3)
        start, last = kept[table[:, 1]], kept[table[:, 2] - 1]
        # Where a text starts, so many signs that keep texts apart stand before it.
        shift = np.searchsorted(cuts.bounds[1:] + np.arange(len(cuts.texts)), start, side="left")
        return Matches(table[:, 0], start - shift, last + 1 - shift)


def _cut_terms(
    tokenizer: Tokenizer, terms: list[str], write: Callable[[Word], str], after: list[str] | None = None
) -> list[tuple[str, ...]]:
    """The words of each term, as `write` writes them; of a term cut behind a word (`after`) the words that start behind it, none where the two run into one
    word: what is left of the term then is not the term."""
    before = after or [""] * len(terms)
    cuts = tokenizer.cut(fold_terms([head + term for head, term in zip(before, terms, strict=True)]))
    rows = tokenizer.words.rows
    opens = np.array([len(head) for head in before], np.int64)[cuts.doc]
    apart = np.bincount(cuts.doc[cuts.starts == opens], minlength=len(terms)) > 0
    kept = (cuts.starts >= opens) & apart[cuts.doc]
    written = [write(rows[word]) if there else "" for word, there in zip(cuts.words.tolist(), kept.tolist(), strict=True)]
    return [tuple(word for word in written[start:end] if word) for start, end in pairwise(cuts.bounds.tolist())]
