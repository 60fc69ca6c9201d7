"""The Mastodon and Misskey collectors against real servers, each by its address and two tokens in the environment: `make live`.

    HIBIKI_LIVE_MASTODON_URL, HIBIKI_LIVE_MASTODON_TOKEN (the brand's account), HIBIKI_LIVE_MASTODON_FAN_TOKEN (another account)
    HIBIKI_LIVE_MISSKEY_URL, HIBIKI_LIVE_MISSKEY_TOKEN, HIBIKI_LIVE_MISSKEY_FAN_TOKEN

The tokens must be allowed to read, write and delete. The same scenario runs for each: two people post about an invented brand in public,
`hibiki collect` runs twice, and the published file must say exactly what the server says. All that was posted is deleted in the end.
What has no address is skipped. `--rehearse` runs the scenario against the test suite's own servers instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.live.home import differences, facts, hibiki
from tests.live.places import MastodonPlace, MisskeyPlace, Note, Place

PLACES: tuple[type[Place], ...] = (MastodonPlace, MisskeyPlace)
SETTINGS = """
[[brand]]
id = "yomori"
name = "{brand}"
role = "own"

[[source]]
name = "own"
kind = "{kind}"
brand = "yomori"
what = "own"
server = "{url}"
account = "{account}"
token_env = "HIBIKI_LIVE_TOKEN"

[[source]]
name = "talk"
kind = "{kind}"
brand = "yomori"
what = "mentions"
server = "{url}"
account = "{account}"
token_env = "HIBIKI_LIVE_TOKEN"
"""
OWN_POSTS = 8


def main(arguments: list[str]) -> int:
    """Run the scenario for every server that there is; 0 when every figure agrees."""
    failed = False
    with ExitStack() as stack:
        for kind in PLACES:
            place = _rehearsal(kind, stack) if "--rehearse" in arguments else kind.of_environment(os.environ)
            if place is None:
                names = ", ".join(kind.variables())
                print(f"{kind.kind}: 飛ばします。実行するには {names} を設定してください (skipped: set these)", flush=True)
                continue
            print(f"{kind.kind}: {place.url}", flush=True)
            with tempfile.TemporaryDirectory(prefix="hibiki-live-") as folder:
                failed |= bool(play(place, Path(folder)))
    return int(failed)


def _rehearsal(kind: type[Place], stack: ExitStack) -> Place:
    """Return a place at one of the test suite's servers, which ends with ``stack``."""
    from tests.collectors.fakes import mastodon, misskey
    from tests.collectors.wire import WireServer

    if kind is MastodonPlace:
        server = stack.enter_context(WireServer(mastodon.MastodonOwn()))
        return kind(server.url, mastodon.TOKEN, mastodon.FAN_TOKEN)
    wire = misskey.Misskey()
    server = stack.enter_context(WireServer(wire))
    wire.url = server.url
    return kind(server.url, misskey.TOKEN, misskey.FAN_TOKEN)


def play(place: Place, home: Path) -> list[str]:
    """Play the scenario; return every difference between the published file and the server."""
    try:
        wrong = _scenario(place, home)
    finally:
        left = place.clean_up()
        print(f"{place.kind}: 投稿を消しました / deleted what was posted" if not left else f"残った投稿 / not deleted: {left}", flush=True)
    print(f"{place.kind}: {'PASS' if not wrong else 'FAIL'}\n" + "\n".join(wrong), flush=True)
    return wrong


def _scenario(place: Place, home: Path) -> list[str]:
    brand, fan = place.brand, place.fan
    name = f"ヨモリ{int(time.time()):x}"  # nobody else on the server speaks of this one
    own = [brand.post(f"{name}の新茶、{day}日目の仕込みです🍃 #{name}の新茶") for day in range(1, OWN_POSTS + 1)]
    talk = [
        fan.post(f"{name}のほうじ茶ラテ、香りがよくて気づいたら3本目☺️ #{name}"),
        fan.post(f"また値上げか…もう買わない #{name}"),
        fan.post(f"@{brand.name} カフェインは入っていますか？"),
        fan.post(f"@{brand.name} ふたが固いです", reply_to=own[1]),
        fan.post(f"引用で。これ本当においしい #{name}", quote=own[0]),
    ]
    # What is no mention, and what is not for everybody, must not be in the file.
    fan.post("今日は雨。コーヒーにした")
    fan.post(f"フォロワーだけに。{name}は苦手 #{name}", circle="followers")
    fan.post(f"@{brand.name} ないしょの話 #{name}", circle="us")
    fan.like(own[0])
    brand.like(talk[0])
    fan.repost(own[0])
    brand.repost(talk[0])
    place.settle({own[0].uri: {"likes": 1}, talk[0].uri: {"likes": 1}}, [])
    home.joinpath("hibiki.toml").write_text(SETTINGS.format(brand=name, kind=place.kind, url=place.url, account=brand.name), "utf-8")
    os.environ["HIBIKI_LIVE_TOKEN"] = brand.token
    print(f"\n$ hibiki collect\n{hibiki(home, 'collect')}")
    wrong = _compare(place, home, "after the first round", [*own, *talk])

    fan.like(own[2])
    brand.like(talk[1])
    brand.delete(own[3])
    fan.delete(talk[3])
    edited = fan.edit(talk[1], f"値上げは残念。でも、また買う #{name}")
    late = fan.post(f"どら焼き、差し入れでもらった。うま #{name}")
    place.settle({own[2].uri: {"likes": 1}, talk[1].uri: {"likes": 1}}, [own[3], talk[3]])
    print(f"\n$ hibiki collect --refresh-all\n{hibiki(home, 'collect', '--refresh-all')}")
    after = [edited if note is talk[1] else note for note in talk]
    return wrong + _compare(place, home, "after the second round", [*own, *after, late])


def _compare(place: Place, home: Path, when: str, notes: list[Note]) -> list[str]:
    return differences(f"{place.kind}, {when}", facts(home), {note.uri: place.view(note) for note in notes})


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (httpx.HTTPError, TimeoutError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
