"""Labels that some writers gave and others left out."""

from __future__ import annotations

import numpy as np

from nlp.answered import answered
from nlp.corpus import Post


def written(writer: str, number: int, brand: str | None = "ソラト") -> list[Post]:
    return [
        Post("ソラト", brand, "x", "neutral", "none", "personal", (), (), False, "cafe", f"cafe-{writer}1", line) for line in range(number)
    ]


def test_who_left_a_label_out_was_not_asked_for_it() -> None:
    posts = [post for writer in "abcd" for post in written(writer, 200)]
    labels = np.zeros((800, 2), np.int8)
    labels[::5, 0] = 1  # all four
    labels[:600:5, 1] = 1  # d never
    asked = answered(posts, labels)
    assert asked[:, 0].all()
    assert asked[:600, 1].all()
    assert not asked[600:, 1].any()


def test_who_gives_a_label_to_nearly_all_means_something_else_by_it() -> None:
    posts = [post for writer in "abcde" for post in written(writer, 200)]
    labels = np.zeros((1000, 1), np.int8)
    labels[:800:20] = 1
    labels[800:] = 1
    assert not answered(posts, labels)[800:].any()
    assert answered(posts, labels)[:800].all()


def test_a_post_about_nothing_is_a_no_from_anybody() -> None:
    posts = [post for writer in "abcd" for post in written(writer, 200)] + written("d", 50, brand=None)
    labels = np.zeros((850, 1), np.int8)
    labels[:600:5] = 1
    asked = answered(posts, labels)
    assert not asked[600:800].any()
    assert asked[800:].all()


def test_few_writers_are_taken_at_their_word() -> None:
    assert answered(written("a", 300), np.zeros((300, 3), np.int8)).all()
