"""Who and what the demo is about: three invented tea brands, their channels, campaigns and the people who talk of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented brand: its id in the settings, its name, its handle and what it sells."""

    id: str
    name: str
    handle: str
    products: tuple[str, ...]
    size: float  # reach relative to our own brand
    appeal: float  # reactions per view relative to our own brand


@dataclass(frozen=True, slots=True)
class Channel:
    """How a platform behaves: own posts a day, views of a middling post, reactions per view, and how fast counts grow.

    ``half_life`` is the age in hours at which half of the final counts are there. ``views`` is None where the platform shows no views.
    """

    platform: str
    own_per_day: float
    views: float | None
    likes: float  # per view; where views are None, per hidden impression
    comments: float
    shares: float
    saves: float
    half_life: float
    mention_share: float
    competitor_views: bool = False


OWN = Brand(
    "yomori",
    "ヨモリ",
    "yomori-tea",
    ("ほうじ茶ラテ", "深蒸しボトル", "抹茶プリン", "玄米茶ティーバッグ", "柚子ほうじ茶", "茶葉どら焼き"),
    1.0,
    1.0,
)
RIVALS = (
    Brand(
        "tsumugino", "ツムギノ", "tsumugino-jp", ("和紅茶", "ジャスミンボトル", "紅茶ゼリー", "ミルクティー缶", "茶葉クッキー"), 1.5, 0.85
    ),
    Brand("kazemachi", "カゼマチ", "kazemachi-cha", ("麦茶", "烏龍ボトル", "ルイボス", "杏仁ラテ", "黒糖わらび"), 0.6, 1.15),
)
BRANDS = (OWN, *RIVALS)

CHANNELS = (
    Channel("x", 1.6, 14000, 0.0105, 0.0009, 0.0026, 0.0012, 7, 0.52, competitor_views=True),
    Channel("instagram", 0.7, 9000, 0.0340, 0.0011, 0.0020, 0.0060, 14, 0.14),
    Channel("tiktok", 0.3, 26000, 0.0450, 0.0014, 0.0030, 0.0035, 30, 0.08),
    Channel("youtube", 0.14, 21000, 0.0190, 0.0016, 0.0, 0.0, 60, 0.08, competitor_views=True),
    Channel("bluesky", 0.8, None, 0.0180, 0.0020, 0.0040, 0.0010, 6, 0.13),
    Channel("feed", 0.25, None, 0.0, 0.0, 0.0, 0.0, 24, 0.05),
)

PLACES = (
    "札幌", "仙台", "大宮", "船橋", "新宿", "池袋", "吉祥寺", "町田", "横浜", "金沢", "静岡", "名古屋", "京都", "梅田", "神戸", "岡山", "広島", "高松", "博多", "那覇",
)  # fmt: skip

FIRST = (
    "ゆず", "もなか", "きなこ", "まめ", "すみれ", "わさび", "こむぎ", "ラムネ", "おもち", "はるさめ", "つくし", "みかん", "しらす", "むぎ", "あんず", "ごま",
    "れんこん", "くるみ", "とうふ", "そら", "みなと", "かぼす", "うに", "たぬき", "のり", "ひつじ", "さくら", "ぽんず", "まゆ", "けい", "ともぞう", "りん",
)  # fmt: skip
LAST = (
    "", "ちゃん", "の母", "@在宅", "🍵", "@育児中", "_photo", "さん家", "@低浮上", "🌙", "の散歩", "@資格勉強", "。", "🐈", "@読書", "2号", "@推し活", "の台所", "ｸﾝ", "@転職",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of our own brand: when it starts and ends in days before the demo's now, its tag, and how it lifts things."""

    id: str
    name: str
    tag: str
    starts: int
    ends: int
    reach: float
    appeal: float
    talk: float


CAMPAIGNS = (
    Campaign("shincha", "春の新茶フェア", "ヨモリの新茶", 212, 191, 1.35, 1.12, 1.9),
    Campaign("hoji", "秋のほうじ茶まつり", "ヨモリほうじ茶まつり", 52, 31, 1.70, 1.28, 2.4),
)

SURGE_DAYS_AGO = 6.4
SURGE_HOURS = 40
OUTAGE_PLATFORM = "tiktok"
OUTAGE_DAYS_AGO = (86, 56)
