"""Texts become numbers: word, character and platform n-grams (sparse, hashed) and some fifty facts of the lexicon and the form (dense).

One pass of the tokenizer and one of the lexicon for each text; the rest is done for a whole batch at once in numpy. An n-gram is a 64-bit
hash made by mixing the hashes of its parts; its top BITS bits are its bucket. Each n-gram keeps the word it stands at, so that
`nlp.why` can say which word made a score.

What names a thing says nothing of what is felt about it: the brand, proper nouns and unknown words written like names are one word to the
word n-grams, and letters of names make no n-grams. Hashtags around a sentence are a block of their own that only the mention type sees.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.faces import GLAD, SAD
from nlp.lexicon import Lexicon
from nlp.normalize import LAUGH, Clean, clean
from nlp.polarity import CONTENT, PARTS, SPACE, Hit, Reading, read, role_of
from nlp.tokens import Column, Cut, Tokenizer, Word, hash_of

BITS = 22
BLOCKS = ("word", "char", "meta", "tag")
BRAND_MASK = "〓"
CHAR_GRAMS = (1, 2, 3, 4)

Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]

DENSE = [
    "pos_raw",
    "neg_raw",
    "pos",
    "neg",
    "total",
    "last_pos",
    "last_neg",
    "last_hit",
    "first_hit",
    "after_contrast",
    "before_contrast",
    "best",
    "worst",
    "emoji_pos",
    "emoji_neg",
    "turned_up",
    "turned_down",
    "is_pos",
    "is_neg",
    "no_hit",
    "both",
    "plain_pos",
    "plain_neg",
    "cover_pos",
    "cover_neg",
    "negation",
    "double_negation",
    "contrast",
    "intensifier",
    "diminisher",
    "modality",
    "question",
    "irony",
    "wish",
    "turned",
    "glad_face",
    "sad_face",
    "laugh",
    "exclaim",
    "ask",
    "stretched",
    "dots",
    "url",
    "mention",
    "hashtag",
    "hashtags3",
    "length",
    "short",
    "long",
    "digits",
    "latin",
    "quote",
    "brand",
]
_MARKS = ["negation", "double_negation", "contrast", "intensifier", "diminisher", "modality", "question", "irony", "wish", "turned"]
# So many columns come first that are made of lexicon hits (`lexical_facts`).
LEXICAL = DENSE.index("cover_neg") + 1

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SALT = {
    name: np.uint64(hash_of("salt:" + name) | 1)
    for name in ["neg", "last", "pair", "triple", "skip", "pos2", "pos3", "end2", "end3", "char", "content", "group", "tag"]
}


# How names are written; unknown words in hiragana are talk.
_NAME = re.compile("[ァ-ヴー一-龥々A-Za-z0-9・]{2,}")

_PART_SALTS = np.array([hash_of(f"part:{part}") for part in range(PARTS)], np.uint64)


@dataclass(frozen=True, slots=True)
class Text:
    """What a text needs to be scored."""

    text: str
    brand: str | None = None
    platform: str | None = None


@dataclass(slots=True)
class Batch:
    """Features of `size` texts. The n-gram i stands in text `doc[i]` at word `token[i]` (an index into all words of the batch, -1: none),
    is of block `block[i]` (an index into BLOCKS) and in bucket `bucket[i]`. `dense` is (size, len(DENSE)).
    `first_token[d]` is the index of the first word of text d."""

    size: int
    doc: Ints
    bucket: Ints
    token: Ints
    block: npt.NDArray[np.int8]
    dense: Floats
    cleans: list[Clean]
    cuts: list[Cut]
    readings: list[Reading]
    first_token: list[int]


def _mix(left: Hashes, right: Hashes | np.uint64) -> Hashes:
    """A hash of the ordered pair; wraps around in 64 bits by intent."""
    mixed = (left ^ (left >> np.uint64(29))) * _MIX + right
    return (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xBF58476D1CE4E5B9)


class Featurizer:
    """Makes a Batch of texts. Keeps the table of words, so it gets faster as it goes."""

    def __init__(self, tokenizer: Tokenizer, lexicon: Lexicon) -> None:
        self.tokenizer = tokenizer
        self.lexicon = lexicon
        self._norms: list[str] = []
        self._roles: list[int] = []
        tokenizer.words.listen(self._learn)
        self._hash = Column(tokenizer.words, lambda word: hash_of("w:" + (BRAND_MASK if self._is_name(word) else word.norm)))
        self._pos = Column(tokenizer.words, lambda word: hash_of("p:" + (BRAND_MASK if self._is_name(word) else _tag(word))))
        self._name = Column(tokenizer.words, lambda word: int(self._is_name(word) and BRAND_MASK not in word.norm), np.uint8)
        self._content = Column(tokenizer.words, lambda word: int(bool(role_of(word) & CONTENT)), np.uint8)

    def _learn(self, index: int, word: Word) -> None:
        self._norms.append(word.norm)
        self._roles.append(role_of(word))

    def _is_name(self, word: Word) -> bool:
        """Whether a word is a name of something: the brand's mask, a proper noun, or written as one and in no dictionary."""
        if BRAND_MASK in word.norm:
            return True
        if word.pos[0] != "名詞" or self.lexicon.opens(word.norm):
            return False
        return word.pos[1] == "固有名詞" or (not word.known and _NAME.fullmatch(word.norm) is not None)

    def clean(self, text: Text) -> Clean:
        """The text made even, its brand masked. A tag that the lexicon knows for praise or blame (#最高) is put back, behind the text."""
        item = clean(text.text, text.brand, BRAND_MASK, self.lexicon.faces)
        if not item.tags:
            return item
        felt = [tag for tag in item.tags if self._is_felt(tag)]
        if not felt:
            return item
        return replace(item, text=" ".join([item.text, *felt]), tags=tuple(tag for tag in item.tags if tag not in felt))

    def _is_felt(self, tag: str) -> bool:
        cut = self.tokenizer.cut(tag)
        found = self.lexicon.find(cut, [self._norms[word] for word in cut.words])
        return any(match.entry is not None and match.entry.polarity for match in found)

    def batch(self, texts: Sequence[Text], cleans: Sequence[Clean] | None = None) -> Batch:
        """Features of all texts."""
        cleaned = list(cleans) if cleans is not None else [self.clean(text) for text in texts]
        cuts, readings, rows, first_token = [], [], [], []
        words: list[int] = []
        parts_of: list[int] = []
        lasts: list[int] = []
        norm_of, role_of_word = self._norms, self._roles
        cut_of, lexicon = self.tokenizer.cut, self.lexicon
        for item in cleaned:
            cut = cut_of(item.text)
            norms = [norm_of[word] for word in cut.words]
            roles = [role_of_word[word] for word in cut.words]
            reading = read(cut, norms, roles, lexicon)
            last = reading.last_clause = _last_clause(reading.clause, roles)
            reading.content = sum(1 for role in roles if role & CONTENT)
            rows.append(dense_row(item, norms, reading))
            first_token.append(len(words))
            words += cut.words
            parts_of += reading.parts
            lasts += [1 if c >= last else 0 for c in reading.clause]
            cuts.append(cut)
            readings.append(reading)
        lengths = np.array([len(cut.words) for cut in cuts], np.int64)
        parts = [
            self._word_grams(np.array(words, np.int64), np.array(parts_of, np.int64), np.array(lasts, bool), lengths),
            _char_grams(cuts, np.array(words, np.int64), self._name.array),
            _meta(texts),
            self._tags(cleaned),
        ]
        doc, hashes, token = (np.concatenate([part[i] for part in parts]) for i in range(3))
        block = np.repeat(np.arange(len(parts), dtype=np.int8), [len(part[0]) for part in parts])
        bucket = (hashes >> np.uint64(64 - BITS)).astype(np.int32)
        dense = np.array(rows, np.float32).reshape(len(rows), len(DENSE))
        return Batch(len(cuts), doc.astype(np.int32), bucket, token.astype(np.int32), block, dense, cleaned, cuts, readings, first_token)

    def _tags(self, cleans: Sequence[Clean]) -> tuple[Any, Hashes, Any]:
        """The words of lifted hashtags, for the mention type alone."""
        docs, hashes = [], []
        names, forms = self._name, self._hash
        for index, item in enumerate(cleans):
            for tag in item.tags:
                words = [word for word in self.tokenizer.cut(tag).words if not names.array[word]]
                docs += [index] * len(words)
                hashes += [int(forms.array[word]) for word in words]
        return np.array(docs, np.int64), _mix(np.array(hashes, np.uint64), _SALT["tag"]), np.full(len(docs), -1, np.int64)

    def _word_grams(self, words: npt.NDArray[np.int64], part: Any, last: Any, lengths: npt.NDArray[np.int64]) -> tuple[Any, Hashes, Any]:
        docs = np.repeat(np.arange(len(lengths)), lengths)
        tokens = np.arange(len(words))
        spaces = np.array(self._roles, np.uint8)[words] & SPACE if len(words) else np.zeros(0, np.uint8)
        kept = spaces == 0
        words, docs, tokens, part, last = words[kept], docs[kept], tokens[kept], part[kept], last[kept]
        form, pos, content = self._hash.array[words], self._pos.array[words], self._content.array[words].astype(bool)
        # A word that plays a part (negated, turning, inside a term) is another word than the same one plain; the part itself tells, too.
        turned = part > 0
        signed = np.where(turned, _mix(form, _PART_SALTS[part]), form)
        out: list[tuple[Any, Hashes, Any]] = [(docs, signed, tokens), (docs[turned], _PART_SALTS[part[turned]], tokens[turned])]
        out.append((docs[last], _mix(signed[last], _SALT["last"]), tokens[last]))

        def grams(values: Hashes, where: Any, at: Any, span: int, salt: str, skip: bool = False) -> None:
            if len(values) < span:
                return
            same = where[: len(where) - span + 1] == where[span - 1 :]
            mixed = _mix(values[: len(values) - span + 1], _SALT[salt])
            for step in range(1, span):
                if not (skip and step < span - 1):
                    mixed = _mix(mixed, values[step : len(values) - span + 1 + step])
            out.append((where[: len(same)][same], mixed[same], at[: len(same)][same]))

        grams(form, docs, tokens, 2, "pair")
        grams(form, docs, tokens, 3, "triple")
        grams(form, docs, tokens, 3, "skip", skip=True)
        grams(pos, docs, tokens, 2, "pos2")
        grams(pos, docs, tokens, 3, "pos3")
        grams(signed[content], docs[content], tokens[content], 2, "content")
        ends = np.flatnonzero(np.append(docs[1:] != docs[:-1], True)) if len(docs) else np.zeros(0, np.int64)
        for span, salt in ((2, "end2"), (3, "end3")):
            have = ends[ends >= span - 1]
            have = have[docs[have - span + 1] == docs[have]]
            mixed = _mix(form[have - span + 1], _SALT[salt])
            for step in range(span - 2, -1, -1):
                mixed = _mix(mixed, form[have - step])
            out.append((docs[have], mixed, tokens[have]))
        return tuple(np.concatenate([part[i] for part in out]) for i in range(3))  # type: ignore[return-value]


