"""Feeds over HTTP, from a server that writes them as blogs and news sites do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError
from collectors.feeds import FeedCollector, FeedSettings
from collectors.http import Http
from collectors.words import BrandWords
from monitor.demo.network import Article, Channel, MemoryNetwork
from monitor.demo.server import DemoServer
from store.records import Gap, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock, context_of


def article(number: int, hours_ago: float = 1, **more: object) -> Article:
    values: dict[str, object] = {
        "id": f"tag:yomori.example,2026:{number}",
        "title": f"お知らせ {number}",
        "body": f"<p>ヨモリの<b>新商品</b>&nbsp;{number}🍵</p>",
        "link": f"https://yomori.example/{number}",
        "at": NOW - timedelta(hours=hours_ago),
    }
    return Article(**{**values, **more})  # type: ignore[arg-type]


def show(network: MemoryNetwork, *articles: Article) -> None:
    network.channels["blog"] = Channel("ヨモリのブログ", "https://yomori.example/", articles)


def settings_of(url: str, **more: object) -> FeedSettings:
    return FeedSettings.model_validate({"name": "blog", "brand": "yomori", "url": url, "local": True, **more})


async def read(settings: FeedSettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], FeedCollector]:
    collector = FeedCollector(settings, context)
    return [record async for record in collector.collect(bookmark or Bookmark(), SINCE)], collector


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


@pytest.mark.parametrize("end", ["rss", "rdf", "atom"])
async def test_every_kind_of_feed_gives_the_same_articles(network: MemoryNetwork, server: DemoServer, context: Context, end: str) -> None:
    show(network, article(2, 1, author="広報", tags=("新商品", "お茶")), article(1, 30))
    got, collector = await read(settings_of(f"{server.url}/feeds/blog.{end}"), context)
    first, second = posts(got)
    assert (first.text, first.created_at) == ("お知らせ 2\nヨモリの新商品 2🍵", NOW - timedelta(hours=1))
    assert (first.kind, first.relation, first.platform, first.source) == ("article", "own", "feed", "blog")
    assert (first.author_name, first.tags, first.url) == ("広報", ("新商品", "お茶"), "https://yomori.example/2")
    assert first.native_id == (
        "https://yomori.example/2" if end == "rdf" and not first.native_id.startswith("tag:") else "tag:yomori.example,2026:2"
    )
    assert second.created_at == NOW - timedelta(hours=30)
    assert not collector.remarks


async def test_what_has_not_changed_is_neither_sent_nor_yielded_again(network: MemoryNetwork, server: DemoServer, context: Context) -> None:
    show(network, article(1))
    settings = settings_of(f"{server.url}/feeds/blog.atom")
    _, collector = await read(settings, context)
    got, again = await read(settings, context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert not got
    assert server.asked[-1].conditional
    assert again.next_bookmark.covered["feed"] == NOW
    show(network, article(2, 0.5), article(1, body="<p>訂正しました</p>"))
    got, _ = await read(settings, context, again.next_bookmark)
    assert [post.text for post in posts(got)] == ["お知らせ 2\nヨモリの新商品 2🍵", "お知らせ 1\n訂正しました"]


async def test_a_server_that_knows_no_etag_gives_nothing_twice_either(clock: Clock) -> None:
    rss = "<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>ヨモリ</title></item></channel></rss>"
    async with _serving(rss) as context:
        settings = settings_of("https://a.example/rss")
        got, collector = await read(settings, context)
        again, _ = await read(settings, context, collector.next_bookmark)
    assert len(posts(got)) == 1
    assert not again


async def test_an_empty_feed_is_no_error(network: MemoryNetwork, server: DemoServer, context: Context) -> None:
    show(network)
    for end in ("rss", "rdf", "atom"):
        got, collector = await read(settings_of(f"{server.url}/feeds/blog.{end}"), context)
        assert not got
        assert "0 件" in await collector.check()


async def test_an_article_without_a_date_keeps_the_time_it_was_first_seen(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock
) -> None:
    settings, context = settings_of(f"{server.url}/feeds/blog.rss"), context_of(http, clock)
    show(network, article(1, at=None))
    got, collector = await read(settings, context)
    assert posts(got)[0].created_at == NOW
    assert "日付のない記事 1 件" in collector.remarks[0]
    clock.forward(hours=5)
    show(network, article(1, at=None, body="直しました"))
    got, _ = await read(settings, context, collector.next_bookmark)
    assert posts(got)[0].created_at == NOW


async def test_articles_pushed_out_between_two_rounds_are_a_gap(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock
) -> None:
    settings, context = settings_of(f"{server.url}/feeds/blog.rss"), context_of(http, clock)
    show(network, article(1, 1))
    _, collector = await read(settings, context)
    clock.forward(days=3)
    show(network, article(9, -60), article(8, -50))
    got, _ = await read(settings, context, collector.next_bookmark)
    (gap,) = (record for record in got if isinstance(record, Gap))
    assert (gap.from_at, gap.to_at) == (NOW, NOW + timedelta(hours=50))
    show(network, article(9, -60), article(8, -50), article(1, 1))
    got, _ = await read(settings, context, collector.next_bookmark)
    assert not [record for record in got if isinstance(record, Gap)]


async def test_of_other_peoples_articles_only_those_about_the_brand_count(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock
) -> None:
    show(
        network,
        article(1, title="ＹＯＭＯＲＩを飲む", body=""),
        article(2, title="関係ない", body="天気の話"),
        article(3, title="ヨモリ山に登る", body=""),
        article(4, title="今日", body="", tags=("ヨモリ",)),
        article(5, title="ヨモリ", body="", author="広報"),
    )
    context = context_of(http, clock, must_not=("ヨモリ山",))
    settings = settings_of(f"{server.url}/feeds/blog.rss", what="mentions", platform="news", ignore_authors=["広報"])
    got, _ = await read(settings, context)
    assert sorted(post.native_id[-1] for post in posts(got)) == ["1", "4"]
    assert {(post.relation, post.platform) for post in posts(got)} == {("mention", "news")}


async def test_a_new_spelling_finds_what_was_passed_over(network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock) -> None:
    show(network, article(1, title="よもり茶を飲む", body=""), article(2, title="ヨモリ", body=""))
    settings = settings_of(f"{server.url}/feeds/blog.rss", what="mentions")
    got, collector = await read(settings, context_of(http, clock))
    assert len(posts(got)) == 1
    wider = replace(context_of(http, clock), brand=BrandWords("yomori", ("ヨモリ", "よもり")))
    got, _ = await read(settings, wider, collector.next_bookmark)
    assert [post.text for post in posts(got)] == ["よもり茶を飲む"]


async def test_comment_counts_are_counts_and_nothing_else_is(network: MemoryNetwork, server: DemoServer, context: Context) -> None:
    show(network, article(1, comments=12), article(2))
    got, _ = await read(settings_of(f"{server.url}/feeds/blog.rss"), context)
    (metrics,) = (record for record in got if isinstance(record, Metrics))
    assert (metrics.comments, metrics.views, metrics.likes) == (12, None, None)


class _serving:
    """A context whose network gives one body to every request."""

    def __init__(self, body: str | bytes, content_type: str = "application/rss+xml", encoding: str = "utf-8") -> None:
        content = body if isinstance(body, bytes) else body.encode(encoding)
        self.http = Http(
            transport=httpx.MockTransport(lambda request: httpx.Response(200, content=content, headers={"content-type": content_type}))
        )

    async def __aenter__(self) -> Context:
        await self.http.__aenter__()
        return context_of(self.http, lambda: NOW)

    async def __aexit__(self, *args: object) -> None:
        await self.http.__aexit__()


RSS = (
    '<?xml version="1.0" encoding="{0}"?><rss version="2.0"><channel><title>日記</title><item><title>ヨモリの抹茶</title>'
    "<link>https://a.example/1</link><description>おいしい。～－∥</description></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("Shift_JIS", "application/xml"),
        ("EUC-JP", "application/xml"),
        ("ISO-2022-JP", "application/xml"),
        ("utf-8", "application/xml; charset=utf-8"),
        ("Shift_JIS", "application/xml; charset=Shift_JIS"),
    ],
)
async def test_old_japanese_encodings_are_read(encoding: str, content_type: str) -> None:
    text = RSS.format(encoding).replace("～－∥", "")
    async with _serving(text, content_type, encoding) as context:
        got, _ = await read(settings_of("https://a.example/rss"), context)
    assert posts(got)[0].text == "ヨモリの抹茶\nおいしい。"


async def test_times_without_a_zone_are_of_tokyo() -> None:
    rss = "<rss version='2.0'><channel><item><guid>1</guid><title>a</title><pubDate>2026/11/19 08:00:00</pubDate></item></channel></rss>"
    async with _serving(rss) as context:
        got, _ = await read(settings_of("https://a.example/rss"), context)
    assert posts(got)[0].created_at == datetime(2026, 11, 18, 23, tzinfo=UTC)


async def test_ids_of_two_feeds_never_mix_and_missing_ones_are_made_up_the_same_way() -> None:
    rss = "<rss version='2.0'><channel>{}</channel></rss>"
    items = "<item><guid>7</guid><title>a</title></item><item><link>https://a.example/2</link><title>b</title></item><item><title>c</title></item>"
    async with _serving(rss.format(items)) as context:
        got, _ = await read(settings_of("https://a.example/rss"), context)
        again, _ = await read(settings_of("https://a.example/rss"), context)
        other, _ = await read(settings_of("https://b.example/rss"), context)
    ids = {post.text: post.native_id for post in posts(got)}
    assert ids["a"] == "https://a.example/rss#7"
    assert ids["b"] == "https://a.example/2"
    assert {post.native_id for post in posts(again)} == set(ids.values())
    assert {post.text for post in posts(other) if post.native_id == ids[post.text]} == {"b"}


async def test_a_broken_feed_still_gives_what_can_be_read() -> None:
    rss = "<rss version='2.0'><channel><title>x</title><item><guid>1</guid><title>ヨモリ</title></item><item><guid>2</guid><title>二 & 三"
    async with _serving(rss) as context:
        got, collector = await read(settings_of("https://a.example/rss"), context)
    assert posts(got)[0].text == "ヨモリ"
    assert "誤り" in collector.remarks[0]


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe\x01", b"{}", b"hello", b"<a><b></a>", b"%PDF-1.7"])
async def test_what_is_no_feed_is_said_so(body: bytes) -> None:
    async with _serving(body, "text/plain") as context:
        with pytest.raises(FormatError, match=r"https://a\.example/x") as caught:
            await read(settings_of("https://a.example/x"), context)
    assert "URL" in (caught.value.advice or "")


async def test_a_page_that_names_its_feed_leads_there() -> None:
    page = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
    async with _serving(page, "text/html") as context:
        with pytest.raises(FormatError) as caught:
            await read(settings_of("https://a.example/blog"), context)
    assert "https://a.example/feed.xml" in (caught.value.advice or "")


async def test_an_entry_that_says_nothing_is_kept_aside_once_and_the_others_go_in() -> None:
    rss = "<rss version='2.0'><channel><item><pubDate>x</pubDate></item><item><guid>1</guid><title>ヨモリ</title></item></channel></rss>"
    async with _serving(rss) as context:
        got, collector = await read(settings_of("https://a.example/rss"), context)
        again, _ = await read(settings_of("https://a.example/rss"), context, collector.next_bookmark)
    assert [type(record) for record in got] == [Reject, Post]
    assert not again


async def test_a_misskey_feed_is_all_content() -> None:
    entry = "<entry><title type='html'>New note by brand</title><id>https://m.example/notes/1</id><updated>2026-11-19T00:00:00Z</updated>"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><generator>Misskey</generator>{entry}<content type='html'>&lt;p&gt;発売&lt;/p&gt;</content></entry></feed>"
    async with _serving(atom, "application/atom+xml") as context:
        got, _ = await read(settings_of("https://m.example/@brand.atom"), context)
    assert posts(got)[0].text == "発売"


async def test_a_date_in_the_far_future_is_not_believed() -> None:
    rss = "<rss version='2.0'><channel><item><guid>1</guid><title>a</title><pubDate>Fri, 19 Nov 2077 08:00:00 GMT</pubDate></item></channel></rss>"
    async with _serving(rss) as context:
        got, _ = await read(settings_of("https://a.example/rss"), context)
    assert posts(got)[0].created_at == NOW


@pytest.mark.parametrize(("kind", "error"), [("busy", BusyError), ("error", BusyError), ("cut", BusyError), ("html", FormatError)])
async def test_a_fault_that_stays_leaves_the_bookmark_alone(
    network: MemoryNetwork, server: DemoServer, context: Context, kind: str, error: type[Exception]
) -> None:
    show(network, article(1))
    settings = settings_of(f"{server.url}/feeds/blog.rss")
    _, first = await read(settings, context)
    show(network, article(2), article(1))
    server.faults.add(kind, times=9)  # type: ignore[arg-type]
    collector = FeedCollector(settings, context)
    with pytest.raises(error):
        _ = [record async for record in collector.collect(first.next_bookmark, SINCE)]
    assert collector.next_bookmark == first.next_bookmark


async def test_a_feed_that_is_not_there_says_how_to_mend_it(server: DemoServer, context: Context) -> None:
    with pytest.raises(AccessError) as caught:
        await FeedCollector(settings_of(f"{server.url}/feeds/none.rss"), context).check()
    assert "URL" in caught.value.advice


async def test_check_names_the_feed(network: MemoryNetwork, server: DemoServer, context: Context) -> None:
    show(network, article(1), article(2))
    said = await FeedCollector(settings_of(f"{server.url}/feeds/blog.rss"), context).check()
    assert said == "「ヨモリのブログ」 記事 2 件、最新 2026-11-20"


async def test_a_busy_feed_that_turned_over_between_two_rounds_has_a_gap_however_short(
    network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock
) -> None:
    settings, context = settings_of(f"{server.url}/feeds/blog.rss"), context_of(http, clock)
    show(network, article(1))
    _, first = await read(settings, context)
    clock.forward(minutes=30)
    show(network, article(3, -0.45), article(2, -0.4))  # 24 minutes after the first round
    got, second = await read(settings, context, first.next_bookmark)
    (gap,) = (record for record in got if isinstance(record, Gap))
    assert (gap.from_at, gap.to_at) == (NOW, NOW + timedelta(minutes=24))
    clock.forward(minutes=30)
    show(network, article(4, -0.9), article(3, -0.45))
    got, _ = await read(settings, context, second.next_bookmark)
    assert not [record for record in got if isinstance(record, Gap)]


async def test_the_first_article_of_a_new_blog_is_no_gap(network: MemoryNetwork, server: DemoServer, http: Http, clock: Clock) -> None:
    settings, context = settings_of(f"{server.url}/feeds/blog.rss"), context_of(http, clock)
    show(network)
    _, first = await read(settings, context)
    clock.forward(hours=5)
    show(network, article(1, -4))
    got, _ = await read(settings, context, first.next_bookmark)
    assert [type(record) for record in got] == [Post]


@pytest.mark.parametrize("word", ["ヨモリス", "ﾖﾓﾘｽ", "YOMORIS", "ｙｏｍｏｒｉｓ"])
async def test_a_word_that_rules_out_is_found_however_it_is_written(
    network: MemoryNetwork, server: DemoServer, context: Context, word: str
) -> None:
    show(network, article(1, body="ヨモリスの話"), article(2, body="Yomoris again"), article(3))
    settings = settings_of(f"{server.url}/feeds/blog.rss", must_not=[word])
    got, _ = await read(settings, context)
    ruled_out = "1" if word in ("ヨモリス", "ﾖﾓﾘｽ") else "2"
    assert {post.native_id[-1] for post in posts(got)} == {"1", "2", "3"} - {ruled_out}
