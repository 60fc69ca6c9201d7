from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store import inbox as inbox_module
from store.errors import BadRecord
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import ReviewEvent, post_key
from tests.store.build import START, at, counts, gone, own, post, rows


def test_one_file_per_kind_in_an_order_in_which_posts_come_before_their_counts(inbox: Inbox, home: Home) -> None:
    paths = inbox.land([counts("1"), gone("2"), post("1"), post("2"), counts("2")])
    assert [path.name.split(".")[-2] for path in paths] == ["posts", "metrics", "gone"]
    assert sorted(paths) == paths == sorted(home.inbox.iterdir())
    assert [pq.read_metadata(path).num_rows for path in paths] == [2, 2, 1]


def test_nothing_lands_for_nothing(inbox: Inbox, home: Home) -> None:
    assert inbox.land([]) == []
    assert list(home.inbox.iterdir()) == []


def test_times_land_in_utc_whatever_their_zone(inbox: Inbox) -> None:
    tokyo = datetime.fromisoformat("2026-03-21T05:00:00+09:00")
    inbox.land([post(created_at=tokyo)])
    assert inbox.pending("posts")["created_at"].to_pylist() == [datetime(2026, 3, 20, 20)]


def test_a_time_without_a_zone_is_refused(inbox: Inbox, home: Home) -> None:
    with pytest.raises(BadRecord, match="created_at"):
        inbox.land([post(created_at=datetime(2026, 3, 1))])
    assert list(home.inbox.iterdir()) == []


def test_a_count_past_64_bits_is_refused(inbox: Inbox) -> None:
    with pytest.raises(BadRecord, match="views"):
        inbox.land([counts(views=2**63)])


@pytest.mark.parametrize(
    ("text", "kept"), [("割れた\ud83d\ude00絵文字", "割れた😀絵文字"), ("片割れ\ud83d", "片割れ\ufffd"), ("空\x00白", "空\x00白"), ("", "")]
)
def test_texts_that_a_broken_encoder_left_land(inbox: Inbox, owner: Owner, text: str, kept: str) -> None:
    inbox.land([post(text=text)])
    owner.ingest()
    assert rows(owner, "SELECT text FROM posts") == [(kept,)]


def test_search_text_is_nfkc_and_lower_case(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post(text="ｶﾌｪ・ソラトのＣＯＣＯＡ①")])
    owner.ingest()
    assert rows(owner, "SELECT text_norm FROM posts") == [("カフェ・ソラトのcocoa1",)]


def test_authors_of_others_are_hashed_and_the_brands_own_stay_readable(inbox: Inbox, owner: Owner) -> None:
    inbox.land(
        [post("1", author_id="u1", author_name="花子"), post("2", author_id="u1"), own("3", author_id="b", author_name="ソラト公式")]
    )
    inbox.land([post("4", author_id="u2"), post("5", platform="youtube", author_id="u1"), post("6")])
    owner.ingest()
    found = rows(owner, "SELECT native_id, author_id, author_name, author_key FROM posts ORDER BY native_id")
    assert [row[1:3] for row in found] == [(None, None), (None, None), ("b", "ソラト公式"), (None, None), (None, None), (None, None)]
    keys = [row[3] for row in found]
    assert keys[0] == keys[1]
    assert len({keys[0], keys[2], keys[3], keys[4]}) == 4
    assert keys[5] is None


def test_author_key_depends_on_the_homes_secret_which_only_its_owner_may_read(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in "ab"]
    keys = []
    for home in homes:
        Inbox(home).land([post(author_id="u1")])
        keys += Inbox(home).pending("posts")["author_key"].to_pylist()
    assert keys[0] != keys[1]
    assert stat.S_IMODE(os.stat(homes[0].author_key).st_mode) == 0o600  # noqa: PTH116
    assert Inbox(homes[0])._hash("x", "u1") == keys[0]


def test_authors_are_kept_when_told_so(home: Home) -> None:
    inbox = Inbox(home, keep_authors=True)
    inbox.land([post(author_id="u1", author_name="花子")])
    table = inbox.pending("posts")
    assert (table["author_id"].to_pylist(), table["author_name"].to_pylist()) == (["u1"], ["花子"])


def test_a_bulk_table_lands_like_its_records(inbox: Inbox, owner: Owner) -> None:
    table = pa.table(
        {
            "platform": ["x", "x"], "native_id": ["1", "2"], "brand": ["sorato"] * 2, "relation": ["mention", "own"], "source": ["s"] * 2,
            "kind": ["post"] * 2, "text": ["Ａ", "b"], "parent_id": [None, "1"], "author_id": ["u", "v"],
            "created_at": pa.array([START] * 2, pa.timestamp("ms", "Asia/Tokyo")), "seen_at": pa.array([at(1)] * 2, pa.timestamp("us", "UTC")),
        }
    )  # fmt: skip
    inbox.land_table("posts", table)
    owner.ingest()
    found = rows(owner, "SELECT post_key, text_norm, parent_key, author_id, created_at FROM posts ORDER BY native_id")
    naive = START.replace(tzinfo=None)
    assert found == [(post_key("x", "1"), "a", None, None, naive), (post_key("x", "2"), "b", post_key("x", "1"), "v", naive)]


def test_a_bulk_table_without_a_needed_column_is_refused(inbox: Inbox) -> None:
    with pytest.raises(BadRecord, match="observed_at"):
        inbox.land_table("metrics", pa.table({"platform": ["x"], "native_id": ["1"]}))
    with pytest.raises(BadRecord, match="brand is missing in 1 of 1"):
        inbox.land_table("kpis", pa.table({"brand": pa.nulls(1, pa.string()), "day": [START.date()], "name": ["sales"], "value": [1.0]}))


def test_bulk_files_are_bounded(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "FILE_ROWS", 2)
    paths = inbox.land([post(str(n)) for n in range(5)])
    assert [pq.read_metadata(path).num_rows for path in paths] == [2, 2, 1]


def test_pending_shows_an_event_until_a_published_copy_has_it(inbox: Inbox, owner: Owner) -> None:
    event = ReviewEvent(event_id="e1", post_key=post().key, brand="sorato", at=at(1), actor="mina", action="take")
    inbox.land([post(), event])
    assert inbox.pending("review_events")["event_id"].to_pylist() == ["e1"]
    owner.ingest()
    assert inbox.pending("review_events")["event_id"].to_pylist() == ["e1"]
    inbox.land([replace(event, event_id="e2", action="note", value="確認中", at=at(2))])
    owner.ingest()
    assert rows(owner, 'SELECT event_id, "at" FROM review_events ORDER BY 1') == [
        ("e1", at(1).replace(tzinfo=None)),
        ("e2", at(2).replace(tzinfo=None)),
    ]
    assert inbox.pending("review_events").num_rows == 0
    assert inbox.pending("posts").num_rows == 0


def test_half_written_files_are_never_read_and_old_ones_are_swept(inbox: Inbox, home: Home) -> None:
    old, fresh = home.inbox / ".1.posts.parquet.tmp", home.inbox / ".2.posts.parquet.tmp"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert inbox.pending("posts").num_rows == 0
    with Owner.open(home) as owner:
        assert owner.ingest().files == 0
    assert not old.exists()
    assert fresh.exists()  # its writer may be at work right now
