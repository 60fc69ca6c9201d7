"""Puts the demo's posts together from the phrases: one text at a time, by topic and feeling."""

from __future__ import annotations

from numpy.random import Generator

from monitor.demo import phrases
from monitor.demo.cast import BRANDS, CAMPAIGNS, FIRST, LAST, PLACES, Brand, Campaign

FEELINGS = {"positive": phrases.POSITIVE, "negative": phrases.NEGATIVE, "neutral": phrases.NEUTRAL}


def pick(rng: Generator, options: tuple[str, ...]) -> str:
    """Return one of ``options``."""
    return options[int(rng.integers(len(options)))]


def fill(rng: Generator, text: str, brand: Brand, campaign: Campaign | None = None) -> str:
    """Return ``text`` with its slots filled."""
    rivals = [other for other in BRANDS if other is not brand]
    chosen = campaign or CAMPAIGNS[-1]
    return text.format(
        b=brand.name,
        p=pick(rng, brand.products),
        q=pick(rng, PLACES),
        r=rivals[int(rng.integers(len(rivals)))].name,
        c=chosen.name,
        tag=chosen.tag,
        n=pick(rng, FIRST),
    )


def public(rng: Generator, brand: Brand, feeling: str) -> str:
    """Return somebody's post about ``brand``; ``feeling`` is positive, negative or neutral."""
    topics = FEELINGS[feeling]
    names = tuple(topics)
    weights = [len(topics[name]) for name in names]  # a topic with more to say is spoken of more
    topic = names[int(rng.choice(len(names), p=[w / sum(weights) for w in weights]))]
    core = _named(pick(rng, topics[topic]))
    return fill(rng, pick(rng, phrases.OPENERS) + core + pick(rng, phrases.TAILS[feeling]), brand)


def special(rng: Generator, brand: Brand, kind: str, campaign: Campaign | None = None) -> str:
    """Return a post of ``kind``: surge, surge_after, entry, news or ad."""
    options = {
        "surge": phrases.SURGE,
        "surge_after": phrases.SURGE_AFTER,
        "entry": phrases.ENTRIES,
        "news": phrases.NEWS,
        "ad": phrases.ADS,
    }[kind]
    opener = pick(rng, phrases.OPENERS) if kind.startswith("surge") else ""
    return fill(rng, opener + _named(pick(rng, options)), brand, campaign)


def own(rng: Generator, brand: Brand, campaign: Campaign | None) -> str:
    """Return a post of the brand's own, about the campaign more often than not while one runs."""
    if campaign is not None and rng.random() < 0.6:
        return fill(rng, pick(rng, phrases.OWN_CAMPAIGN), brand, campaign)
    return fill(rng, pick(rng, phrases.OWN_POSTS), brand)


def author(rng: Generator) -> tuple[str, str]:
    """Return an invented person's (id, display name); the same id always has the same name."""
    number = int(min(rng.zipf(1.35), 9_000))
    name = FIRST[number % len(FIRST)] + LAST[(number // len(FIRST)) % len(LAST)]
    return f"p{number:05d}", name


def _named(core: str) -> str:
    """Return ``core`` with the brand's name in it: a search by name would not have found it otherwise."""
    if "{b}" in core or "{tag}" in core:
        return core
    return "{b}の" + core if core.startswith(("{p}", "アプリ", "通販", "クーポン")) else core + " #{b}"
