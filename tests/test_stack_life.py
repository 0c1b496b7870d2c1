"""A stack survives what happens to machines: killed, started twice, folders with spaces, no rights."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldline.errors import StackError
from fieldline.settings import get_settings, load_settings
from fieldline.stack import Stack, commands, identity
from fieldline.stack.guard import is_alive
from fieldline.stack.state import Home
from fieldline.stack.supervisor import until
from fieldline.stack.web import request

DEADLOCK_S = 90
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another identity")


@dataclass
class Kept:
    """A stack that runs in a process of its own."""

    process: asyncio.subprocess.Process
    pids: dict[str, int]
    database_url: str

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def all_gone(self) -> bool:
        async def probe() -> bool:
            return not any(is_alive(pid) for pid in self.pids.values())

        return await until(probe, DEADLOCK_S)


async def start(home: Path, *parts: str) -> Kept:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.kept", str(home), *parts, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), DEADLOCK_S)
    ready: dict[str, Any] = json.loads(line)
    return Kept(process, ready["pids"], ready["database_url"])


async def run_sql(url: str, *statements: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(url) as owner:
        rows: list[Any] = []
        for statement in statements:
            found = await owner.execute(statement.encode())
            rows = await found.fetchall() if found.description else []
        return rows


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a folder with spaces" / ".fieldline"


@pytest.fixture
async def again(home: Path) -> AsyncIterator[Stack]:
    """Starts a stack in the same home, in this process, as the next `up` would."""
    stack = Stack(home, parts=["postgres"], settings=load_settings())
    yield stack
    await stack.stop()


async def test_kill_9_stops_every_part_and_keeps_the_rows(home: Path, again: Stack) -> None:
    kept = await start(home, "rest")
    await run_sql(kept.database_url, "create table kept (id int)", "insert into kept values (1)")
    await kept.kill()
    assert await kept.all_gone()
    assert "database system is shut down" in (home / "logs" / "postgres.log").read_text()
    await again.start()
    assert await run_sql(again.info.database_url, "select id from kept") == [(1,)]
    assert "was not properly shut down" not in (home / "logs" / "postgres.log").read_text()


async def test_start_right_after_kill_9_waits_for_the_guard(home: Path, again: Stack) -> None:
    kept = await start(home, "postgres")
    await kept.kill()
    await again.start()
    assert again.supervisor.pids["postgres"] != kept.pids["postgres"]


@pytest.mark.skipif(sys.platform != "linux", reason="leftovers are found by their environment on Linux only")
async def test_even_the_guard_may_be_killed(home: Path, again: Stack) -> None:
    kept = await start(home, "rest")
    await run_sql(kept.database_url, "create table kept (id int)")
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        words = entry.read_bytes().split(b"\0") if entry.exists() else []
        if str(home / "postgres").encode() in words and any(w.endswith(b"guard.py") for w in words):
            os.kill(int(entry.parent.name), signal.SIGKILL)
    await kept.kill()
    assert is_alive(kept.pids["rest"]), "nobody was left to stop it"
    os.kill(kept.pids["postgres"], signal.SIGKILL)  # its pid file stays
    await again.start()
    assert await kept.all_gone()
    assert await run_sql(again.info.database_url, "select count(*) from kept") == [(0,)]


async def test_second_start_in_one_folder_is_refused(home: Path, again: Stack) -> None:
    await again.start()
    other = Stack(home, parts=["postgres"], settings=load_settings())
    with pytest.raises(StackError, match=rf"already runs in .* \(process {os.getpid()}\)"):
        await other.start()
    assert await run_sql(again.info.database_url, "select 1") == [(1,)]


async def test_secrets_are_for_their_owner_only(home: Path, again: Stack) -> None:
    await again.start()
    for name in ("secrets.json", "state.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    first = Home(home).secrets()
    assert first == Home(home).secrets()
    state = (home / "state.json").read_text()
    assert first.owner_password not in state and first.jwt_secret not in state


async def test_running_stack_is_found_and_described(
    home: Path, again: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIELDLINE_HOME", str(home))
    get_settings.cache_clear()
    try:
        assert commands.running_settings() is None
        assert (commands.status(), commands.env()) == (1, 1)
        await again.start()
        capsys.readouterr()
        assert (commands.status(), commands.env()) == (0, 0)
        told = capsys.readouterr().out
        printed = shlex.split(told[told.index("FIELDLINE_ENV=") :])
        assert printed == [f"{name}={value}" for name, value in again.info.env.items()]
        settings = commands.running_settings()
        assert settings and settings.supabase_url == again.info.supabase_url
    finally:
        get_settings.cache_clear()


async def test_the_api_comes_back_after_the_database_cut_every_connection(home: Path) -> None:
    async with Stack(home, scratch=True, parts=["rest"], settings=load_settings()) as stack:
        key = {"apikey": stack.info.supabase_publishable_key}

        async def asks_the_database() -> bool:
            try:
                _, body = await request(
                    "POST", f"{stack.info.supabase_url}/rest/v1/rpc/line_ping", headers=key, body={}
                )
            except OSError:
                return False
            return isinstance(body, dict) and body.get("code") == "42501"  # it is there, and not for strangers

        for _ in range(3):
            assert await until(asks_the_database, DEADLOCK_S)
            await run_sql(
                stack.info.database_url,
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fieldline_api'",
            )
        assert await until(asks_the_database, DEADLOCK_S)


async def test_scratch_leaves_nothing(home: Path) -> None:
    stack = Stack(home, scratch=True, parts=["postgres"], settings=load_settings())
    async with stack:
        assert stack.home.root.parent == home / "scratch"
    assert list((home / "scratch").iterdir()) == []


async def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    stack = Stack(tmp_path / "file" / ".fieldline", parts=["postgres"], settings=load_settings())
    with pytest.raises(StackError, match=r"Cannot write to .*file/\.fieldline"):
        await stack.start()


@as_root
async def test_root_without_namespaces_uses_an_unprivileged_account(
    home: Path, again: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Path(tempfile.mkdtemp(dir="/var/tmp"))
    shared.chmod(0o755)
    monkeypatch.setattr(identity, "SHARED", shared)
    monkeypatch.setattr(identity, "namespaces_allowed", lambda _: False)
    try:
        await again.start()
        owner = Path(f"/proc/{again.supervisor.pids['postgres']}").stat().st_uid
        assert owner != 0
        assert await run_sql(again.info.database_url, "select 1") == [(1,)]
        await again.stop()
    finally:
        shutil.rmtree(shared)
