"""Bluesky over HTTP: own posts, mentions, look-ups, and every fault of a bad day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from pydantic import ValidationError

from collectors.base import Context
from collectors.bluesky import BlueskyCollector, BlueskySettings
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Http
from collectors.refresh import Known
from monitor.demo.network import Account, FeedItem, MemoryNetwork, NetworkPost
from monitor.demo.server import DemoServer
from store.records import Gap, Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SECRET, SINCE, Clock, context_of

FEED = "*getAuthorFeed"
SEARCH = "*searchPosts"

T = TypeVar("T")


@pytest.fixture
def brand(network: MemoryNetwork) -> Account:
    return network.add_account("yomori.test", SECRET, "ヨモリ公式")


@pytest.fixture
def fan(network: MemoryNetwork) -> Account:
    return network.add_account("fan.test", name="お茶好き")


def own(server: DemoServer, **more: object) -> BlueskySettings:
    return BlueskySettings.model_validate({"name": "b-own", "brand": "yomori", "actor": "yomori.test", "service": server.url, **more})


def mentions(server: DemoServer, **more: object) -> BlueskySettings:
    values = {"name": "b-mentions", "brand": "yomori", "what": "mentions", "identifier": "yomori.test", "service": server.url}
    return BlueskySettings.model_validate({**values, "login_service": server.url, **more})


async def read(settings: BlueskySettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], BlueskyCollector]:
    collector = BlueskyCollector(settings, context)
    return [record async for record in collector.collect(bookmark or Bookmark(), SINCE)], collector


def of(kind: type[T], records: list[Record]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]


def fill(network: MemoryNetwork, author: Account, count: int, text: str = "ヨモリの新茶 {}") -> list[NetworkPost]:
    return [network.add_post(author, text.format(n), NOW - timedelta(hours=count - n), likes=n) for n in range(count)]


async def test_own_posts_come_newest_first_with_their_counts(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fan: Account
) -> None:
    asked = network.add_post(fan, "ヨモリさんおいしい？", NOW - timedelta(hours=3))
    network.add_post(brand, "新茶です🍵 #新茶 #ヨモリ", NOW - timedelta(hours=2), likes=5, replies=4, reposts=3, quotes=2, bookmarks=1)
    network.add_post(brand, "はい！", NOW - timedelta(hours=1), parent=asked.uri)
    network.add_post(brand, "ありがとうございます", NOW, quoted=asked.uri)
    got, collector = await read(own(server), context)
    quote, reply, post = of(Post, got)
    assert (post.kind, post.tags, post.lang, post.author_name) == ("post", ("新茶", "ヨモリ"), "ja", "ヨモリ公式")
    assert (reply.kind, reply.parent_id) == ("reply", asked.uri)
    assert (quote.kind, quote.parent_id) == ("quote", asked.uri)
    assert post.url == f"https://bsky.app/profile/yomori.test/post/{post.native_id.rpartition('/')[2]}"
    metrics = of(Metrics, got)[-1]
    assert (metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves) == (None, 5, 4, 5, 1)
    assert (metrics.native_id, metrics.observed_at) == (post.native_id, NOW)
    assert all(request.token is None for request in server.asked)
    assert collector.requests == len(server.asked)


async def test_many_pages_are_read_and_later_only_what_is_new(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account
) -> None:
    fill(network, brand, 250)
    context = context_of(http, clock)
    got, collector = await read(own(server), context)
    assert len(of(Post, got)) == 250
    clock.forward(hours=2)
    network.add_post(brand, "新しい投稿", clock())
    server.asked.clear()
    got, _ = await read(own(server), context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert [post.text for post in of(Post, got)] == ["新しい投稿"]
    assert len(of(Metrics, got)) == 2  # the second lies within the overlap, and its counts are due
    assert len(server.asked) <= 2


async def test_a_round_a_minute_yields_only_what_moved(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account
) -> None:
    quiet, liked = (network.add_post(brand, text, NOW - timedelta(minutes=5), likes=1) for text in ("静かな投稿", "伸びる投稿"))
    context, mark = context_of(http, clock), Bookmark()
    observed: dict[str, list[tuple[int, int | None]]] = {quiet.uri: [], liked.uri: []}
    for minute in range(36):
        if minute == 10:
            network.posts[liked.uri] = replace(liked, likes=2)
        got, collector = await read(own(server), context, mark)
        assert len(of(Post, got)) == (2 if minute == 0 else 0)
        for metrics in of(Metrics, got):
            observed[metrics.native_id].append((minute, metrics.likes))
        mark = Bookmark.from_json(collector.next_bookmark.to_json())
        clock.forward(minutes=1)
    # Unchanged counts come as often as look-ups of a post of this age are planned: observed_at is never older than that.
    assert observed == {quiet.uri: [(0, 1), (30, 1)], liked.uri: [(0, 1), (10, 2)]}


async def test_a_post_that_changed_is_yielded_again(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account
) -> None:
    post = network.add_post(brand, "発売は明日です", NOW - timedelta(minutes=5), likes=1)
    context = context_of(http, clock)
    _, collector = await read(own(server), context)
    network.posts[post.uri] = replace(post, text="発売は明後日です")
    clock.forward(minutes=1)
    got, _ = await read(own(server), context, collector.next_bookmark)
    assert [record.text for record in of(Post, got)] == ["発売は明後日です"]
    assert not of(Metrics, got)


async def test_what_was_not_said_yet_is_not_taken_for_known(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account
) -> None:
    """A round keeps the bookmark as it was when its last record landed; what came behind that is said again."""
    for number in range(4):
        network.add_post(brand, f"投稿{number}", NOW - timedelta(minutes=number))
    context = context_of(http, clock)
    collector = BlueskyCollector(own(server), context)
    records = collector.collect(Bookmark(), SINCE)
    landed = [await anext(records) for _ in range(3)]
    kept = Bookmark.from_json(collector.next_bookmark.to_json())
    await records.aclose()  # type: ignore[attr-defined]
    clock.forward(minutes=1)
    again, _ = await read(own(server), context, kept)
    assert len(of(Post, landed)) == 2
    assert {post.text for post in of(Post, landed + again)} == {f"投稿{number}" for number in range(4)}
    assert len(of(Metrics, landed + again)) == 4


async def test_no_posts_and_one_post(network: MemoryNetwork, server: DemoServer, context: Context, brand: Account) -> None:
    got, collector = await read(own(server), context)
    assert not got
    assert collector.next_bookmark.covered
    fill(network, brand, 1)
    got, _ = await read(own(server), context)
    assert len(of(Post, got)) == 1


async def test_other_peoples_words_do_not_become_ours_by_a_repost(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fan: Account
) -> None:
    theirs = network.add_post(fan, "ヨモリ最高", NOW - timedelta(days=1))
    ours = network.add_post(brand, "昔の投稿", NOW - timedelta(days=20), likes=9)
    network.reposts[brand.did] = [
        FeedItem(theirs, reposted_by=brand.did, reposted_at=NOW - timedelta(hours=1)),
        FeedItem(ours, reposted_by=brand.did, reposted_at=NOW - timedelta(hours=2)),
    ]
    got, _ = await read(own(server), context)
    assert {post.text for post in of(Post, got)} == {"昔の投稿"}


async def test_a_pinned_post_does_not_end_the_reading(network: MemoryNetwork, server: DemoServer, context: Context, brand: Account) -> None:
    old = network.add_post(brand, "固定", NOW - timedelta(days=200))
    fill(network, brand, 130)
    network.pinned[brand.did] = old.uri
    got, _ = await read(own(server), context)
    assert len(of(Post, got)) == 131


async def test_mentions_are_what_others_say_about_the_brand(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account, fan: Account
) -> None:
    other = network.add_account("shop.test")
    network.add_post(fan, "ヨモリのお茶、今日も飲んだ", NOW - timedelta(hours=1))
    network.add_post(fan, "Yomori and ヨモリ", NOW - timedelta(hours=2))
    network.add_post(fan, "yomorita という人", NOW - timedelta(hours=3))
    network.add_post(fan, "ヨモリ山に登る", NOW - timedelta(hours=4))
    network.add_post(brand, "ヨモリです", NOW - timedelta(hours=5))
    network.add_post(other, "ヨモリ入荷", NOW - timedelta(hours=6))
    got, _ = await read(mentions(server, ignore_authors=["shop.test"]), context_of(http, clock, must_not=("ヨモリ山",)))
    assert [post.text for post in of(Post, got)] == ["ヨモリのお茶、今日も飲んだ", "Yomori and ヨモリ"]
    assert {post.relation for post in of(Post, got)} == {"mention"}
    assert server.count("createSession") == 1
    assert all(request.token for request in server.asked if "searchPosts" in request.path)


async def test_what_the_brands_other_accounts_write_is_no_mention(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock, brand: Account, fan: Account
) -> None:
    network.add_post(network.add_account("shop.yomori.test"), "ヨモリ入荷", NOW - timedelta(hours=1))
    network.add_post(fan, "ヨモリ", NOW - timedelta(hours=2))
    other = own(server, actor="@shop.yomori.test")
    context = replace(context_of(http, clock), own_accounts=other.own_accounts)
    got, _ = await read(mentions(server), context)
    assert [post.text for post in of(Post, got)] == ["ヨモリ"]


async def test_sources_that_share_an_account_log_in_once_for_all_rounds(
    network: MemoryNetwork, server: DemoServer, clock: Clock, brand: Account
) -> None:
    for _ in range(3):
        async with Http() as http:
            await read(mentions(server), context_of(http, clock))
    assert server.count("createSession") == 1


@pytest.mark.parametrize("refresh_works", [True, False])
async def test_an_expired_token_is_renewed(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fan: Account, refresh_works: bool
) -> None:
    fill(network, fan, 3)
    server.faults.add("expired", SEARCH)
    if not refresh_works:
        server.faults.add("error", "*refreshSession", status=400)
    got, _ = await read(mentions(server), context)
    assert len(of(Post, got)) == 3
    assert server.count("refreshSession") == 1
    assert server.count("createSession") == (1 if refresh_works else 2)


async def test_a_token_that_is_never_taken_ends_in_advice(server: DemoServer, context: Context, brand: Account) -> None:
    server.faults.add("expired", SEARCH, times=99)
    with pytest.raises(AccessError):
        await read(mentions(server), context)
    assert server.count("searchPosts") == 2


async def test_a_wrong_password_is_said_without_saying_it(server: DemoServer, http: Http, clock: Clock, brand: Account) -> None:
    context = Context(http, context_of(http, clock).brand, {"HIBIKI_BLUESKY_APP_PASSWORD": "wrong-wrong-wrong"}, clock)
    with pytest.raises(AccessError) as caught:
        await BlueskyCollector(mentions(server), context).check()
    assert "アプリパスワード" in caught.value.advice
    assert "wrong-wrong" not in f"{caught.value!r}{caught.value.message}{caught.value.advice}{context!r}"


async def test_a_missing_password_names_its_variable(server: DemoServer, http: Http, clock: Clock) -> None:
    context = Context(http, context_of(http, clock).brand, {}, clock)
    with pytest.raises(AccessError, match="HIBIKI_BLUESKY_APP_PASSWORD"):
        await read(mentions(server), context)
    assert not server.asked


async def test_an_account_that_is_not_there_says_how_to_mend_it(server: DemoServer, context: Context) -> None:
    with pytest.raises(AccessError) as caught:
        await BlueskyCollector(own(server, actor="nobody.test"), context).check()
    assert "actor" in caught.value.advice


async def test_check_says_what_was_found(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fan: Account
) -> None:
    fill(network, brand, 3)
    assert await BlueskyCollector(own(server), context).check() == "ヨモリ公式 投稿 3 件"
    assert "検索できます" in await BlueskyCollector(mentions(server), context).check()


def known(*posts: NetworkPost) -> list[Known]:
    return [Known(post.uri, post.created_at) for post in posts]


async def look(settings: BlueskySettings, context: Context, posts: list[Known]) -> list[Record]:
    return [record async for record in BlueskyCollector(settings, context).refresh(posts)]


async def test_a_look_up_gives_counts_and_tells_what_is_gone(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account
) -> None:
    posts = fill(network, brand, 60)
    deleted = posts[7]
    del network.posts[deleted.uri]
    got = await look(own(server), context, known(*posts))
    assert len(of(Metrics, got)) == 59
    assert of(Gone, got) == [Gone(platform="bluesky", native_id=deleted.uri, seen_at=NOW)]
    assert server.count("getPosts") == 3


async def test_a_service_that_returns_nothing_at_all_erases_nothing(network: MemoryNetwork, server: DemoServer, context: Context) -> None:
    posts = [fill(network, network.add_account(f"fan{n}.test"), 1)[0] for n in range(5)]
    network.posts.clear()
    with pytest.raises(BusyError):
        await look(own(server), context, known(*posts))


async def test_an_account_that_was_deleted_takes_its_posts_along(
    network: MemoryNetwork, server: DemoServer, context: Context, fan: Account
) -> None:
    posts = fill(network, fan, 5)
    network.posts.clear()
    assert len(of(Gone, await look(own(server), context, known(*posts)))) == 5


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("busy", {}),
        ("busy", {"headers": {"retry-after": "1"}}),
        ("busy", {"headers": {"ratelimit-remaining": "0", "ratelimit-reset": "1"}}),
        ("error", {}),
        ("cut", {}),
        ("cut_unseen", {}),
        ("broken_json", {}),
    ],
)
async def test_a_fault_that_passes_in_the_middle_loses_nothing(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, kind: str, how: dict[str, Any]
) -> None:
    fill(network, brand, 250)
    server.faults.add(kind, FEED, skip=1, **how)  # type: ignore[arg-type]
    got, collector = await read(own(server), context)
    assert len({post.native_id for post in of(Post, got)}) == 250
    assert not of(Gap, got)
    assert not collector.next_bookmark.holes


async def _drain(collector: BlueskyCollector, into: list[Record]) -> None:
    async for record in collector.collect(Bookmark(), SINCE):
        into.append(record)


@pytest.mark.parametrize(
    ("kind", "how", "error"),
    [
        ("busy", {}, BusyError),
        ("busy", {"headers": {"retry-after": "900"}}, BusyError),
        ("error", {}, BusyError),
        ("cut", {}, BusyError),
        ("broken_json", {}, FormatError),
        ("html", {}, FormatError),
    ],
)
async def test_a_fault_that_stays_keeps_what_was_read_and_the_next_round_goes_on(
    network: MemoryNetwork, server: DemoServer, clock: Clock, brand: Account, kind: str, how: dict[str, Any], error: type[Exception]
) -> None:
    fill(network, brand, 250)
    server.faults.add(kind, FEED, skip=1, times=9, **how)  # type: ignore[arg-type]
    first: list[Record] = []
    async with Http(patience=3, timeout=2) as http:
        collector = BlueskyCollector(own(server), context_of(http, clock))
        with pytest.raises(error):
            await _drain(collector, first)
    assert len(of(Post, first)) == 100
    server.faults.clear()
    async with Http() as http:
        second, after = await read(own(server), context_of(http, clock), Bookmark.from_json(collector.next_bookmark.to_json()))
    assert len({post.native_id for post in of(Post, first + second)}) == 250
    assert not after.next_bookmark.holes


@pytest.mark.parametrize("fresh_cursors", [0, 1])
async def test_a_cursor_that_repeats_ends_in_a_gap_and_not_never(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fresh_cursors: int
) -> None:
    fill(network, brand, 250)

    def first_page(answer: Any) -> Any:
        return {**answer, "cursor": "9999999999999999__loop" if not fresh_cursors else f"99999999999999{len(server.asked):02}__loop"}

    server.faults.add("change", FEED, times=99, change=first_page)
    got, _ = await read(own(server), context)
    assert len(of(Post, got)) == 100
    assert [gap.from_at for gap in of(Gap, got)] == [SINCE]
    assert len(server.asked) == 2


def _spoil(number: int, path: str, value: Any) -> Any:
    """Return a change that puts ``value`` at ``path`` of the post ``number`` (takes it away where it is ``...``)."""

    def change(answer: Any) -> Any:
        *way, last = path.split(".")
        if not answer["feed"]:
            return answer
        place = answer["feed"][number]["post"]
        for part in way:
            place = place[part]
        if value is ...:
            del place[last]
        else:
            place[last] = value
        return answer

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("uri", ...),
        ("uri", 5),
        ("uri", ""),
        ("record", None),
        ("record", []),
        ("record.text", ...),
        ("record.text", {"ja": "x"}),
        ("indexedAt", "yesterday"),
    ],
)
async def test_a_post_that_cannot_be_read_is_kept_aside_once_and_the_others_go_in(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, path: str, value: Any
) -> None:
    fill(network, brand, 5)
    server.faults.add("change", FEED, times=9, change=_spoil(2, path, value))
    got, collector = await read(own(server), context)
    assert [post.text[-1] for post in of(Post, got)] == ["4", "3", "1", "0"]
    (reject,) = of(Reject, got)
    assert reject.raw
    again, _ = await read(own(server), context, collector.next_bookmark)
    assert not of(Reject, again)


@pytest.mark.parametrize(
    ("path", "value", "likes", "rejects"),
    [
        ("likeCount", ..., None, 0),
        ("likeCount", None, None, 0),
        ("likeCount", "123456789012345678", 123456789012345678, 0),
        ("likeCount", 12.0, 12, 0),
        ("likeCount", -1, None, 1),
        ("likeCount", "12.4K", None, 1),
        ("likeCount", True, None, 1),
        ("likeCount", 10**30, None, 1),
        ("likeCount", [3], None, 1),
    ],
)
async def test_a_count_that_cannot_be_read_is_unknown_and_never_wrong(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, path: str, value: Any, likes: int | None, rejects: int
) -> None:
    network.add_post(brand, "x", NOW - timedelta(hours=1), replies=7)
    server.faults.add("change", FEED, change=_spoil(0, path, value))
    got, _ = await read(own(server), context)
    (metrics,) = of(Metrics, got)
    assert (metrics.likes, metrics.comments) == (likes, 7)
    assert len(of(Reject, got)) == rejects
    assert len(of(Post, got)) == 1


async def test_fields_that_were_renamed_or_added_harm_nothing(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account
) -> None:
    fill(network, brand, 1)

    def change(answer: Any) -> Any:
        post = answer["feed"][0]["post"]
        post["favouriteCount"] = post.pop("likeCount")
        post["author"] = {"did": post["author"]["did"]}
        post["record"]["facets"] = [None, 3, {"features": [None, {"tag": 4}]}]
        post["record"]["langs"] = [None, "ja"]
        post["record"]["text"] = "半分\ud83d だけ"
        return answer

    server.faults.add("change", FEED, change=change)
    got, _ = await read(own(server), context)
    (post,) = of(Post, got)
    assert (post.text, post.lang, post.tags) == ("半分 だけ", "ja", ())
    assert of(Metrics, got)[0].likes is None


@pytest.mark.parametrize("answer", [{}, [], None, {"feed": None}, {"feed": {}}, "x"])
async def test_an_answer_of_another_form_is_a_format_error(server: DemoServer, context: Context, brand: Account, answer: Any) -> None:
    server.faults.add("change", FEED, change=lambda _: answer)
    with pytest.raises(FormatError):
        await read(own(server), context)


async def test_a_time_in_the_future_is_when_it_was_first_seen(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account
) -> None:
    fill(network, brand, 1)
    server.faults.add("change", FEED, change=_spoil(0, "record.createdAt", "2099-01-01T00:00:00Z"))
    got, _ = await read(own(server), context)
    assert of(Post, got)[0].created_at == NOW - timedelta(hours=1)


async def test_a_new_spelling_is_read_back_to_the_horizon(
    network: MemoryNetwork, server: DemoServer, context: Context, brand: Account, fan: Account
) -> None:
    network.add_post(fan, "ヨモリ", NOW - timedelta(days=10))
    network.add_post(fan, "よもり茶", NOW - timedelta(days=20))
    _, collector = await read(mentions(server), context)
    got, after = await read(mentions(server, queries=["ヨモリ", "よもり茶"]), context, collector.next_bookmark)
    assert [post.text for post in of(Post, got)] == ["よもり茶"]
    assert set(after.next_bookmark.covered) == {"ヨモリ", "よもり茶"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": None},
        {"what": "mentions"},
        {"what": "everything"},
        {"app_password_env": "abcd-efgh-ijkl-mnop"},
        {"service": "bsky.app"},
        {"every": "soon"},
        {"requests": "many"},
        {"app_password": "abcd-efgh-ijkl-mnop"},
    ],
)
def test_settings_that_cannot_be_are_refused_without_showing_secrets(server: DemoServer, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        own(server, **wrong)
    assert "abcd-efgh" not in str(caught.value)


def test_there_are_only_three_errors() -> None:
    assert set(SourceError.__subclasses__()) == {AccessError, BusyError, FormatError}
