"""Mastodon's API: what every platform is put through is in ``test_wire``; here is what is its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from pydantic import ValidationError

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, SourceError
from collectors.http import Http
from collectors.mastodon import MastodonCollector, MastodonSettings
from collectors.refresh import Known
from collectors.words import BrandWords
from store.records import Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes.mastodon import HOME, TOKEN, VARIABLE, Mastodon, MastodonOwn
from tests.collectors.wire import Reply, Said, WireServer

T = TypeVar("T")
QUOTE = '<p class="quote-inline">RE: <a href="https://a.test/1"><span class="invisible">https://</span>a.test/1</a></p>'


@pytest.fixture
def wire() -> Mastodon:
    return MastodonOwn()


@pytest.fixture
def server(wire: Mastodon) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
def context(http: Http, clock: Clock) -> Context:
    return Context(http, BrandWords("yomori", ("ヨモリ", "よもり茶 本店"), ("ヨモリ山",)), {VARIABLE: TOKEN}, clock)


def own(server: WireServer, **more: Any) -> MastodonSettings:
    return MastodonSettings.model_validate({"name": "m", "brand": "yomori", "server": server.url, "account": "@yomori", **more})


def mentions(server: WireServer, **more: Any) -> MastodonSettings:
    return own(server, **{"what": "mentions", "token_env": VARIABLE, **more})


async def read(settings: MastodonSettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], MastodonCollector]:
    collector = MastodonCollector(settings, context)
    return [record async for record in collector.collect(bookmark or Bookmark(), SINCE)], collector


async def look(
    settings: MastodonSettings, context: Context, posts: list[Known], bookmark: Bookmark | None = None
) -> tuple[list[Record], MastodonCollector]:
    collector = MastodonCollector(settings, context)
    collector.next_bookmark = bookmark or Bookmark()
    return [record async for record in collector.refresh(posts)], collector


def of(kind: type[T], records: list[Record]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


def known(wire: Mastodon, *posts: Said) -> list[Known]:
    return [Known(wire.native_id(post), post.at, ago(hours=1)) for post in posts]


async def test_a_status_is_read_as_people_read_it(wire: Mastodon, server: WireServer, context: Context) -> None:
    content = (
        '<p><span class="h-card"><a href="https://b.test/@hana" class="u-url mention">@<span>hana</span></a></span> '
        "新茶です &amp; 🍵 :ablobcat:<br />くわしくは "
        '<a href="https://yomori.example/tea/new"><span class="invisible">https://</span><span class="ellipsis">yomori.example/tea</span>'
        '<span class="invisible">/new</span></a></p><p><a href="#" class="mention hashtag" rel="tag">#<span>ヨモリの新茶</span></a></p>'
    )
    other = wire.say("おいしい", ago(hours=3), author="hana")
    wire.say("#ヨモリの新茶", ago(hours=2), likes=5, content=content + QUOTE, spoiler="お茶の話", quoted=other.number)
    wire.say("再", ago(hours=1), author="riku", boosts=2)
    got, _ = await read(own(server), context)
    (post,) = of(Post, got)
    assert post.text == "お茶の話\n@hana 新茶です & 🍵 :ablobcat:\nくわしくは https://yomori.example/tea/new\n#ヨモリの新茶"
    assert (post.kind, post.parent_id, post.lang, post.tags) == ("quote", wire.native_id(other), "ja", ("ヨモリの新茶",))
    assert (post.author_id, post.author_name) == (f"{HOME}/@yomori", "yomoriです")
    assert post.url == f"{HOME}/@yomori/{wire.local(wire.said[1])}"
    (metrics,) = of(Metrics, got)
    assert (metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves) == (None, 5, 0, 1, None)
    assert all("authorization" not in asked.headers for asked in server.asked)


async def test_replies_are_ours_and_others_words_do_not_become_ours_by_a_boost(
    wire: Mastodon, server: WireServer, context: Context
) -> None:
    question = wire.say("ヨモリさん、新茶はいつ？", ago(hours=9), author="hana")
    first = wire.say("本日からです", ago(hours=8), parent=question.number)
    wire.say("つづき", ago(hours=7), parent=first.number)
    wire.say("", ago(hours=1), boosts=question.number)
    old = wire.say("昔の話", ago(days=40), likes=9)
    wire.say("", ago(hours=2), boosts=old.number)
    got, _ = await read(own(server), context)
    told = {post.text: (post.kind, post.parent_id) for post in of(Post, got)}
    assert told == {
        "本日からです": ("reply", wire.native_id(question)),
        "つづき": ("reply", wire.native_id(first)),
        "昔の話": ("post", None),
    }


async def test_a_parent_that_cannot_be_asked_for_is_unknown(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.batches = False
    question = wire.say("いつ？", ago(hours=9), author="hana")
    wire.say("本日からです", ago(hours=8), parent=question.number)
    got, _ = await read(own(server), context)
    assert [(post.kind, post.parent_id) for post in of(Post, got)] == [("reply", None)]


@pytest.mark.parametrize("visibility", ["private", "direct", "local", None, "new-kind"])
async def test_what_not_everybody_may_read_is_never_kept(wire: Mastodon, server: WireServer, context: Context, visibility: Any) -> None:
    for author in ("hana", "yomori"):
        wire.say("@yomori ヨモリのひみつ #ヨモリ", ago(hours=2), author=author, visibility=visibility)
        wire.say("@yomori ヨモリ、だれでも", ago(hours=3), author=author, visibility="unlisted")
    wire._open = lambda post: True  # type: ignore[method-assign]  # a token may see it
    for settings in (own(server), mentions(server)):
        got, _ = await read(settings, context)
        assert [post.text for post in of(Post, got)] == ["@yomori ヨモリ、だれでも"]
        assert "ひみつ" not in repr(got)


async def test_mentions_come_by_hashtag_search_and_notification_and_count_once(
    wire: Mastodon, server: WireServer, context: Context
) -> None:
    wire.say("#ヨモリ のお茶がすき", ago(hours=1), author="hana")
    wire.say("よもり茶 本店 に行った", ago(hours=2), author="riku")
    wire.say("@yomori 在庫はありますか", ago(hours=3), author="sora")
    ours = wire.say("自社です #ヨモリ", ago(hours=4))
    wire.say("これはいい", ago(hours=5), author="hana", quoted=ours.number)
    wire.say("返事です", ago(hours=6), author="hana", parent=ours.number)
    wire.say("ヨモリ山に登る #ヨモリ", ago(hours=7), author="hana")
    wire.say("#ヨモリ 入荷", ago(hours=8), author="shop")
    got, collector = await read(mentions(server, ignore_authors=["@shop"]), context)
    told = [post.text for post in of(Post, got)]
    assert sorted(told) == sorted(["#ヨモリ のお茶がすき", "よもり茶 本店 に行った", "@yomori 在庫はありますか", "これはいい", "返事です"])
    assert {post.relation for post in of(Post, got)} == {"mention"}
    assert set(collector.next_bookmark.covered) == {"tag ヨモリ", "search ヨモリ", "search よもり茶 本店", "notifications"}
    assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in server.asked)


async def test_a_server_that_knows_no_quotes_still_tells_of_mentions(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.knows_quotes = False
    wire.say("@yomori 在庫は？", ago(hours=3), author="sora")
    got, _ = await read(mentions(server, tags=["茶"], queries=["茶"]), context)
    assert [post.text for post in of(Post, got)] == ["@yomori 在庫は？"]


async def test_what_the_token_may_not_do_is_a_remark_and_stops_nothing_else(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.searches = False
    wire.say("#ヨモリ", ago(hours=1), author="hana")
    got, collector = await read(mentions(server), context)
    assert [post.text for post in of(Post, got)] == ["#ヨモリ"]
    assert any("検索" in remark and "read:search" in remark for remark in collector.remarks)
    assert not [name for name in collector.next_bookmark.covered if name.startswith("search")]
    assert "検索「ヨモリ」 読めません" in await MastodonCollector(mentions(server), context).check()
    wire.searches = True
    wire.say("ヨモリは検索だけ", ago(days=9), author="hana")
    again, _ = await read(mentions(server), context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert [post.text for post in of(Post, again)] == ["ヨモリは検索だけ"]


async def test_a_closed_server_asks_for_a_token(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.closed = True
    with pytest.raises(AccessError) as caught:
        await read(mentions(server, token_env=None), context)
    assert "token_env" in caught.value.advice


async def test_a_server_that_repeats_the_token_does_not_make_us_say_it(wire: Mastodon, server: WireServer, context: Context) -> None:
    for status in (400, 401, 403, 200):
        echo = Reply({"error": f"Bearer {TOKEN} ({TOKEN}) is wrong"}, status)
        wire.answer = lambda asked, echo=echo: echo  # type: ignore[method-assign, misc]
        with pytest.raises(SourceError) as caught:
            await read(mentions(server), context)
        error = caught.value
        assert TOKEN not in f"{error!r} {error.message} {error.advice} {getattr(error, 'raw', '')} {error.args}"


async def test_an_account_that_is_not_there_says_how_to_mend_it(server: WireServer, context: Context) -> None:
    with pytest.raises(AccessError) as caught:
        await MastodonCollector(own(server, account="nobody"), context).check()
    assert "account" in caught.value.advice


async def test_check_says_what_was_found(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.say("ヨモリです", ago(hours=1))
    wire.say("#ヨモリ", ago(hours=1), author="hana")
    assert await MastodonCollector(own(server), context).check() == "yomoriです 投稿 1 件"
    told = await MastodonCollector(mentions(server), context).check()
    assert told == "#ヨモリ 1 件、検索「ヨモリ」 2 件、検索「よもり茶 本店」 0 件、通知 0 件"


async def test_the_same_post_from_two_servers_is_one(wire: Mastodon, server: WireServer, context: Context) -> None:
    theirs = wire.say("#ヨモリ おいしい", ago(hours=1), author="mei", server="https://elsewhere.test")
    got, _ = await read(mentions(server, tags=["ヨモリ"], token_env=None), context)
    (post,) = of(Post, got)
    assert post.native_id == "https://elsewhere.test/users/mei/statuses/r1"
    assert post.author_id == "https://elsewhere.test/@mei"
    assert wire.local(theirs) != "r1"


async def test_own_accounts_are_known_by_any_of_their_names(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.say("#ヨモリ 公式", ago(hours=1), author="shop", server="https://elsewhere.test")
    wire.say("#ヨモリ ふつう", ago(hours=1), author="mei", server="https://elsewhere.test")
    told = replace(context, own_accounts=("shop@elsewhere.test",))
    for settings in (mentions(server, ignore_authors=["https://elsewhere.test/@shop"]), mentions(server)):
        got, _ = await read(settings, told if settings.ignore_authors == () else context)
        assert [post.text for post in of(Post, got)] == ["#ヨモリ ふつう"]


async def test_a_reset_told_as_a_date_is_kept_to(wire: Mastodon, server: WireServer, context: Context) -> None:
    wire.say("ヨモリ", ago(hours=1))
    reset = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    server.faults.add("busy", "*", times=9, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    with pytest.raises(BusyError) as caught:
        await read(own(server), context)
    assert caught.value.limited
    assert caught.value.until is not None
    assert timedelta(minutes=4) < caught.value.until - datetime.now(UTC) < timedelta(minutes=7)
    assert len(server.asked) == 1


@pytest.mark.parametrize("batches", [True, False])
async def test_a_look_up_gives_counts_and_tells_what_is_gone(wire: Mastodon, server: WireServer, context: Context, batches: bool) -> None:
    wire.batches = batches
    posts = [wire.say(f"ヨモリ {number}", ago(days=2, minutes=number), likes=number) for number in range(30)]
    wire.gone.add(posts[7].number)
    posts[8].more["visibility"] = "private"
    got, _ = await look(own(server), context, known(wire, *posts), knowing(wire, server, context))
    assert {metrics.native_id: metrics.likes for metrics in of(Metrics, got)} == {
        wire.native_id(post): post.likes for post in posts if post not in (posts[7], posts[8])
    }
    assert {gone.native_id for gone in of(Gone, got)} == {wire.native_id(posts[7]), wire.native_id(posts[8])}
    assert server.count("/statuses") == (4 if batches else 31)


def knowing(wire: Mastodon, server: WireServer, context: Context) -> Bookmark:
    """Return a bookmark that holds this server's ids of all posts."""
    collector = MastodonCollector(own(server), context)
    for post in wire.said:
        collector.know(wire.native_id(post), wire.local(post))
    return collector.next_bookmark


