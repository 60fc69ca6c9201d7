"""Tokens that expire: kept for the owner's eyes only, renewed once, superseded by the environment, announced before they end."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import stat
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from collectors.base import Context
from collectors.errors import AccessError, BusyError
from collectors.tokens import RETRY_AFTER, WARN_BEFORE, Token, Tokens
from tests.collectors.conftest import NOW, Clock

MARGIN = timedelta(minutes=10)
HOUR = timedelta(hours=1)


def renewing(clock: Clock, lasts: timedelta = HOUR, pause: float = 0.0) -> tuple[list[Token], Callable[[Token], Awaitable[Token]]]:
    """What was asked to be renewed, and a platform that renews: access-1, access-2, …; its refresh token is another one each time."""
    asked: list[Token] = []

    async def renew(old: Token) -> Token:
        asked.append(old)
        await asyncio.sleep(pause)
        return Token(f"access-{len(asked)}", f"refresh-{len(asked)}", clock() + lasts, clock() + timedelta(days=365))

    return asked, renew


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> Tokens:
    return Tokens(tmp_path / "data" / "tokens", clock)


def test_begins_with_the_environment(tokens: Tokens) -> None:
    assert tokens.get("x") is None
    assert tokens.get("x", env="from-env") == Token("from-env")
    assert tokens.get("x", env=Token("", "refresh-env")) == Token("", "refresh-env")


def test_what_was_saved_outlives_the_process(tokens: Tokens, tmp_path: Path, clock: Clock) -> None:
    token = Token("a", "r", NOW + HOUR, NOW + timedelta(days=60))
    tokens.save("x", token, env="from-env")
    again = Tokens(tmp_path / "data" / "tokens", clock)
    assert again.get("x", env="from-env") == token
    assert again.get("x") == token


def test_a_new_value_in_the_environment_supersedes_what_is_stored(tokens: Tokens) -> None:
    tokens.save("x", Token("stored"), env="old-value")
    assert tokens.get("x", env="new-value") == Token("new-value")
    tokens.save("x", Token("stored-2"), env="new-value")
    assert tokens.get("x", env="new-value") == Token("stored-2")


def test_only_the_owner_can_read(tokens: Tokens, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        tokens.save("x", Token("a"))
        tokens.save("x", Token("b"))
    finally:
        os.umask(before)
    folder = tmp_path / "data" / "tokens"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600]


def test_names_make_separate_files_whatever_they_hold(tokens: Tokens) -> None:
    tokens.save("../a b", Token("one"))
    tokens.save("../a-b", Token("two"))
    assert (tokens.get("../a b"), tokens.get("../a-b")) == (Token("one"), Token("two"))


async def test_a_token_that_lasts_is_left_alone(tokens: Tokens, clock: Clock) -> None:
    asked, renew = renewing(clock)
    tokens.save("x", Token("a", "r", NOW + HOUR), env="e")
    assert (await tokens.fresh("x", renew, MARGIN, env="e")).access == "a"
    assert asked == []


async def test_renews_before_the_end_and_keeps_what_came(tokens: Tokens, clock: Clock, tmp_path: Path) -> None:
    asked, renew = renewing(clock)
    env = Token("", "refresh-env")
    assert (await tokens.fresh("x", renew, MARGIN, env=env)).access == "access-1"
    clock.forward(minutes=51)
    again = Tokens(tmp_path / "data" / "tokens", clock)
    assert (await again.fresh("x", renew, MARGIN, env=env)).access == "access-2"
    assert [token.refresh for token in asked] == ["refresh-env", "refresh-1"]


async def test_sources_that_share_an_account_renew_once(tokens: Tokens, clock: Clock, tmp_path: Path) -> None:
    asked, renew = renewing(clock, pause=0.02)
    others = Tokens(tmp_path / "data" / "tokens", clock)  # as another process would have it
    env = Token("", "refresh-env")
    got = await asyncio.gather(*(each.fresh("x", renew, MARGIN, env=env) for each in (tokens, tokens, others, others)))
    assert {token.access for token in got} == {"access-1"}
    assert len(asked) == 1


def _renew_in_a_process(folder: Path, log: Path, ready: object) -> None:
    async def renew(old: Token) -> Token:
        with log.open("a") as out:
            out.write("renewed\n")
        await asyncio.sleep(0.2)
        return Token("shared", "r", NOW + HOUR)

    ready.wait()  # type: ignore[attr-defined]
    token = asyncio.run(Tokens(folder, lambda: NOW).fresh("x", renew, MARGIN, env=Token("", "r0")))
    assert token.access == "shared"


def test_processes_renew_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(3)
    arguments = (tmp_path / "tokens", tmp_path / "log", ready)
    processes = [spawn.Process(target=_renew_in_a_process, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "renewed\n"


async def test_a_refresh_token_that_is_not_given_anew_still_holds(tokens: Tokens, clock: Clock) -> None:
    async def renew(old: Token) -> Token:
        assert old.refresh == "the-only-one"
        return Token("access", None, clock() + HOUR)

    env = Token("", "the-only-one", None, NOW + timedelta(days=3))
    for _ in range(3):
        got = await tokens.fresh("x", renew, MARGIN, env=env)
        assert (got.refresh, got.refresh_expires_at) == ("the-only-one", NOW + timedelta(days=3))
        clock.forward(minutes=55)
    assert tokens.expiry("x", env=env) is not None


async def test_nobody_waits_for_ever_for_a_renewal_while_the_old_token_works(
    tokens: Tokens, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.tokens._SHORT_PATIENCE", 0.0)
    asked, renew = renewing(clock, pause=0.2)
    tokens.save("x", Token("old", "r", NOW + MARGIN / 2), env="e")
    first = asyncio.create_task(tokens.fresh("x", renew, MARGIN, env="e"))
    await asyncio.sleep(0.05)
    assert (await tokens.fresh("x", renew, MARGIN, env="e")).access == "old"
    assert not first.done()
    assert (await first).access == "access-1"
    assert len(asked) == 1


async def test_a_token_that_was_refused_is_renewed_once(tokens: Tokens, clock: Clock) -> None:
    asked, renew = renewing(clock)
    tokens.save("x", Token("a", "r", NOW + HOUR), env="e")
    got = await asyncio.gather(*(tokens.fresh("x", renew, MARGIN, env="e", worn="a") for _ in range(3)))
    assert {token.access for token in got} == {"access-1"}
    assert len(asked) == 1


async def test_a_renewal_that_fails_is_no_error_while_the_old_token_works(tokens: Tokens, clock: Clock) -> None:
    tries = 0

    async def broken(old: Token) -> Token:
        nonlocal tries
        tries += 1
        raise BusyError("the platform is down")

    tokens.save("x", Token("a", "r", NOW + timedelta(days=1)), env="e")
    margin = timedelta(days=3)
    assert (await tokens.fresh("x", broken, margin, env="e")).access == "a"
    assert (await tokens.fresh("x", broken, margin, env="e")).access == "a"
    assert tries == 1
    ends = tokens.expiry("x", env="e")
    assert ends is not None
    assert "the platform is down" in ends.message()
    clock.forward(seconds=RETRY_AFTER.total_seconds())
    await tokens.fresh("x", broken, margin, env="e")
    assert tries == 2
    clock.forward(days=1)
    with pytest.raises(BusyError):
        await tokens.fresh("x", broken, margin, env="e")


async def test_an_expired_token_without_renewal_says_what_to_do(tokens: Tokens) -> None:
    tokens.save("x", Token("a", None, NOW - HOUR), env="e")
    with pytest.raises(AccessError) as error:
        await tokens.fresh("x", None, MARGIN, env="e")
    assert ".env" in error.value.advice
    assert (await tokens.fresh("x", None, MARGIN, env="a-new-one")).access == "a-new-one"


async def test_no_token_at_all(tokens: Tokens) -> None:
    with pytest.raises(AccessError):
        await tokens.fresh("x", None, MARGIN)


def test_warns_days_before_the_end(tokens: Tokens, clock: Clock) -> None:
    tokens.save("x", Token("a", None, NOW + timedelta(days=30)), env="e")
    assert tokens.expiry("x") is None
    clock.forward(days=23)
    ends = tokens.expiry("x")
    assert ends is not None
    assert ends.at == NOW + timedelta(days=30)
    assert tokens.expiry("x", env="another") is None


async def test_what_renews_itself_is_warned_of_by_the_end_of_its_renewal(tokens: Tokens, clock: Clock) -> None:
    _, renew = renewing(clock)
    await tokens.fresh("x", renew, MARGIN, env=Token("", "r"))
    assert tokens.expiry("x") is None  # ends in an hour, and is renewed by itself
    assert tokens.expiry("x", timedelta(days=366)) is not None
    assert timedelta(days=7) == WARN_BEFORE


async def test_a_token_of_unknown_end_is_renewed_to_learn_it(tokens: Tokens, clock: Clock) -> None:
    asked, renew = renewing(clock, timedelta(days=60))
    assert (await tokens.fresh("x", renew, MARGIN, env="long-lived")).expires_at == NOW + timedelta(days=60)
    await tokens.fresh("x", renew, MARGIN, env="long-lived")
    assert len(asked) == 1


async def test_a_short_token_is_not_renewed_each_round(tokens: Tokens, clock: Clock) -> None:
    asked, renew = renewing(clock, timedelta(days=5))
    for _ in range(20):
        await tokens.fresh("x", renew, timedelta(days=20), env="e")
        clock.forward(hours=12)
    assert len(asked) == 4


async def test_a_renewal_that_tells_no_end_is_not_repeated_each_round(tokens: Tokens, clock: Clock) -> None:
    asked = []

    async def renew(old: Token) -> Token:
        asked.append(old)
        return Token("endless")

    for _ in range(3):
        assert (await tokens.fresh("x", renew, MARGIN, env="e")).access == "endless"
    assert len(asked) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"access": "a"}', '{"access": "a", "refresh": null, "expires_at": "soon"}', "\x00"])
def test_a_broken_file_gives_way_to_the_environment(tokens: Tokens, tmp_path: Path, content: str) -> None:
    tokens.save("x", Token("stored"), env="e")
    (file,) = (tmp_path / "data" / "tokens").iterdir()
    file.write_text(content)
    assert tokens.get("x", env="e") == Token("e")


async def test_a_full_disk_loses_no_token(tokens: Tokens, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    asked, renew = renewing(clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert (await tokens.fresh("x", renew, MARGIN, env=Token("", "r"))).access == "access-1"
    assert (await tokens.fresh("x", renew, MARGIN, env=Token("", "r"))).access == "access-1"
    assert len(asked) == 1


def test_nothing_shows_a_token(tokens: Tokens, tmp_path: Path, context: Context) -> None:
    token = Token("secret-access", "secret-refresh", NOW)
    tokens.save("x", token, env="secret-env")
    shown = f"{token} {token!r} {tokens!r} {tokens} {context!r} {tokens.expiry('x')!r}"
    assert "secret" not in shown
    (file,) = (tmp_path / "data" / "tokens").iterdir()
    assert "secret-env" not in file.read_text()  # a mark of it is enough
    assert json.loads(file.read_text())["access"] == "secret-access"
