"""The Bluesky collector against a real AT Protocol network: `make live`.

Accounts talk of a brand in Japanese, answer it, quote it and mention it; `hibiki collect` runs twice with likes, a deletion and a used-up
sign-in limit in between; after each, the published file must say exactly what the network's own app view says.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from tests.live.home import differences, facts, hibiki, sql
from tests.live.people import PASSWORD, Person, Ref, settle, views
from tests.live.servers import Missing, Network, network

SETTINGS = """
[[brand]]
id = "yomori"
name = "ヨモリ"
role = "own"
aliases = ["よもり"]

[[source]]
name = "own"
kind = "bluesky"
brand = "yomori"
what = "own"
service = "{appview}"
actor = "{own}"

[[source]]
name = "talk"
kind = "bluesky"
brand = "yomori"
what = "mentions"
service = "{appview}"
login_service = "{pds}"
actor = "{own}"
identifier = "{watcher}"
queries = ["ヨモリ"]

[[source]]
name = "told"
kind = "bluesky"
brand = "yomori"
what = "mentions"
service = "{appview}"
login_service = "{pds}"
actor = "{own}"
identifier = "{own}"
app_password_env = "HIBIKI_BLUESKY_OWN_PASSWORD"
queries = ["ヨモリ"]

[[source]]
name = "locked-out"
kind = "bluesky"
brand = "yomori"
what = "mentions"
service = "{appview}"
login_service = "{pds}"
identifier = "{tired}"
queries = ["ヨモリ"]
"""


def main() -> int:
    """Run the scenario; 0 when every figure agrees."""
    try:
        with network() as net, tempfile.TemporaryDirectory(prefix="hibiki-live-") as folder:
            print(f"network: data server {net.pds}, app view {net.appview}")
            return _scenario(net, Path(folder))
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2


def _scenario(net: Network, home: Path) -> int:
    brand, hana, riku, sora, watcher, tired = (
        Person(net, name).sign_up() for name in ("yomori", "hana", "riku", "sora", "watcher", "tired")
    )
    own = [brand.post(f"ヨモリの新茶、{day}日目の仕込みです🍃 #ヨモリの新茶") for day in range(1, 31)]
    talk = [
        hana.post("ヨモリのほうじ茶ラテ、香りがよくて気づいたら3本目☺️ #ヨモリ"),
        riku.post("ヨモリまた値上げか…もう買わない"),
        sora.post(f"@{brand.handle} ヨモリの玄米茶ってカフェイン入ってますか？", mention=brand),
        hana.post("ヨモリ、引用で。これ本当においしい", quote=own[0]),
        riku.post("返信：ヨモリのふた固すぎ", reply_to=(own[1], own[1])),
        # These do not name the brand: only the thread, the quotes and the notifications tell of them.
        sora.post("値段が高いです", reply_to=(own[2], own[2])),
        hana.post("これ、おすすめです", quote=own[4]),
        riku.post(f"@{brand.handle} 営業時間は？", mention=brand),
    ]
    other = [sora.post("今日は雨。コーヒーにした")]
    for person in (hana, riku, sora):
        person.like(own[0])
    riku.like(talk[0])
    sora.repost(own[0])
    brand.repost(talk[0])
    refs = [*own, *talk, *other]
    expected = {
        own[0].uri: {"likeCount": 3, "repostCount": 1, "quoteCount": 1},
        own[1].uri: {"replyCount": 1},
        own[2].uri: {"replyCount": 1},
        own[4].uri: {"quoteCount": 1},
        talk[0].uri: {"likeCount": 1, "repostCount": 1},
    }
    settle(net, refs, expected, [])
    _write_home(home, net, brand, watcher, tired)
    limited = _use_up_sign_ins(net, tired)
    print(f"sign-ins of one account until its limit: {limited}")

    print("\n$ hibiki collect\n" + hibiki(home, "collect"))
    wrong = _compare(home, net, [*own, *talk], other, "after the first round")

    hana.like(talk[1])
    sora.like(own[2])
    brand.delete(own[3])
    riku.delete(talk[4])
    late = sora.post("ヨモリのどら焼き、差し入れでもらった。うま #ヨモリ")
    settle(net, [*refs, late], {talk[1].uri: {"likeCount": 1}, own[2].uri: {"likeCount": 1}}, [own[3], talk[4]])
    print("\n$ hibiki collect --refresh-all\n" + hibiki(home, "collect", "--refresh-all"))
    wrong += _compare(home, net, [*own, *talk, late], other, "after the second round")
    wrong += _limit_was_reported(home)
    print("\nPASS" if not wrong else "\nFAIL\n" + "\n".join(wrong))
    return 1 if wrong else 0


def _write_home(home: Path, net: Network, brand: Person, watcher: Person, tired: Person) -> None:
    text = SETTINGS.format(pds=net.pds, appview=net.appview, own=brand.handle, watcher=watcher.handle, tired=tired.handle)
    home.joinpath("hibiki.toml").write_text(text, "utf-8")
    os.environ["HIBIKI_BLUESKY_APP_PASSWORD"] = watcher.app_password()
    os.environ["HIBIKI_BLUESKY_OWN_PASSWORD"] = brand.app_password()


def _use_up_sign_ins(net: Network, person: Person) -> int:
    """Sign in as ``person`` until the server answers 429, and return how many times it let us."""
    for count in range(200):
        body = {"identifier": person.handle, "password": PASSWORD}
        if httpx.post(f"{net.pds}/xrpc/com.atproto.server.createSession", json=body, timeout=30).status_code == 429:
            return count
    raise AssertionError("the server never answered 429")


def _compare(home: Path, net: Network, wanted: list[Ref], unwanted: list[Ref], when: str) -> list[str]:
    """Return every difference between the published file and the app view."""
    rows, shown = facts(home), views(net, wanted)
    wrong = differences(when, rows, {ref.uri: _told(shown.get(ref.uri)) for ref in wanted})
    return wrong + [f"{when}: {ref.uri} is not about the brand" for ref in unwanted if ref.uri in rows]


def _told(view: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the app view says of a post, in the published file's columns."""
    if view is None:
        return None
    return {
        "text": view["record"]["text"],
        "views": None,
        "likes": view["likeCount"],
        "comments": view["replyCount"],
        "shares": view["repostCount"] + view["quoteCount"],
        "saves": view.get("bookmarkCount"),
    }


def _limit_was_reported(home: Path) -> list[str]:
    runs = sql(home, "select outcome, message from runs where source = 'locked-out'")
    print(f"locked-out: {runs[0] if runs else 'no run'}")
    return [] if runs and all(run["outcome"] == "busy" for run in runs) else [f"the used-up limit was not reported as busy: {runs}"]


if __name__ == "__main__":
    sys.exit(main())
