"""Sites of reviews: one that speaks schema.org, one in plain HTML that is read by selectors."""

from __future__ import annotations

import html
import json
from typing import Any, ClassVar

from collectors.webpage import WebPageSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

PAGE = 5


class Site(Wire):
    """``more`` of a review: stars, title, author. ``extra``: markup in the head; ``robots``: the text of robots.txt."""

    name = "webpage"
    listing = "/items/7/reviews"
    page_size = PAGE
    options: ClassVar[dict[str, Any]] = {"next": "a[rel=next]"}

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.extra = ""
        self.robots: str | None = None
        self.encoding = "utf-8"
        self.headers: dict[str, str] = {}

    def settings(self, url: str) -> WebPageSettings:
        self.url = url
        values = {"name": "reviews", "brand": "yomori", "url": url + self.listing, "local": True, "pause": 0.0, **self.options}
        return WebPageSettings.model_validate(values)

    def native_id(self, post: Said) -> str:
        return f"{self.url}{self.listing}#r{post.number}"

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"", 404) if self.robots is None else Reply(self.robots.encode(), headers={"content-type": "text/plain"})
        if asked.path != self.listing:
            return Reply(b"<html><body>404</body></html>", 404, {"content-type": "text/html"})
        number = int(asked.one("page", "1"))
        at = 0 if self.repeat else (number - 1) * PAGE
        posts = self.newest_first()[at : at + PAGE]
        more = self.repeat or len(self.said) > number * PAGE
        follow = f'<a rel="next" href="?page={number + 1}&amp;sort=new">次へ</a>' if more else ""
        text = (
            f"<!doctype html><html lang=ja><head><title>夜森の湯のみ のレビュー</title>{self.extra}{self.head(posts)}</head>"
            f"<body><h1>レビュー</h1>{self.body(posts)}{follow}</body></html>"
        )
        headers = {"content-type": f"text/html; charset={self.encoding}", **self.headers}
        return Reply(text.encode(self.encoding, "xmlcharrefreplace"), headers=headers)

    def head(self, posts: list[Said]) -> str:
        product = {
            "@context": "https://schema.org",
            "@type": "Product",
            "name": "夜森の湯のみ",
            "review": [self.node(post) for post in posts],
        }
        return f'<script type="application/ld+json">{json.dumps(product, ensure_ascii=False)}</script>'

    def node(self, post: Said) -> dict[str, Any]:
        return {
            "@type": "Review",
            "@id": f"#r{post.number}",
            "author": {"@type": "Person", "name": post.more.get("author", f"客{post.number}")},
            "datePublished": post.at.isoformat(),
            "reviewRating": {"@type": "Rating", "ratingValue": str(post.more.get("stars", 4)), "bestRating": "5"},
            "name": post.more.get("title", "買いました"),
            "reviewBody": post.text,
        }

    def body(self, posts: list[Said]) -> str:
        return ""


class PlainSite(Site):
    name = "webpage-plain"
    options: ClassVar[dict[str, Any]] = {
        "next": "a[rel=next]", "item": "li.review", "text": "p", "title": "b", "author": ".who", "time": "time", "stars": ".stars@aria-label",
    }  # fmt: skip

    def head(self, posts: list[Said]) -> str:
        return ""

    def body(self, posts: list[Said]) -> str:
        return "<ul>" + "".join(self.row(post) for post in posts) + "</ul>"

    def row(self, post: Said) -> str:
        return (
            f'<li class="review" id="r{post.number}"><b>{html.escape(post.more.get("title", "買いました"))}</b>'
            f'<span class="stars" aria-label="5つ星のうち{post.more.get("stars", 4)}"></span><span class="who">客{post.number}</span>'
            f'<time datetime="{post.at.isoformat()}">きのう</time><p>{html.escape(post.text)}</p></li>'
        )


WIRES = (Site, PlainSite)
