"""What a word does where it stands, told by the tokenizer's part of speech alone: a bit field, kept for each word of the table."""

from __future__ import annotations

from nlp.tokens import Word

# Words that bear so little meaning that what is said of them is said of what stands before.
_LIGHT_WORDS = (
    "一度 一回 訳 事 こと 物 もの もん 所 気 程 風 感じ 為る 成る 出来る 思う 言う 感ずる 見える 有る 居る 感じる "
    "くれる 貰う 頂く 仕舞う 行く 来る 過ぎる 過ぎ 方 様 そう さん 筈 積もり 必要 見当たる 見つかる 見付かる "
    "思える 言える 貰える 頂ける 行ける 来れる 伝わる 要る いる 覚える 感じ取る 感じ取れる 湧く 特に 別に 全く 全然 何 一切 余り 其れ程 然程 殆ど "
    "決して 些とも 少しも"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
# What a word does to the clause it stands in; a bit field kept for each word of the table.
BREAK, SENTENCE, CONTENT, SPACE, NEGATION, VERB, ADVERBIAL, MAKES_ADVERB, NOUN, MAKES_ATTRIBUTE, CONJUNCTIVE, ONLY, WISH, TE, MORE = (
    1 << bit for bit in range(15)
)
_MORE = frozenset(["ほど", "程", "より", "以上", "此れ程", "是程", "こんな", "こんなに", "あんな", "あんなに"])
_NEGATIONS = ("助動詞-ナイ", "助動詞-ヌ", "助動詞-ヘン", "文語助動詞-ズ", "助動詞-マイ")
_ENDINGS = {
    ("格助詞", "の"): MAKES_ATTRIBUTE,
    ("接続助詞", "が"): CONJUNCTIVE,
    ("接続助詞", "ものの"): CONJUNCTIVE,
    ("接続助詞", "て"): TE,
    ("副助詞", "しか"): ONLY,
    ("係助詞", "しか"): ONLY,
    ("*", "たい"): WISH,
}


def role_of(word: Word) -> int:
    """The bits BREAK (ends a clause), SENTENCE (ends a sentence), CONTENT (bears meaning), SPACE, NEGATION (ない, ぬ, ず, へん), VERB, ADVERBIAL (うまく),
    MAKES_ADVERB (the に of きれいに), NOUN, MAKES_ATTRIBUTE (the な of きれいな, the の of 最高の), CONJUNCTIVE (the が of 高いが), ONLY (しか), WISH (たい), TE
    (the て of 高くて), MORE (ほど, より and what else makes a superlative of a denial) for a word."""
    major, minor = word.pos[0], word.pos[1]
    if word.norm == "無い" or word.pos[4] in _NEGATIONS:
        return NEGATION
    if word.norm in _MORE:
        return MORE
    if major == "空白":
        return SPACE | (SENTENCE if "\n" in word.norm else 0)
    if major == "補助記号":
        if minor == "句点" or word.norm in ("!", "?", "…", "!!", "??", "!?"):
            return BREAK | SENTENCE
        return BREAK if minor in ("読点", "括弧開", "括弧閉") else 0
    if major == "助詞" and minor == "接続助詞" and word.norm in ("から", "ので", "し", "と", "ば"):
        return BREAK
    if major == "接続詞":
        return BREAK
    if major in ("助詞", "助動詞") and (found := _ENDINGS.get((minor, word.norm), 0)):
        return found
    bits = CONTENT if word.is_content and word.norm not in _LIGHT else 0
    if major == "動詞":
        bits |= VERB
    elif major == "副詞" or (major == "形容詞" and word.pos[5].startswith("連用形")):
        bits |= ADVERBIAL
    elif major in ("助動詞", "助詞") and word.norm == "に":
        bits |= MAKES_ADVERB
    elif major == "助動詞" and word.norm == "だ" and word.pos[5].startswith("連体形"):
        bits |= MAKES_ATTRIBUTE
    elif major == "名詞" and bits:
        bits |= NOUN
    return bits


def opens_phrase(word: Word) -> bool:
    """Whether a word starts a phrase of its own when a score is explained; endings and particles belong to the word before."""
    major, minor = word.pos[0], word.pos[1]
    if major in ("助詞", "助動詞", "接尾辞") or word.norm == "無い" or (major == "補助記号" and minor in ("括弧閉", "句点", "読点")):
        return False
    return not (minor == "非自立可能" and major in ("動詞", "形容詞") and word.norm in _LIGHT)


def joins_next(word: Word) -> bool:
    """Whether the word after this one belongs to its phrase: prefixes, numbers, opening brackets."""
    return word.pos[0] == "接頭辞" or word.pos[1] in ("数詞", "括弧開")
