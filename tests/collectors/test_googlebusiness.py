"""Google Business Profile's reviews: words for stars, translations, pages that leave reviews out, what is gone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError
from collectors.googlebusiness import PAGE, GoogleBusinessCollector, original
from collectors.http import Http
from collectors.tokens import Tokens
from collectors.words import BrandWords
from store.records import Gone, Kpi, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes.googlebusiness import GoogleBusiness
from tests.collectors.wire import WireServer


@pytest.fixture
def wire() -> GoogleBusiness:
    return GoogleBusiness()


@pytest.fixture
def server(wire: GoogleBusiness) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
async def context(clock: Clock) -> AsyncIterator[Context]:
    async with Http(patience=2.0, timeout=2.0) as http:
        yield Context(http, BrandWords("yomori", ("ヨモリ",), ()), GoogleBusiness.secrets, clock, (), Tokens(None, clock))


class Rounds:
    """Rounds of one source, each with the bookmark of the one before."""

    def __init__(self, wire: GoogleBusiness, server: WireServer, context: Context) -> None:
        self.wire, self.server, self.context = wire, server, context
        self.bookmark = Bookmark()
        self.remarks: list[str] = []

    async def go(self) -> list[Record]:
        collector = GoogleBusinessCollector(self.wire.settings(self.server.url), self.context)
        got = [record async for record in collector.collect(self.bookmark, SINCE)]
        self.bookmark = Bookmark.from_json(json.loads(json.dumps(collector.next_bookmark.to_json())))
        self.remarks = collector.remarks
        return got


@pytest.fixture
def rounds(wire: GoogleBusiness, server: WireServer, context: Context) -> Rounds:
    return Rounds(wire, server, context)


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def gone(records: list[Record]) -> list[str]:
    return [record.native_id for record in records if isinstance(record, Gone)]


@pytest.mark.parametrize(("number", "stars"), [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (5, 5.0), (0, None)])
async def test_stars_are_words(wire: GoogleBusiness, rounds: Rounds, number: int, stars: float | None) -> None:
    wire.say("良い", NOW - timedelta(hours=1), stars=number, author="hana", reply="ありがとうございます")
    (post,) = posts(await rounds.go())
    assert (post.text, post.stars, post.author_name, post.kind) == ("良い", stars, "hana", "review")


async def test_a_word_that_is_new_is_unknown_and_told(wire: GoogleBusiness, server: WireServer, rounds: Rounds) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    server.faults.add("change", "*/reviews", change=lambda body: {**body, "reviews": [{**body["reviews"][0], "starRating": "SIX"}]})
    got = await rounds.go()
    assert [post.stars for post in posts(got)] == [None]
    assert [record for record in got if isinstance(record, Reject)]


async def test_stars_alone_are_a_review_and_nobody_is_named_who_hides(wire: GoogleBusiness, rounds: Rounds) -> None:
    wire.say("-", NOW - timedelta(hours=1), comment=None, anonymous=True, author="Google ユーザー")
    (post,) = posts(await rounds.go())
    assert (post.text, post.stars, post.author_name) == ("", 4.0, None)


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("おいしい", "おいしい"),
        ("(Translated by Google) Delicious\n\n(Original)\nおいしい", "おいしい"),
        ("おいしい\n\n(Translated by Google)\nDelicious", "おいしい"),
        ("", ""),
    ],
)
def test_a_translation_is_taken_off(comment: str, text: str) -> None:
    assert original(comment) == text


async def test_the_average_and_the_number_are_figures_of_the_day(wire: GoogleBusiness, rounds: Rounds) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    figures = {(kpi.name, kpi.value) for kpi in await rounds.go() if isinstance(kpi, Kpi)}
    assert figures == {("googlebusiness.stars.222", 4.2), ("googlebusiness.reviews.222", 1.0)}


async def test_an_old_review_that_is_changed_today_is_read_again(wire: GoogleBusiness, rounds: Rounds) -> None:
    old = wire.say("良い", NOW - timedelta(days=400))
    wire.say("普通", NOW - timedelta(days=2))
    assert len(posts(await rounds.go())) == 1
    old.text, old.more["updated"] = "悪くなった", NOW - timedelta(hours=2)
    (post,) = posts(await rounds.go())
    assert (post.text, post.created_at) == ("悪くなった", old.at)


async def test_what_a_whole_reading_does_not_show_is_gone(wire: GoogleBusiness, rounds: Rounds, clock: Clock) -> None:
    for number in range(PAGE + 5):
        wire.say(f"良い {number}", NOW - timedelta(hours=number + 1))
    await rounds.go()
    lost = wire.said.pop(PAGE + 2)
    assert not gone(await rounds.go())  # the newest page alone proves nothing
    clock.forward(days=1, minutes=1)
    assert gone(await rounds.go()) == [wire.native_id(lost)]
    clock.forward(days=1, minutes=1)
    assert not gone(await rounds.go())


async def test_pages_that_leave_reviews_out_are_told_and_nothing_is_called_gone(wire: GoogleBusiness, rounds: Rounds, clock: Clock) -> None:
    for number in range(PAGE + 5):
        wire.say(f"良い {number}", NOW - timedelta(hours=number + 1))
    await rounds.go()
    assert not rounds.remarks
    wire.hidden = {PAGE + 1, PAGE + 3}
    clock.forward(days=1, minutes=1)
    assert not gone(await rounds.go())
    assert f"{PAGE + 5} 件のうち {PAGE + 3} 件" in rounds.remarks[0]
    wire.hidden.clear()
    clock.forward(days=1, minutes=1)
    assert not posts(await rounds.go())


async def test_a_review_of_long_ago_that_was_kept_is_gone_when_it_goes(wire: GoogleBusiness, rounds: Rounds, clock: Clock) -> None:
    lost = wire.say("良い", NOW - timedelta(days=29))
    wire.say("普通", NOW - timedelta(days=1))
    await rounds.go()
    for _ in range(3):
        clock.forward(days=20)  # it is older than anything that is read now
        await rounds.go()
    wire.said.remove(lost)
    clock.forward(days=2)
    assert gone(await rounds.go()) == [wire.native_id(lost)]


async def test_one_token_serves_an_hour(wire: GoogleBusiness, server: WireServer, rounds: Rounds, clock: Clock) -> None:
    await rounds.go()
    await rounds.go()
    assert server.count("/token") == 1
    wire.access = "ya29.another"
    await rounds.go()
    assert server.count("/token") == 2


async def test_consent_that_was_taken_back_says_how_to_give_it_again(wire: GoogleBusiness, rounds: Rounds) -> None:
    wire.revoked = True
    with pytest.raises(AccessError) as caught:
        await rounds.go()
    assert "HIBIKI_GOOGLE_REFRESH_TOKEN" in caught.value.advice
    assert not [secret for secret in wire.secrets.values() if secret in f"{caught.value!r}{caught.value.advice}"]
