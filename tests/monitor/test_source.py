"""`hibiki source`: a person is led through one platform at a terminal, and scripts say everything at once."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from dotenv import dotenv_values

from collectors.registry import KINDS
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from store.home import Home
from tests.collectors.fakes import appstore, instagram, line, mastodon, tiktok, x, youtube
from tests.collectors.wire import WireServer
from tests.monitor.conftest import BRAND, Hibiki
from tests.monitor.terminal import CTRL_C, Hidden, talk

HEAD = """# 手で書いた設定。消さないこと
[general]
language = "ja"   # 表示
"""
TAIL = """
# 施策はここから
[[campaign]]
id = "spring"
brand = "solato"
name = "春"
starts = 2026-04-01
ends = 2026-04-30
"""
READY, CONFIRM = "何も書き込みません", "書き込んで、試しますか"


@pytest.fixture
def written(home: Home) -> Home:
    """A home with a file that a person wrote by hand."""
    home.settings.write_text(HEAD + BRAND + TAIL, encoding="utf-8")
    return home


def told(home: Home) -> dict[str, Any]:
    return tomllib.loads(home.settings.read_text(encoding="utf-8"))


def only_source(home: Home) -> dict[str, Any]:
    """Return the one source of ``home``; all else in the file is as it was."""
    text = home.settings.read_text(encoding="utf-8")
    assert text.startswith(HEAD + BRAND)
    assert text.endswith(TAIL)
    (source,) = told(home)["source"]
    KINDS[source["kind"]].settings.model_validate(source)
    return dict(source)


def secrets(home: Home) -> dict[str, str | None]:
    assert home.env.stat().st_mode & 0o777 == 0o600
    return dict(dotenv_values(home.env))


def test_youtube_from_the_list_to_a_source_that_works(written: Home) -> None:
    written.env.write_text("# 自分の\nOTHER='a b'\n", encoding="utf-8")
    with WireServer(youtube.YouTube()) as server:
        said = talk(
            written,
            ["source", "add", "--set", f"service={server.url}"],
            [
                ("番号か名前:", "99"),
                ("という種類はありません", "5"),
                ("どちらを読みますか", "1"),
                ("情報源の名前", "うちの チャンネル"),
                ("使えません", ""),
                (READY, ""),
                ("自社のチャンネル", ""),
                ("必ず答えてください", "yomori"),
                ("「yomori」は使えません。自社のチャンネル", "@yomori"),
                ("HIBIKI_YOUTUBE_KEY として", Hidden(youtube.KEY)),
                (CONFIRM, "y"),
            ],
        )
    assert said.code == 0, said.text
    assert "console.cloud.google.com" in said.text
    assert "反応の記録は30日で消します" in "".join(said.text.split())
    assert "✓ youtube-own" in said.text
    assert "読めます" in said.text
    assert youtube.KEY not in said.text
    source = only_source(written)
    assert source == {
        "name": "youtube-own",
        "kind": "youtube",
        "brand": "solato",
        "what": "own",
        "service": server.url,
        "channel": "@yomori",
    }
    assert secrets(written) == {"OTHER": "a b", "HIBIKI_YOUTUBE_KEY": youtube.KEY}
    assert written.env.read_text(encoding="utf-8").startswith("# 自分の\nOTHER='a b'\n")
    assert youtube.KEY not in written.settings.read_text(encoding="utf-8")


def test_a_wrong_secret_is_typed_again_and_the_first_is_gone(written: Home) -> None:
    with WireServer(line.LineOA()) as server:
        said = talk(
            written,
            ["source", "add", "line", "--set", f"service={server.url}"],
            [
                ("情報源の名前", "oa"),
                (READY, ""),
                ("アカウントの名前", "ヨモリのお茶"),
                ("HIBIKI_LINE_TOKEN として", Hidden("wrong-token-of-line-0001")),
                (CONFIRM, ""),
                ("まだ読めません", "2"),
                ("アカウントの名前", ""),
                ("HIBIKI_LINE_TOKEN はもう .env にあります", "2"),
                ("HIBIKI_LINE_TOKEN として", Hidden(line.TOKEN)),
            ],
        )
    assert said.code == 0, said.text
    assert "→ " in said.text  # how to mend it
    assert "つながりました" in said.text
    assert "wrong-token-of-line-0001" not in said.text
    assert only_source(written) == {
        "name": "oa", "kind": "line", "brand": "solato", "what": "own", "service": server.url, "account": "ヨモリのお茶",
    }  # fmt: skip
    assert secrets(written) == {"HIBIKI_LINE_TOKEN": line.TOKEN}


def test_taken_back_nothing_is_left(written: Home) -> None:
    before = written.settings.read_bytes()
    with WireServer(tiktok.TikTok()) as server:
        said = talk(
            written,
            ["source", "add", "tiktok", "--set", f"service={server.url}"],
            [
                ("情報源の名前", ""),
                ("使う API", "display"),
                (READY, ""),
                ("自社のアカウント名", "@yomori"),
                ("CLIENT_KEY として", Hidden(tiktok.CLIENT)),
                ("CLIENT_SECRET として", Hidden("wrong-secret-0001")),
                ("REFRESH_TOKEN として", Hidden(tiktok.REFRESH)),
                (CONFIRM, "y"),
                ("まだ読めません", "4"),
            ],
        )
    assert said.code == 0, said.text
    assert "元のとおりです" in said.text
    assert written.settings.read_bytes() == before
    assert not written.env.exists()


def test_ctrl_c_writes_nothing(written: Home) -> None:
    before = written.settings.read_bytes()
    answers = [
        ("情報源の名前", ""),
        ("非公開の指標", ""),
        (READY, ""),
        ("1 か月に", "30"),
        ("自社のアカウント名", "yomori_jp"),
        ("HIBIKI_X_BEARER_TOKEN として", Hidden("abc")),
        (CONFIRM, CTRL_C),
    ]
    for enough in (3, 5, 7):
        stopped = [*answers[: enough - 1], (answers[enough - 1][0], CTRL_C)]
        said = talk(written, ["source", "add", "x", "--what", "own"], stopped)
        assert said.code == 130, said.text
        assert "Traceback" not in said.text
    assert written.settings.read_bytes() == before
    assert sorted(file.name for file in written.root.iterdir() if file.is_file()) == ["hibiki.toml"]


def test_x_in_english_says_what_a_month_costs(written: Home) -> None:
    with WireServer(x.XOwn()) as server:
        said = talk(
            written,
            ["source", "add", "x", "--lang", "en", "--set", f"service={server.url}"],
            [
                ("Which one", "own"),
                ("The source's name", "x"),
                ("Private metrics", ""),
                ("Enter when ready", ""),
                ("What a month may cost", "a lot"),
                ("cannot be used", "12.50"),
                ("Your account", "@yomori_jp"),
                ("HIBIKI_X_BEARER_TOKEN", Hidden(x.XOwn.secrets["HIBIKI_X_BEARER_TOKEN"])),
                ("Write it, and try it", "y"),
            ],
        )
    assert said.code == 0, said.text
    assert "console.x.com" in said.text
    assert "of 12.50 USD" in said.text  # the forecast of what it will cost
    assert only_source(written)["budget_usd"] == 12.5
    assert not any("ぁ" <= letter <= "ん" for letter in said.text)


def test_a_second_account_gets_a_variable_of_its_own(written: Home) -> None:
    written.env.write_text("HIBIKI_MASTODON_TOKEN=first-account\n", encoding="utf-8")
    with WireServer(mastodon.MastodonOwn()) as server:
        said = talk(
            written,
            ["source", "add", "mastodon", "--what", "own", "--name", "m"],
            [
                (READY, ""),
                ("サーバーの URL", "mstdn.example"),
                ("使えません", server.url),
                ("自社のアカウント", "@yomori"),
                ("はもう .env にあります", "3"),
                ("変数の名前", "not a name"),
                ("環境変数の名前を書いて", "MASTODON_TWO"),
                ("MASTODON_TWO として", Hidden(mastodon.TOKEN)),
                (CONFIRM, "y"),
            ],
        )
    assert said.code == 0, said.text
    assert secrets(written) == {"HIBIKI_MASTODON_TOKEN": "first-account", "MASTODON_TWO": mastodon.TOKEN}
    assert only_source(written)["token_env"] == "MASTODON_TWO"


def test_left_as_it_is_and_taken_out_later(written: Home, network: MemoryNetwork, server: DemoServer) -> None:
    before = written.settings.read_bytes()
    said = talk(
        written,
        ["source", "add", "feed", "--name", "blog", "--what", "mentions", "--set", "local=true"],
        [
            (READY, ""),
            ("フィードの URL", f"{server.url}/feeds/blog.rss"),
            ("区分", "blog"),
            (CONFIRM, "y"),
            ("まだ読めません", "5"),
            ("のどれかで", "1"),
            ("まだ読めません", "3"),
        ],
    )
    assert said.code == 6, said.text
    assert "hibiki check --source blog" in said.text
    assert only_source(written)["local"] is True
    said = talk(written, ["source", "remove", "blog"], [("取り除きますか", "n")])
    assert (said.code, only_source(written)["name"]) == (0, "blog")
    said = talk(written, ["source", "remove", "blog"], [("取り除きますか", "y")])
    assert said.code == 0, said.text
    assert written.settings.read_bytes() == before


# --- scripts


def test_a_script_says_everything_at_once(written: Home, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIBIKI_INSTAGRAM_TOKEN", instagram.InstagramOwn.secrets["HIBIKI_INSTAGRAM_TOKEN"])
    with WireServer(instagram.InstagramOwn()) as server:
        given = ("--set", f"account={instagram.ACCOUNT}", "--set", f"service={server.url}", "--set", "hashtags=ヨモリ, よもり")
        ran = hibiki(written, "source", "add", "instagram", "--what", "own", *given, "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert only_source(written)["hashtags"] == ["ヨモリ", "よもり"]
    assert not written.env.exists()
    with WireServer(appstore.AppStore()) as server:
        given = ("--set", f"app={appstore.APP}", "--set", f"service={server.url}", "--name", "ios")
        ran = hibiki(written, "source", "add", "appstore", *given, "-y")
    assert ran.code == 0, ran.out + ran.err
    assert [source["name"] for source in told(written)["source"]] == ["instagram-own", "ios"]
    monkeypatch.delenv("HIBIKI_INSTAGRAM_TOKEN")
    ran = hibiki(written, "source", "list")
    assert ran.code == 0
    assert "HIBIKI_INSTAGRAM_TOKEN がない" in ran.out
    assert "ios" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "種類を指定してください: x,"),
        (["mixi"], "「mixi」という種類はありません"),
        (["tiktok", "--what", "mentions"], "what は own だけ"),
        (["feed"], "--set url=…"),
        (["feed", "--set", "url=abc"], "url: http://"),
        (["feed", "--set", "url"], "項目=値"),
        (["feed", "--set", "adress=https://a.test"], "そのような項目はありません"),
        (["feed", "--set", "url=https://a.test/f", "--brand", "other"], "ブランド other はありません"),
        (["feed", "--set", "url=https://a.test/f", "--name", "a b"], "「a b」は使えません"),
        (["x", "--set", "budget_usd=3"], "account か user_id"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(written: Home, hibiki: Hibiki, arguments: list[str], said: str) -> None:
    before = written.settings.read_bytes()
    ran = hibiki(written, "source", "add", *arguments, "--yes")
    assert ran.code == 2, ran.err
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert written.settings.read_bytes() == before


def test_a_secret_that_is_missing_is_named_and_the_source_stays(written: Home, hibiki: Hibiki) -> None:
    ran = hibiki(written, "source", "add", "line", "--yes")
    assert ran.code == 6
    assert "HIBIKI_LINE_TOKEN=…" in ran.out
    assert "hibiki check --source line" in ran.err
    assert only_source(written)["name"] == "line"


def test_what_a_choice_needs_is_asked_for_with_it(written: Home, hibiki: Hibiki) -> None:
    given = ("--set", "private_metrics=true", "--set", "account=yomori_jp", "--set", "budget_usd=5")
    assert hibiki(written, "source", "add", "x", "--what", "own", *given, "--yes", "--no-try").code == 0
    source = only_source(written)
    assert {key: value for key, value in source.items() if key.endswith("_env")} == {
        "user_token_env": "HIBIKI_X_USER_TOKEN", "refresh_token_env": "HIBIKI_X_REFRESH_TOKEN", "client_id_env": "HIBIKI_X_CLIENT_ID",
    }  # fmt: skip
    listed = hibiki(written, "source", "list").out
    assert "HIBIKI_X_USER_TOKEN" in listed
    assert "HIBIKI_X_BEARER_TOKEN" not in listed


def test_without_settings_it_sends_to_init(home: Home, hibiki: Hibiki) -> None:
    ran = hibiki(home, "source", "add", "line", "--yes")
    assert ran.code == 3
    assert "hibiki init" in ran.err


def test_a_source_is_taken_out_and_the_rest_stays(written: Home, hibiki: Hibiki) -> None:
    before = written.settings.read_bytes()
    written.env.write_text("HIBIKI_LINE_TOKEN=abc\n", encoding="utf-8")
    assert hibiki(written, "source", "add", "line", "--yes", "--no-try").code == 0
    assert hibiki(written, "source", "remove", "line").code == 2
    assert hibiki(written, "source", "remove", "other", "--yes").code == 2
    ran = hibiki(written, "source", "remove", "line", "--yes")
    assert ran.code == 0
    assert "HIBIKI_LINE_TOKEN" in ran.out
    assert written.settings.read_bytes() == before
    assert written.env.read_text(encoding="utf-8") == "HIBIKI_LINE_TOKEN=abc\n"
    assert "情報源はまだありません" in hibiki(written, "source", "list").out
