"""Other scorers of Japanese sentiment on the same held-out posts: `python -m bench.peers --python VENV/bin/python [--tsv FILE --name NAME]`.

VENV is an environment of the peers' own, into which whoever measures installs oseti, asari and pymlask; they are no dependencies of ours. What is not
there, or does not run (oseti and ML-Ask want MECABRC to name a mecabrc of a dictionary, asari the locale en_US.UTF-8), is said and left out. The figures go to nlp/model/peers.json with the versions; `python -m nlp.card` takes them into the card.

How their answers become three classes: oseti: the sign of the mean over sentences; asari: its class where it is surer than a limit, else neutral, the limit chosen on posts of
the training part; ML-Ask: its orientation, neutral where it finds no feeling.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

from nlp.card import PEERS
from nlp.corpus import SENTIMENTS, read_corpus
from nlp.evaluate import compare, figure_as_dict, read_tsv
from nlp.storage import MODEL_DIR

_START = """
import importlib.metadata, json, sys
texts = json.load(sys.stdin)
def sign(value, band=0.0): return "positive" if value > band else "negative" if value < -band else "neutral"
"""
# What runs in the other environment: texts come in, [version, answers] go out; an answer is a class, or a number from -1 to 1.
_RUN = {
    "oseti": """
import oseti
analyzer = oseti.Analyzer()
def judge(text):
    found = analyzer.analyze(text)
    return sign(sum(found) / len(found)) if found else "neutral"
version = importlib.metadata.version("oseti")
""",
    "asari": """
from asari.api import Sonar
sonar = Sonar()
def judge(text):
    sure = {row["class_name"]: row["confidence"] for row in sonar.ping(text=text)["classes"]}
    return float(sure["positive"] - sure["negative"])
version = importlib.metadata.version("asari")
""",
    "ML-Ask": """
import mlask
analyzer = mlask.MLAsk()
def judge(text):
    orientation = (analyzer.analyze(text).get("orientation") or "NEUTRAL").upper()
    return "positive" if "POSITIVE" in orientation else "negative" if "NEGATIVE" in orientation else "neutral"
version = importlib.metadata.version("pymlask")
""",
}
_END = """
import time
judge("温まるまで少し")
start = time.perf_counter()
answers = [judge(text) for text in texts]
print(json.dumps([version, answers, time.perf_counter() - start]))
"""
_TUNING = 1500


def ask(python: Path, peer: str, texts: list[str]) -> tuple[str, list[Any], float]:
    """Return the peer's version, its answers and the seconds that they took. Raises subprocess.CalledProcessError where it is not installed or fails."""
    done = subprocess.run(
        [str(python), "-c", _START + _RUN[peer] + _END], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    version, answers, seconds = json.loads(done.stdout.strip().splitlines()[-1])
    return version, answers, seconds


def _banded(values: list[float], band: float) -> list[str]:
    return ["positive" if value > band else "negative" if value < -band else "neutral" for value in values]


def measure(
    python: Path, peer: str, data: dict[str, tuple[list[str], list[str]]], tuning: tuple[list[str], list[str]]
) -> list[dict[str, Any]]:
    """Return a row of peers.json for each data set (texts, truth)."""
    note, band = "", None
    if peer == "asari":
        _, values, _ = ask(python, peer, tuning[0])
        bands = [step / 20 for step in range(20)]
        band = max(bands, key=lambda limit: compare(tuning[1], _banded(values, limit), SENTIMENTS, resamples=1).macro_f1.value)
        note = f"neutral below {band:.2f}, chosen on {len(tuning[0])} training posts"
    rows = []
    for name, (texts, truth) in data.items():
        version, answers, seconds = ask(python, peer, texts)
        found = answers if band is None else _banded(answers, band)
        result = compare(truth, found, SENTIMENTS)
        figures = {"n": result.n, "accuracy": figure_as_dict(result.accuracy), "macro_f1": figure_as_dict(result.macro_f1)}
        rows.append(
            {
                "name": peer,
                "version": version,
                "data": name,
                "note": note,
                "n": result.n,
                "posts_a_second": round(len(texts) / seconds),
                "sentiment": figures,
            }
        )
        print(
            f"{peer:<8}{version:<10}{name:<14}{result.n:>6}  accuracy {result.accuracy}  macro-F1 {result.macro_f1}  {len(texts) / seconds:,.0f} posts/s  {note}"
        )
    return rows


def main() -> None:
    """Measure what is installed and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, required=True, help="the Python of the environment that holds the peers")
    parser.add_argument("--tsv", type=Path, help="another yardstick: a file with the columns text and polarity")
    parser.add_argument("--name", default="outside", help="what to call it")
    options = parser.parse_args()
    posts = read_corpus()
    held = [post for post in posts if post.held_out]
    data = {"held-out": ([post.text for post in held], [post.sentiment for post in held])}
    if options.tsv:
        rows = [row for row in read_tsv(options.tsv) if row["polarity"] in SENTIMENTS]
        data[options.name] = ([row["text"] for row in rows], [row["polarity"] for row in rows])
    learn = [post for post in posts if not post.held_out]
    learn = learn[:: max(1, len(learn) // _TUNING)]
    found = []
    for peer in _RUN:
        try:
            found += measure(options.python, peer, data, ([post.text for post in learn], [post.sentiment for post in learn]))
        except subprocess.CalledProcessError as error:
            print(f"{peer:<8}not measured: {error.stderr.strip().splitlines()[-1]}")
    (MODEL_DIR / PEERS).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
