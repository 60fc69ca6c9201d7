"""Social text made even, before it is cut into words: one spelling for what readers take as one thing.

The steps, in order: HTML entities, 顔文字 (found before NFKC, which would tear them apart), NFKC (full-width letters, half-width
kana), URLs and @mentions out, hashtags kept as words, emoji one by one, laughter (ｗｗｗ, (笑), 笑笑) to one sign each, stretched
characters shortened. What is counted on the way (URLs, mentions, …) is kept, because it tells advertisements from people.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

# Longer texts are cut: the tokenizer refuses more than 49,149 bytes, and no post needs that much to be judged.
MAX_CHARS = 8_000

GLAD_FACE, SAD_FACE, OTHER_FACE = "☺", "☹", "◕"
LAUGH = "w"

_URL = re.compile(r"(?:https?://|www\.)[\w/:%#$&?()~.=+\-@!*;,']+", re.ASCII | re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.\-]{2,}(?:@[\w.\-]+)?", re.ASCII)
_HASHTAG = re.compile(r"[##](?=[\w])")
_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u2190-\u21ff\u2934\u2935\u3030\u303d\u25c6\u25c7\u2764"
_EMOJI_RUN = re.compile(f"[{_EMOJI}]")
_INVISIBLE = re.compile("[\ufe0e\ufe0f\u200b-\u200f\u2060\ufeff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u20e3]|\u200d.")
_LAUGH = re.compile(
    r"(?<![A-Za-z0-9_.])[wW]+(?![A-Za-z0-9_.])|[((](?:笑+|爆笑|わら|ワラ)[))]|笑{2,}|(?<=[ぁ-んァ-ヴー一-龥!?…。])笑(?=$|[\s。!?\n])"
)
_TEARS = re.compile(r"[((](?:泣+|涙+|悲|号泣|TT|T_T|;_;)[))]")
_STRETCH = re.compile(r"([^\d\s])\1{2,}")
_TILDE = re.compile(r"(?<=[ぁ-んァ-ヴーん])[~〜∼]+")
_DOTS = re.compile(r"(?:\.{2,}|・{2,}|…+|‥+|。{2,})")
_LONG = re.compile("ー{2,}")
_SMALL = str.maketrans("ぁぃぅぇぉ", "あいうえお")
_SPACES = re.compile(r"[ \t\u3000\xa0]+")

# A face: brackets around a few signs with at least one that only faces use. Letters inside are few.
_FACE_SIGN = "´`^・ω∀Д益皿°><;≧≦￣TдﾟoO_▽д◕‿ᴗεзvʘ๑¯•̀́¨"
_FACE = re.compile(
    r"[ヽ＼\\ﾉ٩ヾmщ∩o┐ｍ]?[(（][^()（）\n一-龥ぁ-ん]{0,4}[´｀`^＾ω∀Д益皿°≧≦￣д▽◕‿ᴗ๑•ﾟ><＞＜；;TＴ・･_＿][^()（）\n一-龥]{0,8}[)）][ﾉノ/／۶ว♡♪ゞヾbдｍm゛。シ]*"
)
_BARE_FACE = re.compile(r"(?<![\w])(?:\^[_.\-oωー]?\^;*|T[_.▽ωДдT]T|;[_.]; ?|>_<|:\)|:\(|:D|orz|Orz|OTZ|ort)(?![\w])", re.ASCII)
_SAD_SIGNS = re.compile(r"[;；TＴД益皿дﾟ><＞＜]|´[・･]|_ _|orz|Orz|OTZ|:\(|泣|涙")
_GLAD_SIGNS = re.compile(r"[\^＾∀▽ω≧≦◕‿ᴗ๑♡♪]|:\)|:D|´∀|≧▽")

_KANA = re.compile("[ぁ-んァ-ヴ]")
_JAPANESE = re.compile("[ぁ-んァ-ヴ一-龥々]")
_LETTER = re.compile(r"[^\W\d_]")
# Characters that Chinese needs and Japanese does not; kanji alone could be either.
_CHINESE = re.compile("[你您她们們这這吗嗎呢吧么麼说說还很哪啊喔啦沒给給让讓请請谢謝欢歡爱产产东东买买卖觉觉见见边边过过对对后后时时间间]")
_HANGUL = re.compile("[가-힣]")
_JAPANESE_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Clean:
    """A post made even. `text` holds no URL and no @mention; the counts say what was taken out or shortened."""

    text: str
    urls: int = 0
    mentions: int = 0
    hashtags: int = 0
    stretched: int = 0
    japanese: bool = True
    faces: tuple[str, ...] = ()


def is_japanese(text: str) -> bool:
    """Whether `text` (already cleaned) has words that a Japanese reader can judge: not empty, not signs alone, not another language."""
    own = len(_JAPANESE.findall(text))
    if not own or _HANGUL.search(text):
        return bool(own) and len(_KANA.findall(text)) >= len(_HANGUL.findall(text))
    if not _KANA.search(text):
        return not _CHINESE.search(text)
    return own >= _JAPANESE_SHARE * len(_LETTER.findall(text))


def clean(text: str, brand: str | None = None, mask: str = "") -> Clean:
    """Make `text` even. If `brand` is named in it and `mask` is given, every occurrence becomes `mask`."""
    text = text[:MAX_CHARS]
    if "&" in text:
        text = html.unescape(text)
    faces: list[str] = []
    urls = mentions = hashtags = 0
    if "://" in text or "www." in text:
        text, urls = _URL.subn(" ", text)
    if not text.isascii():
        text = _replace_faces(text, faces)
    text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n")
    if "@" in text:
        text, mentions = _MENTION.subn(" ", text)
    if "#" in text:
        text, hashtags = _HASHTAG.subn(" ", text)
    if brand and mask:
        text = _mask(text, unicodedata.normalize("NFKC", brand), mask)
    text, stretched = _even_out(text)
    return Clean(text, urls, mentions, hashtags, stretched, is_japanese(text), tuple(faces))


def fold_term(term: str) -> str:
    """A lexicon term in the spelling that `clean` gives texts."""
    return clean(term).text


def _mask(text: str, brand: str, mask: str) -> str:
    if brand in text:
        return text.replace(brand, mask)
    if brand.isascii():
        return re.sub(re.escape(brand), mask, text, flags=re.IGNORECASE)
    return text


def _replace_faces(text: str, faces: list[str]) -> str:
    def sign(match: re.Match[str]) -> str:
        face = match.group()
        faces.append(face)
        if _SAD_SIGNS.search(face) and not ("´∀" in face or "▽" in face):
            return f" {SAD_FACE} "
        return f" {GLAD_FACE} " if _GLAD_SIGNS.search(face) else f" {OTHER_FACE} "

    if "(" in text or "（" in text:
        text = _TEARS.sub(sign, text)
        text = _FACE.sub(sign, text)
    return _BARE_FACE.sub(sign, text)


def _even_out(text: str) -> tuple[str, int]:
    text = _INVISIBLE.sub("", text)
    text = _EMOJI_RUN.sub(r" \g<0> ", text)
    text = _LAUGH.sub(f" {LAUGH} ", text)
    text = _TILDE.sub("ー", text)
    text = _DOTS.sub("…", text)
    text, long = _LONG.subn("ー", text)
    text, stretched = _STRETCH.subn(r"\1\1", text)
    return _SPACES.sub(" ", text.translate(_SMALL)).strip(), long + stretched
