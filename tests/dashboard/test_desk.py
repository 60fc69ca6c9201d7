"""The review desk: what is done is kept, and seen at once."""

from __future__ import annotations

import pytest

from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from tests.dashboard.conftest import visit, words


def _key(app: object, prefix: str) -> str:
    return next(str(b.key) for b in app.button if str(b.key).startswith(prefix))  # type: ignore[attr-defined]


def _counts(said: str) -> tuple[int, int, int]:
    import re

    found = re.search(r"未対応 ([\d,]+)件・対応中 ([\d,]+)件・完了 ([\d,]+)件", said)
    assert found
    return tuple(int(n.replace(",", "")) for n in found.groups())  # type: ignore[return-value]


def test_without_a_name_nothing_can_be_done(home: Home) -> None:
    app = visit("desk")
    assert app.button(key=_key(app, "row_take_")).disabled
    assert "先に名前を入れてください" in words(app)


def test_take_note_close_reopen(home: Home) -> None:
    app = visit("desk", me="佐藤")
    before = _counts(words(app))
    take = _key(app, "row_take_")
    post = take.removeprefix("row_take_")
    app.button(key=take).click().run()
    assert _counts(words(app)) == (before[0] - 1, before[1] + 1, before[2])

    app = visit("desk", me="佐藤", state="taken", post=post)
    assert "対応中（佐藤さん）" in words(app)
    app.text_input(key=f"note_{post}").set_value("店長に <b>確認</b> 中")
    app.button(key=f"save_{post}").click().run()
    assert "店長に &lt;b&gt;確認&lt;/b&gt; 中" in words(app)
    assert app.text_input(key=f"note_{post}").value == ""
    app.button(key=f"case_close_{post}").click().run()
    assert _counts(words(app)) == (before[0] - 1, before[1], before[2] + 1)

    app = visit("desk", me="鈴木", state="closed", post=post)
    app.button(key=f"case_reopen_{post}").click().run()
    assert not app.exception
    assert _counts(words(app)) == before

    events = Inbox(home).pending("review_events").to_pylist()
    assert [(e["actor"], e["action"], e["value"]) for e in events] == [
        ("佐藤", "take", None),
        ("佐藤", "note", "店長に <b>確認</b> 中"),
        ("佐藤", "close", None),
        ("鈴木", "reopen", None),
    ]
    assert {e["post_key"] for e in events} == {int(post)}


def test_published_and_pending_together_count_once(home: Home) -> None:
    app = visit("desk", me="佐藤")
    take = _key(app, "row_take_")
    app.button(key=take).click().run()
    expected = _counts(words(app))
    with Owner.open(home) as owner:
        owner.ingest()
        seen = _counts(words(visit("desk", me="佐藤")))
        owner.publish()
    assert seen == expected
    app = visit("desk", me="佐藤", state="all", post=take.removeprefix("row_take_"))
    assert _counts(words(app)) == expected
    assert words(app).count("担当になりました") == 2  # in the case's history and in the log, once each


def test_a_full_disk_is_said_and_nothing_is_pretended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.errors import DiskFull

    app = visit("desk", me="佐藤")
    before = _counts(words(app))

    def full(self: Inbox, records: object) -> None:
        raise DiskFull(home.inbox)

    monkeypatch.setattr(Inbox, "land", full)
    app.button(key=_key(app, "row_take_")).click().run()
    assert "ディスクの空き容量がありません" in app.error[0].value
    assert _counts(words(app)) == before


def test_another_brand_has_its_own_cases(home: Home) -> None:
    assert _counts(words(visit("desk"))) != _counts(words(visit("desk", brand="mikazuki")))
