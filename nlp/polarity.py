"""What the terms of the lexicon say where they stand: negation, contrast, degree, wish, question, the last clause.

The rules, for a match with value v (-1 … 1):

- a negation turns the nearest content word to its left, across particles and light words (こと, 思う, できる …), never across a clause:
  v · weight (「美味しくない」 -0.8 v, twice for two);
- a degree word weighs the match after it (or just before it: 「うますぎる」);
- a word of lessening (減る, 少ない, 消える, 取れる) turns the match it is said of (「ストレスが減った」), and then says nothing of its own;
- a negation of a verb turns the adverb before that verb, too (「うまく話せない」);
- what is said of a noun that is denied is turned (「怖いゲームではない」), but not where the denial is of anything better (「これほど良い店はない」);
- a modality (ほしい, そう) weighs the match to its left; a question weighs the matches of its clause;
- しか before a negation, and a reason (「怖くて言えない」), are not denied; what is not wanted to happen (「負けたくない」) is half a blame;
- what is said of a noun counts less where the sentence goes on to say the opposite (「大好きな店が閉店した」);
- a hearsay (とのこと, と言われた, という意見) weighs all that its sentence said before;
- a regret (ばよかった, んじゃなかった) turns the match to its left and is a blame of its own;
- a contrast (けど, のに, でも) leaves the given share of all that its sentence said before; のに, くせに with nothing behind them turn it
  (「楽しみにしていたのに」).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.lexicon import Lexicon, Matches, Term
from nlp.roles import BREAK, CONJUNCTIVE, CONTENT, MAKES_ATTRIBUTE, NEGATION, NOUN, SENTENCE, SPACE, role_of
from nlp.tokens import Column, Cuts, Tokenizer
from nlp.weighing import MARKS, NEGATION_WEIGHT, Weigher

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Kinds of terms, by part of speech as the lexicon has it: an adjective tells more surely of feeling than a noun does.
KINDS = ("quality", "act", "thing", "saying", "event")
_KIND_OF = {"adj": 0, "na": 0, "verb": 1, "noun": 2, "event": 4}
_SAYING = 3
# What is left of what is said of a noun, where its sentence goes on to say the opposite.
_ATTRIBUTE = 0.4


@dataclass(slots=True)
class Reading:
    """What the lexicon tells of texts, side by side. All numbers are places in the words of the `Cuts`.

    Hits, the terms that have a polarity, from left to right: `start`, `raw` (as the lexicon says), `value` (as it stands there), `emoji`, `kind` (of KINDS),
    `final` (nothing with a meaning follows it), `attributive` (said of the noun that follows: 「汚い犬」), `text` (whose it is).
    For words: `clause` (its number; no clause goes on into the next text), `closing` and `earlier` (whether it stands in the last sentence that says something, or in
    one before that, of a text of several), and `parts`: PLAIN, a content word that is NEGATED, the negation TURNS_UP that makes
    praise of blame or TURNS_DOWN the other way, a word IN_PRAISE or IN_BLAME: inside a term of several words (nlp.weighing).
    For texts: `marks` (texts x MARKS, how often each was met), `last_contrast` (the word of the last turn, -1: none), `last_clause` (the last one that says
    something), `content` (how many words bear meaning)."""

    start: Ints
    raw: Floats
    value: Floats
    emoji: npt.NDArray[np.bool_]
    kind: Ints
    final: npt.NDArray[np.bool_]
    attributive: npt.NDArray[np.bool_]
    text: Ints
    clause: Ints
    closing: npt.NDArray[np.bool_]
    earlier: npt.NDArray[np.bool_]
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
        self._kind = np.array([_KIND_OF.get(term.entry.pos, _SAYING) if term.entry else _SAYING for term in terms])
        kinds = [{shifter.kind for shifter in term.shifters} for term in terms]
        self._shifts = np.array([bool(found) for found in kinds])
        self._degree = np.array([bool(found & {"intensifier", "diminisher"}) for found in kinds])
        self._contrast = np.array([_contrast_rule(term) if "contrast" in found else 0 for term, found in zip(terms, kinds, strict=True)])
        self.roles = Column(tokenizer.words, role_of, np.uint16)

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
        breaks[cuts.bounds[1:][np.diff(cuts.bounds) > 0] - 1] = True
        ends = (roles & SENTENCE) > 0
        sentence: Ints = np.cumsum(ends) - ends
        clause: Ints = np.cumsum(breaks) - breaks + sentence
        polar = self._polar[matches.term]
        is_hit = polar & ~(self._degree[matches.term] & _stands_before(matches, polar, cuts.doc))
        values, starts = self._value[matches.term[is_hit]], matches.start[is_hit]
        stops = matches.end[is_hit]
        weigher = Weigher(cuts, roles, sentence, clause, starts, values, stops)
        self._weigh(matches, turns, roles, weigher)
        attributive = _attributive(roles, stops, cuts.bounds[cuts.doc[starts] + 1])
        valued = np.array(weigher.values, np.float64)
        valued[_outdone(valued, attributive, sentence[starts], cuts.doc[starts])] *= _ATTRIBUTE
        says = np.flatnonzero(roles & CONTENT)
        last_word = np.minimum(cuts.bounds[:-1], max(0, len(roles) - 1))
        last_word[cuts.doc[says]] = says
        closing, earlier = _where(cuts.doc, sentence, says, len(cuts.texts))
        return Reading(
            starts,
            values,
            valued,
            self._emoji[matches.term[is_hit]],
            self._kind[matches.term[is_hit]],
            stops > last_word[cuts.doc[starts]],
            attributive,
            cuts.doc[starts],
            clause,
            closing,
            earlier,
            np.array(weigher.parts, np.int64),
            np.array(weigher.marks, np.float64).reshape(-1, len(MARKS)),
            np.array(weigher.last_contrast, np.int64),
            clause[last_word] if len(clause) else last_word,
            np.bincount(cuts.doc[says], minlength=len(cuts.texts)),
        )

    def _weigh(self, matches: Matches, turns: npt.NDArray[np.bool_], roles: npt.NDArray[np.uint16], weigher: Weigher) -> None:
        """Let everything that turns or weighs a hit do so: negations first, then the shifters from left to right."""
        terms, starts, ends = matches.term, matches.start, matches.end
        # A term that is a verb with its negation (映らない) denies the adverb before it as any negation does.
        for index in starts[self._polar[terms] & (ends - starts > 1) & (roles[ends - 1] & NEGATION > 0)].tolist():
            weigher.deny_adverb(index, NEGATION_WEIGHT)
        covered = np.zeros(len(roles) + 1, np.int64)
        np.add.at(covered, starts, 1)
        np.add.at(covered, ends, -1)
        for index in np.flatnonzero(((roles & NEGATION) > 0) & (np.cumsum(covered)[:-1] == 0)).tolist():
            weigher.mark(index, "negation")
            weigher.negate(index, NEGATION_WEIGHT)
        for place in np.flatnonzero(self._shifts[terms]).tolist():
            self._shift(self.lexicon.terms[terms[place]], int(starts[place]), int(ends[place]), bool(turns[place]), weigher)

    def _turns(self, matches: Matches, roles: npt.NDArray[np.uint16], firsts: Ints, lasts: Ints) -> npt.NDArray[np.bool_]:
        """Which matches are contrasts. Short contrast words mean other things elsewhere: でも, ただ and the like only at the head of a clause, が and
        ものの only after a predicate."""
        rule = self._contrast[matches.term]
        turns: npt.NDArray[np.bool_] = rule == _ANYWHERE
        for place in np.flatnonzero(rule > _ANYWHERE).tolist():
            start = int(matches.start[place])
            if rule[place] == _AT_HEAD:
                turns[place] = start == firsts[place] or bool(roles[start - 1] & (BREAK | SENTENCE | SPACE))
            else:
                end = int(matches.end[place])
                turns[place] = end >= lasts[place] or bool(roles[end] & (BREAK | SPACE) or roles[end - 1] & CONJUNCTIVE)
        return turns

    def _shift(self, term: Term, start: int, end: int, turns: bool, weigher: Weigher) -> None:
        for shifter in term.shifters:
            kind, weight = shifter.kind, shifter.weight
            if kind == "lessening":
                weigher.lessen(start, weight)
                continue
            if kind == "regret":
                weigher.mark(start, "wish")
                weigher.left(start, weight)
                continue
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
            elif kind == "hearsay":
                weigher.sentence_before(start, weight)
            elif kind == "contrast" and turns:
                weigher.turn(start, end, weight)
            elif kind == "irony" and weight < 0:
                weigher.mark(start, "turned")


def _where(doc: Ints, sentence: Ints, says: Ints, texts: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which words stand in the last of several sentences of their text, and which before it; `says` are the words that bear meaning."""
    first, last = np.zeros(texts, np.int64), np.zeros(texts, np.int64)
    last[doc[says]] = sentence[says]
    first[doc[says[::-1]]] = sentence[says[::-1]]
    several, ends = (last > first)[doc], sentence >= last[doc]
    return several & ends, several & ~ends


