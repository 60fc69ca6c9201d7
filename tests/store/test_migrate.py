from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from store.document import PAGE, page
from store.errors import DatabaseTooNew, SchemaChanged
from store.home import Home
from store.migrate import migrate, migrations
from store.owner import Owner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    schema = tmp_path / "schema"
    schema.mkdir()
    (schema / "0001_first.sql").write_text("CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1);")
    return schema


def run(database: Path, folder: Path, upto: int | None = None) -> list[str]:
    with duckdb.connect(str(database)) as connection:
        return migrate(connection, database, folder, upto)


def test_each_migration_runs_once_and_in_order(tmp_path: Path, folder: Path) -> None:
    database = tmp_path / "a.duckdb"
    assert run(database, folder) == ["0001_first"]
    (folder / "0002_second.sql").write_text("ALTER TABLE a ADD COLUMN m INTEGER; UPDATE a SET m = n + 1;")
    (folder / "0003_third.sql").write_text("UPDATE a SET m = m * 10;")
    assert run(database, folder, upto=2) == ["0002_second"]
    assert run(database, folder) == ["0003_third"]
    assert run(database, folder) == []
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("SELECT * FROM a").fetchall() == [(1, 20)]
        assert connection.execute("SELECT version, name FROM schema_version ORDER BY 1").fetchall() == [
            (1, "0001_first"), (2, "0002_second"), (3, "0003_third"),
        ]  # fmt: skip


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, folder: Path) -> None:
    database = tmp_path / "a.duckdb"
    run(database, folder)
    second = folder / "0002_second.sql"
    second.write_text("UPDATE a SET n = 99; CREATE TABLE b (n INTEGER); SELECT * FROM nowhere;")
    with pytest.raises(duckdb.CatalogException):
        run(database, folder)
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("SELECT n FROM a").fetchall() == [(1,)]
    second.write_text("CREATE TABLE b (n INTEGER);")
    assert run(database, folder) == ["0002_second"]


def test_an_applied_migration_must_not_change(tmp_path: Path, folder: Path) -> None:
    database = tmp_path / "a.duckdb"
    run(database, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE a (n BIGINT);")
    with pytest.raises(SchemaChanged, match="0001_first"):
        run(database, folder)


def test_holes_in_the_numbers_are_refused(folder: Path) -> None:
    (folder / "0003_third.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="numbered"):
        migrations(folder)


def test_a_database_of_a_newer_version_is_left_alone(home: Home) -> None:
    Owner.open(home).close()
    with duckdb.connect(str(home.database)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, '0099_future', 'x', now()::TIMESTAMP)")
    with pytest.raises(DatabaseTooNew) as caught:
        Owner.open(home)
    assert caught.value.found == 99
    assert Owner.running(home) is None


def test_a_new_home_gets_all_of_them_and_files_that_older_clients_open(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    with Owner.open(home) as owner:
        path = owner.publish()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT version FROM schema_version ORDER BY 1").fetchall() == [(m.version,) for m in migrations()]
        (tags,) = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = current_database()").fetchone() or ("",)
        assert "v1.5.0" in str(tags)


def test_every_table_view_and_column_is_explained(home: Home) -> None:
    with duckdb.connect() as connection:
        migrate(connection, Path(":memory:"))
        assert connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal AND comment IS NULL").fetchall() == []
        assert connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL").fetchall() == []
        assert (
            connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL").fetchall()
            == []
        )


def test_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m store.document"


def test_the_schema_keeps_to_what_a_lake_knows() -> None:
    words = ("PRIMARY KEY", "UNIQUE", "REFERENCES", "CREATE INDEX", "SEQUENCE", "ENUM", "CHECK (", "GENERATED", "ON CONFLICT")
    said = " ".join(line for m in migrations() for line in m.sql.splitlines() if not line.startswith(("--", "COMMENT"))).upper()
    assert [word for word in words if word in said] == []
