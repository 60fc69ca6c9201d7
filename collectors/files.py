"""Files that people have: exports of X, Meta Business Suite, YouTube Studio and TikTok Studio, surveys, KPIs, and tables of mentions.

The same file gives the same records every time (ids are the platform's own, ``observed_at`` is the file's), so importing it again
changes nothing. A row that cannot be read becomes a reject with its line, and the rest goes in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.csvread import BadLine, Row, Text, decode, rows
from collectors.errors import AccessError, FormatError
from collectors.exports import EXPORTS, Matched, known_kinds, nearest, recognise
from collectors.filerows import RowReader
from collectors.jsonread import storable
from collectors.language import say
from collectors.layout import Export
from collectors.values import TOKYO, DayOrder, NotReadable, day_order
from store.records import Kpi, Post, Record, Reject, SurveyAnswer

SEPARATORS = (",", "\t", ";")
HEADER_WITHIN = 12
LARGEST = 300 * 1024 * 1024


@dataclass(slots=True)
class Report:
    """What was found in a file; complete once all its records were read. ``fields``: field -> the column's name in the file.

    ``rows`` counts what stands below the header, blank lines apart: each is a post, an answer, a row of ``kpis``, ``skipped`` (totals,
    repetitions, rows without a figure) or one of ``rejects``; ``kpis`` counts figures, of which a row may hold several. ``from_at`` and ``to_at`` are the times of the oldest and newest row. ``digest`` is the content's SHA-256. ``line`` is how
    far the reading has come, of ``lines`` in the file.
    """

    file: str
    export: str
    title: str
    platform: str
    encoding: str
    digest: str
    observed_at: datetime
    columns: list[str]
    fields: dict[str, str]
    unused: list[str]
    lines: int = 0
    line: int = 0
    rows: int = 0
    posts: int = 0
    answers: int = 0
    kpis: int = 0
    skipped: int = 0
    rejects: list[Reject] = field(default_factory=list)
    from_at: datetime | None = None
    to_at: datetime | None = None


class ExportFile:
    """A file to import. Made by ``open_export``; read with ``records``, after which ``report`` is complete.

    ``source`` is the name that its records bear; ``kinds`` are the kinds of file that it may be.
    """

    def __init__(
        self,
        name: str,
        content: bytes,
        *,
        brand: str,
        source: str | None = None,
        observed_at: datetime,
        zone: ZoneInfo = TOKYO,
        kinds: Sequence[Export] = EXPORTS,
    ) -> None:
        self._text = decode(content, name)
        self._matched, self._header_line, self._separator, columns = _find_header(self._text, name, kinds)
        self.export: Export = self._matched.export
        self._brand = brand
        self.source = source or f"import-{self.export.key}"
        self._zone = ZoneInfo("UTC") if self.export.utc else zone
        self._observed_at = observed_at.astimezone(UTC)
        fields = {name: columns[index] for name, index in self._matched.fields.items()}
        used = set(self._matched.fields.values())
        self.report = Report(
            file=name,
            export=self.export.key,
            title=self.export.title,
            platform=self.export.platform,
            encoding=self._text.encoding,
            digest=hashlib.sha256(content).hexdigest(),
            observed_at=self._observed_at,
            columns=columns,
            fields=fields,
            unused=[column for index, column in enumerate(columns) if index not in used and column.strip()],
            lines=len(self._text),
        )

    def preview(self, limit: int = 5) -> list[Record]:
        """Return the first ``limit`` posts (or answers) that the file would give, without touching ``report``."""
        found = (record for record in self._read(_empty(self.report)) if isinstance(record, Post | SurveyAnswer | Kpi))
        return list(islice(found, limit))

    def records(self) -> Iterator[Record]:
        """Yield every record of the file, in its order; ``report`` counts along, and begins anew with each call."""
        self.report = _empty(self.report)
        return self._read(self.report)

    def _read(self, report: Report) -> Iterator[Record]:
        reader = RowReader(
            self.export, self._matched.fields, report.columns, self._brand, self.source, self._observed_at, self._zone, self._day_order()
        )
        for row in rows(self._text, self._separator):
            report.line = row.line
            if row.line <= self._header_line or (isinstance(row, Row) and not any(cell.strip() for cell in row.cells)):
                continue
            report.rows += 1
            try:
                found = reader.read(_whole(row))
            except NotReadable as error:
                raw = row.raw if isinstance(row, BadLine) else self._separator.join(row.cells)
                yield self._reject(report, row.line, str(error), raw)
                continue
            if not found:
                report.skipped += 1
            for record in found:
                _count(report, record, self._zone)
                yield record
        report.line = report.lines

    def _day_order(self) -> DayOrder:
        """Return in which order the file writes day and month ("07/14/2026"), where only the whole file can tell."""
        column = self._matched.fields.get("time")
        if column is None or self.export.snowflake:
            return "mdy"
        found = rows(self._text, self._separator)
        return day_order(row.cells[column] for row in found if isinstance(row, Row) and len(row.cells) > column)

    def _reject(self, report: Report, line: int, reason: str, raw: str) -> Reject:
        place = say(f"{report.file} {line}行目", f"{report.file} line {line}")
        reject = Reject(source=self.source, place=place, reason=reason, raw=storable(raw)[:4000], seen_at=self._observed_at)
        report.rejects.append(reject)
        return reject


def _whole(row: Row | BadLine) -> list[str]:
    """Return the row's cells.

    Raises:
        NotReadable: It is none, or not all of it can be read.
    """
    if isinstance(row, BadLine):
        raise NotReadable(row.reason)
    if row.spoiled:
        raise NotReadable(
            say("文字コードが壊れています(UTF-8 でも Shift_JIS でもありません)", "its characters are neither UTF-8 nor Shift_JIS")
        )
    return row.cells


def open_export(
    file: Path,
    *,
    brand: str,
    source: str | None = None,
    observed_at: datetime | None = None,
    zone: ZoneInfo = TOKYO,
    kinds: Sequence[Export] = EXPORTS,
) -> ExportFile:
    """Return the file to import for ``brand``. ``observed_at``: when its counts were true (default: when the file was written).

    ``kinds``: what it may be; ``collectors.tables`` makes kinds of what the user says.

    Raises:
        AccessError: The file cannot be opened.
        FormatError: It is no table, or none that is known; the message names the columns that were seen and those expected.
    """
    try:
        status = file.stat()
        if status.st_size > LARGEST:
            raise FormatError(say(f"{file.name} は大きすぎます(上限 300 MB)", f"{file.name} is too large (more than 300 MB)"))
        content = file.read_bytes()
    except OSError as error:
        raise AccessError(
            say(f"{file} を開けません({_why(error)})", f"{file} cannot be opened ({error.strerror})"),
            say("ファイルの場所と、読む権限を確かめてください", "Check the file's place and its permissions"),
        ) from None
    when = observed_at or datetime.fromtimestamp(int(status.st_mtime), UTC)
    return ExportFile(file.name, content, brand=brand, source=source, observed_at=when, zone=zone, kinds=kinds)


def _why(error: OSError) -> str:
    """Say in Japanese why a file cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return "ありません"
    if isinstance(error, IsADirectoryError):
        return "フォルダーです"
    return "読む権限がありません" if isinstance(error, PermissionError) else str(error.strerror)


