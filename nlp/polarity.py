"""What the terms of the lexicon say where they stand: negation, contrast, degree, wish, question, the last clause.

The rules, for a match with value v (-1 … 1):

- a negation turns the nearest content word to its left, across particles and light words (こと, 思う, できる …), never across a clause:
  v · weight (「美味しくない」 -0.8 v, twice for two);
- a degree word weighs the match after it (or just before it: 「うますぎる」);
- a modality (ほしい, たらよかった, そう) weighs the match to its left; a question weighs the matches of its clause;
- a contrast (けど, のに, でも) leaves the given share of all that its sentence said before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.lexicon import Lexicon, Matches, Term
from nlp.tokens import Column, Cuts, Tokenizer, Word

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LIGHT = frozenset(
    [
        "訳",
        "事",
        "物",
        "所",
        "気",
        "程",
        "風",
        "感じ",
        "為る",
        "成る",
        "出来る",
        "思う",
        "言う",
        "感ずる",
        "見える",
        "有る",
        "居る",
        "感じる",
        "くれる",
        "貰う",
        "頂く",
        "仕舞う",
        "行く",
        "来る",
        "過ぎる",
        "過ぎ",
        "方",
        "様",
        "そう",
        "さん",
    ]
)
_REACH = 6
_DEGREE_REACH = 4

PLAIN, NEGATED, TURNS_UP, TURNS_DOWN, IN_PRAISE, IN_BLAME = range(6)
PARTS = 6

# What a word does to the clause it stands in; a bit field kept for each word of the table.
BREAK, SENTENCE, CONTENT, SPACE, NEGATION = 1, 2, 4, 8, 16
_NEGATIONS = ("助動詞-ナイ", "助動詞-ヌ", "助動詞-ヘン", "文語助動詞-ズ", "助動詞-マイ")
_NEGATION_WEIGHT = -0.8

MARKS = ("negation", "double_negation", "contrast", "intensifier", "diminisher", "modality", "question", "irony", "wish", "turned")
_MARK_PLACE = {name: place for place, name in enumerate(MARKS)}


def role_of(word: Word) -> int:
    """The bits BREAK (ends a clause), SENTENCE (ends a sentence), CONTENT (bears meaning), SPACE, NEGATION (ない, ぬ, ず, へん) for a word."""
    major, minor = word.pos[0], word.pos[1]
    if word.norm == "無い" or word.pos[4] in _NEGATIONS:
        return NEGATION
    if major == "空白":
        return SPACE | (SENTENCE if "\n" in word.norm else 0)
    if major == "補助記号":
        if minor == "句点" or word.norm in ("!", "?", "…", "!!", "??", "!?"):
            return BREAK | SENTENCE
        return BREAK if minor in ("読点", "括弧開", "括弧閉") else 0
    if major == "助詞" and minor == "接続助詞" and word.norm in ("から", "ので", "し", "と", "ば"):
        return BREAK
    if major == "接続詞":
        return BREAK
    return CONTENT if word.is_content and word.norm not in _LIGHT else 0


@dataclass(slots=True)
class Reading:
    """What the lexicon tells of texts, side by side. All numbers are places in the words of the `Cuts`.

    Hits, the terms that have a polarity, from left to right: `start`, `raw` (as the lexicon says), `value` (as it stands there), `emoji`, `text` (whose it
    is). For words: `clause` (its number; no clause goes on into the next text), and `parts`: PLAIN, a content word that is NEGATED, the negation TURNS_UP
    that makes praise of blame or TURNS_DOWN the other way, a word IN_PRAISE or IN_BLAME: inside a term of several words. For texts:
    `marks` (texts x MARKS, how often each was met), `last_contrast` (the word of the last turn, -1: none), `last_clause` (the last one that says
    something), `content` (how many words bear meaning)."""

    start: Ints
    raw: Floats
    value: Floats
    emoji: npt.NDArray[np.bool_]
    text: Ints
    clause: Ints
    parts: Ints
    marks: Floats
    last_contrast: Ints
    last_clause: Ints
    content: Ints


class Grammar:
    """The lexicon with what its terms do, ready to read texts."""

    def __init__(self, tokenizer: Tokenizer, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        terms = lexicon.terms
        self._value = np.array([term.entry.value if term.entry else 0.0 for term in terms])
        self._polar = np.array([term.entry is not None and term.entry.polarity != 0 for term in terms])
        self._emoji = np.array([term.entry is not None and term.entry.pos == "emoji" for term in terms])
        kinds = [{shifter.kind for shifter in term.shifters} for term in terms]
        self._shifts = np.array([bool(found) for found in kinds])
        self._degree = np.array([bool(found & {"intensifier", "diminisher"}) for found in kinds])
        self._contrast = np.array([_contrast_rule(term) if "contrast" in found else 0 for term, found in zip(terms, kinds, strict=True)])
        self.roles = Column(tokenizer.words, role_of, np.uint8)

    def is_felt(self, cuts: Cuts) -> bool:
        """Whether any term of praise or blame is in the texts."""
        return bool(self._polar[self.lexicon.find(cuts).term].any())

    def read(self, cuts: Cuts) -> Reading:
        """Find the terms in all texts and weigh them."""
        matches = self.lexicon.find(cuts)
        roles = self.roles.array[cuts.words]
        firsts = cuts.bounds[cuts.doc[matches.start]]
        turns = self._turns(matches, roles, firsts, cuts.bounds[cuts.doc[matches.start] + 1])
        breaks = (roles & BREAK) > 0
        breaks[matches.end[turns] - 1] = True
        breaks[cuts.bounds[1:] - 1] = True
        ends = (roles & SENTENCE) > 0
        sentence: Ints = np.cumsum(ends) - ends
        clause: Ints = np.cumsum(breaks) - breaks + sentence
        polar = self._polar[matches.term]
        is_hit = polar & ~(self._degree[matches.term] & _stands_before(matches, polar, cuts.doc))
        values, starts = self._value[matches.term[is_hit]], matches.start[is_hit]
        weigher = _Weigher(cuts, roles, sentence, clause, starts, values, matches.end[is_hit])
        covered = np.zeros(len(roles) + 1, np.int64)
        np.add.at(covered, matches.start, 1)
        np.add.at(covered, matches.end, -1)
        for index in np.flatnonzero(((roles & NEGATION) > 0) & (np.cumsum(covered)[:-1] == 0)).tolist():
            weigher.mark(index, "negation")
            weigher.negate(index, _NEGATION_WEIGHT)
        for place in np.flatnonzero(self._shifts[matches.term]).tolist():
            self._shift(
                self.lexicon.terms[matches.term[place]], int(matches.start[place]), int(matches.end[place]), bool(turns[place]), weigher
            )
        says = np.flatnonzero(roles & CONTENT)
        last_word = np.minimum(cuts.bounds[:-1], max(0, len(roles) - 1))
        last_word[cuts.doc[says]] = says
        return Reading(
            starts,
            values,
            np.array(weigher.values, np.float64),
            self._emoji[matches.term[is_hit]],
            cuts.doc[starts],
            clause,
            np.array(weigher.parts, np.int64),
            np.array(weigher.marks, np.float64).reshape(-1, len(MARKS)),
            np.array(weigher.last_contrast, np.int64),
            clause[last_word] if len(clause) else last_word,
            np.bincount(cuts.doc[says], minlength=len(cuts.texts)),
        )

    def _turns(self, matches: Matches, roles: npt.NDArray[np.uint8], firsts: Ints, lasts: Ints) -> npt.NDArray[np.bool_]:
        """Which matches are contrasts. Short contrast words mean other things elsewhere: でも and ただ only at the head of a clause, が only after a
        predicate."""
        rule = self._contrast[matches.term]
        turns: npt.NDArray[np.bool_] = rule == _ANYWHERE
        for place in np.flatnonzero(rule > _ANYWHERE).tolist():
            start = int(matches.start[place])
            if rule[place] == _AT_HEAD:
                turns[place] = start == firsts[place] or bool(roles[start - 1] & (BREAK | SENTENCE | SPACE))
            else:
                turns[place] = not (start + 1 < lasts[place] and not roles[start + 1] & (BREAK | SPACE))
        return turns

    def _shift(self, term: Term, start: int, end: int, turns: bool, weigher: _Weigher) -> None:
        for shifter in term.shifters:
            kind, weight = shifter.kind, shifter.weight
            if kind in ("negation", "modality") and weigher.at[start] >= 0:
                continue
            weigher.mark(start, kind)
            if kind == "negation":
                weigher.negate(start, weight)
            elif kind in ("intensifier", "diminisher"):
                weigher.degree(start, end, weight)
            elif kind in ("double_negation", "modality"):
                if weight < 0.5:
                    weigher.mark(start, "wish")
                weigher.left(start, weight)
            elif kind == "question":
                weigher.clause_before(start, weight)
            elif kind == "contrast" and turns:
                weigher.turn(start, weight)
            elif kind == "irony" and weight < 0:
                weigher.mark(start, "turned")


_ANYWHERE, _AT_HEAD, _AFTER_PREDICATE = 1, 2, 3


def _contrast_rule(term: Term) -> int:
    if term.words > 1:
        return _ANYWHERE
    if term.first in ("でも", "唯", "逆", "寧ろ"):
        return _AT_HEAD
    return _AFTER_PREDICATE if term.first == "が" else _ANYWHERE


def _stands_before(matches: Matches, polar: npt.NDArray[np.bool_], doc: Ints) -> npt.NDArray[np.bool_]:
    """Whether right after a match (at most a word between) stands a term with a polarity, which a word that is both (「めちゃくちゃ」,
    「くそ」) then weighs."""
    starts = matches.start[polar]
    if not len(starts):
        return np.zeros(len(matches.start), bool)
    following = np.searchsorted(starts, matches.end)
    other = starts[np.minimum(following, len(starts) - 1)]
    found: npt.NDArray[np.bool_] = (following < len(starts)) & (other < matches.end + 2) & (doc[other] == doc[matches.start])
    return found


class _Weigher:
    """The rules that weigh hits, over plain lists: there is a shifter or two in a text, not one at every word."""

    def __init__(
        self, cuts: Cuts, roles: npt.NDArray[np.uint8], sentence: Ints, clause: Ints, starts: Ints, values: Floats, ends: Ints
    ) -> None:
        self._doc = cuts.doc.tolist()
        self._bounds = cuts.bounds.tolist()
        self._roles = roles.tolist()
        self._sentence, self._clause = sentence, clause
        self._hit_bounds = np.searchsorted(starts, cuts.bounds).tolist()
        self._starts = starts.tolist()
        self.values = values.tolist()
        self._negated = [False] * len(self.values)
        at, parts = np.full(len(roles), -1), np.full(len(roles), PLAIN)
        at[starts] = np.arange(len(starts))
        many = ends - starts > 1
        for number, start, end, value in zip(
            np.flatnonzero(many).tolist(), starts[many].tolist(), ends[many].tolist(), values[many].tolist(), strict=True
        ):
            at[start:end] = number
            parts[start:end] = IN_PRAISE if value > 0 else IN_BLAME
        self.at, self.parts = at.tolist(), parts.tolist()
        self.marks = [0] * (len(cuts.texts) * len(MARKS))
        self.last_contrast = [-1] * len(cuts.texts)

    def mark(self, at: int, kind: str) -> None:
        self.marks[self._doc[at] * len(MARKS) + _MARK_PLACE[kind]] += 1

    def _left_of(self, start: int) -> range:
        return range(start - 1, max(self._bounds[self._doc[start]] - 1, start - 1 - _REACH), -1)

    def negate(self, start: int, weight: float) -> None:
        for index in self._left_of(start):
            hit = self.at[index]
            if hit >= 0:
                self.parts[start] = TURNS_UP if self.values[hit] < 0 else TURNS_DOWN
                self.values[hit] *= weight
                self._negated[hit] = not self._negated[hit]
                self.parts[index] = NEGATED if self._negated[hit] else PLAIN
                return
            if self._roles[index] & BREAK:
                return
            if self._roles[index] & CONTENT:
                self.parts[index] = PLAIN if self.parts[index] == NEGATED else NEGATED
                return

    def degree(self, start: int, end: int, weight: float) -> None:
        first, last = (self._bounds[self._doc[start] + step] for step in (0, 1))
        for index in range(end, min(last, end + _DEGREE_REACH)):
            hit = self.at[index]
            if hit >= 0:
                self.values[hit] *= weight
                return
            if self._roles[index] & BREAK:
                break
        if start > first and self.at[start - 1] >= 0:
            self.values[self.at[start - 1]] *= weight

    def left(self, start: int, weight: float) -> None:
        for index in self._left_of(start):
            hit = self.at[index]
            if hit >= 0:
                self.values[hit] *= weight
                return
            if self._roles[index] & BREAK:
                return

    def clause_before(self, start: int, weight: float) -> None:
        self._before(start, weight, self._clause)

    def turn(self, start: int, weight: float) -> None:
        self.last_contrast[self._doc[start]] = start
        self._before(start, weight, self._sentence)

    def _before(self, start: int, weight: float, part: Ints) -> None:
        for hit in range(self._hit_bounds[self._doc[start]], self._hit_bounds[self._doc[start] + 1]):
            place = self._starts[hit]
            if place < start and part[place] == part[start]:
                self.values[hit] *= weight


def opens_phrase(word: Word) -> bool:
    """Whether a word starts a phrase of its own when a score is explained; endings and particles belong to the word before."""
    major, minor = word.pos[0], word.pos[1]
    if major in ("助詞", "助動詞", "接尾辞") or word.norm == "無い" or (major == "補助記号" and minor in ("括弧閉", "句点", "読点")):
        return False
    return not (minor == "非自立可能" and major in ("動詞", "形容詞") and word.norm in _LIGHT)


def joins_next(word: Word) -> bool:
    """Whether the word after this one belongs to its phrase: prefixes, numbers, opening brackets."""
    return word.pos[0] == "接頭辞" or word.pos[1] in ("数詞", "括弧開")
