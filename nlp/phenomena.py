"""What makes posts hard to judge, each found by a rule that is written down here.

The rules are coarse: they see words and the labels that people gave, and say which posts a slice of the model card is made of. No rule
looks at what a model says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nlp.corpus import Post

Rule = Callable[[Post], bool]


@dataclass(frozen=True, slots=True)
class Phenomenon:
    """A slice: `name` is its key in card.json, `rule` says in words what `holds` tests."""

    name: str
    title: str
    japanese: str
    rule: str
    holds: Rule


def _words(pattern: str) -> Rule:
    found = re.compile(pattern)
    return lambda post: found.search(post.text) is not None


def _both(*rules: Rule) -> Rule:
    return lambda post: all(rule(post) for rule in rules)


_DOUBLE_NEGATION = (
    "なくはな|なくもな|ないことはな|ないこともな|ないわけ(?:じゃ|では|がな|ない|にはいか)|ないではな|ないとは(?:言え|いえ)な|ずにはいられな|ないはずがな|"
    "悪くな|わるくな|嫌いじゃな|嫌いではな|まずくな|不味くな|捨てたもんじゃな|つまらなくな|飽きな"
)
_TURN = "けど|けれど|のに|ものの|くせに|とはいえ|にもかかわらず|[たるいうだす]が、|でもまあ|。でも|、でも|。ただ|。しかし"
_PRAISING = (
    "間違いな|まちがいな|たまらな|申し分な|文句な|言うことな|しかない|欠かせな|手放せな|飽きな|止まらな|やめられな|頭が上がらな|かけがえのな|この上な|"
    "比べものにならな|負けてな|半端な|ハンパな|はんぱな|外れな|ハズレな|忘れられな|非の打ち所がな|他にな|右に出る|損はな|悪くな|失敗しな|無駄がな"
)
_SLANG = "やば|ヤバ|えぐ|エグ|神|草|沼|最悪|鬼|バグ|しんどい|無理|むり|死ぬ|しぬ|泣|罪深|狂|優勝|尊|ずるい|反則|破壊力|殺"
_COMPARISON = "より(?:も|は)?[^、。]{1,14}(?:ほう|方|いい|良|マシ|まし|上|早|安|高)|に比べ|と比べ|と比較|(?:ほう|方)が|のほうは|派だ|か[^、。]{1,12}か(?:なら|で|、|は)"
_WEATHER = "雨|台風|雪|暑|寒|花粉|天気|猛暑|湿気|風が|気温|梅雨|晴れ"
_ASKS = r"[?？]|なんで|なぜ|どうして|どういう(?:こと|つもり)|どうすれば|いつまで|いつになったら"
_STAFF = "店員|スタッフ|係の|係員|受付|担当|窓口の|電話の(?:方|人)|オペレーター|運転手|運転士|ドライバー|配達員|配達の|駅員|車掌|乗務員|先生|看護|フロント|人は|方は|お兄さん|お姉さん"
_KIND = (
    "親切|丁寧|優し|やさし|笑顔|感じが?(?:いい|良|よ)|いい人|良い人|ありがた|神|一生懸命|悪くな|頑張|素敵|さわやか|申し訳なさそう|謝って"
)
_NEWS = "ニュース|報道|記事|速報|発表|新聞|テレビで|プレス|によると|とのこと"
_HOPE = "てほし|て欲し|でほし|で欲し|ればいい|たらいい|といいな|べき|てくれ(?:ない|たら|れば|よ|ー|～|〜)|てもらいたい|てもらえ(?:ない|たら|れば)|ますように|お願い|希望|ないかな|求む|してください|して下さい|復活"
_AGAIN = "また|二度目|2度目|２回目|2回目|二回目|三度|3回目|再び|前回も|前も|毎回|何度(?:も|目)|いつも|相変わらず|今回も|懲りず"
_APOLOGY = "謝罪|お詫び|詫び|謝られ|謝って|謝っ|謝る|すみませんと|申し訳|ごめんなさい"


def _sad(post: Post) -> bool:
    return post.sentiment == "negative"


def _intends(intent: str) -> Rule:
    """Only of posts whose intents were given by the rules."""
    return lambda post: post.journey_asked and intent in post.intents


def _homonym(brands: frozenset[str]) -> Rule:
    found = re.compile("|".join(sorted(map(re.escape, brands), key=lambda name: -len(name))) or "(?!)")
    return lambda post: post.brand is None and found.search(post.text) is not None


def phenomena(posts: Iterable[Post]) -> list[Phenomenon]:
    """The slices. `posts` are the whole corpus: its brands' names are needed to find the same words in their ordinary sense."""
    brands = frozenset(post.brand for post in posts if post.brand and len(post.brand) > 1)
    return [
        Phenomenon("irony", "irony and mock praise", "皮肉・褒め殺し", "labelled ironic", lambda post: post.irony),
        Phenomenon("double_negation", "double negation", "二重否定", f"words: {_DOUBLE_NEGATION}", _words(_DOUBLE_NEGATION)),
        Phenomenon("turn", "a turn (〜けど)", "〜けどの転じ", f"words: {_TURN}", _words(_TURN)),
        Phenomenon(
            "praising_negation",
            "〜ない that praises",
            "褒める「〜ない」",
            f"labelled positive, words: {_PRAISING}",
            _both(lambda post: post.sentiment == "positive", _words(_PRAISING)),
        ),
        Phenomenon("slang", "slang that goes both ways", "両義の俗語", f"words: {_SLANG}", _words(_SLANG)),
        Phenomenon("comparison", "comparison", "比較", f"names a brand, words: {_COMPARISON}", _both(_named, _words(_COMPARISON))),
        Phenomenon(
            "weather",
            "complaint about the weather, not the brand",
            "天気への不満",
            f"labelled negative, stance not critic, words: {_WEATHER}",
            _both(_sad, lambda post: post.stance != "critic", _words(_WEATHER)),
        ),
        Phenomenon(
            "complaint_question",
            "a question that is a complaint",
            "問いの形の不満",
            f"labelled a complaint by the rules of intents, words: {_ASKS}",
            _both(_intends("complaint"), _words(_ASKS)),
        ),
        Phenomenon(
            "staff_praise",
            "praise of staff inside a complaint",
            "不満の中の店員への褒め",
            f"labelled negative, words for staff and for kindness: {_STAFF} / {_KIND}",
            _both(_sad, _words(_STAFF), _words(_KIND)),
        ),
        Phenomenon(
            "quoted_news",
            "quoted news",
            "ニュースの引用",
            f"labelled news, or words: {_NEWS}",
            lambda post: post.mention_type == "news" or re.search(_NEWS, post.text) is not None,
        ),
        Phenomenon("hope", "hope and what should be", "希望・当為", f"words: {_HOPE}", _words(_HOPE)),
        Phenomenon("churn", "churn", "離れる", "labelled churn by the rules of intents", _intends("churn")),
        Phenomenon(
            "second_complaint",
            "second complaint",
            "二度目の不満",
            f"labelled negative and critic, words: {_AGAIN}",
            _both(_sad, lambda post: post.stance == "critic", _words(_AGAIN)),
        ),
        Phenomenon("apology", "apology received", "謝罪を受けた", f"words: {_APOLOGY}", _words(_APOLOGY)),
        Phenomenon(
            "homonym",
            "a brand's name as an ordinary word",
            "ブランド名の普通の意味",
            "labelled with no brand, holds a name that is a brand's elsewhere",
            _homonym(brands),
        ),
    ]


def _named(post: Post) -> bool:
    return post.brand is not None
