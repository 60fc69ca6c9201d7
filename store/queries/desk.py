"""Queries of the review desk: flagged mentions, their state and their history.

A case's state is the last event about it. Events reach the published file a little after they are written, so every function
takes the ``pending`` ones too (as read from the inbox: the columns of ``review_events``) and shows both; an event that is in
both counts once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import duckdb
import pandas as pd

from store.queries.filters import on_platforms

State = Literal["open", "taken", "closed"]
CaseSort = Literal["newest", "spread"]

EVENTS = """
    events AS (
        SELECT DISTINCT ON (event_id) * FROM (
            SELECT event_id, post_key, brand, "at", actor, action, value FROM review_events
            UNION ALL
            SELECT event_id, post_key, brand, "at", actor, action, value FROM pending
        )
    )
"""


def cases(
    con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, brand: str, platforms: tuple[str, ...], sort: CaseSort, since: datetime
) -> pd.DataFrame:
    """Return the cases of ``brand`` since ``since`` (naive UTC): flagged mentions, and those that a person brought up.

    Taken cases stay whatever their age; what its platform no longer shows, and what a person found not to be about the brand, is left out.

    ``spread`` is how far a post got: its views, or twenty times its reactions where the platform gives no views. "newest" sorts by
    the day of the post and within a day by spread; ``repeated`` counts the reposts of a post, its quotes and the posts that say the same. Columns: ``post_key, rules, flagged_at, platform, text, created_at, url,
    views, reactions, shares, spread, repeated, state, actor, note, changed_at, events``.
    """
    order = "p.day DESC, spread DESC, p.created_at DESC" if sort == "newest" else "spread DESC, p.created_at DESC"
    con.register("pending", pending)
    return con.execute(
        f"""
        WITH {EVENTS},
        states AS (
            SELECT post_key,
                   arg_max(action, "at") FILTER (action IN ('take', 'close', 'reopen')) AS action,
                   arg_max(CASE action WHEN 'take' THEN coalesce(value, actor) ELSE actor END, "at")
                       FILTER (action IN ('take', 'close', 'reopen')) AS actor,
                   arg_max(value, "at") FILTER (action = 'note') AS note, max("at") AS changed_at, count(*) AS events,
                   contains(arg_max(coalesce(value, ''), "at") FILTER (action = 'label'), 'relevant=no') AS off
            FROM events WHERE brand = $brand GROUP BY post_key
        ),
        flagged AS (
            SELECT post_key, string_agg(DISTINCT rule, ', ' ORDER BY rule) AS rules, min(flagged_at) AS flagged_at
            FROM flags WHERE brand = $brand GROUP BY post_key
            UNION ALL
            SELECT post_key, NULL, min("at") FROM events
            WHERE brand = $brand AND action <> 'label' AND post_key NOT IN (SELECT post_key FROM flags WHERE brand = $brand)
            GROUP BY post_key
        )
        SELECT f.post_key, f.rules, f.flagged_at, p.platform, p.text, p.created_at, p.url, p.gone_at, l.views, l.shares,
               coalesce(l.likes, 0) + coalesce(l.comments, 0) + coalesce(l.shares, 0) AS reactions,
               coalesce(l.views, 20 * (coalesce(l.likes, 0) + coalesce(l.comments, 0) + coalesce(l.shares, 0)), 0) AS spread,
               coalesce(r.repeated, 0) AS repeated,
               CASE e.action WHEN 'take' THEN 'taken' WHEN 'close' THEN 'closed' ELSE 'open' END AS state,
               e.actor, e.note, e.changed_at, coalesce(e.events, 0) AS events
        FROM flagged f JOIN posts p USING (post_key) LEFT JOIN post_latest l USING (post_key)
        LEFT JOIN states e ON e.post_key = f.post_key
        LEFT JOIN (SELECT head_key, count(*) AS repeated FROM families GROUP BY head_key) r ON r.head_key = f.post_key
        WHERE NOT coalesce(e.off, false) AND (p.created_at >= $since::TIMESTAMP OR e.action = 'take') AND p.gone_at IS NULL AND {on_platforms("p.platform")}
        ORDER BY {order}, f.post_key
        """,
        {"brand": brand, "platforms": list(platforms), "since": since},
    ).df()


def case_history(con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, post_key: int, brand: str) -> pd.DataFrame:
    """Return the events of one case, oldest first: ``at, actor, action, value``."""
    con.register("pending", pending)
    return con.execute(
        f'WITH {EVENTS} SELECT "at", actor, action, value FROM events WHERE post_key = $post_key AND brand = $brand ORDER BY "at", event_id',
        {"post_key": post_key, "brand": brand},
    ).df()


def audit_log(con: duckdb.DuckDBPyConnection, pending: pd.DataFrame, brand: str, limit: int) -> pd.DataFrame:
    """Return the newest events about ``brand``: ``at, actor, action, value, post_key, text``."""
    con.register("pending", pending)
    return con.execute(
        f"""
        WITH {EVENTS}
        SELECT e."at", e.actor, e.action, e.value, e.post_key, p.text FROM events e LEFT JOIN posts p USING (post_key)
        WHERE e.brand = $brand ORDER BY e."at" DESC, e.event_id LIMIT {int(limit)}
        """,
        {"brand": brand},
    ).df()
