"""Texts become numbers: word, character and platform n-grams (sparse, hashed) and some eighty facts of the lexicon and the form (dense).

One pass of the tokenizer and one of the lexicon for each text; the rest is done for a whole batch at once in numpy. The top BITS bits of
an n-gram's hash are its bucket.

What names a thing says nothing of what is felt about it: the brand, proper nouns and unknown words written like names are one word to the
word n-grams (several in a row, too), and letters of names and of the mask make no n-grams. Hashtags around a sentence are a block of their own that only the mention type sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nlp import facts, grams
from nlp.facts import DENSE, LEXICAL, Hits
from nlp.grams import Grams, Signs
from nlp.lexicon import Lexicon
from nlp.normalize import LAUGH, Clean, clean_all
from nlp.polarity import Grammar, Reading
from nlp.roles import CONTENT, SPACE, role_of
from nlp.tokens import Column, Cuts, Tokenizer, Word, hash_of

BITS = 32
BLOCKS = ("word", "char", "meta", "tag")
# Stands in the place of the brand: a proper noun, so that the words around it are cut as around a name. (A sign would take 「、」 into its word.)
BRAND_MASK = "キリバス"
_END = "\x02"

Floats = npt.NDArray[np.float32]

__all__ = ["BITS", "BLOCKS", "BRAND_MASK", "DENSE", "LEXICAL", "Batch", "Featurizer", "Text"]

# How names are written; unknown words in hiragana are talk.
_NAME = re.compile("[ァ-ヴー一-龥々A-Za-z0-9・]{2,}")


@dataclass(frozen=True, slots=True)
class Text:
    """What a text needs to be scored."""

    text: str
    brand: str | None = None
    platform: str | None = None


@dataclass(slots=True)
class Batch:
    """Features of `size` texts. The n-gram i stands in text `doc[i]` at word `token[i]` (an index into all words of the batch, -1: none),
    is of block `block[i]` (an index into BLOCKS) and in bucket `bucket[i]`. `dense` is (size, len(DENSE))."""

    size: int
    doc: npt.NDArray[np.int64]
    bucket: npt.NDArray[np.int64]
    token: npt.NDArray[np.int64]
    block: npt.NDArray[np.int8]
    dense: Floats
    cleans: list[Clean]
    cuts: Cuts
    hits: Hits

    @property
    def reading(self) -> Reading:
        """What the lexicon tells of the texts."""
        return self.hits.reading


class Featurizer:
    """Makes a Batch of texts. Keeps the table of words, so it gets faster as it goes."""

    def __init__(self, tokenizer: Tokenizer, lexicon: Lexicon) -> None:
        self.tokenizer = tokenizer
        self.lexicon = lexicon
        self._grammar = Grammar(tokenizer, lexicon)
        words = tokenizer.words
        self._form = Column(words, lambda word: hash_of("w:" + (BRAND_MASK if self._is_name(word) else word.norm)))
        self._pos = Column(words, lambda word: hash_of("p:" + (BRAND_MASK if self._is_name(word) else _tag(word))))
        self._name = Column(words, lambda word: int(self._is_name(word)), np.bool_)
        self._laugh = Column(words, lambda word: int(word.norm in (LAUGH, LAUGH.upper())), np.bool_)
        self._content = Column(words, lambda word: int(bool(role_of(word) & CONTENT)), np.bool_)
        self._space = Column(words, lambda word: int(bool(role_of(word) & SPACE)), np.bool_)

    def _is_name(self, word: Word) -> bool:
        """Whether a word is a name of something: the brand's mask, a proper noun, or written as one and in no dictionary."""
        if BRAND_MASK in word.norm:
            return True
        if word.pos[0] != "名詞" or self.lexicon.opens(word.norm):
            return False
        return word.pos[1] == "固有名詞" or (not word.known and _NAME.fullmatch(word.norm) is not None)

    def clean(self, texts: Sequence[Text]) -> list[Clean]:
        """The texts made even, their brands masked. A tag that the lexicon knows for praise or blame (#最高) is put back, behind the text."""
        cleans = clean_all([text.text for text in texts], [text.brand for text in texts], BRAND_MASK, self.lexicon.faces)
        for index, item in enumerate(cleans):
            if item.tags and (felt := [tag for tag in item.tags if self._grammar.is_felt(self.tokenizer.cut([tag]))]):
                rest = tuple(tag for tag in item.tags if tag not in felt)
                cleans[index] = replace(item, text=" ".join([item.text, *felt]), tags=rest)
        return cleans

    def batch(self, texts: Sequence[Text], cleans: Sequence[Clean] | None = None) -> Batch:
        """Features of all texts."""
        cleaned = list(cleans) if cleans is not None else self.clean(texts)
        cuts = self.tokenizer.cut([item.text for item in cleaned])
        reading = self._grammar.read(cuts)
        size = len(cleaned)
        hits = Hits(reading, size)
        codes, doc, token = _letters(cuts)
        laughs = np.bincount(cuts.doc[self._laugh.array[cuts.words]], minlength=size)
        real = codes != ord(_END)
        plain = np.concatenate([hits.facts(), facts.marks(reading), facts.form(cleaned, codes[real], doc[real], laughs)], axis=1)
        dense = np.concatenate([plain, facts.toward(plain)], axis=1)
        named = np.append(self._name.array[cuts.words], False)[token] & real
        blocks = [
            grams.of_words(self._signs(cuts, reading)),
            grams.of_chars(codes, doc, token, named),
            [_meta(texts)],
            [self._tags(cleaned)],
        ]
        block = np.repeat(np.arange(len(blocks), dtype=np.int8), [sum(len(part.doc) for part in parts) for parts in blocks])
        every = grams.joined([part for parts in blocks for part in parts])
        bucket = (every.hashes >> np.uint64(64 - BITS)).view(np.int64)
        return Batch(size, every.doc, bucket, every.token, block, dense.astype(np.float32), cleaned, cuts, hits)

    def _signs(self, cuts: Cuts, reading: Reading) -> Signs:
        kept = np.flatnonzero(~self._space.array[cuts.words])
        # Names in a row are one name, as the mask over a brand is.
        name, doc = self._name.array[cuts.words[kept]], cuts.doc[kept]
        kept = kept[~(name & np.append(False, name[:-1] & (doc[1:] == doc[:-1])))] if len(kept) else kept
        words, doc = cuts.words[kept], cuts.doc[kept]
        last = reading.clause[kept] >= reading.last_clause[doc]
        return Signs(
            doc,
            kept,
            self._form.array[words],
            self._pos.array[words],
            self._content.array[words],
            reading.parts[kept],
            last,
            reading.closing[kept],
            reading.earlier[kept],
        )

    def _tags(self, cleans: Sequence[Clean]) -> Grams:
        """The words of lifted hashtags, for the mention type alone."""
        tags = [(index, tag) for index, item in enumerate(cleans) for tag in item.tags]
        cuts = self.tokenizer.cut([tag for _, tag in tags])
        kept = ~self._name.array[cuts.words]
        owner = np.array([index for index, _ in tags], np.int64)
        return grams.of_tags(self._form.array[cuts.words[kept]], owner[cuts.doc[kept]])


