"""What can go wrong in the store.

StoreError
├── OwnerRunning     another process owns this home; carries its PID
├── NotPublished     nothing has been published yet
├── DiskFull         no room left; nothing acknowledged was lost
├── BadFile          a file cannot be read, or does not say what it should; carries the path and the reason
├── BadRecord        a record that the store cannot take (a time without a zone, a count past 64 bits)
├── DatabaseTooNew   the database was written by a newer Hibiki
├── SchemaChanged    a migration was edited after it had been applied
├── DatabaseBusy     another program holds the database file open
└── BackupError      a backup that is not whole, or a folder that must not be overwritten

Each says in one line what is wrong and how to mend it: ``str(error)`` in Japanese, ``error.text("en")`` in English.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Language = Literal["ja", "en"]


class StoreError(Exception):
    """Something the store cannot do, said in both languages."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(ja, en)
        self.ja = ja
        self.en = en

    def text(self, language: Language = "ja") -> str:
        """Return the one line for people, in ``language``."""
        return self.ja if language == "ja" else self.en

    def __str__(self) -> str:
        return self.ja


class OwnerRunning(StoreError):
    """Another process owns the home; ``pid`` is ``None`` where it did not say which."""

    def __init__(self, pid: int | None, lock: Path) -> None:
        who = "" if pid is None else f" (PID {pid})"
        super().__init__(
            f"このフォルダーは別の hibiki{who} が使用中です。そちらを止めるか、--home で別のフォルダーを指定してください: {lock}",
            f"Another hibiki{who} owns this folder. Stop it, or name another folder with --home: {lock}",
        )
        self.pid = pid


class NotPublished(StoreError):
    """There is no published database to read."""

    def __init__(self, link: Path) -> None:
        super().__init__(
            f"公開データがまだありません。`hibiki up` か `hibiki collect` を一度実行してください: {link}",
            f"Nothing has been published yet. Run `hibiki up` or `hibiki collect` once: {link}",
        )
        self.link = link


class DiskFull(StoreError):
    """The disk has no room left. What had been acknowledged is safe."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"ディスクの空き容量がありません。空きを作ってからもう一度実行してください（受け取り済みのデータは失われていません）: {path}",
            f"The disk is full. Make room and run again (nothing that had been received is lost): {path}",
        )
        self.path = path


class BadFile(StoreError):
    """A file that cannot be read or does not hold what it should."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"ファイルを読み込めません（{reason}）: {path}", f"Cannot read the file ({reason}): {path}")
        self.path = path
        self.reason = reason


class BadRecord(StoreError):
    """A record that the store cannot take as it is."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"記録を受け取れません（{kind}: {reason}）", f"Cannot take the record ({kind}: {reason})")
        self.kind = kind
        self.reason = reason


class DatabaseTooNew(StoreError):
    """The database has migrations that this version does not know."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"データベースが新しい版の hibiki で作られています（構造 {found}、この版は {known} まで）。hibiki を更新してください: {path}",
            f"The database was made by a newer hibiki (schema {found}, this version knows {known}). Update hibiki: {path}",
        )
        self.found = found
        self.known = known


class SchemaChanged(StoreError):
    """A migration that had been applied was edited since."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(
            f"適用済みの構造定義 {name} がその後に変更されています。元の版に戻すか、データを作り直してください: {path}",
            f"The migration {name} was changed after it had been applied. Go back to that version, or build the data anew: {path}",
        )
        self.name = name


class DatabaseBusy(StoreError):
    """Another program (not an owner) holds the owner's database open."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"別のプログラムがデータベースを開いています。閉じるか、代わりに data/published/hibiki.duckdb を開いてください: {path}（{detail}）",
            f"Another program holds the database open. Close it, or let it open data/published/hibiki.duckdb instead: {path} ({detail})",
        )
        self.path = path


class BackupError(StoreError):
    """A backup that is not whole, or a folder in the way."""
