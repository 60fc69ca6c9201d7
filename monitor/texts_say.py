"""What the commands say while they work and when something is wrong: key -> (Japanese, English)."""

from __future__ import annotations

SAY: dict[str, tuple[str, str]] = {
    # errors
    "error.language": ("言語 {value} は使えません。ja か en にしてください", "There is no language {value}; use ja or en"),
    "error.interrupted": ("中断しました", "Interrupted"),
    "error.usage_hint": ("使い方: {command} --help", "Help: {command} --help"),
    "error.os": ("{what} を扱えません: {reason}", "{what}: {reason}"),
    "error.unexpected": (
        "思いがけないエラーです({kind}: {reason})。--debug を付けると詳しい経過が出ます",
        "An unexpected error ({kind}: {reason}). --debug shows where",
    ),
    "usage.missing": ("{name} を指定してください", "{name} is missing"),
    "usage.no_option": ("オプション {name} はありません", "There is no option {name}"),
    "usage.bad_value": ("{name} の値が正しくありません: {message}", "{name} has a wrong value: {message}"),
    "usage.no_command": ("コマンド {name} はありません", "There is no command {name}"),
    "usage.other": ("使い方が正しくありません: {message}", "Wrong usage: {message}"),
    "usage.no_source": ("情報源 {name} はありません。あるのは {known} です", "There is no source {name}; there are {known}"),
    "usage.no_brand": ("ブランド {name} はありません。あるのは {known} です", "There is no brand {name}; there are {known}"),
    "usage.which_brand": ("--brand でブランドを指定してください({known})", "Name the brand with --brand ({known})"),
    "usage.format": ("--format は table、csv、json のどれかにしてください", "--format must be table, csv or json"),
    "usage.text_or_jsonl": ("文章を指定するか、--jsonl を付けてください", "Give a text, or --jsonl"),
    "settings.no_sources": (
        "{file} に情報源([[source]])がありません。書き足すか、`hibiki import` でファイルを取り込んでください",
        "{file} has no [[source]]. Add one, or import files with `hibiki import`",
    ),
    # round
    "round.bug": ("記録は {file} にあります。Hibiki の不具合かもしれません", "The log is in {file}. This may be a bug of Hibiki"),
    "round.busy": ("しばらくして自動的にやり直します", "It is tried again by itself later"),
    "round.format": (
        "サービスの応答が変わったようです。読めなかったものは控えてあります。Hibiki を新しくしてみてください",
        "The service seems to have changed its answers. What could not be read was kept; try a newer Hibiki",
    ),
    # scoring
    "scoring.died": ("評価の処理が終わってしまいました{reason}", "The scoring process ended{reason}"),
    "scoring.failed": ("評価モデルを読み込めません: {reason}", "The model cannot be loaded: {reason}"),
    "scoring.advice": (
        "`hibiki train` でモデルを作り直してください。収集は続いています",
        "Train the model again with `hibiki train`. Collecting goes on",
    ),
    # words in tables
    "word.source": ("情報源", "Source"),
    "word.platform": ("媒体", "Platform"),
    "word.outcome": ("結果", "Outcome"),
    "word.posts": ("投稿", "Posts"),
    "word.metrics": ("反応の記録", "Counts"),
    "word.rejects": ("読めず", "Unreadable"),
    "word.posts_day": ("24時間の投稿", "Posts in 24 h"),
    "word.message": ("メモ", "Note"),
    "word.last_success": ("最後の成功", "Last success"),
    "word.gaps": ("欠測", "Gaps"),
    "word.file": ("ファイル", "File"),
    "word.rows": ("行", "Rows"),
    "outcome.ok": ("成功", "ok"),
    "outcome.skipped": ("見送り", "skipped"),
    "outcome.busy": ("混雑", "busy"),
    "outcome.access": ("読めない", "no access"),
    "outcome.format": ("形式の変化", "unreadable"),
    "outcome.error": ("エラー", "error"),
    # check
    "check.settings": (
        "設定 {file}: ブランド {brands} 件、情報源 {sources} 件、施策 {campaigns} 件。問題ありません",
        "Settings {file}: {brands} brands, {sources} sources, {campaigns} campaigns. All right",
    ),
    "check.env_open": (
        "{file} をほかの人も読めます。`chmod 600 {file}` で自分だけにしてください",
        "{file} can be read by others. Keep it to yourself: `chmod 600 {file}`",
    ),
    "check.trying": ("情報源を試しています", "Trying the sources"),
    "check.busy": (
        "ネットワークと URL を確かめ、少し待ってもう一度試してください",
        "Check the network and the URL, wait a little and try again",
    ),
    "check.busy_until": (
        "{time}(日本時間)を過ぎてから、もう一度試してください。設定は直さなくてかまいません",
        "Try again after {time} (Asia/Tokyo). The settings need no change",
    ),
    "check.limited": (
        "いつまでかは伝えられていません。15 分ほど待ってもう一度試してください。続くなら every を長くしてください",
        "It did not say until when. Wait about 15 minutes and try again; if it goes on, make every longer",
    ),
    "check.advice": ("→ {advice}", "→ {advice}"),
    "check.all_well": ("すべて読めました。`hibiki up` で始められます", "All can be read. Begin with `hibiki up`"),
    "check.some_fail": ("{failed} 件の情報源を読めませんでした", "{failed} sources could not be read"),
    # collect
    "collect.collecting": ("集めています", "Collecting"),
    "collect.ingesting": ("取り込んでいます", "Ingesting"),
    "collect.scoring": ("評価しています", "Scoring"),
    "collect.publishing": ("公開しています", "Publishing"),
    "collect.done": (
        "{sources} 件の情報源から、新しい投稿 {posts} 件、反応の記録 {metrics} 件を取り込み、{scored} 件を評価しました",
        "From {sources} sources: {posts} new posts, {metrics} new counts; {scored} mentions scored",
    ),
    "import.run": ("{file}(読めなかった行 {rejects})", "{file} ({rejects} rows could not be read)"),
    "collect.landed": (
        "別の hibiki(PID {pid})が動いているので、受け箱に置きました。取り込みと評価はそちらが続けます",
        "Another hibiki (PID {pid}) is running: what came is in its inbox, and it will ingest and score it",
    ),
    "collect.some_fail": (
        "{failed} 件の情報源を読めませんでした(ほかは取り込みました)",
        "{failed} sources could not be read (the others went in)",
    ),
    # run and up
    "run.started": ("始めました({home})。Ctrl-C で止まります", "Started ({home}). Ctrl-C stops it"),
    "run.round": (
        "{time} 収集 {ok}/{sources} 情報源、投稿 {posts} 件、反応の記録 {metrics} 件",
        "{time} collected {ok}/{sources} sources, {posts} posts, {metrics} counts",
    ),
    "run.trouble": ("{time} {source}: {message} → {advice}", "{time} {source}: {message} → {advice}"),
    "run.stopped": ("止まりました", "Stopped"),
    "up.demo": (
        "hibiki.toml がないので、架空のブランドのデモを動かします({home})。\n"
        "自社のブランドを見るには、Ctrl-C で止めて `hibiki init` を実行し、もう一度 `hibiki up` としてください。",
        "There is no hibiki.toml, so this is the demo with invented brands ({home}).\n"
        "To watch your own brand, stop it with Ctrl-C, run `hibiki init`, then `hibiki up` again.",
    ),
    "up.writing_demo": ("デモのデータを作っています", "Writing the demo's data"),
    "up.port_taken": ("ポート {taken} は使用中なので、{port} を使います", "Port {taken} is taken; using {port}"),
    "up.no_port": (
        "ポート {first}〜{last} がすべて使用中です。--port でほかの番号を指定してください",
        "The ports {first} to {last} are all taken. Name another with --port",
    ),
    "up.look": ("ダッシュボード: {url}  (Ctrl-C で止まります)", "Dashboard: {url}  (Ctrl-C stops it)"),
    "up.child_ended": (
        "{what}が終わってしまいました(終了コード {code})。{log} を見てください",
        "{what} ended (exit code {code}). See {log}",
    ),
    "up.child_again": (
        "{what}が止まったので、もう一度始めます(終了コード {code}、記録は {log})",
        "{what} ended and is started again (exit code {code}, log in {log})",
    ),
    "up.not_ready": (
        "ダッシュボードが {seconds} 秒たっても応答しません。{log} を見てください",
        "The dashboard did not answer within {seconds} s. See {log}",
    ),
    "up.service": ("収集の処理", "The service"),
    "up.dashboard": ("ダッシュボード", "The dashboard"),
    "up.demo_server": ("デモのサーバー", "The demo's server"),
    "up.stopping": ("止めています…", "Stopping…"),
    # import
    "import.preview": ("{file}: {what}、{rows} 行(読めない行 {rejects})", "{file}: {what}, {rows} rows ({rejects} unreadable)"),
    "import.period": ("  期間: {first} 〜 {last}", "  from {first} to {last}"),
    "import.columns": ("  使う列: {columns}", "  columns used: {columns}"),
    "import.ignored": ("  使わない列: {columns}", "  columns not used: {columns}"),
    "import.more_rejects": ("  ほか {count} 行", "  and {count} more"),
    "import.rejected": (
        "  読めない {count} 行は控えてあります(ほかの行は取り込みます)",
        "  the {count} unreadable rows are kept aside; the others go in",
    ),
    "import.would_reject": (
        "  読めない {count} 行は除き、ほかの行を取り込めます(まだ何も取り込んでいません)",
        "  {count} rows cannot be read; the others can be imported (nothing was imported yet)",
    ),
    "import.nothing": (
        "{file}: 1 行も読めませんでした。上の理由を見て、書き出し直すか値を直してください",
        "{file}: not one row could be read. See the reasons above; export it again or mend the values",
    ),
    "import.no_moment": (
        "--observed-at の「{value}」は日時ではありません。2026-11-20 か 2026-11-20T09:00 のように書いてください(日本時間)",
        '--observed-at "{value}" is no time. Write 2026-11-20 or 2026-11-20T09:00 (Asia/Tokyo)',
    ),
    "import.future": (
        "--observed-at の「{value}」はまだ来ていません。数を見た日時を書いてください",
        '--observed-at "{value}" is in the future. Write when the counts were seen',
    ),
    "import.known": (
        "{file} は {time} に取り込み済みです(もう一度取り込むには --again)",
        "{file} was imported already, on {time} (--again imports it once more)",
    ),
    "import.no_table": (
        "--table {name} という表は設定にありません([[table]] の name は {known})",
        "there is no [[table]] named {name} in the settings (there are {known})",
    ),
    "import.no_tables": ("--table を使うには、hibiki.toml に [[table]] を書いてください", "--table needs a [[table]] in hibiki.toml"),
    "import.failed": ("{count} 件のファイルを読めませんでした", "{count} files could not be read"),
    "import.done": (
        "新しい投稿 {posts} 件、反応の記録 {metrics} 件、アンケート回答 {answers} 件、指標 {kpis} 件を取り込み、{scored} 件を評価しました",
        "{posts} new posts, {metrics} new counts, {answers} new survey answers, {kpis} new KPI figures; {scored} mentions scored",
    ),
    # score
    "score.sentiment": ("感情: {label}", "Sentiment: {label}"),
    "score.unsure": ("(自信なし)", " (unsure)"),
    "score.stance": ("立場: {label}", "Stance: {label}"),
    "score.type": ("種類: {label}", "Type: {label}"),
    "score.words": ("決め手になった語", "Words that decided"),
    "score.no_words": ("決め手になった語はありません", "No word decided"),
    "score.bad_line": ("{line}行目: {reason}", "line {line}: {reason}"),
    "score.not_json": ("JSON ではありません", "not JSON"),
    "score.no_text": ('{"id": …, "text": "…"} の形ではありません', 'not {"id": …, "text": "…"}'),
    "score.not_utf8": ("UTF-8 ではありません", "not UTF-8"),
    "sentiment.positive": ("肯定的", "positive"),
    "sentiment.neutral": ("中立", "neutral"),
    "sentiment.negative": ("否定的", "negative"),
    "sentiment.unscored": ("評価できません(日本語が見つかりません)", "unscored (no Japanese found)"),
    "stance.promoter": ("推奨", "promoter"),
    "stance.critic": ("批判", "critic"),
    "stance.request": ("要望", "request"),
    "stance.none": ("どれでもない", "none"),
    "type.personal": ("個人の投稿", "personal"),
    "type.news": ("ニュース", "news"),
    "type.campaign_entry": ("キャンペーン応募", "campaign entry"),
    "type.advertisement": ("広告", "advertisement"),
    "type.official": ("公式", "official"),
    "type.spam": ("迷惑投稿", "spam"),
    # sql, status
    "sql.failed": ("問い合わせに失敗しました: {reason}", "The query failed: {reason}"),
    "sql.rows": ("{rows} 行", "{rows} rows"),
    "status.home": ("フォルダー: {home}", "Home: {home}"),
    "status.running": ("動作中(PID {pid}、{phase})", "Running (PID {pid}, {phase})"),
    "status.not_running": ("停止中", "Not running"),
    "status.published": ("公開データ: {time}({size})", "Published: {time} ({size})"),
    "status.sizes": (
        "データベース {database}、受け箱 {inbox} 件、控え {aside} 件",
        "Database {database}, inbox {inbox} files, aside {aside} files",
    ),
    "status.counts": (
        "投稿 {posts}、言及 {mentions}、反応の記録 {metrics}、評価 {scores}",
        "{posts} posts, {mentions} mentions, {metrics} observations, {scores} scores",
    ),
    "status.model": ("評価モデル: {model}", "Model: {model}"),
    "status.no_model": ("まだ評価していません", "nothing scored yet"),
    "status.never": ("まだありません", "never"),
    "phase.starting": ("準備中", "starting"),
    "phase.collecting": ("収集中", "collecting"),
    "phase.ingesting": ("取り込み中", "ingesting"),
    "phase.scoring": ("評価中", "scoring"),
    "phase.publishing": ("公開中", "publishing"),
    "phase.waiting": ("待機中", "waiting"),
    "phase.stopped": ("停止", "stopped"),
    # demo, train, keep
    "demo.exists": (
        "{dir} には別のものがあります。空のフォルダーか、前に作ったデモを指定してください(--force で置き換え)",
        "{dir} holds something else. Name an empty folder or an earlier demo (--force replaces it)",
    ),
    "demo.written": (
        "デモを {dir} に作りました。`hibiki --home {dir} up` で動きます",
        "Wrote the demo into {dir}. Start it with `hibiki --home {dir} up`",
    ),
    "train.training": ("学習しています", "Training"),
    "train.done": ("学習しました: {model}。次の評価から使います", "Trained: {model}. It is used from the next scoring on"),
    "keep.backed_up": ("{dir} に控えました", "Backed up into {dir}"),
    "keep.restored": ("{dir} から戻しました", "Restored from {dir}"),
    "keep.confirm_restore": ("今のデータ {file} を控えの内容に置き換えます。よろしいですか?", "This replaces the data in {file}. Go on?"),
    "keep.old_kept": ("前のデータは {file} に残してあります", "The data before that is in {file}"),
    "error.no_data": (
        "{home} にはまだデータがありません。`hibiki up` か `hibiki collect` を一度実行してください",
        "There is no data in {home} yet. Run `hibiki up` or `hibiki collect` once",
    ),
    "keep.compacted": ("詰め直しました: {before} → {after}", "Compacted: {before} → {after}"),
    "keep.forgot": ("{count} 件の投稿から本文と名前を消しました", "Erased the text and name of {count} posts"),
    "keep.cancelled": ("やめました", "Nothing was done"),
}
