"""Do 200 labels of one brand help? ``python -m bench.adapt [--seeds N]`` prints a table.

Each held-out industry (hotel, games, bank; about 390 posts each, written by three hands) plays a brand whose posts the shipped model never
saw. Per industry and seed the posts are cut in two: some are never labelled, on them all figures are measured; of the rest 0, 50, 100 or 200 are labelled,
chosen as the product does ("active": analysis.active, three in ten held out) or by lot ("random", three in ten held out, too), learned from (nlp.adapt) and judged
on the held ones (nlp.adapt_judge). "raw" is the gain of what was learned, whatever the judge says; "used" the gain where only what the judge lets
through is used, which is what a user gets, and how often that was.

Four worlds. "As written": the files as they are, every post of another person, another brand and another matter, about as many of each sentiment. "As
mentioned": the same posts as half neutral, 30 % positive, 20 % negative, as mentions of a brand are rather (test posts are weighted, those to be labelled drawn).
The other two are simulated on the files as written, for what sets a brand apart besides its industry. "Misleading name": the brand sells a thing called
「地獄の悪魔プリン」, and six in ten posts name it. "Own rules": the team counts every request as criticism, and whoever asks a question or complains as negative
(a help desk's view; labels follow the corpus' intents). Intervals are 95 % over industries and seeds (t); test parts of one industry overlap, so they are somewhat too narrow.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from analysis.active import is_held, plan
from nlp import storage
from nlp.adapt import HEADS, Labelled, learn
from nlp.adapt_judge import judge
from nlp.adapted import apply
from nlp.corpus import SENTIMENTS, Post, read_corpus
from nlp.features import Featurizer
from nlp.lexicon import Lexicon
from nlp.scorer import Item, Score, Scorer
from nlp.tokens import Tokenizer

INDUSTRIES = ("hotel", "games", "bank")
SIZES = (50, 100, 200)
WORLDS: dict[str, tuple[float, float, float] | None] = {
    "as written": None, "as mentioned": (0.2, 0.5, 0.3), "misleading name": None, "own rules": None
}  # fmt: skip
PRODUCT = "地獄の悪魔プリン"
HANDFUL = 25


@dataclass
class Brand:
    """An industry playing a brand: its posts and what the shipped model says of them."""

    posts: list[Post]
    scores: list[Score]

    def labelled(self, rows: Sequence[int]) -> list[Labelled]:
        return [Labelled(p.text, p.brand, p.platform, p.sentiment, p.stance) for p in (self.posts[row] for row in rows)]


def in_world(post: Post, world: str, at: int) -> Post:
    """The post as it is in that world."""
    if world == "misleading name" and at % 10 < 6:
        return replace(post, text=f"{PRODUCT}、{post.text}" if at % 2 else f"{post.text} {PRODUCT}")
    if world == "own rules":
        stance = "critic" if post.stance == "request" else post.stance
        troubled = {"question", "complaint"} & set(post.intents)
        return replace(post, stance=stance, sentiment="negative" if troubled or post.stance == "request" else post.sentiment)
    return post


def cut(brand: Brand, mix: tuple[float, float, float] | None, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Rows that may be labelled and rows that only measure. With a mix: at most four in five of each sentiment may be labelled, in its shares."""
    moods = np.array([SENTIMENTS.index(post.sentiment) for post in brand.posts])
    if mix is None:
        order = rng.permutation(len(moods))
        return order[: int(0.6 * len(order))].tolist(), order[int(0.6 * len(order)) :].tolist()
    room = np.floor(0.8 * np.bincount(moods, minlength=3))
    size = int((room / np.array(mix)).min())
    counts = np.minimum(rng.multinomial(size, mix), room).astype(int)
    free = np.concatenate([rng.permutation(np.flatnonzero(moods == mood))[:count] for mood, count in enumerate(counts)])
    return rng.permutation(free).tolist(), sorted(set(range(len(moods))) - set(free.tolist()))


def draw(brand: Brand, name: str, free: list[int], size: int, how: str) -> tuple[list[int], list[int]]:
    """Rows to learn from and rows held, `size` in all (fewer where there are no more)."""
    if how == "random":
        rows = free[:size]
        return [r for r in rows if not is_held(name, brand.posts[r].text)], [r for r in rows if is_held(name, brand.posts[r].text)]
    scores = [brand.scores[row] for row in free]
    pool = pd.DataFrame(
        {
            "post_key": free, "platform": [brand.posts[row].platform for row in free], "day": pd.Timestamp("2026-01-01"),
            "text": [brand.posts[row].text for row in free],
            **{f"p_{mood}": [score.probabilities.get(mood, 0.0) for score in scores] for mood in SENTIMENTS},
            **{f"p_{name}": [score.stance_probabilities.get(name, 0.0) for score in scores] for name in ("promoter", "critic", "request")},
            "labelled": False, "drawn": False, "lot": [f"{at:06d}" for at in range(len(free))],
        }
    )  # fmt: skip
    learned: list[int] = []
    held: list[int] = []
    while len(learned) + len(held) < size:
        known = [brand.posts[row].text for row in learned + held]
        asks = plan(pool, name, known, min(HANDFUL, size - len(learned) - len(held)))
        if not asks:
            break
        for ask in asks:
            (held if ask.held else learned).append(ask.post_key)
        pool.loc[pool["post_key"].isin(learned + held), ["labelled", "drawn"]] = True
    return learned, held


