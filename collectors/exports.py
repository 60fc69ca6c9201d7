"""The files that people download from platforms: how each is told by its column names, and which column is what.

Names are compared without case, spaces and signs, half- and full-width alike ("いいね！の数" is "いいねの数"); order never matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from collectors.language import say

Content = Literal["posts", "days", "answers"]

TOTALS = frozenset(("total", "totals", "合計", "総計", "計"))
LIFETIME = frozenset(("", "lifetime", "通算", "全期間", "累計"))


def squeeze(name: str) -> str:
    """Return a column's name as it is compared."""
    return name and "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file. ``columns``: field -> its names; ``needed``: fields without which it is not this kind.

    ``told_by``: fields of which at least one must be there too, so that look-alikes are told apart. ``id_in_url`` finds the post's id
    in its address, ``id_form`` is how an id that is no number looks; ``snowflake`` says how the id holds the moment; ``utc``: times without a zone are in UTC, not in Tokyo.
    """

    key: str
    title_ja: str
    title_en: str
    platform: str
    content: Content
    columns: Mapping[str, Sequence[str]]
    needed: Sequence[str]
    told_by: Sequence[str] = ()
    id_in_url: re.Pattern[str] | None = None
    numeric_id: bool = True
    snowflake: Literal["x", "tiktok", None] = None
    id_form: re.Pattern[str] | None = None
    utc: bool = False

    @property
    def title(self) -> str:
        """The kind's name in the language spoken."""
        return say(self.title_ja, self.title_en)

    def match(self, header: Sequence[str]) -> dict[str, int]:
        """Return field -> index for the columns of ``header`` that this kind knows; empty where it is another kind."""
        places: dict[str, int] = {}
        for index, name in enumerate(map(squeeze, header)):
            places.setdefault(name, index)
        found: dict[str, int] = {}
        for field, names in self.columns.items():
            known = [places[squeeze(name)] for name in names if squeeze(name) in places]
            if known:
                found[field] = known[0]
        if any(field not in found for field in self.needed) or (self.told_by and not any(field in found for field in self.told_by)):
            return {}
        return found

    def time_in_id(self, native_id: str) -> datetime | None:
        """Return the moment that is written in the post's own id; None where there is none.

        X: milliseconds since 2010-11-04T01:42:54.657Z in all but the lowest 22 bits. TikTok: seconds since 1970 above the lowest 32.
        """
        if self.snowflake is None or not native_id.isascii() or not native_id.isdecimal() or len(native_id) > 20:
            return None
        number = int(native_id)
        if self.snowflake == "tiktok":
            seconds = float(number >> 32)
        else:
            seconds = ((number >> 22) + 1288834974657) / 1000 if number > 30_000_000_000 else 0.0
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return moment if datetime(2010, 11, 1, tzinfo=UTC) < moment < datetime(2100, 1, 1, tzinfo=UTC) else None


_X_LINK = re.compile(r"/status(?:es)?/(\d{5,20})", re.ASCII)
_LIKES = ("Likes", "いいね", "いいね！の数", "いいね数")

