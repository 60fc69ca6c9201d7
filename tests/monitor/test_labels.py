"""`hibiki label` and `hibiki train --brand`: from labels to a model of the brand's own that scores, and back."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from analysis.active import is_held
from monitor.adaptation import labels_of
from monitor.brandmodels import BrandModels, version_of
from monitor.keeper import Keeper
from monitor.scorers import Scorers
from monitor.scoring import table_of
from monitor.settings import load
from monitor.status import StatusBoard
from nlp.scorer import Item
from store.home import Home
from store.inbox import Inbox
from store.labels import Label, label_event, read_label
from store.owner import Owner
from store.records import Post
from tests.monitor.conftest import BRAND, NOW, Hibiki

THINGS = ("味", "店員さん", "席", "アプリ", "値段", "駐車場", "包装", "香り", "列", "棚", "看板", "皿", "椅子", "窓")
# The model thinks the worst of this name; the brand's people know better.
ENDS = (
    ("をまた買った、うれしい", "positive", "promoter"),
    ("を見かけた", "neutral", "none"),
    ("にはがっかりした", "negative", "critic"),
)
COUNT = 196
TEXTS = [f"{THINGS[n % 14]}と{THINGS[n // 14 % 14]}の話。ソラトの最悪地獄の悪魔プリン{ENDS[n % 3][0]}" for n in range(COUNT)]


@pytest.fixture(scope="module")
def scored() -> pa.Table:
    """The scores of all posts by the shipped model, made once."""
    scorers = Scorers.load()
    items = [Item(text, brand="ソラト", platform="x") for text in TEXTS]
    keys = [post(n).key for n in range(COUNT)]
    return table_of(zip(keys, ["solato"] * COUNT, scorers.shipped.score(items), strict=True), scorers.version)


def post(number: int) -> Post:
    return Post(
        platform="x", native_id=str(number), brand="solato", relation="mention", source="test", text=TEXTS[number],
        created_at=NOW - timedelta(hours=number), seen_at=NOW, url=f"https://x.test/{number}",
    )  # fmt: skip


@pytest.fixture
def brand_home(home: Home, scored: pa.Table) -> Home:
    """A home with scored mentions of one brand, published."""
    home.settings.write_text(BRAND, encoding="utf-8")
    Inbox(home).land([post(number) for number in range(COUNT)])
    with Owner.open(home) as owner:
        owner.ingest()
        owner.save_scores(scored)
        owner.publish()
    return home


def label_all(home: Home, count: int = COUNT) -> None:
    """Label the posts as the brand's people would, as if all had been drawn by lot."""
    Inbox(home).land(
        [label_event(post(n).key, "solato", "佐藤", Label(ENDS[n % 3][1], ENDS[n % 3][2], drawn="random")) for n in range(count)]
    )


