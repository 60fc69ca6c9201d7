"""n-grams of words and characters as numbers, for a whole batch at once in numpy.

An n-gram is a 64-bit hash made by mixing the hashes of its parts; it keeps the word it stands at, so that `nlp.why` can say which word
made a score.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.tokens import hash_of
from nlp.weighing import PARTS

# The longest. Single characters, and triples of parts of speech, tell nothing that longer n-grams and words do not (macro-F1 on other writers' posts with
# them .775 and .938, without .775 and .939); four characters make the model half as large again for nothing.
CHAR_GRAMS = 3

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

_MIX = np.uint64(0x9E3779B97F4A7C15)
_AGAIN = np.uint64(0xBF58476D1CE4E5B9)
_SHORT, _HALF = np.uint64(29), np.uint64(32)
_SALT = {
    name: np.uint64(hash_of("salt:" + name) | 1)
    for name in ["last", "pair", "triple", "skip", "pos2", "end2", "end3", "char", "content", "tag", "closing", "earlier"]
}
_PART_SALTS = np.array([hash_of(f"part:{part}") for part in range(PARTS)], np.uint64)


class Grams(NamedTuple):
    """n-grams: the text and the word (a place in all words of the batch, -1: none) of each, and its hash."""

    doc: Ints
    hashes: Hashes
    token: Ints


class Signs(NamedTuple):
    """What the n-grams of words are made of, for each word that is no space: its text, its place, the hash of its form and of its part of speech, whether it bears
    meaning, the part it plays (nlp.weighing), whether it stands in the last clause, in the last of several sentences, in one before that."""

    doc: Ints
    token: Ints
    form: Hashes
    pos: Hashes
    content: Bools
    part: Ints
    last: Bools
    closing: Bools
    earlier: Bools


def mix(left: Hashes, right: Hashes | np.uint64) -> Hashes:
    """A hash of the ordered pair; wraps around in 64 bits by intent."""
    mixed = left >> _SHORT
    mixed ^= left
    mixed *= _MIX
    mixed += right
    shifted = mixed >> _HALF
    mixed ^= shifted
    mixed *= _AGAIN
    return mixed


def of_words(words: Signs) -> list[Grams]:
    """Single words (once more for where they stand), pairs, triples, pairs over a gap, pairs of words with a meaning, how the text ends; pairs of parts of speech."""
    docs, tokens, form, pos, content, part, *places = words
    # A word that plays a part (negated, turning, inside a term) is another word than the same one plain; the part itself tells, too.
    turned = np.flatnonzero(part)
    signed = form.copy()
    signed[turned] = mix(form[turned], _PART_SALTS[part[turned]])
    out = [Grams(docs, signed, tokens), Grams(docs[turned], _PART_SALTS[part[turned]], tokens[turned])]
    for name, there in zip(("last", "closing", "earlier"), places, strict=True):
        out.append(Grams(docs[there], mix(signed[there], _SALT[name]), tokens[there]))
    two = np.flatnonzero(docs[:-1] == docs[1:])
    three = np.flatnonzero(docs[:-2] == docs[2:])
    for values, pair in ((form, "pair"), (pos, "pos2")):
        out.append(Grams(docs[two], mix(mix(values[two], _SALT[pair]), values[two + 1]), tokens[two]))
    begun = mix(mix(form[three], _SALT["triple"]), form[three + 1])
    out.append(Grams(docs[three], mix(begun, form[three + 2]), tokens[three]))
    out.append(Grams(docs[three], mix(mix(form[three], _SALT["skip"]), form[three + 2]), tokens[three]))
    meant, meant_docs, meant_tokens = signed[content], docs[content], tokens[content]
    near = np.flatnonzero(meant_docs[:-1] == meant_docs[1:])
    out.append(Grams(meant_docs[near], mix(mix(meant[near], _SALT["content"]), meant[near + 1]), meant_tokens[near]))
    ends = np.flatnonzero(np.append(docs[1:] != docs[:-1], True)) if len(docs) else np.zeros(0, np.int64)
    for span, salt in ((2, "end2"), (3, "end3")):
        have = ends[ends >= span - 1]
        have = have[docs[have - span + 1] == docs[have]]
        mixed = mix(form[have - span + 1], _SALT[salt])
        for step in range(span - 2, -1, -1):
            mixed = mix(mixed, form[have - step])
        out.append(Grams(docs[have], mixed, tokens[have]))
    return out


def of_chars(codes: npt.NDArray[np.uint32], docs: Ints, tokens: Ints, named: Bools) -> list[Grams]:
    """Two to CHAR_GRAMS characters in a row. `codes` are the characters of all texts (code points), `tokens` their words; letters of names
    (`named`) tell nothing that holds elsewhere."""
    letters = mix(codes.astype(np.uint64), _SALT["char"])
    free = ~named
    at, mixed = np.flatnonzero(free), letters[free]
    out = []
    for span in range(2, CHAR_GRAMS + 1):
        onward = at + (span - 1)
        if len(at) and onward[-1] >= len(codes):
            keep = onward < len(codes)
            at, mixed, onward = at[keep], mixed[keep], onward[keep]
        kept = free[onward] & (docs[onward] == docs[at])
        at, onward = at[kept], onward[kept]
        mixed = mix(mixed[kept], letters[onward])
        out.append(Grams(docs[at], mixed, tokens[at + (span - 1) // 2]))
    return out


def of_tags(forms: Hashes, docs: Ints) -> Grams:
    """The words of hashtags."""
    return Grams(docs, mix(forms, _SALT["tag"]), np.full(len(docs), -1, np.int64))


def joined(parts: list[Grams]) -> Grams:
    """All of them in one."""
    return Grams(*(np.concatenate([part[column] for part in parts]) for column in range(3)))
