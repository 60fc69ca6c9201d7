"""The guides to YouTube and TikTok."""

from __future__ import annotations

from collectors.guides.guide import MENTIONS, OWN, Ask, Guide, Only, Secret, Step

_DISPLAY = Only(key="api", value="display")
_BUSINESS = Only(key="api", value="business")

YOUTUBE = Guide(
    title=("YouTube", "YouTube"),
    line=("チャンネルの動画と、コメント・動画の検索", "A channel's videos; comments and video search"),
    own=("チャンネルの動画と、その反応の数", "The channel's videos and their counts"),
    mentions=(
        "自社の動画へのコメント、ブランド名を含む動画、決めた(見つけた)動画でブランド名を含むコメント",
        "Comments on your videos, videos that name the brand, comments that name it on videos you list or that were found",
    ),
    counts=("再生、高評価、コメント(コメントは高評価と返信)", "views, likes, comments (of comments: likes and replies)"),
    steps=(
        Step(("console.cloud.google.com でプロジェクトを作ります。", "Create a project at console.cloud.google.com.")),
        Step(
            (
                "「API とサービス > ライブラリ」で「YouTube Data API v3」を有効にします。",
                "Enable “YouTube Data API v3” under APIs & Services > Library.",
            )
        ),
        Step(
            (
                "「API とサービス > 認証情報 > 認証情報を作成 > API キー」でキーを作り、「API の制限」を YouTube Data API v3 だけにします。",
                "Make a key under APIs & Services > Credentials > Create credentials > API key, and restrict it to YouTube Data API v3.",
            )
        ),
    ),
    permissions=(("API キーだけ(公開の動画とコメント)", "An API key only (public videos and comments)"),),
    costs=("無料(1 日の割り当ての中で)", "free (within the daily quotas)"),
    limits=(
        "検索は 1 日 100 回、ほかは合わせて 1 日 10,000 ユニット。太平洋時間の 0 時に戻ります。使った分は 収集状況 に出ます",
        "100 searches a day, 10,000 units a day for all else; reset at midnight Pacific time. What is used is on the page of sources",
    ),
    terms=(
        "統計を 30 日より長く持つことと、感情のような派生の指標には、YouTube の審査(2026 年の「派生指標とデータ保存に関する追加ポリシー」)が"
        "要ります。書かなければ YouTube の反応の記録は 30 日で消します。YouTube の数をほかの媒体と混ぜた 1 つの指標は示しません。消えた動画とコメントは、こちらでも消します",
        "Keeping statistics beyond 30 days, and derived metrics such as sentiment, need YouTube's audit (“Additional policies on derived metrics"
        " and data storage”, 2026). Unless you say otherwise, YouTube's counts are deleted after 30 days. No single figure mixes YouTube's"
        " numbers with other platforms'. Videos and comments that are gone are deleted here",
    ),
    cannot=(
        "シェアと保存の数、低評価、再生時間、非公開の動画、コメント欄全体をまたいだ検索",
        "Shares and saves, dislikes, watch time, private videos, search through all comments of YouTube",
    ),
    asks=(
        Ask("channel", ("自社のチャンネル(@… か UC…)", "Your channel (@… or UC…)"), needed=True, only=OWN),
        Ask("channel", ("自社のチャンネル(@… か UC…。なければ Enter)", "Your channel (@… or UC…; Enter for none)"), only=MENTIONS),
        Ask("search", ("ブランド名で動画を検索しますか", "Search videos for the brand"), only=MENTIONS),
    ),
    secrets=(Secret("key_env", ("YouTube の API キー", "YouTube API key"), "HIBIKI_YOUTUBE_KEY"),),
    examples=(
        {"what": "own", "every": "1h", "channel": "@yomori"},
        {"what": "mentions", "every": "3h", "channel": "@yomori", "lang": "ja"},
    ),
)