def _tag(word: Word) -> str:
    """Part of speech and, for what is inflected, its form."""
    return ",".join((word.pos[0], word.pos[1], word.pos[5] if word.pos[0] in ("動詞", "形容詞", "助動詞") else ""))


def _letters(cuts: Cuts) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All characters in a row (code points), each text closed by _END; the text of each, and its word: the last that starts at or before it
    (-1 before the first of all)."""
    codes = np.frombuffer((_END.join(cuts.texts) + _END).encode("utf-32-le"), np.uint32) if cuts.texts else np.zeros(0, np.uint32)
    ends = np.cumsum([len(text) + 1 for text in cuts.texts]) if cuts.texts else np.zeros(0, np.int64)
    doc = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    # Counted, for one letter may be several words (… is cut into three).
    opens = np.bincount(cuts.starts + np.append(0, ends)[cuts.doc], minlength=len(codes))
    return codes, doc, np.cumsum(opens) - 1


_PLATFORM_HASHES: dict[str, int] = {}


def _meta(texts: Sequence[Text]) -> Grams:
    docs, hashes = [], []
    for index, text in enumerate(texts):
        if text.platform:
            value = _PLATFORM_HASHES.get(text.platform)
            if value is None:
                value = _PLATFORM_HASHES[text.platform] = hash_of("platform:" + text.platform)
            docs.append(index)
            hashes.append(value)
    return Grams(np.array(docs, np.int64), np.array(hashes, np.uint64), np.full(len(docs), -1, np.int64))
