"""Writes a demo home: settings, and a history that lands in the inbox as anybody's records do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from monitor.demo.cast import BRANDS, CAMPAIGNS, CHANNELS, OUTAGE_DAYS_AGO, OUTAGE_PLATFORM, OWN
from monitor.demo.identity import ACCOUNT, PASSWORD, native_id, source_name, url_of
from monitor.demo.survey import answers
from monitor.demo.world import DemoPost, World
from store.inbox import Inbox
from store.records import Gap, Metrics, Post, Record, Run

if TYPE_CHECKING:
    from store.home import Home

PORT = 8512
"""The loopback server's port unless the caller names another."""
CHUNK = 20_000
OWN_AGES = (1, 6, 24, 72, 168, 336, 720)
MENTION_AGES = (24, 168)


def write_demo(
    home: Home, *, seed: int, months: int, posts: int, now: datetime, progress: Callable[[str, float], None], port: int = PORT
) -> None:
    """Write the demo into ``home``: ``hibiki.toml``, ``.env``, ``demo.json`` and the history as inbox files.

    ``progress`` is called with a Japanese word for the phase and a share from 0 to 1. The same seed, months, posts and now give
    the same records.
    """
    world = World(seed, months, posts, now)
    inbox = Inbox(home)
    progress("投稿をつくっています", 0.0)
    days: Iterable[DemoPost] = chain.from_iterable(_day(world, ago, progress) for ago in range(world.days, -1, -1))
    stream: Iterator[Record] = chain.from_iterable(records(post, world) for post in days if not world.dark(post.platform, post.created_at))
    while chunk := list(islice(stream, CHUNK)):
        inbox.land(chunk)
    inbox.land([*gaps(world), *runs(world), *answers(world)])
    home.root.joinpath("demo.json").write_text(
        json.dumps({"seed": seed, "months": months, "posts": posts, "now": now.isoformat(), "port": port}) + "\n", "utf-8"
    )
    home.env.write_text(f"# デモ用の値です。本物のアプリパスワードではありません。\nHIBIKI_BLUESKY_APP_PASSWORD={PASSWORD}\n", "utf-8")
    home.env.chmod(0o600)
    home.settings.write_text(settings_text(world, port), "utf-8")
    progress("できました", 1.0)


def read_world(home: Home) -> World:
    """Return the world that ``home`` was written from.

    Raises:
        FileNotFoundError: ``home`` is not a demo.
    """
    told = _told(home)
    return World(told["seed"], told["months"], told["posts"], datetime.fromisoformat(told["now"]))


def read_port(home: Home) -> int:
    """Return the port that the demo's settings name.

    Raises:
        FileNotFoundError: ``home`` is not a demo.
    """
    return int(_told(home)["port"])


def records(post: DemoPost, world: World) -> Iterator[Record]:
    """Yield what the sources saw of ``post``: the post, once for each brand that it names, and its counts at some ages."""
    for brand in (post.brand,) if post.own else (post.brand, *post.also):
        yield Post(
            platform=post.platform,
            native_id=native_id(post),
            brand=brand,
            relation="own" if post.own else "mention",
            source=source_name(post.platform, brand, post.own),
            text=post.text,
            created_at=post.created_at,
            seen_at=min(post.created_at + timedelta(minutes=15), world.now),
            kind="article" if post.kind == "article" else "comment" if post.kind == "comment" else "post",
            author_id=post.author_id,
            author_name=post.author_name,
            url=url_of(post),
            lang="ja",
            tags=tuple(word[1:].rstrip("。！") for word in post.text.split() if word.startswith("#") and len(word) > 1),
        )
    if post.platform == "feed":
        return
    ages = [timedelta(hours=age) for age in (OWN_AGES if post.own else MENTION_AGES)]
    moments = [post.created_at + age for age in ages if post.created_at + age < world.now]
    if world.now - post.created_at < ages[-1]:
        moments.append(world.now)
    for moment in moments:
        yield Metrics(platform=post.platform, native_id=native_id(post), observed_at=moment, **post.counts(moment))


