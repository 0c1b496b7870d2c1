"""LiveKit's messages for what should be: trunks and the dispatch rule, and the fields of them that are ours to keep."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from livekit import api
from livekit.protocol import sip as proto

from fieldline.telephony import VERDICT, mark
from sip.desired import Telephony
from sip.plan import SECRET

M = TypeVar("M", bound=Message)

MEDIA = ("media_encryption", "media")
INBOUND = (
    *("numbers", "allowed_addresses", "auth_username", "auth_password", "ringing_timeout", "max_call_duration"),
    *("headers_to_attributes", "krisp_enabled", "metadata", *MEDIA),
)
OUTBOUND = ("address", "transport", "numbers", "auth_username", "auth_password", "metadata", *MEDIA)
RULE = ("trunk_ids", "rule", "attributes", "room_config")
#: The order of these says nothing.
SETS = {"numbers", "allowed_addresses", "trunk_ids"}


def inbound(wanted: Telephony, password: str | None) -> api.SIPInboundTrunkInfo:
    """The trunk that calls come in by."""
    trunk = api.SIPInboundTrunkInfo(
        name=f"{wanted.name}-inbound",
        metadata=_trunk_mark(wanted.name, password if wanted.inbound.username else None),
        numbers=wanted.numbers,
        allowed_addresses=wanted.allowed_addresses,
        krisp_enabled=wanted.media.noise_cancellation,
        media_encryption=_encryption(wanted),
        media=_media(wanted),
    )
    if wanted.inbound.username:
        trunk.auth_username, trunk.auth_password = wanted.inbound.username, password or ""
    if header := wanted.carrier.verdict_header:
        trunk.headers_to_attributes[header] = VERDICT
    trunk.ringing_timeout.FromSeconds(wanted.inbound.ringing_seconds)
    trunk.max_call_duration.FromSeconds(wanted.inbound.max_call_seconds)
    return trunk


def outbound(wanted: Telephony, password: str) -> api.SIPOutboundTrunkInfo:
    """The trunk that the line rings people by; its numbers are the caller IDs that may be shown."""
    return api.SIPOutboundTrunkInfo(
        name=f"{wanted.name}-outbound",
        metadata=_trunk_mark(wanted.name, password),
        address=wanted.outbound.address,
        transport=f"SIP_TRANSPORT_{wanted.carrier.transport.upper()}",
        numbers=wanted.numbers,
        auth_username=wanted.outbound.username,
        auth_password=password,
        media_encryption=_encryption(wanted),
        media=_media(wanted),
    )


def rule(wanted: Telephony, trunk_id: str, agent_name: str) -> api.SIPDispatchRuleInfo:
    """A room of its own for each call, with the worker's agent in it."""
    individual = api.SIPDispatchRuleIndividual(room_prefix=wanted.dispatch.room_prefix)
    return api.SIPDispatchRuleInfo(
        name=f"{wanted.name}-calls",
        metadata=mark(),
        trunk_ids=[trunk_id],
        rule=api.SIPDispatchRule(dispatch_rule_individual=individual),
        attributes=wanted.dispatch.attributes,
        room_config=api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=agent_name)]),
    )


def fields(message: Message, names: tuple[str, ...]) -> dict[str, Any]:
    """The named fields as plain values that can be compared."""
    whole = MessageToDict(message, preserving_proto_field_name=True)
    found = {name: whole.get(name, "") for name in names}
    return {name: sorted(value) if name in SETS and value else value for name, value in found.items()}


def presentable(values: dict[str, Any]) -> dict[str, Any]:
    """The same without passwords."""
    return {name: SECRET if name == "auth_password" and value else value for name, value in values.items()}


def merged(existing: M, wanted: M, names: tuple[str, ...]) -> M:
    """`existing` with the named fields of `wanted`; what others set in the rest stays."""
    result = type(existing)()
    result.CopyFrom(existing)
    chosen = type(wanted)()
    for name in names:
        result.ClearField(name)
    chosen.CopyFrom(wanted)
    for descriptor, _ in wanted.ListFields():
        if descriptor.name not in names:
            chosen.ClearField(descriptor.name)
    result.MergeFrom(chosen)
    return result


def fingerprint(name: str, password: str) -> str:
    """Shows that a password has changed where it cannot be read back, and is slow to try passwords against."""
    return hashlib.scrypt(password.encode(), salt=f"fieldline/{name}".encode(), n=2**14, r=8, p=1, dklen=8).hex()


def _trunk_mark(name: str, password: str | None) -> str:
    return mark(password=fingerprint(name, password)) if password else mark()


def _encryption(wanted: Telephony) -> str:
    return f"SIP_MEDIA_ENCRYPT_{wanted.media.encryption.upper()}"


def _media(wanted: Telephony) -> proto.SIPMediaConfig:
    rates = {"opus": 48_000}
    codecs = [proto.SIPCodec(name=codec, rate=rates.get(codec, 8_000)) for codec in wanted.media.codecs]
    # Said in both places: older servers know only the trunk's own field, newer ones copy it to here.
    return proto.SIPMediaConfig(only_listed_codecs=True, codecs=codecs, encryption=_encryption(wanted))
