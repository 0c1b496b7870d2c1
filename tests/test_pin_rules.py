"""Rules of PINs: an admin settles them by API or console, within bounds, and the line goes by them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from admin_api.company_settings import NUMBERS
from agent.call import Call
from agent.keypad import Keypad
from agent.lines.identify import IdentifyLine
from fieldline.store import LineStore
from tests.support.console import CSRF, live_call, visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

COMPANY = "/api/v1/company"
FORM = {"part": "pins", "csrf": CSRF}


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def settle(office: Office, **settings: Any) -> list[dict[str, str]]:
    """Have the API put these beside the company's settings; what it finds wrong."""
    before = (await office["admin"].get(COMPANY)).json()["settings"]
    answer = await office["admin"].patch(COMPANY, json={"settings": {**before, **settings}})
    assert answer.status_code in (200, 422), answer.text
    return answer.json().get("errors", [])


async def settled(office: Office) -> dict[str, Any]:
    return (await office.rows(f"select settings from company_info where company_id = '{NORTHGATE}'"))[0][0]


async def fits(office: Office, name: str, value: object) -> bool:
    """Whether the database takes this setting."""
    [(why,)] = await office.rows("select settings_problem(%s::jsonb)", json.dumps({name: value}))
    return why is None


@pytest.mark.parametrize("name", NUMBERS)
async def test_api_and_database_draw_the_same_bounds(office: Office, name: str) -> None:
    low, high, default = NUMBERS[name]
    for value in (low, default, high):
        assert await fits(office, name, value) and await settle(office, **{name: value}) == []
    for value in (low - 1, high + 1):
        [error] = await settle(office, **{name: value})
        assert not await fits(office, name, value)
        assert (error["location"], error["field"]) == ("body", f"settings.{name}")
    assert (await settled(office))[name] == high


@pytest.mark.parametrize("value", ["3", 4.5, True, None, [3]])
async def test_rule_that_is_no_whole_number_is_refused_by_its_path(office: Office, value: object) -> None:
    assert [error["field"] for error in await settle(office, pin_tries=value)] == ["settings.pin_tries"]


async def test_company_that_allows_three_tries_locks_at_the_third(office: Office, supabase: Supabase) -> None:
    assert await settle(office, pin_tries=3, pin_lock_minutes=45) == []
    store = await LineStore.open(supabase.settings)
    async with live_call(supabase, "+13105550100") as call:
        proofs = [await store.verify_pin(call_id=call.id, badge="101", pin=f"000{n}") for n in range(3)]
        right = await store.verify_pin(call_id=call.id, badge="101", pin="2010")
    await store.aclose()
    assert [(proof["reason"], proof["tries_left"]) for proof in proofs] == [("wrong", 2), ("wrong", 1), ("locked", 0)]
    assert (right["verified"], proofs[-1]["wait_seconds"]) == (False, 45 * 60)


async def test_company_that_wants_longer_pins_is_given_no_shorter_ones(office: Office) -> None:
    assert await settle(office, pin_length=6) == []
    [(key,)] = await office.rows(f"select id from technicians where badge = '101' and company_id = '{NORTHGATE}'")
    short = await office["dispatcher"].post(f"/api/v1/technicians/{key}/pin", json={"pin": "48121"})
    long = await office["dispatcher"].post(f"/api/v1/technicians/{key}/pin", json={"pin": "481215"})
    assert (short.status_code, short.json()["errors"][0]["field"], long.status_code) == (422, "pin", 200)
    assert "six to eight digits" in short.json()["detail"]


async def test_console_saves_the_rules_and_leaves_the_other_settings_alone(office: Office) -> None:
    before = await settled(office)
    async with visitor(office, "admin") as browser:
        rules = {"pin_tries": "4", "pin_lock_minutes": "30", "pin_length": ""}
        assert (await browser.post("/console/settings", data=FORM | rules)).status_code == 303
        other = {"part": "line", "csrf": CSRF, "transfer_ring_seconds": "40"}
        assert (await browser.post("/console/settings", data=other)).status_code == 303
    now = await settled(office)
    assert {name: now[name] for name in now if name.startswith("pin_")} == {"pin_tries": 4, "pin_lock_minutes": 30}
    assert before["facts"] == now["facts"] and now["transfer_ring_seconds"] == 40


async def test_console_tells_every_rule_that_does_not_fit_beside_its_field(office: Office) -> None:
    before = await settled(office)
    async with visitor(office, "admin") as browser:
        rules = {"pin_tries": "2", "pin_lock_minutes": "9999", "pin_length": "6"}
        answer = await browser.post("/console/settings", data=FORM | rules)
    assert answer.status_code == 422
    for said in ("Type a whole number from 3 to 10.", "Type a whole number from 15 to 1,440."):
        assert f'<p class="problem" id="h-pin_{"tries" if "10." in said else "lock_minutes"}">{said}' in answer.text
    assert 'value="9999"' in answer.text and await settled(office) == before


class PinCall:
    """What the line that asks for PINs needs of a call: a caller who keys wrong ones, and never stops."""

    def __init__(self, **settings: Any) -> None:
        self.company = {"settings": settings}
        self.resumed, self.greeted = False, True
        self.keypad, self.recorder = Keypad(), MagicMock()
        self.tried: list[str] = []
        self.ended: list[str] = []

    async def verify(self, badge: str, pin: str) -> dict[str, Any]:
        self.tried.append(pin)
        return {"verified": False, "reason": "wrong", "tries_left": 1}

    def say(self, sentence: str, facts: object = None) -> None:
        if sentence in ("ask_pin", "pin_wrong"):
            for key in "4711#":
                self.keypad.press(key)

    def sentence(self, name: str) -> str:
        return name

    def end(self, reason: str, *_: object, after: object = None) -> None:
        self.ended.append(reason)


@pytest.mark.parametrize(("settings", "tries"), [({}, 5), ({"pin_tries": 3}, 3), ({"pin_tries": 10}, 10)])
async def test_one_call_may_try_as_often_as_the_company_allows(settings: dict[str, int], tries: int) -> None:
    call = PinCall(**settings)
    for key in "101#":
        call.keypad.press(key)
    await IdentifyLine(cast(Call, call))._rounds()
    assert (len(call.tried), call.ended) == (tries, ["loop"])


@pytest.mark.parametrize("role", ["viewer", "dispatcher"])
async def test_only_admins_settle_the_rules(office: Office, role: str) -> None:
    async with visitor(office, role) as browser:
        assert (await browser.post("/console/settings", data=FORM | {"pin_tries": "4"})).status_code == 403
    answer = await office[role].patch(COMPANY, json={"settings": {"pin_tries": 4}})
    assert answer.status_code == 403 and "pin_tries" not in await settled(office)
