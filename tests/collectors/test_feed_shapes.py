"""Feeds as old blogs, news sites and broken programs in Japan write them: encodings, ids, dates, sizes."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from collectors.bookmark import Bookmark
from collectors.errors import AccessError, FormatError
from collectors.feeds import REMEMBERED, FeedCollector, FeedSettings
from collectors.http import Http
from store.records import Post, Record
from tests.collectors.conftest import NOW, SINCE, context_of

SAID = "夜森の㈱①髙い〜感想 Café"


async def _read(
    body: bytes | str, content_type: str = "text/xml", bookmark: Bookmark | None = None, **headers: str
) -> tuple[list[Record], FeedCollector]:
    sent = body.encode() if isinstance(body, str) else body
    answers = httpx.MockTransport(lambda request: httpx.Response(200, content=sent, headers={"content-type": content_type, **headers}))
    async with Http(transport=answers) as http:
        settings = FeedSettings.model_validate({"name": "blog", "brand": "yomori", "url": "https://a.example/rss"})
        collector = FeedCollector(settings, context_of(http, lambda: NOW))
        return [record async for record in collector.collect(bookmark or Bookmark(), SINCE)], collector


def _posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def _rdf(encoding: str | None) -> str:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    spaces = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    item = f'<item rdf:about="https://a.example/1"><title>{SAID}</title><link>https://a.example/1</link><dc:date>2026-11-19T09:00:00+09:00</dc:date></item>'
    return f'{declaration}<rdf:RDF {spaces}><channel rdf:about="x"><title>はてな</title></channel>{item}</rdf:RDF>'


def _windows(text: str, encoding: str) -> bytes:
    """Write ``text`` as Windows does: what CP932 has is in EUC-JP too, at the same place of the table."""
    text = text.replace("〜", "～").replace("é", "e")
    if encoding == "cp932":
        return text.encode("cp932")
    out = bytearray()
    for character in text:
        pair = character.encode("cp932")
        if len(pair) == 1:
            out += pair
            continue
        lead, trail = pair
        row = (lead - (0x81 if lead < 0xE0 else 0xC1)) * 2 + 1 + (trail >= 0x9F)
        cell = trail - 0x9E if trail >= 0x9F else trail - 0x3F - (trail > 0x7F)
        out += bytes((row + 0xA0, cell + 0xA0))
    return bytes(out)


@pytest.mark.parametrize(
    ("declared", "content_type", "written"),
    [
        ("Shift_JIS", "text/xml", "cp932"),
        ("shift_jis", "text/xml; charset=Shift_JIS", "cp932"),
        ("Shift_JIS", "text/xml; charset=UTF-8", "cp932"),
        ("Windows-31J", "application/xml", "cp932"),
        (None, "text/xml; charset=x-sjis", "cp932"),
        (None, "text/xml", "cp932"),
        ("EUC-JP", "text/xml", "euc_jp"),
        ("euc-jp", "text/xml; charset=ISO-8859-1", "euc_jp"),
        (None, "text/xml", "euc_jp"),
        ("UTF-8", "text/xml; charset=iso-8859-1", "utf-8"),
        ("Shift_JIS", "text/xml", "utf-8"),
        ("UTF-16", "text/xml", "utf-16"),
        ("UTF-8", "text/xml", "utf-8-sig"),
    ],
)
async def test_whatever_the_encoding_is_called_the_text_is_right(declared: str | None, content_type: str, written: str) -> None:
    windows = written in ("cp932", "euc_jp")
    text = _rdf(declared)
    got, collector = await _read(_windows(text, written) if windows else text.encode(written), content_type)
    right = SAID.replace("é", "e") if windows else SAID
    assert [post.text.replace("～", "〜") for post in _posts(got)] == [right]  # the two waves are one sign in Windows
    assert not collector.remarks


async def test_what_no_table_knows_costs_itself_in_euc_too() -> None:
    got, collector = await _read(_windows(_rdf("EUC-JP"), "euc_jp").replace("感想".encode("euc_jp"), b"\xa2\xb2"))
    assert [post.text for post in _posts(got)] == ["夜森の㈱①髙い〜\ufffd Cafe"]
    assert "誤り" in collector.remarks[0]


async def test_mail_encoding_is_read_too() -> None:
    got, _ = await _read(_rdf("ISO-2022-JP").replace("㈱①髙", "").replace("é", "e").encode("iso2022_jp"))
    assert "夜森の" in _posts(got)[0].text


async def test_a_character_cut_in_half_costs_itself_and_not_the_feed() -> None:
    long = "新作の話を聞きました。" * 20
    items = "".join(
        f"<item><guid>{number}</guid><title>ヨモリ{number}</title><description>{long}</description></item>" for number in range(3)
    )
    whole = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()
    cut = whole.replace("聞きました。</d".encode(), "聞きました".encode()[:-1] + b"</d", 1)
    got, collector = await _read(cut)
    first, *others = (post.text for post in _posts(got))
    assert first.startswith("ヨモリ0\n新作の話を聞きました。")
    assert first.endswith("聞きまし\ufffd")
    assert others == [f"ヨモリ{number}\n{long}" for number in (1, 2)]
    assert "誤り" in collector.remarks[0]


@pytest.mark.parametrize("content_type", ["application/json", "", "application/octet-stream", "text/html; charset=iso-8859-1"])
async def test_a_wrong_content_type_is_no_mistake_of_the_feed(content_type: str) -> None:
    got, collector = await _read(_rdf("UTF-8"), content_type)
    assert _posts(got)[0].text == SAID
    assert not collector.remarks


def _rss(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>x</title>{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


async def test_an_id_that_many_articles_share_loses_none_of_them() -> None:
    def item(number: int) -> str:
        return f"<guid>https://a.example/</guid><link>https://a.example/{number}</link><title>記事{number}</title>"

    got, collector = await _read(_rss(item(1), item(2), item(3)))
    assert {post.native_id: post.text for post in _posts(got)} == {f"https://a.example/{n}": f"記事{n}" for n in (1, 2, 3)}
    again, _ = await _read(_rss(item(4), item(1), item(2)), bookmark=collector.next_bookmark)
    assert [post.text for post in _posts(again)] == ["記事4"]


async def test_the_same_article_twice_is_one() -> None:
    item = "<guid>7</guid><link>https://a.example/7</link><title>記事</title>"
    got, _ = await _read(_rss(item, item))
    assert len(_posts(got)) == 1


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 31 Dec 1969 23:00:00 +0000", "0001-01-01T00:00:00Z", "昨日"])
async def test_a_date_that_cannot_be_is_no_date(date: str) -> None:
    got, collector = await _read(_rss(f"<guid>1</guid><title>記事</title><pubDate>{date}</pubDate>"))
    assert [post.created_at for post in _posts(got)] == [NOW]
    assert "日付のない記事 1 件" in collector.remarks[0]


async def test_a_long_feed_is_read_once() -> None:
    body = _rss(*(f"<guid>{number}</guid><title>記事{number}</title>" for number in range(REMEMBERED + 500)))
    got, collector = await _read(body)
    assert len(_posts(got)) == REMEMBERED + 500
    again, after = await _read(body, bookmark=Bookmark.from_json(collector.next_bookmark.to_json()))
    assert not again
    assert len(after.next_bookmark.notes["marks"]) == REMEMBERED + 500


async def test_the_newest_article_is_told_by_the_day_in_tokyo() -> None:
    answers = httpx.MockTransport(
        lambda request: httpx.Response(200, text=_rss("<guid>1</guid><title>a</title><pubDate>Wed, 18 Nov 2026 15:30:00 GMT</pubDate>"))
    )
    async with Http(transport=answers) as http:
        settings = FeedSettings.model_validate({"name": "blog", "brand": "yomori", "url": "https://a.example/rss"})
        assert "2026-11-19" in await FeedCollector(settings, context_of(http, lambda: datetime(2026, 11, 20, tzinfo=UTC))).check()


async def test_too_large_an_answer_says_what_to_do() -> None:
    answers = httpx.MockTransport(lambda request: httpx.Response(200, content=b" " * 3_000_000))
    async with Http(transport=answers, max_body=2 * 1024 * 1024) as http:
        with pytest.raises(FormatError, match="2 MB") as caught:
            await http.of().ask("https://a.example/rss")
    assert "URL" in (caught.value.advice or "")


async def test_a_redirect_that_leaves_the_web_is_named_as_such() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "file":
            raise httpx.UnsupportedProtocol("file", request=request)  # as the network does
        return httpx.Response(301, headers={"location": "file:///etc/passwd"})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(AccessError, match="転送先"):
            await http.of().ask("https://a.example/rss")
