"""The directions of imports that docs/architecture.md draws, read from the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("collectors", "nlp", "store", "analysis", "monitor", "dashboard", "app")

# room -> what of ours it may import, itself apart
ALLOWED: dict[str, tuple[str, ...]] = {
    "dashboard": ("store", "analysis"),
    "app": ("dashboard", "store", "analysis"),
    "monitor": ("collectors", "nlp", "store", "analysis"),
    "collectors": ("store.records",),
    "store": (),
    "nlp": (),
    "analysis": (),
}
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(OR\s+REPLACE\s+)?(TEMP\s+)?(TABLE|VIEW)\s|WITH\s+\w+\s+AS\s*\()",
    re.IGNORECASE | re.DOTALL,
)


def files(room: str) -> list[Path]:
    return [ROOT / "app.py"] if room == "app" else sorted((ROOT / room).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Every module that ``file`` imports, whole name, wherever in the file."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{module}.{name.name}" for name in node.names)


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


@pytest.mark.parametrize("room", ALLOWED)
def test_imports_run_one_way(room: str) -> None:
    found = files(room)
    assert found
    wrong = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in found
        for module in imports(file)
        if any(within(module, other) for other in ROOMS)
        and not within(module, room)
        and not any(within(module, allowed) for allowed in ALLOWED[room])
    ]
    assert wrong == []


def test_the_records_stand_alone() -> None:
    assert [module for module in imports(ROOT / "store" / "records.py") if any(within(module, room) for room in ROOMS)] == []


def test_the_entry_is_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("room", [room for room in ALLOWED if room != "store"])
def test_sql_only_in_the_store(room: str) -> None:
    wrong = []
    for file in files(room):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize("room", ["collectors", "nlp", "analysis"])
def test_who_knows_no_database_opens_none(room: str) -> None:
    for file in files(room):
        assert "duckdb" not in {module.partition(".")[0] for module in imports(file)}, file


def test_heavy_libraries_stay_where_they_are_needed() -> None:
    for room in ("dashboard", "app", "store", "analysis", "collectors"):
        for file in files(room):
            assert not {module.partition(".")[0] for module in imports(file)} & {"sklearn", "sudachipy"}, file


def test_a_wrong_import_would_be_found(tmp_path: Path) -> None:
    assert within("store.records", "store")
    assert not within("storehouse", "store")
    assert SQL.match("\n  select a from posts where x")
    assert SQL.match("WITH last AS (SELECT 1)")
