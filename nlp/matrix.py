"""From a Batch to a sparse matrix: n-grams the model knows, each block of a text brought to length one.

The value of an n-gram is idf / |block|, |block| = sqrt(sum of idf² over the block's n-grams in this text); with the idf folded into the
weights only the length is left to compute at run time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nlp.features import BITS, BLOCKS, Batch

# Buckets whose first so many bits are alike share a slot of the vocabulary's table, which is small enough to be quick; few slots hold more than one.
_SLOT_BITS = 22
_REST = np.int64(BITS - _SLOT_BITS)


class Vocabulary:
    """The buckets a model knows (sorted), and a table to find their columns: bucket -> column, -1 for unknown ones."""

    def __init__(self, buckets: npt.NDArray[np.uint32]) -> None:
        self.buckets = buckets
        # One more that is no bucket, so that the column after the last, and -1, can be asked for.
        self._known = np.append(buckets.astype(np.int64), np.int64(-1))
        self._first = np.full(1 << _SLOT_BITS, -1, np.int32)
        self._first[(self._known[:-1] >> _REST)[::-1]] = np.arange(len(buckets), dtype=np.int32)[::-1]

    def __len__(self) -> int:
        return len(self.buckets)

    def columns(self, batch: Batch) -> npt.NDArray[np.int32]:
        """The column of each n-gram of the batch, -1 where unknown."""
        columns = self._first.take(batch.bucket >> _REST)
        missed = np.flatnonzero((self._known.take(columns) != batch.bucket) & (columns >= 0))
        while len(missed):
            wanted, following = batch.bucket.take(missed), columns.take(missed) + 1
            there = self._known.take(following)
            alike = there >> _REST == wanted >> _REST
            columns[missed] = np.where(alike, following, -1)
            missed = missed[alike & (there != wanted)]
        return columns


def known_grams(
    batch: Batch, vocabulary: Vocabulary, idf2: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Text, column, 1 / |block| and position in the batch of every n-gram that the vocabulary knows."""
    columns = vocabulary.columns(batch)
    kept = np.flatnonzero(columns >= 0)
    columns, doc = columns.take(kept), batch.doc.take(kept)
    place = doc * len(BLOCKS) + batch.block.take(kept)
    length = np.bincount(place, weights=idf2.take(columns), minlength=batch.size * len(BLOCKS))
    value = (1.0 / np.sqrt(np.maximum(length, 1e-12))).astype(np.float32).take(place)
    return doc, columns, value, kept


def to_csr(
    batch: Batch, doc: npt.NDArray[np.int64], columns: npt.NDArray[np.int32], value: npt.NDArray[np.float32], width: int
) -> sparse.csr_matrix:
    """The matrix (texts x n-grams); an n-gram that comes twice stands there twice, and so counts twice."""
    # Sorting small integers is a radix sort in numpy.
    order = np.argsort(doc.astype(np.uint16) if batch.size < 1 << 16 else doc, kind="stable")
    bounds = np.zeros(batch.size + 1, np.int32)
    np.cumsum(np.bincount(doc, minlength=batch.size), out=bounds[1:])
    return sparse.csr_matrix((value[order], columns[order], bounds), shape=(batch.size, width))


def telling(matrix: sparse.csr_matrix, labels: npt.NDArray[np.int8], share: float) -> npt.NDArray[np.float64]:
    """(columns x classes): how much each n-gram tells of each class, 1 - share + share · |r|, where r is the logarithm of its count in the
    class over its count out of it, both of all counts there and one more for each (Wang & Manning 2012, "Baselines and Bigrams")."""
    if not share:
        return np.ones((matrix.shape[1], labels.shape[1]))
    there = sparse.csr_matrix((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    inside = 1.0 + there.T @ labels.astype(np.float64)
    outside = 1.0 + there.T @ (1.0 - labels)
    ratio: npt.NDArray[np.float64] = np.log((inside / inside.sum(axis=0)) / (outside / outside.sum(axis=0)))
    return 1 - share + share * np.abs(ratio)