TIKTOK = Guide(
    title=("TikTok", "TikTok"),
    line=("自社アカウントの動画(他人の投稿は読めません)", "Your account's videos (others' posts cannot be read)"),
    own=("アカウントの公開動画と、その反応の数", "The account's public videos and their counts"),
    mentions=None,
    counts=("再生、いいね、コメント、シェア", "views, likes, comments, shares"),
    steps=(
        Step(
            (
                "developers.tiktok.com の「Manage apps」でアプリを作り、Login Kit を足して、スコープ user.info.basic と video.list を選びます。",
                "Create an app under Manage apps at developers.tiktok.com, add Login Kit and the scopes user.info.basic and video.list.",
            ),
            _DISPLAY,
        ),
        Step(
            (
                "business-api.tiktok.com の「My Apps」でアプリを作り、TikTok Accounts の読み取り(video.list)を選んで、審査を受けます。",
                "Create an app under My Apps at business-api.tiktok.com, choose TikTok Accounts (video.list), and have it reviewed.",
            ),
            _BUSINESS,
        ),
        Step(
            (
                "Sandbox に自社のアカウントを Target user として足します(審査を待たずに使えます)。公開して使うなら「Submit for review」へ。",
                "Add your account to the Sandbox as a target user (no review needed); for production submit the app for review.",
            ),
            _DISPLAY,
        ),
        Step(
            (
                "自社のアカウントでログインしたブラウザーで https://www.tiktok.com/v2/auth/authorize/?client_key=…&response_type=code&scope=user.info.basic,video.list&redirect_uri=…&state=1 を開いて許可し、戻り先に付いてくる code を、https://open.tiktokapis.com/v2/oauth/token/ への POST(client_key、client_secret、code、grant_type=authorization_code、redirect_uri)で refresh_token に替えます(有効 365 日。Hibiki が更新します)。",
                "Logged in with your account, open https://www.tiktok.com/v2/auth/authorize/?client_key=…&response_type=code&scope=user.info.basic,video.list&redirect_uri=…&state=1 and allow it; exchange the code that comes back by a POST to https://open.tiktokapis.com/v2/oauth/token/ (client_key, client_secret, code, grant_type=authorization_code, redirect_uri) for a refresh_token (365 days; Hibiki renews it).",
            ),
            _DISPLAY,
        ),
        Step(
            (
                "自社のアカウントでアプリを許可し、code を /tt_user/oauth2/token/ で refresh_token と open_id(= business_id)に替えます。",
                "Authorize the app with your account, and exchange the code at /tt_user/oauth2/token/ for a refresh_token and open_id (business_id).",
            ),
            _BUSINESS,
        ),
    ),
    permissions=(("user.info.basic、video.list", "user.info.basic, video.list"),),
    costs=("無料", "free"),
    limits=("1 分に 600 回(エンドポイントごと)、1 回に 20 本", "600 requests a minute (each endpoint), 20 videos each"),
    terms=(
        "消えた動画は、こちらでも消します。許可を取り消されたアカウントのデータは消してください(`hibiki source remove` と `hibiki forget`)",
        "Videos that are gone are deleted here. Delete the data of an account that withdraws its consent (`hibiki source remove`, `hibiki forget`)",
    ),
    cannot=(
        "他人の投稿、コメントの本文、ハッシュタグや言葉での検索、保存の数",
        "Others' posts, texts of comments, search for words or hashtags, saves",
    ),
    asks=(
        Ask("api", ("使う API(display / business)", "Which API (display / business)")),
        Ask(
            "business_id",
            ("business_id(許可のときに返る open_id)", "The business_id (open_id of the authorization)"),
            needed=True,
            only=_BUSINESS,
        ),
        Ask("account", ("自社のアカウント名(例: @yomori。なければ Enter)", "Your account, such as @yomori (Enter for none)")),
    ),
    secrets=(
        Secret("client_key_env", ("Client Key(Business API では App ID)", "client key (Business API: app ID)"), "HIBIKI_TIKTOK_CLIENT_KEY"),
        Secret("client_secret_env", ("Client Secret", "client secret"), "HIBIKI_TIKTOK_CLIENT_SECRET"),
        Secret("refresh_token_env", ("リフレッシュトークン", "refresh token"), "HIBIKI_TIKTOK_REFRESH_TOKEN"),
    ),
    examples=({"what": "own", "every": "1h", "account": "@yomori"},),
)
