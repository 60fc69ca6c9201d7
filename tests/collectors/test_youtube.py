"""What is YouTube's own: counts as strings, hidden and switched off ones, two daily quotas, threads and replies, what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.allowance import Allowances
from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from collectors.youtube import YouTubeCollector
from collectors.youtube_settings import YouTubeSettings
from store.records import Gap, Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes.youtube import FAN, KEY, OURS, QUOTA, YouTube, YouTubeSearch, refusal
from tests.collectors.wire import Reply, Said, WireServer


@pytest.fixture
def wire() -> YouTube:
    return YouTube()


@pytest.fixture
def server(wire: YouTube) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
def context(wire: YouTube, http: Http, clock: Clock) -> Context:
    words = BrandWords("yomori", ("ヨモリ", "yomori tea"), ("ヨモリ鉄道",))
    return Context(http, words, dict(wire.secrets), clock, allowances=Allowances(None, clock))


def collector(wire: YouTube, server: WireServer, context: Context, **changes: Any) -> YouTubeCollector:
    wire.changes = changes
    made = make(wire.settings(server.url), context)
    assert isinstance(made, YouTubeCollector)
    return made


async def read(made: YouTubeCollector, bookmark: Bookmark | None = None) -> list[Record]:
    return [record async for record in made.collect(bookmark or Bookmark(), SINCE)]


async def drain(made: YouTubeCollector, bookmark: Bookmark, into: list[Record]) -> None:
    async for record in made.collect(bookmark, SINCE):
        into.append(record)


def kept(made: YouTubeCollector) -> Bookmark:
    return Bookmark.from_json(made.next_bookmark.to_json())


def posts(records: list[Record]) -> dict[str, Post]:
    return {record.native_id: record for record in records if isinstance(record, Post)}


def counts(records: list[Record]) -> dict[str, tuple[int | None, ...]]:
    return {one.native_id: (one.views, one.likes, one.comments, one.shares, one.saves) for one in records if isinstance(one, Metrics)}


def comment(wire: YouTube, video: Said, number: int, text: str, **more: Any) -> Said:
    at = more.pop("at", NOW - timedelta(hours=2))
    said = Said(number, text, at, more.pop("likes", 0), more)
    wire.comments.setdefault(video.number, []).append(said)
    return said


def reply(number: int, text: str = "返信", **more: Any) -> Said:
    return Said(number, text, more.pop("at", NOW - timedelta(hours=1)), 0, more)


# --- own videos


async def test_counts_are_strings_and_what_is_hidden_or_switched_off_is_unknown(
    wire: YouTube, server: WireServer, context: Context
) -> None:
    whole = wire.say("新茶 #お茶", NOW - timedelta(hours=2), likes=7, views=98_765_432_109, description="淹れ方を紹介します\n#新茶")
    hidden = wire.say("隠す", NOW - timedelta(hours=3), likes=9)
    closed = wire.say("閉じる", NOW - timedelta(hours=4), likes=1)
    wire.hidden, wire.closed = {hidden.number}, {wire.native_id(closed)}
    got = await read(collector(wire, server, context))
    assert counts(got) == {
        wire.native_id(whole): (98_765_432_109, 7, 0, None, None),
        wire.native_id(hidden): (100, None, 0, None, None),
        wire.native_id(closed): (100, 1, None, None, None),
    }
    post = posts(got)[wire.native_id(whole)]
    assert (post.text, post.tags) == ("新茶 #お茶\n淹れ方を紹介します\n#新茶", ("お茶", "新茶"))
    assert (post.url, post.lang, post.relation, post.kind) == (f"https://www.youtube.com/watch?v={post.native_id}", "ja", "own", "post")
    assert not [record for record in got if isinstance(record, Reject)]


async def test_a_private_video_in_the_list_is_passed_over(wire: YouTube, server: WireServer, context: Context) -> None:
    wire.say("ある", NOW - timedelta(hours=2))
    wire.gone = {wire.say("ない", NOW - timedelta(hours=3)).number}
    got = await read(collector(wire, server, context))
    assert [record.text for record in got if isinstance(record, Post)] == ["ある"]
    assert not [record for record in got if isinstance(record, Reject)]


async def test_a_round_without_news_costs_one_unit(wire: YouTube, server: WireServer, context: Context, clock: Clock) -> None:
    for number in range(30):
        wire.say(f"動画 {number}", NOW - timedelta(days=1, minutes=number))
    made = collector(wire, server, context)
    await read(made)
    assert dict(wire.used) == {"channels": 1, "playlistItems": 1, "videos": 1}
    wire.used.clear()
    clock.forward(hours=2)
    await read(collector(wire, server, context), kept(made))
    assert dict(wire.used) == {"playlistItems": 1}
    assert context.allowances.spent(made.settings.units) == 4


async def test_an_unknown_channel_is_told_with_what_to_do(wire: YouTube, server: WireServer, context: Context) -> None:
    with pytest.raises(AccessError) as caught:
        await read(collector(wire, server, context, channel="@nobody"))
    assert "channel" in caught.value.advice


# --- look-ups


async def test_what_is_gone_what_changed_and_what_stayed(wire: YouTube, server: WireServer, context: Context) -> None:
    for number in range(60):
        wire.say(f"動画 {number}", NOW - timedelta(hours=3, minutes=number), likes=number)
    made = collector(wire, server, context)
    await read(made)
    wire.used.clear()
    wire.gone = {5, 58}
    wire.said[0].text, wire.said[1].likes = "改題", 1234
    got = [record async for record in made.refresh([Known(wire.native_id(post), post.at) for post in wire.said])]
    assert dict(wire.used) == {"videos": 2}
    assert {record.native_id for record in got if isinstance(record, Gone)} == {"vid-0000005", "vid-0000058"}
    assert [post.text for post in posts(list(got)).values()] == ["改題"]
    assert counts(list(got))["vid-0000002"][1] == 1234
    assert len(counts(list(got))) == 58


async def test_nothing_is_gone_where_youtube_shows_no_video_at_all(wire: YouTube, server: WireServer, context: Context) -> None:
    post = wire.say("動画", NOW - timedelta(hours=3))
    made = collector(wire, server, context)
    wire.dark = True
    with pytest.raises(BusyError):
        assert not [record async for record in made.refresh([Known(wire.native_id(post), post.at)])]
    wire.dark, wire.gone = False, {post.number}
    assert [type(record) async for record in made.refresh([Known(wire.native_id(post), post.at)])] == [Gone]


@pytest.mark.parametrize("strict", [False, True])
async def test_comments_are_looked_up_edited_and_gone(wire: YouTube, server: WireServer, context: Context, strict: bool) -> None:
    video = wire.say("動画", NOW - timedelta(days=2))
    made = collector(wire, server, context, what="mentions", search=False, channel=OURS)
    some = [comment(wire, video, number, f"感想 {number}", likes=number) for number in range(5)]
    answer = reply(90)
    some[1].more["replies"] = [answer]
    await read(made)
    wire.strict_comments = strict
    some[3].more["gone"] = True
    some[4].text, some[4].more["edited"] = "書き直した", NOW - timedelta(minutes=5)
    ids = [wire.comment_id(one) for one in some] + [wire.comment_id(answer, some[1])]
    known = [Known(ident, NOW - timedelta(hours=2), NOW - timedelta(hours=1)) for ident in ids]
    got = [record async for record in made.refresh(known)]
    assert [record.native_id for record in got if isinstance(record, Gone)] == [ids[3]]
    assert {post.native_id: post.text for post in posts(list(got)).values()} == {ids[4]: "書き直した"}
    assert counts(list(got))[ids[1]] == (None, 1, 1, None, None), "how many replies it has is remembered"
    assert len(counts(list(got))) == 5


# --- comments


async def test_every_comment_and_reply_on_our_videos_is_a_mention(wire: YouTube, server: WireServer, context: Context) -> None:
    video = wire.say("動画", NOW - timedelta(days=2))
    top = comment(wire, video, 1, "おいしそう", likes=3, replies=[reply(number, f"返信 {number}") for number in range(2, 7)])
    comment(wire, video, 7, "うちの者です", author=OURS)
    comment(wire, video, 8, "ヨモリ鉄道に乗りたい")
    comment(wire, video, 9, "退会した人", orphan=True)
    comment(wire, video, 10, "宣伝", name="@spam-bot")
    got = await read(collector(wire, server, context, what="mentions", search=False, channel=OURS, ignore_authors=["spam-bot"]))
    found = posts(got)
    assert sorted(post.text for post in found.values()) == sorted(
        ["おいしそう", "退会した人", *(f"返信 {number}" for number in range(2, 7))]
    )
    assert {(post.kind, post.relation, post.parent_id) for post in found.values()} == {("comment", "mention", wire.native_id(video))}
    one = found[wire.comment_id(top)]
    assert (one.author_id, one.author_name) == (FAN, "@ocha-zuki")
    assert one.url == f"https://www.youtube.com/watch?v={wire.native_id(video)}&lc={one.native_id}"
    assert counts(got)[one.native_id] == (None, 3, 5, None, None)
    assert wire.used["comments"] == 1, "the replies that were not sent along"


async def test_a_new_reply_to_an_old_thread_is_found(wire: YouTube, server: WireServer, context: Context, clock: Clock) -> None:
    video = wire.say("動画", NOW - timedelta(days=9))
    top = comment(wire, video, 1, "古い感想", at=NOW - timedelta(days=5))
    made = collector(wire, server, context, what="mentions", search=False, channel=OURS)
    assert len(posts(await read(made))) == 1
    top.more["replies"] = [reply(2, "やっと飲んだ", at=NOW + timedelta(hours=1))]
    clock.forward(hours=7)
    made, before = collector(wire, server, context, what="mentions", search=False, channel=OURS), kept(made)
    got = await read(made, before)
    assert [post.text for post in posts(got).values()] == ["やっと飲んだ"]
    clock.forward(hours=7)
    again = collector(wire, server, context, what="mentions", search=False, channel=OURS)
    assert not await read(again, kept(made))


async def test_a_new_reply_that_an_early_round_sees_is_yielded_then_and_once(
    wire: YouTube, server: WireServer, context: Context, clock: Clock
) -> None:
    video = wire.say("動画", NOW - timedelta(days=9))
    top = comment(wire, video, 1, "感想", at=NOW - timedelta(days=5))
    told = {"what": "mentions", "search": False, "channel": OURS}
    made = collector(wire, server, context, **told)
    await read(made)
    got: list[str] = []
    for hour in range(1, 14):
        clock.forward(hours=1)
        if hour in (2, 4):
            top.more.setdefault("replies", []).append(reply(hour, f"返信 {hour}", at=clock.at))
        made, before = collector(wire, server, context, **told), kept(made)
        got += [post.text for post in posts(await read(made, before)).values()]
    assert got == ["返信 2", "返信 4"]


async def test_a_thread_that_a_walk_passes_over_is_not_taken_for_read(
    wire: YouTube, server: WireServer, context: Context, clock: Clock
) -> None:
    video = wire.say("動画", NOW - timedelta(days=9))
    told = {"what": "mentions", "search": False, "channel": OURS}
    made = collector(wire, server, context, **told)
    await read(made)
    clock.forward(hours=3)
    for number in range(150):
        comment(wire, video, number + 1, f"感想 {number}", at=NOW + timedelta(minutes=20, seconds=-number))
    server.faults.add("error", "*/commentThreads", skip=1, times=99, status=500)
    made, before = collector(wire, server, context, **told), kept(made)
    got: list[Record] = []
    with pytest.raises(SourceError):
        await drain(made, before, got)
    server.faults.clear()
    clock.forward(hours=2)
    made, before = collector(wire, server, context, **told), kept(made)
    before.holes = [replace(hole, cursor=None) for hole in before.holes]  # its page token has gone stale
    for one in wire.comments[video.number][:80]:  # so that the first page shows what the reading of the newest does not want
        one.more["gone"] = True
    await drain(made, before, got)
    assert len(posts(got)) == 150


async def test_comments_that_are_switched_off_are_no_fault(wire: YouTube, server: WireServer, context: Context) -> None:
    wire.say("動画", NOW - timedelta(days=2))
    wire.closed = {OURS}
    made = collector(wire, server, context, what="mentions", search=False, channel=OURS)
    assert not await read(made)
    assert not made.remarks


async def test_comments_on_videos_of_others_count_where_they_name_the_brand(wire: YouTube, server: WireServer, context: Context) -> None:
    video, closed = wire.say("お茶十選", NOW - timedelta(days=2)), wire.say("閉じた", NOW - timedelta(days=2))
    wire.closed = {wire.native_id(closed)}
    comment(wire, video, 1, "ヨモリが好き")
    comment(wire, video, 2, "ほかのが好き")
    made = collector(
        wire,
        server,
        context,
        what="mentions",
        search=False,
        channel=None,
        videos=[wire.native_id(video), wire.native_id(closed), "not-there-0"],
    )
    assert [post.text for post in posts(await read(made)).values()] == ["ヨモリが好き"]
    wire.used.clear()
    await read(collector(wire, server, context, what="mentions", search=False, channel=None, videos=[wire.native_id(video)]), kept(made))
    assert not wire.used["commentThreads"], "not again within six hours"


# --- the search and its quota


@pytest.fixture
def found() -> YouTubeSearch:
    return YouTubeSearch()


async def test_videos_that_name_the_brand_are_found_and_their_comments_too(found: YouTubeSearch, http: Http, context: Context) -> None:
    with WireServer(found) as server:
        video = found.say("ヨモリを飲み比べ", NOW - timedelta(days=1), views=500)
        found.say("関係のない動画", NOW - timedelta(days=1, minutes=1))
        found.say("ヨモリ公式の動画", NOW - timedelta(days=1, minutes=2), channel=OURS)
        comment(found, video, 1, "yomori tea は渋い")
        comment(found, video, 2, "おもしろい")
        made = collector(found, server, replace(context, own_accounts=("@yomori",)), found_videos=5)
        got = await read(made)
        assert sorted(post.text for post in posts(got).values()) == ["yomori tea は渋い", "ヨモリを飲み比べ"]
        assert counts(got)[found.native_id(video)][0] == 500
        assert posts(got)[found.native_id(video)].relation == "mention"
        (asked,) = [asked for asked in server.asked if asked.path.endswith("/search")]
        assert asked.one("q") == 'ヨモリ|"yomori tea"'


async def test_the_searches_of_a_day_are_spread_and_never_exceeded(found: YouTubeSearch, http: Http, clock: Clock, tmp_path: Path) -> None:
    clock.at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # midnight Pacific
    bookmark = Bookmark()
    hours: list[int] = []
    with WireServer(found) as server:
        for minute in range(0, 2 * 1440, 20):
            clock.at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC) + timedelta(minutes=minute)
            # every round is a new process: the ledger is all that is known
            context = Context(
                http, BrandWords("yomori", ("ヨモリ",)), dict(found.secrets), clock, allowances=Allowances(tmp_path / "a.jsonl", clock)
            )
            made = collector(found, server, context, daily_searches=20)
            before = found.used["search"]
            found.say(f"ヨモリ {minute}", clock.at - timedelta(minutes=2))
            await read(made, bookmark)
            bookmark = kept(made)
            hours += [minute // 60] * (found.used["search"] - before)
    for day in range(2):
        assert 15 <= sum(day * 24 <= hour < day * 24 + 24 for hour in hours) <= 20
    assert all(any(start <= hour < start + 6 for hour in hours) for start in range(0, 42)), "no part of a day is blind"


async def test_a_search_that_must_wait_for_tomorrow_is_a_gap_until_it_is_made_up(
    found: YouTubeSearch, http: Http, context: Context, clock: Clock
) -> None:
    with WireServer(found) as server:
        made = collector(found, server, context)
        await read(made)
        clock.forward(hours=4)
        found.say("ヨモリの午後", NOW + timedelta(hours=1))
        found.on_search = lambda asked: QUOTA  # type: ignore[method-assign]
        made, before = collector(found, server, context), kept(made)
        assert not await read(made, before)
        (hole,) = made.next_bookmark.holes
        assert (hole.from_at, hole.to_at) == (NOW - timedelta(hours=1), NOW + timedelta(hours=4))
        assert any("検索" in remark for remark in made.remarks)
        clock.forward(hours=4)
        made, before = collector(found, server, context), kept(made)
        await read(made, before)
        (hole,) = made.next_bookmark.holes
        assert (hole.from_at, hole.to_at) == (NOW - timedelta(hours=1), NOW + timedelta(hours=8)), "one stretch, not two"
        del found.on_search
        clock.forward(hours=6)
        made, before = collector(found, server, context), kept(made)
        got = await read(made, before)
        assert [post.text for post in posts(got).values()] == ["ヨモリの午後"]
        assert not made.next_bookmark.holes
        assert not [record for record in got if isinstance(record, Gap)]


async def test_the_days_units_are_kept_over_a_restart_and_come_back_at_midnight_pacific(
    wire: YouTube, server: WireServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    wire.say("動画", NOW - timedelta(hours=2))

    def begun() -> YouTubeCollector:
        allowances = Allowances(tmp_path / "allowances.jsonl", clock)
        return collector(wire, server, Context(http, BrandWords("yomori"), dict(wire.secrets), clock, allowances=allowances), daily_units=5)

    await read(begun())
    with pytest.raises(BusyError) as caught:
        await read(begun())
    assert caught.value.limited
    assert caught.value.until == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert sum(wire.used.values()) == 5
    clock.at = datetime(2026, 11, 20, 8, 0, 1, tzinfo=UTC)
    assert await read(begun())


async def test_refused_requests_cost_too(wire: YouTube, server: WireServer, context: Context) -> None:
    made = collector(wire, server, context)
    server.faults.add("error", "*", times=9, status=404)
    with pytest.raises(SourceError):
        await read(made)
    assert context.allowances.spent(made.settings.units) == len(server.asked)


async def test_check_tells_what_a_day_will_use(wire: YouTube, server: WireServer, context: Context) -> None:
    said = await collector(wire, server, context, every="30m").check()
    assert "ヨモリ公式" in said
    assert "約 96(上限 10,000、今日は 1 使用)" in said
    mentions = await collector(wire, server, context, what="mentions", channel=None, found_videos=0, every="1h").check()
    assert "検索 1 日に約 24(上限 100" in mentions


# --- refusals


@pytest.mark.parametrize(
    ("answer", "error", "word"),
    [
        (QUOTA, BusyError, "割り当て"),
        (refusal("rateLimitExceeded", 403, domain="usageLimits"), BusyError, "回数制限"),
        (refusal("keyInvalid", 400, domain="usageLimits"), AccessError, "HIBIKI_YOUTUBE_KEY"),
        (refusal("badRequest", 400, "API key expired.", "global", "API_KEY_EXPIRED"), AccessError, "HIBIKI_YOUTUBE_KEY"),
        (refusal("accessNotConfigured", 403, domain="usageLimits"), AccessError, "有効"),
        (refusal("forbidden", 403, "blocked", "global", "API_KEY_IP_ADDRESS_BLOCKED"), AccessError, "IP アドレス"),
        (refusal("forbidden", 403), AccessError, "channel"),
        (refusal("backendError", 400), BusyError, ""),
        (refusal("invalidPageToken", 400), FormatError, ""),
        (Reply({"items": "none"}), FormatError, ""),
        (Reply([]), FormatError, ""),
        (Reply(b"oops", 403), SourceError, ""),
    ],
)
async def test_what_youtube_refuses_is_sorted_and_said(
    wire: YouTube, server: WireServer, context: Context, answer: Reply, error: type[SourceError], word: str
) -> None:
    wire.on_playlistItems = lambda asked: answer  # type: ignore[method-assign]
    with pytest.raises(error) as caught:
        await read(collector(wire, server, context))
    assert word in caught.value.message + (caught.value.advice or "")
    assert KEY not in f"{caught.value!r} {caught.value.advice}"
    if answer is QUOTA:
        assert isinstance(caught.value, BusyError)
        assert caught.value.until == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


async def test_the_key_is_never_in_an_address(wire: YouTube, server: WireServer, context: Context) -> None:
    wire.say("動画", NOW - timedelta(hours=2))
    await read(collector(wire, server, context))
    assert server.asked
    assert not [asked for asked in server.asked if KEY in f"{asked.path} {asked.query}"]


@pytest.mark.parametrize(
    "more",
    [{}, {"channel": "yomori"}, {"channel": "UCshort"}, {"what": "mentions", "search": False}, {"what": "mentions", "videos": ["x"]}],
)
def test_settings_that_cannot_be_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        YouTubeSettings.model_validate({"name": "y", "brand": "b", **more})
