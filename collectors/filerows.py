"""One row of an export -> its records. What cannot be read for certain is refused with a reason that the user reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.jsonread import storable
from collectors.language import say
from collectors.layout import LIFETIME, TOTALS, Export, squeeze
from collectors.tablerows import COUNTS, kpis_of, mention_of
from collectors.values import DayOrder, NotReadable, count_of, day_of, narrow, time_of
from collectors.words import hashtags
from store.records import Metrics, Post, Record, SurveyAnswer

_IN_EXCEL = re.compile(r'="(.*)"', re.DOTALL)
_KEPT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number and writes zeros for the rest."""
_ROUNDED = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"\d{5,32}(_\d{1,32})?", re.ASCII)
_ANY = re.compile(r".+", re.DOTALL)
_SCORE = re.compile(r"(\d{1,2})(?:\.0+)?\s*点?", re.ASCII)


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file, in their order: what stood there before decides what a repetition is.

    ``places``: field -> index of its column; ``columns``: the columns' names.
    """

    export: Export
    places: Mapping[str, int]
    columns: Sequence[str]
    brand: str
    source: str
    observed_at: datetime
    zone: ZoneInfo
    days: DayOrder = "mdy"
    _seen: dict[str, int] = field(default_factory=dict)
    """Id -> the row's hash (not the row: a file may hold hundreds of thousands)."""

    def read(self, cells: list[str]) -> Sequence[Record]:
        """Return the records of a row; none for a row of totals, or one that stood there before.

        Raises:
            NotReadable: It cannot be read.
        """
        if cells and _is_total(cells[0]):
            return ()
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells = cells[:-1]
        if cells == self.columns:  # the header of another file, put behind this one
            return ()
        if len(cells) != len(self.columns):
            raise NotReadable(
                say(f"列の数が見出しと違います({len(cells)} 列)", f"it has {len(cells)} cells, the header {len(self.columns)}")
            )
        values = {name: _cell(cells[index]) for name, index in self.places.items()}
        if self.export.content == "answers":
            return (self._answer(values),)
        if self.export.content in ("days", "kpis"):
            return [kpi for kpi in kpis_of(values, self.brand, self.zone, self.days) if self._is_first(f"{kpi.day} {kpi.name}", kpi.value)]
        if _is_total(values.get("id", "")):
            return ()
        if self.export.content == "mentions":
            records = mention_of(
                self.export, values, self.brand, self.source, self.observed_at, time_of(values["time"], self.zone, self.days)
            )
            return records if self._is_first(records[0].native_id, tuple(cells)) else ()
        native_id = _native_id(self.export, values)
        if not self._is_first(native_id, tuple(cells)):
            return ()
        try:
            return self._post(native_id, values)
        except NotReadable:
            del self._seen[native_id]
            raise

    def _is_first(self, key: str, value: object) -> bool:
        """Tell whether a row is not one that stood there before.

        Raises:
            NotReadable: It stood there, with other values.
        """
        row = hash(value)
        if key in self._seen and self._seen[key] != row:
            raise NotReadable(say("同じものが前の行にもあり、値が違います", "the same one stands further up with other values"))
        first = key not in self._seen
        self._seen[key] = row
        return first

    def _post(self, native_id: str, values: Mapping[str, str]) -> Sequence[Record]:
        if squeeze(values.get("span", "")) not in LIFETIME:
            raise NotReadable(
                say("期間ごとの値です。「通算」で書き出してください", "this is the value of a period; export with “Lifetime”")
            )
        counts = {name: self._count(name, values[name]) for name in COUNTS if name in values}
        text, title = storable(values.get("text", "")), storable(values.get("title", ""))
        text = f"{title}\n{text}".strip() if title and not text.startswith(title) else text
        created_at, platform = self._time(native_id, values.get("time", "")), self.export.platform
        post = Post(
            platform=platform,
            native_id=native_id,
            brand=self.brand,
            relation="own",
            source=self.source,
            text=text,
            created_at=created_at,
            seen_at=self.observed_at,
            kind="reply" if platform == "x" and text.startswith("@") else "post",
            author_name=storable(values.get("author", "")) or storable(values.get("username", "")) or None,
            url=_url(self.export, values, native_id),
            tags=hashtags(text),
        )
        return post, Metrics(platform=platform, native_id=native_id, observed_at=max(self.observed_at, created_at), **counts)

    def _count(self, name: str, cell: str) -> int | None:
        try:
            return count_of(cell)
        except NotReadable as error:
            raise NotReadable(f"{self.columns[self.places[name]]}: {error}") from None

    def _time(self, native_id: str, cell: str) -> datetime:
        """Return when the post was made: the moment in its id, where that is about the file's day, which knows no hour.

        X makes the id when it publishes the post, TikTok when the video is uploaded. Where the id and a day that can be read tell of
        different days, however day and month are taken, the id is no witness (it was typed in, or is of a draft) and the file holds.
        """
        inside = self.export.time_in_id(native_id)
        readings = [self._reading(cell, order) for order in (self.days, "mdy", "dmy")]
        known = [when for when in readings if when is not None]
        if inside is not None and (
            any(abs(inside - when) < timedelta(days=2) for when in known) or (not known and (not cell or any(c.isdecimal() for c in cell)))
        ):
            # A day that cannot be read: "July 14", "14-Jul", 46217. TikTok leaves the year out, and spreadsheets write dates in many ways.
            return inside
        return time_of(cell, self.zone, self.days)

    def _reading(self, cell: str, order: DayOrder) -> datetime | None:
        try:
            return time_of(cell, self.zone, order)
        except NotReadable:
            return None

    def _answer(self, values: Mapping[str, str]) -> SurveyAnswer:
        if not values["score"]:
            raise NotReadable(say("推奨度が空です(答えていない人の行です)", "there is no score (somebody who did not answer)"))
        match = _SCORE.fullmatch(narrow(values["score"]).strip())
        if not match or int(match[1]) > 10:
            raise NotReadable(say(f"推奨度は 0 から 10 の整数です: 「{values['score']}」", f"a score is 0 to 10: “{values['score']}”"))
        day, comment = day_of(values["time"], self.zone, self.days), storable(values.get("text", "")) or None
        answer_id = storable(values.get("id", ""))
        if not answer_id:
            # No id: the answer's own words, and how often they stood there before.
            words = f"{day}\x00{match[1]}\x00{comment}"
            earlier = self._seen.get(words, 0)
            answer_id = "row-" + hashlib.blake2b(f"{words}\x00{earlier}".encode("utf-8", "replace"), digest_size=8).hexdigest()
            self._seen[words] = earlier + 1
        elif answer_id in self._seen:
            raise NotReadable(say(f"回答ID {answer_id} が前の行にもあります", f"the answer {answer_id} stands further up too"))
        else:
            self._seen[answer_id] = 1
        return SurveyAnswer(brand=self.brand, answer_id=answer_id, answered_on=day, score=int(match[1]), comment=comment)


