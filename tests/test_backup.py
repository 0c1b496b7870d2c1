"""A backup can be read back, whole, and says so when it cannot."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psycopg
import pytest

from fieldline import backup
from fieldline.errors import StackError
from fieldline.settings import Settings
from fieldline.stack.cache import Cache
from tests.support.stacks import Databases


@pytest.fixture
def cache() -> Cache:
    return Cache(Settings().cache_dir)


async def test_backup_is_restored_with_every_row(database: str, cache: Cache, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "monday.dump"
    counts = await asyncio.to_thread(backup.backup, database, file, cache=cache)
    assert counts["public.work_orders"] == 124
    assert file.stat().st_mode & 0o077 == 0
    assert await asyncio.to_thread(backup.verify, database, file, cache=cache) == []


async def test_rows_written_after_the_backup_do_not_disturb_its_check(
    database: str, cache: Cache, tmp_path: Path
) -> None:
    file = tmp_path / "monday.dump"
    await asyncio.to_thread(backup.backup, database, file, cache=cache)
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("insert into public.unrouted_calls (room, to_number) values ('call-late', '+12025550199')")
    assert await asyncio.to_thread(backup.verify, database, file, cache=cache) == []


async def test_missing_rows_are_named(database: str, cache: Cache, tmp_path: Path) -> None:
    file = tmp_path / "monday.dump"
    counts = await asyncio.to_thread(backup.backup, database, file, cache=cache)
    (tmp_path / "monday.dump.counts.json").write_text(json.dumps(counts | {"public.trucks": 99}))
    differs = await asyncio.to_thread(backup.verify, database, file, cache=cache)
    assert differs == ["public.trucks: 99 rows in the backup, 7 restored"]


async def test_restored_database_answers_like_the_old_one(
    postgres: Databases, database: str, cache: Cache, tmp_path: Path
) -> None:
    """Into a database that brings its own auth tables, as a new project does; accounts and grants come along."""
    file = tmp_path / "monday.dump"
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("insert into auth.users (id, email) values (gen_random_uuid(), 'ann@people.example')")
        await owner.execute("insert into public.line_accounts (user_id) select id from auth.users")
    await asyncio.to_thread(backup.backup, database, file, cache=cache)
    fresh = await _database_without_our_tables(postgres)
    await asyncio.to_thread(backup.restore, file, fresh, cache=cache)
    async with await psycopg.AsyncConnection.connect(fresh) as owner:
        answer = await owner.execute(
            "select has_table_privilege('authenticated', 'public.work_orders', 'select'),"
            " has_table_privilege('service_role', 'public.technician_pins', 'select'),"
            " (select email from auth.users join public.line_accounts on user_id = id)"
        )
        assert await answer.fetchone() == (True, False, "ann@people.example")
    await postgres.drop(fresh)


async def test_restore_does_not_write_over_a_company(database: str, cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="holds tables"):
        await asyncio.to_thread(backup.restore, tmp_path / "monday.dump", database, cache=cache)


async def test_a_file_that_is_no_backup_is_refused(database: str, cache: Cache, tmp_path: Path) -> None:
    file = tmp_path / "monday.dump"
    file.write_text("not a dump")
    (tmp_path / "monday.dump.counts.json").write_text("{}")
    with pytest.raises(StackError, match="is no backup"):
        await asyncio.to_thread(backup.verify, database, file, cache=cache)


async def _database_without_our_tables(postgres: Databases) -> str:
    url = await postgres.copy()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as owner:
        await owner.execute("drop schema public cascade; create schema public; delete from auth.users")
        await owner.execute("delete from supabase_migrations.schema_migrations")
        await owner.execute("grant usage on schema public to anon, authenticated, service_role")
    return url
