"""The merge against a plain Python model of what it promises, on records as hypothesis thinks them up."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store import published
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Gone, Metrics, Post, Record
from tests.store.build import START, at, new_home

SLOW = settings(
    max_examples=int(os.environ.get("STORE_EXAMPLES", "10")),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
IDS = st.sampled_from(["1", "2", "3"])
HOURS = st.integers(0, 12)
COUNT = st.none() | st.integers(0, 50)
NEWEST = ("kind", "text", "created_at")
FILLED = ("lang", "url", "stars")


def posts(full: bool) -> st.SearchStrategy[Post]:
    maybe = (lambda values: values) if full else (lambda values: st.none() | values)
    return st.builds(
        lambda native_id, hour, brand, relation, text, day, kind, url, lang, stars: Post(
            platform="x", native_id=native_id, brand=brand, relation=relation, source=f"{brand}-{relation}", text=text,
            created_at=START + timedelta(days=day), seen_at=at(hour), kind=kind, url=url, lang=lang, stars=stars,
        ),
        IDS, HOURS, st.sampled_from("ab"), st.sampled_from(["own", "mention"]), st.sampled_from(["あ", "い", ""]), st.integers(0, 2),
        st.sampled_from(["post", "reply", "repost"]), maybe(st.sampled_from(["u", "v"])), maybe(st.sampled_from(["ja", "en"])),
        maybe(st.sampled_from([1.0, 5.0])),
    )  # fmt: skip


METRICS = st.builds(
    lambda native_id, hour, *c: Metrics(
        platform="x", native_id=native_id, observed_at=at(hour), views=c[0], likes=c[1], comments=c[2], shares=c[3], saves=c[4]
    ),
    IDS, HOURS, COUNT, COUNT, COUNT, COUNT, COUNT,
)  # fmt: skip
GONE = st.builds(lambda native_id, hour: Gone(platform="x", native_id=native_id, seen_at=at(hour)), IDS, HOURS)


def groups(full: bool) -> st.SearchStrategy[list[list[Record]]]:
    return st.lists(st.lists(posts(full) | METRICS | GONE, max_size=6), min_size=1, max_size=5)


@dataclass
class Model:
    """What the tables must say, in dictionaries."""

    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone: dict[int, datetime] = field(default_factory=dict)
    mentions: dict[tuple[int, str], datetime] = field(default_factory=dict)
    metrics: dict[tuple[int, datetime], tuple[int | None, ...]] = field(default_factory=dict)

    def take(self, group: list[Record]) -> None:
        for gone in (r for r in group if isinstance(r, Gone)):
            self.gone[gone.key] = max(gone.seen_at, self.gone.get(gone.key, gone.seen_at))
        said = [r for r in group if isinstance(r, Post)]
        for key in {post.key for post in said}:
            # of two seen at the same time the first stays: it is told last
            ordered = sorted((p for p in reversed(said) if p.key == key), key=lambda p: p.seen_at)
            self._merge(key, self._fold(ordered))
        for post in said:
            if post.relation == "mention":
                known = self.mentions.get((post.key, post.brand), post.seen_at)
                self.mentions[post.key, post.brand] = min(known, post.seen_at)
        for key, brand in list(self.mentions):
            if self.posts[key]["own_brand"] == brand:
                del self.mentions[key, brand]
        for key, when in self.gone.items():
            if key in self.posts and when >= self.posts[key]["seen_at"]:
                self.posts[key] |= {"text": None, "url": None, "gone_at": when}
        new: dict[tuple[int, datetime], list[int | None]] = {}
        for m in (r for r in group if isinstance(r, Metrics)):
            held = new.setdefault((m.key, m.observed_at), [None] * 5)
            for n, value in enumerate((m.views, m.likes, m.comments, m.shares, m.saves)):
                if value is not None:
                    held[n] = max(value, held[n] or 0)
        for at_moment, values in new.items():
            self.metrics.setdefault(at_moment, tuple(values))

    @staticmethod
    def _fold(ordered: list[Post]) -> dict[str, Any]:
        row: dict[str, Any] = {"own_brand": None, "first_seen_at": ordered[0].seen_at, "seen_at": ordered[-1].seen_at}
        for post in ordered:
            row |= {name: getattr(post, name) for name in NEWEST}
            row |= {name: getattr(post, name) for name in FILLED if getattr(post, name) is not None}
            if post.relation == "own":
                row["own_brand"] = min(post.brand, row["own_brand"] or post.brand)
        own = [post.source for post in ordered if post.relation == "own"]
        row["source"] = own[-1] if own else ordered[-1].source
        return {name: row.get(name) for name in (*row, *FILLED)}

    def _merge(self, key: int, new: dict[str, Any]) -> None:
        new["gone_at"] = None
        if key in self.gone and self.gone[key] >= new["seen_at"]:
            new |= {"text": None, "url": None, "gone_at": self.gone[key]}
        old = self.posts.get(key)
        if old is None:
            self.posts[key] = new
            return
        newer = new["seen_at"] > old["seen_at"]
        row = dict(old)
        if newer:
            row |= {name: new[name] for name in (*NEWEST, "gone_at")}
        for name in FILLED:
            first, second = (new, old) if newer else (old, new)
            if newer and new["gone_at"]:
                row[name] = new[name]
            elif newer or old["text"] is not None:
                row[name] = first[name] if first[name] is not None else second[name]
        if (old["own_brand"] is None) == (new["own_brand"] is None):
            row["source"] = new["source"] if newer else old["source"]
        elif old["own_brand"] is None:
            row["source"] = new["source"]
        row["own_brand"] = min(filter(None, (old["own_brand"], new["own_brand"])), default=None)
        row["first_seen_at"] = min(old["first_seen_at"], new["first_seen_at"])
        row["seen_at"] = max(old["seen_at"], new["seen_at"])
        self.posts[key] = row

    def latest(self) -> dict[int, tuple[int | None, ...]]:
        newest: dict[int, tuple[datetime, tuple[int | None, ...]]] = {}
        for (key, when), values in self.metrics.items():
            if key not in newest or when > newest[key][0]:
                newest[key] = (when, values)
        return {key: values for key, (_, values) in newest.items()}

    def daily(self) -> dict[tuple[Any, ...], list[float]]:
        latest = self.latest()
        sums: dict[tuple[Any, ...], list[float]] = {}
        for key, row in self.posts.items():
            if row["own_brand"] is None or row["kind"] == "repost":
                continue
            day = (row["created_at"] + timedelta(hours=9)).date()
            held = sums.setdefault((row["own_brand"], day), [0.0] * 6)
            views, likes, comments, shares, saves = latest.get(key, (None,) * 5)
            held[0] += 1
            if views and (likes is not None or comments is not None):
                basic = (likes or 0) + (comments or 0)
                full = basic + (shares or 0) + (saves or 0)
                for n, value in enumerate((1, views, basic, basic * views, full * full), start=1):
                    held[n] += value
        return sums


def tables(home: Home) -> dict[str, Any]:
    def utc(value: datetime | None) -> datetime | None:
        return None if value is None else value.replace(tzinfo=START.tzinfo)

    with published.connect(home) as connection:
        ask = lambda query: connection.execute(query).fetchall()  # noqa: E731
        found = ask(
            "SELECT post_key, own_brand, source, kind, text, created_at, lang, url, stars, first_seen_at, seen_at, gone_at FROM posts"
        )
        assert len({row[0] for row in found}) == len(found)
        names = ("own_brand", "source", "kind", "text", "created_at", "lang", "url", "stars", "first_seen_at", "seen_at", "gone_at")
        posts_found = {
            row[0]: {name: utc(value) if name.endswith("_at") else value for name, value in zip(names, row[1:], strict=True)}
            for row in found
        }
        mentions = ask("SELECT post_key, brand, first_seen_at FROM mentions")
        metrics = ask("SELECT post_key, observed_at, views, likes, comments, shares, saves FROM metrics")
        assert len({row[:2] for row in metrics}) == len(metrics)
        latest = ask("SELECT post_key, views, likes, comments, shares, saves FROM post_latest WHERE observed_at IS NOT NULL")
        daily = ask("SELECT brand, day, posts, rate_posts, v, basic_r, basic_rv, all_rr FROM daily")
        assert set(posts_found) <= {key for (key,) in ask("SELECT post_key FROM post_latest WHERE platform IS NOT NULL")}
        return {
            "posts": posts_found,
            "mentions": sorted((key, brand, utc(when)) for key, brand, when in mentions),
            "metrics": sorted((row[0], row[1], row[2:]) for row in metrics),
            "latest": sorted((row[0], row[1:]) for row in latest),
            "daily": {(row[0], row[1]): list(row[2:]) for row in daily},
        }


@contextmanager
def fresh_home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        yield new_home(Path(folder))


def ingested(home: Home, told: list[list[Record]]) -> dict[str, Any]:
    inbox = Inbox(home)
    with Owner.open(home) as owner:
        for group in told:
            inbox.land(group)
            owner.ingest()
        owner.publish()
    return tables(home)


@SLOW
@given(groups(full=False))
def test_the_merge_says_what_the_model_says(told: list[list[Record]]) -> None:
    model = Model()
    for group in told:
        model.take(group)
    with fresh_home() as home:
        found = ingested(home, told)
    assert found["posts"] == {key: {name: row[name] for name in found["posts"].get(key, row)} for key, row in model.posts.items()}
    assert found["mentions"] == sorted((key, brand, when) for (key, brand), when in model.mentions.items())
    assert found["metrics"] == sorted((key, when.replace(tzinfo=None), values) for (key, when), values in model.metrics.items())
    assert found["latest"] == sorted(model.latest().items())
    assert found["daily"] == model.daily()


def distinct_moments(told: list[list[Record]]) -> list[list[Record]]:
    """Keep of each post one record a moment, one observation a moment and one owner: then the order cannot matter."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for group in told:
        rest = []
        for record in group:
            moment = record.observed_at if isinstance(record, Metrics) else record.seen_at  # type: ignore[union-attr]
            name = (type(record), record.key, moment)  # type: ignore[union-attr]
            two_owners = isinstance(record, Post) and (record.relation, record.brand) == ("own", "b")
            if name not in seen and not two_owners:
                seen.add(name)
                rest.append(record)
        kept.append(rest)
    return kept


@SLOW
@given(groups(full=True).map(distinct_moments), st.randoms(use_true_random=False))
def test_order_grouping_and_repetition_do_not_matter(told: list[list[Record]], random: Any) -> None:
    shuffled = [record for group in told for record in group]
    again = random.sample(shuffled, len(shuffled) // 2)
    random.shuffle(shuffled)
    middle = len(shuffled) // 2
    with fresh_home() as one, fresh_home() as other:
        assert ingested(one, told) == ingested(other, [shuffled[:middle], shuffled[middle:], again])
