"""X: what it says read right, and never a cent beyond the budget."""

from __future__ import annotations

import asyncio
import copy
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.allowance import Allowances
from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.tokens import Tokens
from collectors.words import BrandWords
from collectors.x import XCollector, XSettings
from collectors.x.api import pot
from collectors.x.posts import id_at, moment_of
from collectors.x.queries import conditions, queries, term
from store.records import Gap, Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import EXAMPLES, NOW, SINCE, Clock
from tests.collectors.fakes.x import FAN, NOT_AUTHORIZED, USER, XMentions, XOwn, XOwnRenamed, XSearch, XSearchRenamed, XWire, post_id
from tests.collectors.wire import Asked, Reply, Said, WireServer

BEARER = {"HIBIKI_X_BEARER_TOKEN": "AAAA-bearer-of-the-app"}
POST = Decimal("0.005")


class Desk:
    """A fake X, and one source that reads it round by round."""

    def __init__(self, wire: XWire, clock: Clock, allowances: Allowances | None = None, **changes: Any) -> None:
        wire.now = clock
        self.wire, self.clock = wire, clock
        self.allowances = allowances or Allowances(None, clock)
        self.tokens = Tokens(None, clock)
        self.server = WireServer(wire)
        self.changes = changes
        self.bookmark = Bookmark()
        self.secrets = dict(BEARER)

    def settings(self) -> XSettings:
        return XSettings.model_validate({**self.wire.settings(self.server.url).model_dump(exclude_defaults=True), **self.changes})

    def collector(self, http: Http) -> XCollector:
        words = BrandWords("yomori", ("ヨモリ", "yomori"), ("ヨモリ山",))
        context = Context(http, words, self.secrets, self.clock, tokens=self.tokens, allowances=self.allowances)
        return XCollector(self.settings(), context)

    async def round(self, since: datetime | None = None) -> list[Record]:
        async with Http(patience=5.0, timeout=2.0) as http:
            collector = self.collector(http)
            try:
                return [record async for record in collector.collect(self.bookmark, since or self.clock() - timedelta(days=30))]
            finally:
                self.bookmark = Bookmark.from_json(json.loads(json.dumps(collector.next_bookmark.to_json())))

    async def look(self, *posts: Said, remarks: list[str] | None = None) -> list[Record]:
        async with Http(patience=5.0, timeout=2.0) as http:
            collector = self.collector(http)
            found: list[Record] = [r async for r in collector.refresh([Known(post_id(post), post.at) for post in posts])]
            (remarks if remarks is not None else []).extend(collector.remarks)
            return found

    async def check(self) -> str:
        async with Http(patience=5.0, timeout=2.0) as http:
            return await self.collector(http).check()

    @property
    def spent(self) -> Decimal:
        return self.allowances.spent(self.pot)

    @property
    def pot(self) -> Any:
        return pot(self.settings())

    def asked(self, path: str = "") -> list[Asked]:
        return [asked for asked in self.server.asked if path in asked.path]


@pytest.fixture
def desk(clock: Clock) -> Iterator[Callable[..., Desk]]:
    open_servers: list[WireServer] = []

    def make(wire: XWire, **changes: Any) -> Desk:
        one = Desk(wire, clock, **changes)
        one.server.__enter__()
        open_servers.append(one.server)
        return one

    yield make
    for server in open_servers:
        server.__exit__()


def fill(wire: XWire, count: int, at: datetime = NOW - timedelta(hours=2), **more: Any) -> list[Said]:
    return [wire.say(f"ヨモリの新茶 {number}", at - timedelta(minutes=number), likes=number, **more) for number in range(count)]


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def metrics(records: list[Record]) -> list[Metrics]:
    return [record for record in records if isinstance(record, Metrics)]


def test_ids_hold_their_moment() -> None:
    assert moment_of("1346889436626259968").replace(microsecond=0) == datetime(2021, 1, 6, 18, 40, 40, tzinfo=UTC)
    assert abs(moment_of(id_at(NOW)) - NOW) < timedelta(milliseconds=2)


# What a post says


def read_one(raw: dict[str, Any], includes: dict[str, Any] | None = None, **changes: Any) -> list[Record]:
    """Return what a source makes of a page with one post."""
    base = {
        "id": id_at(NOW - timedelta(hours=1)),
        "text": "ヨモリ",
        "created_at": "2026-11-20T02:00:00.000Z",
        "author_id": FAN,
        "public_metrics": {
            "retweet_count": 2,
            "reply_count": 3,
            "like_count": 4,
            "quote_count": 5,
            "bookmark_count": 6,
            "impression_count": 7,
        },
    }
    body = {"data": [{**base, **raw}], "meta": {"result_count": 1}, **({"includes": includes} if includes else {})}
    got = run(json.dumps(body).encode(), **changes)
    assert got is not None
    return got


