"""Exports as people have them after a spreadsheet, a text editor or a colleague had them first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from collectors.errors import FormatError
from collectors.files import ExportFile
from store.records import Metrics, Post, Record, SurveyAnswer
from tests.collectors.test_files import FACEBOOK_EN, META_EN, SEEN, SURVEY_JA, X_AT, X_EN, X_ID, X_JA, YOUTUBE_JA, only, read

OTHER_ID = str(int(X_ID) + (3_600_000 << 22))
X_ROW = X_JA.split("\n", 1)[1].replace("\n", " ").strip()
X_HEAD = X_JA.split("\n", 1)[0]


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


@pytest.mark.parametrize(
    "cell",
    ["14-Jul-26", "14-Jul", "7月14日", "7/14/26", "2026.7.14", "令和8年7月14日", "R8.7.14", "46217", "14/07/2026", "2026/7/14 10:00"],
)
def test_however_a_spreadsheet_writes_the_day_the_id_of_x_has_the_moment(cell: str) -> None:
    post, _ = only(read(X_JA.replace("2026/7/14", cell))[0])
    assert post.created_at == X_AT


def test_a_day_read_the_wrong_way_round_does_not_move_a_post_of_x() -> None:
    at = datetime(2026, 8, 7, 1, tzinfo=UTC)
    own = str(((int(at.timestamp() * 1000) - 1288834974657) << 22) + 5)
    post, _ = only(read(X_JA.replace(X_ID, own).replace("2026/7/14", "07/08/2026"))[0])  # 7 August, as Britain writes
    assert post.created_at == at


def test_days_are_read_in_the_order_of_the_whole_file() -> None:
    head, row = META_EN.replace("\nしました", "").strip().split("\n")
    dates = {"17912345678901231": "08/07/2026 10:00", "17912345678901232": "14/07/2026 10:00"}
    rows = [row.replace("17912345678901234", own).replace("07/14/2026 10:00", day) for own, day in dates.items()]
    got = posts(read("\n".join([head, *rows]))[0])
    assert [post.created_at.date() for post in got] == [date(2026, 7, 8), date(2026, 7, 14)]


def test_where_the_order_of_day_and_month_is_unknown_no_day_is_guessed() -> None:
    head, row = META_EN.replace("\nしました", "").strip().split("\n")
    days = ["14/07/2026 10:00", "07/14/2026 10:00", "08/07/2026 10:00", "07/07/2026 10:00"]
    rows = [row.replace("17912345678901234", f"1791234567890123{n}").replace("07/14/2026 10:00", day) for n, day in enumerate(days)]
    records, file = read("\n".join([head, *rows]))
    assert [post.created_at.date() for post in posts(records)] == [date(2026, 7, 14), date(2026, 7, 14), date(2026, 7, 7)]
    assert [reject.reason for reject in file.report.rejects] == ["月と日の順がわかりません: 「08/07/2026 10:00」"]


def test_an_era_is_read() -> None:
    records, _ = read("回答日,推奨度\n令和8年7月14日,9\n令和元年12月1日,8\n")
    assert [record.answered_on for record in records if isinstance(record, SurveyAnswer)] == [date(2026, 7, 14), date(2019, 12, 1)]


@pytest.mark.parametrize(
    ("cell", "views"),
    [
        ("-", None),
        ("–", None),
        ("N/A", None),
        ("#N/A", None),
        ("", None),
        ("０", 0),
        ('"12,400.00"', 12400),
        ("1.2万", 12000),
        ("1.2K", 1200),
    ],
)
def test_what_is_unknown_stays_unknown_and_what_is_zero_is_zero(cell: str, views: int | None) -> None:
    assert only(read(X_JA.replace("１２４００", cell))[0])[1].views == views


@pytest.mark.parametrize("cell", ["1.24E+04", "12.4", "-3", "#REF!", "##########", '"1,2"'])
def test_a_count_that_lost_something_is_refused_with_its_column(cell: str) -> None:
    _, file = read(X_JA.replace("１２４００", cell))
    assert [reject.place for reject in file.report.rejects] == ["export.csv 2行目"]
    assert "インプレッション数" in file.report.rejects[0].reason


def test_an_id_whose_last_digits_a_spreadsheet_made_zeros_is_no_other_post() -> None:
    rounded = X_ID[:15] + "0000"
    _, file = read(X_JA.replace(f"https://x.com/yomori/status/{X_ID}", "").replace(X_ID, rounded))
    assert "丸められ" in file.report.rejects[0].reason
    assert only(read(X_JA.replace(f"\n{X_ID},", f"\n{rounded},"))[0])[0].native_id == X_ID
    _, file = read(FACEBOOK_EN.replace("122101234567890123", "122101234567890000"))
    assert "丸められ" in file.report.rejects[0].reason


@pytest.mark.parametrize("wrong", ["#NAME?", "=abC_d3fGh1x", "動画"])
def test_what_is_no_id_of_a_video_is_refused(wrong: str) -> None:
    _, file = read(YOUTUBE_JA.replace("-abC_d3fGh1", wrong))
    assert (file.report.posts, len(file.report.rejects)) == (0, 1)


def test_empty_columns_at_the_end_do_no_harm_whoever_has_them() -> None:
    assert read(f"{X_HEAD},,\n{X_ROW},,\n")[1].report.posts == 1
    assert read(f"{X_HEAD}\n{X_ROW},,\n")[1].report.posts == 1
    assert read(f"{X_HEAD},,\n{X_ROW}\n")[1].report.posts == 1
    assert read(f"{X_HEAD}\n{X_ROW},1\n")[1].report.posts == 0


def test_two_exports_in_one_file_are_both_read() -> None:
    other = X_ROW.replace(X_ID, OTHER_ID)
    _, file = read(f"{X_HEAD}\n{X_ROW}\n{X_HEAD}\n{other}\n")
    assert (file.report.posts, file.report.skipped, file.report.rejects) == (2, 1, [])


def test_two_encodings_in_one_file_are_both_read() -> None:
    utf8 = f"{X_HEAD}\n{X_ROW}\n".encode()
    records, file = read(utf8 + X_ROW.replace(X_ID, OTHER_ID).replace("抹茶", "焙じ茶").encode("cp932") + b"\n")
    assert [post.text for post in posts(records)] == ["抹茶ラテ発売 しました #抹茶ラテ", "焙じ茶ラテ発売 しました #焙じ茶ラテ"]
    assert file.report.encoding == "utf-8+cp932"


def test_half_width_kana_is_not_taken_for_another_encoding() -> None:
    cells = "回答ID,回答日,推奨度,コメント\n1,2026/07/14,9,ﾃﾞｻﾞｲﾝ ﾄｱﾙ\n2,2026/07/15,8,ﾂｱ\n"
    records, file = read(cells, "cp932")
    assert [record.comment for record in records if isinstance(record, SurveyAnswer)] == ["ﾃﾞｻﾞｲﾝ ﾄｱﾙ", "ﾂｱ"]
    assert file.report.encoding == "cp932"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_line_of_broken_characters_costs_itself_only(encoding: str) -> None:
    lines = [f"B-{n},2026/07/20,8,よい" for n in range(20)]
    content = ("回答ID,回答日,推奨度,コメント\n" + "\n".join(lines)).encode(encoding)
    broken = content.replace("B-7,2026/07/20,8,よい".encode(encoding), b"B-7,2026/07/20,8,\xe3\x81\xff\xfd\x80")
    _, file = read(broken)
    assert (file.report.answers, [reject.place for reject in file.report.rejects]) == (19, ["export.csv 9行目"])
    assert "文字コード" in file.report.rejects[0].reason
    assert file.report.encoding == encoding


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(range(200)), "Excel のブック(.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "Excel のブック(.xls)"),
        (b"%PDF-1.7\n", "PDF"),
        (b"", "空のファイル"),
        (b"\xef\xbb\xbf\r\n", "空のファイル"),
        (b"name,age\n" + b"\xff\xfd\x80\n" * 20, "2行目"),
        ("タイムスタンプ,おすすめしますか,コメント\n2026/7/14,9,\n".encode(), "「推奨度」"),
        ("ポストID,日付,ポスト本文,いいね\n1,2,3,4\n".encode("cp932"), "「インプレッション数」"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_is_wrong_and_how_to_mend_it(content: bytes, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        ExportFile("七月.csv", content, brand="yomori", observed_at=SEEN)
    assert caught.value.message.startswith("七月.csv")
    assert said in caught.value.message
    assert caught.value.advice
    assert len(caught.value.message) < 120


def test_a_post_without_its_score_says_what_is_missing() -> None:
    _, file = read(SURVEY_JA.replace("A-1,2026/07/14,9", "A-1,2026/07/14,"))
    assert "空" in file.report.rejects[0].reason


def test_the_report_tells_how_far_the_reading_has_come() -> None:
    file = ExportFile("export.csv", (X_EN + X_EN.split("\n", 1)[1].replace(X_ID, OTHER_ID)).encode(), brand="yomori", observed_at=SEEN)
    seen = [(file.report.line, file.report.lines) for record in file.records() if isinstance(record, Metrics)]
    assert seen == [(2, 5), (4, 5)]
    assert (file.report.line, file.report.lines) == (5, 5)


def test_an_id_that_tells_of_another_day_than_the_file_is_no_witness() -> None:
    typed_in = "1990000000000000001"  # an id of November 2025 beside a day that nobody can misread
    head, row = X_EN.strip().split("\n", 1)
    post, _ = only(read("\n".join([head, row.replace(X_ID, typed_in)]))[0])
    assert post.created_at == datetime(2026, 7, 13, 15, tzinfo=UTC)  # midnight in Tokyo
