"""HTML -> the text that a person reads."""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.element import CData, Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "header", "hr")
) | frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"))
_SILENT = frozenset(("script", "style", "template", "noscript", "iframe", "head"))
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&#?\w+;")
_LOST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


_NO_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
"""What Python makes of the bytes that CP932 leaves undefined."""


def cp932(data: bytes) -> str | None:
    """Return ``data`` read as CP932, the Shift_JIS of Windows; None where it is something else."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return None
    return None if _NO_CP932.search(text) else text


def clean(text: str) -> str:
    """Return ``text`` with its lines trimmed, at most one empty line between them, and nothing that cannot be stored."""
    lines = [" ".join(line.split()) for line in _LOST.sub("", text).replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain(markup: str) -> str:
    """Return what ``markup`` says: tags and scripts gone, each block on a line of its own, the text of an image where it has one."""
    if not _MARKUP.search(markup):
        return clean(markup)
    if "<" not in markup:
        return clean(html.unescape(markup))
    parts: list[str] = []
    # The wrapping element keeps a text that begins like XML, or like a file's name, from being taken for one.
    _gather(BeautifulSoup(f"<div>{markup}</div>", "html.parser"), parts)
    return re.sub(r"\n\n+", "\n", clean("".join(parts)))


def _gather(node: Tag, parts: list[str]) -> None:
    stack: list[object] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, str) and not isinstance(one, NavigableString):
            parts.append(one)
        elif isinstance(one, NavigableString):
            if not isinstance(one, Comment | Declaration | Doctype | ProcessingInstruction | CData) or isinstance(one, CData):
                parts.append(re.sub(r"\s+", " ", one))
        elif isinstance(one, Tag) and one.name not in _SILENT:
            if one.name == "img" and one.get("alt"):
                parts.append(str(one["alt"]))
            block = one.name in _BLOCKS
            stack += ["\n"] * block + list(reversed(one.contents)) + ["\n"] * block
