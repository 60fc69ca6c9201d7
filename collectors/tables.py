"""Tables of the user's own: which of their columns is what stands in the settings, and the kind of file is made from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from collectors.exports import MENTION_COLUMNS
from collectors.language import say
from collectors.layout import KPI, Export

TableKind = Literal["mentions", "kpis"]
KPI_COLUMNS = ("time", "name", "value")


class BadColumns(ValueError):
    """The columns that the settings name do not make a table; the message says which are missing or unknown."""


def table_of(name: str, kind: TableKind, columns: Mapping[str, str], platform: str) -> Export:
    """Return the kind of file that the settings describe: ``columns`` maps fields to the names of columns.

    Mentions have the fields of ``MENTION_COLUMNS`` (``time`` and ``text`` needed). KPIs have ``time`` and either ``name`` and ``value``
    (a figure a row), or the figures themselves (a day a row): every other field is a figure of that name.

    Raises:
        BadColumns: A field is needed and not there, or unknown.
    """
    needed: tuple[str, ...]
    if kind == "mentions":
        needed = ("time", "text")
        unknown = [field for field in columns if field not in MENTION_COLUMNS]
        if unknown:
            raise BadColumns(
                say(
                    f"{'、'.join(unknown)} という項目はありません(使えるのは {'、'.join(MENTION_COLUMNS)})",
                    f"unknown: {', '.join(unknown)} (there are {', '.join(MENTION_COLUMNS)})",
                )
            )
    else:
        needed = KPI_COLUMNS if {"name", "value"} & columns.keys() else ("time",)
    missing = [field for field in needed if field not in columns]
    figures = [field for field in columns if field not in KPI_COLUMNS]
    if missing or (kind == "kpis" and len(needed) == 1 and not figures):
        wanted = "、".join(missing) or say("指標の列", "a column of figures")
        raise BadColumns(say(f"{wanted} がありません", f"missing: {wanted}"))
    long = kind == "kpis" and len(needed) > 1
    fields = {field if kind == "mentions" or field in KPI_COLUMNS else KPI + field: (column,) for field, column in columns.items()}
    return Export(
        key=f"table-{name}",
        title_ja=f"表「{name}」",
        title_en=f"table “{name}”",
        platform=platform,
        content="mentions" if kind == "mentions" else "kpis" if long else "days",
        columns=fields,
        needed=tuple(fields),
        numeric_id=False,
    )
