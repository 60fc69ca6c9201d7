"""Google Play's reviews: the service account, seven days, two hundred questions an hour, edits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.allowance import Allowances
from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.googleplay import HOURLY, REACH, GooglePlayCollector
from collectors.http import Http
from collectors.tokens import Tokens
from collectors.words import BrandWords
from store.records import Gap, Metrics, Post, Record, Reject
from tests.collectors.conftest import EXAMPLES, NOW, SINCE, Clock
from tests.collectors.fakes.googleplay import EMAIL, KEY_FILE, PACKAGE, PRIVATE, GooglePlay, google_error
from tests.collectors.wire import WireServer


@pytest.fixture
def wire() -> GooglePlay:
    return GooglePlay()


@pytest.fixture
def server(wire: GooglePlay) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
async def context(clock: Clock, tmp_path: Path) -> AsyncIterator[Context]:
    async with Http(patience=2.0, timeout=2.0) as http:
        words = BrandWords("yomori", ("ヨモリ",), ())
        yield Context(
            http, words, GooglePlay.secrets, clock, (), Tokens(tmp_path / "tokens", clock), Allowances(tmp_path / "a.jsonl", clock)
        )


async def read(wire: GooglePlay, server: WireServer, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], Bookmark]:
    collector = GooglePlayCollector(wire.settings(server.url), context)
    got = [record async for record in collector.collect(bookmark or Bookmark(), SINCE)]
    return got, Bookmark.from_json(json.loads(json.dumps(collector.next_bookmark.to_json())))


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def gaps(records: list[Record]) -> list[tuple[Any, Any]]:
    return [(record.from_at, record.to_at) for record in records if isinstance(record, Gap)]


async def test_a_review_comes_as_it_was_written(wire: GooglePlay, server: WireServer, context: Context) -> None:
    wire.say("Slow", NOW - timedelta(hours=2), likes=5, stars=2, original="遅いです", author="hana", answer="すみません")
    wire.say("便利", NOW - timedelta(hours=3), title="毎日")
    got, _ = await read(wire, server, context)
    first, second = posts(got)
    assert (first.text, first.stars, first.author_name, first.lang, first.tags) == ("遅いです", 2.0, "hana", "ja", ("v3.2.1",))
    assert (first.kind, first.relation, second.text) == ("review", "mention", "毎日\n便利")
    assert [count.likes for count in got if isinstance(count, Metrics)] == [5, 0]


async def test_one_token_serves_an_hour_and_is_renewed_once(wire: GooglePlay, server: WireServer, context: Context, clock: Clock) -> None:
    _, saved = await read(wire, server, context)
    await read(wire, server, context, saved)
    assert wire.given == 1
    wire.access = "ya29.another"  # the old one is not taken any more
    await read(wire, server, context, saved)
    assert wire.given == 2
    clock.forward(minutes=55)
    await read(wire, server, context, saved)
    assert wire.given == 3


async def test_neither_key_nor_statement_nor_token_is_left_anywhere(
    wire: GooglePlay, server: WireServer, context: Context, tmp_path: Path
) -> None:
    await read(wire, server, context)
    kept = "".join(file.read_text() for file in (tmp_path / "tokens").iterdir())
    assert wire.access in kept  # the short-lived one alone
    assert "PRIVATE KEY" not in kept
    assert PRIVATE.splitlines()[1] not in kept
    wire.access = "good"
    server.faults.add("expired", "*/reviews", times=9)
    with pytest.raises(AccessError) as caught:
        await read(wire, server, context)
    assert "good" not in f"{caught.value!r}{caught.value.advice}{context!r}"


async def test_only_seven_days_are_given_and_what_lies_before_is_a_gap_once(
    wire: GooglePlay, server: WireServer, context: Context, clock: Clock
) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    got, saved = await read(wire, server, context)
    assert gaps(got) == [(SINCE, NOW - REACH)]
    got, saved = await read(wire, server, context, saved)
    assert not got
    clock.forward(days=10)
    got, _ = await read(wire, server, context, saved)
    assert gaps(got) == [(NOW, NOW + timedelta(days=10) - REACH)]


async def test_a_changed_review_is_the_same_review(wire: GooglePlay, server: WireServer, context: Context) -> None:
    post = wire.say("良い", NOW - timedelta(days=2))
    _, saved = await read(wire, server, context)
    post.text, post.at, post.more["stars"] = "悪くなった", NOW - timedelta(hours=1), 1
    got, _ = await read(wire, server, context, saved)
    (found,) = posts(got)
    assert (found.native_id, found.text, found.stars) == (wire.native_id(post), "悪くなった", 1.0)


async def test_two_hundred_questions_an_hour_are_never_exceeded(
    wire: GooglePlay, server: WireServer, context: Context, clock: Clock
) -> None:
    collector = GooglePlayCollector(wire.settings(server.url), context)
    (hourly,) = collector.allowances
    context.allowances.settle(context.allowances.reserve(hourly, HOURLY - 1))
    await collector.check()
    with pytest.raises(BusyError) as caught:
        await collector.check()
    assert caught.value.limited
    assert server.count("/reviews") == 1
    clock.forward(hours=1, minutes=1)
    await collector.check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "開けません"),
        ("{", "JSON ではありません"),
        ("[]", "サービスアカウントの鍵ではありません"),
        ('{"type": "authorized_user", "client_email": "a", "private_key": "b"}', "サービスアカウントの鍵ではありません"),
        ('{"type": "service_account", "client_email": 1, "private_key": "b"}', "サービスアカウントの鍵ではありません"),
        ('{"type": "service_account", "client_email": "a", "private_key": "geheim-kaputt"}', "秘密鍵が壊れています"),
    ],
)
async def test_a_key_file_that_is_none_says_how_to_mend_it(
    wire: GooglePlay, server: WireServer, context: Context, text: str | None, said: str
) -> None:
    settings_ = wire.settings(server.url)
    KEY_FILE.unlink() if text is None else KEY_FILE.write_text(text, encoding="utf-8")
    with pytest.raises(AccessError, match=said) as caught:
        await GooglePlayCollector(settings_, context).check()
    assert "HIBIKI_GOOGLE_PLAY_KEY_FILE" in caught.value.advice
    assert "geheim" not in caught.value.message + caught.value.advice
    assert not server.asked


async def test_the_key_itself_in_the_variable_is_told_and_not_shown(wire: GooglePlay, server: WireServer, http: Http, clock: Clock) -> None:
    context = Context(http, BrandWords("yomori", (), ()), {"HIBIKI_GOOGLE_PLAY_KEY_FILE": '{"private_key": "geheim"}'}, clock)
    with pytest.raises(AccessError) as caught:
        await GooglePlayCollector(wire.settings(server.url), context).check()
    assert "geheim" not in caught.value.message + caught.value.advice


async def test_a_key_that_google_does_not_take_is_told(wire: GooglePlay, server: WireServer, context: Context) -> None:
    settings_ = wire.settings(server.url)
    key = json.loads(KEY_FILE.read_text())
    KEY_FILE.write_text(json.dumps({**key, "client_email": "other@x.example"}))
    with pytest.raises(AccessError, match="invalid_scope"):
        await GooglePlayCollector(settings_, context).check()
    assert EMAIL not in KEY_FILE.read_text()


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (google_error(403, "PERMISSION_DENIED", "no", "forbidden"), AccessError, "Play Console"),
        (google_error(403, "PERMISSION_DENIED", "off", "accessNotConfigured"), AccessError, "有効に"),
        (google_error(404, "NOT_FOUND", "Package not found", "applicationNotFound"), AccessError, "package"),
        (google_error(403, "RESOURCE_EXHAUSTED", "slow", "rateLimitExceeded"), BusyError, "回数制限"),
        (google_error(400, "INVALID_ARGUMENT", "bad", "badRequest"), FormatError, "受け付けません"),
    ],
)
async def test_what_google_refuses_is_told_apart(
    wire: GooglePlay, server: WireServer, context: Context, reply: Any, error: type[SourceError], said: str
) -> None:
    settings_, answer = wire.settings(server.url), wire.answer
    wire.answer = lambda asked: answer(asked) if asked.path == "/token" else reply  # type: ignore[method-assign]
    with pytest.raises(error) as caught:
        await GooglePlayCollector(settings_, context).check()
    assert said in f"{caught.value.message} {caught.value.advice}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["userComment", "lastModified", "seconds", "text"]), inner, max_size=3)
    ),
    max_leaves=6,
)


SHARED = Tokens(None, lambda: NOW)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["reviewId", "comments", "authorName", "text", "lastModified", "starRating", "thumbsUpCount", "appVersionName"]), JSON
)
async def test_a_spoiled_review_spoils_no_other_and_no_number(
    wire: GooglePlay, server: WireServer, clock: Clock, key: str, value: Any
) -> None:
    wire.said.clear()
    for number in range(3):
        wire.say(f"良い {number}", NOW - timedelta(hours=number + 1), likes=10 + number)
    server.faults.clear()

    def spoil(body: Any) -> Any:
        review = body["reviews"][1]
        (review if key in review else review["comments"][0]["userComment"])[key] = value
        return body

    server.faults.add("change", "*/reviews", change=spoil)
    async with Http() as http:
        context = Context(http, BrandWords("yomori", (), ()), GooglePlay.secrets, clock, (), SHARED)
        got, _ = await read(wire, server, context)
    likes = {count.native_id: count.likes for count in got if isinstance(count, Metrics)}
    assert likes.items() >= {(wire.native_id(wire.said[0]), 10), (wire.native_id(wire.said[2]), 12)}
    assert all(post.stars is None or 1 <= post.stars <= 5 for post in posts(got))
    assert all(isinstance(record, Post | Metrics | Gap | Reject) for record in got)
    assert PACKAGE in server.asked[-1].path
