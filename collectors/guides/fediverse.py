"""The guides to open networks: Bluesky, Mastodon and Misskey."""

from __future__ import annotations

from collectors.guides.guide import MENTIONS, OWN, Ask, Guide, Secret, Step

_FREE = ("無料", "free")

BLUESKY = Guide(
    title=("Bluesky", "Bluesky"),
    line=("自社の投稿(認証なし)と、検索・返信・引用", "Your own posts (no credentials); search, replies and quotes"),
    own=("アカウントの投稿と、その反応の数", "The account's posts and their counts"),
    mentions=(
        "ブランド名の検索、自社への通知、自社の投稿への返信と引用",
        "Search for the brand, notifications of your account, replies to and quotes of your posts",
    ),
    counts=("いいね、返信、リポストと引用、ブックマーク(表示はありません)", "likes, replies, reposts and quotes, bookmarks (no views)"),
    steps=(
        Step(
            (
                "自社のハンドルを用意します。公開の投稿を読むのに、認証は要りません。",
                "Have your handle at hand. Public posts need no credentials.",
            ),
            OWN,
        ),
        Step(
            (
                "Bluesky にログインし、「設定 > プライバシーとセキュリティ > アプリパスワード」でアプリパスワードを作ります"
                "(ログインのパスワードではありません。DM への権限は付けません)。",
                "Log in to Bluesky; make an app password under Settings > Privacy and security > App passwords"
                " (not the password you log in with; without access to messages).",
            ),
            MENTIONS,
        ),
    ),
    permissions=(("own:なし。mentions:アプリパスワード", "own: none; mentions: an app password"),),
    costs=_FREE,
    limits=("5 分に 3,000 回、ログインは 5 分に 30 回", "3,000 requests in 5 minutes, 30 logins in 5 minutes"),
    terms=(
        "消えた投稿は、こちらでも消します(Bluesky の開発者ガイドライン)",
        "Posts that are gone are deleted here (Bluesky's developer guidelines)",
    ),
    cannot=("表示の数、DM、ログインした人にだけ見せる設定の投稿", "Views, messages, posts shown only to people who are logged in"),
    asks=(
        Ask("actor", ("自社のハンドル(例: yomori.bsky.social)", "Your handle, such as yomori.bsky.social"), needed=True, only=OWN),
        Ask("identifier", ("検索に使うアカウントのハンドル", "The handle of the account that searches"), needed=True, only=MENTIONS),
        Ask(
            "actor",
            ("自社のハンドル(返信と引用を読むため。なければ Enter)", "Your handle, to read replies and quotes (Enter for none)"),
            only=MENTIONS,
        ),
    ),
    secrets=(Secret("app_password_env", ("アプリパスワード", "app password"), "HIBIKI_BLUESKY_APP_PASSWORD", only=MENTIONS),),
    examples=(
        {"what": "own", "every": "15m", "actor": "yomori.bsky.social"},
        {"what": "mentions", "every": "15m", "identifier": "yomori.bsky.social", "actor": "yomori.bsky.social"},
    ),
)

_SERVER_TERMS = (
    "サーバーごとの利用規約に従ってください。公開の投稿だけを残し、消えた投稿は、こちらでも消します",
    "Keep to the server's own rules. Only public posts are kept, and those that are gone are deleted here",
)

