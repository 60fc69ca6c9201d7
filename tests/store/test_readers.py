"""What the settings declare, what the collectors may look up again, and the views that join them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from store import published
from store.declare import Brand, Campaign, Goal, Source
from store.inbox import Inbox
from store.owner import Owner
from store.records import SurveyAnswer
from store.refresh import refresh_candidates
from tests.store.build import START, at, counts, gone, own, post, rows

BRANDS = [Brand("sorato", "カフェ・ソラト", "own", 0), Brand("hoshimi", "星見珈琲", "competitor", 1)]


def test_the_tables_say_what_the_settings_say(owner: Owner) -> None:
    campaign = Campaign("spring", "sorato", "春のココア", date(2026, 3, 1), date(2026, 3, 31), ("春ココア",))
    assert owner.declare(
        BRANDS, [Source("feed", "feed", "news", "sorato", "mentions", 900)], [campaign], [Goal("sorato", "er_basic", 0.05)], {"demo": "1"}
    )
    assert rows(owner, "SELECT * FROM brands ORDER BY position") == [
        ("sorato", "カフェ・ソラト", "own", 0),
        ("hoshimi", "星見珈琲", "competitor", 1),
    ]
    assert rows(owner, "SELECT * FROM campaigns") == [("spring", "sorato", "春のココア", date(2026, 3, 1), date(2026, 3, 31), ["春ココア"])]
    assert rows(owner, "SELECT * FROM goals") == [("sorato", "er_basic", 0.05, None)]
    assert rows(owner, "SELECT source, every_seconds, description FROM sources") == [("feed", 900, None)]
    assert owner.declare(brands=BRANDS[:1], meta={"demo": None, "model": "m1"})
    assert not owner.declare(brands=BRANDS[:1], campaigns=[campaign], meta={"model": "m1"})
    assert rows(owner, "SELECT brand FROM brands") == [("sorato",)]
    assert rows(owner, "SELECT count(*) FROM campaigns") == [(1,)]
    assert rows(owner, "SELECT * FROM meta") == [("model", "m1")]
    assert owner.declare(campaigns=[])
    assert rows(owner, "SELECT count(*) FROM campaigns") == [(0,)]


def test_posts_that_may_be_looked_up_again(inbox: Inbox, owner: Owner) -> None:
    now = START + timedelta(days=30)
    inbox.land(
        [
            own("own", created_at=START + timedelta(days=2)), counts("own", hours=72, views=10), counts("own", hours=80, views=20),
            post("mention", created_at=START + timedelta(days=1)), post("mention", brand="hoshimi", source="feed", created_at=START + timedelta(days=1)),
            post("old", created_at=START - timedelta(minutes=1)), post("gone", created_at=START + timedelta(days=3)), gone("gone", hours=99),
        ]
    )  # fmt: skip
    owner.ingest()
    found = owner.refresh_candidates(now).to_pylist()
    assert [(row["native_id"], row["relation"], row["brand"], row["source"], row["views"]) for row in found] == [
        ("own", "own", "sorato", "x-own", 20), ("mention", "mention", "hoshimi", "feed", None), ("mention", "mention", "sorato", "x-search", None),
    ]  # fmt: skip
    assert found[0]["observed_at"] == at(80)
    assert found[0]["created_at"] == START + timedelta(days=2)
    assert found[0]["created_at"].utcoffset() == timedelta(0)
    assert found[1]["observed_at"] is None
    assert owner.refresh_candidates(now, source="feed").num_rows == 1
    assert owner.refresh_candidates(now, brand="sorato", platform="x").num_rows == 2
    assert owner.refresh_candidates(now, platform="youtube").num_rows == 0
    assert owner.refresh_candidates(now, younger_than=timedelta(days=28, hours=1)).num_rows == 1
    owner.publish()
    with published.connect(owner.home) as connection:
        assert refresh_candidates(connection, now).num_rows == 3
        with pytest.raises(ValueError, match="aware"):
            refresh_candidates(connection, datetime(2026, 3, 1))


def test_counts_at_the_same_age(inbox: Inbox, owner: Owner) -> None:
    inbox.land(
        [
            own("1"),
            own("2"),
            *(counts("1", hours=hours, views=hours) for hours in (1, 23, 25, 30, 160, 170, 400)),
            counts("2", hours=40, views=1),
        ]
    )
    inbox.land([post("3"), counts("3", hours=25, views=9)])
    owner.ingest()
    assert rows(owner, "SELECT age, age_hours, views FROM post_at_age ORDER BY age") == [("24h", 25.0, 25), ("7d", 170.0, 170)]
    history = rows(owner, "SELECT age_hours, views FROM post_history WHERE own_brand = 'sorato' ORDER BY 1")
    assert history == [
        (hours, views) for hours, views in ((1, 1), (23, 23), (25, 25), (30, 30), (40, 1), (160, 160), (170, 170), (400, 400))
    ]


def test_posts_of_a_campaign(inbox: Inbox, owner: Owner) -> None:
    days = [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC), datetime(2026, 3, 9, 15, tzinfo=UTC)]
    inbox.land([own(str(n), created_at=when, tags=("Cocoa",)) for n, when in enumerate(days)])
    inbox.land(
        [own("other", created_at=days[1], tags=("別",)), own("none", created_at=days[1]), post("fan", created_at=days[1], tags=("cocoa",))]
    )
    owner.ingest()
    first, last = date(2026, 3, 2), date(2026, 3, 9)
    owner.declare(campaigns=[Campaign("tagged", "sorato", "", first, last, ("COCOA",)), Campaign("all", "sorato", "", first, last)])
    found = rows(owner, "SELECT campaign, count(*) FROM campaign_posts GROUP BY 1 ORDER BY 1")
    assert found == [("all", 3), ("tagged", 1)]


def test_nps_by_month(inbox: Inbox, owner: Owner) -> None:
    given = [(1, 10), (2, 9), (3, 8), (4, 6), (5, 0)]
    inbox.land([SurveyAnswer(brand="sorato", answer_id=str(n), answered_on=date(2026, 3, n), score=score) for n, score in given])
    inbox.land([SurveyAnswer(brand="sorato", answer_id="9", answered_on=date(2026, 4, 1), score=7)])
    owner.ingest()
    assert rows(owner, "SELECT * FROM nps_monthly ORDER BY month") == [
        ("sorato", date(2026, 3, 1), 5, 2, 1, 2, 0.0), ("sorato", date(2026, 4, 1), 1, 0, 1, 0, 0.0),
    ]  # fmt: skip


def test_imported_figures_are_replaced_by_later_ones(inbox: Inbox, owner: Owner) -> None:
    for value in (1.0, 2.0):
        inbox.land_table("kpis", pa.table({"brand": ["sorato"], "day": [date(2026, 3, 1)], "name": ["sales"], "value": [value]}))
        owner.ingest()
    assert rows(owner, "SELECT * FROM kpis") == [("sorato", date(2026, 3, 1), "sales", 2.0)]
