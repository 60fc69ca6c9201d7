"""What is learnt from: posts and the lexicon's terms, with their features and the labels of every head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.corpus import INTENTS, PHASES, SENTIMENTS, STANCES, TYPES, Post
from nlp.entries import ADJECTIVES, Entry
from nlp.features import Batch, Featurizer, Text

CLASSES: dict[str, tuple[str, ...]] = {
    "sentiment": SENTIMENTS,
    "stance": STANCES,
    "type": TYPES,
    "phases": PHASES,
    "intents": INTENTS,
    "irony": ("irony",),
}


# Subjects of the sentences that are made of the lexicon's adjectives (`_judged`): a brand, and a shop that is not named.
_NAMED, _UNNAMED = "ソラト", "この店"


@dataclass(slots=True)
class Data:
    """Posts with their features and labels; `labels[head]` is (posts x classes), 0 or 1, `asked[head]` (posts) whether they were asked for at all. `untold` are the posts
    that have a brand (`untold_rows` in `posts`) once more, read as if nobody had said which it is: both are learnt from, so that being told changes little. `terms[head]`
    are the lexicon's terms as posts, with their labels."""

    posts: list[Post]
    batch: Batch
    untold: Batch
    untold_rows: npt.NDArray[np.intp]
    labels: dict[str, npt.NDArray[np.int8]]
    asked: dict[str, npt.NDArray[np.bool_]]
    terms: dict[str, tuple[Batch, npt.NDArray[np.int8]]]


def prepare(posts: Sequence[Post], featurizer: Featurizer) -> Data:
    """Features and labels of posts."""
    batch = featurizer.batch([Text(post.text, post.brand, post.platform) for post in posts])
    branded = np.flatnonzero([post.brand is not None for post in posts])
    untold = featurizer.batch([Text(posts[index].text, None, posts[index].platform) for index in branded.tolist()])
    labels = {head: np.zeros((len(posts), len(classes)), np.int8) for head, classes in CLASSES.items()}
    for index, post in enumerate(posts):
        for head, value in (("sentiment", post.sentiment), ("stance", post.stance), ("type", post.mention_type)):
            labels[head][index, CLASSES[head].index(value)] = 1
        for head, values in (("phases", post.phases), ("intents", post.intents)):
            for value in values:
                labels[head][index, CLASSES[head].index(value)] = 1
        labels["irony"][index, 0] = post.irony
    journey = np.array([post.journey_asked for post in posts], bool)
    asked = {head: journey if head in ("phases", "intents") else np.ones(len(posts), bool) for head in CLASSES}
    return Data(list(posts), batch, untold, branded, labels, asked, {"sentiment": _felt(featurizer), "stance": _judged(featurizer)})


def _felt(featurizer: Featurizer) -> tuple[Batch, npt.NDArray[np.int8]]:
    """Strong terms of the lexicon, each alone, and their sentiment."""
    entries = [entry for entry in _strong(featurizer) if entry.pos != "kaomoji"]
    return featurizer.batch([Text(entry.term) for entry in entries]), np.array(
        [[entry.polarity < 0, False, entry.polarity > 0] for entry in entries], np.int8
    )


def _judged(featurizer: Featurizer) -> tuple[Batch, npt.NDArray[np.int8]]:
    """Strong adjectives of the lexicon, said of a brand and of a shop without a name, and their stance: none where they tell a feeling and not what the thing is like."""
    entries = [entry for entry in _strong(featurizer) if entry.pos in ADJECTIVES and not entry.is_saying]
    texts = [Text(f"{name}は{entry.term}", name if name == _NAMED else None) for entry in entries for name in (_NAMED, _UNNAMED)]
    stances = ["none" if entry.is_feeling else "promoter" if entry.polarity > 0 else "critic" for entry in entries for _ in range(2)]
    return featurizer.batch(texts), np.array([[stance == name for name in STANCES] for stance in stances], np.int8)


def _strong(featurizer: Featurizer) -> list[Entry]:
    return [entry for entry in featurizer.lexicon.entries if entry.polarity and entry.strength > 1 and not entry.domain]