def _empty(report: Report) -> Report:
    return Report(
        **{name: getattr(report, name) for name in ("file", "export", "title", "platform", "encoding", "digest", "observed_at", "lines")},
        columns=report.columns,
        fields=report.fields,
        unused=report.unused,
    )


def _count(report: Report, record: Record, zone: ZoneInfo) -> None:
    if isinstance(record, Post):
        report.posts += 1
        moment = record.created_at
    elif isinstance(record, SurveyAnswer | Kpi):
        if isinstance(record, Kpi):
            report.kpis += 1
        else:
            report.answers += 1
        day = record.day if isinstance(record, Kpi) else record.answered_on
        moment = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    else:
        return
    report.from_at = min(report.from_at or moment, moment)
    report.to_at = max(report.to_at or moment, moment)


def _find_header(text: Text, name: str, kinds: Sequence[Export]) -> tuple[Matched, int, str, list[str]]:
    """Return the kind of file, the line of its header, its separator, and its columns' names."""
    seen: list[list[str]] = []
    for separator in SEPARATORS:
        for row in islice(rows(text, separator), HEADER_WITHIN):
            if isinstance(row, BadLine):
                continue
            matched = recognise(row.cells, kinds)
            if matched:
                names = [cell.strip() for cell in row.cells]
                while not names[-1]:  # a spreadsheet keeps columns that were once used
                    names.pop()
                return matched, row.line, separator, names
            seen.append(row.cells)
    first = next((line for line in (text[index].strip() for index in range(len(text))) if line), "")
    if not first:
        raise FormatError(
            say(f"{name} は空のファイルです", f"{name} is an empty file"), advice=say("もう一度書き出してください", "Export it again")
        )
    near = nearest(seen, kinds)
    if near:
        export, missing = near
        which = "・".join(f"「{column}」" for column in missing)
        raise FormatError(
            say(
                f"{name} は「{export.title}」のようですが、列{which}がありません",
                f"{name} looks like {export.title}, but it has no column {which}",
            ),
            first,
            say("見出しの名前を直すか、列を省かずに書き出してください", "Mend the header, or export all columns"),
        )
    raise FormatError(
        say(
            f"{name} の種類が見出しからわかりません(見つかった列: {first[:120]})",
            f"{name}: no known kind of file (columns seen: {first[:120]})",
        ),
        first,
        say(
            f"取り込めるのは: {known_kinds(kinds)}。見出しの行を残してください",
            f"These can be read: {known_kinds(kinds)}. Keep the line of headings",
        ),
    )
