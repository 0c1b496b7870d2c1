"""Doctor says what keeps the line from answering, and whether a Supabase behaves as Fieldline needs it to."""

from __future__ import annotations

import psycopg
import pytest

from fieldline.doctor.checks import database, livekit, spool
from fieldline.doctor.contract import FOR_A_MEMBER, FOR_THE_LINE, examine_contract
from fieldline.settings import load_settings
from tests.support.stacks import Supabase


async def test_embedded_supabase_keeps_the_whole_contract(supabase: Supabase) -> None:
    info = supabase.info
    findings = await examine_contract(supabase.settings, email=info.admin_email, password=info.admin_password)
    assert [f for f in findings if f.state != "ok"] == []
    assert len(findings) == len(FOR_THE_LINE) + len(FOR_A_MEMBER)


async def test_contract_without_credentials_is_about_the_line_only(supabase: Supabase) -> None:
    assert len(await examine_contract(supabase.settings)) == len(FOR_THE_LINE)


async def test_row_level_security_that_was_switched_off_is_found(supabase: Supabase) -> None:
    async with await psycopg.AsyncConnection.connect(supabase.database_url) as owner:
        await owner.execute("alter table public.departments disable row level security")
    info = supabase.info
    findings = await examine_contract(supabase.settings, email=info.admin_email, password=info.admin_password)
    assert [f.name for f in findings if f.state == "broken"] == ["members see one company"]


async def test_working_database_is_ok(supabase: Supabase) -> None:
    assert (await database(supabase.settings)).state == "ok"


async def test_wrong_password_of_the_line_is_told_with_the_way_to_mend_it(supabase: Supabase) -> None:
    finding = await database(supabase.settings.model_copy(update={"line_email": "nobody@fieldline.invalid"}))
    assert finding.state == "broken"
    assert "line_accounts" in finding.mend


@pytest.mark.usefixtures("clean_environ")
async def test_missing_configuration_is_broken_and_says_what_to_do() -> None:
    settings = load_settings()
    for finding in (await database(settings), await livekit(settings)):
        assert finding.state == "broken"
        assert finding.mend


@pytest.mark.usefixtures("clean_environ")
@pytest.mark.usefixtures("clean_environ")
async def test_items_that_wait_for_the_database_are_counted() -> None:
    settings = load_settings()
    settings.spool.mkdir(parents=True)
    assert (await spool(settings)).state == "ok"
    (settings.spool / "call.jsonl").write_text("{}\n")
    assert (await spool(settings)).detail.startswith("1 calls")
