"""Queries of reviews with stars: how often the stars that a reviewer gave and the model's reading of the text say the same."""

from __future__ import annotations

import duckdb
import pandas as pd

from store.queries.filters import RELEVANT, SCORED, Filters, on_platforms


def star_agreement(con: duckdb.DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """Return a row for each group of stars among the reviews of the period, the fewest stars first.

    ``stars`` is ``negative`` (below 2.5: ★1–2), ``neutral`` (below 3.5: ★3) or ``positive`` (★4–5); ``reviews`` are those that have
    stars, a text and a sentiment of the current model (its own, not what a person made of it); ``said_negative, said_neutral,
    said_positive`` what the model calls them, ``agree`` how many of them as the stars say, ``unsure`` how many it cannot tell.
    """
    return con.execute(
        f"""
        SELECT stars, count(*) AS reviews,
               count(*) FILTER (said = 'negative') AS said_negative, count(*) FILTER (said = 'neutral') AS said_neutral,
               count(*) FILTER (said = 'positive') AS said_positive, count(*) FILTER (said = stars) AS agree,
               count(*) FILTER (model_unsure) AS unsure
        FROM (
            SELECT CASE WHEN p.stars < 2.5 THEN 'negative' WHEN p.stars < 3.5 THEN 'neutral' ELSE 'positive' END AS stars,
                   s.model_sentiment AS said, s.unsure AS model_unsure
            FROM mentions m JOIN posts p USING (post_key) {SCORED}
            WHERE m.brand = $brand AND m.day BETWEEN $from_day AND $to_day AND {on_platforms("m.platform")} AND {RELEVANT}
              AND p.stars IS NOT NULL AND p.gone_at IS NULL AND coalesce(p.text_norm, '') <> ''
              AND s.model_sentiment IN ('negative', 'neutral', 'positive')
        )
        GROUP BY stars ORDER BY list_position(['negative', 'neutral', 'positive'], stars)
        """,
        filters.values,
    ).df()
