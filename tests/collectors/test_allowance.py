"""Allowances: never exceeded, whoever asks, and however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.allowance import PACIFIC_DAY, Allowance, Allowances, Charge, Day, Month, Reservation, Rolling, Window
from collectors.errors import AccessError, BusyError, SourceError
from collectors.http import Http
from tests.collectors.conftest import EXAMPLES, NOW, Clock

MONEY = Allowance("x", Decimal("1.00"), "USD", Month(), "X の予算")
TAGS = Allowance("tags", 3, "hashtags", Rolling(timedelta(days=7)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "allowances.jsonl"


@pytest.fixture
def allowances(file: Path, clock: Clock) -> Allowances:
    return Allowances(file, clock)


def test_what_is_reserved_counts_until_it_is_settled(allowances: Allowances) -> None:
    held = allowances.reserve(MONEY, Decimal("0.60"))
    assert (allowances.spent(MONEY), allowances.left(MONEY)) == (Decimal("0.60"), Decimal("0.40"))
    with pytest.raises(BusyError):
        allowances.reserve(MONEY, Decimal("0.41"))
    allowances.settle(held, Decimal("0.10"))
    assert allowances.spent(MONEY) == Decimal("0.10")
    allowances.settle(held, Decimal("0.10"))
    allowances.reserve(MONEY, Decimal("0.90"))
    assert allowances.left(MONEY) == 0


def test_one_that_is_used_up_says_until_when_and_how_much(allowances: Allowances) -> None:
    allowances.settle(allowances.reserve(MONEY, 1))
    with pytest.raises(BusyError) as caught:
        allowances.reserve(MONEY, Decimal("0.005"))
    assert caught.value.limited
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC) == allowances.resets_at(MONEY)
    assert "X の予算" in caught.value.message
    assert "1 / 1 USD" in caught.value.message


def test_what_others_hold_for_a_moment_is_waited_for_that_long_only(allowances: Allowances, clock: Clock) -> None:
    held = allowances.reserve(MONEY, Decimal("0.6"))
    for wanted, until in ((Decimal("0.5"), clock() + timedelta(minutes=1)), (Decimal("1.1"), datetime(2026, 12, 1, tzinfo=UTC))):
        with pytest.raises(BusyError) as caught:
            allowances.reserve(MONEY, wanted)
        assert caught.value.until == until
    clock.forward(minutes=11)  # whoever held it is dead
    with pytest.raises(BusyError) as caught:
        allowances.reserve(MONEY, Decimal("0.5"))
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)
    allowances.settle(held, 0)
    allowances.reserve(MONEY, Decimal("0.5"))


def test_nothing_costs_nothing(allowances: Allowances, file: Path) -> None:
    allowances.settle(allowances.reserve(Allowance("none", 0, "calls", Month()), 0), 0)
    with pytest.raises(BusyError):
        allowances.reserve(Allowance("none", 0, "calls", Month()), 1)
    with pytest.raises(ValueError, match="below 0"):
        allowances.reserve(MONEY, -1)
    assert file.read_text().count("\n") == 1


def test_another_process_and_a_restart_see_the_same(allowances: Allowances, file: Path, clock: Clock) -> None:
    other = Allowances(file, clock)
    held = allowances.reserve(MONEY, Decimal("0.5"))
    assert other.spent(MONEY) == Decimal("0.5")
    other.settle(held, Decimal("0.2"))
    assert allowances.spent(MONEY) == Decimal("0.2") == Allowances(file, clock).spent(MONEY)


WINDOWS: list[tuple[Window, datetime, datetime, datetime]] = [
    (Month(), datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    (Month(), datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    (Day(), datetime(2026, 11, 20, 3, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
    (PACIFIC_DAY, datetime(2026, 11, 20, 3, tzinfo=UTC), datetime(2026, 11, 19, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC)),
    # the clocks go back on 1 November 2026: a day of 25 hours; and forward on 14 March 2027: one of 23
    (PACIFIC_DAY, datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    (PACIFIC_DAY, datetime(2027, 3, 14, 23, tzinfo=UTC), datetime(2027, 3, 14, 8, tzinfo=UTC), datetime(2027, 3, 15, 7, tzinfo=UTC)),
    (Rolling(timedelta(hours=1)), NOW, NOW - timedelta(hours=1), NOW + timedelta(hours=1)),
]


@pytest.mark.parametrize(("window", "now", "start", "end"), WINDOWS)
def test_windows_begin_and_end_where_the_platforms_say(window: Window, now: datetime, start: datetime, end: datetime) -> None:
    assert (window.start(now), window.end(now)) == (start, end)


def test_a_new_month_begins_at_nothing(allowances: Allowances, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    allowances.settle(allowances.reserve(MONEY, 1))
    clock.at = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    assert allowances.spent(MONEY) == 0
    allowances.reserve(MONEY, 1)


def test_what_is_on_its_way_at_the_turn_of_the_month_counts_in_the_new_one(allowances: Allowances, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)
    held = allowances.reserve(MONEY, Decimal("0.8"))
    clock.at = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
    with pytest.raises(BusyError):
        allowances.reserve(MONEY, Decimal("0.3"))
    allowances.settle(held, Decimal("0.7"))
    assert allowances.spent(MONEY) == Decimal("0.7")


def test_a_rolling_window_lets_go_one_by_one(allowances: Allowances, clock: Clock) -> None:
    hour = Allowance("play", 3, "calls", Rolling(timedelta(hours=1)))
    for _ in range(3):
        allowances.settle(allowances.reserve(hour, 1))
        clock.forward(minutes=10)
    with pytest.raises(BusyError) as caught:
        allowances.reserve(hour, 2)
    assert caught.value.until == NOW + timedelta(minutes=70)
    assert allowances.resets_at(hour) == NOW + timedelta(minutes=60)
    clock.at = NOW + timedelta(minutes=61)
    assert allowances.left(hour) == 1


def test_a_key_counts_once_in_its_window(allowances: Allowances, file: Path, clock: Clock) -> None:
    allowances.settle(allowances.reserve_each(TAGS, ["茶", "新茶", "茶"]))
    clock.forward(days=3)
    again = allowances.reserve_each(TAGS, ["茶", "抹茶"])
    assert again.amount == 1
    allowances.settle(again)
    with pytest.raises(BusyError) as caught:
        allowances.reserve_each(TAGS, ["抹茶", "玉露"])
    assert caught.value.until == NOW + timedelta(days=7)
    assert allowances.reserve_each(TAGS, ["新茶"]).amount == 0
    clock.at = NOW + timedelta(days=7, minutes=1)
    assert Allowances(file, clock).reserve_each(TAGS, ["玉露", "茶"]).amount == 2


def test_a_key_that_was_refused_is_new_again(allowances: Allowances) -> None:
    allowances.settle(allowances.reserve_each(TAGS, ["茶", "新茶"]), 0)
    assert allowances.spent(TAGS) == 0
    assert allowances.reserve_each(TAGS, ["茶", "抹茶"]).amount == 2


def test_what_was_charged_today_is_not_charged_again(allowances: Allowances, clock: Clock) -> None:
    each, day = Decimal("0.005"), Day()
    first = allowances.reserve(MONEY, Decimal("0.5"))
    assert allowances.settle_each(first, {"p1": each, "p2": each}, day) == Decimal("0.010")
    second = allowances.reserve(MONEY, Decimal("0.5"))
    assert allowances.settle_each(second, {"p2": each, "p3": each}, day) == Decimal("0.005")
    assert allowances.charged(MONEY, {"p1", "p9"}) == {"p1"}
    assert allowances.spent(MONEY) == Decimal("0.015")
    clock.at = datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
    assert allowances.charged(MONEY, {"p1"}) == set()  # an answer may come after midnight
    clock.at = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    third = allowances.reserve(MONEY, Decimal("0.5"))
    assert allowances.settle_each(third, {"p1": each}, day) == each


def test_a_forecast_goes_on_as_in_the_last_days(allowances: Allowances, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 1, tzinfo=UTC)
    allowances.settle(allowances.reserve(MONEY, Decimal("0.01")))
    assert allowances.standing(MONEY).forecast is None
    for _ in range(9):
        clock.forward(days=1)
        allowances.settle(allowances.reserve(MONEY, Decimal("0.01")))
    standing = allowances.standing(MONEY)
    assert standing.spent == Decimal("0.10")
    assert standing.forecast is not None
    assert round(standing.forecast, 6) == Decimal("0.31")  # 21 more days at 0.01


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from collectors.allowance import Allowance, Allowances, Month
money = Allowance("x", Decimal("1.00"), "USD", Month())
mine = Allowances(Path(sys.argv[1]))
held = [mine.reserve(money, Decimal("0.25")) for _ in range(int(sys.argv[2]))]
mine.settle(held[0], Decimal("0.05"))
print("held", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_reserved_stays_counted(file: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(file), "3"], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "held\n"
    money = Allowance("x", Decimal("1.00"), "USD", Month())
    mine = Allowances(file)
    assert mine.spent(money) == Decimal("0.55")
    with pytest.raises(BusyError):
        mine.reserve(money, Decimal("0.46"))


SPENDER = """
import sys
from pathlib import Path
from collectors.allowance import Allowance, Allowances, Month
from collectors.errors import BusyError
calls, mine, got = Allowance("calls", 50, "calls", Month()), Allowances(Path(sys.argv[1])), 0
try:
    while True:
        mine.settle(mine.reserve(calls, 1), 1)
        got += 1
