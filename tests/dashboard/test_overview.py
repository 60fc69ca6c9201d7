"""The overview: its numbers, filters and what it says where there is nothing."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import duckdb
import pytest

from dashboard import i18n
from dashboard.frame import PAGES
from store.home import Home
from tests.dashboard.conftest import visit, words


def _views(home: Home, days: int) -> float:
    """The views of the own posts of the last days, straight from the facts."""
    end = i18n.today() - timedelta(days=1)
    with duckdb.connect(str(home.link.resolve()), read_only=True) as con:
        row = con.execute(
            "SELECT sum(views) FROM post_latest WHERE own_brand = 'soramame' AND platform <> 'youtube' AND day BETWEEN ? AND ?",
            [end - timedelta(days=days - 1), end],
        ).fetchone()
    assert row is not None
    return float(row[0])


def test_it_says_what_the_facts_say(home: Home) -> None:
    said = words(visit())
    for name in (
        "エンゲージメント率",
        "反応数",
        "表示回数",
        "言及数",
        "好意的な言及の割合",
        "否定的な言及の割合",
        "ソーシャルNPS",
        "言及シェア",
    ):
        assert name in said
    assert f'<div class="hb-kpi-value hb-num">{i18n.number(_views(home, 28))}</div>' in said
    assert "初期推定・未較正" in said
    assert "95%区間" in said


def test_the_demo_says_on_every_page_that_it_is_one(home: Home) -> None:
    for page in ("overview", "posts", "desk", "sources"):
        assert "デモ表示中" in words(visit(page))


def test_the_url_chooses_period_and_brand(home: Home) -> None:
    said = words(visit(period="7d", brand="kazamidori"))
    assert '<h1 class="hb-title">喫茶かざみどり</h1>' in said
    end = i18n.today() - timedelta(days=1)
    assert i18n.period_text(end - timedelta(days=6), end) in said


def test_a_choice_goes_to_the_url_and_to_the_other_pages(home: Home) -> None:
    app = visit()
    app.selectbox(key="w.period").set_value("90d").run()
    assert dict(app.query_params) == {"period": "90d"}
    assert f'<div class="hb-kpi-value hb-num">{i18n.number(_views(home, 90))}</div>' in words(app)
    app.switch_page("dashboard/posts.py").run()
    assert app.selectbox(key="w.period").value == "90d"
    assert dict(app.query_params) == {"period": "90d"}


def test_nonsense_in_the_url_falls_back_to_defaults(home: Home) -> None:
    app = visit(period="yesterday", brand="nobody", rate="x", vs="y", on="nowhere,x", lang="fr", **{"from": "1", "to": "2"})
    assert app.selectbox(key="w.period").value == "28d"
    assert '<h1 class="hb-title">そらまめ珈琲</h1>' in words(app)


def test_a_platform_filter_narrows_everything(home: Home) -> None:
    said = words(visit(on="instagram"))
    assert said.count("hb-panel-value") == 1
    assert "Instagram" in said


def test_a_custom_period(home: Home) -> None:
    end = i18n.today() - timedelta(days=10)
    start = end - timedelta(days=20)
    app = visit(period="custom", **{"from": start.isoformat(), "to": end.isoformat()})
    assert i18n.period_text(start, end) in words(app)
    assert app.date_input(key="w.range").value == (start, end)


def test_no_verdict_on_counts_where_the_earlier_period_is_not_in_the_data(home: Home) -> None:
    said = words(visit(period="90d"))
    views = said[said.index('aria-label="表示回数"') :]
    assert "まだ判断できません" in views[: views.index("</section>")]


def test_an_empty_period_says_where_there_is_data(home: Home) -> None:
    said = words(visit(period="custom", **{"from": "2020-01-01", "to": "2020-01-31"}))
    assert "期間を広げるか" in said
    assert "hb-kpi-value" not in said


def test_english(home: Home) -> None:
    app = visit(lang="en")
    said = words(app)
    assert "Engagement rate" in said
    assert "first estimate, uncalibrated" in said
    assert "エンゲージメント率" not in said
    assert "document.documentElement.lang='en'" in said


def test_switching_the_language_keeps_the_view(home: Home) -> None:
    app = visit(period="7d", brand="kazamidori")
    app.button_group(key="w.lang").set_value("en").run()
    assert not app.exception
    assert app.selectbox(key="w.period").value == "7d"
    assert '<h1 class="hb-title">喫茶かざみどり</h1>' in words(app)
    assert dict(app.query_params) == {"lang": "en", "period": "7d", "brand": "kazamidori"}


@pytest.mark.parametrize("look", ["each", "together"])
def test_rates_by_platform_or_together(home: Home, look: str) -> None:
    app = visit()
    app.button_group(key="rate_mode").set_value(look).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == (6 if look == "each" else 2)


def test_links_carry_what_all_pages_share_and_a_mover_leads_to_its_post(home: Home) -> None:
    app = visit(period="90d", on="x,tiktok")
    carried = [parse_qs(link.proto.query_string) for link in app.get("page_link")]
    assert len(carried) == len(PAGES) + 6
    assert all(query["period"] == ["90d"] and query["on"] == ["x,tiktok"] for query in carried)
    mover = carried[len(PAGES)]
    assert mover["of"] == ["own"]
    app = visit("posts", **{name: values[0] for name, values in mover.items()})
    assert "この投稿の伸び" in words(app)
    assert app.query_params["post"] == mover["post"][0]


def test_a_quick_second_click_does_not_undo_the_first(home: Home) -> None:
    app = visit()
    app.selectbox(key="w.period").set_value("90d").run()
    app.query_params.clear()  # the second click left before the URL of the first had arrived
    app.selectbox(key="w.brand").set_value("mikazuki").run()
    assert app.selectbox(key="w.period").value == "90d"
    assert app.selectbox(key="w.brand").value == "mikazuki"


def test_going_back_takes_the_url_at_its_word(home: Home) -> None:
    app = visit(period="7d")
    app.selectbox(key="w.period").set_value("90d").run()
    app.run()
    app.query_params["period"] = "7d"
    app.run()
    assert app.selectbox(key="w.period").value == "7d"
    assert dict(app.query_params) == {"period": "7d"}


def test_goals_stand_beside_where_the_brand_stands(home: Home) -> None:
    said = words(visit())
    rate, negative, nps = (said.index(name) for name in ("エンゲージメント率（基本）", "否定的な言及の割合</b>", "アンケートのNPS</b>"))
    assert "目標 0.10% 以上" in said[rate : rate + 400]
    assert ">達成<" in said[rate : rate + 500]
    assert "目標 1.0% 以下" in said[negative : negative + 400]
    assert ">未達<" in said[negative : negative + 500]
    assert "過ぎています" in said[negative : negative + 500]
    assert "+40" in said[nps : nps + 400]  # 36 of 60 promoters, 12 critics
    assert "データなし" in words(visit(brand="kazamidori"))


def test_imported_figures_are_shown_by_their_names(home: Home) -> None:
    said = words(visit(brand="kazamidori"))
    assert "LINE フォロワー" in said
    assert "来店数" in said
    assert "アンケートのNPS +40（回答 60 件）" in words(visit())
    assert "取り込んだ指標" not in words(visit(brand="mikazuki"))


def test_without_goals_there_is_no_section_of_them(home: Home) -> None:
    assert "表示中の期間の値と、設定した目標" not in words(visit(brand="mikazuki"))


def test_what_may_not_be_mixed_is_left_out_of_sums_and_shown_alone(home: Home) -> None:
    assert "YouTube を除く" in words(visit())
    alone = words(visit(on="youtube"))
    assert "YouTube を除く" not in alone
    assert '<div class="hb-kpi-value hb-num">0</div>' not in alone
    assert "YouTube を除く" not in words(visit(on="x"))
