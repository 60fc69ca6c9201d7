"""What is TikTok's own: two APIs, errors inside answers of HTTP 200, tokens that change with every renewal, videos that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.tiktok import TikTokCollector, TikTokSettings
from collectors.tokens import Token, Tokens
from collectors.words import BrandWords
from store.records import Gone, Metrics, Post, Record
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes.tiktok import CLIENT, REFRESH, SECRET, TikTok, TikTokBusiness, refusal
from tests.collectors.wire import Reply, WireServer

both = pytest.mark.parametrize("wire", [TikTok(), TikTokBusiness()], ids=["display", "business"])


@pytest.fixture
def wire() -> TikTok:
    return TikTok()


@pytest.fixture
def server(wire: TikTok) -> Iterator[WireServer]:
    wire.__init__()  # type: ignore[misc]
    with WireServer(wire) as running:
        yield running


@pytest.fixture
def context(wire: TikTok, http: Http, clock: Clock) -> Context:
    return Context(http, BrandWords("yomori", ("ヨモリ",)), dict(wire.secrets), clock, tokens=Tokens(None, clock))


def collector(wire: TikTok, server: WireServer, context: Context) -> TikTokCollector:
    made = make(wire.settings(server.url), context)
    assert isinstance(made, TikTokCollector)
    return made


async def read(made: TikTokCollector, bookmark: Bookmark | None = None) -> list[Record]:
    return [record async for record in made.collect(bookmark or Bookmark(), SINCE)]


def known(wire: TikTok, *numbers: int) -> list[Known]:
    return [Known(wire.native_id(wire.said[number - 1]), wire.said[number - 1].at) for number in numbers]


@both
async def test_all_that_a_video_has_is_read(wire: TikTok, server: WireServer, context: Context) -> None:
    post = wire.say("ヨモリの淹れ方 #新茶", NOW - timedelta(hours=2), likes=5, views=12_345_678_901, shares=0)
    found, counts = await read(collector(wire, server, context))
    assert isinstance(found, Post)
    assert (found.relation, found.kind, found.tags) == ("own", "post", ("新茶",))
    assert found.url == f"https://www.tiktok.com/@yomori_tea/video/{wire.native_id(post)}"
    assert isinstance(counts, Metrics)
    assert (counts.views, counts.likes, counts.comments, counts.shares, counts.saves) == (12_345_678_901, 5, 0, 0, None)


@both
async def test_what_is_gone_what_changed_and_what_stayed(wire: TikTok, server: WireServer, context: Context) -> None:
    for number in range(25):
        wire.say(f"ヨモリ {number}", NOW - timedelta(hours=3, minutes=number), likes=number)
    made = collector(wire, server, context)
    await read(made)
    wire.gone = {3}
    wire.said[1].text, wire.said[1].likes = "ヨモリ(訂正)", 99
    server.asked.clear()
    got = [record async for record in made.refresh(known(wire, *range(1, 26)))]
    assert server.count("video/") == 2
    assert [record.native_id for record in got if isinstance(record, Gone)] == [wire.native_id(wire.said[2])]
    assert [record.text for record in got if isinstance(record, Post)] == ["ヨモリ(訂正)"]
    counts = {record.native_id: record.likes for record in got if isinstance(record, Metrics)}
    assert len(counts) == 24
    assert counts[wire.native_id(wire.said[1])] == 99
    again = [record async for record in made.refresh(known(wire, 2))]
    assert not [record for record in again if isinstance(record, Post)]


@both
async def test_nothing_is_gone_because_the_account_cannot_be_read(wire: TikTok, server: WireServer, context: Context) -> None:
    wire.say("ヨモリ", NOW - timedelta(hours=2))
    made = collector(wire, server, context)
    await read(made)

    def vanish(body: Any) -> Any:
        body["data"] = {"videos": []}
        return body

    if isinstance(wire, TikTokBusiness):
        server.faults.add("change", "*/video/list/", change=vanish)
    else:
        server.faults.add("change", "*/video/query/", change=vanish)
    server.faults.add("error", "*/video/list/", times=9, status=500)
    with pytest.raises(SourceError):
        assert not [record async for record in made.refresh(known(wire, 1))]


@both
async def test_a_token_that_wears_out_is_renewed_with_the_newest_refresh_token(
    wire: TikTok, http: Http, server: WireServer, clock: Clock, tmp_path: Path
) -> None:
    wire.say("ヨモリ", NOW - timedelta(hours=2))

    def fresh() -> TikTokCollector:
        tokens = Tokens(tmp_path / "tokens", clock)
        return collector(wire, server, Context(http, BrandWords("yomori"), dict(wire.secrets), clock, tokens=tokens))

    assert await read(fresh())
    assert wire.renewals == 1
    assert await read(fresh())
    assert wire.renewals == 1, "a token that lasts is not renewed in the next round"
    clock.forward(hours=3)
    assert await read(fresh())
    assert wire.renewals == 2, "the end was foreseen"
    wire.renewals += 1  # somebody else renewed it: ours is void, and so is our refresh token
    with pytest.raises(AccessError) as caught:
        await read(fresh())
    assert "HIBIKI_TIKTOK_REFRESH_TOKEN" in caught.value.advice
    said = f"{caught.value!r} {caught.value.message} {caught.value.advice}"
    assert not [secret for secret in (CLIENT, SECRET, REFRESH, wire.access, wire.refresh) if secret in said]


async def test_a_fault_of_the_renewal_that_passes_is_no_reason_to_authorize_again(http: Http, clock: Clock) -> None:
    wire = TikTokBusiness()
    wire.say("ヨモリ", NOW - timedelta(hours=2))
    context = Context(http, BrandWords("yomori", ("ヨモリ",)), dict(wire.secrets), clock, tokens=Tokens(None, clock))
    with WireServer(wire) as server:
        for code, limited in ((40100, True), (50000, False)):
            down = {"code": code, "message": "Too many requests" if limited else "System error", "request_id": "2026", "data": {}}
            server.faults.add("change", "*/refresh_token/", change=lambda body, down=down: down)
            with pytest.raises(BusyError) as caught:
                await read(collector(wire, server, context))
            assert caught.value.limited is limited
            wire.renewals = 0  # nothing was given
        assert len(await read(collector(wire, server, context))) == 2


async def test_the_end_of_the_refresh_token_is_foreseen(wire: TikTok, server: WireServer, context: Context) -> None:
    made = collector(wire, server, context)
    await made.check()
    assert not made.warnings
    wire.refresh_lasts = 3 * 86400
    context.tokens.save("tiktok-HIBIKI_TIKTOK_REFRESH_TOKEN", Token("", wire.refresh))
    made = collector(wire, server, context)
    await made.check()
    (warning,) = made.warnings
    assert "2026-11-23" in warning.message
    assert "HIBIKI_TIKTOK_REFRESH_TOKEN" in warning.advice


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal("scope_not_authorized", "video.list", 401), AccessError),
        (refusal("scope_permission_missed", "video.list", 400), AccessError),
        (refusal("rate_limit_exceeded", "too often", 200), BusyError),
        (refusal("internal_error", "oops", 200), BusyError),
        (refusal("invalid_params", "cursor", 400), FormatError),
        (Reply({"code": "scope_not_authorized", "message": "video.list", "log_id": "2"}), AccessError),
        (Reply({"data": {"videos": []}}), FormatError),
        (Reply({"data": {}, "error": {"code": "ok"}}), FormatError),
        (Reply([]), FormatError),
    ],
)
async def test_what_display_refuses_is_sorted(
    wire: TikTok, server: WireServer, context: Context, reply: Reply, error: type[SourceError]
) -> None:
    wire.listed = lambda *how: reply  # type: ignore[method-assign]
    with pytest.raises(error) as caught:
        await read(collector(wire, server, context))
    if isinstance(caught.value, BusyError) and "制限" in caught.value.message:
        assert caught.value.limited
        assert caught.value.until is not None


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (40001, "No permission", AccessError),
        (40002, "Invalid", FormatError),
        (40100, "Requests made too frequently", BusyError),
        (40100, "Access token is invalid", AccessError),
        (40102, "Access token is expired", AccessError),
        (50002, "Internal error", BusyError),
        (False, "OK", FormatError),
        ("0", "OK", FormatError),
    ],
)
async def test_what_business_refuses_with_http_200_is_sorted(
    http: Http, clock: Clock, code: Any, message: str, error: type[SourceError]
) -> None:
    wire = TikTokBusiness()
    with WireServer(wire) as server:
        refused = {"code": code, "message": message, "request_id": "1", "data": {"videos": []}}
        server.faults.add("change", "*/video/list/", times=9, change=lambda body: refused)
        made = collector(wire, server, Context(http, BrandWords("yomori"), dict(wire.secrets), clock))
        with pytest.raises(error):
            await read(made)


@pytest.mark.parametrize("more", [{"what": "mentions"}, {"api": "business"}, {"business_id": "b"}])
def test_settings_that_cannot_be_are_refused(more: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TikTokSettings.model_validate({"name": "t", "brand": "b", **more})
