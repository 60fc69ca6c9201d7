"""The guide to X."""

from __future__ import annotations

from collectors.guides.guide import MENTIONS, OWN, Ask, Guide, Only, Secret, Step

_PRIVATE = Only(what="own", key="private_metrics", value=True)
_PUBLIC = Only(key="private_metrics", value=True, otherwise=True)

X = Guide(
    title=("X(旧 Twitter)", "X (formerly Twitter)"),
    line=("自社の投稿と、メンション・検索。読むたびに費用がかかります", "Your own posts; mentions and search. Every read is paid for"),
    own=("アカウントの投稿と、その反応の数", "The account's posts and their counts"),
    mentions=(
        "アカウントへのメンションと返信、ブランド名の検索(過去 7 日)",
        "Mentions of and replies to the account; search for the brand (last 7 days)",
    ),
    counts=(
        "表示、いいね、返信、リポストと引用、ブックマーク",
        "views, likes, replies, reposts and quotes, bookmarks",
    ),
    steps=(
        Step(
            (
                "console.x.com(X Developer Console)に、X のアカウントでログインし、開発者契約に同意します。",
                "Sign in to console.x.com (X Developer Console) with an X account and accept the developer agreement.",
            )
        ),
        Step(
            (
                "「Billing」でクレジットを買います(前払いの従量課金)。使いすぎないよう、そこでも上限を決められます。",
                "Buy credits under Billing (pay per use, prepaid). A spending limit can be set there as well.",
            )
        ),
        Step(
            (
                "「Apps」でアプリを作り(New App)、「Keys & tokens」で Bearer Token を作って控えます。一度しか表示されません。",
                "Make an app under Apps (New App), and its Bearer Token under Keys & tokens. It is shown only once.",
            )
        ),
        Step(
            (
                "1 か月に使ってよい額を決めます。投稿 1 件を読むのに 0.005 ドルです(30 ドルなら 6,000 件)。Hibiki はこの額を超えて読みません。",
                "Decide what a month may cost. A post that is read costs 0.005 USD (30 USD: 6,000 posts). Hibiki never reads beyond it.",
            )
        ),
        Step(
            (
                "非公開の指標のため、アプリの User authentication settings で OAuth 2.0 を有効にし(Web App, Automated App or Bot)、自社のアカウントで許可して、"
                "アクセストークン、リフレッシュトークン、Client ID を控えます(更新は Hibiki がします)。",
                "For private metrics enable OAuth 2.0 in the app's User authentication settings (Web App, Automated App or Bot), authorize it with your"
                " account, and note the access token, the refresh token and the client ID (Hibiki renews them).",
            ),
            _PRIVATE,
        ),
    ),
    permissions=(
        ("アプリの Bearer Token(App-only)だけで読めます", "The app's Bearer Token (app-only) is enough"),
        (
            "任意:OAuth 2.0 のトークン(tweet.read、users.read、offline.access)",
            "optional: an OAuth 2.0 token (tweet.read, users.read, offline.access)",
        ),
    ),
    costs=(
        "読んだ投稿 1 件 0.005 ドル、自社の投稿を持ち主のアプリで読めば 0.001 ドル、アカウント 1 件 0.01 ドル"
        "(2026-08-28 の料金表。同じ UTC の日に 2 度読んでも 1 度分)",
        "0.005 USD a post, 0.001 for your own posts read by your own app, 0.01 an account"
        " (prices of 2026-08-28; what is read twice in a UTC day is charged once)",
    ),
    limits=(
        "検索は過去 7 日、メンションは新しい 800 件、自社の投稿は新しい 3,200 件まで。15 分ごとの回数制限にも従います",
        "Search reaches back 7 days, mentions the newest 800, own posts the newest 3,200; limits each 15 minutes are kept",
    ),
    terms=(
        "消された・非公開になった・編集された投稿は、こちらでも消すか直す決まりです。見直しは [general] recheck の間隔で、予算の中で行います",
        "Posts that were deleted, protected or edited must be deleted or changed here too: they are looked up at the interval"
        " [general] recheck, within the budget",
    ),
    cannot=(
        "7 日より前の検索、リポストの検索結果、非公開アカウント、他人の投稿の非公開の指標",
        "Search before the last 7 days, reposts in search, protected accounts, private metrics of others' posts",
    ),
    asks=(
        Ask(
            "private_metrics",
            (
                "非公開の指標も読みますか(アカウントの OAuth 2.0 のトークンが要ります)",
                "Private metrics too (needs the account's OAuth 2.0 token)",
            ),
            only=OWN,
        ),
        Ask("budget_usd", ("1 か月に使ってよい額(米ドル)", "What a month may cost, in USD"), needed=True),
        Ask("account", ("自社のアカウント名(@ の後ろ)", "Your account (what follows the @)"), needed=True, only=OWN),
        Ask(
            "account",
            ("自社のアカウント名(なければ Enter。検索だけになります)", "Your account (Enter for none: search only)"),
            only=MENTIONS,
        ),
        Ask("lang", ("検索する言語(例: ja。すべてなら Enter)", "The language to search (such as ja; Enter for all)"), only=MENTIONS),
    ),
    secrets=(
        Secret("bearer_token_env", ("X の Bearer Token", "X Bearer Token"), "HIBIKI_X_BEARER_TOKEN", only=_PUBLIC),
        Secret(
            "user_token_env",
            ("アカウントの OAuth 2.0 アクセストークン", "the account's OAuth 2.0 access token"),
            "HIBIKI_X_USER_TOKEN",
            only=_PRIVATE,
        ),
        Secret("refresh_token_env", ("リフレッシュトークン", "refresh token"), "HIBIKI_X_REFRESH_TOKEN", only=_PRIVATE),
        Secret("client_id_env", ("アプリの Client ID", "the app's client ID"), "HIBIKI_X_CLIENT_ID", only=_PRIVATE),
        Secret(
            "client_secret_env",
            ("アプリの Client Secret(なければ Enter)", "the app's client secret (Enter for none)"),
            "HIBIKI_X_CLIENT_SECRET",
            needed=False,
            only=_PRIVATE,
        ),
    ),
    examples=(
        {"what": "own", "every": "1h", "budget_usd": 30, "account": "yomori_tea"},
        {"what": "mentions", "every": "30m", "budget_usd": 30, "account": "yomori_tea", "lang": "ja"},
    ),
)
