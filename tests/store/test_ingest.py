from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store import ingest as ingest_module
from store.errors import DatabaseBusy, OwnerRunning
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Run
from tests.store.build import at, counts, one, own, post, rows


def test_a_file_that_was_committed_but_not_deleted_counts_once(home: Home, inbox: Inbox, tmp_path: Path) -> None:
    run = Run(source="s", platform="x", brand="sorato", started_at=at(0), finished_at=at(1), outcome="ok")
    paths = inbox.land([own(), counts(views=10, likes=1), run])
    for path in paths:
        shutil.copy2(path, tmp_path)
    with Owner.open(home) as owner:
        assert owner.ingest().files == 3
    for path in paths:
        shutil.copy2(tmp_path / path.name, path)
    with Owner.open(home) as owner:
        assert owner.ingest().files == 0
        assert rows(owner, "SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM metrics), (SELECT count(*) FROM runs)") == [
            (1, 1, 1)
        ]
    assert list(home.inbox.iterdir()) == []


def test_many_files_go_in_group_by_group(inbox: Inbox, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "GROUP_ROWS", 3)
    for n in range(5):
        inbox.land([post(f"{n}-{m}") for m in range(2)])
    report = owner.ingest()
    assert (report.files, report.rows, report.new["posts"]) == (5, {"posts": 10}, 10)
    assert one(owner, "SELECT count(*), sum(row_count) FROM files") == (5, 10)


def corrupt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(content))


def test_corrupt_files_go_aside_with_their_reason_and_the_rest_goes_in(home: Home, inbox: Inbox, owner: Owner) -> None:
    (flipped,) = inbox.land([post(str(n)) for n in range(200)])
    corrupt(flipped)
    (cut,) = inbox.land([post("cut")])
    cut.write_bytes(cut.read_bytes()[:-20])
    (good,) = inbox.land([post("good")])
    unknown = home.inbox / "00000000000000000001.000000.1.ab.songs.parquet"
    shutil.copy2(good, unknown)
    empty = home.inbox / "00000000000000000002.000000.1.ab.posts.parquet"
    empty.write_bytes(b"")
    report = owner.ingest()
    assert {path.name for path, _ in report.aside} == {flipped.name, cut.name, unknown.name, empty.name}
    assert rows(owner, "SELECT native_id FROM posts") == [("good",)]
    assert list(home.inbox.iterdir()) == []
    for path in (flipped, cut, unknown, empty):
        assert (home.aside / path.name).exists()
        assert json.loads((home.aside / f"{path.name}.reason.json").read_text())["reason"]


def test_a_file_without_what_is_needed_goes_aside(home: Home, inbox: Inbox, owner: Owner) -> None:
    (path,) = inbox.land([counts(views=1)])
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["observed_at"]), path)
    report = owner.ingest()
    assert [(p.name, reason) for p, reason in report.aside] == [(path.name, "observed_at is missing in 1 rows")]


def test_files_of_other_versions_are_understood(inbox: Inbox, owner: Owner) -> None:
    (path,) = inbox.land([post(lang="ja")])
    table = pq.read_table(path).drop_columns(["lang", "stars"]).append_column("mood", pa.array(["happy"]))
    pq.write_table(table, path)
    assert owner.ingest().aside == []
    assert rows(owner, "SELECT native_id, lang FROM posts") == [("1", None)]


def test_a_second_owner_is_refused_with_the_pid_of_the_first(home: Home, owner: Owner) -> None:
    code = (
        "import sys; from store.home import Home; from store.owner import Owner; from store.errors import OwnerRunning\n"
        "print(Owner.running(Home(sys.argv[1])))\n"
        "try: Owner.open(Home(sys.argv[1]))\n"
        "except OwnerRunning as error: print(error.pid); print(error.text('en'))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], capture_output=True, text=True, check=True)
    pid = str(os.getpid())
    lines = done.stdout.splitlines()
    assert lines[:2] == [pid, pid]
    assert f"(PID {pid})" in lines[2]
    with pytest.raises(OwnerRunning):
        Owner.open(home)
    owner.close()
    assert Owner.running(home) is None
    Owner.open(home).close()


def test_a_forked_child_does_not_keep_the_lock_of_a_dead_owner(home: Home) -> None:
    code = (
        "import os, signal, sys, time; from store.home import Home; from store.owner import Owner\n"
        "owner = Owner.open(Home(sys.argv[1]))\n"
        "if os.fork() == 0:\n"
        "    os.close(1); os.close(2); signal.alarm(20); time.sleep(20); os._exit(0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(home.root)], check=False)
    Owner.open(home).close()


def test_somebody_elses_client_on_the_owners_database_is_named_as_the_cause(home: Home) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home.database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DatabaseBusy, match=f"PID {other.pid}"):
            Owner.open(home)
        other.stdin.close()
    Owner.open(home).close()


def test_an_error_in_the_merge_leaves_the_file_for_the_next_time(home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.land([own(), counts(views=1)])

    def interrupted(*_: object) -> None:
        raise duckdb.InternalException("as if")

    with Owner.open(home) as owner, monkeypatch.context() as patch:
        patch.setattr(ingest_module, "merge", interrupted)
        with pytest.raises(duckdb.InternalException):
            owner.ingest()
        patch.undo()
        assert owner.ingest().new["posts"] == 1
        assert one(owner, "SELECT count(*) FROM metrics") == 1


def test_a_closed_owner_says_so(owner: Owner) -> None:
    owner.close()
    with pytest.raises(ValueError, match="closed"):
        owner.ingest()
