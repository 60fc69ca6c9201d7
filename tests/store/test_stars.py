"""Stars beside the model's reading, against a count made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from store import published, queries
from store.home import Home
from store.inbox import Inbox
from store.labels import Label, label_event
from store.owner import Owner
from store.queries import Filters
from store.records import Post
from tests.store.build import START, gone, post, scores

MARCH = Filters("sorato", date(2026, 3, 1), date(2026, 3, 31))


def review(number: int, stars: float | None, **more: Any) -> Post:
    return post(str(number), **{"kind": "review", "platform": "appstore", "stars": stars, "text": f"使いました {number}"} | more)


def ask(home: Home, owner: Owner, filters: Filters = MARCH) -> pd.DataFrame:
    owner.publish()
    with published.connect(home) as con:
        return queries.star_agreement(con, filters)


def test_stars_and_readings_are_counted_group_by_group(home: Home, owner: Owner, inbox: Inbox) -> None:
    said = [
        (1, "negative"), (2, "negative"), (2, "neutral"), (2.4, "positive"), (3, "neutral"), (3.4, "positive"),
        (4, "positive"), (5, "positive"), (5, "negative"), (4.5, "unscored"), (None, "positive"), (None, "negative"),
    ]  # fmt: skip
    posts = [review(number, stars) for number, (stars, _) in enumerate(said)]
    inbox.land(posts)
    owner.ingest()
    owner.save_scores(
        scores(*({"post": one, "sentiment": mood, "unsure": one is posts[5]} for one, (_, mood) in zip(posts, said, strict=True)))
    )
    found = ask(home, owner)
    assert list(found.itertuples(index=False, name=None)) == [
        ("negative", 4, 2, 1, 1, 2, 0),
        ("neutral", 2, 0, 1, 1, 1, 1),
        ("positive", 3, 1, 0, 2, 2, 0),
    ]


def test_what_says_nothing_of_the_model_stays_out(home: Home, owner: Owner, inbox: Inbox) -> None:
    posts = [
        review(0, 5.0),
        review(1, 5.0, text=""),  # stars alone
        review(2, 5.0, created_at=START - timedelta(days=40)),
        review(3, 5.0, brand="hoshimi"),
        review(4, 5.0),  # not about the brand at all
        review(5, 1.0),  # what a person made of it is not the model's
        review(6, 5.0, platform="x"),
    ]
    inbox.land([*posts, gone("6")])
    owner.ingest()
    owner.save_scores(scores(*({"post": one, "sentiment": "positive", "brand": one.brand} for one in posts)))
    inbox.land(
        [label_event(posts[4].key, "sorato", "aoi", Label(relevant=False)), label_event(posts[5].key, "sorato", "aoi", Label("negative"))]
    )
    owner.ingest()
    assert list(ask(home, owner)[["stars", "reviews", "agree"]].itertuples(index=False, name=None)) == [
        ("negative", 1, 0),
        ("positive", 1, 1),
    ]
    assert ask(home, owner, Filters("sorato", MARCH.start, MARCH.end, ("x",))).empty
