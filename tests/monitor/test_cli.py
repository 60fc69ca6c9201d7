"""The `hibiki` command as a person meets it: what it says, and the code it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import cli
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from monitor.settings import parse
from store.home import Home
from store.owner import Owner
from tests.monitor.conftest import BRAND, NOW, Hibiki, channel, feed

X_CSV = """\
ポストID,日付,ポスト本文,インプレッション数,いいね
1990000000000000001,"Fri, Nov 20, 2026",新商品が出ました,"12,400",120
1990000000000000002,"Fri, Nov 20, 2026",キャンペーン開始,８００,20
1990000000000000003,"Fri, Nov 20, 2026",壊れた行,abc,20
"""


@pytest.fixture
def x_csv(tmp_path: Path) -> Path:
    file = tmp_path / "投稿.csv"
    file.write_bytes(X_CSV.encode("cp932"))
    return file


# --- help and usage


def test_every_command_has_help_with_an_example(tmp_path: Path, hibiki: Hibiki) -> None:
    for name, _, _ in cli.COMMANDS:
        ran = hibiki(tmp_path, name, "--help")
        assert ran.code == 0, name
        assert f"例: hibiki {name}" in ran.out, name
    for name, _, functions in cli.GROUPS:
        assert f"例: hibiki {name}" in hibiki(tmp_path, name, "--help").out, name
        for inner, _ in functions:
            said = hibiki(tmp_path, name, inner, "--help").out
            assert f"例: hibiki {name} {inner}" in said, inner
            assert "この説明を表示する" in said, inner


def test_the_help_speaks_english_when_asked(tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Collect from every source once" in hibiki(tmp_path, "--help", "--lang", "en").out
    monkeypatch.setenv("HIBIKI_LANG", "en")
    assert "Exit codes: 0 ok" in hibiki(tmp_path, "--help").out
    assert "終了コード: 0 正常" in hibiki(tmp_path, "--help", "--lang=ja").out


def test_help_is_there_in_less_than_a_second() -> None:
    """Of the processor's time, so that a busy machine does not matter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "monitor.cli", "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["colect"], "コマンド colect はありません"),
        (["sql"], "QUERY を指定してください"),
        (["collect", "--sauce", "x"], "オプション --sauce はありません"),
        (["demo", "--posts", "many"], "--posts の値が正しくありません"),
        (["score"], "文章を指定するか、--jsonl"),
        (["score", "a", "--jsonl"], "文章を指定するか、--jsonl"),
        (["sql", "select 1", "--format", "xml"], "--format は table、csv、json"),
        (["status", "--lang", "fr"], "fr"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_code_2(tmp_path: Path, hibiki: Hibiki, arguments: list[str], said: str) -> None:
    ran = hibiki(tmp_path, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.splitlines()[0]
    assert "Traceback" not in ran.err


def test_a_traceback_only_with_debug(tmp_path: Path, hibiki: Hibiki) -> None:
    with pytest.raises(Exception, match="hibiki"):
        hibiki(tmp_path, "check", "--debug")


# --- init and check


def is_toml(line: str) -> bool:
    try:
        return bool(tomllib.loads(line))
    except tomllib.TOMLDecodeError:
        return False


def test_init_writes_settings_that_check_reads(tmp_path: Path, hibiki: Hibiki, network: MemoryNetwork, server: DemoServer) -> None:
    network.channels["blog"] = channel(3)
    ran = hibiki(
        tmp_path, "init", "--brand", "ソラト", "--id", "solato", "--alias", "Solato", "--alias", 'そら"と', "--must-not", "ソラトブ",
        "--competitor", "ライバル社", "--competitor", "Other", "--feed", f"{server.url}/feeds/blog.rss", "--yes",
    )  # fmt: skip
    assert ran.code == 0
    told = tomllib.loads((tmp_path / "hibiki.toml").read_text(encoding="utf-8"))
    assert told["brand"][0] == {
        "id": "solato",
        "name": "ソラト",
        "role": "own",
        "aliases": ["Solato", 'そら"と'],
        "must_not": ["ソラトブ"],
    }
    assert [brand["name"] for brand in told["brand"][1:]] == ["ライバル社", "Other"]
    ran = hibiki(tmp_path, "check")
    assert ran.code == 0, ran.err
    assert "ブランド 3 件、情報源 1 件" in ran.out
    assert re.search(r"✓ feed1 +feed +「テストのブログ」 記事 3 件", ran.out)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_settings_that_init_writes_are_right_in_both_languages(tmp_path: Path, hibiki: Hibiki, language: str) -> None:
    arguments = ("--brand", "A", "--bluesky", "@a.test", "--bluesky-search", "a.test", "-y", "--lang", language)
    assert hibiki(tmp_path, "init", *arguments).code == 0
    text = (tmp_path / "hibiki.toml").read_text(encoding="utf-8")
    # what is commented out is right too, once it is not
    examples = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and is_toml(line.removeprefix("# "))]
    assert {"[[campaign]]", "[[goal]]", "mentions_days = 1095"} <= set(examples)
    whole = text.replace("[retention]", "").replace("[dashboard]\nport = 8501", "") + "\n".join(examples).replace(
        "observ", "[retention]\nobserv"
    )
    for settings_text in (text, whole):
        parse(settings_text, tmp_path / "hibiki.toml")
    assert "HIBIKI_BLUESKY_APP_PASSWORD=\n" in (tmp_path / ".env.example").read_text(encoding="utf-8")


class Person(io.StringIO):
    """Standard input with somebody at the keyboard."""

    def isatty(self) -> bool:
        return True


def test_init_asks_what_it_was_not_told(tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["ソラト", "solato", "Solato、そらと", "", "ライバル", "https://blog.test/a, https://blog.test/b", "@solato.test", "y", ""]
    monkeypatch.setattr(sys, "stdin", Person("\n".join(typed) + "\n"))
    ran = hibiki(tmp_path, "init")
    assert ran.code == 0, ran.err
    told = tomllib.loads((tmp_path / "hibiki.toml").read_text(encoding="utf-8"))
    assert [(brand["id"], brand.get("aliases")) for brand in told["brand"]] == [("solato", ["Solato", "そらと"]), ("brand2", None)]
    assert [source.get("url") or source.get("actor") or source["identifier"] for source in told["source"]] == [
        "https://blog.test/a",
        "https://blog.test/b",
        "solato.test",
        "solato.test",
    ]
    assert "HIBIKI_BLUESKY_APP_PASSWORD" in ran.out


def test_init_never_overwrites_without_being_told(settled: Home, hibiki: Hibiki) -> None:
    before = settled.settings.read_text(encoding="utf-8")
    ran = hibiki(settled, "init", "--brand", "B", "--yes")
    assert ran.code == 1
    assert "--force" in ran.err
    assert settled.settings.read_text(encoding="utf-8") == before
    assert hibiki(settled, "init", "--brand", "B", "--yes", "--force").code == 0
    assert 'name = "B"' in settled.settings.read_text(encoding="utf-8")


def test_check_says_what_is_wrong_and_how_to_mend_it(home: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki) -> None:
    network.channels["blog"] = channel(3)
    search = (
        '[[source]]\nname = "search"\nkind = "bluesky"\nbrand = "solato"\nwhat = "mentions"\nidentifier = "a.test"\n'
        f'service = "{server.url}"\nlogin_service = "{server.url}"\n'
    )
    home.settings.write_text(BRAND + feed(server, "blog") + feed(server, "gone") + search, encoding="utf-8")
    ran = hibiki(home, "check")
    assert ran.code == 6
    assert "✓ blog" in ran.out
    assert "✗ gone" in ran.out
    assert "HTTP 404" in ran.out
    assert "環境変数 HIBIKI_BLUESKY_APP_PASSWORD" in ran.out
    assert "→ .env に HIBIKI_BLUESKY_APP_PASSWORD=… と書いてください" in ran.out


def test_check_never_shows_a_secret(home: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki) -> None:
    network.add_account("a.test", password="right-right")
    home.env.write_text("HIBIKI_BLUESKY_APP_PASSWORD=wrong-wrong-secret\n", encoding="utf-8")
    home.settings.write_text(
        BRAND + '[[source]]\nname = "search"\nkind = "bluesky"\nbrand = "solato"\nwhat = "mentions"\nidentifier = "a.test"\n'
        f'service = "{server.url}"\nlogin_service = "{server.url}"\n',
        encoding="utf-8",
    )
    ran = hibiki(home, "check")
    assert ran.code == 6
    assert "✗ search" in ran.out
    assert "wrong-wrong-secret" not in ran.out + ran.err


def test_settings_that_are_wrong_end_with_3_and_their_place(home: Home, hibiki: Hibiki) -> None:
    home.settings.write_text('[general]\nlanguage = "fr"\n' + BRAND, encoding="utf-8")
    for command in ("check", "collect", "run", "up"):
        ran = hibiki(home, command)
        assert (ran.code, ran.out) == (3, ""), command
        assert ran.err.startswith('hibiki.toml:2行目 [general] language = "fr"')


def test_no_settings_is_code_3_and_says_what_to_do(tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(tmp_path, "collect")
    assert ran.code == 3
    assert "hibiki init" in ran.err


# --- collect, status, sql


def test_collect_lands_ingests_and_publishes(settled: Home, hibiki: Hibiki) -> None:
    ran = hibiki(settled, "collect", "--no-score")
    assert ran.code == 0, ran.err
    assert "新しい投稿 5 件" in ran.out
    assert hibiki(settled, "sql", "select count(*) as n from mentions", "--format", "csv").out == "n\n5\n"
    ran = hibiki(settled, "collect", "--no-score")
    assert "新しい投稿 0 件" in ran.out


def test_collect_says_which_source_failed_and_ends_with_6(home: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki) -> None:
    network.channels["blog"] = channel(2)
    home.settings.write_text(BRAND + feed(server, "blog") + feed(server, "gone"), encoding="utf-8")
    ran = hibiki(home, "collect", "--no-score")
    assert ran.code == 6
    assert "新しい投稿 2 件" in ran.out
    assert "gone: " in ran.out
    assert "1 件の情報源を読めませんでした" in ran.err
    assert hibiki(home, "collect", "--no-score", "--source", "blog").code == 0
    ran = hibiki(home, "collect", "--source", "nope")
    assert ran.code == 2
    assert "blog, gone" in ran.err


def test_collect_beside_a_running_owner_only_lands(settled: Home, hibiki: Hibiki) -> None:
    with Owner.open(settled) as owner:
        ran = hibiki(settled, "collect")
        assert ran.code == 0
        assert "受け箱に置きました" in ran.out
        assert owner.ingest().new["mentions"] == 5


def test_counts_are_looked_up_again_beside_a_running_owner_too(
    home: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki
) -> None:
    brand = network.add_account("solato.test")
    post = network.add_post(brand, "十日前", NOW - timedelta(days=10), likes=5)
    home.settings.write_text(
        BRAND + f'[[source]]\nname = "own"\nkind = "bluesky"\nbrand = "solato"\nactor = "solato.test"\nservice = "{server.url}"\n',
        encoding="utf-8",
    )
    assert hibiki(home, "collect").code == 0
    network.posts[post.uri] = replace(post, likes=9)
    with Owner.open(home) as owner:
        assert hibiki(home, "collect").code == 0
        assert not server.count("getPosts")
        assert hibiki(home, "collect", "--refresh-all").code == 0
        assert server.count("getPosts") == 1
        owner.ingest()
        owner.publish()
    assert hibiki(home, "sql", "select likes from post_latest", "--format", "csv").out == "likes\n9\n"


def test_ctrl_c_in_a_round_keeps_what_came(settled: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki) -> None:
    network.channels["stuck"] = channel(3)
    server.faults.add("slow", "/feeds/stuck.rss", seconds=60.0)
    text = settled.settings.read_text(encoding="utf-8")
    settled.settings.write_text(text + feed(server, "stuck", platform="other"), encoding="utf-8")
    command = [sys.executable, "-m", "monitor.cli", "--home", str(settled.root), "collect", "--no-score"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not settled.bookmark("blog").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "中断しました"
    assert hibiki(settled, "collect", "--no-score", "--source", "blog").code == 0
    assert hibiki(settled, "sql", "select count(*) as n from mentions", "--format", "csv").out == "n\n5\n"


def test_status_of_a_home_with_data(settled: Home, hibiki: Hibiki) -> None:
    hibiki(settled, "collect", "--no-score")
    ran = hibiki(settled, "status")
    assert ran.code == 0
    assert "停止中" in ran.out
    assert "投稿 5、言及 5" in ran.out
    state = json.loads(hibiki(settled, "status", "--json").out)
    assert (state["owner"], state["rows"]["posts"], state["model"]) == (None, 5, None)
    (source,) = state["sources"]
    assert (source["source"], source["outcome"]) == ("blog", "ok")
    assert source["last_success"].endswith("+00:00")


@pytest.mark.parametrize("arguments", [["status"], ["sql", "select 1"], ["compact"], ["forget", "--platform", "x", "--author", "a"]])
def test_without_data_the_code_is_4(tmp_path: Path, hibiki: Hibiki, arguments: list[str]) -> None:
    ran = hibiki(tmp_path, *arguments)
    assert (ran.code, ran.out) == (4, "")
    assert "hibiki up" in ran.err


@pytest.mark.parametrize(
    "arguments", [["run"], ["up"], ["compact"], ["backup", "/tmp/never-written"], ["forget", "--platform", "x", "--author", "a"]]
)
def test_what_needs_the_home_for_itself_ends_with_5_beside_an_owner(settled: Home, hibiki: Hibiki, arguments: list[str]) -> None:
    with Owner.open(settled):
        ran = hibiki(settled, *arguments)
    assert ran.code == 5
    assert str(os.getpid()) in ran.err


def test_sql_in_three_forms(settled: Home, hibiki: Hibiki) -> None:
    hibiki(settled, "collect", "--no-score")
    query = "select 1 as a, 'あ,い' as b, null as c union all select 2, '\"', 3.5 order by a"
    rows = list(csv.reader(io.StringIO(hibiki(settled, "sql", query, "--format", "csv").out)))
    assert rows == [["a", "b", "c"], ["1", "あ,い", ""], ["2", '"', "3.5"]]
    told = json.loads(hibiki(settled, "sql", query, "--format", "json").out)
    assert told[0] == {"a": 1, "b": "あ,い", "c": None}
    assert "あ,い" in hibiki(settled, "sql", query).out
    assert json.loads(hibiki(settled, "sql", "select 1 where false", "--format", "json").out) == []


def test_sql_cannot_write_and_says_so_in_one_line(settled: Home, hibiki: Hibiki) -> None:
    hibiki(settled, "collect", "--no-score")
    for query in ("delete from posts", "select nothing_like_this"):
        ran = hibiki(settled, "sql", query)
        assert ran.code == 1
        assert len(ran.err.splitlines()) == 1


# --- import


def test_import_reports_what_could_not_be_read_and_takes_the_rest(settled: Home, x_csv: Path, hibiki: Hibiki) -> None:
    ran = hibiki(settled, "import", str(x_csv))
    assert ran.code == 0, ran.err
    assert "3 行(読めない行 1)" in ran.out
    assert "4行目: インプレッション数" in ran.out
    assert "新しい投稿 2 件、反応の記録 2 件" in ran.out
    told = json.loads(hibiki(settled, "sql", "select views, likes from post_latest order by views", "--format", "json").out)
    assert told == [{"views": 800, "likes": 20}, {"views": 12400, "likes": 120}]
    runs = json.loads(hibiki(settled, "sql", "select source, outcome, posts, message from runs", "--format", "json").out)
    assert runs == [{"source": "import-x_content", "outcome": "ok", "posts": 2, "message": f"{x_csv.name}(読めなかった行 1)"}]


def test_the_same_file_twice_changes_nothing(settled: Home, x_csv: Path, hibiki: Hibiki) -> None:
    hibiki(settled, "import", str(x_csv))
    query = "select (select count(*) from posts), (select count(*) from metrics), (select count(*) from rejects)"
    before = hibiki(settled, "sql", query, "--format", "csv").out
    os.utime(x_csv, (1_900_000_000, 1_900_000_000))
    ran = hibiki(settled, "import", str(x_csv))
    assert ran.code == 0
    assert "取り込み済み" in ran.out
    assert hibiki(settled, "sql", query, "--format", "csv").out == before


def test_a_dry_run_shows_and_imports_nothing(settled: Home, x_csv: Path, hibiki: Hibiki) -> None:
    ran = hibiki(settled, "import", "--dry-run", str(x_csv))
    assert ran.code == 0
    assert "新商品が出ました" in ran.out
    assert not list(settled.inbox.glob("*.parquet"))
    assert not settled.database.exists()


def test_import_beside_a_running_owner_lands(settled: Home, x_csv: Path, hibiki: Hibiki) -> None:
    with Owner.open(settled) as owner:
        ran = hibiki(settled, "import", str(x_csv))
        assert ran.code == 0
        assert "受け箱に置きました" in ran.out
        assert owner.ingest().new["posts"] == 2


def test_a_file_that_cannot_be_read_does_not_stop_the_others(settled: Home, x_csv: Path, tmp_path: Path, hibiki: Hibiki) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("a,b\n1,2\n", encoding="utf-8")
    ran = hibiki(settled, "import", str(odd), str(tmp_path / "absent.csv"), str(x_csv))
    assert ran.code == 6
    assert "odd.csv" in ran.err
    assert "absent.csv" in ran.err
    assert "新しい投稿 2 件" in ran.out


def test_import_asks_for_a_brand_that_is_there(settled: Home, x_csv: Path, hibiki: Hibiki) -> None:
    ran = hibiki(settled, "import", "--brand", "nope", str(x_csv))
    assert ran.code == 2
    assert "solato" in ran.err


# --- what the owner does now and then


def test_backup_and_restore(settled: Home, tmp_path: Path, hibiki: Hibiki) -> None:
    hibiki(settled, "collect", "--no-score")
    copy = tmp_path / "copy"
    assert hibiki(settled, "backup", str(copy)).code == 0
    ran = hibiki(settled, "backup", str(copy))
    assert ran.code == 1
    assert "空でない" in ran.err
    other = tmp_path / "other"
    assert hibiki(other, "restore", str(copy), "--yes").code == 0
    assert hibiki(other, "sql", "select count(*) as n from posts", "--format", "csv").out == "n\n5\n"
    assert hibiki(other, "restore", str(tmp_path / "nothing"), "--yes").code == 1


def test_compact_and_forget(settled: Home, network: MemoryNetwork, hibiki: Hibiki) -> None:
    articles = [replace(article, author="ある人") for article in channel(2).articles]
    network.channels["blog"] = replace(channel(5), articles=(*articles, *channel(3, first=2).articles))
    hibiki(settled, "collect", "--no-score")
    ran = hibiki(settled, "forget", "--platform", "feed", "--author", "ある人")
    assert ran.code == 0, ran.err
    assert "2 件の投稿" in ran.out
    assert hibiki(settled, "sql", "select count(text) as n from posts", "--format", "csv").out == "n\n3\n"
    ran = hibiki(settled, "compact")
    assert ran.code == 0
    assert "→" in ran.out


def test_demo_writes_a_home_and_never_over_something_else(tmp_path: Path, hibiki: Hibiki) -> None:
    folder = tmp_path / "demo"
    arguments = ("demo", "--dir", str(folder), "--seed", "3", "--months", "2", "--posts", "200")
    assert hibiki(tmp_path, *arguments).code == 0
    assert (folder / "hibiki.toml").exists()
    assert list((folder / "data" / "inbox").glob("*.parquet"))
    assert hibiki(tmp_path, *arguments).code == 1
    assert hibiki(tmp_path, *arguments, "--force").code == 0
    with Owner.open(Home(folder)):
        assert hibiki(tmp_path, *arguments, "--force").code == 5
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("x")
    ran = hibiki(tmp_path, "demo", "--dir", str(precious), "--force")
    assert ran.code == 1
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]


def test_up_never_writes_a_demo_over_somebodys_folder(tmp_path: Path, hibiki: Hibiki) -> None:
    thesis = tmp_path / "demo" / "data" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("x")
    ran = hibiki(tmp_path, "up")
    assert ran.code == 1
    assert "demo" in ran.err
    assert thesis.exists()
