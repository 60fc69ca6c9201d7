"""What the terms of the lexicon say where they stand: negation, contrast, degree, wish, question, the last clause.

The rules, for a match with value v (-1 … 1):

- a negation turns the nearest content word to its left, across particles and light words (こと, 思う, できる …), never across a clause:
  v · weight (「美味しくない」 -0.8 v, twice for two);
- a degree word weighs the match after it (or just before it: 「うますぎる」);
- a modality (ほしい, たらよかった, そう) weighs the match to its left; a question weighs the matches of its clause;
- a contrast (けど, のに, でも) leaves the given share of all that its sentence said before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nlp.lexicon import Lexicon, Match
from nlp.tokens import Cut, Word

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
class Hit:
    """A term of the lexicon in its place: `raw` as the lexicon says, `value` as it stands there."""

    start: int
    end: int
    raw: float
    value: float
    clause: int
    emoji: bool
    negated: bool = False


@dataclass(slots=True)
class Reading:
    """What the lexicon tells of one text. `clause[i]` numbers the clause of word i, `parts[i]` says which part it plays:
    PLAIN, a content word that is NEGATED, the negation TURNS_UP that makes praise of blame or TURNS_DOWN the other way, a word IN_PRAISE or
    IN_BLAME: inside a term of several words."""

    hits: list[Hit]
    clause: list[int]
    parts: list[int]
    marks: dict[str, float] = field(default_factory=dict)
    last_contrast: int = -1
    last_clause: int = 0
    content: int = 0


def read(cut: Cut, norms: list[str], roles: list[int], lexicon: Lexicon) -> Reading:
    """Find the terms and weigh them. `roles` are `role_of` for each word of `cut`."""
    matches = lexicon.find(cut, norms)
    clause, sentence = _clauses(norms, roles, matches)
    degrees = any(match.entry is not None and match.shifters for match in matches)
    hits = [
        Hit(match.start, match.end, match.entry.value, match.entry.value, clause[match.start], match.entry.pos == "emoji")
        for match in matches
        if match.entry is not None and match.entry.polarity and not (degrees and _is_degree(match) and _weighs(match, matches))
    ]
    reading = Reading(hits, clause, [0] * len(norms))
    if not matches and NEGATION not in roles:
        return reading
    at = {index: hit for hit in hits for index in range(hit.start, hit.end)}
    for hit in hits:
        if hit.end - hit.start > 1:
            reading.parts[hit.start : hit.end] = [IN_PRAISE if hit.raw > 0 else IN_BLAME] * (hit.end - hit.start)
    covered = {index for match in matches for index in range(match.start, match.end)}
    for index, role in enumerate(roles):
        if role & NEGATION and index not in covered:
            reading.marks["negation"] = reading.marks.get("negation", 0.0) + 1
            _negate(index, _NEGATION_WEIGHT, roles, at, reading)
    for match in matches:
        for shifter in match.shifters:
            if match.start in at and shifter.kind in ("negation", "modality"):
                continue
            reading.marks[shifter.kind] = reading.marks.get(shifter.kind, 0.0) + 1
            if shifter.kind == "negation":
                _negate(match.start, shifter.weight, roles, at, reading)
            elif shifter.kind in ("intensifier", "diminisher"):
                _weigh_degree(match, shifter.weight, roles, at)
            elif shifter.kind in ("double_negation", "modality"):
                if shifter.weight < 0.5:
                    reading.marks["wish"] = reading.marks.get("wish", 0.0) + 1
                _weigh_left(match, shifter.weight, roles, at)
            elif shifter.kind == "question":
                _weigh_clause(match, shifter.weight, hits, clause)
            elif shifter.kind == "contrast" and _is_contrast(match, roles, norms):
                reading.last_contrast = match.start
                for hit in hits:
                    if hit.start < match.start and sentence[hit.start] == sentence[match.start]:
                        hit.value *= shifter.weight
            elif shifter.kind == "irony" and shifter.weight < 0:
                reading.marks["turned"] = reading.marks.get("turned", 0.0) + 1
    return reading


def _is_degree(match: Match) -> bool:
    return any(shifter.kind in ("intensifier", "diminisher") for shifter in match.shifters)


def _weighs(match: Match, matches: list[Match]) -> bool:
    """Whether a word that is both (「めちゃくちゃ」, 「くそ」) stands right before a term that it can weigh."""
    return any(match.end <= other.start < match.end + 2 and other.entry is not None and other.entry.polarity for other in matches)


def _clauses(norms: list[str], roles: list[int], matches: list[Match]) -> tuple[list[int], list[int]]:
    breaks = {m.end - 1 for m in matches if m.shifters and any(s.kind == "contrast" for s in m.shifters) and _is_contrast(m, roles, norms)}
    ends = [index for index, role in enumerate(roles) if role & (BREAK | SENTENCE) or index in breaks]
    if not ends:
        return [0] * len(roles), [0] * len(roles)
    clause, sentence = [], []
    c = s = 0
    for index, role in enumerate(roles):
        clause.append(c)
        sentence.append(s)
        if role & BREAK or index in breaks:
            c += 1
        if role & SENTENCE:
            s += 1
            c += 1
    return clause, sentence


def _is_contrast(match: Match, roles: list[int], norms: list[str]) -> bool:
    """Short contrast words mean other things elsewhere: でも and ただ only at the head of a clause, が only after a predicate."""
    if match.end - match.start > 1:
        return True
    norm = norms[match.start]
    head = match.start == 0 or bool(roles[match.start - 1] & (BREAK | SENTENCE | SPACE))
    if norm in ("でも", "唯", "逆", "寧ろ"):
        return head
    return not (norm == "が" and match.start + 1 < len(roles) and not roles[match.start + 1] & (BREAK | SPACE))


def _negate(start: int, weight: float, roles: list[int], at: dict[int, Hit], reading: Reading) -> None:
    for index in range(start - 1, max(-1, start - 1 - _REACH), -1):
        hit = at.get(index)
        if hit is not None:
            reading.parts[start] = TURNS_UP if hit.value < 0 else TURNS_DOWN
            hit.value *= weight
            hit.negated = not hit.negated
            reading.parts[index] = NEGATED if hit.negated else PLAIN
            return
        if roles[index] & BREAK:
            return
        if roles[index] & CONTENT:
            reading.parts[index] = PLAIN if reading.parts[index] == NEGATED else NEGATED
            return


def _weigh_degree(match: Match, weight: float, roles: list[int], at: dict[int, Hit]) -> None:
    for index in range(match.end, min(len(roles), match.end + _DEGREE_REACH)):
        hit = at.get(index)
        if hit is not None:
            hit.value *= weight
            return
        if roles[index] & BREAK:
            break
    hit = at.get(match.start - 1)
    if hit is not None:
        hit.value *= weight


def _weigh_left(match: Match, weight: float, roles: list[int], at: dict[int, Hit]) -> None:
    for index in range(match.start - 1, max(-1, match.start - 1 - _REACH), -1):
        hit = at.get(index)
        if hit is not None:
            hit.value *= weight
            return
        if roles[index] & BREAK:
            return


def _weigh_clause(match: Match, weight: float, hits: list[Hit], clause: list[int]) -> None:
    for hit in hits:
        if hit.clause == clause[match.start] and hit.start < match.start:
            hit.value *= weight


def opens_phrase(word: Word) -> bool:
    """Whether a word starts a phrase of its own when a score is explained; endings and particles belong to the word before."""
    major, minor = word.pos[0], word.pos[1]
    if major in ("助詞", "助動詞", "接尾辞") or word.norm == "無い" or (major == "補助記号" and minor in ("括弧閉", "句点", "読点")):
        return False
    return not (minor == "非自立可能" and major in ("動詞", "形容詞") and word.norm in _LIGHT)


def joins_next(word: Word) -> bool:
    """Whether the word after this one belongs to its phrase: prefixes, numbers, opening brackets."""
    return word.pos[0] == "接頭辞" or word.pos[1] in ("数詞", "括弧開")
