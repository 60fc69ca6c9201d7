from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from store.errors import BadRecord
from store.inbox import Inbox
from store.owner import Owner
from store.records import ReviewEvent
from tests.store.build import START, at, own, post, rows, scores


def test_mentions_are_scored_newest_first_once_a_brand_and_model(inbox: Inbox, owner: Owner) -> None:
    inbox.land([own("0"), *(post(str(n), created_at=at(n), seen_at=at(9)) for n in (1, 3, 2)), post("2", brand="hoshimi")])
    owner.ingest()
    assert owner.unscored_count("m1") == 4
    first = owner.unscored("m1", 3)
    assert first.column_names == ["post_key", "brand", "platform", "kind", "text"]
    assert [(row["text"][-1], row["brand"]) for row in first.to_pylist()] == [("3", "sorato"), ("2", "hoshimi"), ("2", "sorato")]
    kept = (
        first.select(["post_key", "brand"])
        .append_column("model", pa.array(["m1"] * 3))
        .append_column("sentiment", pa.array(["neutral"] * 3))
    )
    assert owner.save_scores(kept) == 3
    assert [row["text"][-1] for row in owner.unscored("m1", 10).to_pylist()] == ["1"]
    assert owner.unscored_count("m2") == 4


def test_scores_saved_again_replace(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post()])
    owner.ingest()
    owner.save_scores(scores({"post": post(), "sentiment": "neutral"}))
    owner.save_scores(
        scores({"post": post(), "sentiment": "negative", "phases": ["use"]}, {"post": post("unknown"), "sentiment": "neutral"})
    )
    assert rows(owner, "SELECT sentiment, phases, p_negative FROM scores") == [("negative", ["use"], None)]


def test_a_text_that_was_edited_while_it_was_scored_is_scored_again(inbox: Inbox, owner: Owner) -> None:
    said = post(text="うまい")
    inbox.land([said, post("2")])
    owner.ingest()
    handed = owner.unscored("m1", 10)
    inbox.land([post(text="まずかった", seen_at=at(2))])
    owner.ingest()
    owner.save_scores(handed.select(["post_key", "brand"]).append_column("model", pa.array(["m1"] * 2)))
    assert [row["text"] for row in owner.unscored("m1", 10).to_pylist()] == ["まずかった"]
    owner.save_scores(scores({"post": said, "sentiment": "negative"}))
    assert owner.unscored_count("m1") == 0


def test_the_first_model_is_current_until_the_settings_say_otherwise(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post()])
    owner.ingest()
    owner.save_scores(scores({"post": post(), "sentiment": "neutral"}))
    owner.save_scores(scores({"post": post(), "model": "m2", "sentiment": "positive"}))
    assert rows(owner, "SELECT model, sentiment FROM mention_scored") == [("m1", "neutral")]
    owner.declare(meta={"model": "m2"})
    assert rows(owner, "SELECT model, sentiment FROM mention_scored") == [("m2", "positive")]
    assert rows(owner, "SELECT mentions, scored, positive, neutral FROM mention_daily") == [(1, 1, 1, 0)]


def test_scores_without_a_model_are_refused(inbox: Inbox, owner: Owner) -> None:
    with pytest.raises(BadRecord, match="model"):
        owner.save_scores(scores({"post": post()}).drop_columns(["model"]))


CRITIC = {"stance": "critic", "p_critic": 0.7, "sentiment": "neutral"}
NEGATIVE = {"sentiment": "negative", "p_negative": 0.7, "stance": "none"}


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (CRITIC, "critic"),
        (CRITIC | {"p_critic": 0.5}, None),
        (CRITIC | {"p_critic": 0.5, "unsure": True}, "unsure"),
        (NEGATIVE, "negative"),
        (NEGATIVE | {"p_negative": 0.5}, None),
        (NEGATIVE | {"p_negative": 0.5, "unsure": True}, "unsure"),
        (NEGATIVE | {"stance": "promoter"}, None),
        (NEGATIVE | CRITIC, "critic"),
        ({"sentiment": "positive", "stance": "none", "irony": 0.8}, "irony"),
        ({"sentiment": "positive", "stance": "promoter", "irony": 0.8}, None),
        ({"sentiment": "positive", "stance": "promoter", "unsure": True}, None),
        (CRITIC | {"mention_type": "news"}, None),
        (CRITIC | {"mention_type": "personal"}, "critic"),
        (CRITIC | {"relevance": 0.2}, None),
        (CRITIC | {"model": "m2"}, "critic"),
    ],
)
def test_rules_of_flags(inbox: Inbox, owner: Owner, said: dict[str, Any], rule: str | None) -> None:
    inbox.land([post()])
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores({"post": post()} | said))
    assert owner.flag() == (rule is not None)
    assert rows(owner, "SELECT rule FROM flags") == ([(rule,)] if rule else [])


