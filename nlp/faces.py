"""顔文字: finding faces in raw text and telling glad from sad. Those of the lexicon first, then whatever looks like one.

Faces are found before NFKC, which would tear them apart (´ becomes a space and an accent). Each becomes one sign that the tokenizer leaves
alone: GLAD, SAD or OTHER.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import ahocorasick_rs

GLAD, SAD, OTHER = "☺", "☹", "◕"

# Full-width and half-width forms of the signs in faces; lengths stay the same, so positions do too.
_FOLD = str.maketrans("（）；｀＾＞＜･゜＃＠／", "();`^><・ﾟ#@/")
_LOOKS_LIKE = re.compile(
    r"[ヽ＼\\ﾉ٩ヾmщ∩oｍ]?[(（][^()（）\n一-龥ぁ-ん]{0,4}[´｀`^＾ω∀Д益皿°≧≦￣д▽◕‿ᴗ๑•ﾟ><＞＜；;TＴ・･_＿][^()（）\n一-龥]{0,8}[)）][ﾉノ/／۶ว♡♪ゞヾbдｍm゛シ]*"
)
_BARE = re.compile(r"(?<![\w])(?:\^[_.\-oωー]?\^;*|T[_.▽ωДдT]T|;[_.]; ?|>_<|:\)|:\(|:D|orz|Orz|OTZ|OTL)(?![\w])", re.ASCII)
# Every face has at least one of these; most posts have none.
_HINT = re.compile(r"[(（^＾_＿:：;；<>Tヽ・ΣO=]|orz")
_TEARS = re.compile(r"[(（](?:泣+|涙+|悲|号泣)[)）]")
_SAD = re.compile(r"[;；TＴД益皿дﾟ><＞＜]|´[・･]|_ _|orz|Orz|OTZ|OTL|:\(|泣|涙|悲")
_GLAD = re.compile(r"[\^＾∀▽ω≧≦◕‿ᴗ๑♡♪]|:\)|:D")
_SURELY_GLAD = re.compile("´∀|´▽|´ω|≧")


class Faces:
    """Finds faces. `known` gives the sign (-1, 0, 1) of the faces of the lexicon."""

    def __init__(self, known: Mapping[str, int]) -> None:
        # Faces of plain letters (TT, orz) would be found inside words; the pattern for bare faces has those.
        signs = {term.translate(_FOLD): sign for term, sign in known.items() if any(not char.isalnum() for char in term) and len(term) > 2}
        self._signs = [(GLAD if sign > 0 else SAD if sign < 0 else OTHER) for sign in signs.values()]
        self._automaton = ahocorasick_rs.AhoCorasick(list(signs), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def replace(self, text: str, found: list[str]) -> str:
        """The text with a sign in the place of each face; the faces are appended to `found`."""
        if not _HINT.search(text):
            return text
        matches = self._automaton.find_matches_as_indexes(text.translate(_FOLD))
        if matches:
            parts, end = [], 0
            for index, start, stop in matches:
                found.append(text[start:stop])
                parts += [text[end:start], f" {self._signs[index]} "]
                end = stop
            text = "".join(parts) + text[end:]

        def sign(match: re.Match[str]) -> str:
            face = match.group()
            found.append(face)
            return f" {_guess(face)} "

        if "(" in text or "（" in text:
            text = _LOOKS_LIKE.sub(sign, _TEARS.sub(sign, text))
        return _BARE.sub(sign, text)


def _guess(face: str) -> str:
    if _SAD.search(face) and not _SURELY_GLAD.search(face):
        return SAD
    return GLAD if _GLAD.search(face) else OTHER