def _attributive(roles: npt.NDArray[np.uint16], ends: Ints, lasts: Ints) -> npt.NDArray[np.bool_]:
    """Which hits (each ending before the word `ends`, its text before `lasts`) are said of a noun right behind them."""
    padded = np.append(roles, np.zeros(2, roles.dtype))
    direct = (padded[ends] & NOUN > 0) & (ends < lasts)
    linked = (padded[ends] & MAKES_ATTRIBUTE > 0) & (padded[ends + 1] & NOUN > 0) & (ends + 1 < lasts)
    found: npt.NDArray[np.bool_] = direct | linked
    return found


def _outdone(values: Floats, attributive: npt.NDArray[np.bool_], sentence: Ints, text: Ints) -> npt.NDArray[np.bool_]:
    """Which hits are said of a noun of which the next hit of the sentence says the opposite (大好きな店が閉店, 辛い時に支えてくれた)."""
    found = attributive.copy()
    found[-1:] = False
    found[:-1] &= (sentence[1:] == sentence[:-1]) & (text[1:] == text[:-1]) & (values[1:] * values[:-1] < 0)
    return found


_ANYWHERE, _AT_HEAD, _AFTER_PREDICATE = 1, 2, 3


def _contrast_rule(term: Term) -> int:
    kind = next(shifter.term for shifter in term.shifters if shifter.kind == "contrast")
    if kind in ("でも", "ただ", "逆に", "むしろ", "ところが"):
        return _AT_HEAD
    return _AFTER_PREDICATE if kind in ("が", "ものの") else _ANYWHERE


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
