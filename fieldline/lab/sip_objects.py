"""Trunks and dispatch rules as a LiveKit server with Redis keeps them, in memory.

The checks and their texts are the server's own (github.com/livekit/protocol, sip/sip.go and livekit/sip.go).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import Message
from livekit.protocol import sip as proto

from fieldline.lab.twirp import TwirpFailure

Handler = Callable[[Any], Message]


class SipObjects:
    """What the `livekit.SIP` service answers about everything but calls; keyed by id, in the order of making."""

    def __init__(self) -> None:
        self.inbound: dict[str, proto.SIPInboundTrunkInfo] = {}
        self.outbound: dict[str, proto.SIPOutboundTrunkInfo] = {}
        self.rules: dict[str, proto.SIPDispatchRuleInfo] = {}

    def handlers(self) -> dict[str, tuple[type[Message], Handler]]:
        """Twirp method → what it is asked with, and who answers."""
        return {
            "CreateSIPInboundTrunk": (proto.CreateSIPInboundTrunkRequest, self._create_inbound),
            "UpdateSIPInboundTrunk": (proto.UpdateSIPInboundTrunkRequest, self._update_inbound),
            "ListSIPInboundTrunk": (proto.ListSIPInboundTrunkRequest, self._list_inbound),
            "GetSIPInboundTrunk": (
                proto.GetSIPInboundTrunkRequest,
                lambda asked: proto.GetSIPInboundTrunkResponse(trunk=_find(self.inbound, asked.sip_trunk_id)),
            ),
            "CreateSIPOutboundTrunk": (proto.CreateSIPOutboundTrunkRequest, self._create_outbound),
            "UpdateSIPOutboundTrunk": (proto.UpdateSIPOutboundTrunkRequest, self._update_outbound),
            "ListSIPOutboundTrunk": (proto.ListSIPOutboundTrunkRequest, self._list_outbound),
            "GetSIPOutboundTrunk": (
                proto.GetSIPOutboundTrunkRequest,
                lambda asked: proto.GetSIPOutboundTrunkResponse(trunk=_find(self.outbound, asked.sip_trunk_id)),
            ),
            "DeleteSIPTrunk": (proto.DeleteSIPTrunkRequest, self._delete_trunk),
            "CreateSIPDispatchRule": (proto.CreateSIPDispatchRuleRequest, self._create_rule),
            "UpdateSIPDispatchRule": (proto.UpdateSIPDispatchRuleRequest, self._update_rule),
            "ListSIPDispatchRule": (proto.ListSIPDispatchRuleRequest, self._list_rules),
            "DeleteSIPDispatchRule": (proto.DeleteSIPDispatchRuleRequest, self._delete_rule),
        }

    def _create_inbound(self, asked: proto.CreateSIPInboundTrunkRequest) -> Message:
        trunk = proto.SIPInboundTrunkInfo()
        trunk.CopyFrom(asked.trunk)
        self._check_inbound(trunk)
        return _keep(self.inbound, "ST", trunk, "sip_trunk_id")

    def _update_inbound(self, asked: proto.UpdateSIPInboundTrunkRequest) -> Message:
        trunk = _updated(_find(self.inbound, asked.sip_trunk_id), asked, "sip_trunk_id")
        self._check_inbound(trunk)
        self.inbound[asked.sip_trunk_id] = trunk
        return trunk

    def _check_inbound(self, trunk: proto.SIPInboundTrunkInfo) -> None:
        if not (trunk.auth_username or trunk.auth_password or trunk.allowed_addresses or trunk.numbers):
            raise TwirpFailure(
                "invalid_argument",
                "for security, one of the fields must be set: AuthUsername+AuthPassword, AllowedAddresses or Numbers",
            )
        for other in self.inbound.values():
            shared = set(other.numbers) & set(trunk.numbers) or not (other.numbers or trunk.numbers)
            allows_all = not (other.allowed_numbers or trunk.allowed_numbers)
            if other.sip_trunk_id != trunk.sip_trunk_id and shared and allows_all:
                numbers = " ".join(f'"{number}"' for number in trunk.numbers)
                raise TwirpFailure(
                    "invalid_argument",
                    f'Conflicting inbound SIP Trunks: "{trunk.sip_trunk_id or "<new>"}" and "{other.sip_trunk_id}", '
                    f"using the same number(s) [{numbers}] without AllowedNumbers set",
                )

    def _list_inbound(self, asked: proto.ListSIPInboundTrunkRequest) -> Message:
        return proto.ListSIPInboundTrunkResponse(items=_listed(self.inbound, asked.trunk_ids, asked.numbers))

    def _create_outbound(self, asked: proto.CreateSIPOutboundTrunkRequest) -> Message:
        trunk = proto.SIPOutboundTrunkInfo()
        trunk.CopyFrom(asked.trunk)
        if not (trunk.address and trunk.numbers):
            raise TwirpFailure("invalid_argument", "no address or numbers specified")
        return _keep(self.outbound, "ST", trunk, "sip_trunk_id")

    def _update_outbound(self, asked: proto.UpdateSIPOutboundTrunkRequest) -> Message:
        trunk = _updated(_find(self.outbound, asked.sip_trunk_id), asked, "sip_trunk_id")
        self.outbound[asked.sip_trunk_id] = trunk
        return trunk

    def _list_outbound(self, asked: proto.ListSIPOutboundTrunkRequest) -> Message:
        return proto.ListSIPOutboundTrunkResponse(items=_listed(self.outbound, asked.trunk_ids, asked.numbers))

    def _delete_trunk(self, asked: proto.DeleteSIPTrunkRequest) -> Message:
        trunk = self.inbound.pop(asked.sip_trunk_id, None) or self.outbound.pop(asked.sip_trunk_id, None)
        if trunk is None:
            raise TwirpFailure("not_found", "requested sip trunk does not exist")
        return proto.SIPTrunkInfo(sip_trunk_id=asked.sip_trunk_id, name=trunk.name)

    def _create_rule(self, asked: proto.CreateSIPDispatchRuleRequest) -> Message:
        rule = proto.SIPDispatchRuleInfo()
        if asked.HasField("dispatch_rule"):
            rule.CopyFrom(asked.dispatch_rule)
        else:  # the older form: the same fields beside each other
            for descriptor, value in asked.ListFields():
                _set(rule, descriptor.name, value)
        self._check_rule(rule)
        return _keep(self.rules, "SDR", rule, "sip_dispatch_rule_id")

    def _update_rule(self, asked: proto.UpdateSIPDispatchRuleRequest) -> Message:
        rule = _updated(_find(self.rules, asked.sip_dispatch_rule_id), asked, "sip_dispatch_rule_id")
        self._check_rule(rule)
        self.rules[asked.sip_dispatch_rule_id] = rule
        return rule

    def _check_rule(self, rule: proto.SIPDispatchRuleInfo) -> None:
        if not rule.rule.WhichOneof("rule"):
            raise TwirpFailure("invalid_argument", "missing rule")
        for other in self.rules.values():
            same_trunks = set(other.trunk_ids) & set(rule.trunk_ids) or not (other.trunk_ids or rule.trunk_ids)
            same_callers = set(other.inbound_numbers) == set(rule.inbound_numbers)
            if other.sip_dispatch_rule_id != rule.sip_dispatch_rule_id and same_trunks and same_callers:
                raise TwirpFailure(
                    "invalid_argument",
                    f"Dispatch rule for the same trunk, number, and PIN combination already exists in dispatch rule "
                    f'"{other.sip_dispatch_rule_id}" "{other.name}"',
                )

    def _list_rules(self, asked: proto.ListSIPDispatchRuleRequest) -> Message:
        wanted = set(asked.trunk_ids)
        items = [rule for rule in self.rules.values() if not wanted or wanted & set(rule.trunk_ids)]
        return proto.ListSIPDispatchRuleResponse(items=items)

    def _delete_rule(self, asked: proto.DeleteSIPDispatchRuleRequest) -> Message:
        rule = self.rules.pop(asked.sip_dispatch_rule_id, None)
        if rule is None:
            raise TwirpFailure("not_found", "requested dispatch rule does not exist")
        return rule


def _find(kept: dict[str, Any], id_: str) -> Any:
    if id_ not in kept:
        raise TwirpFailure("not_found", "requested object does not exist")
    return kept[id_]


def _keep(kept: dict[str, Any], prefix: str, thing: Any, id_field: str) -> Any:
    setattr(thing, id_field, f"{prefix}_{secrets.token_urlsafe(9).replace('-', 'x').replace('_', 'y')}")
    kept[getattr(thing, id_field)] = thing
    return thing


def _listed(kept: dict[str, Any], ids: Iterable[str], numbers: Iterable[str]) -> list[Any]:
    chosen, called = list(ids), set(numbers)
    things = [kept[id_] for id_ in chosen if id_ in kept] if chosen else list(kept.values())
    return [thing for thing in things if not (called and thing.numbers) or called & set(thing.numbers)]


def _updated(existing: Any, asked: Any, id_field: str) -> Any:
    """A copy with the update's `replace`, or the fields of its `update`, in it."""
    result = type(existing)()
    match asked.WhichOneof("action"):
        case "replace":
            result.CopyFrom(asked.replace)
        case "update":
            result.CopyFrom(existing)
            for descriptor, value in asked.update.ListFields():
                _set(result, descriptor.name, value)
        case _:
            raise TwirpFailure("invalid_argument", "missing or unsupported update action")
    setattr(result, id_field, getattr(existing, id_field))
    return result


def _set(thing: Any, name: str, value: Any) -> None:
    """Set a field to `value`; a ListUpdate adds to, takes from or replaces a list."""
    if isinstance(value, str | int | bool | float):
        setattr(thing, name, value)
        return
    field = getattr(thing, name)
    if type(value).__name__ == "ListUpdate":
        kept = [item for item in (value.set or field) if item not in value.remove or value.clear]
        items = [] if value.clear else [*kept, *value.add]
        thing.ClearField(name)
        getattr(thing, name).extend(items)
    elif isinstance(value, Message):
        field.CopyFrom(value)
    else:
        thing.ClearField(name)
        getattr(thing, name).MergeFrom(value)
