"""Reposts and pasted texts are families: their spread is seen, and the voice counts once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from monitor.copies import group
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Gone, Post

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
SAID = "ヨモリの新茶を買ったら封が開いていて、中身が半分こぼれていた。店に言っても取り替えてくれない"


def said(number: int, text: str, hours: float = 0, **more: object) -> Post:
    values = {"platform": "x", "brand": "yomori", "relation": "mention", "source": "s", "author_id": f"a{number}", "seen_at": NOW}
    return Post(native_id=str(number), text=text, created_at=NOW - timedelta(hours=hours), **{**values, **more})  # type: ignore[arg-type]


def families(owner: Owner) -> dict[str, tuple[str, str]]:
    with owner._work() as connection:
        found = connection.execute(
            "SELECT p.native_id, h.native_id, role FROM families f JOIN posts p USING (post_key) JOIN posts h ON h.post_key = f.head_key"
        ).fetchall()
    return {post: (head, role) for post, head, role in found}


def take(home: Home, owner: Owner, *posts: Post | Gone) -> None:
    Inbox(home).land(posts)
    owner.ingest()
    while group(owner):
        pass


@pytest.fixture
def home(tmp_path: object) -> Home:
    return Home(tmp_path)  # type: ignore[arg-type]


def test_reposts_copies_and_quotes_belong_to_the_first(home: Home) -> None:
    with Owner.open(home) as owner:
        take(
            home,
            owner,
            said(1, SAID, 5),
            said(2, f"RT @a1: {SAID} https://example.com/1", 4, kind="repost", parent_id="1"),
            said(3, f"{SAID}！！ #拡散希望", 3),
            said(4, "これはひどい。ほかでも聞いた話だから、たぶん本当だと思う", 2, kind="quote", parent_id="1"),
            said(5, "ヨモリの新茶を買ったら封に応募券がついていて、当たるのが楽しみ。店の人も親切で取り替えも早い", 1),
        )
        assert families(owner) == {"2": ("1", "repost"), "3": ("1", "copy"), "4": ("1", "quote")}


def test_what_is_found_later_and_was_said_earlier_becomes_the_first(home: Home) -> None:
    with Owner.open(home) as owner:
        take(home, owner, said(3, SAID, 3), said(2, SAID + "。", 4))
        assert families(owner) == {"3": ("2", "copy")}
        take(home, owner, said(1, "本当の話。" + SAID, 5))
        assert families(owner) == {"3": ("1", "copy"), "2": ("1", "copy")}
        take(home, owner, said(4, SAID, 1))
        assert families(owner)["4"] == ("1", "copy")


def test_short_texts_and_texts_of_another_season_are_no_copies(home: Home) -> None:
    with Owner.open(home) as owner:
        take(home, owner, said(1, "ヨモリうまい", 5), said(2, "ヨモリうまい", 4), said(3, SAID, 24 * 90), said(4, SAID, 1))
        assert families(owner) == {}


@pytest.mark.parametrize("gone", [False, True])
def test_a_copy_is_flagged_only_where_the_first_cannot_be_read(home: Home, gone: bool) -> None:
    with Owner.open(home) as owner:
        first, copy = said(1, SAID, 5), said(2, SAID, 4)
        more = [Gone(platform="x", native_id="1", seen_at=NOW)] if gone else []
        take(home, owner, first, copy)
        take(home, owner, *more)
        keys = [first.key, copy.key]
        owner.save_scores(
            pa.table({"post_key": keys, "brand": ["yomori"] * 2, "model": ["m"] * 2, "sentiment": ["negative"] * 2, "stance": ["critic"] * 2,
                      "p_critic": [0.9] * 2, "p_negative": [0.9] * 2, "mention_type": ["personal"] * 2})
        )  # fmt: skip
        owner.flag()
        with owner._work() as connection:
            flagged = connection.execute("SELECT post_key FROM flags").fetchall()
        assert flagged == [(copy.key if gone else first.key,)]