async def test_what_was_read_can_be_looked_up_by_what_the_bookmark_holds(wire: Mastodon, server: WireServer, context: Context) -> None:
    post = wire.say("#ヨモリ おいしい", ago(hours=5), author="mei", server="https://elsewhere.test", likes=3)
    _, collector = await read(mentions(server, token_env=None), context)
    kept = Bookmark.from_json(collector.next_bookmark.to_json())
    got, _ = await look(mentions(server, token_env=None), context, known(wire, post), kept)
    assert [metrics.likes for metrics in of(Metrics, got)] == [3]
    got, other = await look(mentions(server, token_env=None), context, known(wire, post))
    assert not got
    assert "取り直せません" in other.remarks[0]
    got, _ = await look(mentions(server), context, known(wire, post))  # the search finds it by its address
    assert [metrics.likes for metrics in of(Metrics, got)] == [3]


async def test_only_so_many_ids_of_other_servers_are_remembered(
    wire: Mastodon, server: WireServer, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.fediverse.IDS_KEPT", 3)
    collector = MastodonCollector(own(server), context)
    before = Bookmark(notes={"other": 1})
    collector.next_bookmark = before.copy()
    for number in range(5):
        collector.know(f"https://elsewhere.test/users/mei/statuses/r{number}", str(number))
        collector.know(f"{server.url}/users/yomori/statuses/{number}", str(number))
    found = [collector.local_of(f"https://elsewhere.test/users/mei/statuses/r{number}") for number in range(5)]
    assert found == [None, None, "2", "3", "4"]
    assert collector.local_of(f"{server.url}/users/yomori/statuses/0") == "0"
    assert before.notes == {"other": 1}


async def test_an_edit_is_seen_and_what_was_not_edited_is_not_told_again(wire: Mastodon, server: WireServer, context: Context) -> None:
    posts = [wire.say(f"ヨモリ {number}", ago(days=2)) for number in range(3)]
    posts[0].text, posts[0].more["edited_at"] = "ヨモリ、直しました", ago(minutes=5)
    posts[1].more["edited_at"] = ago(days=1)
    got, _ = await look(own(server), context, known(wire, *posts), knowing(wire, server, context))
    assert [post.text for post in of(Post, got)] == ["ヨモリ、直しました"]
    assert len(of(Metrics, got)) == 3


async def test_a_server_that_shows_nothing_at_all_erases_nothing(wire: Mastodon, server: WireServer, context: Context) -> None:
    posts = [wire.say("ヨモリ", ago(days=2), author=f"fan{number}") for number in range(5)]
    wire.gone |= {post.number for post in posts}
    with pytest.raises(BusyError):
        await look(mentions(server), context, known(wire, *posts), knowing(wire, server, context))
    got, _ = await look(mentions(server), context, known(wire, posts[0]), knowing(wire, server, context))
    assert len(of(Gone, got)) == 1


async def test_a_404_of_something_in_between_erases_nothing(wire: Mastodon, server: WireServer, context: Context) -> None:
    post = wire.say("ヨモリ", ago(days=2))
    wire.gone.add(post.number)
    server.faults.add("change", "*/statuses/*", times=9, change=lambda body: {"message": "no route"})
    with pytest.raises(AccessError):
        await look(own(server), context, known(wire, post), knowing(wire, server, context))


async def test_a_status_that_cannot_be_read_costs_itself_alone(wire: Mastodon, server: WireServer, context: Context) -> None:
    for number in range(3):
        wire.say(f"ヨモリ {number}", ago(hours=number + 1))

    def spoil(body: Any) -> Any:
        body[1]["content"] = None
        body[2]["account"] = None
        return body

    server.faults.add("change", "*/statuses", change=spoil)
    got, _ = await read(own(server), context)
    assert [post.text for post in of(Post, got)] == ["ヨモリ 0", "ヨモリ 2"]
    assert len(of(Reject, got)) == 1


@pytest.mark.parametrize(
    "wrong", [{"account": None}, {"server": "mstdn.example"}, {"token_env": "the-token-itself"}, {"token": "x"}, {"what": "all"}]
)
def test_settings_that_cannot_be_are_refused_without_showing_secrets(server: WireServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        MastodonSettings.model_validate({**own(server).model_dump(exclude_unset=True), **wrong})
    assert "the-token-itself" not in str(caught.value)
