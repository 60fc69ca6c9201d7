"""Phases and intents are labels of which a writer may have given one kind and left out another; what was left out is not a "no".

A writer counts as having answered a class when the share of posts to which they gave it, among their posts that name a brand or judge something, is within FAR times the
upper quartile of all writers' (who leaves a kind out pulls the middle down). Posts that name nothing and judge nothing are a "no" from anybody.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.corpus import Post

FAR = 4.0
_POSTS, _WRITERS = 200, 4  # a share of fewer posts, a quartile of fewer writers says nothing


def answered(posts: Sequence[Post], labels: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """(posts x classes): whether the post's writer answered the class. All are, where too few writers wrote."""
    writers = np.array([post.writer for post in posts])
    asked = np.array([post.brand is not None or post.stance != "none" for post in posts], bool)
    names, counts = np.unique(writers[asked], return_counts=True)
    names = names[counts >= _POSTS]
    found = np.ones(labels.shape, bool)
    if len(names) < _WRITERS:
        return found
    shares = np.array([labels[asked & (writers == name)].mean(axis=0) for name in names])
    usual = np.quantile(shares, 0.75, axis=0)
    fine = (shares >= usual / FAR) & (shares <= usual * FAR)
    found[asked] = False
    for name, classes in zip(names, fine, strict=True):
        found[asked & (writers == name)] = classes
    return found
