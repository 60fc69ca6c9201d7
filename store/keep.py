"""How long things are kept, and who is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb

from store.merge import ERASE, ERASE_DERIVED


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days one platform's observations and the texts of others' posts are kept; ``None``: for ever."""

    observations_days: int | None = None
    mentions_days: int | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept for how long: ``default`` for every platform that ``platforms`` does not name; ``runs_days`` for runs and rejects."""

    default: Keep = Keep()
    platforms: Mapping[str, Keep] = field(default_factory=dict)
    runs_days: int | None = None


@dataclass(frozen=True, slots=True)
class Retained:
    """How many rows were let go: observations, texts, runs and rejects, and scores of models that are not used any more."""

    observations: int = 0
    texts: int = 0
    runs: int = 0
    scores: int = 0


def retain(connection: duckdb.DuckDBPyConnection, policy: Retention, now: datetime) -> Retained:
    """Let go what is past its time at ``now`` (aware).

    Observations: rows of ``metrics``; the newest counts (``post_latest``) and the sums (``daily``) stay. Texts: of posts by others, by
    the time of posting; text, names, address, tags and the words of the score go, counts, scores and the author's key stay.
    """
    utc = now.astimezone(UTC).replace(tzinfo=None)
    connection.execute("BEGIN")
    try:
        platforms = [name for (name,) in connection.execute("SELECT DISTINCT platform FROM posts").fetchall()]
        observations = texts = 0
        for platform in platforms:
            keep = policy.platforms.get(platform, policy.default)
            if keep.observations_days is not None:
                observations += _drop_observations(connection, platform, utc - timedelta(days=keep.observations_days))
            if keep.mentions_days is not None:
                texts += _drop_texts(connection, platform, utc - timedelta(days=keep.mentions_days))
        runs = 0
        if policy.runs_days is not None:
            oldest = utc - timedelta(days=policy.runs_days)
            runs += _changed(connection, "DELETE FROM runs WHERE finished_at < ?", oldest)
            runs += _changed(connection, "DELETE FROM rejects WHERE seen_at < ?", oldest)
        scores = _changed(
            connection,
            "DELETE FROM scores WHERE EXISTS (SELECT 1 FROM scores n JOIN meta ON meta.name = 'model' AND meta.value = n.model "
            "WHERE n.post_key = scores.post_key AND n.brand = scores.brand AND n.model <> scores.model AND n.scored_at > scores.scored_at)",
        )
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    return Retained(observations, texts, runs, scores)


def forget_author(connection: duckdb.DuckDBPyConnection, author: int, now: datetime) -> int:
    """Erase text and author of all posts by the author with the key ``author`` that are not a brand's own, now and whenever they come again.

    Return how many posts lost their text. Copies that were published before keep it until they are deleted.
    """
    at = now.astimezone(UTC).replace(tzinfo=None)
    connection.execute("BEGIN")
    try:
        connection.execute(
            "INSERT INTO forgotten (author_key, forgotten_at) SELECT $author, $at::TIMESTAMP "
            "WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE author_key = $author)",
            {"author": author, "at": at},
        )
        connection.execute(
            "CREATE TEMP TABLE stage_erased AS SELECT post_key FROM posts WHERE author_key = ? AND own_brand IS NULL", [author]
        )
        erased = _changed(
            connection,
            f"UPDATE posts SET {ERASE}, gone_at = coalesce(gone_at, ?::TIMESTAMP) WHERE post_key IN (SELECT post_key FROM stage_erased)",
            at,
        )
        connection.execute(ERASE_DERIVED)
        connection.execute("DROP TABLE temp.stage_erased")
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    return erased


def _drop_observations(connection: duckdb.DuckDBPyConnection, platform: str, oldest: datetime) -> int:
    return _changed(
        connection,
        "DELETE FROM metrics WHERE observed_at < ? AND post_key IN (SELECT post_key FROM post_latest WHERE platform = ?)",
        oldest,
        platform,
    )


def _drop_texts(connection: duckdb.DuckDBPyConnection, platform: str, oldest: datetime) -> int:
    connection.execute(
        "CREATE TEMP TABLE stage_erased AS SELECT post_key FROM posts "
        "WHERE platform = ? AND created_at < ? AND own_brand IS NULL AND text IS NOT NULL",
        [platform, oldest],
    )
    connection.execute("UPDATE scores SET why = NULL WHERE why IS NOT NULL AND post_key IN (SELECT post_key FROM stage_erased)")
    dropped = _changed(
        connection,
        "UPDATE posts SET author_id = NULL, author_name = NULL, text = NULL, text_norm = NULL, tags = NULL, url = NULL "
        "WHERE post_key IN (SELECT post_key FROM stage_erased)",
    )
    connection.execute("DROP TABLE temp.stage_erased")
    return dropped


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, *values: object) -> int:
    ((rows,),) = connection.execute(statement, list(values)).fetchall()
    return int(rows)