def _is_total(cell: str) -> bool:
    return not cell[:1].isdecimal() and squeeze(cell) in TOTALS


def _cell(cell: str) -> str:
    """Return a cell without what spreadsheets put around it: ="…", blanks."""
    cell = cell.strip()
    wrapped = _IN_EXCEL.fullmatch(cell)
    return wrapped[1].strip() if wrapped else cell


def _native_id(export: Export, values: Mapping[str, str]) -> str:
    """Return the post's id: from its address where that holds it (a spreadsheet rounds long numbers, never an address)."""
    linked = export.id_in_url.search(values.get("url", "")) if export.id_in_url else None
    if linked:
        return linked[1]
    native_id = storable(values.get("id", "")).lstrip("'")
    if not native_id:
        raise NotReadable(say("投稿の ID がありません", "the post has no id"))
    if export.numeric_id and (_ROUNDED.fullmatch(native_id) or _has_lost_digits(native_id)):
        raise NotReadable(
            say(
                f"投稿の ID が丸められています({native_id})。表計算ソフトで保存する前のファイルを使ってください",
                f"the post's id was rounded ({native_id}); use the file as it was before a spreadsheet saved it",
            )
        )
    if not (_ID if export.numeric_id else export.id_form or _ANY).fullmatch(native_id):
        raise NotReadable(say(f"投稿の ID ではありません: 「{native_id[:40]}」", f"not a post's id: “{native_id[:40]}”"))
    return native_id


def _has_lost_digits(native_id: str) -> bool:
    """Tell whether an id ends in as many zeros as a spreadsheet makes of it (by chance: one in a thousand or less)."""
    return native_id.isdecimal() and len(native_id) >= _KEPT_DIGITS + 3 and not native_id[_KEPT_DIGITS:].strip("0")


def _url(export: Export, values: Mapping[str, str], native_id: str) -> str | None:
    given = storable(values.get("url", ""))
    if given.startswith(("https://", "http://")):
        return given
    return f"https://www.youtube.com/watch?v={native_id}" if export.platform == "youtube" else None
