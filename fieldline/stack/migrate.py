"""Databases: created, brought to the newest migration, seeded, copied, their clock set.

Migrations are applied as the Supabase CLI does it: in the order of their names, each in one transaction,
recorded in supabase_migrations.schema_migrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import LiteralString, cast
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from fieldline.errors import StackError
from fieldline.stack.rest import API_ROLE

SUPABASE = Path(__file__).resolve().parents[2] / "supabase"
BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
#: `--at` without an offset is meant as the demo company reads its clock.
DEMO_TIMEZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Migration:
    version: str
    name: str
    text: str


def migrations(folder: Path = SUPABASE / "migrations") -> list[Migration]:
    """All migrations, oldest first: `20260101000000_name.sql`."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        version, _, name = path.stem.partition("_")
        found.append(Migration(version, name, path.read_text()))
    return found


async def create_database(server: str, name: str, *, template: str | None = None) -> None:
    """Make database `name` afresh: empty, or a copy of `template` (tens of milliseconds).

    Anyone connected to either is sent away. What PostgreSQL does not copy, the grant on the database itself,
    is made again.
    """
    await drop_database(server, name)
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as owner:
        if template is None:
            await owner.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        else:
            await owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [template])
            await owner.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            await _let_api_create(owner, name)


async def ensure_database(server: str, name: str) -> None:
    """Make database `name` when there is none."""
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as owner:
        found = await owner.execute("select from pg_database where datname = %s", [name])
        if await found.fetchone() is None:
            await owner.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


async def drop_database(server: str, name: str) -> None:
    """Drop database `name` if there is one; anyone connected is sent away."""
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as owner:
        await owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


async def bootstrap(database: str, api_password: str) -> None:
    """Roles, schemas and privileges that a hosted project has before its first migration. Safe to repeat."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute(_trusted(BOOTSTRAP.read_text()))
        await owner.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(API_ROLE), sql.Literal(api_password))
        )
        await _let_api_create(owner, owner.info.dbname)


async def has_auth(database: str) -> bool:
    """Whether lite has made its auth tables, which the migrations refer to."""
    async with await psycopg.AsyncConnection.connect(database) as owner:
        row = await (await owner.execute("select to_regclass('auth.users') is not null")).fetchone()
        return bool(row and row[0])


async def migrate(database: str, wanted: list[Migration] | None = None) -> list[str]:
    """Apply what is missing; the versions applied.

    Raises:
        StackError: a migration failed; none of it stays.
    """
    applied: list[str] = []
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        rows = await owner.execute("select version from supabase_migrations.schema_migrations")
        done = {version for (version,) in await rows.fetchall()}
        for migration in wanted if wanted is not None else migrations():
            if migration.version not in done:
                await _apply(owner, migration)
                applied.append(migration.version)
    return applied


async def seed(database: str, path: Path = SUPABASE / "seed.sql") -> None:
    """Load the demo data, relative to the database's own clock.

    Raises:
        StackError: the seed failed; none of it stays.
    """
    text = _text(path)
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await _run(owner, text, path.name)


async def set_clock(database: str, at: str | None) -> None:
    """Let the database's clock run from `at` ("2026-03-04 09:00", or with an offset); None: real time.

    Raises:
        StackError: `at` is not a time.
    """
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute(
            "update public.deployment set environment = 'local',"
            " clock_offset = coalesce(%s::timestamptz - clock_timestamp(), interval '0')",
            [parse_time(at) if at else None],
        )


def parse_time(at: str) -> datetime:
    """`at` as an exact time.

    Raises:
        StackError: it is not one.
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise StackError(f"{at!r} is not a time.", hint='Write it as "2026-03-04 09:00".') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=DEMO_TIMEZONE)


async def _apply(owner: psycopg.AsyncConnection, migration: Migration) -> None:
    async with owner.transaction():
        await _run(owner, migration.text, f"{migration.version}_{migration.name}.sql")
        await owner.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)",
            [migration.version, migration.name, [migration.text]],
        )


async def _run(owner: psycopg.AsyncConnection, text: str, name: str) -> None:
    try:
        await owner.execute(_trusted(text))
    except psycopg.Error as error:
        context = f"\n{error.diag.context}" if error.diag.context else ""
        raise StackError(f"{name}: {error}{context}") from error


async def _let_api_create(owner: psycopg.AsyncConnection, database: str) -> None:
    """Lite says `create schema if not exists` at each start, which needs the right even when they exist."""
    await owner.execute(
        sql.SQL("grant create on database {} to {}").format(sql.Identifier(database), sql.Identifier(API_ROLE))
    )


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _trusted(text: str) -> LiteralString:
    """SQL of our own repository; psycopg asks that no other text is executed."""
    return cast(LiteralString, text)
