"""The sources page, and what is shown before there is anything to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from store.declare import Brand
from store.home import Home
from store.owner import Owner
from tests.dashboard.conftest import visit, words


def _status(home: Home, age: int = 0, **more: object) -> None:
    beat = (datetime.now(UTC) - timedelta(seconds=age)).isoformat(timespec="seconds")
    home.prepare()
    home.status.write_text(json.dumps({"phase": "waiting", "pid": 1, "heartbeat_at": beat} | more), encoding="utf-8")


def test_what_is_wrong_comes_first_with_how_to_mend_it(home: Home) -> None:
    said = words(visit("sources"))
    assert said.index("対処が必要な収集元") < said.index("収集元の一覧")
    assert "トークンが受け付けられませんでした (401)" in said
    assert "環境変数 HIBIKI_YOUTUBE_KEY を入れ直してください" in said
    assert "4回続けて失敗" in said
    assert "再生数「一万」を数として読めません" in said


def test_the_machinery(home: Home) -> None:
    said = words(visit("sources"))
    assert "停止中" in said
    assert "hibiki up" in said
    assert "model-1" in said
    _status(home, phase="scoring", next_round_at="2026-11-22T01:00:00+00:00")
    said = words(visit("sources"))
    assert "稼働中" in said
    assert "感情と立場を判定しています" in said
    assert "次の収集 10:00" in said
    _status(home, age=300)
    assert "停止中" in words(visit("sources"))


def test_gaps_are_drawn(home: Home) -> None:
    app = visit("sources")
    assert len(app.get("vega_lite_chart")) == 1


def test_nothing_published_and_nobody_at_work(bare: Home) -> None:
    said = words(visit())
    assert "まだデータがありません" in said
    assert "hibiki init" in said
    assert str(bare.root) in said


def test_nothing_published_yet_but_the_owner_is_at_work(bare: Home) -> None:
    _status(bare, phase="scoring", done=250, total=1000)
    app = visit()
    assert "はじめてのデータを準備しています" in words(app)
    assert len(app.get("progress")) == 1
    assert app.get("progress")[0].proto.value == 25
    assert "感情と立場を判定しています" in app.get("progress")[0].proto.text


def test_published_without_any_brand(bare: Home) -> None:
    with Owner.open(bare) as owner:
        owner.ingest()
        owner.publish()
    for page in ("overview", "posts", "desk", "sources"):
        assert "ブランドがまだ登録されていません" in words(visit(page))


def test_a_brand_without_data(bare: Home) -> None:
    with Owner.open(bare) as owner:
        owner.declare(brands=[Brand("a", "あおば", "own", 0)], sources=[], campaigns=[], goals=[], meta={})
        owner.publish()
    assert "あおばのデータはまだ届いていません" in words(visit())
    assert "デモ表示中" not in words(visit())
    assert "条件に合う投稿がありません" in words(visit("posts"))
    assert "未対応の言及はありません" in words(visit("desk"))
    assert "収集元がまだ登録されていません" in words(visit("sources"))
