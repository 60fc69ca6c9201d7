"""What `hibiki init` asks, and the comments of the file it writes: key -> (Japanese, English)."""

from __future__ import annotations

INIT: dict[str, tuple[str, str]] = {
    "init.hello": (
        "いくつか質問します。あとから hibiki.toml を直せば変えられます。Enter で [ ] の中の答えになります。",
        "A few questions; everything can be changed in hibiki.toml later. Enter takes the answer in [ ].",
    ),
    "init.exists": ("{file} はもうあります。置き換えますか?", "{file} is there already. Replace it?"),
    "init.kept": (
        "{file} はもうあるので、そのままにしました(置き換えるには --force)",
        "{file} is there already and was left as it is (--force replaces it)",
    ),
    "init.ask_brand": ("見守るブランドの名前(例: ソラト)", "The brand to watch (such as Solato)"),
    "init.ask_id": ("ブランドの id(英数字と - _)", "The brand's id (letters, digits, - and _)"),
    "init.ask_aliases": (
        "ほかの書き方(例: Solato, そらと。「,」で区切る。なければ Enter)",
        "Other spellings, separated by commas (Enter for none)",
    ),
    "init.ask_must_not": (
        "同じ綴りで別のものを指す語(この語があれば除く。例: ソラトブ。「,」区切り)",
        "Words that mean something else (posts with them are left out), separated by commas",
    ),
    "init.ask_competitors": (
        "比べたい競合ブランド(「,」区切り。なければ Enter)",
        "Competitors to compare with, separated by commas (Enter for none)",
    ),
    "init.ask_feeds": (
        "ブログやニュースのフィードの URL(「,」区切り。なければ Enter)",
        "URLs of feeds (blogs, news), separated by commas (Enter for none)",
    ),
    "init.ask_bluesky": (
        "自社の Bluesky のハンドル(例: solato.bsky.social。なければ Enter)",
        "Your Bluesky handle, such as solato.bsky.social (Enter for none)",
    ),
    "init.ask_search": (
        "Bluesky でブランド名を検索しますか?(アプリパスワードが必要です)",
        "Search Bluesky for the brand? (needs an app password)",
    ),
    "init.ask_searcher": ("検索に使う Bluesky のアカウント(ハンドル)", "The Bluesky account (handle) that searches"),
    "init.need_brand": ("ブランドの名前を --brand で指定してください", "Name the brand with --brand"),
    "init.no_name": ("ブランドの名前が空です", "The brand's name is empty"),
    "init.bad_id": (
        "id「{value}」は使えません。{right}(例: {near})",
        'The id "{value}" cannot be used: it {right} (such as {near})',
    ),
    "init.bad_url": ("フィード「{value}」は使えません。{right}", 'The feed "{value}" cannot be used: it {right}'),
    "init.refused": (
        "この答えでは正しい設定になりません。何も書いていません: {problems}",
        "These answers make no settings that can be read; nothing was written: {problems}",
    ),
    "init.written": ("{file} を書きました", "Wrote {file}"),
    "init.next_secret": (
        "次に、.env.example を .env に写して {names} を書き入れてください",
        "Next, copy .env.example to .env and fill in {names}",
    ),
    "init.next_source": (
        "X・Instagram・YouTube・LINE・レビューなどは `hibiki source add` で足せます(用意するものから案内します)",
        "Add X, Instagram, YouTube, LINE, reviews and more with `hibiki source add` (it begins with what to prepare)",
    ),
    "init.next": ("`hibiki check` で確かめ、`hibiki up` で始めます", "Now try `hibiki check`, then `hibiki up`"),
    # comments in hibiki.toml
    "toml.head": (
        "# Hibiki の設定。直したら `hibiki check` で確かめてください。\n# トークンやパスワードはここには書かず、.env に置きます(.env.example を見てください)。",
        "# Hibiki's settings. After a change, try `hibiki check`.\n# Tokens and passwords do not belong here but in .env (see .env.example).",
    ),
    "toml.language": ("ダッシュボードの言語: ja か en", "the dashboard's language: ja or en"),
    "toml.keep_authors": (
        "投稿者の ID と名前をそのまま残すか(false なら鍵つきのハッシュだけを残す)",
        "keep authors' ids and names as they are (false: only a keyed hash)",
    ),
    "toml.refresh_days": (
        "この日数より新しい投稿は、反応の数を取り直す",
        "the counts of posts younger than this many days are looked up again",
    ),
    "toml.since_days": ("はじめて集めるとき、何日前までさかのぼるか", "how many days the first round reaches back"),
    "toml.publish_every": (
        "公開データベースを作り直す間隔(これより頻繁には作らない)",
        "the published database is renewed at most this often",
    ),
    "toml.brand": (
        '# 見守るブランド。自社は role = "own"、比べる相手は "competitor"。',
        '# The brands to watch: role = "own" for yours, "competitor" for those you compare with.',
    ),
    "toml.aliases": ("ほかの書き方", "other spellings"),
    "toml.must_not": ("別のものを指す語(この語を含む投稿は除く)", "words that mean something else (posts with them are left out)"),
    "toml.source": (
        '# 情報源。what = "own" は自社の投稿、"mentions" はブランドについての投稿。every は集める間隔。\n# 足すときは `hibiki source add` が案内します。',
        '# The sources: what = "own" for the brand\'s own posts, "mentions" for posts about it; every is how often.\n# `hibiki source add` leads you through adding one.',
    ),
    "toml.source_example": ("# 例(先頭の # を取ると有効になります):", "# An example (take the # away to use it):"),
    "toml.campaign": ("# 施策(キャンペーン)。期間の前後を比べられます。", "# Campaigns: before and after can be compared."),
    "toml.goal": ("# 目標。エンゲージメント率は割合で書きます(0.05 = 5%)。", "# Goals. Rates are fractions (0.05 is 5%)."),
    "toml.retention": (
        "# 保存期間(日)。書かなければずっと残します。",
        "# For how many days things are kept; for ever where nothing is written.",
    ),
    "toml.dashboard": ("# ダッシュボード", "# The dashboard"),
    "env.head": (
        "# このファイルを .env に写して、= の右に値を書いてください。.env は人に渡さないでください。",
        "# Copy this file to .env and write the values after the =. Do not give .env to anybody.",
    ),
    "env.bluesky": (
        "# Bluesky の検索用。Bluesky の 設定 > アプリパスワード で作ったもの(ログインのパスワードではありません)",
        "# For Bluesky search: made in Bluesky's Settings > App passwords (not the password that you log in with)",
    ),
}
