"""Doctor looks at the carrier: what Twilio has differently from trunks.yaml is named in words, and left as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from fieldline.doctor.finding import Finding
from sip.examine import examine_carrier
from sip.provision import provision
from tests.support.telephony import NUMBER, World, command, telephone_world

DRIFT: dict[str, tuple[Callable[[World], Any], str]] = {
    "number": (lambda w: w.twilio.own_numbers[0].update(trunk_sid=None), f"has no number {NUMBER} on the trunk"),
    "origination": (
        lambda w: one(w, "/origination_urls").update(sip_url="sip:old.example.com"),
        "where calls are sent is sip:old.example.com and should be sip:line.example.com;transport=udp",
    ),
    "disaster recovery": (
        lambda w: one(w, "trunks").update(disaster_recovery_url=""),
        "the disaster recovery address is not set and should be https://line.example.com/",
    ),
    "released": (
        lambda w: one(w, "/phone_numbers", "trunks/").update(phone_number="+12025550111"),
        "number +12025550111 from the trunk is to be released",
    ),
}


def one(world: World, end: str, start: str = "") -> dict[str, Any]:
    """The only thing at Twilio in the collection of that path."""
    [things] = [
        c for path, c in world.twilio.store.collections.items() if path.endswith(end) and path.startswith(start)
    ]
    [thing] = things.values()
    return thing


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with telephone_world(tmp_path) as world:
        yield world


async def test_twilio_as_it_should_be_is_ok_and_names_the_numbers(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    [finding] = await examine_carrier(world.settings())
    assert finding.state == "ok" and NUMBER in finding.detail


@pytest.mark.parametrize("what", DRIFT)
async def test_what_differs_at_twilio_is_named_and_left(world: World, what: str) -> None:
    await provision(world.settings(), dry_run=False)
    spoil, said = DRIFT[what]
    spoil(world)
    seen = len(world.twilio.requests)
    [finding] = await examine_carrier(world.settings())
    assert finding.state == "broken" and said in finding.detail and "fieldline provision" in finding.mend
    assert {method for method, _ in world.twilio.requests[seen:]} == {"GET"}


async def test_what_cannot_be_looked_at_is_said(world: World) -> None:
    settings = world.settings()
    world.twilio.down = True
    [down] = await examine_carrier(settings)
    assert down.state == "broken" and "Twilio refused (503)" in down.detail and "status.twilio.com" in down.mend
    [keyless] = await examine_carrier(world.settings(twilio_account_sid=None))
    assert keyless.state == "warning" and "TWILIO_ACCOUNT_SID" in keyless.detail
    [half] = await examine_carrier(world.settings(twilio_auth_token=None))
    assert half.state == "broken" and "TWILIO_AUTH_TOKEN" in half.detail
    assert await examine_carrier(settings.model_copy(update={"trunks_file": None})) == []
    world.trunks |= {"carrier": "vonage"}
    world.trunks["outbound"]["address"] = "acme.sip-us.vonage.com"
    assert await examine_carrier(world.settings()) == [
        Finding("carrier", "ok", "vonage's side is set up by hand: not looked at")
    ]


async def test_the_command_says_it(world: World, tmp_path: Path) -> None:
    code, said = await command(world, tmp_path, "doctor")
    assert code == 1 and "Twilio has no SIP trunk fieldline" in said and "Traceback" not in said
