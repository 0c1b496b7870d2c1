"""Doctor finds where a call gets lost between the carrier and the worker, and names number, rule and agent."""

from __future__ import annotations

import pytest
from livekit import api

from fieldline.doctor.trunks import explain

pytestmark = pytest.mark.check

NUMBER = "+12025550100"


def trunk(**fields: object) -> api.SIPInboundTrunkInfo:
    given = {"sip_trunk_id": "ST_1", "name": "in", "numbers": [NUMBER], "allowed_addresses": ["192.0.2.0/24"], **fields}
    return api.SIPInboundTrunkInfo(**given)  # pyright: ignore[reportArgumentType]


def rule(agent: str = "fieldline", trunk_id: str = "ST_1", room: str = "") -> api.SIPDispatchRuleInfo:
    individual = api.SIPDispatchRule(dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix="call-"))
    direct = api.SIPDispatchRule(dispatch_rule_direct=api.SIPDispatchRuleDirect(room_name=room))
    return api.SIPDispatchRuleInfo(
        name="calls",
        trunk_ids=[trunk_id],
        rule=direct if room else individual,
        room_config=api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=agent)]),
    )


OUT = api.SIPOutboundTrunkInfo(sip_trunk_id="ST_2", name="out", numbers=[NUMBER])


def test_a_good_line_is_ok_and_names_its_numbers() -> None:
    (finding,) = explain([trunk()], [OUT], [rule()], agent="fieldline", numbers=[NUMBER])
    assert finding.state == "ok" and NUMBER in finding.detail


def test_no_trunk_at_all_is_a_warning() -> None:
    (finding,) = explain([], [], [], agent="fieldline")
    assert finding.state == "warning" and "fieldline provision" in finding.mend


@pytest.mark.parametrize(
    ("inbound", "rules", "outbound", "said"),
    [
        ([trunk(allowed_addresses=[])], [rule()], [OUT], "is open"),
        ([trunk(numbers=[])], [rule()], [OUT], "every number"),
        ([trunk(numbers=["+13035550123"])], [rule()], [OUT], f"{NUMBER} is on no inbound trunk"),
        ([trunk()], [], [OUT], f"calls to {NUMBER} are refused"),
        ([trunk()], [rule(trunk_id="ST_9")], [OUT], f"calls to {NUMBER} are refused"),
        ([trunk()], [rule(agent="other")], [OUT], "names 'other' and not 'fieldline'"),
        ([trunk()], [rule(room="lobby")], [OUT], "hear each other"),
        ([trunk()], [rule()], [], "can ring nobody"),
        ([trunk()], [rule()], [api.SIPOutboundTrunkInfo(name="out")], "no caller ID"),
    ],
    ids=[
        "open",
        "every number",
        "number lost",
        "no rule",
        "rule elsewhere",
        "agent",
        "one room",
        "no way out",
        "caller ID",
    ],
)
def test_each_fault_is_the_one_that_is_named(
    inbound: list[api.SIPInboundTrunkInfo],
    rules: list[api.SIPDispatchRuleInfo],
    outbound: list[api.SIPOutboundTrunkInfo],
    said: str,
) -> None:
    (finding,) = explain(inbound, outbound, rules, agent="fieldline", numbers=[NUMBER])
    assert said in finding.detail and finding.state != "ok" and finding.mend


def test_rule_that_names_the_trunk_goes_before_one_for_all() -> None:
    for_all = rule(agent="somebody else")
    for_all.ClearField("trunk_ids")
    (finding,) = explain([trunk()], [OUT], [for_all, rule()], agent="fieldline")
    assert finding.state == "ok"
