"""What the collectors of Meta's family do beyond lists: answers to our own posts, and looking posts up again.

An account's posts are "own"; what others write below them, to it and about it are "mentions".
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from collectors.bookmark import Bookmark
from collectors.graph import IDS_A_CALL, cursor_params, next_cursor
from collectors.graph_base import G, GraphBase
from collectors.graph_errors import GraphError
from collectors.jsonread import text_at
from collectors.language import say
from collectors.paging import Fetch, Guard, Item, Page
from collectors.refresh import Known
from store.records import Gone, Kind, Metrics, Post, Record

PAGES = 40
"""Pages of a list of our own posts, of which only the newest are wanted."""
ANSWERS = "answers "
EMPTY_FOR = 3600.0
YOUNG = timedelta(days=7)
LATELY = timedelta(days=30)
"""So far back a check looks for a post of our own that has answers."""
LISTED = 5000
"""So many posts that a list showed are remembered, to be looked for there again."""
OLD_EVERY = timedelta(hours=6)
"""Posts that are older than ``YOUNG``, and do not tell how many answers they have, are looked at this often for new ones."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A post of our own that may have answers; ``answers`` is how many the platform says it has (None: it does not say)."""

    native_id: str
    at: datetime
    answers: int | None


class GraphCollector(GraphBase[G]):
    """Reads one account of Meta's family."""

    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = IDS_A_CALL // 2
    must_recheck: ClassVar[bool] = True
    answer_fields: ClassVar[tuple[str, ...]]
    answer_kind: ClassVar[Kind] = "comment"

    @abstractmethod
    def answer_records(self, raw: Any, native_id: str, at: datetime, ours: str) -> Iterator[Record]:
        """Yield what ``raw``, an answer to our post ``ours``, is."""

    @abstractmethod
    def answer_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts of an answer."""

    # --- answers to our own posts

    @abstractmethod
    async def our_posts(self, since: datetime) -> list[Ours]:
        """Return our own posts since ``since`` that may have answers, newest first."""

    async def ours(self, path: str, fields: Sequence[str], since: datetime) -> list[Any]:
        """Return the rows of our own posts since ``since``, newest first."""
        found: dict[str, Any] = {}
        cursor: str | None = None
        for _ in range(PAGES):
            try:
                answer = await self.graph.read(path, fields, {"limit": self.page_size, **cursor_params(cursor)})
            except GraphError as error:
                raise self.graph.told(error) from None
            rows = {name: row for row in self.rows(answer) if (name := text_at(row, "id"))}
            times = [at for row in rows.values() if (at := self._at(row))]
            if (rows and rows.keys() <= found.keys()) or (times and max(times) < since):
                break
            found.update({name: row for name, row in rows.items() if (at := self._at(row)) and at >= since})
            cursor = next_cursor(answer, self.page_size)
            if cursor is None:
                break
        return list(found.values())

    async def answers(
        self, posts: Sequence[Ours], bookmark: Bookmark, since: datetime, seen: set[str], back: timedelta = timedelta(0)
    ) -> AsyncIterator[Record]:
        """Yield the answers to ``posts``, but not of those whose number has not changed; ``back`` as in ``walk_back``.

        Where the platform does not tell the number, the answers to old posts are read less often.
        """
        names = {ANSWERS + post.native_id for post in posts}
        new = self.next_bookmark
        new.covered = {name: at for name, at in new.covered.items() if not name.startswith(ANSWERS) or name in names}
        new.holes = [hole for hole in new.holes if not hole.walk.startswith(ANSWERS) or hole.walk in names]
        told = {post.native_id: bookmark.notes.get("answers", {}).get(post.native_id) for post in posts}
        new.notes["answers"] = {name: count for name, count in told.items() if count is not None}
        for post in posts:
            name = ANSWERS + post.native_id
            unfinished = any(hole.walk == name for hole in bookmark.holes)
            if not unfinished and self._is_read(post, told[post.native_id], bookmark.covered.get(name)):
                continue
            fetch = partial(self.answers_page, post.native_id)
            async for record in self.walk_back(name, fetch, bookmark, max(since, post.at), seen, back):
                yield record
            if post.answers is not None:
                new.notes["answers"] = {**new.notes["answers"], post.native_id: post.answers}

    def _is_read(self, post: Ours, told: int | None, covered: datetime | None) -> bool:
        if post.answers is not None:
            return post.answers == (told or 0)
        now = self.context.now()
        return covered is not None and now - post.at > YOUNG and now - covered < OLD_EVERY

    def walk_back(
        self, name: str, fetch: Fetch, bookmark: Bookmark, since: datetime, seen: set[str], back: timedelta
    ) -> AsyncIterator[Record]:
        """Walk as ``walk`` does, but ``back`` farther than what was read: for lists that show things late, or out of order."""
        covered = bookmark.covered.get(name)
        if covered is not None and covered > since:
            bookmark = bookmark.copy()
            bookmark.covered[name] = max(since, covered - back)
        return self.walk(name, fetch, bookmark, since, seen)

    @abstractmethod
    async def answers_page(self, ours: str, cursor: str | None) -> Page:
        """Return a page of the answers to our post ``ours``, newest first."""

    def answer_item(self, ours: str, raw: Any) -> Item:
        """Return the item of one answer."""
        native_id, at = self.identity(raw)
        return Item(native_id, at, tuple(self.answer_records(raw, native_id, at, ours)))

    # --- look-ups

    def looks_up(self, post: Known) -> bool:
        """Tell whether ``post`` can be looked up: by its id where it is our own or an answer to it, else in the list that showed it.

        What a search or a hashtag found cannot: Meta shows it to nobody by its id, and in no list that holds all there is.
        """
        return self.settings.what == "own" or post.kind == self.answer_kind or post.native_id in self._listed

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what was deleted, the post itself where its text changed."""
        own = self.settings.what == "own"
        ids = [post.native_id for post in posts if own or post.kind == self.answer_kind]
        for start in range(0, len(ids), IDS_A_CALL):
            async for record in self.looked_up(ids[start : start + IDS_A_CALL], own):
                yield record
        listed = [post for post in posts if not own and post.kind != self.answer_kind and post.native_id in self._listed]
        if listed:
            async for record in self._found_again(listed):
                yield record
        if own:
            self.say_trouble()

    async def looked_up(self, ids: list[str], own: bool) -> AsyncIterator[Metrics | Gone | Post]:
        """Look at most ``IDS_A_CALL`` posts up."""
        found = await self.graph.many(ids, self.own_fields if own else self.answer_fields)
        there = [one for one in ids if found.get(one) is not None]
        if not there and ids:
            await self.probe()  # an account that cannot be read at all is no sign that its posts are gone
        apart = await self.insights.within_ids(there) if own else {}
        for one in ids:
            if one in found and found[one] is None:
                yield Gone(platform=self.platform, native_id=one, seen_at=self.context.now())
            elif one in found:
                for record in self._again(dict(found[one]) | {"figures": apart.get(one, {})}, one, own):
                    yield record

    def _again(self, raw: Any, native_id: str, own: bool) -> Iterator[Metrics | Post]:
        if self.marks.changed(native_id, self.text_of(raw)):
            at = self._at(raw)
            records = (self.own_records(raw, native_id, at) if own else self.answer_records(raw, native_id, at, "")) if at else ()
            for record in records:
                if isinstance(record, Post) and record.native_id == native_id:
                    self.marks.remember(native_id, record.text)
                    yield record
        if native_id in self.insights.denied:
            return  # an observation without views would take the place of one that has them
        metrics = self.own_metrics(raw, native_id) if own else self.answer_metrics(raw, native_id)
        yield from (record for record in metrics if isinstance(record, Metrics))

    # --- others' posts that a list of all of them shows

    @property
    def _listed(self) -> dict[str, int]:
        found = self.next_bookmark.notes.setdefault("listed", {})
        assert isinstance(found, dict)
        return found

    def listing(self) -> Fetch | None:
        """Return how the list is read that shows all posts by others that name our account; None where there is none."""
        return None

    async def listed(self, bookmark: Bookmark, since: datetime, seen: set[str]) -> AsyncIterator[Record]:
        """Yield what is new in that list, and remember what came from there: it can be looked for again."""
        fetch = self.listing()
        if fetch is None:
            return
        self.next_bookmark.notes["listed"] = dict(bookmark.notes.get("listed", {}))
        async for record in self.walk("listed", fetch, bookmark, since, seen):
            if isinstance(record, Post):
                self._listed.pop(record.native_id, None)
                self._listed[record.native_id] = int(record.created_at.timestamp())
            yield record
        self.next_bookmark.notes["listed"] = dict(list(self._listed.items())[-LISTED:])

    async def try_lists(self) -> int | None:
        """Read the first page of what others write, so that a missing permission shows; return how many posts are on it, None without one.

        Raises:
            SourceError: It cannot be read.
        """
        fetch = self.listing()
        if fetch is None or self.settings.what == "own":
            return None
        return len((await fetch(None)).items)

    async def try_answers(self, wanted: bool = True) -> list[str]:
        """Read the answers to the newest of our own posts that has any, so that a missing permission shows; return what to say of it.

        Raises:
            SourceError: They cannot be read.
        """
        posts = await self.our_posts(self.context.now() - LATELY) if wanted and self.settings.what == "mentions" else []
        for post in [post for post in posts if post.answers != 0][:1]:
            page = await self.answers_page(post.native_id, None)
            count = f"{len(page.items)}{'+' if page.cursor else ''}"
            if self.answer_kind == "comment":
                return [say(f"コメント {count} 件(直近の 1 投稿)", f"{count} comments on the latest post that has any")]
            return [say(f"返信 {count} 件(直近の 1 投稿)", f"{count} replies to the latest post that has any")]
        return []

    async def _found_again(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Look for ``posts`` in the list; what should be there and is not was deleted.

        An empty list may be a fault as well as the truth: it counts only when it is empty again an hour later.
        """
        fetch = self.listing()
        if fetch is None:
            return
        now, notes = self.context.now(), self.next_bookmark.notes
        found = await _whole(fetch, min(post.created_at for post in posts) - timedelta(days=1))
        empty_since = notes.get("empty_since")
        sure = found is not None and (bool(found) or (empty_since is not None and now.timestamp() - empty_since >= EMPTY_FOR))
        notes["empty_since"] = (empty_since or now.timestamp()) if found == {} else None
        for post in posts:
            records = (found or {}).get(post.native_id)
            if records is None and sure:
                yield Gone(platform=self.platform, native_id=post.native_id, seen_at=now)
            elif records is not None:
                for record in self._unchanged(post.native_id, records):
                    yield record

    def _unchanged(self, native_id: str, records: Sequence[Record]) -> Iterator[Metrics | Post]:
        """Yield the counts (or that there are none), and the post where its text is another one."""
        counted = False
        for record in records:
            if isinstance(record, Post):
                if not self.marks.knows(native_id) or self.marks.changed(native_id, record.text):
                    self.marks.remember(native_id, record.text)
                    yield record
            elif isinstance(record, Metrics):
                counted = True
                yield record
        if not counted:
            yield Metrics(platform=self.platform, native_id=native_id, observed_at=self.context.now())

    async def probe(self) -> Any:
        """Return our account, as the platform shows it.

        Raises:
            SourceError: It cannot be read.
        """
        try:
            return await self.graph.read(self.settings.account, self.account_fields)
        except GraphError as error:
            raise self.graph.told(error) from None

    account_fields: ClassVar[tuple[str, ...]] = ("id",)


async def _whole(fetch: Fetch, back_to: datetime) -> dict[str, tuple[Record, ...]] | None:
    """Return all items of a list by their ids, back to ``back_to``; None where it could not be read that far, or not all of it."""
    found: dict[str, tuple[Record, ...]] = {}
    cursor, guard = None, Guard()
    for _ in range(PAGES):
        page = await fetch(cursor)
        circles = guard.circles(page, cursor)
        if page.rejects or circles:
            return None
        found |= {item.id: item.records for item in page.items}
        times = [item.at for item in page.items if item.at is not None]
        if page.cursor is None or (times and max(times) < back_to):
            return found
        cursor = page.cursor
    return None
