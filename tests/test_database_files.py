"""The database's files keep their own rules, and what is written from the database agrees with it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fieldline import models, models_gen
from fieldline.stack import migrate

MIGRATIONS = sorted((Path(__file__).resolve().parents[1] / "supabase" / "migrations").glob("*.sql"))
DEFINER = re.compile(r"create (?:or replace )?function public\.(\w+)\(([^$]*?)security definer", re.S)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_migration_names_its_definer_functions(path: Path) -> None:
    """One by one, but for those that are definer for one reason: triggers, and what the line calls with a call_id."""
    text = path.read_text()
    header = text[: text.index("\ncreate ")]
    assert header.startswith("-- "), "the header says why this file exists"
    own = [name for name, rest in DEFINER.findall(text) if "returns trigger" not in rest and "call_id uuid" not in rest]
    unnamed = [name for name in own if not re.search(rf"\b{name}\b", header)]
    assert unnamed == [], "definer functions are listed on top, with the reason"


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_migration_needs_nothing_that_a_hosted_project_refuses(path: Path) -> None:
    text = path.read_text().lower()
    for refused in ("alter system", "create event trigger", "superuser", "create role", "alter role"):
        assert refused not in text


async def test_models_are_what_the_database_has(database: str) -> None:
    text = await asyncio.to_thread(models_gen.generate, database)
    assert Path(str(models.__file__)).read_text() == text, "run: python -m fieldline.models_gen DATABASE_URL"


async def test_row_of_the_api_fits_its_model(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as owner:
        rows = await owner.execute("select to_jsonb(w) from public.work_orders w where number = 1057")
        row = await rows.fetchone()
    assert row
    assert models.WorkOrder.model_validate(row[0]).order_type == "new_installation"


async def test_demo_data_loads_twice_without_harm(database: str) -> None:
    before = await _contents(database)
    await migrate.seed(database)
    assert await _contents(database) == before


async def test_demo_data_stays_out_of_a_real_companys_database(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("truncate public.companies cascade; insert into public.companies (name) values ('Real')")
    await migrate.seed(database)
    assert (await _contents(database))["companies"][0] == 1


async def _contents(database: str) -> dict[str, tuple[int, str]]:
    """Rows and a digest of them, by table."""
    async with await psycopg.AsyncConnection.connect(database) as owner:
        tables = await owner.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        found: dict[str, tuple[int, str]] = {}
        for (table,) in await tables.fetchall():
            query = sql.SQL("select count(*), coalesce(md5(string_agg(t::text, ';' order by t::text)), '') from {} t")
            row = await (await owner.execute(query.format(sql.Identifier("public", table)))).fetchone()
            assert row
            found[table] = row
        return found