def figures(brand: Brand, rows: list[int], scores: list[Score], mix: tuple[float, float, float] | None) -> dict[str, float]:
    """Accuracy and macro-F1 of both heads, test posts weighted to the mix."""
    moods = np.array([SENTIMENTS.index(brand.posts[row].sentiment) for row in rows])
    weights = np.ones(len(rows)) if mix is None else np.array(mix)[moods] / np.maximum(np.bincount(moods, minlength=3), 1)[moods]
    weights = weights / weights.sum()
    found = {}
    for head in HEADS:
        truth = np.array([getattr(brand.posts[row], head) for row in rows])
        said = np.array([getattr(score, head) for score in scores])
        found[f"{head} accuracy"] = float(weights[truth == said].sum())
        found[f"{head} F1"] = float(
            np.mean(
                [
                    2 * weights[(truth == k) & (said == k)].sum() / (weights[truth == k].sum() + weights[said == k].sum())
                    for k in np.unique(truth)
                ]
            )
        )
    return found


def run(brand: Brand, industry: str, seed: int, world: str, model: storage.Model, featurizer: Featurizer) -> Iterator[dict[str, object]]:
    """All sizes and draws of one industry and seed."""
    mix = WORLDS[world]
    free, test = cut(brand, mix, np.random.default_rng(seed))
    shipped = Scorer(model, featurizer)
    items = [Item(brand.posts[row].text, brand=brand.posts[row].brand, platform=brand.posts[row].platform) for row in test]
    base = figures(brand, test, [brand.scores[row] for row in test], mix)
    common = {"world": world, "industry": industry, "seed": seed}
    yield common | {"labels": 0, "how": "shipped", "judged": False, "n": len(test), **base}
    for size in SIZES:
        for how in ("random", "active"):
            learned, held = draw(brand, f"{industry}{seed}", free, size, how)
            delta = learn(shipped, model, brand.labelled(learned))
            new = Scorer(apply(model, delta), featurizer)
            used = judge(shipped, new, brand.labelled(held), changed=bool(delta.shifts)).taken
            after = figures(brand, test, new.score(items), mix)
            gains = {name: after[name] - base[name] for name in base}
            yield common | {"labels": size, "how": how, "judged": used, "n": len(test), **gains}


def interval(values: npt.NDArray[np.float64]) -> str:
    """Mean and 95 % interval."""
    reach = float(stdtrit(len(values) - 1, 0.975)) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():+.3f} [{values.mean() - reach:+.3f}, {values.mean() + reach:+.3f}]"


def show(rows: pd.DataFrame) -> None:
    names = [f"{head} {figure}" for head in HEADS for figure in ("accuracy", "F1")]
    for world in WORLDS:
        part = rows[rows["world"] == world]
        base = part[part["labels"] == 0]
        print(
            f"\n{world}; shipped model: "
            + ", ".join(f"{name} {base[name].mean():.3f}" for name in names)
            + f" (n ≈ {base['n'].mean():.0f} a run)\n"
        )
        print("| labels | drawn | gain in | raw | used | used in |\n|---|---|---|---|---|---|")
        for size in SIZES:
            for how in ("random", "active"):
                here = part[(part["labels"] == size) & (part["how"] == how)]
                taken = here["judged"].to_numpy(bool)
                for name in names:
                    raw = here[name].to_numpy(float)
                    print(f"| {size} | {how} | {name} | {interval(raw)} | {interval(np.where(taken, raw, 0.0))} | {taken.mean():.0%} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    tokenizer = Tokenizer()
    featurizer = Featurizer(tokenizer, Lexicon(tokenizer))
    model = storage.load()
    shipped = Scorer(model, featurizer)
    rows = []
    posts = read_corpus()
    for industry in INDUSTRIES:
        mine = [post for post in posts if post.industry == industry]
        for world in WORLDS:
            there = [in_world(post, world, at) for at, post in enumerate(mine)]
            brand = Brand(there, shipped.score([Item(p.text, brand=p.brand, platform=p.platform) for p in there]))
            for seed in range(options.seeds):
                rows += list(run(brand, industry, seed, world, model, featurizer))
    print(f"model {model.version}, {options.seeds} seeds, industries {', '.join(INDUSTRIES)}")
    show(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