def _tag(word: Word) -> str:
    """Part of speech and, for what is inflected, its form."""
    return ",".join((word.pos[0], word.pos[1], word.pos[5] if word.pos[0] in ("動詞", "形容詞", "助動詞") else ""))


def _last_clause(clause: list[int], roles: list[int]) -> int:
    """Number of the last clause that says something."""
    for index in range(len(clause) - 1, -1, -1):
        if roles[index] & CONTENT:
            return clause[index]
    return 0


def _char_grams(cuts: list[Cut], words: npt.NDArray[np.int64], is_name: npt.NDArray[np.uint8]) -> tuple[Any, Hashes, Any]:
    texts = [cut.text for cut in cuts]
    lengths = np.array([len(text) + 1 for text in texts], np.int64)
    codes = np.frombuffer("".join(text + "\x02" for text in texts).encode("utf-32-le"), np.uint32)
    docs = np.repeat(np.arange(len(texts)), lengths)
    # The word each character belongs to: the last one that starts at or before it.
    token = np.zeros(len(codes), np.int64)
    offset = 0
    starts: list[int] = []
    for length, cut in zip(lengths, cuts, strict=True):
        starts += [offset + start for start in cut.starts]
        offset += int(length)
    token[np.array(starts, np.int64)] = 1
    token = np.cumsum(token) - 1
    out: list[tuple[Any, Hashes, Any]] = []
    letters = _mix(codes.astype(np.uint64), _SALT["char"])
    # Letters of names tell nothing that holds elsewhere.
    names = np.zeros(len(codes) + 1, np.int64)
    if len(words):
        names[1:] = np.cumsum((is_name[words[np.maximum(token, 0)]] > 0) & (codes != 2))
    mixed = letters
    for span in range(1, max(CHAR_GRAMS) + 1):
        if span > 1:
            mixed = _mix(mixed[:-1], letters[span - 1 :])
        if span in CHAR_GRAMS and len(mixed):
            same = (docs[: len(mixed)] == docs[span - 1 :]) & (names[span:] == names[: len(mixed)])
            middle = (span - 1) // 2
            out.append((docs[: len(mixed)][same], mixed[same], token[middle : middle + len(mixed)][same]))
    return tuple(np.concatenate([part[i] for part in out]) for i in range(3))  # type: ignore[return-value]


