"""The demo's customer survey: some hundred answers a month to the 0–10 question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from monitor.demo.cast import OWN
from monitor.demo.world import World
from store.records import SurveyAnswer

COMMENTS = (
    "香りがいい",
    "近くに店がない",
    "値段が上がった",
    "贈り物にしやすい",
    "アプリが使いにくい",
    "店員さんが親切",
    "定期便が便利",
    "",
)
A_DAY = 4


def answers(world: World) -> Iterator[SurveyAnswer]:
    """Yield the answers of the whole time, oldest first; satisfaction rises slowly and falls after the surge."""
    rng = np.random.default_rng([world.seed, 7])
    for ago in range(world.days, 0, -1):
        day = (world.now - timedelta(days=ago)).date()
        middle = 7.3 + 0.5 * (1 - ago / world.days) - (0.9 if ago < 6 else 0.0)
        for number in range(int(rng.poisson(A_DAY))):
            score = int(np.clip(round(rng.normal(middle, 2.1)), 0, 10))
            comment = COMMENTS[int(rng.integers(len(COMMENTS)))]
            yield SurveyAnswer(brand=OWN.id, answer_id=f"{day.isoformat()}-{number}", answered_on=day, score=score, comment=comment or None)