def run(body: bytes, refresh: bool = False, **changes: Any) -> list[Record] | None:
    """Return what a source yields when every answer is ``body``; None where it raises one of its errors."""

    async def go() -> list[Record] | None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body, headers={"content-type": "application/json"}))
        async with Http(transport=transport) as http:
            given = {"name": "x", "brand": "yomori", "budget_usd": 1000, "user_id": USER, "service": "https://x.example", **changes}
            context = Context(http, BrandWords("yomori", ("ヨモリ",)), BEARER, lambda: NOW, allowances=Allowances(None, lambda: NOW))
            collector = XCollector(XSettings.model_validate(given), context)
            try:
                if refresh:
                    return [r async for r in collector.refresh([Known(id_at(NOW - timedelta(hours=n)), NOW) for n in range(1, 4)])]
                return [record async for record in collector.collect(Bookmark(), SINCE)]
            except SourceError:
                return None
            finally:
                json.dumps(collector.next_bookmark.to_json())

    return asyncio.run(go())


def test_the_counts_are_in_their_places() -> None:
    post, counts = read_one({})
    assert isinstance(post, Post)
    assert isinstance(counts, Metrics)
    assert (counts.views, counts.likes, counts.comments, counts.shares, counts.saves) == (7, 4, 3, 7, 6)
    assert post.created_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert post.url == f"https://x.com/i/status/{post.native_id}"


@pytest.mark.parametrize(
    ("public", "shares", "views"),
    [
        ({"repost_count": 2, "retweet_count": 2, "quote_count": 5, "impression_count": 7}, 7, 7),  # both names at once count once
        ({"retweet_count": 2, "impression_count": 7}, 2, 7),
        ({"quote_count": 5}, None, 99),
        ({"retweet_count": 2, "quote_count": "many", "impression_count": None}, None, 99),
        ({"retweet_count": 2, "quote_count": 0, "impression_count": "lots"}, 2, None),
        ([], None, 99),
    ],
)
def test_what_x_does_not_say_is_unknown(public: Any, shares: int | None, views: int | None) -> None:
    got = read_one({"public_metrics": public, "non_public_metrics": {"impression_count": 99}})
    assert [(one.shares, one.views) for one in metrics(got)] == [(shares, views)]


@pytest.mark.parametrize(
    ("raw", "kind", "parent"),
    [
        ({"referenced_tweets": [{"type": "replied_to", "id": "11"}]}, "reply", "11"),
        ({"referenced_posts": [{"type": "quoted", "id": "12"}]}, "quote", "12"),
        ({"referenced_tweets": [{"type": "quoted", "id": "12"}, {"type": "replied_to", "id": "11"}]}, "reply", "11"),
        ({"referenced_tweets": [{"type": "retweeted", "id": "13"}], "text": "RT @a: ヨモリ"}, "repost", "13"),
        ({"text": "RT @a: ヨモリ"}, "repost", None),
        ({"conversation_id": "14"}, "reply", "14"),
        ({"entities": {"urls": [{"expanded_url": "https://x.com/a/status/15"}]}}, "quote", "15"),
        ({"entities": {"urls": [{"expanded_url": f"https://x.com/a/status/{id_at(NOW - timedelta(hours=1))}/photo/1"}]}}, "post", None),
        ({"referenced_tweets": [{"type": "retweeted"}, None, "x"], "conversation_id": 3}, "post", None),
    ],
)
def test_what_a_post_repeats_answers_or_quotes(raw: dict[str, Any], kind: str, parent: str | None) -> None:
    got = read_one(raw)
    (post,) = posts(got)
    assert (post.kind, post.parent_id) == (kind, parent)
    assert len(metrics(got)) == (kind != "repost")  # the counts of a repost are another post's


def test_a_long_post_comes_whole_and_without_escapes() -> None:
    whole = "ヨモリ &amp; 抹茶 &lt;3 " + "茶" * 400
    for name in ("note_tweet", "note_post"):
        (post,) = posts(read_one({"text": "ヨモリ…", name: {"text": whole, "entities": {"hashtags": [{"tag": "新茶"}]}}}))
        assert post.text == "ヨモリ & 抹茶 <3 " + "茶" * 400
        assert post.tags == ("新茶",)


def test_an_author_has_a_name_where_it_came_along() -> None:
    users = {"users": [{"id": FAN, "name": "茶好き🍵", "username": "cha"}, {"id": None}, 3]}
    (post,) = posts(read_one({}, users))
    assert (post.author_id, post.author_name) == (FAN, "茶好き🍵")
    (post,) = posts(read_one({}, what="mentions", search=False))
    assert (post.author_id, post.author_name) == (FAN, None)


