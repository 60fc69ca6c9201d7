"""Exports as platforms write them, in both languages and every encoding that was seen, and as spreadsheets spoil them."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from collectors.errors import AccessError, FormatError
from collectors.files import ExportFile, open_export
from store.records import Metrics, Post, Record, Reject, SurveyAnswer

SEEN = datetime(2026, 8, 1, 9, tzinfo=UTC)
X_ID = str(((1783990800000 - 1288834974657) << 22) + 5)  # 2026-07-14T01:00:00Z
X_AT = datetime(2026, 7, 14, 1, tzinfo=UTC)

X_EN = (
    "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits,"
    "Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks\n"
    f'{X_ID},"Tue, Jul 14, 2026","抹茶ラテ発売\nしました🍵 #抹茶ラテ",https://x.com/yomori/status/{X_ID},"12,400",120,300,8,77,1,6,5,9,1,2,3,4\n'
)
X_JA = (
    "ポストID,日付,ポスト本文,ポストのリンク,インプレッション数,いいね,エンゲージメント,ブックマーク,共有された回数,新しいフォロー,返信,リポスト,"
    "プロフィールへのアクセス数,詳細のクリック数,URLのクリック数,ハッシュタグのクリック数,パーマリンクのクリック数\n"
    f'{X_ID},2026/7/14,"抹茶ラテ発売\nしました #抹茶ラテ",https://x.com/yomori/status/{X_ID},１２４００,120,300,8,77,1,6,5,9,1,2,3,4\n'
)
X_OLD_JA = (
    "ツイートID,ツイートの固定リンク,ツイート本文,時間,インプレッション,エンゲージメント,エンゲージメント率,リツイート,返信,いいね\n"
    '"1594567890123456789",https://twitter.com/yomori/status/1594567890123456789,寒いですね,2022-11-21 05:00 +0000,12400.0,50.0,0.004,5.0,6.0,120.0\n'
)
META_EN = (
    "Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,Post type,Data comment,Date,Views,Reach,Likes,"
    "Shares,Follows,Comments,Saves\n"
    '17912345678901234,17841400000000000,yomori_tea,ヨモリ,"抹茶ラテ発売\nしました #抹茶ラテ",0,07/14/2026 10:00,https://www.instagram.com/p/abc/,IG image,,'
    'Lifetime,"12,400","9,000",120,5,1,6,8\n'
)
META_JA = (
    "投稿ID,アカウントID,アカウントのユーザーネーム,アカウント名,説明,時間(秒),公開時間,リンク,投稿タイプ,データコメント,日時,ビュー,リーチ,いいね！の数,シェア数,"
    "フォロー数,コメント数,保存数\n"
    '17912345678901234,17841400000000000,yomori_tea,ヨモリ,"抹茶ラテ発売\nしました #抹茶ラテ",0,07/14/2026 10:00,https://www.instagram.com/p/abc/,IG画像,,'
    '通算,"12,400","9,000",120,5,1,6,8\n'
)
FACEBOOK_EN = (
    "Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Permalink,Post type,Views,Reach,Reactions,Comments,Shares\n"
    '122101234567890123,100063000000000,ヨモリ,お知らせ,抹茶ラテ発売,0,07/14/2026 10:00,https://www.facebook.com/1,Photos,"12,400",9000,120,6,5\n'
)
YOUTUBE_JA = (
    "コンテンツ,動画のタイトル,動画公開時刻,長さ,視聴回数,総再生時間（単位: 時間）,平均視聴時間,平均再生率 (%),インプレッション数,インプレッションのクリック率 (%)\n"
    "合計,,,,24800,100.5,0:01:00,40.1,99999,4.2\n"
    "-abC_d3fGh1,抹茶ラテの作り方,2026/07/14,95,12400,50.2,0:01:00,40.1,50000,4.2\n"
)
TIKTOK_ID = str((1783990800 << 32) + 7)
TIKTOK_EN = (
    "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views\n"
    f"抹茶ラテ #抹茶ラテ,https://www.tiktok.com/@yomori/video/{TIKTOK_ID},July 14,1.2K,6,5,1.2万\n"
)
SURVEY_JA = "回答ID,回答日,推奨度,コメント\nA-1,2026/07/14,9,また買います\nA-2,2026年7月15日,１０,\nA-3,2026/07/15,11,\nA-4,,5,\nA-1,2026/07/16,3,別の答え\n"


def read(content: str | bytes, encoding: str = "utf-8", name: str = "export.csv") -> tuple[list[Record], ExportFile]:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    file = ExportFile(name, data, brand="yomori", observed_at=SEEN)
    return list(file.records()), file


def only(records: list[Record]) -> tuple[Post, Metrics]:
    post, metrics = records
    assert isinstance(post, Post)
    assert isinstance(metrics, Metrics)
    return post, metrics


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("content", "export", "platform", "native_id", "at", "counts"),
    [
        (X_EN, "x_content", "x", X_ID, X_AT, (12400, 120, 6, 5, 8)),
        (X_JA, "x_content", "x", X_ID, X_AT, (12400, 120, 6, 5, 8)),
        (META_EN, "instagram", "instagram", "17912345678901234", X_AT, (12400, 120, 6, 5, 8)),
        (META_JA, "instagram", "instagram", "17912345678901234", X_AT, (12400, 120, 6, 5, 8)),
        (FACEBOOK_EN, "facebook", "facebook", "122101234567890123", X_AT, (12400, 120, 6, 5, None)),
        (TIKTOK_EN, "tiktok", "tiktok", TIKTOK_ID, X_AT, (12000, 1200, 6, 5, None)),
    ],
    ids=["x-en", "x-ja", "instagram-en", "instagram-ja", "facebook-en", "tiktok-en"],
)
def test_every_export_is_read(
    encoding: str, content: str, export: str, platform: str, native_id: str, at: datetime, counts: tuple[int | None, ...]
) -> None:
    records, file = read(content, encoding)
    post, metrics = only(records)
    assert (file.report.export, file.report.encoding) == (export, encoding)
    assert (post.platform, post.native_id, post.brand, post.relation) == (platform, native_id, "yomori", "own")
    assert post.created_at == at
    assert (metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves) == counts
    assert metrics.observed_at == post.seen_at == SEEN
    assert (file.report.rows, file.report.posts, file.report.rejects) == (1, 1, [])
    if "#抹茶ラテ" in content:
        assert post.tags == ("抹茶ラテ",)
    if "\nしました" in content:
        assert post.text.startswith("抹茶ラテ発売\nしました")


def test_a_file_that_excel_in_japan_wrote_is_read() -> None:
    records, file = read(X_JA.replace("\n", "\r\n"), "cp932")
    assert file.report.encoding == "cp932"
    assert only(records)[1].views == 12400


def test_the_old_export_of_x_tells_times_in_utc() -> None:
    post, metrics = only(read(X_OLD_JA)[0])
    assert post.native_id == "1594567890123456789"
    assert abs((post.created_at - datetime(2022, 11, 21, 5, tzinfo=UTC)).total_seconds()) < 2 * 86400
    assert (metrics.views, metrics.shares) == (12400, 5)


def test_a_row_of_totals_is_no_video() -> None:
    records, file = read(YOUTUBE_JA)
    post, metrics = only(records)
    assert (post.native_id, post.url) == ("-abC_d3fGh1", "https://www.youtube.com/watch?v=-abC_d3fGh1")
    assert (metrics.views, metrics.likes) == (12400, None)
    assert (file.report.rows, file.report.skipped) == (2, 1)


def test_columns_may_stand_in_any_order() -> None:
    header, row = META_EN.replace("\nしました", "").strip().split("\n")
    names, cells = header.split(","), row.replace('"12,400"', "12400").replace('"9,000"', "9000").replace('"', "").split(",")
    turned = ",".join(reversed(names)) + "\n" + ",".join(reversed(cells)) + "\n"
    assert only(read(turned)[0])[1].views == 12400


def test_other_spellings_of_a_header_are_the_same_column() -> None:
    content = META_JA.replace("いいね！の数", "いいね!の数").replace("投稿ID", "投稿 ＩＤ").replace("保存数", " 保存数 ")
    assert only(read(content)[0])[1].likes == 120


def test_lines_above_the_header_and_other_separators_do_no_harm() -> None:
    content = "sep=;\n\n" + SURVEY_JA.replace(",", ";")
    assert read(content)[1].report.answers == 2


def test_the_same_file_gives_the_same_records_twice() -> None:
    assert read(META_JA)[0] == read(META_JA)[0]
    assert read(SURVEY_JA)[0] == read(SURVEY_JA)[0]


def test_reading_again_begins_a_new_report() -> None:
    _, file = read(SURVEY_JA)
    before = asdict(file.report)
    file.preview()
    assert asdict(file.report) == before
    list(file.records())
    assert asdict(file.report) == before


def test_a_row_that_cannot_be_read_is_told_with_its_line_and_the_rest_goes_in() -> None:
    header = X_EN.split("\n", 1)[0]
    good = X_EN.split("\n", 1)[1]
    bad = [
        f"{X_ID[:-1]}7,2026-07-14,a,,12.400,1,1,1,1,1,1,1,1,1,1,1,1\n",
        f"{X_ID[:-1]}8,someday,b,,1,1,1,1,1,1,1,1,1,1,1,1,1\n",
        ",2026-07-14,c,,1,1,1,1,1,1,1,1,1,1,1,1,1\n",
        f"{X_ID[:-1]}9,2026-07-14,too,few\n",
        "1.93E+18,2026-07-14,rounded,,1,1,1,1,1,1,1,1,1,1,1,1,1\n",
    ]
    records, file = read(header + "\n" + bad[0] + good + "".join(bad[1:]))
    rejects = [record for record in records if isinstance(record, Reject)]
    assert [reject.place for reject in rejects] == [f"export.csv {line}行目" for line in (2, 5, 6, 7, 8)]
    assert "Impressions" in rejects[0].reason
    assert "丸められ" in rejects[4].reason
    assert rejects == file.report.rejects
    assert (file.report.rows, file.report.posts) == (6, 1)
    assert "12.400" in rejects[0].raw


def test_an_id_that_a_spreadsheet_rounded_is_taken_from_the_address() -> None:
    post, _ = only(read(X_EN.replace(f"\n{X_ID},", "\n2.07681E+18,"))[0])
    assert post.native_id == X_ID
    post, _ = only(read(META_EN.replace("\n17912345678901234,", '\n="17912345678901234",'))[0])
    assert post.native_id == "17912345678901234"


def test_a_quotation_mark_that_is_never_closed_loses_one_line_only() -> None:
    content = SURVEY_JA.replace("また買います", '"また買います') + "".join(f"B-{n},2026/07/20,8,よい\n" for n in range(2000))
    _, file = read(content)
    assert file.report.rejects[0].place == "export.csv 2行目"
    assert file.report.answers == 2002
    assert file.report.rows == file.report.answers + len(file.report.rejects)


def test_a_post_that_stands_there_twice_counts_once() -> None:
    row = FACEBOOK_EN.split("\n", 1)[1]
    _, file = read(FACEBOOK_EN + row)
    assert (file.report.posts, file.report.skipped) == (1, 1)
    _, file = read(FACEBOOK_EN + row.replace(",120,", ",999,"))
    assert (file.report.posts, len(file.report.rejects)) == (1, 1)


def test_values_of_single_days_are_not_taken_for_lifetime_values() -> None:
    records, _ = read(META_JA.replace("通算", "07/15/2026"))
    (reject,) = records
    assert isinstance(reject, Reject)
    assert "通算" in reject.reason


def test_an_empty_count_is_unknown() -> None:
    _, metrics = only(read(META_EN.replace(",120,5,1,6,8", ",,--,1,6,"))[0])
    assert (metrics.likes, metrics.shares, metrics.comments, metrics.saves) == (None, None, 6, None)


def test_survey_answers_are_read() -> None:
    records, file = read(SURVEY_JA)
    answers = [record for record in records if isinstance(record, SurveyAnswer)]
    assert [(a.answer_id, a.answered_on, a.score, a.comment) for a in answers] == [
        ("A-1", date(2026, 7, 14), 9, "また買います"),
        ("A-2", date(2026, 7, 15), 10, None),
    ]
    assert len(file.report.rejects) == 3


def test_answers_without_an_id_are_told_apart_and_stay_the_same() -> None:
    content = "date,score,comment\n2026-07-14,9,good\n2026-07-14,9,good\n2026-07-14,0,\n"
    records, _ = read(content)
    ids = [record.answer_id for record in records if isinstance(record, SurveyAnswer)]
    assert len(set(ids)) == 3
    assert records == read(content)[0]


def test_a_file_of_another_kind_names_what_it_has_and_what_is_needed() -> None:
    with pytest.raises(FormatError) as caught:
        read("name,age\nx,3\n")
    assert "name,age" in caught.value.message
    assert "X アナリティクス" in (caught.value.advice or "")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04\x00\xff\xfe\x00\x81", b"\x00" * 50, b"\xff\xfe\x00"])
def test_what_is_no_table_is_said_so(content: bytes) -> None:
    with pytest.raises(FormatError):
        read(content)


def test_a_header_without_rows_is_an_empty_file_not_an_error() -> None:
    records, file = read(SURVEY_JA.split("\n", 1)[0] + "\n")
    assert (records, file.report.rows) == ([], 0)


def test_a_file_from_disk_was_observed_when_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "エクスポート.csv"
    path.write_text(META_JA, encoding="utf-8")
    os.utime(path, (SEEN.timestamp(), SEEN.timestamp()))
    file = open_export(path, brand="yomori")
    assert only(list(file.records()))[1].observed_at == SEEN
    assert file.report.fields["views"] == "ビュー"
    assert "リーチ" in file.report.unused
    assert file.report.from_at == file.report.to_at == X_AT
    assert len(file.preview()) == 1


def test_a_file_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(AccessError):
            open_export(path, brand="yomori")
