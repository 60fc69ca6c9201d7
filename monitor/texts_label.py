"""What `hibiki label` and `hibiki train --brand` say: key -> (Japanese, English)."""

from __future__ import annotations

LABEL: dict[str, tuple[str, str]] = {
    # train
    "train.no_labels": (
        "{brand} にはまだ学習に使えるラベルがありません。ダッシュボードの「ラベル付け」か `hibiki label --brand {brand}` で付けてください",
        "{brand} has no labels to learn from yet. Make some on the dashboard's labelling page or with `hibiki label --brand {brand}`",
    ),
    "train.labels": (
        "{brand}: 学習に {learn} 件、評価だけに {held} 件のラベルを使います",
        "{brand}: {learn} labels to learn from, {held} to measure with only",
    ),
    "train.head": (
        "  {head}: 正解率 {before} → {after} (差 {gain})、マクロ F1 {f1_before} → {f1_after}、{n} 件",
        "  {head}: accuracy {before} → {after} (difference {gain}), macro-F1 {f1_before} → {f1_after}, {n} posts",
    ),
    "train.head.sentiment": ("感情", "sentiment"),
    "train.head.stance": ("立場", "stance"),
    "train.verdict.better": (
        "{brand}: 新しいモデルのほうが良いので、切り替えました({version})。これまでの言及も順に評価し直します",
        "{brand}: the new model is better and is in use now ({version}). Earlier mentions are scored anew in the background",
    ),
    "train.verdict.likely": (
        "{brand}: 正解率は落ちず、確率がより正しくなった(見込み {likely})ので、切り替えました({version})。戻すには `hibiki train --brand {brand} --back`",
        "{brand}: accuracy does not fall and the probabilities are better (in {likely} of draws), so the new model is in use now ({version}). `hibiki train --brand {brand} --back` goes back",
    ),
    "train.verdict.unclear": (
        "{brand}: 良くなったとは言えないので、今のモデルを使い続けます。ラベルを増やしてから、もう一度試してください",
        "{brand}: it cannot be said to be better, so the model in use stays. Try again with more labels",
    ),
    "train.verdict.worse": (
        "{brand}: 新しいモデルは悪くなったので使いません。今のモデルを使い続けます",
        "{brand}: the new model is worse and is not used; the one in use stays",
    ),
    "train.verdict.f1": (
        "{brand}: 少ないほうの分類を見落としやすくなったので使いません。今のモデルを使い続けます",
        "{brand}: the new model misses the rarer classes more often and is not used; the one in use stays",
    ),
    "train.verdict.few": (
        "{brand}: 比べるための評価用ラベルが足りないので、今のモデルを使い続けます(ラベル付けを続けると、3 割が評価用にたまります)",
        "{brand}: too few labels to measure with, so the model in use stays (three in ten of the labels you go on making are for that)",
    ),
    "train.verdict.same": (
        "{brand}: ラベルから学んでも今のモデルと変わりません",
        "{brand}: learning from the labels changes nothing in the model in use",
    ),
    "train.back": (
        "{brand}: 前のモデル({version})に戻しました。言及を順に評価し直します",
        "{brand}: the model before ({version}) is in use again. Mentions are scored anew in the background",
    ),
    "train.no_back": ("{brand} には戻せる前のモデルがありません", "{brand} has no earlier model to go back to"),
    "train.shipped": ("同梱のモデル", "the shipped model"),
    "train.next_run": (
        "評価し直すのは、次に `hibiki up` か `hibiki collect` を実行したときです",
        "They are scored anew the next time `hibiki up` or `hibiki collect` runs",
    ),
    "usage.train_either": (
        "--brand / --back と --corpus / --out / --shipped は一緒に使えません",
        "--brand or --back, or --corpus, --out or --shipped",
    ),
    "usage.back_brand": ("--back にはブランドを --brand で指定してください({known})", "--back needs --brand ({known})"),
    # label
    "label.begin": (
        "{name}: ラベル {labels} 件(学習 {learn}・評価 {held})。続きから始めます",
        "{name}: {labels} labels so far ({learn} to learn from, {held} to measure with). Going on from there",
    ),
    "label.keys": (
        "感情 p:好意的 u:中立 n:否定的 → 立場 p:推奨 c:批判 r:要望 o:なし(Enter:言わない)\n"
        "x:このブランドの話ではない  s:とばす  b:1 つ戻す  w:モデルの見方  q:終わる",
        "Sentiment p:positive u:neutral n:negative, then stance p:promoter c:critic r:request o:none (Enter: leave open)\n"
        "x: not about this brand  s: skip  b: back  w: what the model sees  q: end",
    ),
    "label.why.random": ("無作為に選んだ投稿", "drawn by lot"),
    "label.why.asked": ("モデルが迷っている投稿", "the model is not sure"),
    "label.ask": ("感情 > ", "sentiment > "),
    "label.ask_stance": ("立場 > ", "stance > "),
    "label.model": ("モデル: {sentiment} {share}、{stance}", "model: {sentiment} {share}, {stance}"),
    "label.words": ("  効いた言葉: {words}", "  words: {words}"),
    "label.taken_back": ("1 つ前のラベルを取り消しました", "Took the last label back"),
    "label.nothing_back": ("戻せるラベルがありません", "There is nothing to take back"),
    "label.unknown_key": ("そのキーは使えません", "There is no such key"),
    "label.none_left": (
        "いま尋ねる投稿はありません。新しい言及が評価されると増えます",
        "There is nothing to ask about now. More comes as mentions are scored",
    ),
    "label.done": (
        "{count} 件のラベルを付けました。`hibiki train --brand {brand}` で学習できます",
        "{count} labels made. `hibiki train --brand {brand}` learns from them",
    ),
    "label.imported": ("{file}: {count} 件のラベルを取り込みました", "{file}: {count} labels taken in"),
    "label.import_failed": (
        "{count} 行を取り込めませんでした(ほかは取り込みました)",
        "{count} lines could not be taken in (the others were)",
    ),
    "label.bad_line": ("{file}:{line}: {reason}", "{file}:{line}: {reason}"),
    "label.no_object": ("JSON のオブジェクトではありません", "not a JSON object"),
    "label.empty": ("ラベルがありません(sentiment、stance、relevant のどれか)", "no label (sentiment, stance or relevant)"),
    "label.unknown_post": (
        "このブランドの言及に見つかりません(post_key、platform と native_id、url のどれかで指します)",
        "no such mention of this brand (named by post_key, platform and native_id, or url)",
    ),
    "label.bad_value": ("値が正しくありません: {reason}", "wrong value: {reason}"),
    "label.exported": ("{file} に {count} 件を書き出しました", "{count} written to {file}"),
    "usage.label_one": ("--jsonl、--export、--ask は 1 つだけ指定してください", "Only one of --jsonl, --export and --ask"),
    # help
    "help.label": ("言及の感情と立場に、人の目でラベルを付ける", "Label mentions: what they feel, where they stand"),
    "example.label": ("hibiki label --brand mybrand", "hibiki label --brand mybrand"),
    "option.label_brand": ("どのブランドの言及か(ブランドが 1 つなら省略可)", "whose mentions (may be left out with one own brand)"),
    "option.label_name": ("記録に残す名前(既定: ログイン名)", "the name for the log (default: the login)"),
    "option.label_count": ("何件まで尋ねるか", "how many to ask about"),
    "option.label_jsonl": ("ほかで付けたラベルを取り込む(1 行 1 件の JSON)", "take in labels made elsewhere (a JSON object a line)"),
    "option.label_export": ("付けたラベルを書き出す", "write the labels made"),
    "option.label_ask": ("次に尋ねる投稿を書き出す(ほかで付けて --jsonl で戻す)", "write the posts to label next (for --jsonl)"),
    "option.train_brand": (
        "このブランドのラベルから、専用のモデルを学ぶ(省略すると、ラベルのあるブランドすべて)",
        "learn a model of its own from this brand's labels (default: every brand with labels)",
    ),
    "option.train_back": ("前に使っていたモデルに戻す", "go back to the model that was in use before"),
    "option.train_shipped": (
        "ラベルがあっても、コーパスから同梱のモデルを学習し直す",
        "train the shipped model from the corpus, labels or not",
    ),
}
