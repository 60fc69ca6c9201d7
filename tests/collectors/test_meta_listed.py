"""Others' posts that only a list shows: what leaves the list was deleted, unless the list itself seems broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from collectors.errors import AccessError, BusyError
from collectors.refresh import Known
from tests.collectors.conftest import NOW, Clock
from tests.collectors.fakes.facebook import FacebookTagged
from tests.collectors.fakes.graph import GraphWire, refusal
from tests.collectors.fakes.instagram import InstagramHashtag, InstagramTags
from tests.collectors.fakes.threads import ThreadsMentions, ThreadsSearch
from tests.collectors.meta import Desk, gone, metrics, posts
from tests.collectors.wire import Reply

HOUR = timedelta(hours=1)
LISTS = (InstagramTags, FacebookTagged, ThreadsMentions)


@pytest.fixture(params=LISTS, ids=lambda wire: wire.name)
def desk(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Desk]:
    wire: GraphWire = request.param()
    for number in range(60):
        wire.say(f"散歩 {number}", NOW - timedelta(hours=2 + 4 * number), likes=number)
    with Desk(wire, clock) as desk:
        yield desk


def known(desk: Desk, *numbers: int) -> list[Known]:
    return [Known(desk.wire.native_id(desk.wire.said[number]), desk.wire.said[number].at) for number in numbers]


async def test_what_left_the_list_is_gone_and_the_rest_is_there(desk: Desk) -> None:
    await desk.round()
    assert {one.native_id for one in metrics(await desk.look(*known(desk, 3, 55)))} == {one.native_id for one in known(desk, 3, 55)}
    desk.wire.gone = {4}
    got = await desk.look(*known(desk, 3, 55))
    assert gone(got) == [known(desk, 3)[0].native_id]
    assert [one.native_id for one in metrics(got)] == [known(desk, 55)[0].native_id]


async def test_no_more_of_the_list_is_read_than_is_needed(desk: Desk) -> None:
    await desk.round()
    desk.server.asked.clear()
    await desk.look(*known(desk, 0))
    pages = [asked for asked in desk.server.asked if asked.path.endswith(desk.wire.listing.strip("*"))]
    assert len(pages) <= 2


async def test_a_changed_text_comes_again(desk: Desk) -> None:
    await desk.round()
    assert posts(await desk.look(*known(desk, 2))) == []
    desk.wire.said[2].text = "散歩(追記)"
    assert [post.text for post in posts(await desk.look(*known(desk, 2)))] == ["散歩(追記)"]
    assert posts(await desk.look(*known(desk, 2))) == []


async def test_an_empty_list_counts_only_when_it_stays_empty(desk: Desk) -> None:
    await desk.round()
    desk.wire.gone = set(range(1, 61))
    assert gone(await desk.look(*known(desk, 0, 1))) == []
    desk.clock.forward(minutes=30)
    assert gone(await desk.look(*known(desk, 0, 1))) == []
    desk.clock.forward(minutes=31)
    assert len(gone(await desk.look(*known(desk, 0, 1)))) == 2


async def test_an_empty_list_that_was_a_fault_erases_nothing(desk: Desk) -> None:
    await desk.round()
    desk.wire.gone = set(range(1, 61))
    await desk.look(*known(desk, 0))
    desk.wire.gone = set()
    await desk.look(*known(desk, 0))
    desk.clock.forward(hours=2)
    desk.wire.gone = set(range(1, 61))
    assert gone(await desk.look(*known(desk, 0))) == []


async def test_a_list_that_cannot_be_read_whole_erases_nothing(desk: Desk) -> None:
    await desk.round()
    desk.wire.gone = {1}

    def spoiled(body: Any) -> Any:
        body["data"][0].pop("id")
        return body

    desk.server.faults.add("change", desk.wire.listing, change=spoiled)
    assert gone(await desk.look(*known(desk, 0))) == []
    desk.wire.repeat = True
    assert gone(await desk.look(*known(desk, 0, 59))) == []
    desk.wire.repeat = False
    desk.server.faults.add("error", desk.wire.listing, times=9, status=503)
    with pytest.raises(BusyError):
        await desk.look(*known(desk, 0))
    desk.server.faults.clear()
    assert gone(await desk.look(*known(desk, 0))) == [known(desk, 0)[0].native_id]


async def test_what_a_hashtag_found_is_not_looked_for_in_the_list_of_tags(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.say("#ヨモリ", NOW - 2 * HOUR)
    with Desk(wire, clock, tagged=True) as desk:
        wire.refuse[".*/tags"] = Reply({"data": []})
        await desk.round()
        found = Known(wire.native_id(wire.said[0]), wire.said[0].at)
        assert not desk.collector.looks_up(found)
        assert await desk.look(found) == []


@pytest.mark.parametrize("wire_type", [*LISTS, InstagramHashtag, ThreadsSearch], ids=lambda wire: wire.name)
async def test_check_tries_what_others_write(wire_type: type[GraphWire], clock: Clock) -> None:
    wire = wire_type()
    with Desk(wire, clock) as desk:
        assert await desk.check()
        wire.refuse[".*(tags|tagged|mentions|keyword_search|ig_hashtag_search)"] = refusal(10, "(#10) No permission", status=403)
        with pytest.raises(AccessError) as caught:
            await desk.check()
        assert "使わないなら" in caught.value.advice