def gaps(world: World) -> Iterator[Gap]:
    """Yield the month in which one source was down, as each of its sources would have recorded it."""
    first, last = (world.now - timedelta(days=ago) for ago in OUTAGE_DAYS_AGO)
    for brand in BRANDS:
        for own in (True, False):
            yield Gap(
                source=source_name(OUTAGE_PLATFORM, brand.id, own),
                platform=OUTAGE_PLATFORM,
                brand=brand.id,
                from_at=first,
                to_at=last,
                reason="連携が切れていました（再認証で復旧）",
                recorded_at=last,
            )


def runs(world: World) -> Iterator[Run]:
    """Yield one run for each source of the history that is not on the loopback server: its posts came in as files do."""
    for brand in BRANDS:
        for channel in CHANNELS:
            for own in (True, False):
                if channel.platform == "bluesky" or (channel.platform == "feed" and own):
                    continue
                yield Run(
                    source=source_name(channel.platform, brand.id, own),
                    platform=channel.platform,
                    brand=brand.id,
                    started_at=world.now,
                    finished_at=world.now,
                    outcome="ok",
                    message="デモの履歴（ファイルからの取り込み）",
                )


def settings_text(world: World, port: int) -> str:
    """Return the demo's ``hibiki.toml``: the live sources on the loopback server, brands and campaigns."""
    parts = [
        "# Hibiki のデモ設定です。ブランド、投稿、人物はすべて架空のものです。\n"
        "# 自社のブランドを見るには、別のフォルダで `hibiki init` を実行してください。\n",
        "[general]\ndemo = true\n",
    ]
    for brand in BRANDS:
        role = "own" if brand is OWN else "competitor"
        parts.append(f'[[brand]]\nid = "{brand.id}"\nname = "{brand.name}"\nrole = "{role}"\naliases = ["{brand.handle}"]\n')
    for brand in BRANDS:
        server = f"http://127.0.0.1:{port}"
        parts.append(
            f'[[source]]\nname = "{source_name("bluesky", brand.id, True)}"\nkind = "bluesky"\nbrand = "{brand.id}"\nwhat = "own"\n'
            f'every = "1m"\nservice = "{server}"\nactor = "{brand.handle}.example"\n'
        )
        parts.append(
            f'[[source]]\nname = "{source_name("bluesky", brand.id, False)}"\nkind = "bluesky"\nbrand = "{brand.id}"\nwhat = "mentions"\n'
            f'every = "1m"\nservice = "{server}"\nlogin_service = "{server}"\nidentifier = "{ACCOUNT}"\nqueries = ["{brand.name}"]\n'
        )
        parts.append(
            f'[[source]]\nname = "{source_name("feed", brand.id, True)}"\nkind = "feed"\nbrand = "{brand.id}"\nwhat = "own"\n'
            f'every = "2m"\nurl = "{server}/feeds/{brand.handle}.rss"\nlocal = true\n'
        )
    for campaign in CAMPAIGNS:
        starts, ends = ((world.now - timedelta(days=ago)).date().isoformat() for ago in (campaign.starts, campaign.ends))
        parts.append(
            f'[[campaign]]\nid = "{campaign.id}"\nbrand = "{OWN.id}"\nname = "{campaign.name}"\nstarts = {starts}\nends = {ends}\n'
            f'tags = ["{campaign.tag}"]\n'
        )
    parts.append(f'[[goal]]\nbrand = "{OWN.id}"\nmeasure = "er_basic"\ntarget = 0.02\n')
    return "\n".join(parts)


def _told(home: Home) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(home.root.joinpath("demo.json").read_text("utf-8"))
    return told


def _day(world: World, ago: int, progress: Callable[[str, float], None]) -> Iterator[DemoPost]:
    progress("投稿をつくっています", 1 - ago / (world.days + 1))
    return world.day(ago, world.now)
