"""Apple's feed of customer reviews: ten pages of fifty, a single entry without a list, an empty feed without the key."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import Any, ClassVar

from collectors.appstore import PAGE, PAGES, AppStoreSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

APP = "1234567890"
_PATH = re.compile(r"/jp/rss/customerreviews/page=(\d+)/id=(\d+)/sortBy=mostRecent/json")
PACIFIC = timezone(timedelta(hours=-7))


def label(value: Any) -> dict[str, Any]:
    return {"label": value}


class AppStore(Wire):
    """``more`` of a review: stars, title, author, version."""

    name = "appstore"
    listing = "/jp/rss/customerreviews/*"
    page_size = PAGE
    id_field: ClassVar[str | None] = None

    def settings(self, url: str) -> AppStoreSettings:
        return AppStoreSettings.model_validate({"name": "ios", "brand": "yomori", "app": APP, "service": url})

    def native_id(self, post: Said) -> str:
        return str(11_000_000_000 + post.number)

    def entry(self, post: Said) -> dict[str, Any]:
        author = post.more.get("author", f"お茶好き{post.number}")
        return {
            "author": {"uri": label(f"https://itunes.apple.com/jp/reviews/id{900_000 + post.number}"), "name": label(author), "label": ""},
            "updated": label(post.at.astimezone(PACIFIC).isoformat()),
            "im:rating": label(str(post.more.get("stars", 4))),
            "im:version": label(post.more.get("version", "3.2.1")),
            "id": label(self.native_id(post)),
            "title": label(post.more.get("title", "使っています")),
            "content": {"label": post.text, "attributes": {"type": "text"}},
            "link": {"attributes": {"rel": "related", "href": f"https://itunes.apple.com/jp/review?id={APP}&type=Purple%20Software"}},
            "im:voteSum": label(str(post.likes)),
            "im:contentType": {"attributes": {"term": "Application", "label": "アプリケーション"}},
            "im:voteCount": label(str(post.likes)),
        }

    def answer(self, asked: Asked) -> Reply:
        match = _PATH.fullmatch(asked.path)
        if match is None or match[2] != APP or int(match[1]) > PAGES:
            return Reply(b"CustomerReviews RSS page depth is limited to 10", 400)
        at = 0 if self.repeat else (int(match[1]) - 1) * PAGE
        entries = [self.entry(post) for post in self.newest_first()[at : at + PAGE]]
        feed: dict[str, Any] = {
            "author": {"name": label("iTunes Store"), "uri": label("http://www.apple.com/jp/itunes/")},
            "updated": label("2026-11-19T17:30:00-07:00"),
            "title": label("iTunes Store: カスタマーレビュー"),
            "id": label(f"https://mzstoreservices-int-st.itunes.apple.com/jp/rss/customerreviews/id={APP}/json"),
        }
        if entries:
            feed["entry"] = entries[0] if len(entries) == 1 else entries
        return Reply({"feed": feed})


WIRES = (AppStore,)
