"""What the office does with the API, from end to end: people join, orders move, stock is counted, all is logged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.office import NORTHGATE, Office, open_office, user_id
from tests.support.operations import CALL, CUSTOMER, MESSAGE, ORDER, PART, TECHNICIAN, TRUCK
from tests.support.stacks import Supabase

V1 = "/api/v1"
LAST_TOKEN = "select substring(body from '#([0-9a-f]+)') from public.deliveries order by id desc limit 1"
#: What somebody might type to see whether a text is taken for something else.
INJECTIONS = [
    "Robert'); drop table employees;--",
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    'x","role":"admin',
    "*,eq.1&select=*",
]


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        yield office


async def the(office: Office, query: str) -> Any:
    [row] = await office.rows(query)
    return row[0]


async def test_invited_person_joins_by_the_link_of_the_mail(office: Office) -> None:
    body = {"email": "Sam@People.example", "role": "dispatcher"}
    made = await office["admin"].post(f"{V1}/invitations", json=body)
    assert made.status_code == 201 and "token" not in made.text
    [(body_of_mail, address)] = await office.rows(
        "select body, address from public.deliveries where invitation_id = %s", made.json()["id"]
    )
    link = re.search(r"(\S+/console/invitation)#([0-9a-f]{64})", body_of_mail)
    assert link and address == "sam@people.example"
    joined = await office["sam"].post(f"{V1}/invitations/accept", json={"token": link[2]})
    assert joined.json() == {"company_id": NORTHGATE, "role": "dispatcher"}
    assert (await office["sam"].get(f"{V1}/employees")).status_code == 200
    again = await office["otto"].post(f"{V1}/invitations/accept", json={"token": link[2]})
    assert (again.status_code, again.json()["type"]) == (409, "urn:fieldline:problem:refused")
    await office["admin"].delete(f"{V1}/members/{user_id('sam')}")


async def test_link_of_an_invitation_is_shown_to_nobody_and_not_kept(office: Office) -> None:
    made = await office["admin"].post(f"{V1}/invitations", json={"email": "x1@x.example", "role": "viewer"})
    audit = (await office["admin"].get(f"{V1}/audit-log", params={"entity": "invitations"})).text
    token = str(await the(office, LAST_TOKEN))
    assert len(token) == 64 and token not in made.text + audit and "token_hash" not in audit
    await office.rows("update public.deliveries set state = 'sent' where invitation_id = %s", made.json()["id"])
    assert await office.rows("select 1 from public.deliveries where body like %s", f"%{token}%") == []


async def test_invitation_that_was_taken_back_opens_nothing(office: Office) -> None:
    made = (await office["admin"].post(f"{V1}/invitations", json={"email": "x2@x.example", "role": "viewer"})).json()
    token = await the(office, LAST_TOKEN)
    assert (await office["admin"].delete(f"{V1}/invitations/{made['id']}")).status_code == 204
    assert (await office["sam"].post(f"{V1}/invitations/accept", json={"token": token})).status_code == 409


async def test_last_admin_cannot_leave_nor_step_down(office: Office) -> None:
    mine = f"{V1}/members/{user_id('otto')}"
    left = await office["otto"].delete(mine)
    stepped_down = await office["otto"].patch(mine, json={"role": "viewer"})
    assert (left.status_code, stepped_down.status_code) == (409, 409)
    assert left.json()["detail"] == "A company needs at least one administrator."
    assert (await office["otto"].get(mine)).json()["role"] == "admin"


async def test_every_write_is_in_the_audit_log_with_before_and_after(office: Office) -> None:
    person = await the(office, "select id from public.employees where name = 'Nina Patel'")
    for call in (
        office["dispatcher"].patch(f"{V1}/employees/{person}", json={"status": "busy"}),
        office["dispatcher"].post(f"{V1}/technicians/{await the(office, TECHNICIAN)}/pin", json={"pin": "4812"}),
    ):
        assert (await call).status_code == 200
    entries = (await office["admin"].get(f"{V1}/audit-log", params={"user_id": user_id("dispatcher")})).json()["items"]
    pin, status = entries[:2]
    assert (status["verb"], status["entity"], status["entity_id"]) == ("update", "employees", str(person))
    assert (status["before"], status["after"]) == ({"status": "available"}, {"status": "busy"})
    assert status["who"] == "dispatcher@people.example"
    assert pin["entity"] == "technician_pins" and "4812" not in str(pin) and "hash" not in str(pin)


async def test_order_is_scheduled_moved_and_told_of(office: Office) -> None:
    order, technician = await the(office, ORDER), await the(office, TECHNICIAN)
    where = f"{V1}/work-orders/{order}"
    planned = await office["dispatcher"].post(
        f"{where}/schedule", json={"scheduled_for": "2026-03-09T14:00:00Z", "technician_id": technician}
    )
    assert (planned.json()["status"], planned.json()["technician_name"]) == ("scheduled", "Alex Rodriguez")
    impossible = await office["dispatcher"].post(f"{where}/status", json={"status": "completed"})
    assert (impossible.status_code, impossible.json()["type"]) == (409, "urn:fieldline:problem:refused")
    unexplained = await office["dispatcher"].post(f"{where}/status", json={"status": "cancelled"})
    assert unexplained.status_code == 422
    gone = await office["dispatcher"].post(f"{where}/status", json={"status": "cancelled", "reason": "Sold the house"})
    assert (gone.json()["status"], gone.json()["cancel_reason"]) == ("cancelled", "Sold the house")
    late = await office["dispatcher"].post(f"{where}/schedule", json={"scheduled_for": "2026-03-10T14:00:00Z"})
    assert late.status_code == 409
    changes = (await office["viewer"].get(f"{where}/history", params={"field_changed": "status"})).json()["items"]
    assert [c["new_value"] for c in changes] == ["scheduled", "cancelled"]


async def test_status_cannot_be_written_past_its_rule(office: Office) -> None:
    answer = await office["admin"].patch(f"{V1}/work-orders/{await the(office, ORDER)}", json={"status": "completed"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "status")


async def test_truck_is_restocked_and_counted_in_the_ledger(office: Office) -> None:
    truck, part = await the(office, TRUCK), await the(office, PART)
    where = f"{V1}/trucks/{truck}"
    added = await office["dispatcher"].post(f"{where}/stock", json={"item_id": part, "add": 3})
    counted = await office["dispatcher"].post(f"{where}/stock", json={"item_id": part, "counted": 1})
    agreed = await office["dispatcher"].post(f"{where}/stock", json={"item_id": part, "counted": 1})
    assert (added.json()["quantity_after"], counted.json()["change"], agreed.json()) == (5, -4, None)
    [stock] = (await office["viewer"].get(f"{where}/stock", params={"item_id": part})).json()["items"]
    assert (stock["quantity"], stock["item_name"], stock["is_low"]) == (1, "Crimper", False)
    ledger = (await office["viewer"].get(f"{where}/movements", params={"item_id": part, "limit": 2})).json()["items"]
    assert [entry["reason"] for entry in ledger] == ["counted", "restocked"]
    office_truck = await the(office, f"select id from public.trucks where company_id = '{NORTHGATE}' and number = 1")
    refused = await office["dispatcher"].post(f"{V1}/trucks/{office_truck}/stock", json={"item_id": part, "add": 3})
    assert refused.status_code == 409


async def test_message_that_failed_goes_out_again(office: Office) -> None:
    message = await the(office, MESSAGE)
    await office.rows("update public.deliveries set state = 'failed' where message_id = %s", message)
    answer = await office["dispatcher"].post(f"{V1}/messages/{message}/resend")
    assert answer.status_code == 200 and answer.json()["deliveries"] >= 1, answer.text
    ways = (await office["viewer"].get(f"{V1}/messages/{message}/deliveries")).json()["items"]
    assert {way["state"] for way in ways} == {"queued"}
    read = await office["dispatcher"].post(f"{V1}/messages/{message}/read")
    assert read.json()["status"] == "read"


async def test_call_is_told_in_order_with_its_transfers_messages_and_sound(office: Office) -> None:
    call = await the(office, CALL)
    session = await the(
        office,
        f"insert into public.voice_agent_sessions (company_id, call_id) values ('{NORTHGATE}', '{call}') returning id",
    )
    for sequence, (kind, text) in enumerate([("agent", "Good day."), ("user", "Hello."), ("tool_call", "find_person")]):
        await office.rows(
            "insert into public.voice_agent_interactions (company_id, session_id, sequence, interaction_type, content)"
            " values (%s, %s, %s, %s, %s)",
            NORTHGATE, session, sequence, kind, text,
        )  # fmt: skip
    await office.rows(
        "insert into public.messages (company_id, call_id, from_caller, message_text)"
        f" values ('{NORTHGATE}', '{call}', 'Bo', 'Ring me')"
    )
    where = f"{V1}/call-logs/{call}"
    said = (await office["viewer"].get(f"{where}/transcript")).json()
    assert [(turn["who"], turn["text"]) for turn in said["items"]] == [("agent", "Good day."), ("caller", "Hello.")]
    told = (await office["viewer"].get(f"{where}/timeline", params={"limit": 3, "offset": 1})).json()
    assert told["total"] == 5 and [entry["kind"] for entry in told["items"]] == ["agent", "user", "tool_call"]
    assert (await office["viewer"].get(f"{where}/recording")).json() == []


@pytest.mark.parametrize("text", INJECTIONS)
async def test_text_that_tries_something_is_kept_as_text(office: Office, text: str) -> None:
    added = await office["admin"].post(f"{V1}/customers", json={"name": text, "address": text, "phone": "+12025550165"})
    assert (added.status_code, added.json()["name"]) == (201, text)
    found = await office["viewer"].get(f"{V1}/customers", params={"q": text})
    assert text in [row["name"] for row in found.json()["items"]]
    where = f"{V1}/customers/{added.json()['id']}"
    assert (await office["viewer"].get(where)).json()["address"] == text


async def test_two_who_edit_at_once_do_not_overwrite_each_other(office: Office) -> None:
    where = f"{V1}/customers/{await the(office, CUSTOMER)}"
    seen = {"If-Match": (await office["viewer"].get(where)).headers["ETag"]}
    answers = await asyncio.gather(
        *(office["dispatcher"].patch(where, json={"address": f"{n} Main Street"}, headers=seen) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]


async def test_same_request_sent_ten_times_at_once_adds_one(office: Office) -> None:
    body, headers = {"name": "Echo Ltd", "address": "1 Echo Road", "phone": "+12025550166"}, {"Idempotency-Key": "ten"}
    answers = await asyncio.gather(
        *(office["dispatcher"].post(f"{V1}/customers", json=body, headers=headers) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await the(office, "select count(*) from public.customers where name = 'Echo Ltd'") == 1


async def test_settings_that_do_not_exist_are_refused_in_words(office: Office) -> None:
    answer = await office["admin"].patch(f"{V1}/company", json={"settings": {"recoding": True}})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"location": "body", "field": "settings", "detail": "recoding is not a setting"}]
    zone = await office["admin"].patch(f"{V1}/company", json={"timezone": "Moon/Crater"})
    assert (zone.status_code, zone.json()["errors"][0]["field"]) == (422, "timezone")


async def test_usage_counts_calls_and_what_providers_counted(office: Office) -> None:
    await office.rows(
        "insert into public.call_logs (company_id, line, to_number, room, started_at, ended_at, status, usage) values"
        f" ('{NORTHGATE}', 'technician', '+12025550100', 'u1', '2026-02-10 10:00Z', '2026-02-10 10:03Z', 'completed',"
        """ '{"models": [{"provider": "openai", "model": "gpt", "input_tokens": 120}]}')"""
    )
    days = {"from_day": "2026-02-10", "to_day": "2026-02-10"}
    usage = (await office["viewer"].get(f"{V1}/usage", params=days)).json()
    assert (usage["calls"], usage["minutes"], usage["by_line"]) == (1, 3.0, {"technician": 1})
    assert usage["models"] == [{"provider": "openai", "model": "gpt", "amounts": {"input_tokens": 120}}]


async def test_who_asks_too_often_is_told_when_to_come_back(session_supabase: Supabase, office: Office) -> None:
    app = office.app
    kept = app.state.rate_limits
    try:
        app.state.rate_limits = type(kept)(office.settings.model_copy(update={"rate_limit_per_user": 3}))
        answers = [await office["viewer"].get(f"{V1}/me") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert [a.headers["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert answers[-1].json()["type"] == "urn:fieldline:problem:too-many-requests"
        assert (await office["admin"].get(f"{V1}/me")).status_code == 200, "another person has a limit of their own"
    finally:
        app.state.rate_limits = kept


async def test_database_that_restarts_is_waited_for(session_supabase: Supabase, office: Office) -> None:
    await session_supabase.stack.stop_part("rest")
    try:
        down = await office["viewer"].get(f"{V1}/employees")
        assert (down.status_code, down.json()["type"]) == (503, "urn:fieldline:problem:unavailable")
        assert int(down.headers["Retry-After"]) >= 1
        assert (await office["nobody"].get("/health")).status_code == 200
    finally:
        await session_supabase.stack.start_part("rest")
    assert (await office["viewer"].get(f"{V1}/employees")).status_code == 200
