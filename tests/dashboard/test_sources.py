"""The sources page, and what is shown before there is anything to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from store.declare import Brand
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import AllowanceState
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


def test_what_will_not_work_for_long_is_told_with_how_to_mend_it(home: Home) -> None:
    said = words(visit("sources"))
    assert said.index("まもなく対処が必要: トークンは 2030-01-02 09:00(日本時間)に切れます") < said.index("収集元の一覧")
    assert "直し方：新しいトークンを作ってください" in said
    assert "instagram-soramame 0回続けて失敗" not in said


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


def _allowance(name: str, spent: float, forecast: float | None, **more: Any) -> AllowanceState:
    now = datetime.now(UTC)
    given = {
        "platform": "x",
        "title": f"枠 {name}",
        "unit": "USD",
        "allowed": 30.0,
        "resets_at": now + timedelta(days=9),
        "recorded_at": now,
    }
    return AllowanceState(name=name, spent=spent, forecast=forecast, **{**given, **more})


def test_budgets_and_quotas_are_shown_where_there_are_any(home: Home) -> None:
    assert "予算と利用枠" not in words(visit("sources"))
    states = [
        _allowance("a", 4.2, 12.5),
        _allowance("b", 21.0, 44.0),
        _allowance("c", 30.0, None),
        _allowance("d", 9_500, None, unit="units", allowed=10_000.0),
        _allowance("e", 3, None, resets_at=datetime.now(UTC) - timedelta(hours=1)),
    ]
    Inbox(home).land(states)
    with Owner.open(home) as owner:
        owner.ingest()
        owner.publish()
    said = words(visit("sources"))
    rows = {name: said[said.index(f"枠 {name}") :].partition("</tr>")[0] for name in "abcde"}
    assert "$4.20" in rows["a"]
    assert "$30.00" in rows["a"]
    assert "$12.50" in rows["a"]
    told = {"a": "足りています", "b": "不足の見込み", "c": "使い切り", "d": "9,500 単位", "e": "リセット済み"}
    assert all(word in rows[name] for name, word in told.items())
    assert ">–</td>" in rows["e"]  # a new window began, of which nothing is known


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


def test_when_each_source_is_read_next_and_what_the_budget_does_not_reach(home: Home) -> None:
    source = "x-soramame"
    upcoming = datetime.now(UTC).replace(hour=3, minute=7, second=0, microsecond=0)
    late = (datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="seconds")
    said = {"next_at": upcoming.isoformat(), "behind_counts": 12, "behind_checks": 3456, "unseen_since": late}
    home.schedule.write_text(json.dumps({"sources": {source: said}}), encoding="utf-8")
    shown = words(visit("sources"))
    # who is not at work reads nothing next
    assert "12:07" not in shown
    assert "削除の確認待ち 3,456件（最も古い確認は3日前）" in shown
    assert "反応の取り直し待ち 12件" in shown
    _status(home, settings_problem="保存された設定に誤りがあります")
    shown = words(visit("sources"))
    assert "12:07" in shown
    assert "保存された設定に誤りがあります" in shown


def test_each_search_says_how_much_of_it_is_about_the_brand(home: Home) -> None:
    said = words(visit("sources"))
    assert "検索の確かさ" in said
    assert "モデルの推定" in said
    at = said.index("検索の確かさ")
    assert "90.0%" in said[at:]


def test_many_sources_are_counted_and_what_is_missing_is_told_for_each(home: Home) -> None:
    said = words(visit("sources"))
    assert "18件：正常 16・まもなく対処 1・読めない 1" in said
    row = said[said.index(">x-soramame</td>") :].partition("</tr>")[0]
    assert 'data-name="欠測（90日）">' in row
    assert "なし" not in row.rpartition('data-name="欠測（90日）">')[2]
    soon = said[said.index(">instagram-soramame</td>") :].partition("</tr>")[0]
    assert "まもなく対処が必要" in soon
