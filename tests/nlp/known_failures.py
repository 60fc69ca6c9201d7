"""Pairs of tests/nlp/pairs.py that the shipped model gets wrong, and why. A pair that is mended must leave this list (the tests are strict)."""

from __future__ import annotations

FAILING: dict[str, str] = {
    "すぐに届いた、早い": "届く is known from complaints about delivery",
    "味は悪くない": "悪い outweighs its own denial",
    "掃除が行き届いた部屋でした": "行き届く is seen in both kinds too seldom",
    "解約しなくてよかった": "よかった outweighs 解約",
    "めっちゃええやん": "western dialect (ええやん) is rare in the corpus",
}
