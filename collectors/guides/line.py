"""The guide to LINE Official Account."""

from __future__ import annotations

from collectors.guides.guide import Ask, Guide, Secret, Step

LINE = Guide(
    title=("LINE 公式アカウント", "LINE Official Account"),
    line=("友だちの数、配信の数、配信ごとの開封とクリック", "Followers, deliveries, and each message's opens and clicks"),
    own=(
        "1 日ごとの友だち・配信の数(KPI)、リクエスト ID を書いた配信の開封とクリック",
        "Followers and deliveries of each day (KPIs); opens and clicks of messages whose request ID you list",
    ),
    mentions=None,
    counts=("開封した人の数(表示)、クリックした人の数(共有の欄)", "people who opened (as views), people who clicked (as shares)"),
    steps=(
        Step(
            (
                "manager.line.biz(LINE Official Account Manager)の「設定 > Messaging API」で「Messaging API を利用する」を押し、プロバイダーを選びます。",
                "At manager.line.biz (LINE Official Account Manager), Settings > Messaging API, enable the Messaging API and choose a provider.",
            )
        ),
        Step(
            (
                "developers.line.biz(LINE Developers コンソール)でそのチャネルを開き、「Messaging API 設定」の一番下で"
                "「チャネルアクセストークン(長期)」を発行します。期限はありません。",
                "Open the channel at developers.line.biz (LINE Developers Console) and issue a long-lived channel access token at the bottom of"
                " Messaging API. It does not expire.",
            )
        ),
        Step(
            (
                "(任意)配信ごとの開封とクリックも見るなら、配信したときの X-Line-Request-Id を控え、hibiki.toml の messages に書き足します。",
                "(Optional) For the opens and clicks of each message note its X-Line-Request-Id and add it to messages in hibiki.toml.",
            )
        ),
    ),
    permissions=(
        ("チャネルアクセストークン(長期)。権限を選ぶ所はありません", "A long-lived channel access token; there are no scopes to choose"),
    ),
    costs=("無料(配信そのものの料金は別)", "free (sending messages is charged apart)"),
    limits=(
        "1 時間に 60 回(エンドポイントごと)。集計は翌日(できていなければ、あとで読み直します)。開封とクリックは配信から 14 日間",
        "60 requests an hour (each endpoint); figures come the next day (what is not ready is read later); opens and clicks for 14 days",
    ),
    terms=(
        "20 人未満の数は LINE が伏せます(不明のまま残し、0 にはしません)",
        "LINE keeps figures of fewer than 20 people back (unknown, not 0)",
    ),
    cannot=(
        "トークの内容、友だちの名前、LINE VOOM、管理画面から送った配信ごとの数(リクエスト ID がないもの)",
        "Chats, friends' names, LINE VOOM, figures of messages sent from the manager (they have no request ID)",
    ),
    asks=(Ask("account", ("アカウントの名前(見分けるため。なければ Enter)", "The account's name, to tell it apart (Enter for none)")),),
    secrets=(Secret("token_env", ("チャネルアクセストークン", "channel access token"), "HIBIKI_LINE_TOKEN"),),
    examples=({"what": "own", "every": "6h", "account": "ヨモリのお茶"},),
)
