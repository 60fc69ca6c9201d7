"""Part of the store's benchmark: the dashboard's questions, asked of the published file, of SQLite and of pandas."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from bench import store_world as world
from store import published, queries
from store.home import Home
from store.queries import Filters

LAST = (world.START + timedelta(days=world.DAYS - 1)).date()
QUARTER = Filters("sorato", LAST - timedelta(days=89), LAST)
_RB = "coalesce(likes, 0) + coalesce(comments, 0)"
_SUMS = (
    f"count(*) AS n, sum({_RB}) AS r, sum(views) AS v, sum(({_RB}) * ({_RB})) AS rr, sum(({_RB}) * views) AS rv, sum(views * views) AS vv"
)
_IN_RATE = "own_brand = ? AND day BETWEEN ? AND ? AND views > 0 AND (likes IS NOT NULL OR comments IS NOT NULL)"


def _periods() -> list[tuple[date, date]]:
    """This month so far, the month before, and both a year ago."""
    spans = [(LAST - timedelta(days=29), LAST), (LAST - timedelta(days=59), LAST - timedelta(days=30))]
    return spans + [(a - timedelta(days=365), b - timedelta(days=365)) for a, b in spans]


@dataclass(frozen=True)
class Question:
    """One question and how each asks it. ``rate``: the target of five times as fast is for these. The observations are only in DuckDB."""

    name: str
    rate: bool
    duck: Callable[[duckdb.DuckDBPyConnection], Any]
    lite: Callable[[sqlite3.Connection], Any] | None
    panda: Callable[[dict[str, pd.DataFrame]], Any] | None


def _panda_rate(frames: dict[str, pd.DataFrame], start: date, end: date, by: list[str]) -> Any:
    latest = frames["post_latest"]
    known = latest["likes"].notna() | latest["comments"].notna()
    mine = latest[
        (latest["own_brand"] == "sorato") & latest["day"].between(pd.Timestamp(start), pd.Timestamp(end)) & (latest["views"] > 0) & known
    ]
    r, v = mine["likes"].fillna(0) + mine["comments"].fillna(0), mine["views"]
    sums = pd.DataFrame({"n": 1, "r": r, "v": v, "rr": r * r, "rv": r * v, "vv": v * v})
    return sums.groupby([mine[name] for name in by], observed=True).sum() if by else sums.sum()


def _panda_series(frames: dict[str, pd.DataFrame]) -> Any:
    start = QUARTER.start - timedelta(days=28)
    sums = _panda_rate(frames, start, QUARTER.end, ["platform", "day"]).unstack("platform", fill_value=0)
    return sums.reindex(pd.date_range(start, QUARTER.end), fill_value=0).rolling(28).sum().loc[pd.Timestamp(QUARTER.start) :].stack(level=1)


def _lite_series(con: sqlite3.Connection) -> Any:
    start = str(QUARTER.start - timedelta(days=28))
    moving = ", ".join(f"sum({name}) OVER moving" for name in ("n", "r", "v", "rr", "rv", "vv"))
    return con.execute(
        f"WITH RECURSIVE days(day) AS (SELECT ? UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < ?), "
        f"mine AS (SELECT platform, day, {_SUMS} FROM post_latest WHERE {_IN_RATE} GROUP BY 1, 2), "
        "grid AS (SELECT p.platform, d.day FROM (SELECT DISTINCT platform FROM mine) p, days d) "
        f"SELECT g.platform, g.day, {moving} FROM grid g LEFT JOIN mine m ON m.platform = g.platform AND m.day = g.day "
        "WINDOW moving AS (PARTITION BY g.platform ORDER BY g.day ROWS BETWEEN 27 PRECEDING AND CURRENT ROW)",
        [start, str(QUARTER.end), "sorato", start, str(QUARTER.end)],
    ).fetchall()


def _panda_mentions(frames: dict[str, pd.DataFrame]) -> Any:
    mentions = frames["mentions"]
    days = mentions["day"].between(pd.Timestamp(QUARTER.start), pd.Timestamp(QUARTER.end))
    mine = mentions[(mentions["brand"] == "sorato") & days].merge(frames["scores"], on=["post_key", "brand"], how="left")
    return mine.groupby(["day", "sentiment"], observed=True).agg(n=("post_key", "size"), authors=("author_key", "nunique"))


def _panda_cases(frames: dict[str, pd.DataFrame]) -> Any:
    flags = frames["flags"]
    cases = (
        flags[flags["brand"] == "sorato"]
        .merge(frames["posts"], on="post_key")
        .merge(frames["post_latest"][["post_key", "views"]], on="post_key")
    )
    return cases.sort_values("created_at", ascending=False)


def _panda_search(frames: dict[str, pd.DataFrame]) -> Any:
    posts, mentions = frames["posts"], frames["mentions"]
    days = posts["day"].between(pd.Timestamp(QUARTER.start), pd.Timestamp(QUARTER.end))
    found = posts[days & posts["text_norm"].str.contains("炎上", regex=False)]
    found = found.merge(mentions.loc[mentions["brand"] == "sorato", ["post_key"]], on="post_key").merge(
        frames["post_latest"], on="post_key"
    )
    return found.nlargest(50, "created_at_x")


def _lite_mentions(con: sqlite3.Connection) -> Any:
    return con.execute(
        "SELECT m.day, s.sentiment, count(*), count(DISTINCT m.author_key) FROM mentions m "
        "LEFT JOIN scores s ON s.post_key = m.post_key AND s.brand = m.brand "
        "WHERE m.brand = 'sorato' AND m.day BETWEEN ? AND ? GROUP BY 1, 2",
        [str(QUARTER.start), str(QUARTER.end)],
    ).fetchall()


_PENDING = pd.DataFrame({name: pd.Series(dtype="object") for name in ("event_id", "actor", "action", "value", "brand")}).assign(
    post_key=pd.Series(dtype="int64"), at=pd.Series(dtype="datetime64[us]")
)

QUESTIONS = [
    Question(
        "rate by platform, 90 days",
        True,
        lambda con: queries.rate_by_platform(con, QUARTER),
        lambda con: con.execute(
            f"SELECT platform, {_SUMS} FROM post_latest WHERE {_IN_RATE} GROUP BY 1", ["sorato", str(QUARTER.start), str(QUARTER.end)]
        ).fetchall(),
        lambda frames: _panda_rate(frames, QUARTER.start, QUARTER.end, ["platform"]),
    ),
    Question(
        "rate over time, 28-day window, by platform",
        True,
        lambda con: queries.rate_series(con, QUARTER, 28, 1),
        _lite_series,
        _panda_series,
    ),
    Question(
        "month on month, year on year",
        True,
        lambda con: [queries.rate_total(con, Filters("sorato", a, b)) for a, b in _periods()],
        lambda con: [
            con.execute(f"SELECT {_SUMS} FROM post_latest WHERE {_IN_RATE}", ["sorato", str(a), str(b)]).fetchall() for a, b in _periods()
        ],
        lambda frames: [_panda_rate(frames, a, b, []) for a, b in _periods()],
    ),
    Question(
        "mentions and sentiment by day", False, lambda con: queries.mention_series(con, QUARTER, "day"), _lite_mentions, _panda_mentions
    ),
    Question(
        "cases of the review desk",
        False,
        lambda con: queries.cases(con, _PENDING, "sorato", (), "newest", datetime.combine(LAST - timedelta(days=30), datetime.min.time())),
        lambda con: con.execute(
            "SELECT p.text, p.created_at, l.views, s.p_negative FROM flags f JOIN posts p USING (post_key) JOIN post_latest l USING (post_key) "
            "LEFT JOIN scores s ON s.post_key = f.post_key AND s.brand = f.brand WHERE f.brand = 'sorato' AND p.created_at > ? ORDER BY p.created_at DESC",
            [str(LAST - timedelta(days=30))],
        ).fetchall(),
        _panda_cases,
    ),
    Question(
        "search 炎上, newest 50",
        False,
        lambda con: queries.post_list(con, QUARTER, "mention", None, "炎上", "newest", 50),
        lambda con: con.execute(
            "SELECT p.text, l.views, s.sentiment FROM posts p JOIN mentions m ON m.post_key = p.post_key AND m.brand = 'sorato' "
            "JOIN post_latest l ON l.post_key = p.post_key LEFT JOIN scores s ON s.post_key = p.post_key AND s.brand = 'sorato' "
            "WHERE p.day BETWEEN ? AND ? AND p.text_norm LIKE '%炎上%' ORDER BY p.created_at DESC LIMIT 50",
            [str(QUARTER.start), str(QUARTER.end)],
        ).fetchall(),
        _panda_search,
    ),
    Question(
        "what moved most",
        False,
        lambda con: queries.movers(con, QUARTER, "own", "reactions", 10),
        None,
        None,
    ),
]


def to_sqlite(home: Home, path: Path) -> None:
    """Give SQLite the same rows, with the keys and the index that it needs to be quick."""
    with published.connect(home) as duck, closing(sqlite3.connect(path)) as lite:
        lite.execute("PRAGMA journal_mode = OFF")
        lite.execute("PRAGMA synchronous = OFF")
        for table, columns in {
            "posts": "post_key, platform, created_at::VARCHAR, day::VARCHAR, text, text_norm",
            "post_latest": "post_key, platform, own_brand, day::VARCHAR, views, likes, comments, shares, saves",
            "mentions": "post_key, brand, day::VARCHAR, author_key",
            "scores": "post_key, brand, sentiment, p_negative, stance",
            "flags": "post_key, brand, flagged_at::VARCHAR",
        }.items():
            names = [name.split("::")[0] for name in columns.split(", ")]
            lite.execute(f"CREATE TABLE {table} ({', '.join(names)})")
            result = duck.execute(f"SELECT {columns} FROM {table}")
            while rows := result.fetchmany(50_000):
                lite.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", rows)
        for index in (
            "posts (post_key)",
            "post_latest (post_key)",
            "post_latest (own_brand, day)",
            "mentions (brand, day)",
            "scores (post_key, brand)",
        ):
            lite.execute(f"CREATE INDEX {''.join(c if c.isalnum() else '_' for c in index)} ON {index}")
        lite.execute("ANALYZE")
        lite.commit()


def to_pandas(home: Home) -> dict[str, pd.DataFrame]:
    """Load the same rows into memory."""
    wanted = {
        "posts": "post_key, platform, created_at, day, text, text_norm",
        "post_latest": "post_key, platform, own_brand, created_at, day, views, likes, comments, shares, saves",
        "mentions": "post_key, brand, day, author_key",
        "scores": "post_key, brand, sentiment, p_negative",
        "flags": "post_key, brand, flagged_at",
    }
    with published.connect(home) as duck:
        frames = {table: duck.execute(f"SELECT {columns} FROM {table}").df() for table, columns in wanted.items()}
    for frame in frames.values():
        for column in {"platform", "own_brand", "brand", "sentiment"} & set(frame.columns):
            frame[column] = frame[column].astype("category")
    return frames


def _cold(path: Path) -> None:
    """Let the system forget the file's pages."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _clock(ask: Callable[[], Any], times: int) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - begun))
    return float(np.median(took))


def _others(question: Question, lite_path: Path, frames: dict[str, pd.DataFrame], warm: float) -> str:
    if question.lite is None or question.panda is None:
        return "– | – | –"
    ask_lite, ask_panda = question.lite, question.panda
    with closing(sqlite3.connect(lite_path)) as lite:
        ask_lite(lite)
        light = _clock(lambda: ask_lite(lite), 5)
    panda = _clock(lambda: ask_panda(frames), 5)
    return f"{light:.0f} | {panda:.0f} | {min(light, panda) / warm:.1f}×"


def run(home: Home, folder: Path) -> list[str]:
    """Ask every question of all three; return the table's rows."""
    lite_path = folder / "same.sqlite"
    to_sqlite(home, lite_path)
    frames = to_pandas(home)
    lines = []
    for question in QUESTIONS:
        _cold(published.newest(home))
        begun = time.perf_counter()
        with published.connect(home) as duck:
            question.duck(duck)
            cold = 1000 * (time.perf_counter() - begun)
            warm = _clock(lambda: question.duck(duck), 9)  # noqa: B023
        lines.append(
            f"| {question.name} | {cold:.0f} | {warm:.1f} | {_others(question, lite_path, frames, warm)} |{' rate' if question.rate else ''} |"
        )
    return lines
