"""The guides to the open web: feeds and pages."""

from __future__ import annotations

from collectors.guides.guide import Ask, Guide, Step

FEED = Guide(
    title=("フィード(ブログ、ニュース、note、はてな)", "Feed (blogs, news, note, Hatena)"),
    line=("RSS・Atom のフィード(認証なし)", "RSS and Atom feeds (no credentials)"),
    own=("自社のブログやお知らせの記事", "Articles of your own blog or news"),
    mentions=("ブランド名を含む記事", "Articles that name the brand"),
    counts=("なし", "none"),
    steps=(
        Step(
            (
                "フィードの URL を調べます。note は note.com/ユーザー名/rss、はてなブログは ブログの URL/feed、"
                "はてなブックマークの検索は b.hatena.ne.jp/q/言葉?mode=rss、Misskey は サーバー/@名前.atom です。",
                "Find the feed's address: note.com/<user>/rss, <Hatena blog>/feed, b.hatena.ne.jp/q/<word>?mode=rss for Hatena Bookmark's"
                " search, <server>/@<name>.atom for Misskey.",
            )
        ),
    ),
    permissions=(("なし", "none"),),
    costs=("無料", "free"),
    limits=(
        "フィードに載っている新しい記事だけ(あふれた分は欠測として記録します)。変わったときだけ受け取ります(ETag)",
        "Only what the feed shows (what was pushed out becomes a gap); asked for only when it changed (ETag)",
    ),
    terms=(
        "note.com は /api/ を機械に許していないので、RSS だけを読みます。記事の本文はサイトの規約の範囲で使ってください",
        "note.com forbids machines its /api/: only its RSS is read. Use articles within the site's terms",
    ),
    cannot=("反応の数、フィードに載らない全文、過去の記事", "Counts, full texts that the feed leaves out, old articles"),
    asks=(
        Ask("url", ("フィードの URL", "The feed's address"), needed=True),
        Ask("platform", ("区分(feed / blog / news / note)", "What it is (feed / blog / news / note)")),
    ),
    examples=(
        {"what": "mentions", "every": "30m", "url": "https://example.com/feed.xml", "platform": "news"},
        {"what": "own", "every": "1h", "url": "https://note.com/yomori/rss", "platform": "note"},
    ),
)

WEBPAGE = Guide(
    title=("Web ページ", "Web page"),
    line=(
        "レビューや記事のページ(認証なし、robots.txt に従います)",
        "A page of reviews or articles (no credentials; robots.txt is obeyed)",
    ),
    own=("自社の記事のページ", "A page of your own articles"),
    mentions=("ページのレビュー、コメント、記事", "The page's reviews, comments, articles"),
    counts=("ページが機械向けに書いている数。星は別に残します", "what the page says for machines; stars are kept beside our own score"),
    steps=(
        Step(
            (
                "サイトの利用規約が、機械での読み取りを禁じていないかを確かめます。禁じているサイト(価格.com、Yahoo!知恵袋など)は、"
                "許された方法で集めた CSV を `hibiki import` で取り込んでください。",
                "Make sure that the site's terms do not forbid reading by machines. For sites that do (Kakaku.com, Yahoo! Chiebukuro), import a"
                " CSV that you may use with `hibiki import`.",
            )
        ),
        Step(
            (
                "レビューのページなら、新しい順に並べた URL を控えます。",
                "Note the page's address; of reviews, the one sorted by the newest.",
            )
        ),
        Step(
            (
                "ページに構造化データ(schema.org)がなければ、1 件分の要素の CSS セレクター(item、text、author、time、stars)を hibiki.toml に書き足します。",
                "Where the page has no structured data (schema.org), add CSS selectors (item, text, author, time, stars) to hibiki.toml.",
            )
        ),
    ),
    permissions=(("なし", "none"),),
    costs=("無料", "free"),
    limits=(
        "1 回に 10 ページまで、ページの間は 1 秒以上(robots.txt の Crawl-delay に従います)。公開の http(s) だけ",
        "10 pages each time, at least 1 second apart (robots.txt's crawl-delay is kept); public http(s) only",
    ),
    terms=(
        "robots.txt と noai に従います。ページから消えたものが消えたかは分からないので、[retention.platform.web] で保存期間を決めてください",
        "robots.txt and noai are obeyed. Whether something was deleted is not known: decide in [retention.platform.web] how long it is kept",
    ),
    cannot=("ログインの要るページ、JavaScript で後から描かれる内容", "Pages behind a login, what JavaScript draws later"),
    asks=(
        Ask("url", ("ページの URL", "The page's address"), needed=True),
        Ask("platform", ("区分(web / news / review)", "What it is (web / news / review)")),
        Ask(
            "item",
            (
                "1 件分の要素の CSS セレクター(構造化データがあれば Enter)",
                "CSS selector of one item (Enter where the page has structured data)",
            ),
        ),
        Ask(
            "next", ("次のページへのリンクの CSS セレクター(なければ Enter)", "CSS selector of the link to the next page (Enter for none)")
        ),
    ),
    examples=(
        {
            "what": "mentions",
            "every": "6h",
            "url": "https://example.com/items/7/reviews?sort=new",
            "platform": "review",
            "next": "a[rel=next]",
        },
    ),
)
