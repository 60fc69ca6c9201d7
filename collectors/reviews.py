"""What the sources of reviews have in common: always by others, always about the brand, stars beside the text, edits that keep the id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field

from collectors.base import Collector, Duration, SourceSettings
from collectors.bookmark import Bookmark
from collectors.jsonread import Counts, dig, storable
from collectors.language import say
from collectors.listing import Listing
from collectors.paging import Fetch, Item
from collectors.text import clean
from collectors.values import TOKYO, NotReadable
from store.records import Kpi, Metrics, Post, Record

_STARS = re.compile(r"[1-5](?:\.\d{1,4})?", re.ASCII)


class ReviewSettings(SourceSettings):
    """Reviews: what others write, hence always ``mentions``."""

    what: Literal["mentions"] = Field(default="mentions", description="mentions = 他の人が書いたレビュー(この種類はこれだけ)")
    every: Duration = Field(default=timedelta(hours=1), description='読みに行く間隔(例: "1h"、"6h")')


R = TypeVar("R", bound=ReviewSettings)


class ReviewCollector(Collector[R]):
    """Reads reviews; what was read is remembered by its id, since reviews are indexed late and edited."""

    walk_name: ClassVar[str] = "reviews"

    def listing(self, fetch: Fetch, bookmark: Bookmark, since: datetime, *, whole: bool = False) -> Listing:
        """Return the reading of the list that ``fetch`` gives pages of."""
        return Listing(self.walk_name, fetch, since, self.context.now(), bookmark, self.next_bookmark, self.gap, whole=whole)

    def review(
        self,
        raw: Any,
        native_id: str,
        at: datetime,
        text: str,
        stars: float | None,
        likes: tuple[str, ...] | None = None,
        faults: tuple[str, ...] = (),
        changed_at: datetime | None = None,
        **more: Any,
    ) -> Item:
        """Return the item of a review; ``likes`` is where its count of people who found it helpful lies in ``raw``, ``changed_at`` its
        place in the list where that is not the time it was written."""
        now = self.context.now()
        key: dict[str, Any] = {"platform": self.platform, "native_id": native_id}
        if {more.get("author_name"), more.get("author_id")} & set(self.settings.ignore_authors):
            return Item(native_id, changed_at or at, ())
        post = Post(
            **key,
            brand=self.settings.brand,
            relation="mention",
            source=self.settings.name,
            text=text,
            created_at=at,
            seen_at=now,
            kind="review",
            stars=stars,
            **more,
        )
        records: list[Record] = [post]
        counts = Counts(raw)
        if likes is not None:
            records.append(Metrics(**key, observed_at=now, likes=counts.get(*likes)))
        told = (*faults, *counts.faults)
        if told:
            records.append(self.reject(native_id, " / ".join(told), json.dumps(raw)))
        return Item(native_id, changed_at or at, tuple(records))

    def figure(self, measure: str, value: float) -> Kpi:
        """Return a figure of today, such as the average of all stars."""
        day = self.context.now().astimezone(TOKYO).date()
        return Kpi(brand=self.settings.brand, day=day, name=f"{self.platform}.{measure}", value=value)


def stars_at(value: Any, *path: str) -> float | None:
    """Return the stars at ``path``, 1 to 5 as a number or its digits; None where there are none.

    Raises:
        NotReadable: There is something else.
    """
    found = dig(value, *path)
    if found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool) and 1 <= found <= 5:
        return float(found)
    if isinstance(found, str) and _STARS.fullmatch(found.strip()) and float(found) <= 5:
        return float(found)
    raise NotReadable(f"{'.'.join(path)}: " + say("星の数(1〜5)として読めません", "not a number of stars (1 to 5)"))


def said(title: str | None, text: str | None) -> str:
    """Return a review's title and text as one text."""
    title, text = clean(storable(title or "")), clean(storable(text or ""))
    return text if not title or text.startswith(title) else f"{title}\n{text}".strip()


def newest(items: Iterable[Item]) -> str:
    """Return the day of the newest item, for people."""
    times = [item.at for item in items if item.at is not None]
    return max(times).astimezone(TOKYO).strftime("%Y-%m-%d") if times else say("日付なし", "no date")
