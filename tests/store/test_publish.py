from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from store import published
from store.errors import NotPublished
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from tests.store.build import post


def test_before_the_first_copy_there_is_a_clear_answer(home: Home) -> None:
    with pytest.raises(NotPublished, match="hibiki up"):
        published.connect(home)


def test_readers_keep_what_they_opened_and_new_ones_see_the_newest(home: Home, inbox: Inbox, owner: Owner) -> None:
    held = []
    for n in range(5):
        inbox.land([post(str(n))])
        owner.ingest()
        owner.publish()
        held.append(published.connect(home))
    counts = [connection.execute("SELECT count(*), count(text) FROM posts").fetchone() for connection in held]
    assert counts == [(n, n) for n in range(1, 6)]
    assert len(list(home.published.glob("hibiki-*.duckdb"))) == 2
    for connection in held:
        connection.close()


def test_a_copy_can_only_be_read(home: Home, owner: Owner) -> None:
    path = owner.publish()
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert Path(os.path.realpath(home.link)) == path == published.newest(home)
    with published.connect(home) as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("DELETE FROM posts")


def test_nothing_new_is_not_copied_again(home: Home, inbox: Inbox, owner: Owner) -> None:
    first = owner.publish()
    owner.ingest()
    assert owner.publish() == first
    owner.declare(meta={"demo": "1"})
    second = owner.publish()
    assert second != first
    owner.declare(meta={"demo": "1"})
    assert owner.publish() == second
    second.unlink()
    assert owner.publish() != second
    with published.connect(home) as connection:
        assert connection.execute("SELECT * FROM meta").fetchall() == [("demo", "1")]


def test_the_owner_goes_on_while_another_process_reads_the_link(home: Home, inbox: Inbox, owner: Owner) -> None:
    owner.publish()
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print(c.execute('SELECT count(*) FROM posts').fetchone()[0], flush=True); sys.stdin.read()\n"
        "print(c.execute('SELECT count(*) FROM posts').fetchone()[0], flush=True)"
    )
    reader = [sys.executable, "-c", code, str(home.link)]
    with subprocess.Popen(reader, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "0\n"
        for n in range(3):
            inbox.land([post(str(n))])
            owner.ingest()
            owner.publish()
        process.stdin.close()
        assert process.stdout.read() == "0\n"


def test_the_database_stays_locked_for_others_after_publishing(home: Home, owner: Owner) -> None:
    # a copy made inside the owner's process would have dropped the lock
    owner.publish()
    code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(home.database)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "lock" in done.stderr


def test_a_reader_that_was_overtaken_looks_again(home: Home, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.publish()
    real = published.newest
    stale = home.published / "hibiki-20200101T000000.000000Z.duckdb"
    answers = iter([stale])
    monkeypatch.setattr(published, "newest", lambda home: next(answers, None) or real(home))
    with published.connect(home) as connection:
        assert connection.execute("SELECT count(*) FROM posts").fetchone() == (0,)


def test_times_are_utc_for_readers_wherever_they_are(home: Home, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.publish()
    monkeypatch.setenv("TZ", "America/New_York")
    with published.connect(home) as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
