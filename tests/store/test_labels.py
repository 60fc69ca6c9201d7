"""Labels: the newest word of a person counts, pending or published, and goes with its post."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from store import published, queries
from store.home import Home
from store.inbox import Inbox
from store.labels import Drawn, Label, label_event, read_label
from store.owner import Owner
from store.queries import Filters
from tests.store.build import at, gone, one, post, rows, scores

MOODS = {"1": "negative", "2": "neutral", "3": "positive", "4": "negative"}
STANCES = {"negative": "critic", "neutral": "none", "positive": "promoter"}
DAY = date(2026, 3, 1)
FILTERS = Filters("sorato", DAY - timedelta(days=9), DAY + timedelta(days=9))


@pytest.fixture
def labelled(home: Home) -> Iterator[Owner]:
    """A published home: four scored mentions by four authors, by a model that is sure of them, more or less."""
    Inbox(home).land([post(name, author_id=f"a{name}") for name in MOODS])
    with Owner.open(home) as owner:
        owner.ingest()
        sure = {"1": 0.9, "2": 0.5, "3": 0.7, "4": 0.6}
        owner.save_scores(
            scores(
                *(
                    {
                        "post": post(name), "sentiment": mood, "stance": STANCES[mood], "mention_type": "personal", "unsure": name == "2",
                        **{f"p_{one}": sure[name] if one == mood else (1 - sure[name]) / 2 for one in ("negative", "neutral", "positive")},
                        "p_promoter": 0.2, "p_critic": 0.2, "p_request": 0.1, "scored_at": at(2).replace(tzinfo=None),
                    }
                    for name, mood in MOODS.items()
                )
            )
        )  # fmt: skip
        owner.publish()
        yield owner


def say(owner: Owner, name: str, label: Label | None, hours: float = 3, actor: str = "佐藤", ingest: bool = True) -> None:
    Inbox(owner.home).land([label_event(post(name).key, "sorato", actor, label, at(hours))])
    if ingest:
        owner.ingest()


def pending(owner: Owner) -> pd.DataFrame:
    frame: pd.DataFrame = Inbox(owner.home).pending("review_events").to_pandas()
    return frame


def ask(owner: Owner, query: str, *arguments: object) -> pd.DataFrame:
    with published.connect(owner.home) as con:
        frame: pd.DataFrame = getattr(queries, query)(con, *arguments)
        return frame


@pytest.mark.parametrize("drawn", ["random", "asked", "desk", "file"])
def test_what_is_written_is_read(drawn: Drawn) -> None:
    for label in (
        Label("negative", "critic", drawn=drawn),
        Label("neutral", drawn=drawn),
        Label(None, "none", drawn=drawn),
        Label(relevant=False, drawn=drawn),
    ):
        assert read_label(label.value) == label
    assert read_label(Label("negative", relevant=False).value) == Label(relevant=False)


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"sentiment": "angry"}, {"stance": "fan"}, {"sentiment": "neutral", "drawn": "dream"}, {}):
        with pytest.raises(ValueError, match=r"none of|must say"):
            Label(**wrong)  # type: ignore[arg-type]
    for text in (None, "", "gibberish", "sentiment=angry", "sentiment= stance="):
        assert read_label(text) is None


def test_the_newest_word_counts_and_can_be_taken_back(labelled: Owner) -> None:
    said = "SELECT sentiment, stance, relevant, drawn, actor FROM labels"
    assert rows(labelled, said) == []
    say(labelled, "1", Label("neutral", "none"), 3)
    say(labelled, "1", Label("positive", drawn="random"), 5, "鈴木")
    say(labelled, "1", Label("negative"), 4)  # arrives later, was said earlier
    assert rows(labelled, said) == [("positive", None, True, True, "鈴木")]
    say(labelled, "1", Label(relevant=False), 6)
    assert rows(labelled, said) == [(None, None, False, True, "佐藤")]
    say(labelled, "1", None, 7)
    assert rows(labelled, said) == []


def test_counts_take_a_persons_word(labelled: Owner) -> None:
    before = ask(labelled, "mention_totals", FILTERS).iloc[0]
    assert [int(before[name]) for name in ("negative", "neutral", "positive", "critics", "promoters", "confirmed")] == [2, 1, 1, 2, 1, 0]
    say(labelled, "1", Label("positive", "promoter"))
    say(labelled, "2", Label(None, "critic"))
    labelled.publish()
    after = ask(labelled, "mention_totals", FILTERS).iloc[0]
    assert [int(after[name]) for name in ("negative", "neutral", "positive", "critics", "promoters", "confirmed")] == [1, 1, 2, 2, 2, 2]
    # what the model says is still known: its mistakes are corrected by it
    names = ("model_negative", "model_neutral", "model_positive", "model_critics", "model_promoters")
    assert [int(after[name]) for name in names] == [2, 1, 1, 2, 1]
    assert one(labelled, "SELECT negative FROM mention_daily") == 1
    assert one(labelled, "SELECT confirmed FROM mention_daily") == 2
    key = post("1").key
    assert one(labelled, f"SELECT sentiment, stance, model_sentiment, confirmed FROM mention_scored WHERE post_key = {key}") == (
        "positive", "promoter", "negative", True,
    )  # fmt: skip
    assert one(labelled, f"SELECT unsure FROM mention_scored WHERE post_key = {post('2').key}") is True  # only its stance was said


def test_what_is_not_about_the_brand_leaves_the_counts(labelled: Owner) -> None:
    say(labelled, "1", Label(relevant=False))
    labelled.publish()
    assert int(ask(labelled, "mention_totals", FILTERS)["mentions"].iloc[0]) == 3
    assert one(labelled, "SELECT mentions FROM mention_daily") == 3
    assert len(ask(labelled, "post_list", FILTERS, "mention", None, "", "newest", 20)) == 3
    assert one(labelled, f"SELECT relevance FROM mention_scored WHERE post_key = {post('1').key}") == 0.0


def test_a_label_counts_before_it_is_published(labelled: Owner) -> None:
    say(labelled, "3", Label("negative", "critic", drawn="random"), ingest=False)
    found = ask(labelled, "labelled", pending(labelled), "sorato")
    assert found[["sentiment", "stance", "drawn", "model_sentiment"]].to_numpy().tolist() == [["negative", "critic", True, "positive"]]
    assert ask(labelled, "label_of", pending(labelled), post("3").key, "sorato")["actor"].tolist() == ["佐藤"]
    labelled.ingest()
    labelled.publish()
    assert len(ask(labelled, "labelled", pending(labelled), "sorato")) == 1


def test_the_label_of_a_post_that_is_gone_goes_with_it(labelled: Owner) -> None:
    say(labelled, "1", Label("positive"))
    say(labelled, "2", Label("positive"))
    Inbox(labelled.home).land([gone("1", 4)])
    labelled.ingest()
    labelled.forget_author("x", "a2", datetime.fromisoformat("2026-03-02T00:00:00+00:00"))
    assert rows(labelled, "SELECT * FROM labels") == []
    assert ask(labelled, "labelled", pending(labelled), "sorato").empty
    assert ask(labelled, "mention_keys", "sorato")["native_id"].tolist() == ["3", "4"]


def test_the_pool_holds_the_least_sure_and_a_lot(labelled: Owner) -> None:
    pool = ask(labelled, "label_pool", pending(labelled), "sorato", (), 1)
    assert post("2").key in pool["post_key"].tolist()  # p 0.5
    assert len(pool) <= 2
    whole = ask(labelled, "label_pool", pending(labelled), "sorato", (), 10)
    assert len(whole) == 4
    assert whole["lot"].is_monotonic_increasing
    assert ask(labelled, "label_pool", pending(labelled), "sorato", ("youtube",), 10).empty


def test_a_labelled_post_stays_in_the_lot_until_it_was_drawn(labelled: Owner) -> None:
    for name in MOODS:
        say(labelled, name, Label("neutral"), ingest=False)
    whole = ask(labelled, "label_pool", pending(labelled), "sorato", (), 10)
    assert whole["labelled"].all()
    assert len(whole) == 4
    say(labelled, "2", Label("neutral", drawn="random"), 5, ingest=False)
    whole = ask(labelled, "label_pool", pending(labelled), "sorato", (), 10)
    assert sorted(whole["post_key"]) == sorted(post(name).key for name in MOODS if name != "2")
