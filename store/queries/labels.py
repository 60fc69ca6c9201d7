"""Queries of labels: what people said of mentions, what should be asked next, and what a post is called now.

Like the review desk's queries they take the ``pending`` events too, so that a label counts from the moment it is given.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from store.queries.desk import EVENTS
from store.queries.filters import on_platforms

_SAID = f"""
    {EVENTS},
    told AS (
        SELECT post_key, arg_max(coalesce(value, ''), {{'at': "at", 'id': event_id}}) AS value,
               arg_max(actor, {{'at': "at", 'id': event_id}}) AS actor, max("at") AS labelled_at,
               coalesce(bool_or(contains(value, 'drawn=random')), false) AS drawn
        FROM events WHERE action = 'label' AND brand = $brand GROUP BY post_key
    ),
    said AS (
        SELECT post_key, nullif(regexp_extract(value, 'sentiment=(\\w+)', 1), '') AS sentiment,
               nullif(regexp_extract(value, 'stance=(\\w+)', 1), '') AS stance, NOT contains(value, 'relevant=no') AS relevant,
               drawn, actor, labelled_at, value
        FROM told WHERE contains(value, 'sentiment=') OR contains(value, 'stance=') OR contains(value, 'relevant=no')
    )
"""
_SCORES = "s.post_key = m.post_key AND s.brand = $brand AND s.model = (SELECT value FROM meta WHERE name = 'model')"


def labelled(con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, brand: str) -> pd.DataFrame:
    """Return what people said of the mentions of ``brand``, newest first; posts whose text is gone are not there.

    Columns: ``post_key, platform, native_id, url, text, day, sentiment, stance, relevant, drawn`` (by a random draw, at least once)``,
    actor, labelled_at``, and what the current model says: ``model_sentiment, model_stance, mention_type``.
    """
    con.register("pending", pending)
    return con.execute(
        f"""
        WITH {_SAID}
        SELECT n.post_key, p.platform, p.native_id, p.url, p.text, p.day, n.sentiment, n.stance, n.relevant, n.drawn, n.actor, n.labelled_at,
               s.sentiment AS model_sentiment, s.stance AS model_stance, s.mention_type
        FROM said n JOIN posts p USING (post_key) JOIN mentions m ON m.post_key = n.post_key AND m.brand = $brand
        LEFT JOIN scores s ON {_SCORES}
        WHERE p.text IS NOT NULL AND p.gone_at IS NULL ORDER BY n.labelled_at DESC, n.post_key
        """,
        {"brand": brand},
    ).df()


def label_pool(con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, brand: str, platforms: tuple[str, ...], size: int) -> pd.DataFrame:
    """Return mentions that a person could be asked for: the ``size`` least sure ones, and as many drawn at random.

    Personal, scored mentions with a text. ``lot`` orders them by chance, the same way every time (a hash of the post): the first ones
    are a random sample. Columns: ``post_key, platform, day, text, p_negative, p_neutral, p_positive, p_promoter, p_critic, p_request,
    labelled, drawn, lot``. A post labelled for another reason than a draw stays in the lot: leaving it out would bend the sample.
    """
    con.register("pending", pending)
    return con.execute(
        f"""
        WITH {_SAID},
        pool AS (
            SELECT m.post_key, m.platform, m.day, p.text, s.p_negative, s.p_neutral, s.p_positive, s.p_promoter, s.p_critic, s.p_request,
                   n.post_key IS NOT NULL AS labelled, coalesce(n.drawn, false) AS drawn, md5(m.post_key::VARCHAR || m.brand) AS lot,
                   list_reverse_sort([s.p_negative, s.p_neutral, s.p_positive]) AS moods,
                   list_reverse_sort([s.p_promoter, s.p_critic, s.p_request, 1 - s.p_promoter - s.p_critic - s.p_request]) AS stances
            FROM mentions m JOIN posts p USING (post_key) JOIN scores s ON {_SCORES} LEFT JOIN said n ON n.post_key = m.post_key
            WHERE m.brand = $brand AND p.text IS NOT NULL AND p.gone_at IS NULL AND m.kind <> 'repost' AND {on_platforms("m.platform")}
              AND s.sentiment IN ('positive', 'neutral', 'negative') AND coalesce(s.mention_type, 'personal') = 'personal'
        ),
        unsure AS (
            SELECT post_key FROM pool WHERE NOT labelled
            ORDER BY coalesce(moods[1] - moods[2], 0) + coalesce(stances[1] - stances[2], 0), lot LIMIT {int(size)}
        ),
        lots AS (SELECT post_key FROM pool WHERE NOT drawn ORDER BY lot LIMIT {int(size)})
        SELECT pool.* EXCLUDE (moods, stances) FROM pool
        WHERE post_key IN (SELECT post_key FROM unsure) OR post_key IN (SELECT post_key FROM lots) ORDER BY lot
        """,
        {"brand": brand, "platforms": list(platforms)},
    ).df()


def mention_keys(con: duckdb.DuckDBPyConnection, brand: str) -> pd.DataFrame:
    """Return the mentions of ``brand`` whose text is there: ``post_key, platform, native_id, url``."""
    return con.execute(
        "SELECT p.post_key, p.platform, p.native_id, p.url FROM mentions m JOIN posts p USING (post_key) "
        "WHERE m.brand = $brand AND p.text IS NOT NULL AND p.gone_at IS NULL",
        {"brand": brand},
    ).df()


def label_of(con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, post_key: int, brand: str) -> pd.DataFrame:
    """Return what a person said of one mention, or no row: ``sentiment, stance, relevant, actor, labelled_at``."""
    con.register("pending", pending)
    return con.execute(
        f"WITH {_SAID} SELECT sentiment, stance, relevant, actor, labelled_at FROM said WHERE post_key = $post_key",
        {"brand": brand, "post_key": post_key},
    ).df()
