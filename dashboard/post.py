"""One post, whole: its text, counts, curve, and the words that made its score."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, data, html, i18n, palette
from dashboard.i18n import is_number, number, t
from dashboard.kpis import rate_text
from store.queries import Filters


def show_post(post_key: int, filters: Filters) -> None:
    """Show the post, or say that it is not there."""
    found = data.ask("post_detail", post_key)
    if found.empty or found["gone_at"].notna().iloc[0]:
        html.empty(t("post.gone"))
        return
    post = found.iloc[0]
    scores = data.ask("post_scores", post_key, filters.brand)
    score = scores.iloc[0] if len(scores) else None
    with st.container(border=True, key="post_detail"):
        html.show(_head(post, score) + f'<div class="hb-text">{html.esc(post["text"] or "")}</div>' + _facts(post, filters))
        if is_web(post["url"]):
            st.link_button(t("post.open"), post["url"], icon=":material/open_in_new:", type="tertiary")
        if score is not None:
            html.show(_score(score))
        _curves(post_key, filters, str(post["platform"]), post["created_at"])


def is_web(url: object) -> bool:
    """Say whether a link may be made of ``url``: it comes from outside, so a script must not pass for an address."""
    return isinstance(url, str) and url.startswith(("https://", "http://"))


def _head(post: Any, score: Any | None) -> str:
    author = f"<span>{html.esc(post['author_name'])}</span>" if isinstance(post["author_name"], str) else ""
    stars = post["stars"]
    if is_number(stars):
        author += f'<span role="img" aria-label="{html.esc(t("stars.of", n=f"{stars:g}"))}">★{stars:g}</span>'
    badge = html.mood(score["sentiment"], bool(score["unsure"]), bool(score["confirmed"])) if score is not None else ""
    return f'<div class="hb-post-meta">{html.platform(post["platform"])}{author}<span>{html.esc(i18n.time_text(post["created_at"]))}</span>{badge}</div>'


def _facts(post: Any, filters: Filters) -> str:
    names = ["likes", "comments"] if filters.definition == "basic" else ["likes", "comments", "shares", "saves"]
    known = [float(post[name]) for name in names if is_number(post[name])]
    usable = is_number(post["views"]) and post["views"] > 0 and (is_number(post["likes"]) or is_number(post["comments"]))
    rate = sum(known) / float(post["views"]) if usable else None
    parts = [(t("axis.rate"), rate_text(rate))]
    parts += [
        (t(f"count.{name}"), number(post[name])) for name in ("views", "likes", "comments", "shares", "saves") if is_number(post[name])
    ]
    seen = t("post.seen", when=i18n.ago(post["observed_at"])) if post["observed_at"] == post["observed_at"] else t("post.no_counts")
    shown = "".join(f"<span>{html.esc(name)} <b>{html.esc(value)}</b></span>" for name, value in parts)
    return f'<div class="hb-facts">{shown}<span>{html.esc(seen)}</span></div>'


def _score(score: Any) -> str:
    bars, words = [], []
    for mood in ("negative", "neutral", "positive"):
        share = float(score[f"p_{mood}"]) if is_number(score[f"p_{mood}"]) else 0.0
        light, dark = palette.SENTIMENTS[mood]
        bars.append(f'<span style="width:{100 * share:.1f}%;background:light-dark({light}, {dark})"></span>')
        words.append(f"<span>{html.esc(t(f'sentiment.{mood}'))} <b>{share:.0%}</b></span>")
    tags = [i18n.known(f"stance.{score['stance']}", str(score["stance"]))] if isinstance(score["stance"], str) else []
    tags += [i18n.known(f"type.{score['mention_type']}", str(score["mention_type"]))] if isinstance(score["mention_type"], str) else []
    tags += [i18n.known(f"intent.{intent}", str(intent)) for intent in (score["intents"] if score["intents"] is not None else [])]
    shown = "".join(f'<span class="hb-tag">{html.esc(tag)}</span> ' for tag in tags)
    chips = html.chips(score["why"])
    because = f'<div class="hb-quiet">{html.esc(t("post.why"))}</div>{chips}' if chips else ""
    return (
        f'<h3 class="hb-sub">{html.esc(t("post.score"))}</h3><div class="hb-bar3" aria-hidden="true">{"".join(bars)}</div>'
        f'<div class="hb-facts">{"".join(words)}</div><div>{shown}</div>{because}'
    )


def _curves(post_key: int, filters: Filters, platform: str, created_at: pd.Timestamp) -> None:
    seen = data.ask("post_curve", post_key, filters)
    if len(seen) < 2:
        html.show(f'<h3 class="hb-sub">{html.esc(t("post.curve"))}</h3><div class="hb-quiet">{html.esc(t("post.curve.none"))}</div>')
        return
    usual = data.ask("usual_curve", post_key, filters)
    usual = usual[usual["age_hours"] <= float(seen["age_hours"].max()) * 1.2]
    missing = _gaps(filters.brand, platform, created_at, float(seen["age_hours"].max()))
    note = t("post.curve.usual", platform=palette.platform_name(platform)) if len(usual) > 1 else ""
    html.show(f'<h3 class="hb-sub">{html.esc(t("post.curve"))}</h3><div class="hb-quiet">{html.esc(note)}</div>')
    for column, measure in zip(st.columns(2, gap="small"), ("views", "reactions"), strict=True):
        with column:
            rows = _aged(seen, measure)
            html.show(f'<div class="hb-quiet"><b>{html.esc(t(f"axis.{measure}"))}</b></div>')
            if rows.empty:
                html.show(f'<div class="hb-quiet">{html.esc(t("post.curve.unknown"))}</div>')
                continue
            kin = _aged(usual, measure) if len(usual) > 1 else rows.iloc[0:0]
            alt = t("post.curve.alt", name=t(f"axis.{measure}"), age=rows["age_text"].iloc[-1], value=rows["value_text"].iloc[-1])
            html.chart(charts.curve(rows, kin, missing, measure, palette.platform_colour(platform)), alt=alt)


def _gaps(brand: str, platform: str, created_at: pd.Timestamp, until: float) -> pd.DataFrame:
    """Return the gaps of the platform's sources in the post's first ``until`` hours, as ``charts.curve`` takes them."""
    found = data.ask("gap_timeline", created_at.to_pydatetime())
    rows = [
        {
            "low": max(0.0, (gap.from_at - created_at) / pd.Timedelta(hours=1)),
            "high": min(until, (gap.to_at - created_at) / pd.Timedelta(hours=1)),
            "name": gap.reason or "",
            "when": f"{i18n.time_text(gap.from_at)} – {i18n.time_text(gap.to_at)}",
        }
        for gap in data.records(found[(found["brand"] == brand) & (found["platform"] == platform)])
    ]
    return pd.DataFrame([row for row in rows if row["low"] < row["high"]], columns=["low", "high", "name", "when"])


def _aged(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the known values of a measure by age with the words of the tooltip."""
    rows = frame.loc[frame[measure].notna(), ["age_hours", measure]].rename(columns={measure: "value"})
    return rows.assign(
        age_text=[age_text(hours) for hours in rows["age_hours"]], value_text=[number(float(value)) for value in rows["value"]]
    )


def age_text(hours: float) -> str:
    """Return an age: 6時間, 3日."""
    return t("age.hours", n=max(1, round(hours))) if hours < 48 else t("age.days", n=math.floor(hours / 24 + 0.05))
