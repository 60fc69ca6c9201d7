"""Pages as sites write them: structured data in every form, selectors, encodings, robots.txt, edits, pages that follow."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.feedtext import text_of
from collectors.http import Http
from collectors.limits import Limits
from collectors.webpage import FUTURE, WebPageCollector, WebPageSettings
from collectors.webread import Read, on_five, read_structured
from collectors.webselect import stars_in
from collectors.words import BrandWords
from store.records import Gap, Kpi, Metrics, Post, Record, Reject
from tests.collectors.conftest import EXAMPLES, NOW, SINCE, Clock, context_of
from tests.collectors.fakes.webpage import PlainSite, Site
from tests.collectors.wire import WireServer

URL = "https://shop.example/items/7/reviews"
FAST = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REVIEW = {"@type": "Review", "reviewBody": "香りがいい", "author": "hana", "datePublished": "2026-11-01T10:00:00+09:00"}


def ld(*values: Any) -> str:
    return "".join(
        f'<script type="application/ld+json">{v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}</script>' for v in values
    )


def structured(markup: str) -> Read:
    return read_structured(BeautifulSoup(markup, "html.parser"), URL + "?page=2", URL, NOW + FUTURE)


async def collect(
    page: str | bytes, bookmark: Bookmark | None = None, headers: dict[str, str] | None = None, **more: Any
) -> tuple[list[Record], WebPageCollector]:
    """What one page, whatever is asked, gives (robots.txt says nothing)."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/robots.txt":
            return httpx.Response(404)
        body = page.encode() if isinstance(page, str) else page
        return httpx.Response(200, content=body, headers={"content-type": "text/html", **(headers or {})})

    values = {"name": "reviews", "brand": "yomori", "url": URL, "pause": 0, **more}
    async with Http(transport=httpx.MockTransport(answer)) as http:
        collector = WebPageCollector(WebPageSettings.model_validate(values), context_of(http, lambda: NOW))
        got = [record async for record in collector.collect(bookmark or Bookmark(), SINCE)]
    return got, collector


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator[WireServer]:
    with WireServer(site) as running:
        yield running


@pytest.fixture
async def context(clock: Clock) -> AsyncIterator[Context]:
    async with Http(patience=2.0, timeout=2.0, limits=Limits(lambda: clock.at.timestamp())) as http:
        yield Context(http, BrandWords("yomori", ("ヨモリ",), ()), {}, clock)


# --- structured data


