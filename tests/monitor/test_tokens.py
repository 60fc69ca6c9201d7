"""Tokens in a home: nothing that is written or said holds one, and their end is told days before."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from store.home import Home
from tests.collectors.fakes.facebook import PAGE, FacebookWire
from tests.collectors.fakes.graph import TOKEN, GraphWire, refusal
from tests.collectors.fakes.instagram import ACCOUNT, InstagramComments, InstagramOwn
from tests.collectors.fakes.threads import TOKEN as THREADS_TOKEN
from tests.collectors.fakes.threads import ThreadsOwn
from tests.collectors.wire import WireServer
from tests.monitor.conftest import BRAND, Hibiki

NOW = datetime.now(UTC).replace(microsecond=0)
PAGE_TOKEN = "EAAPageTokenThatLasts0123456789"
SECRETS = (TOKEN, THREADS_TOKEN, PAGE_TOKEN, f"{THREADS_TOKEN}-renewed1", "app-secret-0123456789")


def source(wire: GraphWire, server: WireServer, name: str, **more: str) -> str:
    told = wire.settings(server.url).model_dump(exclude_defaults=True, include={"account", "what", "login", "service", "tagged"})
    lines = {"name": name, "kind": wire.settings(server.url).kind, "brand": "solato"} | told | more
    said = "".join(f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n" for key, value in lines.items())
    return "\n[[source]]\n" + said.replace("'", '"')


class FacebookHere(FacebookWire):
    """A Page whose posts are its own."""

    name = "facebook"
    listing = "*/published_posts"


@pytest.fixture
def page() -> Iterator[tuple[FacebookHere, WireServer]]:
    wire = FacebookHere()
    with WireServer(wire) as server:
        yield wire, server


@pytest.fixture
def home_of_page(home: Home, page: tuple[FacebookHere, WireServer]) -> Home:
    home.settings.write_text(BRAND + source(page[0], page[1], "page"), encoding="utf-8")
    home.env.write_text(f"HIBIKI_FACEBOOK_TOKEN={TOKEN}\n", encoding="utf-8")
    home.env.chmod(0o600)
    return home


def test_the_end_of_a_token_is_told_by_check_collect_and_status(
    home_of_page: Home, page: tuple[FacebookHere, WireServer], hibiki: Hibiki
) -> None:
    page[0].expires_at = int((NOW + timedelta(days=5)).timestamp())
    for command, *more in (["check"], ["collect", "--no-score"], ["status"]):
        ran = hibiki(home_of_page, command, *more)
        assert ran.code == 0, ran.err
        assert "に切れます" in ran.out, command
        assert "HIBIKI_FACEBOOK_TOKEN" in ran.out, command


def test_a_token_that_lasts_is_not_spoken_of(home_of_page: Home, page: tuple[FacebookHere, WireServer], hibiki: Hibiki) -> None:
    page[0].expires_at = int((NOW + timedelta(days=50)).timestamp())
    assert "切れます" not in hibiki(home_of_page, "check").out
    page[0].expires_at = 0
    assert "切れます" not in hibiki(home_of_page, "collect", "--no-score").out


def test_a_new_token_in_the_environment_counts_at_once(
    home_of_page: Home, page: tuple[FacebookHere, WireServer], hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, _ = page
    assert hibiki(home_of_page, "collect", "--no-score").code == 0
    monkeypatch.setattr(wire, "token", "EAAGAnotherToken", raising=False)
    assert hibiki(home_of_page, "collect", "--no-score").code == 6
    home_of_page.env.write_text("HIBIKI_FACEBOOK_TOKEN=EAAGAnotherToken\n", encoding="utf-8")
    assert hibiki(home_of_page, "collect", "--no-score").code == 0


def test_what_is_stored_is_for_the_owner_alone(home_of_page: Home, page: tuple[FacebookHere, WireServer], hibiki: Hibiki) -> None:
    page[0].page_token = PAGE_TOKEN
    assert hibiki(home_of_page, "collect", "--no-score").code == 0
    assert stat.S_IMODE(home_of_page.tokens.stat().st_mode) == 0o700
    kept = [file for file in home_of_page.tokens.iterdir() if PAGE_TOKEN in file.read_text()]
    assert len(kept) == 1
    assert {stat.S_IMODE(file.stat().st_mode) for file in home_of_page.tokens.iterdir()} == {0o600}


# --- nothing shows a token


def content(file: Path) -> str:
    """Everything that a file says, whatever its format."""
    raw = file.read_bytes().decode("utf-8", "replace")
    if file.suffix == ".parquet":
        return raw + str(pq.read_table(file).to_pylist())
    if file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as con:
            tables = [name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()]
            return raw + "".join(str(con.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables)
    return raw


def everything(home: Home) -> Iterator[tuple[Path, str]]:
    for file in sorted(home.root.rglob("*")):
        if file.is_file() and file != home.env and home.tokens not in file.parents:
            yield file, content(file)


def test_after_a_bad_day_no_token_is_written_or_said_anywhere(home: Home, hibiki: Hibiki) -> None:
    wires: list[GraphWire] = [InstagramOwn(), InstagramComments(), FacebookHere(), ThreadsOwn()]
    servers = [WireServer(wire) for wire in wires]
    try:
        for wire, server in zip(wires, servers, strict=True):
            server.__enter__()
            for number in range(3):
                wire.say(f"ソラト {number}", NOW - timedelta(hours=2 + number))
        names = ("ig", "ig-comments", "fb", "th")
        told = (source(wire, server, name) for wire, server, name in zip(wires, servers, names, strict=True))
        secret = 'app_secret_env = "HIBIKI_META_SECRET"\n'
        home.settings.write_text(BRAND + secret.join(told) + secret, encoding="utf-8")
        home.env.write_text(
            f"HIBIKI_INSTAGRAM_TOKEN={TOKEN}\nHIBIKI_FACEBOOK_TOKEN={TOKEN}\nHIBIKI_THREADS_TOKEN={THREADS_TOKEN}\n"
            "HIBIKI_META_SECRET=app-secret-0123456789\n",
            encoding="utf-8",
        )
        wires[2].page_token = PAGE_TOKEN  # type: ignore[attr-defined]
        said = ""
        for day in range(4):
            for server in servers:
                server.faults.clear()
            _spoil(day, wires, servers)
            for command in (["check"], ["run", "--rounds", "1", "--no-score"], ["status", "--json"]):
                ran = hibiki(home, *command)
                said += ran.out + ran.err
                _close_logs()
    finally:
        for server in servers:
            server.__exit__()
    found = dict(everything(home))
    assert home.logs / "hibiki.log" in found
    assert any(file.suffix == ".duckdb" for file in found)
    assert "access_token" in "".join(found.values())  # the spoiled rows were kept, without what they gave away
    shown = [str(file) for file, text in found.items() if any(one in text for one in SECRETS)]
    assert shown == []
    assert not [one for one in SECRETS if one in said]


def _close_logs() -> None:
    """Let go of the log file, as the end of a process does."""
    for name in ("hibiki", "stamina"):
        logger = logging.getLogger(name)
        for handler in logger.handlers[:]:
            handler.close()
            logger.removeHandler(handler)
        logger.propagate = True


def _spoil(day: int, wires: list[GraphWire], servers: list[WireServer]) -> None:
    """A well day; one of errors that repeat the token; one of rows that hold it; one of outages."""

    def leak(body: Any) -> Any:
        rows = body.get("data", [])
        for row in rows if isinstance(rows, list) else ():
            row.pop("id", None)
            row["next"] = f"https://graph.facebook.com/x?access_token={TOKEN}&token={THREADS_TOKEN} {PAGE_TOKEN} app-secret-0123456789"
        return body

    for wire, server in zip(wires, servers, strict=True):
        wire.refuse = {}
        if day == 1:
            said = f"Invalid OAuth access token {TOKEN} {THREADS_TOKEN} {PAGE_TOKEN} app-secret-0123456789"
            wire.refuse = {".*(media|published_posts|me/threads)": refusal(190, said), f"{ACCOUNT}|{PAGE}|me": refusal(100, said)}
        if day == 2:
            server.faults.add("change", "*/media", times=99, change=leak)
            server.faults.add("change", "*/published_posts", times=99, change=leak)
            server.faults.add("change", "*/threads", times=99, change=leak)
        if day == 3:
            server.faults.add("broken_json", "*", times=2)
            server.faults.add("error", "*", times=99, status=503)
