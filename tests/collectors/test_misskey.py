"""Misskey: what every platform is put through is in ``test_wire``; here is what is its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, SourceError
from collectors.http import Http
from collectors.mfm import plain_mfm
from collectors.misskey import MisskeyCollector, MisskeySettings
from collectors.refresh import Known
from collectors.words import BrandWords
from store.records import Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes.misskey import TOKEN, VARIABLE, Misskey, refusal
from tests.collectors.wire import Said, WireServer

T = TypeVar("T")
PICTURE = {"id": "f1", "comment": "ヨモリの缶", "name": "can.png", "type": "image/png"}


@pytest.fixture
def wire() -> Misskey:
    return Misskey()


@pytest.fixture
def server(wire: Misskey) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        wire.url = running.url
        yield running


@pytest.fixture
def context(http: Http, clock: Clock) -> Context:
    return Context(http, BrandWords("yomori", ("ヨモリ", "よもり茶 本店"), ("ヨモリ山",)), {VARIABLE: TOKEN}, clock)


def own(server: WireServer, **more: Any) -> MisskeySettings:
    return MisskeySettings.model_validate({"name": "k", "brand": "yomori", "server": server.url, "account": "@yomori", **more})


def mentions(server: WireServer, **more: Any) -> MisskeySettings:
    return own(server, **{"what": "mentions", "token_env": VARIABLE, **more})


async def read(settings: MisskeySettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], MisskeyCollector]:
    collector = MisskeyCollector(settings, context)
    return [record async for record in collector.collect(bookmark or Bookmark(), SINCE)], collector


async def look(
    settings: MisskeySettings, context: Context, posts: list[Known], bookmark: Bookmark | None = None
) -> tuple[list[Record], MisskeyCollector]:
    collector = MisskeyCollector(settings, context)
    collector.next_bookmark = bookmark or Bookmark()
    return [record async for record in collector.refresh(posts)], collector


def of(kind: type[T], records: list[Record]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


def known(wire: Misskey, *posts: Said) -> list[Known]:
    return [Known(wire.native_id(post), post.at, ago(hours=1)) for post in posts]


async def test_a_note_is_read_as_people_read_it(wire: Misskey, server: WireServer, context: Context) -> None:
    other = wire.say("おいしい", ago(hours=3), author="hana")
    text = "$[tada **新茶**です] :blobcat: <small>[くわしく](https://yomori.example/tea)</small> #ヨモリの新茶"
    wire.say(text, ago(hours=2), renoted=other.number, cw="お茶の話", reactions={":tea@.:": 3, "❤": 2, ":pudding@misskey.test:": 1})
    wire.say("", ago(hours=1), author="riku", renoted=2)
    got, _ = await read(own(server), context)
    (post,) = of(Post, got)
    assert post.text == "お茶の話\n新茶です :blobcat: くわしく #ヨモリの新茶"
    assert (post.kind, post.parent_id, post.tags) == ("quote", wire.native_id(other), ("ヨモリの新茶",))
    assert (post.author_id, post.author_name) == (f"yomori@{server.url.removeprefix('http://')}", "yomoriです")
    assert post.url == post.native_id == f"{server.url}/notes/{wire.local(wire.said[1])}"
    (metrics,) = of(Metrics, got)
    assert (metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves) == (None, 6, 0, 1, 0)
    assert all(asked.method == "POST" and "i" not in asked.json() for asked in server.asked)


async def test_reactions_are_counted_one_by_one_where_their_number_is_not_told(wire: Misskey, server: WireServer, context: Context) -> None:
    wire.say("ヨモリ", ago(hours=2), reactions={":tea@.:": 3, "❤": 2})
    wire.say("だれも", ago(hours=3))

    def older(body: Any) -> Any:
        for note in body:
            del note["reactionCount"]
        return body

    server.faults.add("change", "*/users/notes", times=9, change=older)
    got, _ = await read(own(server), context)
    assert [metrics.likes for metrics in of(Metrics, got)] == [5, 0]


async def test_a_renote_alone_is_not_ours_and_a_note_of_pictures_is(wire: Misskey, server: WireServer, context: Context) -> None:
    question = wire.say("新茶はいつ？", ago(hours=9), author="hana")
    wire.say("本日から", ago(hours=8), parent=question.number)
    wire.say("", ago(hours=7), renoted=question.number)
    wire.say("", ago(hours=6), files=[PICTURE])
    old = wire.say("昔の話", ago(days=40))
    wire.say("", ago(hours=5), renoted=old.number)
    got, _ = await read(own(server), context)
    assert [(post.text, post.kind, post.parent_id) for post in of(Post, got)] == [
        ("昔の話", "post", None),
        ("", "post", None),
        ("本日から", "reply", wire.native_id(question)),
    ]


@pytest.mark.parametrize("more", [{"visibility": "followers"}, {"visibility": "specified"}, {"visibility": "new-kind"}, {"hidden": True}])
async def test_what_not_everybody_may_read_is_never_kept(wire: Misskey, server: WireServer, context: Context, more: dict[str, Any]) -> None:
    for author in ("hana", "yomori"):
        wire.say("@yomori ヨモリのひみつ #ヨモリ", ago(hours=2), author=author, **more)
        wire.say("@yomori ヨモリ、だれでも", ago(hours=3), author=author, visibility="home")
    for settings in (own(server, token_env=VARIABLE), mentions(server)):
        got, _ = await read(settings, context)
        assert [post.text for post in of(Post, got)] == ["@yomori ヨモリ、だれでも"]
        assert "ひみつ" not in repr(got)


async def test_mentions_come_by_hashtag_search_and_address_and_count_once(wire: Misskey, server: WireServer, context: Context) -> None:
    wire.say("#ヨモリ のお茶がすき", ago(hours=1), author="hana")
    wire.say("よもり茶 本店 に行った", ago(hours=2), author="riku")
    wire.say("@yomori 在庫はありますか", ago(hours=3), author="sora")
    ours = wire.say("自社です #ヨモリ", ago(hours=4))
    wire.say("返事です", ago(hours=6), author="hana", parent=ours.number)
    wire.say("ヨモリ山に登る #ヨモリ", ago(hours=7), author="hana")
    wire.say("#ヨモリ 入荷", ago(hours=8), author="shop", host="elsewhere.test")
    got, collector = await read(mentions(server, ignore_authors=["@shop@elsewhere.test"]), context)
    told = [post.text for post in of(Post, got)]
    assert sorted(told) == sorted(["#ヨモリ のお茶がすき", "よもり茶 本店 に行った", "@yomori 在庫はありますか", "返事です"])
    assert set(collector.next_bookmark.covered) == {"tag ヨモリ", "search ヨモリ", "search よもり茶 本店", "mentions"}
    assert all(asked.json()["i"] == TOKEN and TOKEN not in asked.path for asked in server.asked)


async def test_a_policy_that_forbids_the_search_leaves_the_hashtags(wire: Misskey, server: WireServer, context: Context) -> None:
    wire.searches = False
    wire.say("#ヨモリ", ago(hours=1), author="hana")
    got, collector = await read(mentions(server), context)
    assert [post.text for post in of(Post, got)] == ["#ヨモリ"]
    assert any("検索を許していません" in remark and "ロール" in remark for remark in collector.remarks)
    assert "検索「ヨモリ」 読めません" in await MisskeyCollector(mentions(server), context).check()


async def test_a_policy_that_forbids_all_there_is_is_an_error_with_advice(wire: Misskey, server: WireServer, http: Http) -> None:
    wire.searches = False
    context = Context(http, BrandWords("yomori", ("よもり茶 本店",)), {}, lambda: NOW)  # no hashtag can be made of this
    with pytest.raises(AccessError) as caught:
        await read(mentions(server, token_env=None), context)
    assert "tags" in caught.value.advice


async def test_the_same_note_from_two_servers_is_one_and_is_found_again(wire: Misskey, server: WireServer, context: Context) -> None:
    theirs = wire.say("#ヨモリ おいしい", ago(hours=5), author="mei", host="elsewhere.test", likes=3)
    got, collector = await read(mentions(server, token_env=None, queries=["ヨモリ"]), context)
    (post,) = of(Post, got)
    assert (post.native_id, post.author_id) == ("https://elsewhere.test/notes/r1", "mei@elsewhere.test")
    kept = Bookmark.from_json(collector.next_bookmark.to_json())
    got, _ = await look(mentions(server, token_env=None), context, known(wire, theirs), kept)
    assert [metrics.likes for metrics in of(Metrics, got)] == [3]
    _, other = await look(mentions(server), context, known(wire, theirs))
    assert "取り直せません" in other.remarks[0]


async def test_a_short_page_is_not_the_last(wire: Misskey, server: WireServer, context: Context) -> None:
    for number in range(150):
        wire.say(f"ヨモリ {number}", ago(hours=3, minutes=number))
    server.faults.add("change", "*/users/notes", change=lambda body: body[:30])
    got, _ = await read(own(server), context)
    assert len(of(Post, got)) == 150


async def test_a_look_up_gives_counts_edits_and_tells_what_is_gone(wire: Misskey, server: WireServer, context: Context) -> None:
    posts = [wire.say(f"ヨモリ {number}", ago(days=2, minutes=number), likes=number) for number in range(6)]
    wire.gone.add(posts[1].number)
    posts[2].more["hidden"] = True
    wire.members_only.add(posts[3].number)
    posts[4].text, posts[4].more["updated"] = "ヨモリ、直しました", ago(minutes=5)
    got, collector = await look(own(server), context, known(wire, *posts))
    assert {metrics.native_id: metrics.likes for metrics in of(Metrics, got)} == {wire.native_id(posts[n]): n for n in (0, 4, 5)}
    assert {gone.native_id for gone in of(Gone, got)} == {wire.native_id(posts[1]), wire.native_id(posts[2])}
    assert [post.text for post in of(Post, got)] == ["ヨモリ、直しました"]
    assert "1 件" in collector.remarks[0]
    assert "token_env" in collector.remarks[0]
    got, _ = await look(own(server, token_env=VARIABLE), context, known(wire, posts[3]))
    assert [metrics.likes for metrics in of(Metrics, got)] == [3]


@pytest.mark.parametrize("form", ["moment", "from now"])
async def test_a_limit_that_only_the_body_tells_is_kept_to(wire: Misskey, server: WireServer, context: Context, form: str) -> None:
    until = int(time.time() * 1000) + 300_000 if form == "moment" else 300_000
    limited = refusal(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded.", remaining=0, resetMs=until)
    wire.answer = lambda asked: limited  # type: ignore[method-assign]
    with pytest.raises(BusyError) as caught:
        await read(own(server), context)
    assert caught.value.limited
    assert caught.value.until is not None
    assert timedelta(minutes=4) < caught.value.until - datetime.now(UTC) < timedelta(minutes=7)
    assert len(server.asked) == 1


async def test_a_limit_of_one_call_does_not_close_the_others(wire: Misskey, server: WireServer, http: Http, context: Context) -> None:
    wire.say("ヨモリ", ago(hours=2))
    server.faults.add("busy", "*/notes/show", times=9, headers={"retry-after": "900"})
    with pytest.raises(BusyError):
        await look(own(server), context, known(wire, wire.said[0]))
    got, _ = await read(own(server), context)
    assert len(of(Post, got)) == 1


async def test_a_server_that_repeats_the_token_does_not_make_us_say_it(wire: Misskey, server: WireServer, context: Context) -> None:
    for status in (400, 403, 200):
        echo = refusal(status, "INVALID_PARAM", f"i={TOKEN} is wrong: {TOKEN}")
        wire.answer = lambda asked, echo=echo: echo  # type: ignore[method-assign, misc]
        with pytest.raises(SourceError) as caught:
            await read(own(server, token_env=VARIABLE), context)
        error = caught.value
        assert TOKEN not in f"{error!r} {error.message} {error.advice} {getattr(error, 'raw', '')} {error.args}"


async def test_an_account_that_is_not_there_says_how_to_mend_it(server: WireServer, context: Context) -> None:
    with pytest.raises(AccessError) as caught:
        await MisskeyCollector(own(server, account="nobody"), context).check()
    assert "account" in caught.value.advice


async def test_check_says_what_was_found(wire: Misskey, server: WireServer, context: Context) -> None:
    wire.say("ヨモリです", ago(hours=1))
    wire.say("#ヨモリ", ago(hours=1), author="hana")
    assert await MisskeyCollector(own(server), context).check() == "yomoriです ノート 1 件"
    told = await MisskeyCollector(mentions(server), context).check()
    assert told == "#ヨモリ 1 件、検索「ヨモリ」 2 件、検索「よもり茶 本店」 0 件、自社あて 0 件"


async def test_a_note_that_cannot_be_read_costs_itself_alone(wire: Misskey, server: WireServer, context: Context) -> None:
    for number in range(3):
        wire.say(f"ヨモリ {number}", ago(hours=number + 1))

    def spoil(body: Any) -> Any:
        if body:
            body[1]["text"] = {"ja": "x"}
            body[2]["user"] = None
        return body

    server.faults.add("change", "*/users/notes", change=spoil)
    got, _ = await read(own(server), context)
    assert [post.text for post in of(Post, got)] == ["ヨモリ 0", "ヨモリ 2"]
    assert len(of(Reject, got)) == 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ただの文 :blobcat: @hana@a.test #茶", "ただの文 :blobcat: @hana@a.test #茶"),
        ("$[x2 $[spin.speed=0.5s,x **すごい**]]！", "すごい！"),
        ("$[ruby 蓬 よもぎ]茶", "蓬茶"),
        ("[公式](https://a.test/x_y)と?[静か](https://b.test)", "公式と静か"),
        ("<center>中央</center> ~~高い~~ `code` <https://a.test/?q=1>", "中央 高い code https://a.test/?q=1"),
        ("```js\n1 < 2\n```", "1 < 2"),
        ("[注] とじない $[x2 まま", "[注] とじない $[x2 まま"),
        ("snake_case と 2*3*4 と a__b__c", "snake_case と 2*3*4 と a__b__c"),
        ("$[unixtime 1701356400] 開店", "開店"),
        ("]][[", "]][["),
    ],
)
def test_markup_is_read_as_text(written: str, read: str) -> None:
    assert plain_mfm(written) == read


def test_deep_markup_takes_no_long_time() -> None:
    started = time.perf_counter()
    assert plain_mfm("$[x2 " * 20_000 + "茶" + "]" * 20_000) == "茶"
    plain_mfm("[" * 50_000)
    plain_mfm("**" * 50_000)
    plain_mfm("$[x2 " * 50_000)
    assert time.perf_counter() - started < 3
