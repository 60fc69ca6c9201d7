"""Cutting text into words with SudachiPy, once per text, at little more than the tokenizer's own cost.

Every word that was ever seen keeps a small number, its place in a `Words` table; asking a morpheme for its `word_id` is the only call
made for a word already known. The columns of that table (normalised form, part of speech, hash) are what features are computed from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import sudachipy

# Longest text the tokenizer takes is 49,149 bytes of UTF-8; `normalize.MAX_CHARS` stays below it, this guards other callers.
_MAX_BYTES = 49_000
_BEGIN_BITS = 16
_OOV = 0xF000_0000
# Words of the dictionary have ids below this (3.4 million in "core"); a larger one is told by its spelling.
_IDS = 1 << 22
_MODE = "B"
_NUMERAL = "数詞"
# The dictionary's own way to join numerals, left out here, takes a sixth of the time of all cutting.
_PLUGINS = [
    {"class": "com.worksap.nlp.sudachi.JoinKatakanaOovPlugin", "oovPOS": ["名詞", "普通名詞", "一般", "*", "*", "*"], "minLength": 3}
]

Ints = npt.NDArray[np.int64]


def hash_of(text: str) -> int:
    """A hash of `text` that is the same in every process and version: 64 bits of BLAKE2b."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the dictionary knows it: normalised form (表記ゆれ undone, potential verbs apart from plain ones), dictionary form, part of speech (six levels), and whether the
    dictionary knows it at all."""

    norm: str
    base: str
    pos: tuple[str, ...]
    known: bool = True

    @property
    def is_content(self) -> bool:
        """Noun, verb, adjective, adverb, 形状詞 or interjection that bears meaning of its own."""
        return self.pos[0] in _CONTENT and self.pos[1] not in ("数詞", "非自立可能", "助数詞可能", "助動詞語幹")


_CONTENT = frozenset(("名詞", "動詞", "形容詞", "形状詞", "副詞", "感動詞"))
# How a potential verb (使える) ends where the verb itself (使う) ends in so: the dictionary's normalised form takes the one for the other.
_POTENTIAL = dict(zip("うくぐすつぬぶむる", "えけげせてねべめれ", strict=True))


def _norm(morpheme: Any) -> str:
    """The normalised form, with what it takes away where feeling hangs on it: 「できる」 of a verb (使えない blames what 使わない does not), the 「ば」 of endings
    (疲れたら is no 疲れた), the に that makes an adverb of 微妙."""
    norm, base, pos = str(morpheme.normalized_form()), str(morpheme.dictionary_form()), morpheme.part_of_speech()
    if pos[0] == "助動詞":
        return norm + "ば" if pos[5].startswith("仮定形") else "に" if pos[5] == "連用形-ニ" else norm
    if pos[0] != "動詞" or not pos[4].startswith("下一段") or norm[-2:] == base[-2:]:
        return norm
    ending = _POTENTIAL.get(norm[-1:])
    return f"{norm[:-1]}{ending}る" if ending and base.endswith(f"{ending}る") else norm


class Words:
    """The table of words seen so far; listeners are told of each new one, so that others can add columns. Threads may share it."""

    def __init__(self) -> None:
        self.rows: list[Word] = []
        # Counted from one, so that the empty table is zeros: memory that is not touched is not there.
        self._of_id = np.zeros(_IDS, np.int32)
        self._of_unknown: dict[tuple[int, str], int] = {}
        self._numerals: set[int] = set()
        self._listeners: list[Callable[[int, Word], None]] = []
        self._lock = threading.Lock()

    def listen(self, listener: Callable[[int, Word], None]) -> None:
        """Call `listener(index, word)` for every word known now or learnt later."""
        self._listeners.append(listener)
        for index, word in enumerate(self.rows):
            listener(index, word)

    def find(self, word_ids: Ints) -> Ints:
        """Indexes of the dictionary's words with these `word_id`s; -1 for those not known yet and those in no dictionary."""
        return self._of_id[np.minimum(word_ids, _IDS - 1)].astype(np.int64) - 1

    def find_unknown(self, word_id: int, written: str) -> int:
        """Index of a word that is in no dictionary, by how it is written; -1 if it was never seen. Numbers are one word."""
        return self._of_unknown.get((word_id, "0" if word_id in self._numerals else written), -1)

    def learn(self, morpheme: Any) -> int:
        """Index of this morpheme's word, learning it where it is new."""
        word_id, pos = morpheme.word_id(), morpheme.part_of_speech()
        known, numeral = word_id < _IDS - 1, pos[1] == _NUMERAL
        written = "0" if numeral else morpheme.surface()
        with self._lock:
            found = int(self._of_id[word_id]) - 1 if known else self._of_unknown.get((word_id, written), -1)
            if found >= 0:
                return found
            index = len(self.rows)
            word = Word("0" if numeral else _norm(morpheme), morpheme.dictionary_form(), tuple(pos), word_id < _OOV)
            self.rows.append(word)
            for listener in self._listeners:
                listener(index, word)
            # Last, so that no other thread meets a word whose columns are not there yet.
            if known:
                self._of_id[word_id] = index + 1
            else:
                self._of_unknown[word_id, written] = index
                if numeral:
                    self._numerals.add(word_id)
            return index


