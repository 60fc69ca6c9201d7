"""The held-out posts by three readers: `nlp/corpus/second/held_out.tsv`.

The writer of a post labelled it when writing it; two other readers did so blind, from its text and docs/labelling.md. A post's label in the corpus is what two of the
three say (the writer's, where each would say something else). How far the readers agree with each other is what to hold a model's agreement with them against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from nlp.agreement import read_labels
from nlp.corpus import CORPUS_DIR, SENTIMENTS, STANCES, TYPES, CorpusError, Post
from nlp.evaluate import compare

FILE = Path("second") / "held_out.tsv"
COLUMNS = ("batch", "text", "reader", "sentiment", "stance", "type", "irony")
READERS = ("writer", "second", "third")
CLASSES = {"sentiment": SENTIMENTS, "stance": STANCES, "mention_type": TYPES}

# label -> reader -> what the reader says of each post
Readings = dict[str, dict[str, list[str]]]


def readings(posts: Sequence[Post], path: Path = CORPUS_DIR / FILE) -> Readings:
    """What each reader says of each of the held-out `posts`, in their order.

    Raises:
        CorpusError: A post was not read by all three, or the file is not as it should be.
    """
    said = {key: labels for _, key, labels in read_labels(path, COLUMNS)}
    found: Readings = {label: {reader: [] for reader in READERS} for label in (*CLASSES, "irony")}
    for post in posts:
        for reader in READERS:
            answer = said.get((post.batch, post.text, reader))
            if answer is None:
                raise CorpusError(f"{path.name}: nothing of the {reader} on {post.batch}:{post.line}")
            for label, value in answer.items():
                found[label][reader].append(value)
    return found


def settled(said: Sequence[str]) -> str:
    """What most of the readers say of a post; what the first says where no two agree."""
    label, times = Counter(said).most_common(1)[0]
    return label if times > 1 else said[0]


def beside_readers(of_people: Readings, found: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    """Macro-F1 of each reader, and of the model's labels (`found`), against each reader: {name, label: {reader: figure, None for oneself}}."""
    rows: list[dict[str, object]] = []
    for name in (*READERS, "model"):
        row: dict[str, object] = {"name": name}
        for label, classes in CLASSES.items():
            own = found[label] if name == "model" else of_people[label][name]
            row[label] = {
                reader: None if reader == name else round(compare(other, own, classes, resamples=1).macro_f1.value, 4)
                for reader, other in of_people[label].items()
            }
        rows.append(row)
    return rows
