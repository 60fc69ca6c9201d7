"""What the terms of the lexicon say where they stand: negation, contrast, degree, wish, question, the last clause.

The rules, for a match with value v (-1 … 1):

- a negation turns the nearest content word to its left, across particles and light words (こと, 思う, できる …), never across a clause:
  v · weight (「美味しくない」 -0.8 v, twice for two);
- a degree word weighs the match after it (or just before it: 「うますぎる」);
- a word of lessening (減る, 少ない, 消える, 取れる) turns the match it is said of (「ストレスが減った」), and then says nothing of its own;
- a negation of a verb turns the adverb before that verb, too (「うまく話せない」);
- a modality (ほしい, そう) weighs the match to its left; a question weighs the matches of its clause;
- a regret (ばよかった, んじゃなかった) turns the match to its left and is a blame of its own;
- a contrast (けど, のに, でも) leaves the given share of all that its sentence said before; のに, くせに with nothing behind them turn it
  (「楽しみにしていたのに」).
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
        "こと",
        "物",
        "もの",
        "もん",
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
        "筈",
        "積もり",
        "必要",
        "見当たる",
        "見つかる",
        "見付かる",
        "伝わる",
        "要る",
        "いる",
        "覚える",
        "感じ取る",
        "感じ取れる",
        "湧く",
        "特に",
        "別に",
        "全く",
        "全然",
        "何",
        "一切",
        "余り",
        "其れ程",
        "然程",
        "殆ど",
        "決して",
        "些とも",
        "少しも",
    ]
)
_REACH = 6
_DEGREE_REACH = 4

PLAIN, NEGATED, TURNS_UP, TURNS_DOWN, IN_PRAISE, IN_BLAME = range(6)
PARTS = 6

# What a word does to the clause it stands in; a bit field kept for each word of the table.
BREAK, SENTENCE, CONTENT, SPACE, NEGATION, VERB, ADVERBIAL, MAKES_ADVERB, NOUN, MAKES_ATTRIBUTE = (1 << bit for bit in range(10))
_NEGATIONS = ("助動詞-ナイ", "助動詞-ヌ", "助動詞-ヘン", "文語助動詞-ズ", "助動詞-マイ")
_NEGATION_WEIGHT = -0.8
# A contrast that leaves so little (のに, くせに) and stands last says that what was good is not so: the rest goes without saying.
_STRONG_CONTRAST, _UNSAID = 0.35, -0.6

# Kinds of terms, by part of speech as the lexicon has it: an adjective tells more surely of feeling than a noun does.
KINDS = ("quality", "act", "thing", "saying", "event")
_KIND_OF = {"adj": 0, "na": 0, "verb": 1, "noun": 2, "event": 4}
_SAYING = 3

MARKS = (
    "negation",
    "double_negation",
    "lessening",
    "contrast",
    "intensifier",
    "diminisher",
    "modality",
    "question",
    "irony",
    "wish",
    "turned",
)
_MARK_PLACE = {name: place for place, name in enumerate(MARKS)}


def role_of(word: Word) -> int:
    """The bits BREAK (ends a clause), SENTENCE (ends a sentence), CONTENT (bears meaning), SPACE, NEGATION (ない, ぬ, ず, へん), VERB, ADVERBIAL (うまく),
    MAKES_ADVERB (the に of きれいに), NOUN, MAKES_ATTRIBUTE (the な of きれいな) for a word."""
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
    bits = CONTENT if word.is_content and word.norm not in _LIGHT else 0
    if major == "動詞":
        bits |= VERB
    elif major == "形容詞" and word.pos[5].startswith("連用形"):
        bits |= ADVERBIAL
    elif (major == "助動詞" and word.norm == "だ" and word.pos[5] == "連用形-ニ") or (major == "助詞" and word.norm == "に"):
        bits |= MAKES_ADVERB
    elif major == "助動詞" and word.norm == "だ" and word.pos[5].startswith("連体形"):
        bits |= MAKES_ATTRIBUTE
    elif major == "名詞" and bits:
        bits |= NOUN
    return bits


@dataclass(slots=True)
class Reading:
    """What the lexicon tells of texts, side by side. All numbers are places in the words of the `Cuts`.

    Hits, the terms that have a polarity, from left to right: `start`, `raw` (as the lexicon says), `value` (as it stands there), `emoji`, `kind` (of KINDS),
    `final` (nothing with a meaning follows it), `attributive` (said of the noun that follows: 「汚い犬」), `text` (whose it is). For words: `clause` (its number; no clause goes on into the next text), and `parts`: PLAIN, a content word that is NEGATED, the negation TURNS_UP
    that makes praise of blame or TURNS_DOWN the other way, a word IN_PRAISE or IN_BLAME: inside a term of several words. For texts:
    `marks` (texts x MARKS, how often each was met), `last_contrast` (the word of the last turn, -1: none), `last_clause` (the last one that says
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
        breaks[cuts.bounds[1:] - 1] = True
        ends = (roles & SENTENCE) > 0
        sentence: Ints = np.cumsum(ends) - ends
        clause: Ints = np.cumsum(breaks) - breaks + sentence
        polar = self._polar[matches.term]
        is_hit = polar & ~(self._degree[matches.term] & _stands_before(matches, polar, cuts.doc))
        values, starts = self._value[matches.term[is_hit]], matches.start[is_hit]
        stops = matches.end[is_hit]
        weigher = _Weigher(cuts, roles, sentence, clause, starts, values, stops)
        # A term that is a verb with its negation (映らない) denies the adverb before it as any negation does.
        for index in starts[(stops - starts > 1) & (roles[stops - 1] & NEGATION > 0)].tolist():
            weigher.deny_adverb(index, _NEGATION_WEIGHT)
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
            self._kind[matches.term[is_hit]],
            stops > last_word[cuts.doc[starts]],
            _attributive(roles, stops, cuts.bounds[cuts.doc[starts] + 1]),
            cuts.doc[starts],
            clause,
            np.array(weigher.parts, np.int64),
            np.array(weigher.marks, np.float64).reshape(-1, len(MARKS)),
            np.array(weigher.last_contrast, np.int64),
            clause[last_word] if len(clause) else last_word,
            np.bincount(cuts.doc[says], minlength=len(cuts.texts)),
        )

    def _turns(self, matches: Matches, roles: npt.NDArray[np.uint16], firsts: Ints, lasts: Ints) -> npt.NDArray[np.bool_]:
        """Which matches are contrasts. Short contrast words mean other things elsewhere: でも and ただ only at the head of a clause, が only after a
        predicate."""
        rule = self._contrast[matches.term]
        turns: npt.NDArray[np.bool_] = rule == _ANYWHERE
        for place in np.flatnonzero(rule > _ANYWHERE).tolist():
            start = int(matches.start[place])
            if rule[place] == _AT_HEAD:
                turns[place] = start == firsts[place] or bool(roles[start - 1] & (BREAK | SENTENCE | SPACE))
            else:
                end = int(matches.end[place])
                turns[place] = not (end < lasts[place] and not roles[end] & (BREAK | SPACE))
        return turns

    def _shift(self, term: Term, start: int, end: int, turns: bool, weigher: _Weigher) -> None:
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
            elif kind == "contrast" and turns:
                weigher.turn(start, end, weight)
            elif kind == "irony" and weight < 0:
                weigher.mark(start, "turned")


