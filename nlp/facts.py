"""Some eighty facts of each text, dense: what the lexicon's hits say together, which shifters were met, the form of the text.

All are made for a whole batch at once; each lies about between -1 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.faces import GLAD, SAD
from nlp.normalize import Clean
from nlp.polarity import KINDS, Reading
from nlp.weighing import MARKS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEXICAL_FACTS = (
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
    "final_pos",
    "final_neg",
    "attributive_pos",
    "attributive_neg",
    "closing_pos",
    "closing_neg",
    "earlier_pos",
    "earlier_neg",
    *(f"{kind}_{side}" for kind in KINDS for side in ("pos", "neg")),
)
FORM_FACTS = (
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
)
# What is felt in a text that names the brand is more often felt toward it.
TOWARD_FACTS = ("brand_is_pos", "brand_is_neg", "brand_pos", "brand_neg", "brand_last_pos", "brand_last_neg")
DENSE = [*LEXICAL_FACTS, *MARKS, *FORM_FACTS, *TOWARD_FACTS]
# So many columns come first that are made of lexicon hits.
LEXICAL = len(LEXICAL_FACTS)


class Hits:
    """The lexicon's hits of a batch, summed up text by text; `facts` of the texts, and of each text without one of its hits."""

    def __init__(self, reading: Reading, texts: int) -> None:
        self._content = reading.content
        self._texts = texts
        self.reading = reading
        text, raw, value = reading.text, reading.raw, reading.value
        glad, sad = value > 0, value <= 0
        last = reading.clause[reading.start] >= reading.last_clause[text]
        contrast = reading.last_contrast[text]
        turned = contrast >= 0
        after = reading.start > contrast
        masks = [
            raw > 0,
            raw <= 0,
            glad,
            sad,
            last & glad,
            last & sad,
            turned & after,
            turned & ~after,
            reading.emoji & glad,
            reading.emoji & sad,
        ]
        masks += [glad & (raw < 0), sad & (raw > 0)]
        sentences = (reading.closing[reading.start], reading.earlier[reading.start])
        for where in (reading.final, reading.attributive, *sentences, *(reading.kind == kind for kind in range(len(KINDS)))):
            masks += [where & glad, where & sad]
        parts = [np.where(mask, raw if index < 2 else value, 0.0) for index, mask in enumerate(masks)]
        self._parts = np.stack([np.ones(len(text)), *parts])
        self._sums = np.stack([np.bincount(text, weights=part, minlength=texts) for part in self._parts])

    def facts(self) -> Floats:
        """(texts, LEXICAL): what the hits say together."""
        best, _, worst, _ = self._extremes()
        first, last = np.zeros(self._texts), np.zeros(self._texts)
        text, value = self.reading.text, self.reading.value
        last[text] = value
        first[text[::-1]] = value[::-1]
        return _lexical(self._sums, first, last, best, worst, self._content)

    def facts_without(self) -> Floats:
        """(hits, LEXICAL): the facts of each hit's text as if it had not that hit."""
        text, value = self.reading.text, self.reading.value
        best, second_best, worst, second_worst = self._extremes()
        following = np.append(text[1:] == text[:-1], False) if len(text) else np.zeros(0, bool)
        preceding = np.append(False, text[1:] == text[:-1]) if len(text) else np.zeros(0, bool)
        first, last = np.zeros(self._texts), np.zeros(self._texts)
        last[text] = value
        first[text[::-1]] = value[::-1]
        first_without = np.where(preceding, first[text], np.where(following, np.append(value[1:], 0.0)[: len(value)], 0.0))
        last_without = np.where(following, last[text], np.where(preceding, np.append(0.0, value[:-1])[: len(value)], 0.0))
        best_without = np.where(value == best[text], second_best[text], best[text])
        worst_without = np.where(value == worst[text], second_worst[text], worst[text])
        sums = self._sums[:, text] - self._parts
        # What is left of a sum when all of it was taken away is nothing, not a rounding.
        sums[np.abs(sums) < 1e-12] = 0.0
        return _lexical(sums, first_without, last_without, best_without, worst_without, self._content[text])

    def _extremes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each text: the greatest value above zero, the next one, the least below zero, the next one; 0 where there is none."""
        found = [np.zeros(self._texts) for _ in range(4)]
        text, value = self.reading.text, self.reading.value
        order = np.lexsort((value, text))
        text, value = text[order], value[order]
        inside = text[1:] == text[:-1]
        lasts = np.flatnonzero(np.append(~inside, True)) if len(text) else np.zeros(0, np.int64)
        firsts = np.flatnonzero(np.append(True, ~inside)) if len(text) else np.zeros(0, np.int64)
        many = lasts > firsts
        found[0][text[lasts]] = value[lasts]
        found[1][text[lasts[many]]] = value[lasts[many] - 1]
        found[2][text[firsts]] = value[firsts]
        found[3][text[firsts[many]]] = value[firsts[many] + 1]
        return np.maximum(found[0], 0), np.maximum(found[1], 0), np.minimum(found[2], 0), np.minimum(found[3], 0)


def _lexical(sums: npt.NDArray[Any], first: Floats, last: Floats, best: Floats, worst: Floats, content: npt.NDArray[Any]) -> Floats:
    count, pos_raw, neg_raw, pos, neg, last_pos, last_neg, after, before, emoji_pos, emoji_neg, up, down, *placed = sums
    total = pos + neg
    tanh = np.tanh
    cover = np.minimum(1.0, count / np.maximum(1, content))
    columns = [
        *map(tanh, (pos_raw, neg_raw, pos, neg, total, last_pos, last_neg)),
        tanh(2 * last),
        tanh(2 * first),
        tanh(after),
        tanh(before),
    ]
    columns += [best, worst, tanh(emoji_pos), tanh(emoji_neg), tanh(up), tanh(down)]
    columns += [total > 0.15, total < -0.15, count == 0, (pos > 0.2) & (neg < -0.2)]
    columns += [tanh(2 * pos) * cover * (neg == 0), tanh(2 * neg) * cover * (pos == 0)]
    columns += [tanh(2 * np.maximum(0.0, total)) * cover, tanh(2 * np.minimum(0.0, total)) * cover]
    columns += map(tanh, placed)
    return np.stack(columns, axis=1)


def toward(facts: Floats) -> Floats:
    """(texts, TOWARD_FACTS) from the columns before them: the facts of feeling, where the text names the brand."""
    places = [DENSE.index(name.removeprefix("brand_")) for name in TOWARD_FACTS]
    return facts[:, places] * facts[:, [DENSE.index("brand")]]


def marks(reading: Reading) -> Floats:
    """(texts, MARKS): how often each shifter was met, two being much."""
    return np.minimum(1.0, reading.marks / 2)


_SIGNS = ("0123456789", "!", "?", "…", "「『", GLAD, SAD)
_DIGIT, _EXCLAIM, _ASK, _DOTS, _QUOTE, _GLAD, _SAD, _ASCII = (1 << bit for bit in range(8))


def _sign_table() -> npt.NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    table[:0x80] |= _ASCII
    for bit, signs in enumerate(_SIGNS):
        for sign in signs:
            table[ord(sign)] |= 1 << bit
    return table


_SIGN_TABLE = _sign_table()


def form(cleans: Sequence[Clean], codes: npt.NDArray[np.uint32], doc: Ints, laughs: Ints) -> Floats:
    """(texts, FORM_FACTS): the form of texts. `codes` are their characters in a row (code points), `doc` the text of each, `laughs` how
    many words of each text are laughter."""
    signs = _SIGN_TABLE[np.minimum(codes, 0xFFFF)]
    size = len(cleans)

    def count(sign: int) -> Ints:
        return np.bincount(doc[(signs & sign) > 0], minlength=size)

    length = np.bincount(doc, minlength=size)
    counted = np.array([(item.stretched, item.urls, item.mentions, item.hashtags, item.named) for item in cleans], np.float64).reshape(
        -1, 5
    )
    stretched, urls, mentions, hashtags, named = counted.T
    columns = [count(_GLAD) > 0, count(_SAD) > 0, laughs > 0, np.minimum(1.0, count(_EXCLAIM) / 3), count(_ASK) > 0]
    columns += [np.minimum(1.0, stretched / 2), count(_DOTS) > 0, urls > 0, mentions > 0, hashtags > 0, hashtags > 2]
    columns += [
        np.log1p(length) / 6,
        length <= 6,
        length > 80,
        np.minimum(1.0, 5 * count(_DIGIT) / (length + 1)),
        count(_ASCII) / (length + 1),
    ]
    columns += [count(_QUOTE) > 0, named]
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
