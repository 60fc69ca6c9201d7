"""The posts page: search, order, one post whole, and text that stays text."""

from __future__ import annotations

import json

import duckdb
import pytest

from dashboard import html
from store.home import Home
from tests.dashboard.conftest import visit, words
from tests.dashboard.world import TRICKY


def _one(home: Home, sql: str, *values: object) -> tuple[object, ...]:
    with duckdb.connect(str(home.link.resolve()), read_only=True) as con:
        row = con.execute(sql, list(values)).fetchone()
    assert row is not None
    return tuple(row)


def test_it_lists_own_posts_and_shows_the_first_whole(home: Home) -> None:
    said = words(visit("posts"))
    assert said.count('class="hb-text hb-clamp"') == 20
    assert "この投稿の伸び" in said


def test_search_finds_all_words_whatever_their_width(home: Home) -> None:
    app = visit("posts", of="mention", period="90d")
    app.text_input(key="w.q").set_value("冷め　コーヒー").run()
    assert not app.exception
    (count,) = _one(
        home,
        "SELECT count(*) FROM mentions m JOIN posts p USING (post_key) WHERE m.brand = 'soramame' AND p.text LIKE '%冷めたコーヒー%' "
        "AND m.day BETWEEN today() - 90 AND today() - 1",
    )
    assert f"{count:,}件" in words(app)
    assert app.query_params["q"] == "冷め　コーヒー"
    assert "期間限定のラテ" not in words(app)


def test_percent_and_underscore_are_searched_as_they_stand(home: Home) -> None:
    said = words(visit("posts", of="every", q="%_"))
    assert "条件に合う投稿がありません" in said


def test_order_by_reactions(home: Home) -> None:
    app = visit("posts", sort="reactions", period="90d")
    (most,) = _one(
        home,
        "SELECT max(likes + comments) FROM post_latest WHERE own_brand = 'soramame' AND day BETWEEN today() - 90 AND today() - 1",
    )
    first = words(app)[words(app).index("hb-facts") :]
    assert f"反応数 <b>{most:,}</b>" in first[:400] or "万" in first[:400]


def test_only_negative_ones(home: Home) -> None:
    said = words(visit("posts", of="mention", mood="negative"))
    assert '<span class="hb-mood negative">' in said
    assert '<span class="hb-mood positive">' not in said


def test_a_chosen_post_shows_the_words_of_its_score(home: Home) -> None:
    (key,) = _one(home, "SELECT post_key FROM scores WHERE sentiment = 'negative' AND brand = 'soramame' ORDER BY scored_at DESC LIMIT 1")
    said = words(visit("posts", of="mention", post=str(key)))
    assert '冷め<small class="hb-num">−1.40</small>' in said
    assert "判定に効いた言葉" in said
    assert said.index("もう行かない<small") < said.index("丁寧<small")


def test_choosing_and_turning_pages(home: Home) -> None:
    app = visit("posts", of="every", period="90d")
    button = next(b for b in app.button if str(b.key).startswith("choose_"))
    button.click().run()
    assert app.query_params["post"] == str(button.key).removeprefix("choose_")
    next(b for b in app.button if b.label == "次へ").click().run()
    assert not app.exception
    assert app.query_params["page"] == "2"
    assert "post" not in app.query_params


def test_the_table_is_sent_lazily(home: Home) -> None:
    app = visit("posts", look="table", of="every")
    assert len(app.dataframe) == 1
    assert json.loads(app.dataframe[0].proto.columns)["at"]["label"] == "投稿日時"


def test_a_post_that_is_gone_is_not_shown(home: Home) -> None:
    assert "削除または非公開" in words(visit("posts", post="1"))


def test_text_from_posts_is_text(home: Home) -> None:
    (key,) = _one(
        home, "SELECT p.post_key FROM posts p JOIN mentions m USING (post_key) WHERE p.text = ? AND m.brand = 'soramame' LIMIT 1", TRICKY
    )
    for page in ("posts", "overview", "desk"):
        app = visit(page, of="mention", post=str(key), period="90d")
        for said in (
            str(element.proto.body)
            for element in app.get("html")
            if "documentElement.lang" not in element.proto.body and "hb-logo" not in element.proto.body
        ):
            assert "<script" not in said
            assert "<img" not in said
            assert "javascript:" not in said or html.esc("[押して](javascript:alert(1))") in said
        if page == "posts":
            assert html.esc(TRICKY) in words(app)
        spoken = [element.value for element in app.markdown] + [button.label for button in app.button]
        assert not any("太字" in str(text) for text in spoken)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", None])
def test_only_web_addresses_become_links(home: Home, url: str | None) -> None:
    from dashboard.post import is_web

    assert not is_web(url)
    assert is_web("https://example.invalid/1")