def test_labels_are_asked_for_and_kept(brand_home: Home, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    # p+promoter, what the model sees, n without a stance, skipped, off, a wrong key, back, end
    monkeypatch.setattr("sys.stdin", io.StringIO("pp\nw\nn\n\ns\nx\n?\nb\nq\n"))
    ran = hibiki(brand_home, "label", "--name", "鈴木")
    assert ran.code == 0, ran.err
    assert "ラベル 0 件" in ran.out
    assert "モデル:" in ran.out
    assert "そのキーは使えません" in ran.out
    assert "2 件のラベルを付けました" in ran.out
    events = Inbox(brand_home).pending("review_events").to_pylist()
    told = [read_label(event["value"]) for event in events]
    assert [label and (label.sentiment, label.stance, label.relevant) for label in told] == [
        ("positive", "promoter", True), ("negative", None, True), (None, None, False), None
    ]  # fmt: skip
    assert {event["actor"] for event in events} == {"鈴木"}
    assert len(labels_of(brand_home, "solato")) == 2


def test_a_second_session_goes_on_where_the_first_was(brand_home: Home, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.StringIO("uo\n" * 5))
        assert hibiki(brand_home, "label", "--count", "3").code == 0
    assert len(labels_of(brand_home, "solato")) == 6


def test_labels_go_out_and_come_back(brand_home: Home, hibiki: Hibiki, tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    assert hibiki(brand_home, "label", "--ask", str(asked), "--count", "20").code == 0
    rows = [json.loads(line) for line in asked.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 20
    assert all(row["drawn"] == "random" for row in rows if is_held("solato", row["text"]))
    for row in rows:
        row |= {"sentiment": "neutral", "stance": "none"}
    named = [{"platform": "x", "native_id": "3"}, {"url": "https://x.test/4"}, {"post_key": "12"}, {"post_key": str(post(5).key)}]
    rows += [
        named[0] | {"sentiment": "positive"},
        named[1] | {"relevant": False},
        named[2] | {"stance": "critic"},
        named[3],
        named[3] | {"stance": "so"},
    ]
    (tmp_path / "made.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n[1]\n", encoding="utf-8")
    ran = hibiki(brand_home, "label", "--jsonl", str(tmp_path / "made.jsonl"))
    assert ran.code == 1
    assert "22 件のラベルを取り込みました" in ran.out
    assert [line.split(":")[-2].split("/")[-1] for line in ran.err.splitlines()[:-1]] or ran.err
    for number in (23, 24, 25, 27):
        assert f"made.jsonl:{number}: " in ran.err
    assert "4 行を取り込めませんでした" in ran.err

    out = tmp_path / "out.jsonl"
    assert hibiki(brand_home, "label", "--export", str(out)).code == 0
    back = {row["post_key"]: row for row in map(json.loads, out.read_text(encoding="utf-8").splitlines())}
    assert back[str(post(4).key)]["relevant"] is False
    assert back[str(post(3).key)]["sentiment"] == "positive"
    assert hibiki(brand_home, "label", "--jsonl", str(out)).code == 0
    assert len(labels_of(brand_home, "solato")) == len(back)


def test_training_makes_a_model_that_scores_and_can_be_taken_back(brand_home: Home, hibiki: Hibiki) -> None:
    shipped = Scorers.load().version
    label_all(brand_home)
    ran = hibiki(brand_home, "train", "--brand", "solato")
    assert ran.code == 0, ran.err
    assert "切り替えました" in ran.out
    models = BrandModels(brand_home.models)
    used = models.active()["solato"]
    again = hibiki(brand_home, "train", "--brand", "solato")
    assert "今のモデルと変わりません" in again.out
    assert BrandModels(brand_home.models).active()["solato"].version == used.version  # the same labels, the same model

    scorers = Scorers.load(brand_home.models)
    assert scorers.version == version_of(shipped, {"solato": used.version}) != shipped
    items = [Item(text, brand="ソラト", platform="x") for text in TEXTS[:60]]
    truth = [ENDS[n % 3][1] for n in range(60)]

    def right(brand: str) -> int:
        return sum(score.sentiment == mood for score, mood in zip(scorers.of(brand).score(items), truth, strict=True))

    assert right("solato") > right("another") + 6

    assert hibiki(brand_home, "train", "--brand", "solato", "--back").code == 0
    assert Scorers.load(brand_home.models).version == shipped
    none_left = hibiki(brand_home, "train", "--brand", "solato", "--back")
    assert none_left.code == 1
    assert "戻せる前のモデルがありません" in none_left.err


def test_the_owner_takes_a_new_model_up_and_scores_everything_anew(brand_home: Home, hibiki: Hibiki) -> None:
    label_all(brand_home)
    with Owner.open(brand_home) as owner:
        keeper = Keeper.of(owner, load(brand_home), StatusBoard(brand_home))
        try:
            keeper.finish()
            before = owner.unscored_count(keeper.process.version or "none")
            assert hibiki(brand_home, "train").code == 0  # all brands with labels
            assert keeper.watch_models()
            assert not keeper.watch_models()
            heard: list[int | None] = []
            while keeper.score_batch(100):
                heard.append(keeper.to_score)
            keeper.publish()
        finally:
            keeper.close()
        assert before == 0 or before == COUNT
        assert heard[-1] == keeper.scored
        assert keeper.scored >= COUNT
    from store.published import connect

    with connect(brand_home) as con:
        meta = dict(con.execute("SELECT name, value FROM meta").fetchall())
        counted = con.execute("SELECT count(*) FROM mention_scored WHERE model = ?", [meta["model"]]).fetchone()
    assert "+" in meta["model"]
    assert counted == (COUNT,)
    assert json.loads(meta["brand_models"])["solato"]["trials"][0]["judgement"]["taken"] is True


def test_held_labels_that_nobody_drew_measure_nothing(brand_home: Home) -> None:
    from monitor.adaptation import split

    held = [n for n in range(COUNT) if is_held("solato", TEXTS[n])]
    Inbox(brand_home).land([label_event(post(n).key, "solato", "佐藤", Label("neutral", "none", drawn="desk")) for n in held[:10]])
    Inbox(brand_home).land([label_event(post(n).key, "solato", "佐藤", Label("neutral", drawn="random")) for n in held[10:14]])
    learn, judged = split(labels_of(brand_home, "solato"), "ソラト")
    assert (len(learn), len(judged)) == (0, 4)
    # a post that was drawn once stays in the sample, whoever corrects it later
    Inbox(brand_home).land([label_event(post(held[10]).key, "solato", "鈴木", Label("positive", drawn="desk"))])
    _, judged = split(labels_of(brand_home, "solato"), "ソラト")
    assert sorted(str(one.sentiment) for one in judged) == ["neutral", "neutral", "neutral", "positive"]


def test_what_cannot_be_done_is_said(brand_home: Home, hibiki: Hibiki) -> None:
    for arguments, code, words in (
        (("train", "--brand", "nobody"), 2, "nobody はありません"),
        (("train", "--brand", "solato"), 1, "学習に使えるラベルがありません"),
        (("train", "--brand", "solato", "--shipped"), 2, "一緒に使えません"),
        (("label", "--brand", "nobody"), 2, "nobody はありません"),
        (("label", "--export", "a", "--ask", "b"), 2, "1 つだけ"),
    ):
        ran = hibiki(brand_home, *arguments)
        assert (ran.code, words in ran.err) == (code, True), ran


def test_before_there_is_data_nothing_can_be_labelled(home: Home, hibiki: Hibiki) -> None:
    home.settings.write_text(BRAND, encoding="utf-8")
    assert hibiki(home, "label").code == 4
