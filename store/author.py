"""The author's key: a keyed hash, so that people can be counted without being named.

Without ``data/author.key`` nobody can go from a known account to its key; deleting that file makes all keys anonymous for good.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from store.files import room, sync_folder


def load_key(path: Path) -> bytes:
    """Return the 32-byte key in ``path``; make it (mode 0600) when there is none. Safe when several processes start at once."""
    if not path.exists():
        beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
        with room(path):
            try:
                descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                    stream.write(secrets.token_hex(32))
                    stream.flush()
                    os.fsync(stream.fileno())
                # a link, not a rename: whoever comes second keeps the first one's key
                with suppress(FileExistsError):
                    os.link(beside, path)
                sync_folder(path.parent)
            finally:
                beside.unlink(missing_ok=True)
    return bytes.fromhex(path.read_text(encoding="ascii"))


def author_key(key: bytes, platform: str, author_id: str) -> int:
    """Return the 63-bit key of ``author_id`` on ``platform`` (BLAKE2b keyed with ``key``)."""
    digest = blake2b(f"{platform}\0{author_id}".encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "big") >> 1
