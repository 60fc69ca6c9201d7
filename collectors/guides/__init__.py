"""How each kind of source is set up: one table, from which `hibiki source add` asks and docs/platforms.md is made."""

from __future__ import annotations

from collectors.guides.fediverse import BLUESKY, MASTODON, MISSKEY
from collectors.guides.guide import Ask, Guide, Only, Said, Secret, Step
from collectors.guides.line import LINE
from collectors.guides.meta import FACEBOOK, INSTAGRAM, THREADS
from collectors.guides.reviews import APPSTORE, GOOGLEBUSINESS, GOOGLEPLAY
from collectors.guides.video import TIKTOK, YOUTUBE
from collectors.guides.web import FEED, WEBPAGE
from collectors.guides.x import X

__all__ = ["GUIDES", "Ask", "Guide", "Only", "Said", "Secret", "Step"]

GUIDES: dict[str, Guide] = {
    "x": X,
    "instagram": INSTAGRAM,
    "facebook": FACEBOOK,
    "threads": THREADS,
    "youtube": YOUTUBE,
    "tiktok": TIKTOK,
    "line": LINE,
    "bluesky": BLUESKY,
    "mastodon": MASTODON,
    "misskey": MISSKEY,
    "googlebusiness": GOOGLEBUSINESS,
    "googleplay": GOOGLEPLAY,
    "appstore": APPSTORE,
    "feed": FEED,
    "webpage": WEBPAGE,
}
"""Kind -> its guide, in the order in which they are shown."""
