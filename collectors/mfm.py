"""Misskey's markup (MFM) -> the text that a person reads.

``$[tada.speed=1s すごい]``, ``**bold**``, ``<small>``, ``[label](address)`` lose what is not read; names of custom emoji (``:blobcat:``),
mentions and hashtags stay as they are written.
"""

from __future__ import annotations

import re

from collectors.text import clean

_LINK = re.compile(r"\??\[([^\[\]\n]{1,300})\]\(<?https?://[^\s()<>]{1,2000}>?\)")
_BRACKET = re.compile(r"\$\[([a-z0-9_]+)(?:\.[\w.,=#-]*)?\s|\[|\]")
_TAGS = re.compile(r"</?(?:b|i|s|small|center|plain)>", re.IGNORECASE)
_FENCE = re.compile(r"^```[^\n`]*$", re.MULTILINE)
_STYLES = (
    re.compile(r"\*\*([^*\n]+)\*\*"),
    re.compile(r"~~([^~\n]+)~~"),
    re.compile(r"(?<![\w_])__([^_\n]+)__(?![\w_])"),
    re.compile(r"`([^`\n]+)`"),
    re.compile(r"<(https?://[^\s<>]+)>"),
)


def plain_mfm(text: str) -> str:
    """Return what ``text`` says, without its markup."""
    text = _TAGS.sub("", _FENCE.sub("", _unfold(_LINK.sub(r"\1", text))))
    for style in _STYLES:
        text = style.sub(r"\1", text)
    return clean(text)


def _unfold(text: str) -> str:
    """Take functions (``$[name.arguments content]``) off their content, however deep they are nested; what is not closed stays."""
    parts: list[str] = []
    opened: list[tuple[int, str | None]] = []
    end = 0
    for found in _BRACKET.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found[0] != "]":
            opened.append((len(parts), found[1]))
            parts.append(found[0])
        elif not opened or opened[-1][1] is None:
            if opened:
                opened.pop()
            parts.append("]")
        else:
            start, name = opened.pop()
            inside = "".join(parts[start + 1 :])
            del parts[start:]
            parts.append(_content(str(name), inside))
    return "".join([*parts, text[end:]])


def _content(name: str, inside: str) -> str:
    """Return what is read of a function: of a ruby its base text, of a time nothing."""
    if name == "ruby":
        return inside.rsplit(" ", 1)[0]
    return "" if name == "unixtime" else inside
