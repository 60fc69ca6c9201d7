"""`hibiki import`: files that cannot be read, the time of the counts, and one file at a time."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path
from typing import Any

import pytest

import collectors.files
from store.home import Home
from tests.monitor.conftest import BRAND, Hibiki

HEADER = "ポストID,日付,ポスト本文,インプレッション数,いいね\n"
GOOD = '{number},"Sun, Nov 16, 2025",新商品 {number},"12,400",120\n'
BAD = '{number},"Sun, Nov 16, 2025",壊れた行,abc,20\n'
FIRST = 1990000000000000001  # a post of 2025-11-16


@pytest.fixture
def ready(home: Home) -> Home:
    home.settings.write_text(BRAND, encoding="utf-8")
    return home


def export(folder: Path, name: str, good: int = 0, bad: int = 0, first: int = FIRST) -> Path:
    """Write an export of ``good`` rows that can be read and ``bad`` ones that cannot."""
    rows = [GOOD] * good + [BAD] * bad
    file = folder / name
    file.write_text(HEADER + "".join(row.format(number=first + at) for at, row in enumerate(rows)), encoding="utf-8")
    os.utime(file, (1_766_000_000, 1_766_000_000))
    return file


def test_a_file_without_one_readable_row_ends_with_6_and_says_so(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    broken, fine = export(tmp_path, "broken.csv", bad=2), export(tmp_path, "fine.csv", good=1)
    ran = hibiki(ready, "import", str(broken), str(fine))
    assert ran.code == 6
    assert "broken.csv: 1 行も読めませんでした" in ran.err
    assert "1 件のファイルを読めませんでした" in ran.err
    assert "新しい投稿 1 件" in ran.out
    assert "ほかの行は取り込みます" not in ran.out
    # not taken for imported: it is tried, and fails, once more
    ran = hibiki(ready, "import", str(broken))
    assert ran.code == 6
    assert "取り込み済み" not in ran.out


def test_a_file_with_a_header_alone_is_no_failure(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    assert hibiki(ready, "import", str(export(tmp_path, "new.csv"))).code == 0


def test_a_dry_run_never_says_that_something_was_kept(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(ready, "import", "--dry-run", str(export(tmp_path, "some.csv", good=1, bad=1)))
    assert ran.code == 0
    assert "控えて" not in ran.out
    assert "まだ何も取り込んでいません" in ran.out
    ran = hibiki(ready, "import", "--dry-run", str(export(tmp_path, "broken.csv", bad=1)))
    assert ran.code == 6
    assert "控えて" not in ran.out + ran.err
    assert not ready.database.exists()


def test_a_real_import_says_that_unreadable_rows_were_kept(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(ready, "import", str(export(tmp_path, "some.csv", good=1, bad=1)))
    assert "読めない 1 行は控えてあります" in ran.out


@pytest.mark.parametrize(
    ("options", "utc"),
    [
        ([], "2025-12-17 19:33:20"),
        (["--observed-at", "2025-12-20T09:00"], "2025-12-20 00:00:00"),
        (["--observed-at", "2025-12-20T09:00+00:00"], "2025-12-20 09:00:00"),
        (["--observed-at", "2025-12-20"], "2025-12-20 14:59:59"),
    ],
)
def test_the_counts_are_of_the_time_that_was_said(ready: Home, tmp_path: Path, hibiki: Hibiki, options: list[str], utc: str) -> None:
    assert hibiki(ready, "import", *options, str(export(tmp_path, "x.csv", good=1))).code == 0
    query = "select strftime(observed_at, '%Y-%m-%d %H:%M:%S') as at from metrics"
    assert hibiki(ready, "sql", query, "--format", "csv").out == f"at\n{utc}\n"


@pytest.mark.parametrize(
    ("said", "answer"), [("yesterday", "日時ではありません"), ("2999-01-01", "まだ来ていません"), ("", "日時ではありません")]
)
def test_a_time_that_cannot_be_is_wrong_usage(ready: Home, tmp_path: Path, hibiki: Hibiki, said: str, answer: str) -> None:
    ran = hibiki(ready, "import", "--observed-at", said, str(export(tmp_path, "x.csv", good=1)))
    assert (ran.code, ran.out) == (2, "")
    assert answer in ran.err


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_only_one_file_is_held_at_a_time(
    ready: Home, tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    opened: list[weakref.ref[Any]] = []
    alive: list[int] = []
    really = collectors.files.open_export

    def watched(*arguments: Any, **named: Any) -> Any:
        gc.collect()
        alive.append(sum(one() is not None for one in opened))
        file = really(*arguments, **named)
        opened.append(weakref.ref(file))
        return file

    monkeypatch.setattr(collectors.files, "open_export", watched)
    files = [str(export(tmp_path, f"{at}.csv", good=2, first=FIRST + 10 * at)) for at in range(3)]
    assert hibiki(ready, "import", *options, *files).code == 0
    assert alive == [0, 0, 0]


def test_the_same_content_twice_in_one_command_goes_in_once(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(ready, "import", str(export(tmp_path, "a.csv", good=1)), str(export(tmp_path, "b.csv", good=1)))
    assert ran.code == 0
    assert "b.csv は" in ran.out
    assert "新しい投稿 1 件" in ran.out


TABLE = """
[[table]]
name = "kuchikomi"
kind = "mentions"
platform = "review"
columns = { time = "書いた日", text = "ひとこと", stars = "点" }

[[table]]
name = "tenpo"
kind = "kpis"
columns = { time = "営業日", "来店数" = "人数" }
"""


def test_tables_of_the_users_own_are_read_by_the_columns_that_the_settings_name(ready: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    ready.settings.write_text(BRAND + TABLE, encoding="utf-8")
    said, visitors = tmp_path / "said.csv", tmp_path / "visitors.csv"
    said.write_text("書いた日,ひとこと,点\n2026/07/14,おいしい,5\n2026/07/15,にがい,2\n", encoding="utf-8")
    visitors.write_text("営業日,人数\n2026/07/14,120\n2026/07/15,\n", encoding="utf-8")
    ran = hibiki(ready, "import", "--dry-run", str(visitors))
    assert "2026-07-14  来店数  120" in ran.out
    ran = hibiki(ready, "import", str(said), str(visitors))
    assert ran.code == 0
    assert "新しい投稿 2 件" in ran.out
    assert "指標 1 件" in ran.out
    ran = hibiki(ready, "import", "--table", "tenpo", "--again", str(said))
    assert ran.code == 6
    assert "人数" in ran.err
    ran = hibiki(ready, "import", "--table", "nothing", str(said))
    assert ran.code == 2
    assert "kuchikomi, tenpo" in ran.err
