"""Two brands in one post: what is said of each, so that each gets its own stance.

A post is cut into clauses. A clause belongs to the brand that it names; one that names none, to whom the one before it was about. In a comparison
(「AよりBのほうが速い」) what is said of B is said against A.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_CLAUSE = re.compile(
    r".+?(?:[。！？!?\n、,，…]+|(?:けれども|けれど|けど|だが|ですが|ますが|たが|のに対して|に対して|一方で?|のに|反面)[、,，]?|$)", re.S
)
# What stands behind the lesser of two: 「Aより」「Aと比べて」「Aをやめて」「Aから乗り換え」.
_LESSER = r"(?:さん)?(?:の(?:ほう|方)?)?(?:よりも|より|とは違って|と違って|に比べ|と比べ|じゃなく|ではなく|でなく|をやめて|やめて|から(?=[^。]*(?:乗り換え|乗換|移っ|変え|替え)))"


@dataclass(frozen=True, slots=True)
class Part:
    """What a post says of one brand: ``against`` where it is said of the other, in a comparison that this brand loses."""

    text: str
    against: bool = False


def part_about(text: str, brand: str, others: Sequence[str]) -> Part | None:
    """Return what ``text`` says of ``brand``; None where it names no other brand, or says the same of all."""
    folded, mine = fold(text), fold(brand)
    rivals = [name for name in map(fold, others) if name and name != mine and name in folded and name not in mine]
    if mine not in folded or not rivals:
        return None
    taken: list[str] = []
    against, about_me = False, True
    for clause in _CLAUSE.findall(folded):
        names_me, names_other = mine in clause, any(name in clause for name in rivals)
        if names_me and names_other:
            against |= re.search(re.escape(mine) + _LESSER, clause) is not None
        if names_me or names_other:
            about_me = names_me
        if about_me:
            taken.append(clause)
    said = "".join(taken).strip()
    return Part(said, against) if against or len(said) < len(folded.strip()) else None


def fold(text: str) -> str:
    """Return ``text`` as names are looked for in it."""
    return unicodedata.normalize("NFKC", text).lower()
