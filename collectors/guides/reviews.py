"""The guides to reviews: Google Business Profile, Google Play and the App Store."""

from __future__ import annotations

from collectors.guides.guide import Ask, Guide, Secret, Step

GOOGLEBUSINESS = Guide(
    title=("Google ビジネス プロフィール", "Google Business Profile"),
    line=("店舗の Google マップのレビューと星", "Reviews and stars of your places on Google Maps"),
    own=None,
    mentions=(
        "管理している店舗のレビュー(本文と星)、店舗の平均の星とレビュー数(KPI)",
        "Reviews of a place you manage (text and stars); its average and number (KPIs)",
    ),
    counts=("なし(星は本文の評価と別に残します)", "none (stars are kept beside our own score)"),
    steps=(
        Step(
            (
                "business.google.com で、店舗の管理者になっていることを確かめます(オーナー確認から 60 日以上)。",
                "Make sure at business.google.com that you manage the place (verified for 60 days or more).",
            )
        ),
        Step(
            (
                "console.cloud.google.com でプロジェクトを作り、Business Profile API の利用を申請します(Application for Basic API Access。数日〜2 週間)。",
                "Create a project at console.cloud.google.com and apply for the Business Profile APIs (Application for Basic API Access; days to weeks).",
            )
        ),
        Step(
            (
                "承認されたら「Google My Business API」と「My Business Account Management API」「My Business Business Information API」を有効にします。",
                "Once approved enable “Google My Business API”, “My Business Account Management API” and “My Business Business Information API”.",
            )
        ),
        Step(
            (
                "「Google Auth Platform」で「対象」を「本番環境」にし(テスト中だと 7 日で切れます)、「クライアント」で OAuth クライアント(ウェブ アプリケーション。"
                "リダイレクト URI に https://developers.google.com/oauthplayground)を作ります。",
                "Under Google Auth Platform publish the app (Audience: In production; tokens end after 7 days in testing), and make an OAuth client"
                " under Clients (web application, redirect URI https://developers.google.com/oauthplayground).",
            )
        ),
        Step(
            (
                "developers.google.com/oauthplayground の歯車で自分のクライアントを入れ、下のスコープで同意し、refresh token を控えます。",
                "At developers.google.com/oauthplayground use your own client (gear), consent to the scope below, and note the refresh token.",
            )
        ),
        Step(
            (
                "同じ画面で https://mybusinessaccountmanagement.googleapis.com/v1/accounts と"
                " https://mybusinessbusinessinformation.googleapis.com/v1/accounts/…/locations?readMask=name,title を読み、"
                "accounts/… と locations/… の番号を控えます。",
                "There, read https://mybusinessaccountmanagement.googleapis.com/v1/accounts and"
                " https://mybusinessbusinessinformation.googleapis.com/v1/accounts/…/locations?readMask=name,title for the numbers of"
                " accounts/… and locations/….",
            )
        ),
    ),
    permissions=(("https://www.googleapis.com/auth/business.manage", "https://www.googleapis.com/auth/business.manage"),),
    costs=("無料(利用の承認が要ります)", "free (Google must approve the access)"),
    limits=(
        "1 分に 300 回、1 回に 50 件。2 ページ目から漏れることがあります(読めた数を伝えます)",
        "300 requests a minute, 50 reviews each; later pages may leave some out (you are told)",
    ),
    terms=(
        "Google のコンテンツを 30 日より長く残さない決まりがあります。[retention.platform.googlebusiness] で保存期間を決めてください。消えたレビューは、こちらでも消します",
        "Google's content may not be cached for more than 30 days: decide in [retention.platform.googlebusiness] how long it is kept."
        " Reviews that are gone are deleted here",
    ),
    cannot=("管理していない店舗のレビュー、写真、返信の本文", "Reviews of places that you do not manage, photos, your replies"),
    asks=(Ask("location", ("店舗(accounts/番号/locations/番号)", "The place (accounts/number/locations/number)"), needed=True),),
    secrets=(
        Secret("client_id_env", ("OAuth クライアント ID", "OAuth client ID"), "HIBIKI_GOOGLE_CLIENT_ID"),
        Secret("client_secret_env", ("OAuth クライアント シークレット", "OAuth client secret"), "HIBIKI_GOOGLE_CLIENT_SECRET"),
        Secret("refresh_env", ("更新トークン(refresh token)", "refresh token"), "HIBIKI_GOOGLE_REFRESH_TOKEN"),
    ),
    examples=({"what": "mentions", "every": "6h", "location": "accounts/123456789/locations/987654321"},),
)

