"""Labelling: two keys a post, safe at once, counted at once, and the draw that measures stays a draw."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.active import is_held
from store.home import Home
from store.inbox import Inbox
from store.labels import read_label
from store.owner import Owner
from store.queries import labelled
from tests.dashboard.conftest import visit, words


def shown(app: AppTest) -> int:
    """The key of the post that is asked about."""
    return int(app.session_state["label_queue"][0].post_key)


def answer(app: AppTest, mood: str, stance: str) -> int:
    key = shown(app)
    app.button(key=f"mood_{mood}").click().run()
    assert shown(app) == key
    app.button(key=f"stance_{stance}").click().run()
    assert not app.exception, app.exception
    return key


def events(home: Home) -> list[tuple[int, str | None]]:
    return [(event["post_key"], event["value"]) for event in Inbox(home).pending("review_events").to_pylist()]


def test_without_a_name_nothing_can_be_labelled(home: Home) -> None:
    app = visit("label")
    assert app.button(key="mood_positive").disabled
    assert "先に名前を入れてください" in words(app)


def test_two_answers_make_a_label_and_bring_the_next_post(home: Home) -> None:
    app = visit("label", me="佐藤")
    assert app.button(key="stance_critic").disabled
    first = answer(app, "negative", "critic")
    second = answer(app, "positive", "none")
    assert shown(app) not in (first, second)
    told = [(key, read_label(value)) for key, value in events(home)]
    assert [(key, label.sentiment, label.stance) for key, label in told if label] == [
        (first, "negative", "critic"), (second, "positive", "none")
    ]  # fmt: skip
    assert "ラベル 2件" in words(app)
    assert "否定的・批判" in words(app)


def test_skip_undo_and_not_about_the_brand(home: Home) -> None:
    app = visit("label", me="佐藤")
    skipped = shown(app)
    app.button(key="label_skip").click().run()
    off = shown(app)
    assert off != skipped
    app.button(key="label_off").click().run()
    assert "このブランドの話ではない" in words(app)
    assert "ラベル 1件" in words(app)
    app.button(key="label_undo").click().run()
    assert shown(app) == off
    assert "ラベル 0件" in words(app)
    assert [(key, value and value.split()[0]) for key, value in events(home)] == [(off, "relevant=no"), (off, None)]


def test_what_was_labelled_is_not_asked_again_in_another_session(home: Home) -> None:
    app = visit("label", me="佐藤")
    done = {answer(app, "neutral", "none") for _ in range(4)}
    assert not done & {ask.post_key for ask in visit("label", me="鈴木").session_state["label_queue"]}


def test_held_posts_are_drawn_by_lot(home: Home) -> None:
    app = visit("label", me="佐藤")
    rows = app.session_state["label_rows"]
    for ask in app.session_state["label_queue"]:
        assert ask.held == is_held("soramame", rows[ask.post_key].text)
        assert ask.drawn == "random" or not ask.held


def test_a_label_counts_everywhere_once_published(home: Home) -> None:
    app = visit("label", me="佐藤", period="365d")
    key = answer(app, "negative", "critic")
    with Owner.open(home) as owner:
        owner.ingest()
        owner.publish()
    assert "言及のうち1件は人が確認した判定です" in words(visit(period="365d"))
    app = visit("posts", of="mention", period="365d", post=str(key))
    assert "否定的 · 人が確認" in words(app)


def test_the_desk_corrects_a_score_and_what_is_off_leaves_it(home: Home) -> None:
    app = visit("desk", me="佐藤")
    take = next(str(b.key) for b in app.button if str(b.key).startswith("row_take_"))
    post = take.removeprefix("row_take_")
    app = visit("desk", me="佐藤", post=post)
    app.button_group(key=f"label_mood_{post}").set_value("positive").run()
    app.button(key=f"label_save_{post}").click().run()
    assert not app.exception, app.exception
    assert "好意的（佐藤さん）" in words(app)
    assert "判定を直しました：好意的" in words(app)
    app.button(key=f"label_off_{post}").click().run()
    assert f"row_take_{post}" not in {str(b.key) for b in app.button}
    frame = labelled_of(home)
    assert [(int(row.post_key), bool(row.relevant), bool(row.drawn)) for row in frame.itertuples()] == [(int(post), False, False)]


def labelled_of(home: Home):  # type: ignore[no-untyped-def]
    from store.published import connect

    with connect(home) as con:
        return labelled(con, Inbox(home).pending("review_events").to_pandas(), "soramame")


def test_a_full_disk_is_said_and_the_post_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.errors import DiskFull

    app = visit("label", me="佐藤")

    def full(self: Inbox, records: object) -> None:
        raise DiskFull(home.inbox)

    monkeypatch.setattr(Inbox, "land", full)
    key = answer(app, "negative", "critic")
    assert shown(app) == key
    assert "ディスクの空き容量がありません" in app.error[0].value
