"""Which kinds of source there are. A platform is one file, and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.appstore import AppStoreCollector, AppStoreSettings
from collectors.base import Collector, Context, SourceSettings
from collectors.bluesky import BlueskyCollector, BlueskySettings
from collectors.facebook import FacebookCollector, FacebookSettings
from collectors.feeds import FeedCollector, FeedSettings
from collectors.googlebusiness import GoogleBusinessCollector, GoogleBusinessSettings
from collectors.googleplay import GooglePlayCollector, GooglePlaySettings
from collectors.instagram import InstagramCollector, InstagramSettings
from collectors.line import LineCollector, LineSettings
from collectors.mastodon import MastodonCollector, MastodonSettings
from collectors.misskey import MisskeyCollector, MisskeySettings
from collectors.threads import ThreadsCollector, ThreadsSettings
from collectors.tiktok import TikTokCollector, TikTokSettings
from collectors.webpage import WebPageCollector, WebPageSettings
from collectors.x import XCollector, XSettings
from collectors.youtube import YouTubeCollector
from collectors.youtube_settings import YouTubeSettings


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: the type of its settings and its collector."""

    settings: type[SourceSettings]
    collector: type[Collector[Any]]


KINDS: dict[str, Kind] = {
    "appstore": Kind(AppStoreSettings, AppStoreCollector),
    "bluesky": Kind(BlueskySettings, BlueskyCollector),
    "facebook": Kind(FacebookSettings, FacebookCollector),
    "feed": Kind(FeedSettings, FeedCollector),
    "googlebusiness": Kind(GoogleBusinessSettings, GoogleBusinessCollector),
    "googleplay": Kind(GooglePlaySettings, GooglePlayCollector),
    "instagram": Kind(InstagramSettings, InstagramCollector),
    "line": Kind(LineSettings, LineCollector),
    "mastodon": Kind(MastodonSettings, MastodonCollector),
    "misskey": Kind(MisskeySettings, MisskeyCollector),
    "threads": Kind(ThreadsSettings, ThreadsCollector),
    "tiktok": Kind(TikTokSettings, TikTokCollector),
    "webpage": Kind(WebPageSettings, WebPageCollector),
    "x": Kind(XSettings, XCollector),
    "youtube": Kind(YouTubeSettings, YouTubeCollector),
}


def make(settings: SourceSettings, context: Context) -> Collector[Any]:
    """Return the collector of a source.

    Raises:
        KeyError: There is no such kind.
    """
    return KINDS[settings.kind].collector(settings, context)