def test_the_current_model_has_the_say_over_others(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post()])
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores({"post": post(), "sentiment": "positive", "stance": "promoter"}, {"post": post(), "model": "m0"} | CRITIC))
    assert owner.flag() == 0


def test_a_post_is_flagged_once_for_a_brand_whatever_later_models_say(inbox: Inbox, owner: Owner) -> None:
    inbox.land([post(), post(brand="hoshimi")])
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores({"post": post()} | CRITIC))
    assert (owner.flag(), owner.flag()) == (1, 0)
    owner.declare(meta={"model": "m2"})
    owner.save_scores(scores({"post": post(), "model": "m2"} | NEGATIVE, {"post": post(), "brand": "hoshimi", "model": "m2"} | NEGATIVE))
    assert owner.flag() == 1
    assert rows(owner, "SELECT brand, rule FROM flags ORDER BY 1") == [("hoshimi", "negative"), ("sorato", "critic")]


def test_history_that_was_imported_is_not_flagged(inbox: Inbox, owner: Owner) -> None:
    old, new = post("old", seen_at=START + timedelta(days=31)), post("new", seen_at=START + timedelta(days=29))
    inbox.land([old, new])
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores({"post": old} | CRITIC, {"post": new} | CRITIC))
    assert owner.flag() == 1
    assert rows(owner, "SELECT text FROM flags JOIN posts USING (post_key)") == [(new.text,)]


def test_where_a_case_stands(inbox: Inbox, owner: Owner) -> None:
    def act(post_id: str, hours: float, action: Any, value: str | None = None, actor: str = "mina") -> ReviewEvent:
        return ReviewEvent(
            event_id=f"{post_id}-{hours}", post_key=post(post_id).key, brand="sorato", at=at(hours), actor=actor, action=action, value=value
        )

    said = [post(str(n)) for n in range(5)]
    inbox.land(said)
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores(*({"post": p} | CRITIC for p in said[:4])))
    owner.flag()
    inbox.land(
        [
            act("1", 1, "take"),
            act("1", 2, "note", "確認中"),
            act("1", 3, "take", "kenji"),
            act("2", 1, "take"),
            act("2", 5, "close", "対応済"),
        ]
    )
    inbox.land(
        [
            act("3", 1, "close"),
            act("3", 2, "reopen"),
            act("3", 3, "label", "positive"),
            act("4", 1, "note", "念のため"),
            act("1", 2.5, "note", "返信済"),
        ]
    )
    owner.ingest()
    found = rows(
        owner,
        "SELECT right(text, 1), s.state, s.assignee, s.note, s.label, s.rule, s.events FROM review_state s JOIN posts USING (post_key) ORDER BY 1",
    )
    assert found == [
        ("0", "open", None, None, None, "critic", 0),
        ("1", "taken", "kenji", "返信済", None, "critic", 4),
        ("2", "closed", None, None, None, "critic", 2),
        ("3", "open", None, None, "positive", "critic", 3),
        ("4", "open", None, "念のため", None, None, 1),
    ]  # fmt: skip
    assert rows(owner, "SELECT review_state, assignee FROM mention_scored WHERE rule IS NOT NULL AND assignee IS NOT NULL") == [
        ("taken", "kenji")
    ]


def test_what_is_not_scored_is_not_neutral(inbox: Inbox, owner: Owner) -> None:
    people = [post(str(n), author_id=f"u{n % 3}") for n in range(6)]
    inbox.land(people)
    owner.ingest()
    owner.declare(meta={"model": "m1"})
    owner.save_scores(
        scores(
            {"post": people[0], "sentiment": "positive", "stance": "promoter", "mention_type": "personal"},
            {"post": people[3], "sentiment": "positive", "stance": "promoter", "mention_type": "personal"},
            {"post": people[1], "sentiment": "negative", "stance": "critic", "mention_type": "news"},
            {"post": people[2], "sentiment": "unscored", "stance": "none", "mention_type": "personal"},
        )
    )
    found = rows(
        owner,
        "SELECT mentions, authors, scored, positive, neutral, negative, personal, promoters, critics, promoter_authors, critic_authors FROM mention_daily",
    )
    assert found == [(6, 3, 3, 2, 0, 1, 2, 2, 0, 1, 0)]
