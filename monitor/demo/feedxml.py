"""Feeds as XML: a channel of the network as RSS 2.0, RSS 1.0 or Atom."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from monitor.demo.network import Article, Channel

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def rss(channel: Channel) -> str:
    """Return the channel as RSS 2.0."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel>'
        f"<title>{_text(channel.title)}</title><link>{_text(channel.link)}</link><description>{_text(channel.title)}</description>\n"
        + "\n".join(_rss_item(article) for article in channel.articles)
        + "\n</channel></rss>\n"
    )


def _rss_item(article: Article) -> str:
    parts = [f'<guid isPermaLink="false">{_text(article.id)}</guid>', *_common(article)]
    if article.at:
        parts.append(f"<pubDate>{format_datetime(article.at.astimezone(UTC), usegmt=True)}</pubDate>")
    parts += [f"<category>{_text(tag)}</category>" for tag in article.tags]
    if article.comments is not None:
        parts.append(f"<slash:comments>{article.comments}</slash:comments>")
    return f"<item>{''.join(parts)}</item>"


def _common(article: Article) -> list[str]:
    parts = [f"<title>{_text(article.title)}</title><link>{_text(article.link)}</link><description>{_text(article.body)}</description>"]
    return parts + ([f"<dc:creator>{_text(article.author)}</dc:creator>"] if article.author else [])


def rdf(channel: Channel) -> str:
    """Return the channel as RSS 1.0."""
    items = "\n".join(
        f"<item rdf:about={quoteattr(article.id)}>{''.join(_common(article))}"
        + (f"<dc:date>{_iso(article.at)}</dc:date>" if article.at else "")
        + "".join(f"<dc:subject>{_text(tag)}</dc:subject>" for tag in article.tags)
        + "</item>"
        for article in channel.articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about={quoteattr(channel.link)}><title>{_text(channel.title)}</title>'
        f"<link>{_text(channel.link)}</link><description>{_text(channel.title)}</description></channel>\n{items}\n</rdf:RDF>\n"
    )


def atom(channel: Channel) -> str:
    """Return the channel as Atom."""
    entries = "\n".join(_atom_entry(article) for article in channel.articles)
    newest = max((article.at for article in channel.articles if article.at), default=datetime(2000, 1, 1, tzinfo=UTC))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{_text(channel.link)}</id><title>{_text(channel.title)}</title><link href={quoteattr(channel.link)}/>"
        f"<updated>{_iso(newest)}</updated>\n{entries}\n</feed>\n"
    )


def _atom_entry(article: Article) -> str:
    at = f"<published>{_iso(article.at)}</published><updated>{_iso(article.at)}</updated>" if article.at else ""
    author = f"<author><name>{_text(article.author)}</name></author>" if article.author else ""
    tags = "".join(f"<category term={quoteattr(tag)}/>" for tag in article.tags)
    return (
        f"<entry><id>{_text(article.id)}</id><title>{_text(article.title)}</title><link href={quoteattr(article.link)}/>"
        f'{at}{author}{tags}<content type="html">{_text(article.body)}</content></entry>'
    )


FORMATS = {"rss": (rss, "application/rss+xml"), "rdf": (rdf, "application/rdf+xml"), "atom": (atom, "application/atom+xml")}
"""File name's end -> (writer, content type)."""
