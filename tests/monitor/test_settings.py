"""Settings: what is right is read, what is wrong is named with its place, value and remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.problems import SettingsError
from monitor.retention import policy_of
from monitor.settings import load, parse, secrets
from monitor.texts import set_language
from store.home import Home
from store.keep import Keep

FILE = Path("/somewhere/hibiki.toml")
GOOD = """
[general]
publish_every = "45s"

[[brand]]
id = "solato"
name = "ソラト"
aliases = ["Solato", "そらと"]
must_not = ["ソラトブ"]

[[brand]]
id = "rival"
name = "ライバル"
role = "competitor"

[[source]]
name = "blog"
kind = "feed"
brand = "solato"
what = "mentions"
every = "2h"
url = "https://blog.test/feed"

[[source]]
name = "bsky"
kind = "bluesky"
brand = "solato"
actor = "solato.test"

[[campaign]]
id = "spring"
brand = "solato"
name = "春"
starts = 2026-04-01
ends = 2026-04-30
tags = ["#春"]

[[goal]]
brand = "solato"
measure = "er_basic"
target = 0.05

[retention]
mentions_days = 365
[retention.platform.youtube]
observations_days = 30
"""


def problems(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse(text, FILE)
    return [problem.text for problem in caught.value.problems]


def test_good_settings_are_read_each_source_by_its_own_kind() -> None:
    settings = parse(GOOD, FILE)
    assert settings.brand("solato").spellings == ("ソラト", "Solato", "そらと")
    assert settings.brand("rival").role == "competitor"
    blog, bsky = settings.sources
    assert (blog.every, blog.url) == (timedelta(hours=2), "https://blog.test/feed")  # type: ignore[attr-defined]
    assert bsky.actor == "solato.test"  # type: ignore[attr-defined]
    assert settings.general.publish_every == timedelta(seconds=45)
    assert settings.retention.platform["youtube"].observations_days == 30
    assert settings.campaigns[0].tags == ("#春",)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ('publish_every = "45s"', 'publish_every = "45"', "hibiki.toml:3行目 [general] publish_every", '"45" … 間隔は数と単位で'),
        ('publish_every = "45s"', 'publsh_every = "45s"', "hibiki.toml:3行目 [general] publsh_every", "publish_every のことですか?"),
        ('id = "solato"', 'id = "so/lato"', "hibiki.toml:6行目 [[brand]] #1 id", '"so/lato" … 文字・数字'),
        ('aliases = ["Solato", "そらと"]', 'aliases = "Solato"', "hibiki.toml:8行目 [[brand]] #1 aliases", "一覧で書いて"),
        ('role = "competitor"', 'role = "enemy"', "hibiki.toml:14行目 [[brand]] #2 role", '"own", "competitor" のどれか'),
        ('id = "rival"', 'id = "solato"', "hibiki.toml:12行目 [[brand]] #2 id", "同じ id のブランド"),
        ('kind = "feed"', 'kind = "rss"', "hibiki.toml:18行目 [[source]] #1 kind", '"rss" … この種類の情報源はありません'),
        ('url = "https://blog.test/feed"', 'url = "blog.test"', "hibiki.toml:22行目 [[source]] #1 url", "http:// か https://"),
        ('url = "https://blog.test/feed"', "", "hibiki.toml:16行目 [[source]] #1 url", "必ず書いてください"),
        ('actor = "solato.test"', "", "hibiki.toml:24行目 [[source]] #2", "actor を書いてください"),
        ('name = "bsky"', 'name = "blog"', "hibiki.toml:25行目 [[source]] #2 name", "同じ name の情報源"),
        (
            "ends = 2026-04-30",
            "ends = 2026-03-30",
            "hibiki.toml:35行目 [[campaign]] #1 ends",
            "2026-03-30 … 終わりの日が始まりの日(2026-04-01)より前",
        ),
        ("ends = 2026-04-30", 'ends = "4/30"', "hibiki.toml:35行目 [[campaign]] #1 ends", '"4/30" … 日付に'),
        ('brand = "solato"\nmeasure', 'brand = "x"\nmeasure', "hibiki.toml:39行目 [[goal]] #1 brand", '"x" … このブランドはありません'),
        ("mentions_days = 365", "mentions_days = 0", "hibiki.toml:44行目 [retention] mentions_days", "0 … 1 以上"),
        ("target = 0.05", 'target = "5%"', "hibiki.toml:41行目 [[goal]] #1 target", '"5%" … 数値に'),
        ('every = "2h"', 'cron = "0 25 * * *"', "hibiki.toml:21行目 [[source]] #1 cron", '"0 25 * * *" … 「分 時 日 月 曜日」の 5 つ'),
        ('every = "2h"', 'cron = "0 0 31 2 *"', "hibiki.toml:21行目 [[source]] #1 cron", '"0 0 31 2 *" … '),
        ('every = "2h"', 'quiet = "23-6"', "hibiki.toml:21行目 [[source]] #1 quiet", '"23-6" … 「始まり-終わり」で'),
        ('publish_every = "45s"', "quiet = 23", "hibiki.toml:3行目 [general] quiet", "23 … 「始まり-終わり」で"),
        ('every = "2h"', 'every = "2h"\ncron = "0 9 * * *"', "hibiki.toml:16行目 [[source]] #1", "every と cron は、どちらか 1 つだけ"),
        ('every = "2h"', 'jitter = "少し"', "hibiki.toml:21行目 [[source]] #1 jitter", '"少し" … 間隔は数と単位で'),
    ],
)
def test_a_mistake_is_named_with_file_line_key_value_and_remedy(old: str, new: str, place: str, said: str) -> None:
    assert GOOD.count(old) >= 1
    (problem,) = problems(GOOD.replace(old, new, 1))
    assert problem.startswith(place), problem
    assert said in problem


def test_times_are_read_and_a_source_comes_before_the_general() -> None:
    text = GOOD.replace('every = "2h"', 'cron = "0 9-18 * * 1-5"\nquiet = "off"\njitter = "2m"')
    settings = parse(text.replace("[general]", '[general]\nquiet = "23:00-06:00"\nrecheck = "12h"'), FILE)
    blog, bsky = settings.sources
    assert (str(blog.cron), str(blog.quiet), blog.jitter) == ("0 9-18 * * 1-5", "off", timedelta(minutes=2))
    assert (bsky.cron, bsky.quiet, bsky.jitter) == (None, None, None)
    assert (str(settings.general.quiet), settings.general.recheck) == ("23:00-06:00", timedelta(hours=12))


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    text = GOOD.replace('"2h"', '"2 hours"').replace('"45s"', "45").replace('"er_basic"', '"engagement"')
    assert [problem.partition(" ")[0] for problem in problems(text)] == ["hibiki.toml:3行目", "hibiki.toml:21行目", "hibiki.toml:40行目"]


def test_a_secret_in_the_settings_is_refused_and_never_repeated() -> None:
    (problem,) = problems(GOOD.replace('actor = "solato.test"', 'actor = "solato.test"\napp_password = "abcd-efgh"'))
    assert ".env" in problem
    assert "abcd" not in problem
    (problem,) = problems(GOOD.replace('actor = "solato.test"', 'actor = "solato.test"\napp_password_env = "abcd-efgh"'))
    assert "環境変数の名前" in problem
    assert "abcd" not in problem


def test_broken_toml_names_the_line() -> None:
    (problem,) = problems('[general]\nlanguage = "ja"\n[[brand]]\nname = ソラト\n')
    assert problem.startswith("hibiki.toml:4行目 ")
    assert "TOML" in problem


def test_a_brand_of_our_own_is_needed() -> None:
    assert "[[brand]]" in problems("[general]\n")[0]
    assert 'role = "own"' in problems('[[brand]]\nid = "a"\nname = "b"\nrole = "competitor"\n')[0]


def test_no_file_says_what_to_do(home: Home) -> None:
    with pytest.raises(SettingsError, match="hibiki init"):
        load(home)


def test_another_encoding_is_told_apart_from_broken_toml(home: Home) -> None:
    home.settings.write_bytes(GOOD.encode("cp932"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load(home)


def test_a_byte_order_mark_does_no_harm(home: Home) -> None:
    home.settings.write_text(GOOD, encoding="utf-8-sig")
    assert load(home).brands[0].name == "ソラト"


def test_messages_speak_english_when_asked() -> None:
    set_language("en")
    (problem,) = problems(GOOD.replace('"2h"', '"2"'))
    assert problem == 'hibiki.toml, line 21: [[source]] #1 every = "2": must be a number and a unit, such as "30s", "15m", "6h" or "1d"'


def test_dot_env_adds_to_the_environment_and_never_replaces_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.env.write_text("HIBIKI_TEST_A=from file\nHIBIKI_TEST_B=from file\nHIBIKI_TEST_C=\n", encoding="utf-8")
    monkeypatch.setenv("HIBIKI_TEST_A", "from environment")
    told = secrets(home)
    assert (told["HIBIKI_TEST_A"], told["HIBIKI_TEST_B"]) == ("from environment", "from file")
    assert "HIBIKI_TEST_C" not in told


def test_youtube_statistics_are_kept_for_30_days_unless_the_settings_say_otherwise() -> None:
    begin = GOOD.partition("[retention]")[0]
    assert policy_of(parse(begin, FILE).retention).platforms["youtube"].observations_days == 30
    other = parse(begin + "[retention.platform.x]\nobservations_days = 90\n", FILE).retention
    assert {name: keep.observations_days for name, keep in policy_of(other).platforms.items()} == {"youtube": 30, "x": 90}
    days = parse(begin + "[retention]\nobservations_days = 7\nmentions_days = 90\n", FILE).retention
    assert policy_of(days).platforms["youtube"] == policy_of(days).default == Keep(7, 90)
    longer = parse(begin + "[retention.platform.youtube]\nobservations_days = 400\n", FILE).retention
    assert policy_of(longer).platforms["youtube"].observations_days == 400
