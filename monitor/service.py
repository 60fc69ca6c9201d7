"""The service: rounds on schedule in one thread, the owner's work in another, until it is told to stop.

Nothing here is needed for safety: what has landed is safe, and a service that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collectors.limits import Limits
from collectors.spending import Spending
from monitor.candidates import candidates_of, overdue_of
from monitor.keeper import Keeper
from monitor.problems import SettingsError
from monitor.reload import SettingsFiles
from monitor.retention import policy_of
from monitor.round import Part, Round
from monitor.schedule import Schedule, Timing
from monitor.settings import secrets
from monitor.sourcestate import load_state
from monitor.status import StatusBoard
from monitor.texts import language, say
from monitor.timetable import Timetable
from store.errors import StoreError
from store.inbox import Inbox

if TYPE_CHECKING:
    from collectors.base import SourceSettings
    from monitor.settings import Settings
    from store.home import Home
    from store.owner import Owner

POLL = 0.5
HEARTBEAT = 2.0
TROUBLE_REST = 10.0
RETAIN_EVERY = 86400.0

Running = dict[asyncio.Task[list[Part]], tuple[str, ...]]

log = logging.getLogger("hibiki.service")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Service:
    """The owner of ``home`` at work. ``rounds`` ends it after so many rounds and when all they gave is published (None: never).

    ``parent`` is the PID of the process that must live; when it is gone, the service stops. ``report`` hears of each round that ended.
    """

    home: Home
    settings: Settings
    owner: Owner
    rounds: int | None = None
    parent: int | None = None
    scoring: bool = True
    report: Callable[[list[Part]], None] = lambda parts: None
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _wake: threading.Event = field(default_factory=threading.Event, init=False)
    _collected: threading.Event = field(default_factory=threading.Event, init=False)
    _failed: list[BaseException] = field(default_factory=list, init=False)
    _limits: Limits = field(default_factory=Limits, init=False)
    _spending: Spending = field(default_factory=Spending, init=False)
    _taken_up: Settings | None = field(default=None, init=False)

    def run(self) -> None:
        """Work until SIGINT, SIGTERM, ``stop``, the parent's end, or the last of ``rounds``.

        Raises:
            Exception: What went wrong beyond mending in the owner's thread.
        """
        board = StatusBoard(self.home, demo=self.settings.general.demo)
        board.say(phase="starting")
        keeper = Keeper.of(self.owner, self.settings, board, scoring=self.scoring)
        worker = threading.Thread(target=self._keep, args=(keeper, board), name="keeper")
        worker.start()
        try:
            asyncio.run(self._collect(board))
        finally:
            if self.rounds is None:
                self.stop()
            self._collected.set()
            worker.join()
            keeper.close()
            board.say(phase="stopped", collecting=(), next_round_at=None)
        if self._failed:
            raise self._failed[0]

    def stop(self) -> None:
        """Ask the service to stop; may be called from any thread."""
        self._stop.set()
        self._wake.set()

    # --- the owner's thread

    def _keep(self, keeper: Keeper, board: StatusBoard) -> None:
        retained, troubled = float("-inf"), False
        try:
            while not self._stop.is_set():
                last = self._collected.is_set()
                try:
                    if self._taken_up is not None and self._taken_up is not keeper.settings:
                        keeper.change(self._taken_up)
                    busy = keeper.step()
                    if troubled:
                        troubled = False
                        board.say(message=None, advice=None)
                    if not busy and time.monotonic() - retained >= RETAIN_EVERY:
                        retained = time.monotonic()
                        self.owner.retain(policy_of(keeper.settings.retention))
                except StoreError as error:
                    log.exception("store")
                    troubled = True
                    board.say(message=error.text(language()), advice=None)
                    self._stop.wait(TROUBLE_REST)
                    continue
                if not busy:
                    if last:
                        break
                    self._wake.wait(POLL)
                    self._wake.clear()
            keeper.finish(stop=lambda: True)  # what is in the database should be seen while nobody runs
        except BaseException as error:  # handed to the main thread, which raises it
            self._failed.append(error)
        finally:
            self.stop()

    # --- the main thread

    async def _collect(self, board: StatusBoard) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # not the main thread (tests): then only ``stop`` stops
            with contextlib.suppress(RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)
        beats = asyncio.create_task(self._beat(board))
        try:
            await self._rounds(board)
        finally:
            beats.cancel()

    def _round(self, *, quiet: bool) -> Round:
        """Return a round with the settings of now. ``quiet``: it keeps the quiet hours."""
        settings = self.settings
        return Round(
            self.home,
            settings,
            Inbox(self.home, settings.general.keep_authors),
            secrets(self.home),
            self._limits,
            candidates_of(self.owner.refresh_candidates, timedelta(days=settings.general.refresh_days)),
            lambda part: self._wake.set(),
            spending=self._spending,
            overdue=overdue_of(self.owner.unseen, settings.sources),
            quiet=quiet,
        )

    async def _beat(self, board: StatusBoard) -> None:
        while True:
            await asyncio.to_thread(board.beat)
            if self.parent is not None and os.getppid() != self.parent:
                self.stop()
            await asyncio.sleep(HEARTBEAT)

    async def _rounds(self, board: StatusBoard) -> None:
        sources = {source.name: source for source in self.settings.sources}
        schedule, files, table = Schedule(self._timings()), SettingsFiles(self.home), Timetable(self.home)
        running: Running = {}
        # who asks for a number of rounds wants the first one now, whatever the schedule says
        forced = tuple(sources) if self.rounds is not None else ()
        rounds = self._round(quiet=not forced)
        ended = 0
        self._tell(board, running, schedule, ended)
        try:
            while not self._stop.is_set() and (self.rounds is None or (sources and ended < self.rounds)):
                if files.changed() and self._take_up(files, board):
                    sources = {source.name: source for source in self.settings.sources}
                    schedule.change(self._timings())
                    rounds = self._round(quiet=True)
                    self._tell(board, running, schedule, ended)
                    table.write(schedule, at_once=True)
                busy = {name for names in running.values() for name in names}
                names = forced or tuple(name for name in schedule.due(_now()) if name not in busy)
                forced = ()
                if names:
                    running[asyncio.create_task(rounds.go([sources[name] for name in names]))] = names
                    self._tell(board, running, schedule, ended)
                table.write(schedule)
                await asyncio.sleep(POLL)
                for task in [task for task in running if task.done()]:
                    self._ended(task, running.pop(task), schedule, table)
                    ended += 1
                    self._tell(board, running, schedule, ended)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            table.write(schedule, at_once=True)

    def _take_up(self, files: SettingsFiles, board: StatusBoard) -> bool:
        """Go on with the settings as they were saved; where they cannot be, with those before, and say so. Return whether they are new."""
        try:
            settings = files.load()
        except SettingsError as error:
            log.warning("settings: %s", error)
            board.say(settings_problem=say("settings.kept", problem=error.problems[0].text))
            return False
        log.info("settings taken up")
        board.say(settings_problem=None, demo=settings.general.demo)
        self.settings = self._taken_up = settings
        self._wake.set()
        return True

    def _timings(self) -> dict[str, Timing]:
        return {source.name: self._timing(source) for source in self.settings.sources}

    def _timing(self, source: SourceSettings) -> Timing:
        state = load_state(self.home, source.name)
        quiet = source.quiet or self.settings.general.quiet
        return Timing(source.every, state.tried_at, state.not_before, source.cron, quiet, source.jitter)

    def _ended(self, task: asyncio.Task[list[Part]], names: Sequence[str], schedule: Schedule, table: Timetable) -> None:
        """Note when the sources of a round are due again. A round that could not land is tried again like any other."""
        now = _now()
        error = task.exception()
        if error is None:
            schedule.tried(names, now, {part.source: part.until for part in task.result()})
            table.ended(task.result())
            self.report(task.result())
        elif isinstance(error, StoreError):
            log.error("round: %s", error)
            schedule.tried(names, now)
        else:
            raise error

    def _tell(self, board: StatusBoard, running: Running, schedule: Schedule, ended: int) -> None:
        due = schedule.next_at(_now())
        collecting = tuple(name for names in running.values() for name in names)
        board.say(collecting=collecting, rounds=ended, next_round_at=due.isoformat(timespec="seconds") if due else None)