def _attributive(roles: npt.NDArray[np.uint16], ends: Ints, lasts: Ints) -> npt.NDArray[np.bool_]:
    """Which hits (each ending before the word `ends`, its text before `lasts`) are said of a noun right behind them."""
    padded = np.append(roles, np.zeros(2, roles.dtype))
    direct = (padded[ends] & NOUN > 0) & (ends < lasts)
    linked = (padded[ends] & MAKES_ATTRIBUTE > 0) & (padded[ends + 1] & NOUN > 0) & (ends + 1 < lasts)
    found: npt.NDArray[np.bool_] = direct | linked
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


class _Weigher:
    """The rules that weigh hits, over plain lists: there is a shifter or two in a text, not one at every word."""

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
        self.marks[self._doc[at] * len(MARKS) + _MARK_PLACE[kind]] += 1

    def _left_of(self, start: int) -> range:
        return range(start - 1, max(self._bounds[self._doc[start]] - 1, start - 1 - _REACH), -1)

    def negate(self, start: int, weight: float) -> None:
        for index in self._left_of(start):
            if self.at[index] >= 0:
                self._turn_over(start, index, weight)
                return
            if self._roles[index] & BREAK:
                return
            if self._roles[index] & CONTENT:
                self.parts[index] = PLAIN if self.parts[index] == NEGATED else NEGATED
                self.deny_adverb(index, weight)
                return

    def deny_adverb(self, verb: int, weight: float) -> None:
        """The adverb of a verb that is denied is denied with it."""
        adverb = self._adverb_before(verb)
        if adverb >= 0:
            self._turn_over(verb, adverb, weight)

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
        for index in self._left_of(start):
            if self.at[index] >= 0:
                self.mark(start, "lessening")
                self._turn_over(start, index, weight)
                if self.at[start] >= 0:
                    self.values[self.at[start]] = 0.0
                return
            if self._roles[index] & (BREAK | CONTENT):
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

    def turn(self, start: int, end: int, weight: float) -> None:
        self.last_contrast[self._doc[start]] = start
        if weight <= _STRONG_CONTRAST and not self._says_more(start, end):
            self._leave_unsaid(start)
        else:
            self._before(start, weight, self._sentence)
        if start > self._bounds[self._doc[start]] and self._sentence[start - 1] != self._sentence[start]:
            # 「味はいい。でも高い」: what it turns from is the sentence before.
            self._before(start, weight, self._sentence, 1)

    def _leave_unsaid(self, start: int) -> None:
        for hit in range(self._hit_bounds[self._doc[start]], self._hit_bounds[self._doc[start] + 1]):
            if self._starts[hit] < start and self._sentence[self._starts[hit]] == self._sentence[start] and self.values[hit] > 0:
                self.values[hit] *= _UNSAID

    def _says_more(self, start: int, end: int) -> bool:
        """Whether anything with a meaning follows in the sentence."""
        last = self._bounds[self._doc[start] + 1]
        return any(self._roles[index] & CONTENT and self._sentence[index] == self._sentence[start] for index in range(end, last))

    def _before(self, start: int, weight: float, part: Ints, back: int = 0) -> None:
        for hit in range(self._hit_bounds[self._doc[start]], self._hit_bounds[self._doc[start] + 1]):
            place = self._starts[hit]
            if place < start and part[place] == part[start] - back:
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
