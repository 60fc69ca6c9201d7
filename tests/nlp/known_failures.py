"""Pairs of tests/nlp/pairs.py that the shipped model gets wrong, and why. A pair that is mended must leave this list (the tests are strict)."""

from __future__ import annotations

FAILING: dict[str, str] = {
    "店員さんが親切だった": "「じゃなかった」 is not weighed enough against 親切",
    "期待通りの品質でした": "期待 and 品質 stand in complaints more often than in praise",
    "好きな味": "味 stands in complaints; 好きな alone is too weak against it",
    "すぐに届いた、早い": "届く is known from complaints about delivery",
    "味は悪くない": "悪い outweighs its own denial",
    "ストレスがない操作感": "ストレス outweighs its denial",
    "この香り、たまらない": "たまらなく before a blame is read as praise",
    "失敗しない商品": "失敗 outweighs its denial",
    "待ち時間ゼロで快適": "待ち時間 outweighs 快適",
    "味はいい。また行く": "また行く without a word of feeling reads as plain",
    "対応が温かい": "対応 stands in complaints",
    "掃除が行き届いた部屋でした": "行き届く is seen in both kinds too seldom",
    "解約しなくてよかった": "よかった outweighs 解約",
    "めっちゃええやん": "western dialect (ええやん) is rare in the corpus",
    "むっちゃうまいやん、ここ": "むっちゃ … やん is known from praise alone",
}
