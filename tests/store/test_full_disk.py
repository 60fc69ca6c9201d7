"""A full disk: a clear error, and nothing lost once there is room. A real one: a small tmpfs, which only root can mount."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import published
from store.errors import DiskFull
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from tests.store.build import counts, one, own, post


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield Home(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(home: Home, leave: int) -> Path:
    """Fill the disk up to ``leave`` bytes."""
    ballast = home.root / "ballast"
    free = subprocess.run(["df", "--output=avail", "-B1", str(home.root)], capture_output=True, text=True, check=True)
    with ballast.open("wb") as stream:
        stream.truncate(0)
        left = int(free.stdout.split()[-1]) - leave
        while left > 0:
            left -= stream.write(b"\0" * min(left, 1 << 20))
    return ballast


def batch(name: str, size: int = 4000) -> list[object]:
    ids = [f"{name}-{n}" for n in range(size)]
    return [*(own(i, text=f"{hash(i)}" * 6) for i in ids), *(counts(i, views=n) for n, i in enumerate(ids))]


def test_landing_on_a_full_disk_acknowledges_nothing_and_leaves_no_litter(small: Home) -> None:
    inbox = Inbox(small)
    ballast = fill(small, leave=20_000)
    with pytest.raises(DiskFull, match="空き容量がありません") as caught:
        inbox.land(batch("a"))  # type: ignore[arg-type]
    assert "disk is full" in caught.value.text("en")
    assert list(small.inbox.iterdir()) == []
    ballast.unlink()
    assert len(inbox.land(batch("a"))) == 2  # type: ignore[arg-type]


def work(owner: Owner, inbox: Inbox) -> None:
    for _ in range(3):
        owner.ingest()
        owner.publish()
        owner.compact()
        inbox.land(batch("more", 20000))  # type: ignore[arg-type]


@pytest.mark.parametrize("leave", [0, 40_000, 300_000, 1_000_000, 2_000_000])
def test_an_owner_on_a_full_disk_says_so_and_loses_nothing(small: Home, leave: int) -> None:
    inbox = Inbox(small)
    with Owner.open(small) as owner:
        inbox.land(batch("before", 500))  # type: ignore[arg-type]
        owner.ingest()
        owner.publish()
        inbox.land(batch("a"))  # type: ignore[arg-type]
        inbox.land([post("last")])
        ballast = fill(small, leave)
        with pytest.raises(DiskFull):
            work(owner, inbox)
        with published.connect(small) as connection:
            found = connection.execute("SELECT count(*) FROM posts").fetchone()
            assert found is not None
            assert found[0] in (500, 4501)
        ballast.unlink()
        for path in small.published.glob("hibiki-2*.duckdb"):
            if path != published.newest(small):
                path.unlink()
        owner.ingest()
        assert one(owner, "SELECT count(*) FROM posts WHERE native_id NOT LIKE 'more%'") == 4501
        assert one(owner, "SELECT count(*), count(DISTINCT post_key) FROM metrics WHERE views IS NOT NULL")[0] >= 4500
        assert one(owner, "SELECT count(*) - count(DISTINCT post_key) FROM metrics") == 0


def test_an_owner_that_cannot_even_start_says_so(small: Home) -> None:
    small.prepare()
    ballast = fill(small, leave=0)
    with pytest.raises(DiskFull):
        Owner.open(small)
    ballast.unlink()
    with Owner.open(small) as owner:
        assert owner.ingest().files == 0


def test_a_backup_onto_a_full_disk_says_so(small: Home, home: Home) -> None:
    small.root.joinpath("backup").mkdir()
    with Owner.open(home) as owner:
        Inbox(home).land(batch("a"))  # type: ignore[arg-type]
        fill(small, leave=50_000)
        with pytest.raises(DiskFull):
            owner.backup(small.root / "backup")
        assert one(owner, "SELECT count(*) FROM posts") == 4000
