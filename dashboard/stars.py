"""Reviews that carry stars: how often those and our reading of the text say the same."""

from __future__ import annotations

from analysis.shares import wilson
from dashboard import data, html
from dashboard.i18n import number, percent, t
from dashboard.modelcard import table
from store.queries import Filters

MOODS = ("negative", "neutral", "positive")


def show_agreement(filters: Filters) -> None:
    """Show the table; nothing where the period holds no review with stars and a text."""
    found = data.ask("star_agreement", filters)
    if found.empty:
        return
    html.section(t("stars.title"))
    reviews, agree = int(found["reviews"].sum()), int(found["agree"].sum())
    share = wilson(agree, reviews)
    told = t("stars.told", n=number(reviews), share=percent(share.value), low=percent(share.low), high=percent(share.high))
    html.show(f'<p>{html.esc(told)}</p><div class="hb-quiet">{html.esc(t("stars.note"))}</div>')
    titles = (t("stars.stars"), t("stars.reviews"), *(t(f"sentiment.{mood}") for mood in MOODS), t("stars.agree"))
    rows = [
        (
            t(f"stars.{group.stars}"),
            number(group.reviews),
            *(number(getattr(group, f"said_{mood}")) for mood in MOODS),
            percent(group.agree / group.reviews),
        )
        for group in data.records(found)
    ]
    table(titles, rows, t("stars.title"), len(titles) - 1)