@pytest.mark.parametrize(("lang", "kept"), [("ja", "ja"), ("und", None), ("qme", None), (None, None), (3, None)])
def test_a_language_is_one_or_none(lang: Any, kept: str | None) -> None:
    assert posts(read_one({"lang": lang}))[0].lang == kept


async def test_an_edited_post_keeps_its_id_and_changes_its_text(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    (post,) = fill(x.wire, 1, NOW - timedelta(minutes=30))
    (first,) = posts(await x.round())
    x.wire.edits[1] = [Said(2, "ヨモリの新茶(訂正)", NOW - timedelta(minutes=10), likes=9)]
    got = await x.look(post)
    (edited,), (counts,) = posts(got), metrics(got)
    assert edited.native_id == counts.native_id == first.native_id
    assert (edited.text, counts.likes, edited.created_at) == ("ヨモリの新茶(訂正)", 9, moment_of(first.native_id))


async def test_an_edit_that_comes_by_itself_is_the_same_post(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    fill(x.wire, 3, NOW - timedelta(minutes=30))
    before = posts(await x.round())
    clock.forward(minutes=15)
    x.wire.edits[2] = [Said(9, "ヨモリの新茶(訂正)", clock() - timedelta(minutes=3), likes=9)]
    (edited,) = posts(await x.round())
    assert edited.native_id == before[1].native_id
    assert edited.text == "ヨモリの新茶(訂正)"
    assert abs(edited.created_at - before[1].created_at) < timedelta(milliseconds=2)


# What is asked


async def test_nothing_is_asked_twice(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    fill(x.wire, 230)
    assert len(posts(await x.round())) == 230
    assert x.spent == x.wire.charged == 230 * POST + Decimal("0.010")
    for _ in range(3):
        clock.forward(days=1)
        assert not await x.round()
    assert x.wire.charged == 230 * POST + Decimal("0.010")
    assert x.asked("/tweets")[-1].one("since_id") == post_id(x.wire.said[0])
    assert len(x.asked("/users/by")) == 1


async def test_a_very_young_post_is_read_again_as_long_as_that_is_free(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    x.wire.say("ヨモリ", NOW - timedelta(seconds=10))
    await x.round()
    late = x.wire.say("ヨモリの遅れて出た投稿", NOW - timedelta(seconds=20))
    clock.forward(minutes=15)
    assert [post.native_id for post in posts(await x.round())] == [post_id(late)]
    assert x.wire.charged == 2 * POST + Decimal("0.010")


async def test_an_interrupted_reading_goes_on_below_what_was_read(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    old = fill(x.wire, 350)
    x.server.faults.add("error", "*/tweets", skip=2, times=99, status=500)
    with pytest.raises(BusyError):
        await x.round()
    x.server.faults.clear()
    clock.forward(minutes=15)
    new = [x.wire.say(f"ヨモリ {n}", clock() - timedelta(minutes=5, seconds=n)) for n in range(3)]
    before = len(x.server.asked)
    got = posts(await x.round())
    assert {post.native_id for post in got} == {post_id(post) for post in (*new, *old[200:])}
    assert [("pagination_token" in asked.query, "until_id" in asked.query) for asked in x.server.asked[before:]] == [
        (False, False),
        (False, True),
        (True, True),
    ]
    assert x.wire.charged == 353 * POST + Decimal("0.010")
    assert not x.bookmark.holes


async def test_a_kill_before_the_bookmark_is_kept_loses_nothing(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn())
    fill(x.wire, 150)
    async with Http(patience=5.0) as http:
        collector = x.collector(http)
        got = []
        async for record in collector.collect(x.bookmark, SINCE):
            got.append(record)
            x.bookmark = collector.next_bookmark.copy()
            if len(posts(got)) == 120:
                break
    rest = await x.round()
    assert {post.native_id for post in posts(got + rest)} == {post_id(post) for post in x.wire.said}


async def test_the_search_begins_again_where_it_reaches_and_tells_the_gap(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XSearch())
    fill(x.wire, 2)
    assert len(posts(await x.round())) == 2
    clock.forward(days=10)
    x.wire.say("ヨモリ", clock() - timedelta(days=8))
    seen = x.wire.say("ヨモリ", clock() - timedelta(days=6))
    got = await x.round()
    assert [post.native_id for post in posts(got)] == [post_id(seen)]
    (gap,) = [record for record in got if isinstance(record, Gap)]
    assert gap.from_at == NOW
    assert timedelta(days=7) - (clock() - gap.to_at) < timedelta(minutes=3)


async def test_a_hole_older_than_the_search_reaches_becomes_a_gap(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XSearch())
    fill(x.wire, 250)
    x.server.faults.add("error", "*/recent", skip=1, times=99, status=500)
    with pytest.raises(BusyError):
        await x.round()
    x.server.faults.clear()
    clock.forward(days=9)
    got = await x.round()
    assert [isinstance(record, Gap) for record in got] == [True, True]  # what was left, and what came since
    assert not x.bookmark.holes


async def test_a_timeline_that_ends_at_its_limit_leaves_a_gap(desk: Callable[..., Desk]) -> None:
    x = desk(XMentions())
    x.wire.said = [Said(n, "ヨモリ", NOW - timedelta(minutes=n), 0, {"author": FAN}) for n in range(1, 801)]
    (gap,) = [record for record in await x.round() if isinstance(record, Gap)]
    assert "800" in gap.reason
    assert gap.to_at == NOW - timedelta(minutes=800)


async def test_what_the_brand_says_itself_is_no_mention(desk: Callable[..., Desk]) -> None:
    x = desk(XSearch(), account="@yomori_jp", user_id=USER, ignore_authors=("shop",))
    fill(x.wire, 1)
    x.wire.say("ヨモリ", NOW - timedelta(hours=3), author=USER)
    x.wire.say("別の話", NOW - timedelta(hours=4))
    x.wire.say("ヨモリ山に登った", NOW - timedelta(hours=5))
    got = posts(await x.round())
    # its timeline of mentions shows what does not name the brand in other words
    assert [post.text for post in got] == ["ヨモリの新茶 0", "別の話"]
    (asked, *_) = x.asked("/search/recent")
    assert asked.one("query") == "(ヨモリ OR yomori) -is:retweet -from:yomori_jp -from:1234567890 -from:shop -ヨモリ山"


def test_queries_hold_as_much_as_fits() -> None:
    assert term("ヨモリ") == "ヨモリ"
    assert [term(word) for word in ("green tea", "OR", 'a"b', "#茶", "")] == ['"green tea"', '"OR"', '"a b"', '"#茶"', '""']
    words = [f"ことば{n:03}" for n in range(200)]
    suffix = conditions(("別の ヨモリ", ""), ("yomori_jp", "did:plc:abc"), "ja", 256)
    assert suffix == ' -is:retweet lang:ja -from:yomori_jp -"別の ヨモリ"'
    made = queries(words, (), suffix, 512)
    assert all(len(query) <= 512 and query.endswith(suffix) for query in made)
    assert [term for query in made for term in query.removesuffix(suffix)[1:-1].split(" OR ")] == words
    assert len(made) == 5
    assert len(conditions([f"いらない{n}" for n in range(99)], (), None, 256)) <= 256
    assert queries((), ("茶 -コーヒー",), " -is:retweet", 512) == ["(茶 -コーヒー) -is:retweet"]
    for words_, given_ in (((), ()), ((), ("茶" * 600,)), (("茶" * 600,), ())):
        with pytest.raises(AccessError):
            queries(words_, given_, "", 512)


@pytest.mark.parametrize("wire", [XOwnRenamed, XSearchRenamed])
async def test_the_new_names_are_found_out_and_remembered(wire: type[XWire], desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(wire())
    fill(x.wire, 3)
    got = await x.round()
    assert len(posts(got)) == len(metrics(got)) == 3
    assert {post.author_id for post in posts(got)} == {USER} if wire is XOwnRenamed else {FAN}
    refused = len(x.server.asked)
    clock.forward(minutes=15)
    x.wire.say("ヨモリ", clock() - timedelta(minutes=5))
    assert len(posts(await x.round())) == 1
    assert len(x.server.asked) == refused + 1
    assert x.spent == x.wire.charged
    assert x.wire.charged == 4 * POST + Decimal("0.010")  # the account, or the authors that came along


async def test_names_that_are_passed_over_in_silence_are_found_out_too(desk: Callable[..., Desk]) -> None:
    x = desk(XOwnRenamed())
    x.wire.strict = False  # type: ignore[misc]
    fill(x.wire, 3)
    assert len(posts(await x.round())) == 3
    assert x.spent == x.wire.charged


async def test_author_names_are_paid_for(desk: Callable[..., Desk]) -> None:
    x = desk(XMentions(), author_names=True)
    fill(x.wire, 5)
    got = posts(await x.round())
    assert {post.author_name for post in got} == {"茶好き"}
    assert x.spent == x.wire.charged == 5 * POST + Decimal("0.010")


async def test_reposts_are_read_only_where_they_are_wanted(desk: Callable[..., Desk]) -> None:
    for wanted in (False, True):
        x = desk(XOwn(), reposts=wanted)
        fill(x.wire, 1)
        x.wire.say("RT @fan: ヨモリ", NOW - timedelta(hours=3), retweets=True, references=[{"type": "retweeted", "id": "7"}])
        assert [post.kind for post in posts(await x.round())] == (["post", "repost"] if wanted else ["post"])


# What is refused


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"title": "CreditsDepleted", "detail": "…", "type": "https://api.x.com/2/problems/credits"}, 402), AccessError),
        (Reply({"title": "Forbidden", "detail": "…", "type": "https://api.x.com/2/problems/client-forbidden"}, 403), AccessError),
        (Reply({"title": "UsageCapExceeded", "detail": "Monthly", "type": "https://api.x.com/2/problems/usage-capped"}, 403), BusyError),
        (
            Reply({"errors": [{"message": "The `end_time` query parameter is wrong", "parameters": {}}], "title": "Invalid"}, 400),
            FormatError,
        ),
        (Reply({"errors": [{"detail": "Could not find user", "type": "https://x/2/problems/resource-not-found"}]}), AccessError),
        (Reply({"errors": [{"detail": "?", "type": "https://x/2/problems/other"}]}), FormatError),
        (Reply(b"<html>", 403), AccessError),
        (Reply({"data": {"id": "1"}, "meta": {}}), FormatError),
        (Reply({}), FormatError),
        (Reply([]), FormatError),
    ],
)
async def test_what_x_says_is_wrong_becomes_what_to_do(reply: Reply, error: type[SourceError], desk: Callable[..., Desk]) -> None:
    x = desk(XOwn(), account=None, user_id=USER)
    x.wire.answer = lambda asked: reply  # type: ignore[method-assign]
    with pytest.raises(error) as caught:
        await x.round()
    assert caught.value.message
    assert x.spent == 0


async def test_partial_errors_cost_no_other_post(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn())
    fill(x.wire, 3)
    wrong = {"title": "Not Found Error", "type": NOT_AUTHORIZED, "resource_type": "tweet", "resource_id": "1", "section": "includes"}
    x.server.faults.add("change", "*/tweets", change=lambda body: {**body, "errors": [wrong, None]})
    assert len(posts(await x.round())) == 3


async def test_a_user_token_is_renewed_and_never_told(desk: Callable[..., Desk], clock: Clock) -> None:
    names = {"user_token_env": "X_USER", "refresh_token_env": "X_REFRESH", "client_id_env": "X_CLIENT", "client_secret_env": "X_KEY"}
    x = desk(XOwn(), **names, private_metrics=True, owned_app=True)
    x.secrets = {"X_USER": "access-zero", "X_REFRESH": "refresh-zero", "X_CLIENT": "client-id", "X_KEY": "client-secret"}
    x.wire.post_price = Decimal("0.001")
    given = iter(range(1, 9))
    works = {"access-1"}

    def answer(asked: Asked, real: Any = x.wire.answer) -> Reply:
        if asked.path.endswith("/oauth2/token"):
            assert asked.form()["grant_type"] == "refresh_token"
            number = next(given)
            works.add(f"access-{number}")
            return Reply(
                {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 7200, "token_type": "bearer"}
            )
        token = asked.headers["authorization"].removeprefix("Bearer ")
        if token not in works:
            return x.wire.expired or Reply({}, 401)
        reply = real(Asked(asked.method, asked.path, asked.query, {"authorization": f"Bearer {BEARER['HIBIKI_X_BEARER_TOKEN']}"}, b""))
        assert isinstance(reply, Reply)
        return reply

    x.wire.answer = answer  # type: ignore[method-assign]
    fill(x.wire, 2)
    assert len(posts(await x.round())) == 2
    assert x.spent == x.wire.charged == Decimal("0.012")
    assert "non_public_metrics" not in x.asked("/tweets")[0].one("tweet.fields")  # some may be older than the 30 days that X allows
    works.clear()  # X takes it back before its time
    clock.forward(minutes=30)
    await x.round()
    assert "non_public_metrics" in x.asked("/tweets")[-1].one("tweet.fields")
    assert [asked.form()["refresh_token"] for asked in x.asked("/oauth2/token")] == ["refresh-zero", "refresh-1"]
    x.wire.answer = lambda asked: Reply({"error": "invalid_request", "error_description": "refresh-2 was revoked"}, 401)  # type: ignore[method-assign]
    clock.forward(hours=3)
    with pytest.raises(AccessError) as caught:
        await x.round()
    assert "X_USER" in caught.value.message
    assert not {secret for secret in (*x.secrets.values(), "access-2", "refresh-2") if secret in repr(caught.value) + caught.value.advice}


async def test_a_limit_is_kept_for_its_endpoint_until_the_second_that_x_names(desk: Callable[..., Desk]) -> None:
    x = desk(XMentions(), search=True)
    fill(x.wire, 3)
    reset = int(datetime.now(UTC).timestamp()) + 600
    headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
    x.server.faults.add("busy", "*/mentions", times=9, headers=headers)
    async with Http(patience=1.0) as http:
        collector = x.collector(http)
        for _ in range(2):
            with pytest.raises(BusyError) as caught:
                await anext(collector.collect(Bookmark(), SINCE))
            assert caught.value.limited
            assert caught.value.until is not None
            assert abs(caught.value.until.timestamp() - reset) < 5
        assert len(x.asked("/mentions")) == 1
        assert await collector.check()  # the search has a window of its own
    assert x.spent == Decimal("0.005")


async def test_empty_pages_that_lead_on_for_ever_end(desk: Callable[..., Desk]) -> None:
    x = desk(XSearch())
    x.wire.answer = lambda asked: Reply({"meta": {"result_count": 0, "next_token": "again"}})  # type: ignore[method-assign]
    (gap,) = await x.round()
    assert isinstance(gap, Gap)
    assert len(x.server.asked) == 2


async def test_budgets_are_one_unless_they_are_named_apart(desk: Callable[..., Desk]) -> None:
    one, same, apart = desk(XOwn()), desk(XSearch(), bearer_token_env="OTHER"), desk(XSearch(), budget_name="agency")
    assert one.pot.name == same.pot.name != apart.pot.name
    assert "agency" in apart.pot.title


# What is there no more


async def test_posts_that_are_gone_are_told_and_others_are_not(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn())
    kept, deleted, protected, hidden = fill(x.wire, 4)
    x.wire.gone = {deleted.number: "https://api.x.com/2/problems/resource-not-found", protected.number: NOT_AUTHORIZED}
    x.wire.gone[hidden.number] = "https://api.x.com/2/problems/not-authorized-for-field"
    got = await x.look(kept, deleted, protected, hidden)
    assert {record.native_id for record in got if isinstance(record, Gone)} == {post_id(deleted), post_id(protected)}
    assert [one.native_id for one in metrics(got)] == [post_id(kept)]


async def test_an_empty_answer_is_no_deletion(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn())
    fill(x.wire, 2)
    x.server.faults.add("change", "/2/tweets", times=9, change=lambda body: {})
    with pytest.raises(BusyError):
        await x.look(*x.wire.said)
    x.server.faults.clear()
    x.server.faults.add("change", "/2/tweets", times=9, change=lambda body: {"data": body["data"][:1]})
    assert not [record for record in await x.look(*x.wire.said) if isinstance(record, Gone)]


async def test_many_posts_are_looked_up_a_hundred_a_call(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn())
    fill(x.wire, 250)
    assert len(metrics(await x.look(*x.wire.said))) == 250
    assert [len(asked.one("ids").split(",")) for asked in x.asked("/2/tweets")] == [100, 100, 50]
    assert x.spent == x.wire.charged == 250 * POST
    for _ in range(5):  # free for the rest of the day
        clock.forward(hours=1)
        assert len(metrics(await x.look(*x.wire.said))) == 250
    assert x.spent == x.wire.charged == 250 * POST


async def test_look_ups_go_as_far_as_the_budget_and_what_is_free_comes_first(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn(), budget_usd=1)
    fill(x.wire, 500)
    await x.look(*x.wire.said[300:310])
    remarks: list[str] = []
    got = [one.native_id for one in metrics(await x.look(*x.wire.said, remarks=remarks))]
    assert got == [post_id(post) for post in (*x.wire.said[300:310], *x.wire.said[:190])]
    assert remarks == ["予算のため、300 件の再確認を見送りました"]
    assert x.spent == x.wire.charged == 1


async def test_a_plan_knows_what_look_ups_cost_and_what_is_free(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn(), budget_usd=1)
    fill(x.wire, 3)
    await x.look(x.wire.said[0])
    async with Http() as http:
        collector = x.collector(http)
        (money,) = [means for means in collector.means() if means.per_post]
        assert (money.per_post, money.left, money.limit) == (0.005, 0.995, 1.0)
        known = [Known(post_id(post), post.at) for post in x.wire.said]
        assert collector.free_now(known) == {known[0].native_id}
        assert [collector.looks_up(Known(ident, NOW)) for ident in ("123", "at://x", "１２３")] == [True, False, False]


# What it costs


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"budget_usd": -1},
        {"budget_usd": "nan"},
        {"budget_usd": True},
        {"budget_usd": 1, "user_id": None},
        {"budget_usd": 1, "what": "mentions", "user_id": None, "search": False},
        {"budget_usd": 1, "private_metrics": True},
        {"budget_usd": 1, "user_token_env": "A", "refresh_token_env": "B"},
        {"budget_usd": 1, "account": "not a name"},
    ],
)
def test_settings_without_a_budget_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        XSettings.model_validate({"name": "x", "brand": "yomori", "user_id": USER, **wrong})
    assert XSettings.model_validate({"name": "x", "brand": "yomori", "user_id": USER, "budget_usd": 0.1}).budget_usd == Decimal("0.1")


