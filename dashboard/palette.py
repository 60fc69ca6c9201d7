"""Colours: one fixed colour a platform and a sentiment, told apart by colour-blind readers too (after Okabe and Ito, 2008).

Each colour is a pair (on light, on dark), both at least 3:1 against their background. Text never takes these colours alone.
"""

from __future__ import annotations

import streamlit as st

from dashboard.i18n import known

PLATFORMS: dict[str, tuple[str, str]] = {
    "x": ("#3d4a57", "#c3ccd6"),
    "instagram": ("#b5548a", "#e38fbd"),
    "youtube": ("#c24a00", "#ff8a4c"),
    "tiktok": ("#00805e", "#2fc79a"),
    "bluesky": ("#1f83c7", "#6cbcf5"),
    "threads": ("#6b5aa8", "#b3a5ec"),
    "facebook": ("#0a5a9c", "#5c9fe0"),
    "line": ("#5e8000", "#a5cc3d"),
    "misskey": ("#a87400", "#f0b429"),
    "mastodon": ("#5b54c7", "#a09af5"),
    "note": ("#2f7d7a", "#67c7c2"),
    "feed": ("#7d6033", "#c9a66b"),
    "rss": ("#7d6033", "#c9a66b"),
    "news": ("#7d6033", "#c9a66b"),
    "blog": ("#8a5a44", "#d39c80"),
    "appstore": ("#2a6fb0", "#7ab6ee"),
    "googleplay": ("#2e7d4f", "#6cc48e"),
    "googlebusiness": ("#a3481f", "#e89468"),
    "web": ("#6d6257", "#b9ab9c"),
    "review": ("#9a3b5a", "#e88aa8"),
}
OTHER = ("#5f6b76", "#a9b4bf")
SENTIMENTS: dict[str, tuple[str, str]] = {
    "positive": ("#0a72b0", "#58b0f0"),
    "neutral": ("#8793a0", "#77838f"),
    "negative": ("#c8500a", "#ff8c4d"),
}
PAPER = ("#faf9f6", "#14181d")
INK = ("#1d2731", "#e7eaee")
QUIET = ("#56626e", "#a7b1bb")
RULE = ("#e3e1db", "#333b45")
ACCENT = ("#2a5f97", "#84bdf3")
GAP = ("#d9d5cb", "#3a424c")
CAMPAIGN = ("#a87400", "#f0b429")


def is_dark() -> bool:
    """Say whether the reader's theme is dark."""
    return st.context.theme.type == "dark"


def shade(pair: tuple[str, str]) -> str:
    """Return the colour of a pair for the reader's theme."""
    return pair[is_dark()]


def platform_colour(platform: str) -> str:
    """Return the platform's colour."""
    return shade(PLATFORMS.get(platform, OTHER))


def sentiment_colour(sentiment: str) -> str:
    """Return the sentiment's colour."""
    return shade(SENTIMENTS[sentiment])


def platform_css(platform: str) -> str:
    """Return the platform's colour for style sheets, right in both themes."""
    light, dark = PLATFORMS.get(platform, OTHER)
    return f"light-dark({light}, {dark})"


def platform_name(platform: str) -> str:
    """Return the platform's name as its users write it."""
    return known(f"platform.{platform}", platform)
