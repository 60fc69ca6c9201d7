"""A budget from the settings to the page: what is spent in rounds is told by `hibiki check`, and lands in the store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from collectors.allowance import Allowances
from collectors.base import Context
from collectors.errors import BusyError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from monitor.round import Part, Round
from monitor.settings import load, secrets
from store import queries
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.published import connect
from tests.collectors.fakes.webpage import Site
from tests.collectors.fakes.x import XSearch
from tests.collectors.wire import Asked, Reply, WireServer
from tests.monitor.conftest import BRAND, Hibiki


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def x() -> Iterator[WireServer]:
    with WireServer(XSearch(now)) as running:
        yield running


def source(x: WireServer, name: str, budget: str) -> str:
    return f'[[source]]\nname = "{name}"\nkind = "x"\nbrand = "solato"\nwhat = "mentions"\nbudget_usd = {budget}\nahead_days = 31\nservice = "{x.url}"\nlang = "ja"\n'


@pytest.fixture
def paid(home: Home, x: WireServer) -> Home:
    home.settings.write_text(BRAND + source(x, "x-search", "1.5") + source(x, "x-less", "1.2"), encoding="utf-8")
    home.env.write_text("HIBIKI_X_BEARER_TOKEN=AAAA-bearer-of-the-app\n", encoding="utf-8")
    home.env.chmod(0o600)
    for number in range(20):
        x.wire.say(f"ソラトを買った {number}", now() - timedelta(hours=1 + number), author="77")
    return home


def parts(home: Home) -> list[Part]:
    settings = load(home)
    return asyncio.run(Round(home, settings, Inbox(home), secrets(home)).go(settings.sources))


def go(home: Home) -> list[str | None]:
    return [part.outcome for part in parts(home)]


def test_what_rounds_spend_is_in_the_published_data(paid: Home) -> None:
    assert go(paid) == ["ok", "ok"]
    with Owner.open(paid) as owner:
        owner.ingest()
        owner.publish()
    with connect(paid) as connection:
        (row,) = queries.allowances(connection, now().replace(tzinfo=None)).to_dict("records")
        later = queries.allowances(connection, now().replace(tzinfo=None) + timedelta(days=32)).to_dict("records")
    assert (row["platform"], row["unit"], row["allowed"]) == ("x", "USD", 1.5)
    assert row["spent"] == pytest.approx(0.1)  # twenty posts, though two sources found each
    assert row["resets_at"].day == 1
    assert later[0]["spent"] != later[0]["spent"]  # a new month, of which nothing is known


def test_check_tells_what_is_spent_and_what_a_month_costs(paid: Home, hibiki: Hibiki) -> None:
    go(paid)
    ran = hibiki(paid, "check")
    assert ran.code == 0, ran.out + ran.err
    assert "直近 7 日に 20 件" in ran.out.replace("\n", "")
    assert "0.11 / 1.50 ドル" in ran.out.replace("\n", "")  # with the two counts that check itself asked for
    assert "予算を超える見込み" not in ran.out
    assert "AAAA-bearer" not in ran.out + ran.err


def test_an_allowance_of_which_nothing_is_used_begins_anew_at_no_time(home: Home, hibiki: Hibiki) -> None:
    with WireServer(Site()) as server:
        play = f'[[source]]\nname = "play"\nkind = "googleplay"\nbrand = "solato"\nwhat = "mentions"\npackage = "jp.example.app"\nservice = "{server.url}"\n'
        home.settings.write_text(BRAND + play, encoding="utf-8")
        (line,) = [line for line in hibiki(home, "check").out.splitlines() if "200" in line]
        assert line.endswith("0 / 200 回")


def test_check_warns_where_the_budget_will_not_do(paid: Home, x: WireServer, hibiki: Hibiki) -> None:
    paid.settings.write_text(BRAND + source(x, "x-less", "0.4"), encoding="utf-8")
    ran = hibiki(paid, "check")
    assert ran.code == 0
    assert "月 0.43 ドル" in ran.out.replace("\n", "")
    assert "予算を超える見込み" in ran.out
    assert "予算を増やす" in ran.out.replace("\n", "")


def test_a_source_beyond_its_budget_rests_until_the_month_ends(paid: Home, x: WireServer) -> None:
    for number in range(90):
        x.wire.say(f"ソラトをまた買った {number}", now() - timedelta(minutes=2 + number), author="77")
    paid.settings.write_text(BRAND + source(x, "x-less", "0.2"), encoding="utf-8")
    (part,) = parts(paid)
    assert (part.outcome, part.limited) == ("busy", True)
    assert part.advice is not None
    assert "予算を増やす" in part.advice
    assert not paid.bookmark("x-less").read_text().count('"not_before": null')
    assert x.wire.charged <= 0.2


def test_look_ups_that_cost_nothing_more_today_need_no_budget(paid: Home, x: WireServer) -> None:
    paid.settings.write_text(BRAND + source(x, "x-less", "0.11"), encoding="utf-8")
    settings = load(paid)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)  # far from midnight, after which nothing is free
    x.wire.now = lambda: noon
    for number, post in enumerate(x.wire.said):
        post.at = noon - timedelta(hours=1 + number)

    async def candidates(source: Any, platform: str) -> list[Known]:
        return [Known(x.wire.native_id(post), post.at, noon - timedelta(hours=9)) for post in x.wire.said]

    round_ = Round(paid, settings, Inbox(paid), secrets(paid), candidates=candidates, now=lambda: noon)
    (part,) = asyncio.run(round_.go(settings.sources))
    assert (part.outcome, part.posts) == ("ok", 20)
    assert part.metrics == 40  # once when they were found, once looked up
    assert x.count("/2/tweets") - x.count("/search") == 1
    assert float(x.wire.charged) == pytest.approx(0.1)


def test_a_kill_while_a_paid_answer_is_on_its_way_leaves_it_counted(paid: Home, x: WireServer) -> None:
    paid.settings.write_text(BRAND + source(x, "x-search", "0.55"), encoding="utf-8")
    on_its_way, over, answer = threading.Event(), threading.Event(), x.wire.answer

    def slow(asked: Asked) -> Reply:
        on_its_way.set()
        over.wait(30)
        reply = answer(asked)  # X has counted the posts, whether or not anybody listens any more
        assert isinstance(reply, Reply)
        return reply

    x.wire.answer = slow
    command = [sys.executable, "-m", "monitor.cli", "--home", str(paid.root), "collect", "--no-score"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        assert on_its_way.wait(60)
        process.kill()
    over.set()
    x.wire.answer = answer
    (budget,) = make(load(paid).sources[0], Context(Http(), BrandWords("solato"))).allowances
    assert Allowances(paid.allowances).spent(budget) == Decimal("0.50")  # a hundred posts, the most that the answer could have held
    assert go(paid) == ["busy"]  # what is left buys the first ten of the twenty
    with pytest.raises(BusyError):
        Allowances(paid.allowances).reserve(budget, Decimal("0.06"))
    assert x.wire.charged <= Decimal("0.55")