_PLATFORM_HASHES: dict[str, int] = {}


def _meta(texts: Sequence[Text]) -> tuple[Any, Hashes, Any]:
    docs, hashes = [], []
    for index, text in enumerate(texts):
        if text.platform:
            value = _PLATFORM_HASHES.get(text.platform)
            if value is None:
                value = _PLATFORM_HASHES[text.platform] = hash_of("platform:" + text.platform)
            docs.append(index)
            hashes.append(value)
    return np.array(docs, np.int64), np.array(hashes, np.uint64), np.full(len(docs), -1, np.int64)


def lexical_facts(hits: Sequence[Hit], last_clause: int, last_contrast: int, content: int) -> list[float]:
    """The first LEXICAL columns of DENSE: what these hits say together, in a text of so many content words."""
    pos_raw = neg_raw = pos = neg = last_pos = last_neg = after = before = emoji_pos = emoji_neg = up = down = 0.0
    best = worst = 0.0
    for hit in hits:
        value = hit.value
        if hit.raw > 0:
            pos_raw += hit.raw
        else:
            neg_raw += hit.raw
        if value > 0:
            pos += value
            best = max(best, value)
            if hit.clause >= last_clause:
                last_pos += value
            if hit.emoji:
                emoji_pos += value
            if hit.raw < 0:
                up += value
        else:
            neg += value
            worst = min(worst, value)
            if hit.clause >= last_clause:
                last_neg += value
            if hit.emoji:
                emoji_neg += value
            if hit.raw > 0:
                down += value
        if last_contrast >= 0:
            if hit.start > last_contrast:
                after += value
            else:
                before += value
    total = pos + neg
    tanh = math.tanh
    row = [tanh(value) for value in (pos_raw, neg_raw, pos, neg, total, last_pos, last_neg)]
    row += [tanh(2 * hits[-1].value), tanh(2 * hits[0].value)] if hits else [0.0, 0.0]
    row += [tanh(after), tanh(before), best, worst, tanh(emoji_pos), tanh(emoji_neg), tanh(up), tanh(down)]
    row += [float(total > 0.15), float(total < -0.15), float(not hits), float(pos > 0.2 and neg < -0.2)]
    cover = min(1.0, len(hits) / max(1, content))
    row += [tanh(2 * pos) * cover * (neg == 0), tanh(2 * neg) * cover * (pos == 0)]
    row += [tanh(2 * max(0.0, total)) * cover, tanh(2 * min(0.0, total)) * cover]
    return row


def dense_row(item: Clean, norms: list[str], reading: Reading) -> list[float]:
    """The facts of one text, in the order of DENSE, each about -1 … 1."""
    text = item.text
    row = lexical_facts(reading.hits, reading.last_clause, reading.last_contrast, reading.content)
    marks = reading.marks
    row += [min(1.0, marks[name] / 2) if name in marks else 0.0 for name in _MARKS]
    length = len(text)
    digits = sum(map(text.count, "0123456789"))
    latin = length - len(text.encode("ascii", "ignore")) if length else 0
    row += [
        float(GLAD in text),
        float(SAD in text),
        float(LAUGH in norms or "W" in norms),
        min(1.0, text.count("!") / 3),
        float("?" in text),
        min(1.0, item.stretched / 2),
        float("…" in text),
        float(item.urls > 0),
        float(item.mentions > 0),
        float(item.hashtags > 0),
        float(item.hashtags > 2),
        math.log1p(length) / 6,
        float(length <= 6),
        float(length > 80),
        min(1.0, 5 * digits / (length + 1)),
        (length - latin) / (length + 1),
        float("「" in text or "『" in text),
        float(item.named),
    ]
    return row
