"""The rules that weigh the hits of the lexicon (nlp.polarity says them in words), over plain lists: there is a shifter or two in a text, not one at every word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nlp.entries import SHIFTER_KINDS
from nlp.roles import ADVERBIAL, BREAK, CONTENT, MAKES_ADVERB, MAKES_ATTRIBUTE, MORE, NOUN, ONLY, TE, VERB, WISH
from nlp.tokens import Cuts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# How many words to the left a negation or modality looks, to the right a word of degree.
_REACH = 6
_DEGREE_REACH = 4

PLAIN, NEGATED, TURNS_UP, TURNS_DOWN, IN_PRAISE, IN_BLAME = range(6)
PARTS = 6

# What is counted of each text: the shifters by kind (a regret as a wish), and two more.
MARKS = (*(kind for kind in SHIFTER_KINDS if kind != "regret"), "wish", "turned")
_MARK_PLACE = {name: place for place, name in enumerate(MARKS)}

NEGATION_WEIGHT = -0.8
# What is left of a blame that somebody does not want to happen.
_FEARED = 0.5
# A contrast that leaves so little (のに, くせに) and stands last says that what was good is not so: the rest goes without saying.
_STRONG_CONTRAST, _UNSAID = 0.35, -0.6


class Weigher:
    """The hits of texts while they are weighed: `values` and `at` (the hit at each word, -1: none), and what else nlp.polarity.Reading tells."""

    def __init__(
        self, cuts: Cuts, roles: npt.NDArray[np.uint16], sentence: Ints, clause: Ints, starts: Ints, values: Floats, ends: Ints
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
        """Count a shifter of this kind in the text of the word `at`."""
        self.marks[self._doc[at] * len(MARKS) + _MARK_PLACE[kind]] += 1

    def _left_of(self, start: int, stops: int) -> int:
        """The nearest word to the left that is of a hit or has one of the roles `stops`; -1 if there is none in reach."""
        first = max(self._bounds[self._doc[start]], start - _REACH)
        return next((index for index in range(start - 1, first - 1, -1) if self.at[index] >= 0 or self._roles[index] & stops), -1)

    def negate(self, start: int, weight: float) -> None:
        """A negation at `start` turns the nearest hit to its left, or marks the nearest word with a meaning as denied."""
        index = self._left_of(start, BREAK | CONTENT | ONLY)
        if index < 0 or self._roles[index] & ONLY or self._is_apart(index, start):
            return
        if self.at[index] >= 0:
            if self.values[self.at[index]] < 0 and self._roles[start - 1] & WISH:
                # 「負けたくない」 fears what it names.
                self.values[self.at[index]] *= _FEARED
                return
            self._turn_over(start, index, weight)
        elif not self._roles[index] & BREAK:
            self.parts[index] = PLAIN if self.parts[index] == NEGATED else NEGATED
            self.deny_adverb(index, weight)
            self._deny_attribute(index, weight)

    def _is_apart(self, index: int, start: int) -> bool:
        """Whether the word at `index` is why, and not what is denied at `start`: 「怖くて言えない」."""
        return index + 2 < start and bool(self._roles[index] & ADVERBIAL and self._roles[index + 1] & TE)

    def deny_adverb(self, verb: int, weight: float) -> None:
        """The adverb of a verb that is denied is denied with it."""
        adverb = self._adverb_before(verb)
        if adverb >= 0:
            self._turn_over(verb, adverb, weight)

    def _deny_attribute(self, noun: int, weight: float) -> None:
        """What is said of a noun that is denied is denied with it (怖いゲームではない, 良い店がない)."""
        first, before = self._bounds[self._doc[noun]], noun - 1
        if not self._roles[noun] & NOUN:
            return
        if before > first and self._roles[before] & MAKES_ATTRIBUTE:
            before -= 1
        if before < first or self.at[before] < 0 or self._roles[before] & NOUN:
            return
        # 「これほど良い店はない」 denies that there is a better one.
        if not any(self._roles[index] & MORE for index in range(max(first, before - _REACH), before)):
            self._turn_over(noun, before, weight)

    def _turn_over(self, start: int, index: int, weight: float) -> None:
        hit = self.at[index]
        self.parts[start] = TURNS_UP if self.values[hit] < 0 else TURNS_DOWN
        self.values[hit] *= weight
        self._negated[hit] = not self._negated[hit]
        self.parts[index] = NEGATED if self._negated[hit] else PLAIN

    def _adverb_before(self, index: int) -> int:
        """The word of a hit that is the adverb of the verb at `index` (うまく話す, きれいに映る), -1 if there is none."""
        first = self._bounds[self._doc[index]]
        if not self._roles[index] & VERB or index == first:
            return -1
        before = index - 1
        if self._roles[before] & ADVERBIAL and self.at[before] >= 0:
            return before
        return before - 1 if self._roles[before] & MAKES_ADVERB and before > first and self.at[before - 1] >= 0 else -1

    def lessen(self, start: int, weight: float) -> None:
        """What is said to be less, or gone, is turned; the word that says so has no polarity of its own then."""
        index = start
        while (index := self._left_of(index, BREAK | CONTENT)) >= 0 and self._is_adverb(index, start):
            pass
        if index < 0 or self._roles[index] & BREAK:
            return
        if self.at[index] >= 0:
            self.mark(start, "lessening")
            self._turn_over(start, index, weight)
            if self.at[start] >= 0:
                self.values[self.at[start]] = 0.0
        else:
            self._deny_attribute(index, weight)

    def _is_adverb(self, index: int, start: int) -> bool:
        """Whether the word says how the one at `start` happens (すっかり取れた, きれいに落ちた)."""
        return bool(
            self._roles[index] & ADVERBIAL
            or (self._roles[index + 1] & MAKES_ADVERB and not self._roles[index] & NOUN and index + 1 < start)
        )

    def degree(self, start: int, end: int, weight: float) -> None:
        """A word of degree (`start` to `end`) weighs the hit behind it, else the one right before it."""
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
        """A modality at `start` weighs the nearest hit to its left in the clause."""
        index = self._left_of(start, BREAK)
        if index >= 0 and self.at[index] >= 0:
            self.values[self.at[index]] *= weight

    def clause_before(self, start: int, weight: float) -> None:
        """A question at `start` weighs the hits before it in its clause."""
        self._weigh_before(start, weight, self._clause)

    def sentence_before(self, start: int, weight: float) -> None:
        """What is told of others, at `start`, weighs the hits before it in its sentence."""
        self._weigh_before(start, weight, self._sentence)

    def turn(self, start: int, end: int, weight: float) -> None:
        """A contrast (`start` to `end`) weighs all that its sentence, and at the head of one the sentence before, has said."""
        self.last_contrast[self._doc[start]] = start
        unsaid = weight <= _STRONG_CONTRAST and not self._says_more(start, end)
        for hit in self._hits_before(start, self._sentence):
            if not unsaid:
                self.values[hit] *= weight
            elif self.values[hit] > 0:
                self.values[hit] *= _UNSAID
        if start > self._bounds[self._doc[start]] and self._sentence[start - 1] != self._sentence[start]:
            # 「味はいい。でも高い」: what it turns from is the sentence before.
            self._weigh_before(start, weight, self._sentence, 1)

    def _says_more(self, start: int, end: int) -> bool:
        """Whether anything with a meaning follows in the sentence."""
        last = self._bounds[self._doc[start] + 1]
        return any(self._roles[index] & CONTENT and self._sentence[index] == self._sentence[start] for index in range(end, last))

    def _weigh_before(self, start: int, weight: float, part: Ints, back: int = 0) -> None:
        for hit in self._hits_before(start, part, back):
            self.values[hit] *= weight

    def _hits_before(self, start: int, part: Ints, back: int = 0) -> Iterator[int]:
        """The hits before `start` in its clause or sentence (`part`), or in the one so many before."""
        for hit in range(self._hit_bounds[self._doc[start]], self._hit_bounds[self._doc[start] + 1]):
            place = self._starts[hit]
            if place < start and part[place] == part[start] - back:
                yield hit
