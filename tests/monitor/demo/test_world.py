"""The demo's world: the same for the same seed, and its numbers behave like real ones."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from monitor.demo.cast import CAMPAIGNS, CHANNELS, OUTAGE_PLATFORM, SURGE_DAYS_AGO
from monitor.demo.world import TOKYO, DemoPost, World

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=3, months=8, posts=9000, now=NOW)


@pytest.fixture(scope="module")
def history(world: World) -> list[DemoPost]:
    return list(world.history())


def test_the_same_seed_gives_the_same_posts(world: World, history: list[DemoPost]) -> None:
    again = World(seed=3, months=8, posts=9000, now=NOW)
    assert list(again.day(5, NOW)) == list(world.day(5, NOW))
    other = World(seed=4, months=8, posts=9000, now=NOW)
    assert list(other.day(5, NOW)) != list(world.day(5, NOW))


def test_it_has_about_as_many_posts_as_asked_for(history: list[DemoPost]) -> None:
    assert 0.8 * 9000 < len(history) < 1.3 * 9000
    assert {post.platform for post in history} == {channel.platform for channel in CHANNELS}
    assert len({post.id for post in history}) == len(history)


def test_nothing_is_posted_after_now_and_a_day_goes_on_where_it_was(world: World) -> None:
    morning = list(world.day(0, NOW))
    evening = list(world.day(0, NOW + timedelta(hours=10)))
    assert all(post.created_at <= NOW for post in morning)
    assert [post for post in evening if post.created_at <= NOW] == morning
    assert len(evening) > len(morning)


def test_counts_grow_with_age_toward_the_final_ones(history: list[DemoPost]) -> None:
    post = max((p for p in history if p.platform == "x" and p.own and p.views), key=lambda p: p.views or 0)
    ages = [timedelta(hours=h) for h in (-1, 0, 1, 6, 24, 168, 24 * 60)]
    views = [post.counts(post.created_at + age)["views"] for age in ages]
    assert views == sorted(views, key=lambda v: v or 0)
    assert views[0] == views[1] == 0
    assert views[-1] is not None
    assert post.views is not None
    assert views[-1] > 0.99 * post.views


def test_platforms_without_views_have_none_and_never_zero(history: list[DemoPost]) -> None:
    assert {post.views for post in history if post.platform in ("bluesky", "feed")} == {None}
    assert all(post.likes is None for post in history if post.platform == "feed")


def test_views_have_a_long_tail_and_reactions_are_overdispersed(history: list[DemoPost]) -> None:
    own = [p for p in history if p.platform == "x" and p.own and p.views and p.likes is not None]
    views = np.array([p.views for p in own], dtype=float)
    likes = np.array([p.likes for p in own], dtype=float)
    assert np.mean(views) > 1.3 * np.median(views)
    rate = likes.sum() / views.sum()
    dispersion = np.mean((likes - rate * views) ** 2 / (rate * views))
    assert dispersion > 10  # a binomial's would be about 1


def test_people_write_in_the_evening_and_brands_in_office_hours(history: list[DemoPost]) -> None:
    hours = Counter(p.created_at.astimezone(TOKYO).hour for p in history if not p.own)
    assert hours[21] > 4 * hours[4]
    assert all(8 <= p.created_at.astimezone(TOKYO).hour <= 22 for p in history if p.own and "お詫び" not in p.text)


def test_campaigns_bring_talk_and_the_surge_is_bad_talk(history: list[DemoPost]) -> None:
    def talk(first: float, last: float) -> float:
        days = [p for p in history if p.brand == "yomori" and not p.own and first <= (NOW - p.created_at).total_seconds() / 86400 <= last]
        return len(days) / (last - first)

    campaign = CAMPAIGNS[-1]
    assert talk(campaign.ends, campaign.starts) > 1.5 * talk(campaign.starts + 1, campaign.starts + 22)
    assert talk(SURGE_DAYS_AGO - 2, SURGE_DAYS_AGO) > 2.5 * talk(SURGE_DAYS_AGO + 1, SURGE_DAYS_AGO + 15)


def test_the_outage_is_dark_for_one_platform_only(world: World) -> None:
    middle = NOW - timedelta(days=70)
    assert world.dark(OUTAGE_PLATFORM, middle)
    assert not world.dark("x", middle)
    assert not world.dark(OUTAGE_PLATFORM, NOW - timedelta(days=10))


def test_a_post_about_two_brands_names_both(history: list[DemoPost]) -> None:
    both = [post for post in history if post.also]
    assert both
    assert all(not post.own or post.brand not in post.also for post in both)