MASTODON = Guide(
    title=("Mastodon(と同じ API のサーバー)", "Mastodon (and servers with its API)"),
    line=("どのサーバーでも:自社の投稿と、ハッシュタグ・検索・通知", "Any server: your own posts; hashtags, search, notifications"),
    own=("アカウントの投稿と、その反応の数", "The account's posts and their counts"),
    mentions=(
        "ハッシュタグ、検索(全文検索のあるサーバー)、自社への通知",
        "Hashtags, search (where the server has full-text search), notifications of your account",
    ),
    counts=("お気に入り、返信、ブーストと引用(表示はありません)", "favourites, replies, boosts and quotes (no views)"),
    steps=(
        Step(
            (
                "アカウントのあるサーバーの URL を控えます。公開の投稿とハッシュタグは、たいていトークンなしで読めます。",
                "Note the server's address. Public posts and hashtags mostly need no token.",
            )
        ),
        Step(
            (
                "検索と通知も読むなら、そのサーバーの「ユーザー設定 > 開発 > 新規アプリ」で下のスコープを選び、「アクセストークン」を控えます。",
                "For search and notifications: Preferences > Development > New application, choose the scopes below, note “Your access token”.",
            )
        ),
    ),
    permissions=(
        (
            "任意:read:accounts、read:statuses、read:search、read:notifications",
            "optional: read:accounts, read:statuses, read:search, read:notifications",
        ),
    ),
    costs=_FREE,
    limits=("5 分に 300 回(サーバーによります)", "300 requests in 5 minutes (depends on the server)"),
    terms=_SERVER_TERMS,
    cannot=(
        "表示の数、フォロワー限定の投稿、そのサーバーに届いていない投稿(連合の外)",
        "Views, followers-only posts, posts that never reached that server",
    ),
    asks=(
        Ask("server", ("サーバーの URL(例: https://mstdn.example)", "The server's address, such as https://mstdn.example"), needed=True),
        Ask("account", ("自社のアカウント(例: @yomori)", "Your account, such as @yomori"), needed=True, only=OWN),
        Ask("account", ("自社のアカウント(例: @yomori。なければ Enter)", "Your account, such as @yomori (Enter for none)"), only=MENTIONS),
        Ask(
            "tags",
            ("読むハッシュタグ(# なし、「,」区切り。Enter ならブランド名)", "Hashtags to read, without # (Enter: the brand's names)"),
            only=MENTIONS,
        ),
    ),
    secrets=(
        Secret("token_env", ("アクセストークン(なければ Enter)", "access token (Enter for none)"), "HIBIKI_MASTODON_TOKEN", needed=False),
    ),
    examples=(
        {"what": "own", "every": "15m", "server": "https://mstdn.example", "account": "@yomori"},
        {"what": "mentions", "every": "15m", "server": "https://mstdn.example", "token_env": "HIBIKI_MASTODON_TOKEN"},
    ),
)

MISSKEY = Guide(
    title=("Misskey", "Misskey"),
    line=("どのサーバーでも:自社のノートと、ハッシュタグ・検索・返信", "Any server: your own notes; hashtags, search, replies"),
    own=("アカウントのノートと、その反応の数", "The account's notes and their counts"),
    mentions=(
        "ハッシュタグ、検索(サーバーが許していれば)、自社宛てのメンションと返信",
        "Hashtags, search (where the server lets the account), mentions of and replies to your account",
    ),
    counts=("リアクション、返信、リノート、クリップ(表示はありません)", "reactions, replies, renotes, clips (no views)"),
    steps=(
        Step(
            (
                "アカウントのあるサーバーの URL を控えます。公開のノートは、たいていトークンなしで読めます。",
                "Note the server's address. Public notes mostly need no token.",
            )
        ),
        Step(
            (
                "検索やメンションも読むなら、「設定 > サービス連携 > アクセストークンの発行」で下の権限だけを選びます。",
                "For search and mentions: Settings > Service integration > Generate access token, with only the permission below.",
            )
        ),
    ),
    permissions=(("任意:アカウントの情報を見る(read:account)", "optional: view your account information (read:account)"),),
    costs=_FREE,
    limits=(
        "エンドポイントごと、サーバーごと。断られたら、示された時刻まで待ちます",
        "Each endpoint's and server's own; refusals are waited out",
    ),
    terms=_SERVER_TERMS,
    cannot=(
        "表示の数、フォロワー限定のノート、そのサーバーに届いていないノート(連合の外)",
        "Views, followers-only notes, notes that never reached that server",
    ),
    asks=MASTODON.asks,
    secrets=(
        Secret("token_env", ("アクセストークン(なければ Enter)", "access token (Enter for none)"), "HIBIKI_MISSKEY_TOKEN", needed=False),
    ),
    examples=(
        {"what": "own", "every": "15m", "server": "https://misskey.example", "account": "@yomori"},
        {"what": "mentions", "every": "15m", "server": "https://misskey.example", "token_env": "HIBIKI_MISSKEY_TOKEN"},
    ),
)