@dataclass(slots=True)
class Cuts:
    """Texts cut into words, side by side: `words[i]` is a row of `Words`, `starts[i]` its first character in its text; text d has the words
    `bounds[d]` to `bounds[d + 1]` (exclusive), and `doc[i]` is the text of word i."""

    texts: list[str]
    words: Ints
    starts: Ints
    bounds: Ints
    doc: Ints


class Tokenizer:
    """One tokenizer for each thread (SudachiPy refuses one used from two), one table of words for each `Tokenizer`."""

    _dictionary: Any = None
    _lock = threading.Lock()

    def __init__(self, mode: str = _MODE) -> None:
        with Tokenizer._lock:
            if Tokenizer._dictionary is None:
                Tokenizer._dictionary = sudachipy.Dictionary(config=sudachipy.Config(pathRewritePlugin=_PLUGINS), dict="core")
        self.words = Words()
        self._numeral = Column(self.words, lambda word: int(word.pos[1] == _NUMERAL), np.bool_)
        self._point = Column(self.words, lambda word: int(word.norm in (".", ",")), np.bool_)
        self._mode = getattr(sudachipy.SplitMode, mode)
        self._local = threading.local()

    def cut(self, texts: Sequence[str]) -> Cuts:
        """Cut texts (as `normalize.clean` gives them)."""
        try:
            tokenize = self._local.bare.tokenize
        except AttributeError:
            # Words already known need no more than their number; only new ones are asked for everything.
            self._local.bare = Tokenizer._dictionary.tokenizer(mode=self._mode, fields=set())
            self._local.full = Tokenizer._dictionary.tokenizer(mode=self._mode)
            tokenize = self._local.bare.tokenize
        cut_texts: list[str] = []
        # The number of each word and where it begins, in one number: making pairs of them would take longer than asking for them.
        packed: list[int] = []
        bounds = [0]
        for text in texts:
            if len(text) > _MAX_BYTES // 4:
                text = text.encode()[:_MAX_BYTES].decode(errors="ignore")
            packed += [morpheme.word_id() << _BEGIN_BITS | morpheme.begin() for morpheme in tokenize(text)]
            bounds.append(len(packed))
            cut_texts.append(text)
        ends, both = np.array(bounds, np.int64), np.fromiter(packed, np.int64, len(packed))
        ids, starts = both >> _BEGIN_BITS, both & (1 << _BEGIN_BITS) - 1
        doc = np.repeat(np.arange(len(cut_texts)), np.diff(ends))
        cuts = Cuts(cut_texts, self.words.find(ids), starts, ends, doc)
        self._complete(cuts, ids)
        return self._with_whole_numbers(cuts)

    def _with_whole_numbers(self, cuts: Cuts) -> Cuts:
        """The same with the numerals of a number (12, 1,000, 二十) as one word, the first."""
        numeral, inside = self._numeral.array[cuts.words], cuts.doc[1:] == cuts.doc[:-1]
        before, after = np.append(False, numeral[:-1] & inside), np.append(numeral[1:] & inside, False)
        point = self._point.array[cuts.words] & before & after
        kept = ~(point | numeral & (before | np.append(False, point[:-1])))
        doc = cuts.doc[kept]
        bounds = np.append(0, np.cumsum(np.bincount(doc, minlength=len(cuts.texts))))
        return Cuts(cuts.texts, cuts.words[kept], cuts.starts[kept], bounds, doc)

    def _complete(self, cuts: Cuts, ids: Ints) -> None:
        """Fill in the words that no dictionary has (by their spelling) and those never seen before."""
        missing = np.flatnonzero(cuts.words < 0)
        if not len(missing):
            return
        doc = cuts.doc[missing]
        following = np.append(cuts.starts[1:], 0)[missing]
        following[missing + 1 == cuts.bounds[doc + 1]] = _MAX_BYTES
        new = set()
        found = []
        for text, word_id, start, end in zip(
            doc.tolist(), ids[missing].tolist(), cuts.starts[missing].tolist(), following.tolist(), strict=True
        ):
            index = self.words.find_unknown(word_id, cuts.texts[text][start:end]) if word_id >= _IDS - 1 else -1
            found.append(index)
            if index < 0:
                new.add(text)
        cuts.words[missing] = found
        for text in new:
            places = range(cuts.bounds[text], cuts.bounds[text + 1])
            for place, morpheme in zip(places, self._local.full.tokenize(cuts.texts[text]), strict=True):
                if cuts.words[place] < 0:
                    cuts.words[place] = self.words.learn(morpheme)


class Column:
    """A numpy column beside `Words` that grows with it: `column.array[words]` gives the value for each word."""

    def __init__(self, words: Words, value: Callable[[Word], int], dtype: Any = np.uint64) -> None:
        self._value = value
        self._data = np.zeros(4096, dtype)
        words.listen(self._add)

    def _add(self, index: int, word: Word) -> None:
        if index >= len(self._data):
            self._data = np.concatenate([self._data, np.zeros_like(self._data)])
        self._data[index] = self._value(word)

    @property
    def array(self) -> np.ndarray[Any, Any]:
        """The column; rows past the last word are zero."""
        return self._data
