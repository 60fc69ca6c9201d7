"""The guides to Meta's platforms: Instagram, Facebook Pages and Threads."""

from __future__ import annotations

from collectors.guides.guide import MENTIONS, Ask, Guide, Only, Secret, Step

_FACEBOOK_LOGIN = Only(key="login", value="facebook")
_INSTAGRAM_LOGIN = Only(key="login", value="instagram")
_APP = (
    "developers.facebook.com(Meta for Developers)で「アプリを作成」し、ビジネス ポートフォリオとつなぎます。",
    "Create an app at developers.facebook.com (Meta for Developers) and connect it to your business portfolio.",
)
_SYSTEM_USER = (
    "ビジネス設定(business.facebook.com)の「ユーザー > システムユーザー」で、ページ(と Instagram アカウント)をシステムユーザーに割り当て、"
    "「トークンを生成」で下の権限を選びます。期限を「なし」にできます。個人のトークンは約 60 日で切れます。",
    "In Business settings (business.facebook.com), Users > System users: assign the Page (and Instagram account) to a system user and"
    " generate a token with the permissions below. It can be made to never expire; a person's token ends after about 60 days.",
)
_FREE = ("無料", "free")
_DELETED = (
    "消された投稿とコメントは、こちらでも消す決まりです。自社のもの(とその下のコメント)は確かめ直します。",
    "What is deleted there must be deleted here. Your own posts, and what stands below them, are looked up again. ",
)

INSTAGRAM = Guide(
    title=("Instagram", "Instagram"),
    line=("プロアカウントの投稿と、コメント・タグ付け・ハッシュタグ", "A professional account's posts; comments, tags and hashtags"),
    own=("プロアカウントの投稿(フィード、リール)と、その反応の数", "The professional account's media (feed, reels) and their counts"),
    mentions=(
        "自社の投稿へのコメント、タグ付けされた投稿、決めたハッシュタグの公開投稿(24 時間以内)",
        "Comments on your media, media in which you are tagged, public media with your hashtags (of the last 24 hours)",
    ),
    counts=(
        "表示、いいね、コメント、シェア、保存(ハッシュタグの投稿は、いいねとコメントだけ)",
        "views, likes, comments, shares, saves (media found by hashtag: likes and comments only)",
    ),
    steps=(
        Step(
            (
                "Instagram アカウントを「プロアカウント」(ビジネスかクリエイター)にし、Facebook ページとつなぎます。",
                "Make the Instagram account a professional one (business or creator) and connect it to a Facebook Page.",
            ),
            _FACEBOOK_LOGIN,
        ),
        Step(("Instagram アカウントを「プロアカウント」にします。", "Make the Instagram account a professional one."), _INSTAGRAM_LOGIN),
        Step(_APP),
        Step(_SYSTEM_USER, _FACEBOOK_LOGIN),
        Step(
            (
                "アプリの「Instagram > Instagram ログインによる API 設定」で自社のアカウントを足し、「トークンを生成」します"
                "(60 日。使っている間は Hibiki が更新します)。",
                "In the app, Instagram > API setup with Instagram login: add your account and generate a token"
                " (60 days; Hibiki renews it while it is in use).",
            ),
            _INSTAGRAM_LOGIN,
        ),
        Step(
            (
                "アカウントの ID(数字)を調べます:グラフ API エクスプローラで「me/accounts?fields=instagram_business_account」を実行します。",
                "Find the account's ID (a number): run “me/accounts?fields=instagram_business_account” in the Graph API Explorer.",
            ),
            _FACEBOOK_LOGIN,
        ),
        Step(
            (
                "アカウントの ID(数字)を調べます:「トークンを生成」の画面に、アカウント名と並んで出ています。",
                "Find the account's ID (a number): it stands beside the account's name where the token was generated.",
            ),
            _INSTAGRAM_LOGIN,
        ),
        Step(
            (
                "ハッシュタグを読むなら、アプリレビューで機能「Instagram Public Content Access」の承認を受けます。",
                "For hashtags the app needs the feature “Instagram Public Content Access” (App Review).",
            ),
            MENTIONS,
        ),
    ),
    permissions=(
        (
            "Facebook ログイン:instagram_basic、instagram_manage_insights、instagram_manage_comments、pages_read_engagement、pages_show_list",
            "Facebook login: instagram_basic, instagram_manage_insights, instagram_manage_comments, pages_read_engagement, pages_show_list",
        ),
        (
            "Instagram ログイン:instagram_business_basic、instagram_business_manage_insights、instagram_business_manage_comments",
            "Instagram login: instagram_business_basic, instagram_business_manage_insights, instagram_business_manage_comments",
        ),
    ),
    costs=_FREE,
    limits=(
        "ハッシュタグは 7 日間に 30 種類まで(Hibiki が数えます)。数字は最大 48 時間遅れます",
        "30 different hashtags in 7 days (Hibiki counts); figures are up to 48 hours late",
    ),
    terms=(
        f"{_DELETED[0]}ハッシュタグで見つけた投稿は確かめ直せないので、[retention.platform.instagram] で保存期間を決めてください",
        f"{_DELETED[1]}What a hashtag found cannot be looked up again: decide in [retention.platform.instagram] how long it is kept",
    ),
    cannot=(
        "ストーリーズ、DM、キャプションや他人のコメントでの @ メンション(Webhook だけ)、ハッシュタグ投稿の投稿者、リーチ",
        "Stories, messages, @mentions in captions or others' comments (webhook only), who wrote a hashtag's media, reach",
    ),
    asks=(
        Ask("login", ("トークンの種類(facebook / instagram)", "The kind of token (facebook / instagram)")),
        Ask("account", ("プロアカウントの ID(数字)", "The professional account's ID (a number)"), needed=True),
        Ask(
            "username",
            ("ユーザーネーム(@ の後ろ。自社の投稿を言及に数えないため)", "The user name (so that your own posts are no mentions)"),
        ),
        Ask(
            "hashtags",
            ("探すハッシュタグ(# なし、「,」区切り。なければ Enter)", "Hashtags to read, without #, separated by commas (Enter for none)"),
            only=Only(what="mentions", key="login", value="facebook"),
        ),
    ),
    secrets=(Secret("token_env", ("Instagram のアクセストークン", "Instagram access token"), "HIBIKI_INSTAGRAM_TOKEN"),),
    examples=(
        {"what": "own", "every": "1h", "account": "17841400000000000", "username": "yomori_tea"},
        {"what": "mentions", "every": "1h", "account": "17841400000000000", "username": "yomori_tea", "hashtags": ["ヨモリ"]},
    ),
)

