"""Tables that are tables on a desk and cards on a phone: each row then flows, with the column's name before each value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard import html

Look = Literal["", "n", "w"]
"""How a column is set: text that stays on its line, a number to the right, or text that goes on below."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name. ``place`` on a phone: the row's ``title``, its ``state`` beside that, or one of the other values, with its name
    before it (``named``) or not, for those that speak for themselves (``bare``)."""

    name: str
    look: Look = ""
    place: Literal["title", "state", "named", "bare"] = "named"


def table(label: str, columns: Sequence[Column], groups: Iterable[tuple[str | None, Iterable[Sequence[str]]]]) -> str:
    """Return a table of ``groups``: the group's name (None: it has no line of its own) and its rows, each a piece of HTML a column."""
    head = "".join(f'<th role="columnheader" scope="col" class="{column.look}">{html.esc(column.name)}</th>' for column in columns)
    body = ""
    for name, rows in groups:
        if name is not None:
            body += f'<tr role="row"><th role="rowheader" scope="rowgroup" colspan="{len(columns)}">{html.esc(name)}</th></tr>'
        body += "".join(_row(columns, row) for row in rows)
    return (
        f'<div class="hb-table-wrap hb-flows" tabindex="0" role="region" aria-label="{html.esc(label)}"><table class="hb-table" role="table">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(columns: Sequence[Column], cells: Sequence[str]) -> str:
    told = (
        f'<td role="cell" class="{column.look or "t"} {column.place}" data-name="{html.esc(column.name)}">{cell}</td>'
        for column, cell in zip(columns, cells, strict=True)
    )
    return f'<tr role="row">{"".join(told)}</tr>'