GOOGLEPLAY = Guide(
    title=("Google Play", "Google Play"),
    line=("自社アプリのレビューと星", "Reviews and stars of your app"),
    own=None,
    mentions=(
        "自社アプリの、この 7 日間に書かれた(書き直された)レビュー",
        "Your app's reviews that were written or changed in the last 7 days",
    ),
    counts=("「役に立った」の数(いいね)。星は別に残します", "thumbs up (as likes); stars are kept beside our own score"),
    steps=(
        Step(
            (
                "console.cloud.google.com のプロジェクトで「Google Play Android Developer API」を有効にします。",
                "Enable “Google Play Android Developer API” in a project at console.cloud.google.com.",
            )
        ),
        Step(
            (
                "「IAM と管理 > サービス アカウント」でアカウントを作り、「鍵 > 鍵を追加 > JSON」で鍵のファイルを落として、自分だけが読める所に置きます。",
                "Make an account under IAM & Admin > Service accounts; Keys > Add key > JSON gives a file: keep it where only you can read it.",
            )
        ),
        Step(
            (
                "play.google.com/console の「ユーザーと権限」で、サービス アカウントのメールアドレスを招待し、アプリに下の権限を付けます。",
                "Under Users and permissions at play.google.com/console invite the service account's address with the rights below for the app.",
            )
        ),
    ),
    permissions=(
        (
            "アプリ情報の閲覧(読み取り専用)、レビューへの返信。API のスコープは androidpublisher",
            "View app information (read-only), Reply to reviews; the API's scope is androidpublisher",
        ),
    ),
    costs=("無料", "free"),
    limits=("1 時間に 200 回(アプリごと)、過去 7 日まで", "200 requests an hour for an app; 7 days back"),
    terms=(
        "レビューは自社アプリのものだけ読めます。書き直されたレビューは、新しい本文に置き換わります",
        "Only your own app's reviews. A review that is changed replaces its old text",
    ),
    cannot=(
        "7 日より前のレビュー(欠測として記録します)、星だけのレビュー、消えたかどうか",
        "Reviews before the last 7 days (kept as a gap), stars without a text, whether one is gone",
    ),
    asks=(Ask("package", ("アプリのパッケージ名(例: jp.example.app)", "The app's package name, such as jp.example.app"), needed=True),),
    secrets=(
        Secret(
            "key_env",
            ("サービス アカウントの鍵(JSON)の場所", "Where the service account's key (JSON) is"),
            "HIBIKI_GOOGLE_PLAY_KEY_FILE",
            is_place=True,
        ),
    ),
    examples=({"what": "mentions", "every": "1h", "package": "jp.example.app"},),
)

APPSTORE = Guide(
    title=("App Store", "App Store"),
    line=("アプリのレビューと星(認証なし)", "An app's reviews and stars (no credentials)"),
    own=None,
    mentions=("1 つの国の App Store の、新しい 500 件までのレビュー", "The newest 500 reviews at most of one country's App Store"),
    counts=("投票の数(いいね)。星は別に残します", "votes (as likes); stars are kept beside our own score"),
    steps=(
        Step(
            (
                "apps.apple.com でアプリのページを開き、URL(…/id1234567890)を控えます。認証は要りません。",
                "Open the app's page at apps.apple.com and note its address (…/id1234567890). No credentials are needed.",
            )
        ),
    ),
    permissions=(("なし", "none"),),
    costs=("無料", "free"),
    limits=(
        "新しい 500 件(50 件 × 10 ページ)。出るまでに数時間から数日かかることがあります",
        "The newest 500 (10 pages of 50); a new one may take hours or days to appear",
    ),
    terms=("公開のフィードです。Apple は内容や間隔を約束していません", "A public feed; Apple promises neither its content nor its pace"),
    cannot=(
        "500 件より前のレビュー、星だけの評価、消えたかどうか",
        "Reviews beyond the newest 500, ratings without a text, whether one is gone",
    ),
    asks=(
        Ask("app", ("アプリの ID か URL", "The app's ID or address"), needed=True),
        Ask("country", ("どの国のストアか(例: jp、us)", "Which country's store (such as jp, us)")),
    ),
    examples=({"what": "mentions", "every": "6h", "app": "1234567890", "country": "jp"},),
)