async def test_no_money_no_reading(desk: Callable[..., Desk]) -> None:
    x = desk(XOwn(), budget_usd=0)
    fill(x.wire, 3)
    with pytest.raises(BusyError):
        await x.round()
    assert not x.server.asked


async def test_a_small_rest_is_spent_on_a_small_page_and_the_rest_is_read_next_month(desk: Callable[..., Desk], clock: Clock) -> None:
    x = desk(XOwn(), budget_usd="0.11", ahead_days=31, account=None, user_id=USER)
    said = fill(x.wire, 40)
    with pytest.raises(BusyError) as caught:
        await x.round()
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert x.asked("/tweets")[0].one("max_results") == "22"
    assert x.wire.charged <= Decimal("0.11")
    clock.at = datetime(2026, 12, 1, 0, 5, tzinfo=UTC)
    await x.round()
    assert not x.bookmark.holes
    assert x.wire.charged == len(said) * POST


async def test_check_says_what_a_month_will_cost(desk: Callable[..., Desk]) -> None:
    x = desk(XSearch())
    fill(x.wire, 70)
    said = await x.check()
    assert "70 件" in said
    assert "1.50 ドル" in said
    assert x.spent == x.wire.charged == Decimal("0.005")
    own = desk(XOwn())
    fill(own.wire, 7)
    assert "ヨモリ 投稿 7 件" in await own.check()
    assert own.spent == own.wire.charged == Decimal("0.010")


