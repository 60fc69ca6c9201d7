"""The files that people download from platforms, or make themselves, by the names of their columns in Japanese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors.language import say
from collectors.layout import KPI, Export, squeeze

_X_LINK = re.compile(r"/status(?:es)?/(\d{5,20})", re.ASCII)
_LIKES = ("Likes", "いいね", "いいね！の数", "いいね数")

MENTION_COLUMNS: Mapping[str, Sequence[str]] = {
    "time": ("date", "time", "datetime", "posted_at", "created_at", "日時", "日付", "投稿日時", "投稿日", "書き込み日時", "投稿時間"),
    "text": ("text", "body", "content", "comment", "本文", "投稿内容", "内容", "投稿本文", "コメント", "口コミ", "クチコミ", "レビュー"),
    "id": ("id", "post_id", "mention_id", "投稿ID", "ID"),
    "url": ("url", "link", "permalink", "リンク", "投稿URL"),
    "author": ("author", "user", "username", "account", "投稿者", "投稿者名", "ユーザー", "ユーザー名", "アカウント", "ニックネーム"),
    "platform": ("platform", "media", "channel", "site", "媒体", "メディア", "サイト", "SNS"),
    "title": ("title", "subject", "件名", "タイトル"),
    "stars": ("stars", "rating", "star", "評価", "星", "星の数", "満足度"),
    "views": ("views", "impressions", "表示回数", "閲覧数", "インプレッション数"),
    "likes": ("likes", "いいね", "いいね数", "参考になった"),
    "comments": ("comments", "replies", "コメント数", "返信数"),
    "shares": ("shares", "reposts", "シェア数", "リポスト数"),
    "saves": ("saves", "bookmarks", "保存数"),
}
"""Field -> the usual names of its column in a table of mentions; ``collectors.tables`` takes the user's own names instead."""

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
    Export(
        key="x_overview",
        title_ja="X アナリティクス(概要)",
        title_en="X analytics (overview)",
        platform="x",
        content="days",
        columns={
            "time": ("Date", "日付"),
            KPI + "x.impressions": ("Impressions", "インプレッション数", "インプレッション"),
            KPI + "x.likes": _LIKES,
            KPI + "x.engagements": ("Engagements", "エンゲージメント", "エンゲージメント数"),
            KPI + "x.bookmarks": ("Bookmarks", "ブックマーク"),
            KPI + "x.shares": ("Shares", "共有された回数", "共有"),
            KPI + "x.new_follows": ("New follows", "新しいフォロー"),
            KPI + "x.unfollows": ("Unfollows", "フォロー解除", "フォロー解除数"),
            KPI + "x.replies": ("Replies", "返信"),
            KPI + "x.reposts": ("Reposts", "リポスト"),
            KPI + "x.profile_visits": ("Profile visits", "プロフィールへのアクセス数"),
            KPI + "x.posts": ("Create Post", "ポストを作成", "作成したポスト"),
            KPI + "x.video_views": ("Video views", "動画の再生数", "動画再生数", "動画の再生回数"),
            KPI + "x.media_views": ("Media views", "メディアの再生数", "メディアの表示回数"),
        },
        needed=("time", KPI + "x.impressions", KPI + "x.new_follows"),
        without=("Post id", "ポストID", "Tweet id", "ツイートID"),
    ),
    Export(
        key="kpis",
        title_ja="KPI の表(日付・指標・値)",
        title_en="KPI table (day, measure, value)",
        platform="kpi",
        content="kpis",
        columns={
            "time": ("date", "day", "日付", "日", "年月日"),
            "name": ("kpi", "measure", "metric", "指標", "指標名", "KPI名"),
            "value": ("value", "値", "数値", "実績"),
        },
        needed=("time", "name", "value"),
    ),
    Export(
        key="mentions",
        title_ja="言及の表",
        title_en="table of mentions",
        platform="import",
        content="mentions",
        columns=MENTION_COLUMNS,
        needed=("time", "text"),
        told_by=("author", "platform", "url", "stars"),
        numeric_id=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A kind of file, and where its fields are in the header that was found."""

    export: Export
    fields: Mapping[str, int]


def recognise(header: Sequence[str], kinds: Sequence[Export] = EXPORTS) -> Matched | None:
    """Return which of ``kinds`` has this header: of those that fit, the one that knows most of its columns."""
    fits = [Matched(export, export.match(header)) for export in kinds]
    return max((fit for fit in fits if fit.fields), key=lambda fit: len(fit.fields), default=None)


def nearest(headers: Sequence[Sequence[str]], kinds: Sequence[Export] = EXPORTS) -> tuple[Export, list[str]] | None:
    """Return the kind of file to which one of ``headers`` comes nearest, and its columns that are missing there (each by one name).

    None where no header has two columns of a kind (one kind alone is always the nearest).
    """
    found: list[tuple[int, int, Export, list[str]]] = []
    for header in headers:
        present = {squeeze(name) for name in header}
        japanese = any(not name.isascii() for name in header)
        for number, export in enumerate(kinds):
            has = {field for field, names in export.columns.items() if present & {squeeze(name) for name in names}}
            missing = [_named(export.columns[field], japanese) for field in export.needed if field not in has]
            if missing and (len(has) > 1 or len(kinds) == 1):
                found.append((len(has), -number, export, missing))
    best = max(found, key=lambda one: one[:2], default=None)
    return best[2:] if best else None


def _named(names: Sequence[str], japanese: bool) -> str:
    """Return the first of a column's names that is in the language of the file."""
    return next((name for name in names if name.isascii() != japanese), names[0])


def known_kinds(kinds: Sequence[Export] = EXPORTS) -> str:
    """Name ``kinds`` of file."""
    return say("、", ", ").join(export.title for export in kinds)