except BusyError:
    print(got)
"""


def test_several_processes_never_exceed_it_together(file: Path) -> None:
    run = [sys.executable, "-c", SPENDER, str(file)]
    children = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    got = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(got) == 50


def test_threads_never_exceed_it_together(allowances: Allowances) -> None:
    calls = Allowance("calls", 20, "calls", Month())

    def spend(_: int) -> bool:
        try:
            allowances.reserve(calls, 1)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(40))) == 20


def test_a_line_that_was_never_finished_is_cut_off(allowances: Allowances, file: Path, clock: Clock) -> None:
    allowances.reserve(MONEY, Decimal("0.5"))
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"id":"ab","name":"x","at":"2026-11-')
    fresh = Allowances(file, clock)
    assert fresh.spent(MONEY) == Decimal("0.5")
    assert file.read_bytes() == whole
    fresh.reserve(MONEY, Decimal("0.25"))
    assert allowances.spent(MONEY) == Decimal("0.75")


def test_a_journal_whose_maker_was_killed_at_once_is_begun_again(file: Path, clock: Clock) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b'{"journ')
    assert Allowances(file, clock).spent(MONEY) == 0


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"id":"a"}\n', b'{"id":"a","name":"x","at":"2026-11-20","amount":"NaN","open":true}\n'])
def test_a_broken_record_is_no_reason_to_spend(allowances: Allowances, file: Path, clock: Clock, line: bytes) -> None:
    allowances.reserve(MONEY, Decimal("0.5"))
    file.write_bytes(file.read_bytes() + line)
    for mine in (allowances, Allowances(file, clock)):
        with pytest.raises(AccessError) as caught:
            mine.reserve(MONEY, Decimal("0.1"))
        assert str(file) in caught.value.message


def test_where_nothing_can_be_written_nothing_is_spent(tmp_path: Path, clock: Clock) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(BusyError):
        Allowances(blocked / "allowances.jsonl", clock).reserve(MONEY, Decimal("0.1"))


def test_a_full_disk_keeps_what_was_written(allowances: Allowances, monkeypatch: pytest.MonkeyPatch) -> None:
    allowances.reserve(MONEY, Decimal("0.5"))
    whole = os.pwrite

    def half(file: int, content: bytes, at: int) -> int:
        return whole(file, content[: len(content) // 2], at)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(BusyError):
        allowances.reserve(MONEY, Decimal("0.1"))
    monkeypatch.undo()
    assert allowances.spent(MONEY) == Decimal("0.5")


def test_the_file_stays_small_and_forgets_nothing_that_counts(
    allowances: Allowances, file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.ledger.LARGE", 500)
    calls = Allowance("calls", 10**6, "calls", Month())
    other = Allowances(file, clock)
    clock.at = datetime(2026, 11, 1, tzinfo=UTC)
    held = allowances.reserve(calls, 7)
    allowances.reserve_each(TAGS, ["茶"])
    for number in range(60):
        (allowances, other)[number % 2].settle(allowances.reserve(calls, 1))
        clock.forward(minutes=5)
    assert file.read_bytes().count(b"\n") < 60  # of 123 that were written
    assert allowances.spent(calls) == other.spent(calls) == Allowances(file, clock).spent(calls) == 67
    assert other.reserve_each(TAGS, ["茶"]).amount == 0
    allowances.settle(held, 2)
    assert other.spent(calls) == 62
    clock.forward(days=33)
    for _ in range(30):
        allowances.settle(allowances.reserve(calls, 1))
    assert allowances.spent(calls) == 30
    assert b'"amount":"7"' not in file.read_bytes()


AMOUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans(), st.integers(0, 3 * 86400)), max_size=40)


@settings(max_examples=EXAMPLES, deadline=None)
@given(AMOUNTS, st.sampled_from([Month(), Day(), PACIFIC_DAY, Rolling(timedelta(hours=30))]))
def test_no_order_of_events_exceeds_an_allowance(events: list[tuple[int, int, bool, int]], window: Window) -> None:
    clock = Clock()
    allowances, allowance = Allowances(None, clock), Allowance("any", 100, "units", window)
    used: list[tuple[datetime, int]] = []
    held: list[Reservation] = []
    for amount, actual, settles, seconds in events:
        clock.forward(seconds=seconds)
        try:
            held.append(allowances.reserve(allowance, amount))
        except BusyError as error:
            busy = error
        else:
            busy = None
        if busy is not None:
            assert busy.until is not None
            assert busy.until > clock()
            continue
        if settles:
            allowances.settle(held[-1], min(actual, amount))
        used.append((clock(), min(actual, amount) if settles else amount))
        assert sum(amount for at, amount in used if at >= window.start(clock())) <= 100
        assert allowances.spent(allowance) <= 100


def transport(*answers: int | Exception) -> httpx.MockTransport:
    waiting = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        one = waiting.pop(0)
        if isinstance(one, Exception):
            raise one
        return httpx.Response(one, json={})

    return httpx.MockTransport(answer)


@pytest.mark.parametrize(
    ("answers", "spent"),
    [
        ((200,), Decimal("0.01")),
        ((503, 200), Decimal("0.01")),  # refused: not charged
        ((httpx.ConnectError("no"), 200), Decimal("0.01")),  # never left
        ((httpx.ReadTimeout("slow"), 200), Decimal("0.26")),  # perhaps charged
        ((404,), Decimal(0)),
    ],
)
async def test_each_attempt_of_a_request_is_reserved(answers: tuple[int | Exception, ...], spent: Decimal, allowances: Allowances) -> None:
    charge = Charge(allowances, MONEY, Decimal("0.25"))
    async with Http(transport=transport(*answers)) as http:
        try:
            await http.of().ask("https://api.example/posts", charge=charge)
            charge.settle(Decimal("0.01"))
        except SourceError:
            assert answers == (404,)
    assert allowances.spent(MONEY) == spent


@pytest.mark.parametrize(("repeats_free", "spent"), [(True, Decimal("0.01")), (False, Decimal("0.51"))])
async def test_attempts_that_got_lost_cost_nothing_where_repeats_are_free(
    repeats_free: bool, spent: Decimal, allowances: Allowances
) -> None:
    charge = Charge(allowances, MONEY, Decimal("0.25"), repeats_free=repeats_free)
    lost = httpx.ReadTimeout("slow")
    async with Http(transport=transport(lost, lost, 200)) as http:
        await http.of().ask("https://api.example/posts", charge=charge)
    assert allowances.spent(MONEY) == Decimal("0.75")
    charge.settle_each({"p1": Decimal("0.01")}, Day())
    assert allowances.spent(MONEY) == spent


async def test_a_request_beyond_the_allowance_is_not_sent(allowances: Allowances) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        line = http.of()
        first = Charge(allowances, MONEY, Decimal("0.9"))
        await line.ask("https://api.example/", charge=first)
        first.settle(Decimal("0.9"))
        with pytest.raises(BusyError) as caught:
            await line.ask("https://api.example/", charge=Charge(allowances, MONEY, Decimal("0.2")))
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert len(asked) == 1


def test_a_quota_that_refusals_use_too_stays_used(allowances: Allowances) -> None:
    units = Allowance("youtube", 10_000, "units", PACIFIC_DAY)
    charge = Charge(allowances, units, 100, refused_costs=True)
    charge.sending()
    charge.answered(403)
    assert allowances.spent(units) == 100
