"""docs/line-functions.md says what the database has: functions, arguments and codes."""

from __future__ import annotations

import re
from pathlib import Path

from fieldline.technician_functions import TechnicianFunctions
from tests.support.lines import Connection

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "line-functions.md").read_text()
#: Said by the worker, not by the database: see the page.
OF_THE_WORKER = {("FL006", "unknown_number")}


async def functions_of_the_line(sql: Connection) -> dict[str, list[str]]:
    """Functions that check the line's account first, with the names of their arguments."""
    found = await sql.execute(
        r"""select p.proname, coalesce(p.proargnames, '{}') from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname !~ '^_'
          and p.prosrc ~ '_line_(account|call|technician|customer)\('"""
    )
    return dict(await found.fetchall())


async def test_page_lists_every_line_function_with_its_arguments(sql: Connection) -> None:
    listed = {
        name: [argument for argument in arguments.split(", ") if argument]
        for name, arguments in re.findall(r"^\| `(\w+)\(([^)]*)\)` \|", PAGE, re.MULTILINE)
    }
    assert listed == await functions_of_the_line(sql)


async def test_page_lists_every_code_that_the_database_raises(sql: Connection) -> None:
    found = await sql.execute(
        "select prosrc from pg_proc where pronamespace = 'public'::regnamespace and prosrc like '%_refuse(''FL%'"
    )
    sources = " ".join(row[0] for row in await found.fetchall())
    raised = set(re.findall(r"_refuse\('(FL\d{3})',\s*'(\w+)'", sources))
    assert set(re.findall(r"^\| (FL\d{3}) \| (\w+) \|", PAGE, re.MULTILINE)) == raised | OF_THE_WORKER


def test_page_names_only_refusals_that_have_a_code() -> None:
    reasons = {reason for _, reason in re.findall(r"^\| (FL\d{3}) \| (\w+) \|", PAGE, re.MULTILINE)}
    rows = re.findall(r"^\| `\w+\([^)]*\)` \|.*\| ([\w, ]*) ?\|$", PAGE, re.MULTILINE)
    named = {reason.strip() for row in rows for reason in row.split(",") if reason.strip()}
    assert named and named <= reasons


async def test_store_has_a_method_for_every_function_of_the_technician(sql: Connection) -> None:
    found = await sql.execute(
        r"""select proname from pg_proc where pronamespace = 'public'::regnamespace
        and proname !~ '^_' and prosrc ~ '_line_technician\('"""
    )
    methods = {name for name in vars(TechnicianFunctions) if not name.startswith("_")}
    assert {row[0] for row in await found.fetchall()} == methods


async def test_no_function_but_the_clock_reads_the_time(sql: Connection) -> None:
    found = await sql.execute(
        r"""select proname from pg_proc
        where pronamespace = 'public'::regnamespace and proname not in ('fieldline_now', 'set_clock')
          and prosrc ~* '\m(now|(clock|statement|transaction)_timestamp)\(|\mcurrent_(date|time|timestamp)\M'"""
    )
    assert await found.fetchall() == []
