"""The live check of the fediverse, as far as it goes without a server of anybody's: what is skipped, and that it cleans up after itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collectors.fakes import mastodon, misskey
from tests.collectors.wire import Wire, WireServer
from tests.live import fediverse
from tests.live.places import MastodonPlace, MisskeyPlace, Place


@pytest.fixture(params=["mastodon", "misskey"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Place, Wire]]:
    wire = mastodon.MastodonOwn() if request.param == "mastodon" else misskey.Misskey()
    with WireServer(wire) as server:
        if isinstance(wire, misskey.Misskey):
            wire.url = server.url
            yield MisskeyPlace(server.url, misskey.TOKEN, misskey.FAN_TOKEN), wire
        else:
            yield MastodonPlace(server.url, mastodon.TOKEN, mastodon.FAN_TOKEN), wire


def test_without_an_address_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = [name for kind in fediverse.PLACES for name in kind.variables()]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert fediverse.main([]) == 0
    told = capsys.readouterr().out
    assert [name for name in names if name not in told] == []


def test_what_it_posts_is_seen_counted_and_deleted_in_the_end(place: tuple[Place, Wire]) -> None:
    here, _ = place
    note = here.brand.post("ヨモリの新茶")
    here.fan.post("いつから？", reply_to=note)
    here.fan.post("これ", quote=note)
    here.fan.like(note)
    here.settle({note.uri: {"likes": 1, "comments": 1, "shares": 1}}, [], seconds=5)
    secret = here.fan.post("ないしょ", circle="followers")
    assert here.view(secret) is None
    assert here.clean_up() == []
    assert here.view(note) is None
