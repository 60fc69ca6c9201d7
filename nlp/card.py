"""The model card, nlp/model/CARD.md: what the model learned from, how well it does on posts it never saw, and what it gets wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nlp.corpus import HELD_OUT_BATCHES, HELD_OUT_INDUSTRIES, SENTIMENTS, STANCES, TYPES, Post
from nlp.evaluate import compare, expected_calibration_error, table
from nlp.features import Featurizer
from nlp.scorer import Item, Score, Scorer

if TYPE_CHECKING:
    from nlp.train import Say, Trained

_CURVE = (500, 1000, 2000, 3000, 5000, 7500, 10000, 15000)
_EXAMPLES = 24


def write_card(trained: Trained, posts: Sequence[Post], featurizer: Featurizer, folder: Path, say: Say) -> None:
    """Measure and write CARD.md."""
    held = [post for post in posts if post.held_out]
    learn = [post for post in posts if not post.held_out]
    lines = ["# Model card", "", f"Model `{trained.model.version}`, written by `hibiki train`. Intervals are bootstrap 95 %.", ""]
    lines += _data(learn, held)
    if held:
        say(f"measuring on {len(held)} held-out posts")
        scores = Scorer(trained.model, featurizer).score([Item(post.text, brand=post.brand, platform=post.platform) for post in held])
        lines += _held_out(held, scores)
        lines += _coverage(held, scores, trained)
    lines += _cross_validation(trained, learn)
    lines += _learning_curve(trained, posts, featurizer, say)
    if held:
        lines += _wrong(held, scores)
    (folder / "CARD.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(f"card written to {folder / 'CARD.md'}")


def _data(learn: Sequence[Post], held: Sequence[Post]) -> list[str]:
    def counts(posts: Sequence[Post], name: str) -> str:
        return ", ".join(f"{value} {count}" for value, count in Counter(getattr(post, name) for post in posts).most_common())

    lines = [
        "## Data and split",
        "",
        "Every post was written for this project and labelled by the rules of docs/labelling.md. Held out, chosen by name before any figure was "
        f"seen: the industries {', '.join(sorted(HELD_OUT_INDUSTRIES))} and the batches {', '.join(sorted(HELD_OUT_BATCHES))}. Neither weights nor "
        "settings are fitted to them; settings were chosen by cross-validation in the training part, grouped by file.",
        "",
        "| | training | held out |",
        "|---|---|---|",
        f"| posts | {len(learn)} | {len(held)} |",
        f"| files | {len({post.batch for post in learn})} | {len({post.batch for post in held})} |",
        f"| industries | {len({post.industry for post in learn})} | {len({post.industry for post in held})} |",
    ]
    for name in ("sentiment", "stance", "mention_type"):
        lines.append(f"| {name} | {counts(learn, name)} | {counts(held, name)} |")
    lines.append(f"| ironic | {sum(post.irony for post in learn)} | {sum(post.irony for post in held)} |")
    return [*lines, ""]


def _held_out(held: Sequence[Post], scores: Sequence[Score]) -> list[str]:
    lines = ["## On held-out files", ""]
    for title, name, classes in (
        ("Sentiment", "sentiment", SENTIMENTS),
        ("Stance", "stance", STANCES),
        ("Mention type", "mention_type", TYPES),
    ):
        result = compare([getattr(post, name) for post in held], [getattr(score, name) for score in scores], classes)
        lines += [f"### {title}", "", table(result), "", "Confusion (rows: truth, last column: unscored or other):", ""]
        lines += ["| | " + " | ".join([*result.classes, "other"]) + " |", "|---" * (len(result.classes) + 2) + "|"]
        lines += [f"| {row} | " + " | ".join(map(str, cells)) + " |" for row, cells in zip(result.classes, result.confusion, strict=True)]
        lines.append("")
    lines += ["### Sentiment by part", "", "| part | n | accuracy | macro-F1 |", "|---|---|---|---|"]
    parts = [(name, [post.industry == name for post in held]) for name in sorted({post.industry for post in held})]
    parts += [("ironic posts", [post.irony for post in held]), ("posts naming a brand", [post.brand is not None for post in held])]
    parts += [
        ("short (to 15 characters)", [len(post.text) <= 15 for post in held]),
        ("long (over 60)", [len(post.text) > 60 for post in held]),
    ]
    for name, inside in parts:
        pairs = [(post.sentiment, score.sentiment) for post, score, there in zip(held, scores, inside, strict=True) if there]
        if len(pairs) >= 5:
            result = compare([pair[0] for pair in pairs], [pair[1] for pair in pairs], SENTIMENTS)
            lines.append(f"| {name} | {result.n} | {result.accuracy} | {result.macro_f1} |")
    for title, field in (("Phases", "phases"), ("Intents", "intents")):
        lines += ["", f"### {title} (several at once)", "", "| | precision | recall | F1 | n |", "|---|---|---|---|---|"]
        for name in sorted({value for post in held for value in getattr(post, field)}):
            truth = np.array([name in getattr(post, field) for post in held])
            taken = np.array([name in getattr(score, field) for score in scores])
            right = int((truth & taken).sum())
            precision, recall = right / max(1, taken.sum()), right / max(1, truth.sum())
            lines.append(
                f"| {name} | {precision:.2f} | {recall:.2f} | {2 * right / max(1, taken.sum() + truth.sum()):.2f} | {truth.sum()} |"
            )
    return [*lines, ""]


def _coverage(held: Sequence[Post], scores: Sequence[Score], trained: Trained) -> list[str]:
    scored = [(post, score) for post, score in zip(held, scores, strict=True) if score.probabilities]
    confidence = np.array([max(score.probabilities.values()) for _, score in scored])
    right = np.array([post.sentiment == score.sentiment for post, score in scored])
    sure = np.array([not score.unsure for _, score in scored])
    limits = trained.model.facts["unsure"]
    lines = [
        "## Calibration and abstention",
        "",
        f"Expected calibration error on held-out posts (10 bins): {expected_calibration_error(confidence, right):.3f}",
        "",
        "| top probability | posts | mean probability | accuracy |",
        "|---|---|---|---|",
    ]
    for low in np.arange(0.3, 1.0, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1 + (low > 0.85))
        if inside.any():
            lines.append(f"| {low:.1f}-{low + 0.1:.1f} | {inside.sum()} | {confidence[inside].mean():.3f} | {right[inside].mean():.3f} |")
    lines += [
        "",
        f"`unsure` is set where the top probability is below {limits['probability']}, irony is at least {limits['irony']}, or the lexicon's verdict is at "
        f"least {limits['clash']} strong and the model says the opposite (the first limit was chosen on out-of-fold posts). On held-out posts it "
        f"leaves {1 - sure.mean():.0%} to a person; the rest is right at {right[sure].mean():.3f}, all together at {right.mean():.3f}.",
        "",
        "| posts judged, surest first | accuracy |",
        "|---|---|",
    ]
    order = np.argsort(-confidence, kind="stable")
    lines += [f"| {share:.0%} | {right[order[: max(1, int(share * len(order)))]].mean():.3f} |" for share in (0.2, 0.4, 0.6, 0.8, 0.9, 1.0)]
    return [*lines, ""]


def _cross_validation(trained: Trained, learn: Sequence[Post]) -> list[str]:
    lines = ["## Cross-validation in the training part (5 folds by file)", "", "| | accuracy | macro-F1 |", "|---|---|---|"]
    for head, name, classes in (("sentiment", "sentiment", SENTIMENTS), ("stance", "stance", STANCES), ("type", "mention_type", TYPES)):
        predicted = [classes[index] for index in trained.logits[head].argmax(axis=1)]
        result = compare([getattr(post, name) for post in learn], predicted, classes, [post.batch for post in learn])
        lines.append(f"| {name} | {result.accuracy} | {result.macro_f1} |")
    return [*lines, "", "Intervals here draw whole files.", ""]


def _learning_curve(trained: Trained, posts: Sequence[Post], featurizer: Featurizer, say: Say) -> list[str]:
    """Macro-F1 on the held-out part against the size of the training part (posts drawn at random, the mean of two draws)."""
    from nlp.train import SETTINGS, Space, fit, prepare

    held = [post for post in posts if post.held_out]
    if not held:
        return []
    data, test = trained.data, prepare(held, featurizer)
    lines = ["## Learning curve (macro-F1 on held-out posts)", "", "| training posts | sentiment | stance | type |", "|---|---|---|---|"]
    for size in [*(size for size in _CURVE if size < len(data.posts)), len(data.posts)]:
        cells = []
        say(f"learning curve: {size} posts")
        for head, name, classes in (("sentiment", "sentiment", SENTIMENTS), ("stance", "stance", STANCES), ("type", "mention_type", TYPES)):
            values = []
            for draw in range(2 if size < len(data.posts) else 1):
                rows = np.sort(np.random.default_rng(draw).permutation(len(data.posts))[:size])
                space = Space.of(data.batch, rows)
                weights, bias = fit(head, data, space, rows)
                logits: npt.NDArray[np.float64] = space.matrix(test.batch, SETTINGS[head]) @ weights + bias
                predicted = [classes[index] for index in logits.argmax(axis=1)]
                values.append(compare([getattr(post, name) for post in held], predicted, classes, resamples=1).macro_f1.value)
            cells.append(f"{np.mean(values):.3f}")
        lines.append(f"| {size} | {' | '.join(cells)} |")
    return [*lines, ""]


def _wrong(held: Sequence[Post], scores: Sequence[Score]) -> list[str]:
    wrong = [(max(score.probabilities.values()), post, score) for post, score in zip(held, scores, strict=True) if score.probabilities]
    wrong = [triple for triple in wrong if triple[1].sentiment != triple[2].sentiment]
    wrong.sort(key=lambda triple: (-triple[0], triple[1].batch, triple[1].line))
    step = max(1, len(wrong) // _EXAMPLES)
    lines = [
        "## What it gets wrong",
        "",
        f"{len(wrong)} of {len(held)} held-out posts get another sentiment than the reader's. Feeling that is told by what happened and not by a word of "
        "feeling is the largest part, then jokes and irony. From the surest error to the least sure:",
        "",
        "| post | reader | model | p |",
        "|---|---|---|---|",
    ]
    for probability, post, score in wrong[::step][:_EXAMPLES]:
        text = post.text.replace("\n", " ").replace("|", "｜")
        lines.append(f"| {text} | {post.sentiment}{' (ironic)' if post.irony else ''} | {score.sentiment} | {probability:.2f} |")
    return [*lines, ""]
