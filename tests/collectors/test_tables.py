"""KPIs, X's daily overview, and tables of mentions: with the usual column names, and with the user's own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from collectors.errors import FormatError
from collectors.exports import EXPORTS
from collectors.files import ExportFile
from collectors.tables import BadColumns, table_of
from store.records import Kpi, Metrics, Post, Record, Reject

SEEN = datetime(2026, 8, 1, 9, tzinfo=UTC)
OVERVIEW_EN = (
    "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post,Video views,Media views\n"
    '"Tue, Jul 14, 2026","12,400",120,300,8,77,5,2,6,5,9,1,,3\n'
)
OVERVIEW_JA = (
    "日付,インプレッション数,いいね,エンゲージメント,ブックマーク,共有された回数,新しいフォロー,フォロー解除,返信,リポスト,プロフィールへのアクセス数,ポストを作成\n"
    "2026/7/14,１２４００,120,300,8,77,5,2,6,5,9,1\n"
)
MENTIONS = (
    "媒体,投稿日時,投稿者,本文,URL,いいね数,評価\n"
    "Twitter,2026/07/14 10:00,茶々丸,ヨモリうまい,https://x.com/chacha/status/1944570000000000001,12,\n"
    "価格.com,2026/07/15,匿名さん,思ったより苦い,,,★★☆☆☆\n"
    "ブログ,2026年7月16日,抹茶日記,また買う,https://blog.example/1,なし,5\n"
)


def read(content: str, kinds: tuple[object, ...] = ()) -> tuple[list[Record], ExportFile]:
    file = ExportFile("table.csv", content.encode(), brand="yomori", observed_at=SEEN, kinds=(*kinds, *EXPORTS))  # type: ignore[arg-type]
    return list(file.records()), file


def figures(records: list[Record]) -> dict[tuple[date, str], float]:
    return {(record.day, record.name): record.value for record in records if isinstance(record, Kpi)}


@pytest.mark.parametrize("content", [OVERVIEW_EN, OVERVIEW_JA])
def test_the_daily_overview_of_x_gives_figures_of_days(content: str) -> None:
    records, file = read(content)
    found = figures(records)
    day = date(2026, 7, 14)
    assert (file.report.export, file.report.kpis, file.report.rows) == ("x_overview", len(found), 1)
    assert (found[day, "x.impressions"], found[day, "x.new_follows"], found[day, "x.unfollows"]) == (12400, 5, 2)
    assert (day, "x.video_views") not in found  # an empty cell is no 0


def test_a_kpi_table_is_read_by_its_usual_names() -> None:
    records, file = read(
        '日付,指標,値\n2026/07/14,来店数,"1,234"\n2026/07/14,購入率,12.5%\n2026/07/15,来店数,-\n2026/07/15,,3\n2026/07/16,来店数,多い\n'
    )
    assert figures(records) == {(date(2026, 7, 14), "来店数"): 1234, (date(2026, 7, 14), "購入率"): 0.125}
    assert [reject.place for reject in file.report.rejects] == ["table.csv 5行目", "table.csv 6行目"]
    assert file.report.skipped == 1


def test_a_wide_table_has_a_figure_a_column() -> None:
    table = table_of("tenpo", "kpis", {"time": "営業日", "来店数": "来店者数(人)", "売上": "売上(円)"}, "import")
    records, _ = read('営業日,天気,来店者数（人）,売上(円)\n2026/07/14,晴れ,120人,"¥98,000"\n2026/07/15,雨,,▲500円\n', (table,))
    assert figures(records) == {
        (date(2026, 7, 14), "来店数"): 120,
        (date(2026, 7, 14), "売上"): 98000,
        (date(2026, 7, 15), "売上"): -500,
    }


def test_the_same_figure_twice_is_one_and_two_values_are_none_to_choose_from() -> None:
    records, file = read("日付,指標,値\n2026/07/14,来店数,5\n2026/07/14,来店数,5\n2026/07/14,来店数,6\n")
    assert figures(records) == {(date(2026, 7, 14), "来店数"): 5}
    assert (file.report.skipped, len(file.report.rejects)) == (1, 1)


def test_mentions_of_several_platforms_stand_in_one_table() -> None:
    records, _ = read(MENTIONS)
    posts = [record for record in records if isinstance(record, Post)]
    assert [(post.platform, post.text, post.kind, post.stars, post.relation) for post in posts] == [
        ("x", "ヨモリうまい", "post", None, "mention"),
        ("価格.com", "思ったより苦い", "review", 2.0, "mention"),
        ("blog", "また買う", "review", 5.0, "mention"),
    ]
    assert posts[0].native_id == "1944570000000000001"  # as the platform's own API names it
    assert posts[0].created_at == datetime(2026, 7, 14, 1, tzinfo=UTC)
    assert posts[2].native_id == "https://blog.example/1"
    (counts,) = [record for record in records if isinstance(record, Metrics)]
    assert (counts.native_id, counts.likes, counts.views) == (posts[0].native_id, 12, None)


def test_mentions_with_columns_of_the_users_own_names() -> None:
    table = table_of("kuchikomi", "mentions", {"time": "書いた日", "text": "ひとこと", "author": "だれ"}, "review")
    records, file = read(
        "書いた日,ひとこと,だれ,メモ\n2026/07/14,おいしい,茶々丸,-\n2026/07/14,おいしい,茶々丸,-\n2026/07/14,おいしい,別の人,-\n,x,y,\n",
        (table,),
    )
    posts = [record for record in records if isinstance(record, Post)]
    assert [(post.platform, post.kind, post.text) for post in posts] == [("review", "review", "おいしい")] * 2
    assert len({post.native_id for post in posts}) == 2
    assert (file.report.export, file.report.skipped, len(file.report.rejects)) == ("table-kuchikomi", 1, 1)
    again, _ = read("書いた日,ひとこと,だれ,メモ\n2026/07/14,おいしい,茶々丸,-\n", (table,))
    assert again[0] == posts[0]


def test_a_bad_row_costs_itself_alone() -> None:
    records, _ = read(
        MENTIONS + "X,昨日,a,b,,,\nX,2026/07/17,a,,,,\nX,2026/07/17,a,よい,,abc,\nX,2026/07/17,a,よい,,1,9\nX,2026/07/18,a,よい,,1,4.5\n"
    )
    assert len([record for record in records if isinstance(record, Post)]) == 4
    assert len([record for record in records if isinstance(record, Reject)]) == 4


def test_a_table_whose_column_was_renamed_says_which() -> None:
    table = table_of("kuchikomi", "mentions", {"time": "書いた日", "text": "ひとこと", "author": "だれ"}, "review")
    with pytest.raises(FormatError, match="だれ"):
        ExportFile("t.csv", "書いた日,ひとこと,誰\n2026/07/14,a,b\n".encode(), brand="yomori", observed_at=SEEN, kinds=(table,))


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("mentions", {"time": "a"}),
        ("mentions", {"time": "a", "text": "b", "mood": "c"}),
        ("kpis", {"time": "a"}),
        ("kpis", {"time": "a", "name": "b"}),
        ("kpis", {"x": "a"}),
    ],
)
def test_columns_that_make_no_table_are_refused(kind: str, columns: dict[str, str]) -> None:
    with pytest.raises(BadColumns):
        table_of("t", kind, columns, "import")  # type: ignore[arg-type]
