"""Social text made even, before it is cut into words: one spelling for what readers take as one thing.

The steps, in order: HTML entities, 顔文字 (found before NFKC, which would tear them apart), NFKC (full-width letters, half-width
kana), URLs and @mentions out, hashtags inside a sentence
kept as words and those around it lifted out, emoji one by one, laughter (ｗｗｗ, (笑), 笑笑) to one sign each, stretched
characters shortened. What is counted on the way (URLs, mentions, …) is kept, because it tells advertisements from people.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.faces import Faces

# Longer texts are cut: the tokenizer refuses more than 49,149 bytes, and no post needs that much to be judged.
MAX_CHARS = 8_000

LAUGH = "w"

_URL = re.compile(r"(?:https?://|www\.)[\w/:%#$&?()~.=+\-@!*;,']+", re.ASCII | re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.\-]{2,}(?:@[\w.\-]+)?", re.ASCII)
_HASHTAG = re.compile(r"#(?=[\w〓])")
# Tags that stand outside the sentence: before a line's first word (no particle after them), or after its last. 〓 is the mask that
# nlp.features puts over brands.
_LEADING_TAGS = re.compile(r"(?m)^[ \t]*((?:#[\w〓]+[ \t]+)*#[\w〓]+)(?=[ \t]*$|[ \t]+(?![はがをにでのもとやへ]))")
_TRAILING_TAGS = re.compile(r"(?m)(?:(?<=[\s。、!?)」』…wー])|(?<=[\U0001f000-\U0001faff\u2600-\u27bf]))((?:#[\w〓]+\s*)+)$")
_TAG = re.compile(r"#([\w〓]+)")
_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u2190-\u21ff\u2934\u2935\u3030\u303d\u25c6\u25c7\u2764"
_EMOJI_RUN = re.compile(f"[{_EMOJI}]")
_INVISIBLE = re.compile("\u200d.|[\ufe0e\ufe0f\u200b-\u200f\u2060\ufeff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u20e3]")
_LAUGH = re.compile(
    r"(?<![A-Za-z0-9_.])[wW]+(?![A-Za-z0-9_.])|[((](?:笑+|爆笑|わら|ワラ)[))]|笑{2,}|(?<=[ぁ-んァ-ヴー一-龥!?…。])笑(?=$|[\s。!?\n])"
)
_STRETCH = re.compile(r"([^\d\s])\1{2,}")
_TILDE = re.compile(r"(?<=[ぁ-んァ-ヴーん])[~〜∼]+")
_DOTS = re.compile(r"(?:\.{2,}|・{2,}|…+|‥+|。{2,})")
_LONG = re.compile("ー{2,}")
_SMALL = str.maketrans("ぁぃぅぇぉ", "あいうえお")
# Emoji, and signs that cannot be seen.
_ODD = re.compile(f"[{_EMOJI}\u200d\ufe0e\ufe0f\u200b-\u200f\u2060\ufeff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u20e3]")
_SPACES = re.compile(r"[ \t\u3000\xa0]+")

_NO_LEXICON = Faces({})

_KANA = re.compile("[ぁ-んァ-ヴ]")
_JAPANESE = re.compile("[ぁ-んァ-ヴ一-龥々]")
_LETTER = re.compile(r"[^\W\d_]")
# Characters that Chinese needs and Japanese does not; kanji alone could be either.
_CHINESE = re.compile("[你您她們们這这吗嗎呢吧么麼說说還很哪啊喔啦给讓让请谢歡欢爱产东买卖觉见边过对时间]")
_HANGUL = re.compile("[가-힣]")
_FOREIGN = re.compile("[A-Za-zÀ-ʯͰ-ϿЀ-ӿ\u0590-\u08ff\u0900-\u1fff가-힣]")
_JAPANESE_SHARE = 0.08


# What a text has in it, told for a whole batch at once; only the steps that have something to do are taken.
_LINK, _FACE, _EMOJI_BIT, _LAUGH_BIT, _TILDE_BIT, _DOTS_BIT, _SMALL_BIT, _RUN_BIT, _SPACE_BIT, _STRANGE, _KANA_BIT, _FOREIGN_BIT = (
    1 << bit for bit in range(12)
)
_UNEVEN = _EMOJI_BIT | _LAUGH_BIT | _TILDE_BIT | _DOTS_BIT | _SMALL_BIT | _RUN_BIT | _SPACE_BIT


def _flag_tables() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32]]:
    """For each sign of the basic plane: what it may give work for, and what NFKC makes of it alone. Signs that NFKC may join with others, or turn
    into several, and whatever is rare in Japanese are _STRANGE: their texts take every step."""
    flags = np.full(0x10000, _STRANGE, np.uint16)
    folded = np.arange(0x10000, dtype=np.uint32)
    for first, last in ((0x09, 0x7E), (0x3000, 0x3098), (0x309B, 0x30FF), (0x4E00, 0x9FFF), (0xFF01, 0xFF5E)):
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                folded[code], flags[code] = ord(plain), 0
    work = {
        _LINK: "&:@#.\r",
        _FACE: "(^_:;<>TヽΣO=z・",
        _LAUGH_BIT: "wW笑(",
        _TILDE_BIT: "~\u301c\u223c",
        _DOTS_BIT: ".・",
        _SMALL_BIT: "ぁぃぅぇぉ",
        _SPACE_BIT: "\t",
        _EMOJI_BIT: "\u3030\u303d",
    }
    for bit, signs in work.items():
        for sign in signs:
            flags[folded == ord(sign)] |= bit
    for bit, pattern in ((_KANA_BIT, _KANA), (_FOREIGN_BIT, _FOREIGN)):
        there = [code for code in range(0x10000) if pattern.match(chr(folded[code]))]
        flags[there] |= bit
    return flags, folded


@dataclass(slots=True)
class Clean:
    """A post made even. `text` holds no URL and no @mention; the counts say what was taken out or shortened.

    `tags` are the hashtags that stood outside the sentence and are no part of `text`, the brand taken out of them; `named` says whether the
    brand was found, in the text or in a tag."""

    text: str
    urls: int = 0
    mentions: int = 0
    hashtags: int = 0
    stretched: int = 0
    japanese: bool = True
    faces: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    named: bool = False


def is_japanese(text: str) -> bool:
    """Whether `text` (already cleaned) has words that a Japanese reader can judge: not empty, not signs alone, not another language."""
    if _KANA.search(text) and not _FOREIGN.search(text):
        return True
    own = len(_JAPANESE.findall(text))
    if not own or _HANGUL.search(text):
        return bool(own) and len(_KANA.findall(text)) >= len(_HANGUL.findall(text))
    if not _KANA.search(text):
        return not _CHINESE.search(text)
    return own >= _JAPANESE_SHARE * len(_LETTER.findall(text))


def clean(text: str, brand: str | None = None, mask: str = "", face_finder: Faces = _NO_LEXICON) -> Clean:
    """Make `text` even. If `brand` is named in it and `mask` is given, every occurrence becomes `mask`."""
    return clean_all([text], [brand], mask, face_finder)[0]


def clean_all(texts: Sequence[str], brands: Sequence[str | None], mask: str = "", face_finder: Faces = _NO_LEXICON) -> list[Clean]:
    """`clean` for each text with its brand; much faster together."""
    if not texts:
        return []
    texts = [text[:MAX_CHARS] for text in texts]
    try:
        joined = "\0".join(texts).encode("utf-32-le")
    except UnicodeEncodeError:  # halves of surrogate pairs, from broken JSON
        texts = [text.encode("utf-8", "replace").decode() for text in texts]
        joined = "\0".join(texts).encode("utf-32-le")
    codes = np.frombuffer(joined, np.uint32)
    firsts = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
    low = np.minimum(codes, 0xFFFF)
    flags, folded = _FLAGS[low], _FOLDED[low]
    flags[codes > 0xFFFF] |= _STRANGE
    flags[firsts[1:] - 1] = 0
    again = folded[1:] == folded[:-1]
    thrice = np.flatnonzero(again[1:] & again[:-1])
    flags[thrice] |= _RUN_BIT
    twice = np.flatnonzero(again)
    flags[twice[folded[twice] == ord("ー")]] |= _RUN_BIT
    flags[twice[folded[twice] == ord("。")]] |= _DOTS_BIT
    flags[twice[folded[twice] == ord(" ")]] |= _SPACE_BIT
    even = folded.tobytes().decode("utf-32-le", "replace")
    found = np.bitwise_or.reduceat(flags, np.minimum(firsts, len(flags) - 1)).tolist() if len(flags) else [0] * len(texts)
    bounds = [*firsts.tolist(), len(even) + 1]
    cleans = []
    for index, (text, brand) in enumerate(zip(texts, brands, strict=True)):
        has = found[index] if text else 0
        if has & ~(_KANA_BIT | _FOREIGN_BIT):
            cleans.append(_clean(text, brand, mask, face_finder, has))
            continue
        text = even[bounds[index] : bounds[index + 1] - 1]
        named = False
        if brand and mask:
            text, named = _mask(text, brand, mask)
        text = text.strip()
        japanese = has & (_FOREIGN_BIT | _KANA_BIT) == _KANA_BIT and not named
        cleans.append(Clean(text, japanese=japanese or _is_japanese_beside(text, mask if named else ""), named=named))
    return cleans


def _clean(text: str, brand: str | None, mask: str, face_finder: Faces, has: int) -> Clean:
    """`clean` for a text that has something to make even."""
    if "&" in text:
        text = html.unescape(text)
        has |= _STRANGE
    faces: list[str] = []
    urls = mentions = hashtags = 0
    if "://" in text or "www." in text:
        text, urls = _URL.subn(" ", text)
    if has & (_FACE | _STRANGE) and not text.isascii():
        text = face_finder.replace(text, faces)
    text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n")
    if "@" in text:
        text, mentions = _MENTION.subn(" ", text)
    named = False
    if brand and mask:
        text, named = _mask(text, brand, mask)
    tags: list[str] = []
    if "#" in text:
        hashtags = len(_HASHTAG.findall(text))
        bare = _lift_tags(text, tags, mask)
        # A post that is nothing but tags says what it says by them.
        if _is_japanese_beside(bare, mask if named else ""):
            text = bare
        else:
            tags = []
        text = _HASHTAG.sub(" ", text)
    if has & _STRANGE or urls or mentions or hashtags or faces or named:
        has |= _UNEVEN
    text, stretched = _even_out(text, has)
    return Clean(
        text, urls, mentions, hashtags, stretched, _is_japanese_beside(text, mask if named else ""), tuple(faces), tuple(tags), named
    )


def _lift_tags(text: str, tags: list[str], mask: str) -> str:
    """The text without the hashtags that stand outside its sentences; they go to `tags`, without the brand."""

    def lift(found: re.Match[str]) -> str:
        for tag in _TAG.findall(found.group(1)):
            if tag := tag.replace(mask, "") if mask else tag:
                tags.append(tag)
        return ""

    return _LEADING_TAGS.sub(lift, _TRAILING_TAGS.sub(lift, text))


def fold_terms(terms: Sequence[str]) -> list[str]:
    """Lexicon terms in the spelling that `clean` gives texts."""
    return [item.text for item in clean_all(terms, [None] * len(terms))]


def _mask(text: str, brand: str, mask: str) -> tuple[str, bool]:
    """The text with the brand masked, and whether it was there."""
    brand = unicodedata.normalize("NFKC", brand)
    if brand in text:
        return text.replace(brand, mask), True
    if brand.isascii():
        text, found = re.subn(re.escape(brand), mask, text, flags=re.IGNORECASE)
        return text, found > 0
    return text, False


def _is_japanese_beside(text: str, mask: str) -> bool:
    """`is_japanese` of what is there beside the brand, whose mask may be Japanese itself."""
    return is_japanese(text.replace(mask, "") if mask else text)


def _even_out(text: str, has: int) -> tuple[str, int]:
    long = stretched = 0
    if has & _EMOJI_BIT and _ODD.search(text):
        text = _EMOJI_RUN.sub(r" \g<0> ", _INVISIBLE.sub("", text))
        has |= _SPACE_BIT
    if has & _LAUGH_BIT:
        text, laughs = _LAUGH.subn(f" {LAUGH} ", text)
        has |= _UNEVEN if laughs else 0
    if has & _TILDE_BIT:
        text = _TILDE.sub("ー", text)
        has |= _RUN_BIT
    if has & _DOTS_BIT:
        text = _DOTS.sub("…", text)
        has |= _RUN_BIT
    if has & _SMALL_BIT:
        text = text.translate(_SMALL)
        has |= _RUN_BIT
    if has & _RUN_BIT:
        text, long = _LONG.subn("ー", text)
        text, stretched = _STRETCH.subn(r"\1\1", text)
    if has & _SPACE_BIT:
        text = _SPACES.sub(" ", text)
    return text.strip(), long + stretched


_FLAGS, _FOLDED = _flag_tables()
