"""Finding a brand in a text: its spellings, and the words that mean something else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return ``text`` as it is compared: NFKC (ｱ -> ア, Ａ -> A), lower case, one space between words."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Match any of ``words``. Latin letters and digits at a word's edge may not continue there: "sol" is not in "solar"."""
    parts = []
    for word in sorted({fold(word) for word in words if fold(word)}, key=len, reverse=True):
        before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", word) else ""
        after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", word) else ""
        parts.append(before + re.escape(word) + after)
    return re.compile("|".join(parts)) if parts else None


@dataclass(frozen=True)
class BrandWords:
    """How a brand is written (``spellings``), and words that make a text one about something else (``must_not``)."""

    brand: str
    spellings: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    @cached_property
    def _found(self) -> re.Pattern[str] | None:
        return _pattern(self.spellings)

    @cached_property
    def _refused(self) -> re.Pattern[str] | None:
        return _pattern(self.must_not)

    def named_in(self, text: str) -> bool:
        """Tell whether ``text`` holds one of the spellings (always, where the brand has none)."""
        return self._found is None or self._found.search(fold(text)) is not None

    def refused_in(self, text: str) -> bool:
        """Tell whether ``text`` holds a word that means something else."""
        return self._refused is not None and self._refused.search(fold(text)) is not None

    def about(self, text: str) -> bool:
        """Tell whether ``text`` names the brand and nothing that rules it out."""
        return self.named_in(text) and not self.refused_in(text)


def any_in(words: Iterable[str], text: str) -> bool:
    """Tell whether ``text`` holds one of ``words``, as a brand's spellings are looked for."""
    pattern = _pattern(words)
    return pattern is not None and pattern.search(fold(text)) is not None


_HASHTAG = re.compile(r"(?<![^\s、。!?！？「」()（）])[#＃]([^\s#＃.,、。!?！？「」()（）\[\]【】:：;；'\"]{1,100})")


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags that ``text`` holds, in order and without the sign; numbers alone ("#1") are none."""
    return tuple(dict.fromkeys(tag for tag in _HASHTAG.findall(text) if not tag.isnumeric()))
