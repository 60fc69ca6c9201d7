"""The demo's world: posts with counts that behave like real ones, the same for the same seed.

Views of a post are log-normal (a long right tail), its appeal is log-normal too (so reactions are overdispersed against
views), reactions are drawn from both and grow with age toward their final number. Weekdays, evenings, campaigns, a surge
and a slow trend move all of it. Nothing here is fitted to anybody's data.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator

from monitor.demo import phrases, voice
from monitor.demo.cast import (
    BRANDS,
    CAMPAIGNS,
    CHANNELS,
    OUTAGE_DAYS_AGO,
    OUTAGE_PLATFORM,
    OWN,
    SURGE_DAYS_AGO,
    SURGE_HOURS,
    Brand,
    Campaign,
    Channel,
)

TOKYO = ZoneInfo("Asia/Tokyo")
HOURS = np.array([3, 2, 1, 1, 1, 2, 4, 7, 8, 7, 7, 8, 11, 9, 7, 7, 7, 8, 10, 12, 14, 15, 13, 8], dtype=float)
WEEKDAYS = (0.92, 0.9, 0.95, 0.97, 1.06, 1.14, 1.08)


@dataclass(frozen=True, slots=True)
class DemoPost:
    """A post of the world with the counts it will end with; ``own`` says that the brand wrote it."""

    platform: str
    id: str
    brand: str
    own: bool
    kind: str
    author_id: str
    author_name: str
    text: str
    created_at: datetime
    half_life: float
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    also: tuple[str, ...] = ()

    def counts(self, at: datetime) -> dict[str, int | None]:
        """Return the counts as they stand at ``at``: half of the final ones after ``half_life`` hours, all of them in the end."""
        age = max((at - self.created_at).total_seconds() / 3600, 0.0)
        grown = 1 - 0.5 ** ((age / self.half_life) ** 0.75)
        final = {"views": self.views, "likes": self.likes, "comments": self.comments, "shares": self.shares, "saves": self.saves}
        return {name: None if n is None else math.floor(n * grown) for name, n in final.items()}


class World:
    """The posts of ``months`` months up to ``now``, about ``posts`` of them; and, day by day, those that came after."""

    def __init__(self, seed: int, months: int, posts: int, now: datetime) -> None:
        self.seed, self.now, self.days = seed, now.astimezone(UTC), round(months * 30.44)
        own = sum(channel.own_per_day * (0.5 + brand.size / 2) for channel in CHANNELS for brand in BRANDS) * self.days
        # A tenth of what campaigns, the surge and the weekdays add on top of a plain day.
        self.talk_per_day = max(posts - own, posts * 0.3) / self.days / 1.16
        self.own_scale = min(1.0, 0.7 * posts / own)

    def history(self) -> Iterator[DemoPost]:
        """Yield every post up to ``now``, oldest day first."""
        for ago in range(self.days, -1, -1):
            yield from self.day(ago, self.now)

    def day(self, ago: int, until: datetime) -> Iterator[DemoPost]:
        """Yield the posts of the day ``ago`` days before the world's now (negative: after it), those up to ``until``."""
        return (post for post in self._day(ago) if post.created_at <= until)

    def live(self, slot: int, seconds: int) -> Iterator[DemoPost]:
        """Yield what is posted in the ``slot``-th stretch of ``seconds`` since 1970, beyond the plain day: the demo should move."""
        rng = self._rng("live", str(slot))
        at = datetime.fromtimestamp(slot * seconds, UTC) + timedelta(seconds=float(rng.uniform(0, seconds)))
        brand = BRANDS[int(rng.choice(len(BRANDS), p=[0.6, 0.25, 0.15]))]
        draw = rng.random()
        bluesky, feed = CHANNELS[4], CHANNELS[5]
        if draw < 0.5:
            yield self.mention(rng, brand, bluesky, at, None)
        elif draw < 0.56:
            yield self._own_post(rng, brand, bluesky, at, voice.own(rng, brand, None), 0, None)
        elif draw < 0.59:
            yield self._own_post(rng, brand, feed, at, voice.own(rng, brand, None), 0, None)

    def _day(self, ago: int) -> Iterator[DemoPost]:
        start = (self.now.astimezone(TOKYO) - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        rng = self._rng("day", start.date().isoformat())
        campaign = self.campaign(ago)
        weekday = WEEKDAYS[start.weekday()]
        for brand in BRANDS:
            for channel in CHANNELS:
                yield from self._own_posts(rng, brand, channel, start, ago, campaign if brand is OWN else None)
            yield from self._talk(rng, brand, start, ago, campaign if brand is OWN else None, weekday)
        yield from self._surge(rng, start)

    def campaign(self, ago: float) -> Campaign | None:
        """Return the campaign that ran ``ago`` days before now, if any."""
        return next((c for c in CAMPAIGNS if c.ends <= ago <= c.starts), None)

    def dark(self, platform: str, at: datetime) -> bool:
        """Say whether ``platform`` could not be read at ``at``: the month in which one source was down."""
        first, last = OUTAGE_DAYS_AGO
        return platform == OUTAGE_PLATFORM and timedelta(days=last) <= self.now - at <= timedelta(days=first)

    def mention(self, rng: Generator, brand: Brand, channel: Channel, at: datetime, campaign: Campaign | None) -> DemoPost:
        """Return one post by the public about ``brand``."""
        kind = rng.random()
        if campaign is not None and kind < 0.30:
            text = voice.special(rng, brand, "entry", campaign)
        elif kind < 0.34 and channel.platform in ("x", "feed"):
            text = voice.special(rng, brand, "news" if rng.random() < 0.6 else "ad")
        else:
            worse = 0.05 if brand is OWN and timedelta(0) <= self.now - at <= timedelta(days=SURGE_DAYS_AGO) else 0.0
            draw = rng.random()
            feeling = "positive" if draw < 0.42 - worse else "negative" if draw > 0.80 - worse else "neutral"
            text = voice.public(rng, brand, feeling)
        return self._public_post(rng, brand, channel, at, text, spread=1.0)

    def _own_posts(
        self, rng: Generator, brand: Brand, channel: Channel, start: datetime, ago: int, campaign: Campaign | None
    ) -> Iterator[DemoPost]:
        rate = channel.own_per_day * (0.5 + brand.size / 2) * self.own_scale * (1.5 if campaign else 1.0)
        for _ in range(int(rng.poisson(rate))):
            at = self._moment(rng, start, office=True)
            yield self._own_post(rng, brand, channel, at, voice.own(rng, brand, campaign), ago, campaign)
        if brand is OWN and channel.platform in ("x", "instagram", "bluesky"):
            sorry = self.now - timedelta(days=SURGE_DAYS_AGO) + timedelta(hours=SURGE_HOURS * 0.7)
            if start <= sorry < start + timedelta(days=1):
                yield self._own_post(rng, brand, channel, sorry, phrases.OWN_APOLOGY, ago, None, reach=9.0)

    def _own_post(
        self,
        rng: Generator,
        brand: Brand,
        channel: Channel,
        at: datetime,
        text: str,
        ago: int,
        campaign: Campaign | None,
        reach: float = 1.0,
    ) -> DemoPost:
        trend = 1 + 0.35 * (1 - ago / max(self.days, 1))
        appeal = brand.appeal * rng.lognormal(-0.12, 0.49) * (campaign.appeal if campaign else 1.0)
        middle = (channel.views or 3000) * brand.size * trend * (campaign.reach if campaign else 1.0) * reach
        views = int(middle * rng.lognormal(0, 0.95))
        shown = channel.views is not None and (brand is OWN or channel.competitor_views)
        return self._post(rng, brand, channel, at, text, views, appeal, shown, own=True)

    def _talk(
        self, rng: Generator, brand: Brand, start: datetime, ago: int, campaign: Campaign | None, weekday: float
    ) -> Iterator[DemoPost]:
        share = brand.size / sum(b.size for b in BRANDS)
        if brand is OWN:
            share *= 1.5
        mean = self.talk_per_day * share * weekday * (campaign.talk if campaign else 1.0)
        for _ in range(int(rng.poisson(mean * rng.gamma(12, 1 / 12)))):
            channel = CHANNELS[int(rng.choice(len(CHANNELS), p=[c.mention_share for c in CHANNELS]))]
            yield self.mention(rng, brand, channel, self._moment(rng, start), campaign)

    def _surge(self, rng: Generator, start: datetime) -> Iterator[DemoPost]:
        """Yield the surge: a few posts, then many within hours, then a long tail after the apology."""
        begin = self.now - timedelta(days=SURGE_DAYS_AGO)
        for hour in range(24):
            at = start + timedelta(hours=hour)
            since = (at - begin).total_seconds() / 3600
            if not 0 <= since <= SURGE_HOURS * 3:
                continue
            level = self.talk_per_day * 0.16 * (since / 6) * math.exp(1 - since / 9)
            for _ in range(int(rng.poisson(level))):
                calmer = since > SURGE_HOURS * 0.7 and rng.random() < 0.5
                text = voice.special(rng, OWN, "surge_after" if calmer else "surge")
                moment = at + timedelta(minutes=float(rng.uniform(0, 60)))
                channel = CHANNELS[0] if rng.random() < 0.8 else CHANNELS[4]
                yield self._public_post(rng, OWN, channel, moment, text, spread=6.0)

    def _public_post(self, rng: Generator, brand: Brand, channel: Channel, at: datetime, text: str, spread: float) -> DemoPost:
        views = int(120 * rng.lognormal(0, 1.5) * spread)
        shown = channel.views is not None and channel.platform not in ("instagram", "tiktok")
        return self._post(rng, brand, channel, at, text, views, rng.lognormal(0, 0.7), shown, own=False)

    def _post(
        self, rng: Generator, brand: Brand, channel: Channel, at: datetime, text: str, views: int, appeal: float, shown: bool, own: bool
    ) -> DemoPost:
        mentioned = tuple(b.id for b in BRANDS if b is not brand and b.name in text)
        who = (f"official-{brand.id}", f"{brand.name}【公式】") if own else voice.author(rng)
        digest = hashlib.blake2b(f"{self.seed}|{channel.platform}|{at.isoformat()}|{rng.integers(2**40)}".encode(), digest_size=8)

        def count(rate: float) -> int | None:
            return int(rng.binomial(views, min(rate * appeal, 0.9))) if rate else None

        return DemoPost(
            platform=channel.platform,
            id=digest.hexdigest(),
            brand=brand.id,
            own=own,
            kind="article" if channel.platform == "feed" else "comment" if channel.platform == "youtube" and not own else "post",
            author_id=who[0],
            author_name=who[1],
            text=text,
            created_at=at.astimezone(UTC).replace(microsecond=0),
            half_life=channel.half_life,
            views=views if shown else None,
            likes=count(channel.likes),
            comments=count(channel.comments),
            shares=count(channel.shares),
            saves=count(channel.saves) if own or channel.platform == "bluesky" else None,
            also=mentioned,
        )

    def _moment(self, rng: Generator, start: datetime, office: bool = False) -> datetime:
        hours = HOURS * (np.arange(24) >= 8) * (np.arange(24) <= 21) if office else HOURS
        hour = int(rng.choice(24, p=hours / hours.sum()))
        return start + timedelta(hours=hour, seconds=float(rng.uniform(0, 3600)))

    def _rng(self, *names: str) -> Generator:
        digest = hashlib.blake2b("|".join((str(self.seed), *names)).encode(), digest_size=8).digest()
        return np.random.default_rng(int.from_bytes(digest, "big"))