EXPORTS: tuple[Export, ...] = (
    Export(
        key="x_content",
        title_ja="X アナリティクス(コンテンツ)",
        title_en="X analytics (content)",
        platform="x",
        content="posts",
        columns={
            "id": ("Post id", "ポストID"),
            "time": ("Date", "日付"),
            "text": ("Post text", "ポスト本文"),
            "url": ("Post Link", "ポストのリンク"),
            "views": ("Impressions", "インプレッション数", "インプレッション"),
            "likes": _LIKES,
            "comments": ("Replies", "返信"),
            "shares": ("Reposts", "リポスト"),
            "saves": ("Bookmarks", "ブックマーク"),
        },
        needed=("id", "time", "text", "views"),
        id_in_url=_X_LINK,
        snowflake="x",
    ),
    Export(
        key="x_tweets",
        title_ja="X アナリティクス(2023 年より前のツイート)",
        title_en="X analytics (tweets before 2023)",
        platform="x",
        content="posts",
        columns={
            "id": ("Tweet id", "ツイートID"),
            "time": ("time", "時間"),
            "text": ("Tweet text", "ツイート本文"),
            "url": ("Tweet permalink", "ツイートの固定リンク"),
            "views": ("impressions", "インプレッション"),
            "likes": ("likes", "いいね"),
            "comments": ("replies", "返信"),
            "shares": ("retweets", "リツイート"),
        },
        needed=("id", "time", "text"),
        id_in_url=_X_LINK,
        snowflake="x",
        utc=True,
    ),
    Export(
        key="instagram",
        title_ja="Meta Business Suite(Instagram)",
        title_en="Meta Business Suite (Instagram)",
        platform="instagram",
        content="posts",
        columns={
            "id": ("Post ID", "投稿ID"),
            "author": ("Account name", "アカウント名"),
            "username": ("Account username", "アカウントのユーザーネーム"),
            "text": ("Description", "説明"),
            "time": ("Publish time", "公開時間"),
            "url": ("Permalink", "リンク"),
            "span": ("Date", "日時"),
            "views": ("Views", "ビュー"),
            "likes": _LIKES,
            "comments": ("Comments", "コメント数", "コメント"),
            "shares": ("Shares", "シェア数", "シェア"),
            "saves": ("Saves", "保存数", "保存"),
        },
        needed=("id", "time", "username"),
        told_by=("likes", "views", "saves"),
    ),
    Export(
        key="facebook",
        title_ja="Meta Business Suite(Facebook)",
        title_en="Meta Business Suite (Facebook)",
        platform="facebook",
        content="posts",
        columns={
            "id": ("Post ID", "投稿ID"),
            "author": ("Page name", "ページ名"),
            "page": ("Page ID", "ページID"),
            "title": ("Title", "タイトル"),
            "text": ("Description", "説明"),
            "time": ("Publish time", "公開時間"),
            "url": ("Permalink", "リンク"),
            "span": ("Date", "日時"),
            "views": ("Views", "ビュー"),
            "likes": ("Reactions", "リアクション", "リアクション数"),
            "comments": ("Comments", "コメント数", "コメント"),
            "shares": ("Shares", "シェア数", "シェア"),
        },
        needed=("id", "time"),
        told_by=("page", "author"),
    ),
    Export(
        key="youtube",
        title_ja="YouTube Studio(コンテンツ)",
        title_en="YouTube Studio (content)",
        platform="youtube",
        content="posts",
        columns={
            "id": ("Content", "コンテンツ"),
            "text": ("Video title", "動画のタイトル"),
            "time": ("Video publish time", "動画公開時刻"),
            "views": ("Views", "視聴回数"),
            "likes": ("Likes", "高評価数", "高評価"),
            "comments": ("Comments added", "追加されたコメント数", "コメント数"),
        },
        needed=("id", "text", "time", "views"),
        numeric_id=False,
        id_form=re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII),
    ),
    Export(
        key="tiktok",
        title_ja="TikTok Studio(コンテンツ)",
        title_en="TikTok Studio (content)",
        platform="tiktok",
        content="posts",
        columns={
            "text": ("Video title", "動画のタイトル", "動画タイトル"),
            "url": ("Video link", "動画リンク", "動画のリンク"),
            "time": ("Post time", "投稿時間", "投稿日時"),
            "views": ("Total views", "総視聴数", "合計視聴数", "動画視聴数"),
            "likes": ("Total likes", "総いいね数", "合計いいね数", "いいね数"),
            "comments": ("Total comments", "総コメント数", "合計コメント数", "コメント数"),
            "shares": ("Total shares", "総シェア数", "合計シェア数", "シェア数"),
        },
        needed=("text", "url", "views"),
        id_in_url=re.compile(r"/(?:video|photo)/(\d{5,20})", re.ASCII),
        snowflake="tiktok",
    ),
    Export(
        key="survey",
        title_ja="アンケート(推奨度)",
        title_en="survey (recommendation question)",
        platform="survey",
        content="answers",
        columns={
            "id": ("answer_id", "response_id", "回答ID", "回答番号"),
            "time": ("date", "answered_on", "answered_at", "timestamp", "回答日", "回答日時", "タイムスタンプ"),
            "score": ("score", "nps", "推奨度", "おすすめ度", "スコア", "点数"),
            "text": ("comment", "reason", "コメント", "自由回答", "理由"),
        },
        needed=("time", "score"),
    ),
)

X_OVERVIEW = Export(
    key="x_overview",
    title_ja="X アナリティクス(概要)",
    title_en="X analytics (overview)",
    platform="x",
    content="days",
    columns={"time": ("Date", "日付"), "views": ("Impressions", "インプレッション数"), "follows": ("New follows", "新しいフォロー")},
    needed=("time", "views", "follows"),
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A kind of file, and where its fields are in the header that was found."""

    export: Export
    fields: Mapping[str, int]


def recognise(header: Sequence[str]) -> Matched | None:
    """Return the kind of file that has this header: of those that fit, the one that knows most of its columns."""
    fits = [Matched(export, export.match(header)) for export in EXPORTS]
    return max((fit for fit in fits if fit.fields), key=lambda fit: len(fit.fields), default=None)


def nearest(headers: Sequence[Sequence[str]]) -> tuple[Export, list[str]] | None:
    """Return the kind of file to which one of ``headers`` comes nearest, and its columns that are missing there (each by one name).

    None where no header has two columns of a kind.
    """
    found: list[tuple[int, int, Export, list[str]]] = []
    for header in headers:
        present = {squeeze(name) for name in header}
        japanese = any(not name.isascii() for name in header)
        for number, export in enumerate(EXPORTS):
            has = {field for field, names in export.columns.items() if present & {squeeze(name) for name in names}}
            missing = [_named(export.columns[field], japanese) for field in export.needed if field not in has]
            if len(has) > 1 and missing:
                found.append((len(has), -number, export, missing))
    best = max(found, key=lambda one: one[:2], default=None)
    return best[2:] if best else None


def _named(names: Sequence[str], japanese: bool) -> str:
    """Return the first of a column's names that is in the language of the file."""
    return next((name for name in names if name.isascii() != japanese), names[0])


def known_kinds() -> str:
    """Name every kind of file that can be read."""
    return say("、", ", ").join(export.title for export in EXPORTS)