async def test_a_month_of_rounds_stays_within_the_budget(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty days of a busy search and a busy account, killed now and then between the reservation and what came of it."""
    monkeypatch.setattr(os, "fsync", lambda file: None)  # forty days' worth of them; no power is cut here
    clock.at = datetime(2026, 11, 1, 0, 7, tzinfo=UTC)
    file = tmp_path / "allowances.jsonl"
    worlds: list[Desk] = []
    for wire in (XSearch(), XOwn()):
        one = Desk(wire, clock, Allowances(file, clock), budget_usd=3, ahead_days=31)
        one.server.__enter__()
        worlds.append(one)
    by_month: dict[int, Decimal] = {}
    number = 0
    stopped: list[BusyError] = []
    try:
        for step in range(40 * 2):
            clock.forward(hours=12)
            for one in worlds:
                for n in range(10 if one.wire.name == "x-search" else 2):
                    one.wire.say(f"ヨモリ {number + n}", clock() - timedelta(hours=1, minutes=n))
                number += 10
                if step % 11 == 3:
                    # a kill: reserved, sent (perhaps), and nothing of it written down
                    one.allowances.reserve(one.pot, min(Decimal("0.02"), one.allowances.left(one.pot)))
                one.allowances = Allowances(file, clock)  # every round is a new process
                try:
                    await one.round()
                    await one.look(*one.wire.said[-30:])
                except BusyError as error:
                    stopped.append(error)
        for one in worlds:
            for key, price in one.wire.hits.items():
                by_month[int(key[5:7])] = by_month.get(int(key[5:7]), Decimal(0)) + price
    finally:
        for one in worlds:
            one.server.__exit__()
    assert stopped
    assert all(error.limited and error.until is not None and (error.until.day, error.until.hour) == (1, 0) for error in stopped)
    assert set(by_month) == {11, 12}
    assert all(spent <= 3 for spent in by_month.values())
    assert by_month[11] > Decimal("2.2")  # and the budget is used, not shunned


async def test_a_busy_month_is_heard_every_day(desk: Callable[..., Desk], clock: Clock) -> None:
    clock.at = datetime(2026, 11, 1, 0, 7, tzinfo=UTC)
    x = desk(XSearch(), budget_usd=6)
    stopped: list[bool] = []
    for day in range(30):
        for hour in (2, 9, 20):
            clock.at = datetime(2026, 11, 1 + day, hour, tzinfo=UTC)
            x.wire.said = [
                Said(day * 1000 + hour * 40 + n, "ヨモリ", clock() - timedelta(minutes=3 + n), 0, {"author": FAN}) for n in range(60)
            ]
            try:
                await x.round()
            except BusyError as error:
                stopped.append(error.until == clock.at.replace(hour=0) + timedelta(days=1))
    assert stopped
    assert all(stopped[:-2])
    read = Counter(key[:10] for key in x.wire.hits)
    assert len(read) == 30
    assert read["2026-11-01"] > 100  # some days' worth at once, where there is so much
    assert min(read.values()) >= 20
    assert Decimal("5.5") < x.wire.charged == x.spent <= 6


# Whatever comes

FAST = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _page() -> dict[str, Any]:
    wire = XOwn()
    for number in range(4):
        wire.say(
            f"ヨモリ {number} #茶",
            NOW - timedelta(hours=number + 1),
            likes=1000 + number,
            references=[{"type": "quoted", "id": "5"}],
            note=f"ヨモリの長い話 {number}",
            entities={"hashtags": [{"tag": "茶", "start": 0, "end": 2}], "urls": [{"expanded_url": "https://example.com/"}]},
        )
    fields = "created_at,public_metrics,author_id,lang,conversation_id,referenced_tweets,note_tweet,entities,non_public_metrics"
    query = {"max_results": ["100"], "tweet.fields": [fields], "expansions": ["author_id"]}
    asked = Asked("GET", f"/2/users/{USER}/tweets", query, {"authorization": f"Bearer {BEARER['HIBIKI_X_BEARER_TOKEN']}"}, b"")
    body: dict[str, Any] = json.loads(wire.answer(asked).bytes())
    return body


PAGE = _page()


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, one in inner for place in _places(one, (*way, key)))]


ITEM_PLACES = [place for place in _places(PAGE["data"][1]) if place]


def storable(records: list[Record]) -> None:
    for record in records:
        for name in record.__dataclass_fields__:
            value = getattr(record, name)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    text.encode("utf-8")
        if isinstance(record, Metrics):
            counts = (record.views, record.likes, record.comments, record.shares, record.saves)
            assert all(count is None or (type(count) is int and 0 <= count < 2**63) for count in counts)
        if isinstance(record, Post):
            assert record.created_at.utcoffset() == timedelta(0)


@FAST
@given(st.sampled_from(ITEM_PLACES), JSON, st.booleans())
def test_a_spoiled_post_spoils_no_other_and_no_number(place: tuple[Any, ...], value: Any, drop: bool) -> None:
    page = copy.deepcopy(PAGE)
    inner = page["data"][1]
    for key in place[:-1]:
        inner = inner[key]
    if drop and isinstance(inner, dict):
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    got = run(json.dumps(page).encode())
    assert got is not None
    storable(got)
    whole = {item["id"]: item["public_metrics"]["like_count"] for number, item in enumerate(PAGE["data"]) if number != 1}
    likes = {record.native_id: record.likes for record in metrics(got)}
    assert whole.items() <= likes.items()
    if "like_count" not in place:
        assert likes.get(PAGE["data"][1]["id"], 1001) in (1001, None)
    rejected = [record for record in got if isinstance(record, Reject)]
    assert len(posts(got)) + bool([r for r in rejected if "#2" in r.place and "count" not in r.reason]) == 4 or len(posts(got)) == 4


@FAST
@given(
    JSON
    | st.builds(lambda inner: {"data": inner, "meta": {}}, st.lists(JSON))
    | st.builds(
        lambda inner: {"errors": inner, "data": []},
        st.lists(JSON | st.dictionaries(st.sampled_from(["type", "resource_id", "value"]), JSON)),
    )
    | st.builds(
        lambda inner: {"data": PAGE["data"], "includes": inner, "meta": {}},
        JSON | st.dictionaries(st.sampled_from(["users", "tweets"]), JSON),
    ),
    st.booleans(),
)
def test_no_json_breaks_it(answer: Any, refresh: bool) -> None:
    storable(run(json.dumps(answer).encode(), refresh) or [])


@FAST
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_break_it(body: bytes, refresh: bool) -> None:
    storable(run(body, refresh) or [])


@pytest.mark.parametrize("name", [FAN, f"@U{FAN}"])
async def test_whoever_is_to_be_left_out_is_left_out_of_the_mentions_too(desk: Callable[..., Desk], name: str) -> None:
    x = desk(XMentions(), ignore_authors=(name,), author_names=True)
    x.wire.say("@yomori_jp ヨモリを飲んだ", NOW - timedelta(minutes=30), author=FAN)
    x.wire.say("@yomori_jp ヨモリを買った", NOW - timedelta(minutes=20), author="555")
    assert [record.text for record in await x.round() if isinstance(record, Post)] == ["@yomori_jp ヨモリを買った"]
