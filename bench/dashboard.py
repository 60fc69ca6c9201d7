"""How long a reader waits for new numbers after a change of the filters: ``python -m bench.dashboard [--home DIR] [--rounds N]``.

Runs every page in Streamlit's own script runner, with the data in memory as after the first visit, changes one filter at a time to
values that have not been asked for yet, and prints the times of the whole run of the page: queries, statistics, charts, widgets. The
browser's part (about 0.2 s for the overview) is not in it. Without --home an invented world of 30,000 posts over 14 months is made.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

from streamlit.testing.v1 import AppTest  # noqa: E402

from dashboard.state import COMPARISONS  # noqa: E402
from tests.dashboard.world import build  # noqa: E402

APP = str(Path(__file__).parents[1] / "app.py")
PERIODS = ("7d", "90d", "month", "last_month", "365d", "28d")
GOAL = 1.0


def changes() -> Iterator[tuple[str, Callable[[AppTest], None]]]:
    """Every change that is measured, with what it is called in the table."""
    for period in PERIODS:
        yield f"period → {period}", lambda app, value=period: app.selectbox(key="w.period").set_value(value)  # type: ignore[misc]
    for comparison in (*COMPARISONS[1:], COMPARISONS[0]):
        yield f"compare → {comparison}", lambda app, value=comparison: app.radio(key="w.vs").set_value(value)  # type: ignore[misc]
    for rate in ("all", "basic"):
        yield f"definition → {rate}", lambda app, value=rate: app.radio(key="w.rate").set_value(value)  # type: ignore[misc]
    yield "brand → next", lambda app: app.selectbox(key="w.brand").select_index(1)


def measure(page: str, rounds: int) -> list[tuple[str, list[float]]]:
    """Return the seconds of every change on ``page``."""
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        app = AppTest.from_file(APP, default_timeout=120)
        if page != "overview":
            app.switch_page(f"dashboard/{page}.py")
        app.run()
        for name, change in changes():
            try:
                change(app)
            except KeyError:
                continue  # this page has no such filter
            from streamlit import cache_data

            cache_data.clear()  # nothing that was asked for before may help
            start = time.perf_counter()
            app.run()
            times.setdefault(name, []).append(time.perf_counter() - start)
            if app.exception:
                raise RuntimeError(str(app.exception))
    return list(times.items())


def main(home: Path | None, rounds: int) -> int:
    """Print one table; return 1 if a page missed the goal."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HIBIKI_HOME"] = home or str(build(Path(folder), posts=30_000, days=425).root)
        print(f"{'page':<10} {'change':<24} {'median s':>9} {'worst s':>9}")
        worst = 0.0
        for page in ("overview", "posts", "desk"):
            for name, seconds in measure(page, rounds):
                worst = max(worst, statistics.median(seconds))
                print(f"{page:<10} {name:<24} {statistics.median(seconds):>9.2f} {max(seconds):>9.2f}")
    print(f"slowest median {worst:.2f} s (goal: at most {GOAL:.1f} s); load {os.getloadavg()[0]:.1f}")
    return int(worst > GOAL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with a published file (default: 30,000 invented posts)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each change is measured")
    given = parser.parse_args()
    if given.home is not None and not (given.home / "data" / "published" / "hibiki.duckdb").exists():
        parser.error(f"{given.home} has no published file")
    sys.exit(main(given.home, given.rounds))
