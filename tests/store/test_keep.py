from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.errors import BackupError
from store.home import Home
from store.inbox import Inbox
from store.keep import Keep, Retention
from store.owner import Owner
from store.records import Reject, Run
from tests.store.build import START, at, counts, one, own, post, rows, scores


def test_what_is_past_its_time_goes_and_the_sums_stay(inbox: Inbox, owner: Owner) -> None:
    old, new = post("old", author_id="u1"), post("new", created_at=START + timedelta(days=50))
    inbox.land([own("o"), counts("o", hours=24, views=10, likes=1), counts("o", hours=24 * 60, views=20, likes=2), old, new])
    inbox.land([post("y", platform="youtube")])
    inbox.land([Run(source="s", platform="x", brand="sorato", started_at=at(0), finished_at=at(1), outcome="ok")])
    inbox.land([Reject(source="s", place="1", reason="r", raw="x", seen_at=at(1))])
    owner.ingest()
    owner.save_scores(scores({"post": old, "sentiment": "negative", "why": "[]"}))
    before = rows(owner, "SELECT * FROM daily")
    policy = Retention(default=Keep(observations_days=30, mentions_days=30), platforms={"youtube": Keep()}, runs_days=30)
    done = owner.retain(policy, now=START + timedelta(days=61))
    assert (done.observations, done.texts, done.runs) == (1, 1, 2)
    assert rows(owner, "SELECT views FROM metrics") == [(20,)]
    assert rows(owner, "SELECT native_id FROM posts WHERE text IS NOT NULL ORDER BY 1") == [("new",), ("o",), ("y",)]
    assert one(owner, "SELECT count(author_key) FROM posts WHERE native_id = 'old'") == 1
    assert one(owner, "SELECT sentiment, why FROM scores") == ("negative", None)
    assert rows(owner, "SELECT * FROM daily") == before
    assert owner.retain(policy, now=START + timedelta(days=61)).texts == 0
    assert owner.unscored_count("m2") == 2


def test_nothing_goes_without_a_policy(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post(), counts(views=1)])
    owner.ingest()
    done = owner.retain(Retention(), now=datetime(2100, 1, 1, tzinfo=UTC))
    assert (done.observations, done.texts, done.runs, done.scores) == (0, 0, 0, 0)


def test_scores_of_models_that_were_replaced_go(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post("1"), post("2")])
    owner.ingest()
    early, late = at(1).replace(tzinfo=None), at(2).replace(tzinfo=None)
    owner.save_scores(scores({"post": post("1"), "scored_at": early}, {"post": post("2"), "scored_at": early}))
    owner.save_scores(scores({"post": post("1"), "model": "m2", "scored_at": late}))
    owner.declare(meta={"model": "m2"})
    assert owner.retain(Retention()).scores == 1
    assert rows(owner, "SELECT model, count(*) FROM scores GROUP BY 1 ORDER BY 1") == [("m1", 1), ("m2", 1)]


def test_compaction_shrinks_the_file_and_keeps_everything_else(home: Home, inbox: Inbox) -> None:
    with Owner.open(home) as owner:
        inbox.land([post(str(n), text=f"{n * 7919 % 10007} {'長い話' * (n % 7)}", created_at=at(-n)) for n in range(20000)])
        owner.ingest()
        owner.publish()
        owner.retain(Retention(default=Keep(mentions_days=1)), now=at(24))
        owner.publish()
        before, after = owner.compact()
        assert after < before * 0.8
        assert home.database.stat().st_size == after
        inbox.land([post("later")])
        owner.ingest()
        assert one(owner, "SELECT count(*), count(text) FROM posts") == (20001, 2)
    with Owner.open(home) as owner:
        assert one(owner, "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND comment IS NULL") == 0
        assert one(owner, "SELECT count(*) FROM mention_scored") == 20001


@pytest.fixture
def saved(home: Home, inbox: Inbox, tmp_path: Path) -> Path:
    folder = tmp_path / "it's a backup"
    home.bookmark("x-search").write_text('{"cursor": "old"}')
    home.allowances.write_text("spent: 3\n")
    with Owner.open(home) as owner:
        inbox.land(
            [own("1", tags=("a", "b"), author_id="b"), post("2", author_id="u1", text="絵文字😀と\n改行"), counts("1", views=10, likes=1)]
        )
        owner.declare(meta={"model": "m1"})
        owner.backup(folder)
    return folder


CONTENT = "SELECT * FROM posts ORDER BY post_key"


def test_a_backup_brings_everything_back_on_another_machine(home: Home, saved: Path, tmp_path: Path) -> None:
    with Owner.open(home) as owner:
        wanted = {
            table: rows(owner, f"SELECT * FROM {table} ORDER BY ALL")
            for table in ("posts", "metrics", "mentions", "post_latest", "daily", "files", "meta")
        }
    other = Home(tmp_path / "other")
    with Owner.open(other) as owner:
        assert owner.restore(saved) is not None
        assert {table: rows(owner, f"SELECT * FROM {table} ORDER BY ALL") for table in wanted} == wanted
        assert one(owner, "SELECT text FROM mention_scored") == "絵文字😀と\n改行"
        Inbox(other).land([post("3", author_id="u1")])
        owner.ingest()
        assert one(owner, "SELECT count(DISTINCT author_key) FROM mentions") == 1
    assert json.loads(other.bookmark("x-search").read_text()) == {"cursor": "old"}
    assert other.allowances.read_text() == "spent: 3\n"


def test_restoring_goes_back_and_keeps_what_was_there(home: Home, inbox: Inbox, saved: Path) -> None:
    home.bookmark("x-search").write_text('{"cursor": "new"}')
    home.bookmark("feed").write_text('{"cursor": "new"}')
    home.allowances.write_text("spent: 7\n")
    with Owner.open(home) as owner:
        before = rows(owner, CONTENT)
        inbox.land([post("9")])
        owner.ingest()
        kept = owner.restore(saved)
        assert rows(owner, CONTENT) == before
    assert kept is not None
    assert kept.exists()
    assert sorted(path.name for path in home.sources.iterdir()) == ["x-search.json"]
    assert "old" in home.bookmark("x-search").read_text()
    assert home.allowances.read_text() == "spent: 7\n"  # money that is gone is gone


@pytest.mark.parametrize("harm", ["cut", "missing", "manifest", "no manifest", "rows"])
def test_a_backup_that_is_not_whole_changes_nothing(home: Home, saved: Path, harm: str) -> None:
    file, manifest = saved / "posts.parquet", saved / "backup.json"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "missing":
        file.unlink()
    elif harm == "manifest":
        manifest.write_text("{")
    elif harm == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(manifest.read_text().replace('"posts": 2', '"posts": 3'))
    with Owner.open(home) as owner:
        before = rows(owner, CONTENT)
        with pytest.raises(BackupError):
            owner.restore(saved)
        assert rows(owner, CONTENT) == before


def test_a_backup_never_overwrites(home: Home, saved: Path) -> None:
    with Owner.open(home) as owner, pytest.raises(BackupError, match="空でない"):
        owner.backup(saved)
