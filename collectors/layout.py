"""What a kind of file is: how it is told by its column names, and which column is what.

Names are compared without case, spaces and signs, half- and full-width alike ("いいね！の数" is "いいねの数"); order never matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from collectors.language import say

Content = Literal["posts", "mentions", "days", "kpis", "answers"]
"""What a row is: a post of the brand's own, one by somebody else, a day with several figures, one figure of a day, an answer of a survey."""

KPI = "kpi "
"""The fields of ``days`` that are figures: this and the figure's name."""

TOTALS = frozenset(("total", "totals", "合計", "総計", "計"))
LIFETIME = frozenset(("", "lifetime", "通算", "全期間", "累計"))


def squeeze(name: str) -> str:
    """Return a column's name as it is compared."""
    return name and "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file. ``columns``: field -> its names; ``needed``: fields without which it is not this kind.

    ``told_by``: fields of which at least one must be there too, and ``without``: columns that must not, so that look-alikes are told apart. ``id_in_url`` finds the post's id
    in its address, ``id_form`` is how an id that is no number looks; ``snowflake`` says how the id holds the moment; ``utc``: times without a zone are in UTC, not in Tokyo.
    """

    key: str
    title_ja: str
    title_en: str
    platform: str
    content: Content
    columns: Mapping[str, Sequence[str]]
    needed: Sequence[str]
    told_by: Sequence[str] = ()
    without: Sequence[str] = ()
    id_in_url: re.Pattern[str] | None = None
    numeric_id: bool = True
    snowflake: Literal["x", "tiktok", None] = None
    id_form: re.Pattern[str] | None = None
    utc: bool = False

    @property
    def title(self) -> str:
        """The kind's name in the language spoken."""
        return say(self.title_ja, self.title_en)

    def match(self, header: Sequence[str]) -> dict[str, int]:
        """Return field -> index for the columns of ``header`` that this kind knows; empty where it is another kind."""
        places: dict[str, int] = {}
        for index, name in enumerate(map(squeeze, header)):
            places.setdefault(name, index)
        if any(squeeze(name) in places for name in self.without):
            return {}
        found: dict[str, int] = {}
        for field, names in self.columns.items():
            known = [places[squeeze(name)] for name in names if squeeze(name) in places]
            if known:
                found[field] = known[0]
        if any(field not in found for field in self.needed) or (self.told_by and not any(field in found for field in self.told_by)):
            return {}
        return found

    def time_in_id(self, native_id: str) -> datetime | None:
        """Return the moment that is written in the post's own id; None where there is none.

        X: milliseconds since 2010-11-04T01:42:54.657Z in all but the lowest 22 bits. TikTok: seconds since 1970 above the lowest 32.
        """
        if self.snowflake is None or not native_id.isascii() or not native_id.isdecimal() or len(native_id) > 20:
            return None
        number = int(native_id)
        if self.snowflake == "tiktok":
            seconds = float(number >> 32)
        else:
            seconds = ((number >> 22) + 1288834974657) / 1000 if number > 30_000_000_000 else 0.0
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return moment if datetime(2010, 11, 1, tzinfo=UTC) < moment < datetime(2100, 1, 1, tzinfo=UTC) else None
