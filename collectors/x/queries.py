"""Search queries of X: a brand's spellings in as few queries as their length allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from collectors.errors import AccessError
from collectors.language import say

_PLAIN = re.compile(r"\w+")
_WORDS_OF_X = frozenset(("or", "and", "not"))


def term(word: str) -> str:
    """Return ``word`` as X searches for it: a phrase in quotes where it is more than one plain word."""
    word = " ".join(word.replace('"', " ").replace("\\", " ").split())
    return word if _PLAIN.fullmatch(word) and word.casefold() not in _WORDS_OF_X else f'"{word}"'


def conditions(must_not: Iterable[str], not_from: Iterable[str], lang: str | None, room: int) -> str:
    """Return what follows every query: no reposts, not from ``not_from``, without ``must_not`` as far as ``room`` characters go.

    What does not fit is sorted out after reading (and paid for).
    """
    parts = ["-is:retweet", *(f"lang:{lang}" for lang in (lang,) if lang)]
    parts += [f"-from:{name}" for name in not_from if re.fullmatch(r"[A-Za-z0-9_]{1,19}", name)]
    parts += [f"-{term(word)}" for word in must_not if term(word) != '""']
    told = ""
    for part in dict.fromkeys(parts):
        if len(told) + 1 + len(part) <= room:
            told += f" {part}"
    return told


def queries(words: Sequence[str], given: Sequence[str], suffix: str, limit: int) -> list[str]:
    """Return the queries: those that were ``given``, else as few as hold all ``words``, each with ``suffix`` and at most ``limit`` long.

    Raises:
        AccessError: There is nothing to search for, or something does not fit.
    """
    if given:
        made = [f"({query.strip()}){suffix}" for query in given]
    else:
        terms = [found for found in dict.fromkeys(map(term, words)) if found != '""']
        made = [f"({' OR '.join(group)}){suffix}" for group in _groups(terms, limit - len(suffix) - 2)]
    if not made:
        raise AccessError(
            say("検索する言葉がありません", "There is nothing to search for"),
            say("[[brand]] の name か、この情報源の queries を書いてください", "Give the brand a name, or this source its queries"),
        )
    for query in made:
        if len(query) > limit:
            raise AccessError(
                say(
                    f"検索式が長すぎます({len(query)} 文字、上限 {limit}): {query[:60]}…",
                    f"A query is too long ({len(query)} of {limit}): {query[:60]}…",
                ),
                say("queries をいくつかに分けて書いてください", "Split it into several queries"),
            )
    return made


def _groups(terms: Sequence[str], room: int) -> list[list[str]]:
    groups: list[list[str]] = []
    length = 0
    for one in terms:
        if groups and length + 4 + len(one) <= room:
            groups[-1].append(one)
            length += 4 + len(one)
        else:
            groups.append([one])
            length = len(one)
    return groups