FACEBOOK = Guide(
    title=("Facebook ページ", "Facebook Page"),
    line=("ページの投稿と、コメント・タグ付け", "A Page's posts; comments and tags"),
    own=("ページの投稿と、その反応の数", "The Page's posts and their counts"),
    mentions=("自社の投稿へのコメント、ページがタグ付けされた投稿", "Comments on your posts; posts in which the Page is tagged"),
    counts=("表示、リアクション、コメント、シェア", "views, reactions, comments, shares"),
    steps=(
        Step(_APP),
        Step(_SYSTEM_USER),
        Step(
            (
                "ページの ID(数字)を調べます:ページの「基本データ > ページの透明性」か、グラフ API エクスプローラの「me/accounts」で。",
                "Find the Page's ID (a number): About > Page transparency on the Page, or “me/accounts” in the Graph API Explorer.",
            )
        ),
    ),
    permissions=(
        ("pages_read_engagement、pages_read_user_content、read_insights", "pages_read_engagement, pages_read_user_content, read_insights"),
    ),
    costs=_FREE,
    limits=(
        "インサイトは「いいね！」100 人以上のページだけ。1 時間の回数はページの利用者数によります",
        "Insights need 100 likes of the Page; the requests an hour depend on how many people use it",
    ),
    terms=(
        f"{_DELETED[0]}コメントの本文は、その権限がある間だけ使えます",
        f"{_DELETED[1]}Comments may be used for as long as you hold the permission",
    ),
    cannot=(
        "タグ付けした人の名前、他のページやグループ、個人の投稿、ブランド名での検索",
        "Who tagged the Page, other Pages, groups and people's posts, search for the brand",
    ),
    asks=(Ask("account", ("ページの ID(数字)", "The Page's ID (a number)"), needed=True),),
    secrets=(Secret("token_env", ("ページのアクセストークン", "Page access token"), "HIBIKI_FACEBOOK_TOKEN"),),
    examples=(
        {"what": "own", "every": "1h", "account": "100000000000000"},
        {"what": "mentions", "every": "1h", "account": "100000000000000"},
    ),
)

