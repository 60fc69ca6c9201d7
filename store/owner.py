"""The owner: the one process that writes a home's database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from store import copies as _copies
from store import declare as _declare
from store import ingest as _ingest
from store import keep as _keep
from store import lock
from store import scores as _scores
from store.author import author_key, load_key
from store.backup import backup, restore
from store.database import open_database
from store.declare import Brand, Campaign, Goal, Source
from store.errors import DiskFull
from store.files import is_full, sweep
from store.home import Home
from store.ingest import IngestReport
from store.keep import Retained, Retention
from store.migrate import migrate
from store.publish import publish
from store.published import newest
from store.rebuild import beside, compact_to, discard, put_in_place
from store.refresh import refresh_candidates, unseen


class Owner:
    """The doors to the database for its one writer. Made by `Owner.open`; a context manager; safe to call from several threads.

    Every method either happens whole or not at all, and raises a `store.errors.StoreError` where a person can mend the cause.
    """

    def __init__(self, home: Home, descriptor: int) -> None:
        self.home = home
        self._lock = descriptor
        self._guard = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._dirty = True
        self._handed: pa.Table | None = None  # the texts that are out to be scored

    @classmethod
    def open(cls, home: Home) -> Owner:
        """Own ``home``: take its lock, sweep what killed writers left, bring the schema up to date.

        Raises `OwnerRunning`, `DatabaseBusy`, `DatabaseTooNew`, `SchemaChanged`, `DiskFull`.
        """
        home.prepare()
        owner = cls(home, lock.acquire(home.lock))
        try:
            sweep(home.inbox)  # others write there, perhaps right now
            for folder in (home.published, home.aside):
                sweep(folder, older_than=0)
            beside(home)
            with owner._work():
                pass
        except BaseException:
            owner.close()
            raise
        return owner

    @staticmethod
    def running(home: Home) -> int | None:
        """Return the PID of the process that owns ``home`` now, ``None`` where there is none."""
        return lock.holder(home.lock)

    def close(self) -> None:
        """Close the database and give the lock back."""
        with self._guard:
            self._drop_connection()
            if self._lock >= 0:
                lock.release(self._lock)
                self._lock = -1

    def ingest(self) -> IngestReport:
        """Take in what has landed. Files that cannot be read go to the aside folder, the rest goes in. Raises `DiskFull`."""
        with self._work() as connection:
            report = _ingest.ingest(connection, self.home)
            self._dirty |= report.files > 0
            return report

    def declare(
        self,
        brands: Sequence[Brand] | None = None,
        sources: Sequence[Source] | None = None,
        campaigns: Sequence[Campaign] | None = None,
        goals: Sequence[Goal] | None = None,
        meta: Mapping[str, str | None] | None = None,
    ) -> bool:
        """Let the tables say what the settings say (see `store.declare`); return whether anything changed."""
        with self._work() as connection:
            changed = _declare.declare(connection, brands, sources, campaigns, goals, meta)
            self._dirty |= changed
            return changed

    def unscored(self, model: str, limit: int) -> pa.Table:
        """Return up to ``limit`` mentions without a score of ``model``, newest first: ``post_key, brand, platform, kind, text``."""
        with self._work() as connection:
            self._handed = _scores.unscored(connection, model, limit)
            return self._handed

    def unscored_count(self, model: str) -> int:
        """Return how many mentions have no score of ``model``."""
        with self._work() as connection:
            return _scores.unscored_count(connection, model)

    def save_scores(self, scores: pa.Table) -> int:
        """Save scores (columns of the table ``scores``) and return how many. Raises `BadRecord`."""
        with self._work() as connection:
            self._dirty = True
            return _scores.save_scores(connection, scores, self._handed)

    def unprinted(self, limit: int) -> pa.Table:
        """Return up to ``limit`` mentions that were not compared with others yet: ``post_key, text``."""
        with self._work() as connection:
            return _copies.unprinted(connection, limit)

    def save_prints(self, prints: pa.Table) -> pa.Table:
        """Keep prints (``post_key, bands``) and return whom they may repeat (see `store.copies.save_prints`)."""
        with self._work() as connection:
            return _copies.save_prints(connection, prints)

    def heads(self, posts: pa.Array) -> pa.Table:
        """Return who of the families of ``posts`` repeats whom (see `store.copies.heads`)."""
        with self._work() as connection:
            return _copies.heads(connection, posts)

    def save_heads(self, found: pa.Table) -> int:
        """Write down who repeats whom (``post_key, head_key``); return how many are new."""
        with self._work() as connection:
            self._dirty = True
            return _copies.save_heads(connection, found)

    def flag(self) -> int:
        """Flag what the review desk should look at (the rules: `store.scores.flag`); return how many are new."""
        with self._work() as connection:
            flagged = _scores.flag(connection)
            self._dirty |= flagged > 0
            return flagged

    def refresh_candidates(
        self,
        now: datetime,
        source: str | None = None,
        platform: str | None = None,
        brand: str | None = None,
        younger_than: timedelta = timedelta(days=30),
    ) -> pa.Table:
        """Return the posts that may be looked up again for new counts (see `store.refresh`)."""
        with self._work() as connection:
            return refresh_candidates(connection, now, source, platform, brand, younger_than)

    def unseen(self, now: datetime, source: str, platform: str, unseen_for: timedelta, known: Sequence[str] = ()) -> pa.Table:
        """Return the posts of a source that nobody has seen to be there for ``unseen_for`` (see `store.refresh.unseen`)."""
        with self._work() as connection:
            return unseen(connection, now, source, platform, unseen_for, known)

    def publish(self) -> Path:
        """Publish a copy and return its path; the last copy where nothing has changed since. Raises `DiskFull`."""
        with self._work() as connection:
            if not self._dirty and self.home.link.exists():
                return newest(self.home)
            path = publish(connection, self.home)
            _ingest.clear_published(connection, self.home)
            self._dirty = False
            return path

    def retain(self, policy: Retention, now: datetime | None = None) -> Retained:
        """Let go what is past its time (see `store.keep.retain`), and return how much it was."""
        with self._work() as connection:
            self._dirty = True
            _ingest.prune_ledger(connection, self.home)
            return _keep.retain(connection, policy, now or datetime.now(UTC))

    def forget_author(self, platform: str, author_id: str, now: datetime | None = None) -> int:
        """Erase text and author of the account's posts, now and whenever they come again; return how many had to be erased.

        Publish and compact afterwards: earlier copies and the holes in the file still hold the words.
        """
        with self._work() as connection:
            self._dirty = True
            author = author_key(load_key(self.home.author_key), platform, author_id)
            return _keep.forget_author(connection, author, now or datetime.now(UTC))

    def compact(self) -> tuple[int, int]:
        """Rewrite the database without holes; return its size before and after, in bytes. Raises `DiskFull`."""
        with self._work() as connection:
            before = self.home.database.stat().st_size
            new = beside(self.home)
            try:
                compact_to(connection, new)
                self._drop_connection()
                put_in_place(self.home, new)
            except BaseException:
                discard(new)
                raise
            return before, self.home.database.stat().st_size

    def backup(self, folder: Path) -> Path:
        """Take in what has landed and write a backup to the new or empty ``folder``; return its manifest. Raises `BackupError`, `DiskFull`."""
        with self._work() as connection:
            return backup(connection, self.home, folder.resolve(), self.ingest)

    def restore(self, folder: Path) -> Path | None:
        """Put a backup in the place of the database and publish it; return where the old database was kept.

        Raises `BackupError`, `DiskFull`; then everything is as it was.
        """
        with self._work():
            self._drop_connection()
            kept = restore(self.home, folder.resolve())
        self.publish()
        return kept

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _work(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hand out the connection; after a full disk or a fatal error it is opened anew next time, from what is on the disk."""
        with self._guard:
            if self._lock < 0:
                raise ValueError("the owner is closed")
            try:
                if self._connection is None:
                    self._connection = open_database(self.home.database)
                    migrate(self._connection, self.home.database)
                yield self._connection
            except (duckdb.Error, OSError) as error:
                if is_full(error):
                    self._drop_connection()
                    raise DiskFull(self.home.data) from error
                if isinstance(error, duckdb.FatalException):
                    self._drop_connection()
                raise

    def _drop_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
