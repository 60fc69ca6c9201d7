"""Where a value stands in a TOML text."""

from __future__ import annotations

import pytest

from monitor.tomlplace import Path, line_of

TEXT = '''# a comment
[general]
language = "ja" # [x]
[[brand]]
id = "a"
aliases = [
  "x = 1", # ]
  "[[brand]]",
]
must_not = """
[[brand]]
id = 3
"""
[[brand]]
id = "b"
[[source]]
name="z"
[source.filter]
q=1
[[source]]
"name" = "y"
a.b = { c = 1, d = "[" }
e = 2
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("general", "language"), 3),
        (("brand", 0, "id"), 5),
        (("brand", 0, "aliases", 1), 6),
        (("brand", 0, "must_not"), 10),
        (("brand", 1, "id"), 15),
        (("source", 0, "filter", "q"), 19),
        (("source", 1, "name"), 21),
        (("source", 1, "a", "b"), 22),
        (("source", 1, "e"), 23),
        (("source", 1, "every"), 20),
        (("nothing",), None),
    ],
)
def test_names_the_line_of_a_value_or_of_its_table(place: Path, line: int | None) -> None:
    assert line_of(TEXT, place) == line
