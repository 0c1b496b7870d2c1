"""A real company: added once, however often the command is typed, and its first administrator comes in by the link."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from supabase import AsyncClient, acreate_client

from fieldline.company import add_company
from fieldline.errors import FieldlineError, SettingsError
from fieldline.settings import Settings
from fieldline.store import LineStore
from tests.support.stacks import Supabase

NUMBER = "+13125550100"


async def lakeside(settings: Settings, **changed: str) -> Any:
    given = {"number": NUMBER, "timezone": "America/Chicago", "admin_email": "boss@lakeside.example", **changed}
    return await add_company(settings, "Lakeside Alarms", **given)


async def signed_up(supabase: Supabase, email: str) -> AsyncClient:
    settings = supabase.settings
    assert settings.supabase_url
    assert settings.supabase_publishable_key
    client = await acreate_client(settings.supabase_url, settings.supabase_publishable_key)
    await client.auth.sign_up({"email": email, "password": "a long enough one"})
    return client


@pytest.fixture
def secretive(supabase: Supabase) -> Settings:
    """Settings of somebody who holds the secret key, as the worker does not."""
    return supabase.settings.model_copy(update={"supabase_secret_key": SecretStr(supabase.info.supabase_secret_key)})


async def test_link_makes_an_admin_of_that_company_only(supabase: Supabase, secretive: Settings) -> None:
    added = await lakeside(secretive)
    assert added.created
    assert added.link
    boss = await signed_up(supabase, "boss@lakeside.example")
    token = added.link.partition("#")[2]
    answer = (await boss.rpc("accept_invitation", {"token": token}).execute()).data
    assert answer == {"company_id": added.company_id, "role": "admin"}
    companies = (await boss.table("companies").select("name").execute()).data
    assert companies == [{"name": "Lakeside Alarms"}]


async def test_company_answers_its_number(supabase: Supabase, secretive: Settings) -> None:
    await lakeside(secretive, number="(312) 555-0100")
    store = await LineStore.open(supabase.settings)
    facts = await store.call_open(room="call-lakeside", from_number=None, to_number=NUMBER)
    assert facts["company"]["name"] == "Lakeside Alarms"
    assert facts["company"]["timezone"] == "America/Chicago"
    await store.aclose()


async def test_typed_twice_makes_one_company_and_the_newer_link_counts(supabase: Supabase, secretive: Settings) -> None:
    first = await lakeside(secretive)
    second = await lakeside(secretive)
    assert (second.company_id, second.created) == (first.company_id, False)
    boss = await signed_up(supabase, "boss@lakeside.example")
    with pytest.raises(Exception, match="invitation_invalid"):
        await boss.rpc("accept_invitation", {"token": str(first.link).partition("#")[2]}).execute()
    await boss.rpc("accept_invitation", {"token": str(second.link).partition("#")[2]}).execute()
    assert (await lakeside(secretive)).link is None


async def test_publishable_key_adds_no_company(supabase: Supabase, secretive: Settings) -> None:
    key = SecretStr(str(secretive.supabase_publishable_key))
    with pytest.raises(FieldlineError, match="permission denied"):
        await lakeside(secretive.model_copy(update={"supabase_secret_key": key}))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "12"}, "not a telephone number"),
        ({"timezone": "America/Nowhere"}, "not a time zone"),
        ({"admin_email": "boss"}, "not an e-mail address"),
    ],
)
async def test_wrong_argument_is_told_before_anything_is_made(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(FieldlineError, match=said):
        await lakeside(Settings(), **wrong)


async def test_missing_secret_key_is_named(clean_environ: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SUPABASE_SECRET_KEY"):
        await lakeside(Settings())
