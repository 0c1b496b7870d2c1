"""Follows a call from the carrier to the worker through trunks and rules, and says where it would get lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from livekit import api

from fieldline.doctor.finding import Finding

PROVISION = "`fieldline provision --dry-run` shows what differs from sip/trunks.yaml, without --dry-run it mends it"
TELEPHONY = "telephony"


def explain(
    inbound: Sequence[api.SIPInboundTrunkInfo],
    outbound: Sequence[api.SIPOutboundTrunkInfo],
    rules: Sequence[api.SIPDispatchRuleInfo],
    *,
    agent: str,
    numbers: Sequence[str] = (),
) -> list[Finding]:
    """Everything wrong between a caller and the worker, one finding each; a single "ok" when nothing is.

    Args:
        agent: the name under which the worker takes calls.
        numbers: those that should ring here, E.164; empty when nobody said.
    """
    if not inbound:
        return [_finding("warning", "no inbound trunk: no telephone can call", PROVISION)]
    findings = [
        *_open_doors(inbound),
        *_lost_numbers(inbound, numbers),
        *(finding for trunk in inbound for finding in _way_to_the_agent(trunk, rules, agent)),
        *_ways_out(outbound),
    ]
    if findings:
        return findings
    served = sorted({number for trunk in inbound for number in trunk.numbers})
    return [_finding("ok", f"{', '.join(served)} ring the agent {agent!r}; the line can ring people")]


def _open_doors(inbound: Iterable[api.SIPInboundTrunkInfo]) -> Iterator[Finding]:
    for trunk in inbound:
        if not (trunk.allowed_addresses or trunk.auth_username):
            yield _finding(
                "broken",
                f"{_named(trunk)} is open: whoever finds this server can send it calls for {_numbers(trunk)}",
                f"set allowed_addresses or a username; {PROVISION}",
            )
        if not trunk.numbers:
            yield _finding(
                "broken", f"{_named(trunk)} takes calls for every number", "give it the numbers that are yours"
            )


def _lost_numbers(inbound: Iterable[api.SIPInboundTrunkInfo], numbers: Sequence[str]) -> Iterator[Finding]:
    trunks = list(inbound)
    for number in numbers:
        if not any(number in trunk.numbers or not trunk.numbers for trunk in trunks):
            yield _finding("broken", f"{number} is on no inbound trunk: its callers are refused", PROVISION)


def _way_to_the_agent(
    trunk: api.SIPInboundTrunkInfo, rules: Iterable[api.SIPDispatchRuleInfo], agent: str
) -> Iterator[Finding]:
    # A rule without trunks serves all, but one that names the trunk goes first.
    serving = [rule for rule in rules if trunk.sip_trunk_id in rule.trunk_ids or not rule.trunk_ids]
    serving.sort(key=lambda rule: not rule.trunk_ids)
    if not serving:
        yield _finding(
            "broken", f"no dispatch rule serves {_named(trunk)}: calls to {_numbers(trunk)} are refused", PROVISION
        )
        return
    rule = serving[0]
    agents = [dispatched.agent_name for dispatched in rule.room_config.agents]
    if agent not in agents:
        yield _finding(
            "broken",
            f"calls to {_numbers(trunk)} get the rule {rule.name or rule.sip_dispatch_rule_id!r}, which names "
            f"{_agents(agents)} and not {agent!r}: they ring and nobody answers",
            f"set FIELDLINE_AGENT_NAME to the rule's agent, or mend the rule: {PROVISION}",
        )
    if rule.rule.WhichOneof("rule") == "dispatch_rule_direct":
        yield _finding(
            "broken",
            f"the rule {rule.name or rule.sip_dispatch_rule_id!r} puts every caller into the room "
            f"{rule.rule.dispatch_rule_direct.room_name!r}: they hear each other",
            f"make it an individual rule; {PROVISION}",
        )


def _ways_out(outbound: Sequence[api.SIPOutboundTrunkInfo]) -> Iterator[Finding]:
    if not outbound:
        yield _finding(
            "warning",
            "no outbound trunk: the line can ring nobody in the office",
            f"set FIELDLINE_SIP_PASSWORD; {PROVISION}",
        )
    for trunk in outbound:
        if not trunk.numbers:
            yield _finding("broken", f"{_named(trunk)} has no caller ID: carriers refuse its calls", PROVISION)


def _finding(state: str, detail: str, mend: str = "") -> Finding:
    assert state in ("ok", "warning", "broken")
    return Finding(TELEPHONY, state, detail, mend)


def _named(trunk: api.SIPInboundTrunkInfo | api.SIPOutboundTrunkInfo) -> str:
    return f"the trunk {trunk.name!r}" if trunk.name else f"the trunk {trunk.sip_trunk_id}"


def _numbers(trunk: api.SIPInboundTrunkInfo) -> str:
    return ", ".join(trunk.numbers) or "any number"


def _agents(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names) or "no agent"