THREADS = Guide(
    title=("Threads", "Threads"),
    line=("自社の投稿と、返信・メンション・検索", "Your own posts; replies, mentions and search"),
    own=("アカウントの投稿と返信、その反応の数", "The account's posts and replies and their counts"),
    mentions=("自社の投稿への返信、メンション、言葉とトピックの検索", "Replies to your posts, mentions, search for words and topics"),
    counts=(
        "自社の投稿:表示、いいね、返信、リポスト・引用・シェア。他人の投稿:なし",
        "own posts: views, likes, replies, reposts, quotes and shares; others': none",
    ),
    steps=(
        Step(
            (
                "developers.facebook.com(Meta for Developers)でアプリを作り、ユースケース「Threads API にアクセス」を選びます。",
                "Create an app at developers.facebook.com (Meta for Developers) with the use case “Access the Threads API”.",
            )
        ),
        Step(
            (
                "ユースケースの「カスタマイズ」で、下の権限を足します。",
                "Under Customize of the use case add the permissions below.",
            )
        ),
        Step(
            (
                "「アプリの役割」で自社のアカウントを Threads テスターにし、Threads の 設定 > アカウント > ウェブサイトのアクセス許可 で承認します。",
                "Make your account a Threads tester under App roles, and accept in Threads: Settings > Account > Website permissions.",
            )
        ),
        Step(
            (
                "ユースケースの「設定」にある「ユーザートークン生成ツール」で長期トークンを作ります(60 日。使っている間は Hibiki が更新します)。",
                "Make a long-lived token with the User Token Generator in the use case's settings (60 days; Hibiki renews it while it is in use).",
            )
        ),
        Step(
            (
                "他人の投稿の検索には、アプリレビューで threads_keyword_search の承認が要ります(それまでは自社の投稿だけが見つかります)。",
                "Search in others' posts needs threads_keyword_search approved by App Review (until then it finds your own posts only).",
            ),
            MENTIONS,
        ),
    ),
    permissions=(
        (
            "threads_basic、threads_manage_insights、threads_read_replies、threads_manage_mentions、threads_keyword_search",
            "threads_basic, threads_manage_insights, threads_read_replies, threads_manage_mentions, threads_keyword_search",
        ),
    ),
    costs=_FREE,
    limits=("検索は 24 時間に 2,200 回まで(Hibiki が数えます)", "2,200 searches in 24 hours (Hibiki counts)"),
    terms=(
        f"{_DELETED[0]}検索で見つけた投稿は確かめ直せないので、[retention.platform.threads] で保存期間を決めてください",
        f"{_DELETED[1]}What the search found cannot be looked up again: decide in [retention.platform.threads] how long it is kept",
    ),
    cannot=("他人の投稿の反応の数、非公開アカウント", "Counts of others' posts, private accounts"),
    asks=(
        Ask("username", ("自社のユーザーネーム(@ の後ろ)", "Your user name (what follows the @)")),
        Ask(
            "topics",
            ("探すトピック(# なし、「,」区切り。なければ Enter)", "Topics to read, without #, separated by commas (Enter for none)"),
            only=MENTIONS,
        ),
    ),
    secrets=(Secret("token_env", ("Threads の長期アクセストークン", "long-lived Threads token"), "HIBIKI_THREADS_TOKEN"),),
    examples=({"what": "own", "every": "1h", "username": "yomori_tea"}, {"what": "mentions", "every": "1h", "username": "yomori_tea"}),
)
