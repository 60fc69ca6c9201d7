"""Cutting text into words with SudachiPy, once per text, at little more than the tokenizer's own cost.

Every word that was ever seen keeps a small number, its place in a `Words` table; asking a morpheme for its `word_id` is the only call
made for a word already known. The columns of that table (normalised form, part of speech, hash) are what features are computed from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import sudachipy

# Longest text the tokenizer takes is 49,149 bytes of UTF-8; `normalize.MAX_CHARS` stays below it, this guards other callers.
_MAX_BYTES = 49_000
_OOV = 0xF000_0000
_MODE = "B"


def hash_of(text: str) -> int:
    """A hash of `text` that is the same in every process and version: 64 bits of BLAKE2b."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the dictionary knows it: normalised form (表記ゆれ undone), dictionary form, part of speech (six levels), and whether the
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


class Words:
    """The table of words seen so far; `learn` is called once for each, so that others can add columns."""

    def __init__(self) -> None:
        self.rows: list[Word] = []
        self._known: dict[int | tuple[int, str], int] = {}
        self._listeners: list[Callable[[int, Word], None]] = []

    def listen(self, listener: Callable[[int, Word], None]) -> None:
        """Call `listener(index, word)` for every word known now or learnt later."""
        self._listeners.append(listener)
        for index, word in enumerate(self.rows):
            listener(index, word)

    def find(self, word_ids: list[int]) -> list[int]:
        """Indexes of the dictionary words with these `word_id`s, -1 for those not known yet."""
        get = self._known.get
        return [get(word_id, -1) for word_id in word_ids]

    def learn(self, morpheme: Any, word_id: int) -> int:
        """Index of this morpheme's word, learning it where it is new."""
        pos = morpheme.part_of_speech()
        key: int | tuple[int, str] = word_id if word_id < _OOV else (word_id, morpheme.surface())
        if pos[1] == "数詞":
            key = (word_id, "0") if word_id >= _OOV else word_id
        found = self._known.get(key)
        if found is not None:
            return found
        norm = "0" if pos[1] == "数詞" else morpheme.normalized_form()
        index = len(self.rows)
        word = Word(norm, morpheme.dictionary_form(), tuple(pos), word_id < _OOV)
        self.rows.append(word)
        self._known[key] = index
        for listener in self._listeners:
            listener(index, word)
        return index


@dataclass(slots=True)
class Cut:
    """A text cut into words: `words[i]` is a row of `Words`, `starts[i]` its first character in the text."""

    text: str
    words: list[int]
    starts: list[int]

    def surface(self, index: int) -> str:
        """The word as the text writes it."""
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[index] : end]


class Tokenizer:
    """One tokenizer for each thread (SudachiPy refuses one used from two), one table of words for each `Tokenizer`."""

    _dictionary: Any = None
    _lock = threading.Lock()

    def __init__(self, mode: str = _MODE) -> None:
        with Tokenizer._lock:
            if Tokenizer._dictionary is None:
                Tokenizer._dictionary = sudachipy.Dictionary(dict="core")
        self.words = Words()
        self._mode = mode
        self._local = threading.local()

    def cut(self, text: str) -> Cut:
        """Cut `text` (as `normalize.clean` gives it)."""
        if len(text) > _MAX_BYTES // 4:
            text = text.encode()[:_MAX_BYTES].decode(errors="ignore")
        tokenizer = getattr(self._local, "tokenizer", None)
        if tokenizer is None:
            tokenizer = self._local.tokenizer = Tokenizer._dictionary.tokenizer(mode=getattr(sudachipy.SplitMode, self._mode))
        morphemes = tokenizer.tokenize(text)
        found = [(morpheme.word_id(), morpheme.begin()) for morpheme in morphemes]
        word_ids = [word_id for word_id, _ in found]
        starts = [start for _, start in found]
        words = self.words.find(word_ids)
        if -1 in words:
            words = [self.words.learn(morphemes[at], word_ids[at]) if index < 0 else index for at, index in enumerate(words)]
        return Cut(text, words, starts)


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
