"""`fieldline provision`: trunks, rule and Twilio become what trunks.yaml says, and nobody else's things are touched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from livekit import api
from rich.console import Console

from fieldline.errors import TelephonyError
from fieldline.telephony import outbound_trunk
from sip.plan import Plan, show
from sip.provision import provision
from tests.support.telephony import NUMBER, PASSWORD, World, command, telephone_world

EVERYTHING = [
    *("inbound trunk fieldline-inbound", "outbound trunk fieldline-outbound", "dispatch rule fieldline-calls"),
    *("SIP trunk fieldline", "origination address fieldline", "credential list fieldline"),
    *("credential list fieldline on the trunk", f"number {NUMBER} on the trunk"),
]


SECOND = "+12025550111"
DIRECT = api.SIPDispatchRule(dispatch_rule_direct=api.SIPDispatchRuleDirect(room_name="lobby"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with telephone_world(tmp_path) as world:
        yield world


def whats(plan: Plan) -> list[str]:
    return [change.what for change in plan.changes]


def printed(plan: Plan) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        show(plan, console)
    return capture.get()


def snapshot(world: World) -> tuple[str, ...]:
    objects = world.carrier.objects
    kept = (objects.inbound, objects.outbound, objects.rules, world.twilio.store.collections)
    return tuple(str({k: v for k, v in things.items() if v}) for things in deepcopy(kept))


async def test_plans_everything_on_empty_ground(world: World) -> None:
    plan = await provision(world.settings(), dry_run=True)
    assert whats(plan) == EVERYTHING and all(change.action == "create" for change in plan.changes)


async def test_dry_run_changes_nothing(world: World) -> None:
    before = snapshot(world)
    await provision(world.settings(), dry_run=True)
    assert snapshot(world) == before
    assert {method for method, _ in world.twilio.requests} == {"GET"}


async def test_second_run_says_no_changes(world: World) -> None:
    first = await provision(world.settings(), dry_run=False)
    assert whats(first) == EVERYTHING and "8 made, 0 changed." in printed(first)
    after = snapshot(world)
    second = await provision(world.settings(), dry_run=False)
    assert printed(second) == "no changes\n" and snapshot(world) == after


async def test_calls_find_our_agent_in_a_room_of_their_own(world: World) -> None:
    await provision(world.settings(agent_name="night-shift"), dry_run=False)
    (trunk,), (rule,) = world.carrier.objects.inbound.values(), world.carrier.objects.rules.values()
    assert list(rule.trunk_ids) == [trunk.sip_trunk_id]
    assert rule.rule.dispatch_rule_individual.room_prefix == "call-"
    assert [agent.agent_name for agent in rule.room_config.agents] == ["night-shift"]
    assert list(trunk.numbers) == [NUMBER] and "54.172.60.0/30" in trunk.allowed_addresses


async def test_worker_finds_the_trunk_to_ring_people_by(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    async with world.client() as client:
        trunk = await outbound_trunk(client.sip)
    assert trunk and trunk.address == "your-company.pstn.twilio.com" and trunk.auth_password == PASSWORD


async def test_every_number_that_can_be_dialled_can_be_shown_to_the_office(world: World) -> None:
    world.twilio.own(SECOND)
    world.trunks["companies"][0]["numbers"] = [NUMBER, SECOND]
    await provision(world.settings(), dry_run=False)
    async with world.client() as client:
        trunk = await outbound_trunk(client.sip)
    assert trunk and list(trunk.numbers) == [NUMBER, SECOND]


async def test_a_number_that_is_no_longer_wanted_leaves_our_trunk_and_stays_ours(world: World) -> None:
    world.twilio.own(SECOND)
    world.trunks["companies"][0]["numbers"] = [NUMBER, SECOND]
    await provision(world.settings(), dry_run=False)
    world.trunks["companies"][0]["numbers"] = [NUMBER]
    before = snapshot(world)
    planned = await provision(world.settings(), dry_run=True)
    assert f"- Twilio: number {SECOND} from the trunk" in printed(planned) and "1 to release." in printed(planned)
    assert snapshot(world) == before
    await provision(world.settings(), dry_run=False)
    first, second = world.twilio.own_numbers
    assert first["trunk_sid"] and second["phone_number"] == SECOND and second["trunk_sid"] is None
    assert printed(await provision(world.settings(), dry_run=False)) == "no changes\n"


async def test_numbers_of_another_trunk_are_not_released(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    theirs = world.twilio.own(SECOND, trunk_sid="TK" + "1" * 32)
    world.twilio.store.of(f"trunks/{theirs['trunk_sid']}/phone_numbers")[theirs["sid"]] = dict(theirs)
    assert (await provision(world.settings(), dry_run=False)).changes == []


async def test_plan_and_mark_hold_no_password(world: World) -> None:
    plan = await provision(world.settings(), dry_run=False)
    assert PASSWORD not in printed(plan)
    (trunk,) = world.carrier.objects.outbound.values()
    assert PASSWORD not in trunk.metadata


DRIFT: dict[str, Callable[[World], Any]] = {
    "inbound trunk fieldline-inbound": lambda w: next(iter(w.carrier.objects.inbound.values())).ClearField("numbers"),
    "outbound trunk fieldline-outbound": lambda w: next(iter(w.carrier.objects.outbound.values())).ClearField("media"),
    "dispatch rule fieldline-calls": lambda w: next(iter(w.carrier.objects.rules.values())).ClearField("room_config"),
    "SIP trunk fieldline": lambda w: next(iter(w.twilio.store.of("trunks").values())).update(disaster_recovery_url=""),
    f"number {NUMBER} on the trunk": lambda w: w.twilio.own_numbers[0].update(trunk_sid=None),
}


@pytest.mark.parametrize("what", DRIFT)
async def test_drift_is_mended_and_nothing_else_is_changed(world: World, what: str) -> None:
    await provision(world.settings(), dry_run=False)
    good = snapshot(world)
    DRIFT[what](world)
    plan = await provision(world.settings(), dry_run=False)
    assert whats(plan) == [what]
    assert (await provision(world.settings(), dry_run=True)).changes == []
    assert [sorted(part) for part in snapshot(world)] == [sorted(part) for part in good] or what.startswith("number")


async def test_fields_that_we_do_not_keep_survive_a_change(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    (trunk,) = world.carrier.objects.inbound.values()
    trunk.headers["X-Ours"] = "no, theirs"
    world.trunks["inbound"]["ringing_seconds"] = 20
    await provision(world.settings(), dry_run=False)
    (trunk,) = world.carrier.objects.inbound.values()
    assert trunk.headers["X-Ours"] == "no, theirs" and trunk.ringing_timeout.seconds == 20


async def test_a_new_password_reaches_both_sides(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    plan = await provision(world.settings(sip_password="Another-for-the-carrier-8"), dry_run=False)
    assert whats(plan) == ["outbound trunk fieldline-outbound", "credential list fieldline"]
    (trunk,) = world.carrier.objects.outbound.values()
    assert trunk.auth_password == "Another-for-the-carrier-8"


async def test_foreign_things_stay_as_they_are(world: World) -> None:
    async with world.client() as client:
        theirs = api.SIPInboundTrunkInfo(name="fieldline-inbound", numbers=["+13035550123"])
        theirs = await client.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=theirs))
        for_all = api.SIPDispatchRuleInfo(name="for all", rule=DIRECT)
        await client.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=for_all))
    world.twilio.store.of("trunks")["TK1"] = trunk = {"sid": "TK1", "friendly_name": "theirs", "secure": True}
    before = str(theirs), dict(trunk)
    await provision(world.settings(), dry_run=False)
    assert (str(world.carrier.objects.inbound[theirs.sip_trunk_id]), trunk) == before
    assert len(world.carrier.objects.inbound) == len(world.carrier.objects.rules) == 2
    assert next(iter(world.carrier.objects.rules.values())).rule == DIRECT


@pytest.mark.parametrize("numbers", [[NUMBER], []])
async def test_a_foreign_trunk_with_our_number_stops_it_before_any_change(world: World, numbers: list[str]) -> None:
    async with world.client() as client:
        theirs = api.SIPInboundTrunkInfo(name="by hand", numbers=numbers, allowed_addresses=["192.0.2.1"])
        await client.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=theirs))
    before = snapshot(world)
    with pytest.raises(TelephonyError, match="'by hand'"):
        await provision(world.settings(), dry_run=False)
    assert snapshot(world) == before


async def test_a_foreign_rule_on_our_trunk_is_named(world: World) -> None:
    await provision(world.settings(), dry_run=False)
    (trunk,) = world.carrier.objects.inbound
    world.carrier.objects.rules.clear()
    async with world.client() as client:
        theirs = api.SIPDispatchRuleInfo(name="by hand", rule=DIRECT, trunk_ids=[trunk])
        await client.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=theirs))
    with pytest.raises(TelephonyError, match="the rule 'by hand'"):
        await provision(world.settings(), dry_run=False)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda w: setattr(w.twilio, "down", True), "Twilio refused .503"),
        (lambda w: setattr(w.twilio, "token", "f" * 32), "Check TWILIO_ACCOUNT_SID"),
        (lambda w: w.twilio.own_numbers[0].update(trunk_sid="TK" + "1" * 32), "which Fieldline did not make"),
        (lambda w: w.twilio.store.collections.clear(), "is not in this account"),
    ],
    ids=["down", "wrong token", "number on another trunk", "number not bought"],
)
async def test_trouble_at_twilio_is_named_and_leaves_livekit_alone(
    world: World, spoil: Callable[[World], Any], said: str
) -> None:
    settings = world.settings()
    spoil(world)
    with pytest.raises(TelephonyError, match=said):
        await provision(settings, dry_run=False)
    assert not world.carrier.objects.inbound


async def test_twilio_that_does_not_answer_is_named(world: World) -> None:
    with pytest.raises(TelephonyError, match="Twilio does not answer"):
        await provision(world.settings(twilio_base_url="http://127.0.0.1:9"), dry_run=True)


async def test_without_keys_the_plan_says_what_it_leaves_alone(world: World) -> None:
    plan = await provision(world.settings(twilio_account_sid=None, sip_password=None), dry_run=True)
    assert whats(plan) == [EVERYTHING[0], EVERYTHING[2]]
    assert "no outbound trunk" in printed(plan) and "TWILIO_ACCOUNT_SID is not set" in printed(plan)


async def test_a_disaster_recovery_of_the_operators_own_is_left(world: World) -> None:
    del world.trunks["carrier_side"]["disaster_recovery"]
    await provision(world.settings(), dry_run=False)
    (trunk,) = world.twilio.store.of("trunks").values()
    trunk |= {"disaster_recovery_url": "https://handler.twilio.com/twiml/EH1", "disaster_recovery_method": "GET"}
    assert (await provision(world.settings(), dry_run=False)).changes == []


async def test_vonage_is_set_up_at_livekit_only(world: World) -> None:
    world.trunks |= {"carrier": "vonage"}
    world.trunks["outbound"]["address"] = "acme.sip-us.vonage.com"
    plan = await provision(world.settings(), dry_run=False)
    assert whats(plan) == EVERYTHING[:3] and world.twilio.requests == []
    (trunk,) = world.carrier.objects.inbound.values()
    assert sorted(trunk.allowed_addresses) == ["168.100.64.0/18", "216.147.0.0/18"]


async def test_the_command_plans_makes_and_then_has_nothing_to_do(world: World, tmp_path: Path) -> None:
    planned = await command(world, tmp_path, "provision", "--dry-run")
    assert planned[0] == 0 and "+ LiveKit: inbound trunk fieldline-inbound" in planned[1] and "8 to make" in planned[1]
    assert "8 made" in (await command(world, tmp_path, "provision"))[1]
    assert (await command(world, tmp_path, "provision")) == (0, "no changes\n")
    world.twilio.down = True
    code, said = await command(world, tmp_path, "provision")
    assert code == 1 and "Twilio refused (503)" in said and "Traceback" not in said