@pytest.mark.parametrize(
    "value",
    [
        REVIEW,
        [REVIEW],
        {"@graph": [{"@type": "WebPage"}, REVIEW]},
        {"@type": "Product", "review": REVIEW},
        {"@type": ["Product", "Thing"], "review": [REVIEW]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": REVIEW}]},
        {**REVIEW, "@type": "https://schema.org/Review"},
        {**REVIEW, "@type": ["Thing", "UserReview"]},
        {**REVIEW, "author": {"@type": "Person", "name": "hana"}},
        {**REVIEW, "author": [{"@type": "Person", "name": ["hana"]}]},
        {**REVIEW, "reviewBody": "<p>香りが<b>いい</b></p>"},
        {"@graph": [{**REVIEW, "author": {"@id": "#p"}}, {"@id": "#p", "@type": "Person", "name": "hana"}]},
    ],
)
def test_a_review_is_found_wherever_it_lies(value: Any) -> None:
    (found,) = structured(ld(value)).items
    assert (found.kind, found.text, found.author, found.at) == ("review", "香りがいい", "hana", datetime(2026, 11, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("form", ["<!--{}-->", "//<![CDATA[\n{}\n//]]>", "{};", "\n  {}\n", "/* <![CDATA[ */{}/* ]]> */"])
def test_a_block_may_be_wrapped_as_in_old_pages(form: str) -> None:
    assert len(structured(ld(form.format(json.dumps(REVIEW)))).items) == 1


def test_one_broken_block_costs_itself_alone() -> None:
    read = structured(ld({**REVIEW, "author": "a"}, '{"@type": "Review", "reviewBody": "切れ', "[" * 100_000, {**REVIEW, "author": "b"}))
    assert [found.author for found in read.items] == ["a", "b"]
    assert len(read.faults) == 2


def test_one_broken_review_costs_itself_alone() -> None:
    read = structured(ld({"@type": "Product", "review": [REVIEW, {"@type": "Review", "author": "x"}, {**REVIEW, "author": "b"}]}))
    assert len(read.items) == 2
    assert len(read.faults) == 1


@pytest.mark.parametrize(
    ("rating", "stars"),
    [
        ({"ratingValue": 4}, 4.0),
        ({"ratingValue": "4.5", "bestRating": "5"}, 4.5),
        ({"ratingValue": "4,5"}, 4.5),
        ({"ratingValue": 10, "bestRating": 10}, 5.0),
        ({"ratingValue": 80, "bestRating": 100, "worstRating": 0}, 4.2),
        ({"ratingValue": 9}, None),
        ({"ratingValue": 0}, None),
        ({"ratingValue": "とても良い"}, None),
        ({"ratingValue": True}, None),
        ({"ratingValue": 3, "bestRating": 1}, None),
        ("3", 3.0),
        ({}, None),
        (None, None),
    ],
)
def test_stars_are_on_the_scale_of_five_or_unknown(rating: Any, stars: float | None) -> None:
    (found,) = structured(ld({**REVIEW, "reviewRating": rating})).items
    assert found.stars == stars


@given(st.floats(-10, 110), st.floats(-10, 110), st.floats(-10, 110))
def test_no_scale_gives_more_than_five_stars_or_less_than_one(number: float, best: float, worst: float) -> None:
    stars = on_five(number, best, worst)
    assert stars is None or 1 <= stars <= 5


def test_a_name_that_all_reviews_share_names_none_of_them() -> None:
    read = structured(ld([{**REVIEW, "@id": "#review"}, {**REVIEW, "@id": "#review", "author": "taro"}]))
    assert [found.ident for found in read.items] == [None, None]
    (named,) = structured(ld([{**REVIEW, "@id": "#r1"}, {**REVIEW, "@id": "#r1"}])).items
    assert named.ident == URL + "#r1"


def test_microdata_is_read_where_there_is_no_json() -> None:
    (found,) = structured(
        '<div itemscope itemtype="https://schema.org/Product"><div itemprop="review" itemscope itemtype="https://schema.org/Review">'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">hana</b></span>'
        '<meta itemprop="datePublished" content="2026-11-01"><div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
        '<meta itemprop="ratingValue" content="2"></div><p itemprop="reviewBody">割れて<br>届いた</p></div></div>'
    ).items
    assert (found.text, found.author, found.stars, found.day_only) == ("割れて\n届いた", "hana", 2.0, True)


def test_open_graph_tells_of_an_article_and_of_nothing_else() -> None:
    tags = '<meta property="og:type" content="{}"><meta property="og:title" content="新茶の話"><meta property="og:description" content="うまい">'
    article = tags.format("article") + '<meta property="article:published_time" content="2026-11-02T09:00:00+09:00">'
    (found,) = structured(article).items
    assert (found.kind, found.text, found.at) == ("article", "新茶の話\nうまい", datetime(2026, 11, 2, tzinfo=UTC))
    assert not structured(tags.format("website")).items


async def test_what_the_page_says_of_the_average_is_a_figure_of_the_day() -> None:
    product = {
        "@type": "Product",
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": "4.3", "reviewCount": "1,204"},
        "review": REVIEW,
    }
    got, _ = await collect(ld(product))
    assert {(kpi.name, kpi.value) for kpi in got if isinstance(kpi, Kpi)} == {("web.reviews.stars", 4.3), ("web.reviews.reviews", 1204.0)}


async def test_articles_must_name_the_brand_and_reviews_need_not() -> None:
    news = {"@type": "NewsArticle", "datePublished": "2026-11-02", "url": "/news/1", "commentCount": 3}
    page = ld(REVIEW, {**news, "headline": "ヨモリが新茶"}, {**news, "headline": "別の会社の話", "url": "/news/2"})
    got, _ = await collect(page)
    assert {post.text for post in posts(got)} == {"香りがいい", "ヨモリが新茶"}
    (article,) = [post for post in posts(got) if post.kind == "article"]
    assert (article.native_id, article.url) == ("https://shop.example/news/1",) * 2
    assert [(count.native_id, count.comments, count.likes) for count in got if isinstance(count, Metrics)] == [(article.native_id, 3, None)]


async def test_a_review_whose_text_changes_is_the_same_review() -> None:
    _, collector = await collect(ld(REVIEW))
    got, again = await collect(ld({**REVIEW, "reviewBody": "香りが消えた"}), collector.next_bookmark)
    (first,) = posts((await collect(ld(REVIEW)))[0])
    (edited,) = posts(got)
    assert (edited.native_id, edited.text) == (first.native_id, "香りが消えた")
    nothing, _ = await collect(ld({**REVIEW, "reviewBody": "香りが消えた"}), Bookmark.from_json(again.next_bookmark.to_json()))
    assert not nothing


async def test_two_nameless_reviews_of_one_day_by_nobody_are_two() -> None:
    one = {"@type": "Review", "author": "匿名", "datePublished": "2026-11-01"}
    got, _ = await collect(ld([{**one, "reviewBody": "良い"}, {**one, "reviewBody": "悪い"}]))
    assert len({post.native_id for post in posts(got)}) == 2


async def test_what_has_no_date_keeps_the_time_it_was_first_seen() -> None:
    page = ld({"@type": "Review", "reviewBody": "良い"})
    got, collector = await collect(page)
    assert [post.created_at for post in posts(got)] == [NOW]
    later = {"@type": "Review", "reviewBody": "良い", "reviewRating": {"ratingValue": 5}}
    saved = Bookmark.from_json(collector.next_bookmark.to_json())
    for mark in saved.notes["page"]["marks"].values():
        mark[2] = (NOW - timedelta(days=2)).isoformat()
    got, _ = await collect(ld(later), saved)
    assert [(post.created_at, post.stars) for post in posts(got)] == [(NOW - timedelta(days=2), 5.0)]


# --- selectors


@pytest.mark.parametrize(
    ("text", "stars"),
    [("★★★★☆", 4.0), ("5つ星のうち4.0", 4.0), ("3.5 / 5", 3.5), ("4.0 out of 5 stars", 4.0), ("評価: 2", 2.0), ("3点", 3.0), ("5", 5.0), ("４", 4.0),
     ("6", None), ("☆☆☆☆☆", None), ("12人が参考になったと回答", None), ("", None), ("2026/11/05", None)],
)  # fmt: skip
def test_stars_are_read_as_people_write_them(text: str, stars: float | None) -> None:
    assert stars_in(text) == stars


async def test_selectors_read_what_speaks_to_no_machine() -> None:
    page = (
        '<ul><li class=r id=r1><b>よい</b><i>★★★★★</i><em>hana</em><u>投稿日：2026年11月3日</u><p>毎朝&amp;毎晩</p><a href="/r/1">続き</a></li>'
        "<li class=r><i>★</i><p></p></li><li class=r><i>？</i><p>本文</p></li></ul>"
    )
    how = {"item": "li.r", "text": "p", "title": "b", "author": "em", "time": "u", "stars": "i", "link": "a"}
    got, _ = await collect(page, **how)
    first, second = posts(got)
    assert (first.text, first.stars, first.author_name, first.url) == ("よい\n毎朝&毎晩", 5.0, "hana", "https://shop.example/r/1")
    assert (first.native_id, first.created_at, first.kind) == (URL + "#r1", datetime(2026, 11, 2, 15, tzinfo=UTC), "review")
    assert (second.text, second.stars, second.created_at) == ("", 1.0, NOW)
    assert [record.place for record in got if isinstance(record, Reject)] == ["li.r #3"]


@pytest.mark.parametrize("bad", ["li[", "::nope(", ">>", "li:has("])
def test_a_selector_that_is_none_is_told_in_the_settings(bad: str) -> None:
    with pytest.raises(ValidationError, match="CSS"):
        WebPageSettings.model_validate({"name": "r", "brand": "b", "url": URL, "item": bad})


async def test_a_page_that_has_changed_is_an_error_and_an_empty_one_is_told() -> None:
    how = {"item": "li.r", "text": "p"}
    got, collector = await collect("<html><li class=r><p>良い</p></li></html>", **how)
    assert len(posts(got)) == 1
    with pytest.raises(FormatError) as caught:
        await collect("<html><div>新しいデザイン</div></html>", collector.next_bookmark, **how)
    assert "item" in str(caught.value.advice)
    _, fresh = await collect("<html><div>まだ何もない</div></html>", **how)
    assert fresh.remarks


# --- encodings


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "cp932", "euc-jp", "iso-2022-jp", "utf-16"])
@pytest.mark.parametrize("said", ["header", "meta", "lie", "nothing"])
async def test_whatever_the_encoding_and_whatever_is_said_of_it(encoding: str, said: str) -> None:
    words = "夜森の湯のみは、割れずに届きました。香りもよく、毎朝つかっています。"
    meta = (
        f'<meta charset="{encoding}">'
        if said == "meta"
        else '<meta http-equiv=Content-Type content="text/html; charset=utf-8">'
        if said == "lie"
        else ""
    )
    page = f"<html><head>{meta}</head><body><li class=r><p>{words}</p></li></body></html>".encode(encoding)
    header = {
        "header": f"text/html; charset={encoding}",
        "lie": "text/html; charset=iso-8859-1" if encoding == "utf-8" else "text/html; charset=utf-8",
    }
    got, _ = await collect(page, headers={"content-type": header.get(said, "text/html")}, item="li.r", text="p")
    assert [post.text for post in posts(got)] == [words]


@given(st.binary(max_size=300), st.sampled_from(["", "text/html; charset=shift_jis", "text/html; charset=euc-jp", "x; charset=nonsense"]))
def test_any_bytes_are_some_text(body: bytes, said: str) -> None:
    text, _ = text_of(body, said)
    assert isinstance(text, str)


# --- manners


async def test_robots_txt_is_obeyed(site: Site, server: WireServer, context: Context) -> None:
    site.robots = "User-agent: *\nDisallow: /items/*/reviews"
    with pytest.raises(AccessError, match=r"robots\.txt"):
        await WebPageCollector(site.settings(server.url), context).check()
    assert [asked.path for asked in server.asked] == ["/robots.txt"]


async def test_a_crawl_delay_is_kept_from_page_to_page_and_from_round_to_round(
    site: Site, server: WireServer, context: Context, clock: Clock
) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 60"
    for number in range(12):
        site.say(f"良い {number}", NOW - timedelta(hours=number + 1))
    got: list[Post] = []
    saved: Any = None
    for rounds in range(4):
        collector = WebPageCollector(site.settings(server.url), context)
        got += posts([record async for record in collector.collect(Bookmark.from_json(saved), SINCE)])
        saved = json.loads(json.dumps(collector.next_bookmark.to_json()))
        assert server.count("/reviews") == rounds + 1
        async with Http(patience=2.0) as other:  # another process, a moment later
            patient = WebPageCollector(site.settings(server.url), Context(other, context.brand, {}, clock))
            with pytest.raises(BusyError):
                _ = [record async for record in patient.collect(Bookmark.from_json(saved), SINCE)]
        assert server.count("/reviews") == rounds + 1
        clock.forward(hours=1)
    assert sorted(post.native_id for post in got) == sorted(site.native_id(post) for post in site.said)


async def test_noai_is_honoured_and_noindex_says_nothing_to_us() -> None:
    page = f'<html><head><meta name="robots" content="noindex, nosnippet">{ld(REVIEW)}</head></html>'
    got, _ = await collect(page)
    assert len(posts(got)) == 1
    for how in ({"page": page.replace("noindex", "noai, noindex")}, {"page": page, "headers": {"x-robots-tag": "noai"}}):
        with pytest.raises(AccessError, match="noai"):
            await collect(**how)  # type: ignore[arg-type]


async def test_a_next_link_to_another_site_is_not_followed(server: WireServer, context: Context, site: Site) -> None:
    site.extra = '<a rel="next" href="https://elsewhere.example/reviews">次</a>'
    site.say("良い", NOW - timedelta(hours=1))
    got = [record async for record in WebPageCollector(site.settings(server.url), context).collect(Bookmark(), SINCE)]
    assert len(posts(got)) == 1
    assert server.count("/reviews") == 1


async def test_only_so_many_pages_are_read_and_the_rest_is_a_gap(site: Site, server: WireServer, context: Context) -> None:
    for number in range(23):
        site.say(f"良い {number}", NOW - timedelta(hours=number + 1))
    settings = site.settings(server.url).model_copy(update={"pages": 2})
    got = [record async for record in WebPageCollector(settings, context).collect(Bookmark(), SINCE)]
    assert len(posts(got)) == 10
    (gap,) = [record for record in got if isinstance(record, Gap)]
    assert (gap.from_at, gap.to_at) == (SINCE, NOW - timedelta(hours=10))


async def test_a_late_page_that_stays_unreadable_is_given_up_as_a_gap(context: Context) -> None:
    site = PlainSite()
    for number in range(8):
        site.say(f"良い {number}", NOW - timedelta(hours=number + 1))
    with WireServer(site) as server:
        server.faults.add("html", site.listing, skip=1, times=1)
        saved: Any = None
        gaps: list[Gap] = []
        for _ in range(4):
            collector = WebPageCollector(site.settings(server.url), context)
            try:
                async for record in collector.collect(Bookmark.from_json(saved), SINCE):
                    gaps += [record] if isinstance(record, Gap) else []
            except FormatError:
                pass
            saved = collector.next_bookmark.to_json()
            server.faults.add("html", site.listing, skip=1, times=1)
    assert len(gaps) == 1


async def test_what_is_no_page_is_told() -> None:
    for body, kind in ((b'{"data": 1}', "application/json"), (b"%PDF-1.7 <</Type/Catalog>>", "application/pdf"), (b"", "text/html")):
        with pytest.raises(FormatError, match="Web ページではありません"):
            await collect(body, headers={"content-type": kind})


@pytest.mark.parametrize(
    "markup",
    [
        ld(" " * 1_000_000 + json.dumps(REVIEW) + " " * 1_000_000 + "x"),
        ld(json.dumps(REVIEW)[:-1] + ', "author": ' + "[" * 900 + "]" * 900 + "}"),
        ld('{"@type": "Review", "x": ' + "[" * 900 + "]" * 900 + "}"),
        "<div itemscope itemtype='https://schema.org/Review'>" * 3000 + "x",
        "<p itemscope itemtype='https://schema.org/Review'>" + "<b itemprop=reviewBody>" * 3000 + "x" * 100_000,
        "<div>" * 20_000 + "x</div>",
        "<meta charset=" * 20_000,
        "<li class=r><u>" + "2026 " * 50_000 + "</u><i>" + "5 " * 50_000 + "</i></li>",
    ],
    ids=range(8),
)
async def test_a_page_made_to_keep_us_busy_does_not(markup: str) -> None:
    started = time.process_time()
    for how in ({}, {"item": "li.r", "time": "u", "stars": "i"}):
        with suppress(SourceError):
            await collect(markup, **how)
    assert time.process_time() - started < 20


# --- whatever comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["@type", "@id", "@graph", "review", "author", "name", "reviewBody", "reviewRating", "ratingValue", "datePublished", "url", "x"]),
        inner | st.sampled_from(["Review", "NewsArticle", "AggregateRating", "2026-11-01"]),
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@FAST
@given(st.lists(JSON, max_size=3))
async def test_no_structured_data_breaks_the_reading_or_loses_the_review_beside_it(values: list[Any]) -> None:
    got, _ = await collect(ld(*(json.dumps(value) for value in values), {**REVIEW, "@id": "urn:the-one"}))
    assert "urn:the-one" in {post.native_id for post in posts(got)}
    for post in posts(got):
        assert post.stars is None or 1 <= post.stars <= 5
        assert post.created_at.utcoffset() == timedelta(0)
        assert post.created_at <= NOW + FUTURE
        post.text.encode()
        post.native_id.encode()


@FAST
@given(st.text(st.sampled_from("<>/=\"' abliaurpm時年月日★5@#&;!-[]\n"), max_size=200))
async def test_no_markup_breaks_the_reading(markup: str) -> None:
    for how in ({}, {"item": "li, p, a", "stars": "b", "time": "u", "link": "a"}):
        try:
            await collect(f"<html><li>{markup}</li></html>", **how)
        except SourceError as error:
            assert error.message  # noqa: PT017 - any of our errors, and no other
