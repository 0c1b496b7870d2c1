"""What livekit-sip would tell the room about a call: identity, attributes, the agent to dispatch."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from livekit import api

KEY_CODES = {key: code for code, key in enumerate("0123456789*#")}  # RFC 4733 telephone events


@dataclass(frozen=True)
class Server:
    """A livekit-server and the key that may open its rooms."""

    url: str
    key: str
    secret: str


@dataclass
class SipLeg:
    """One inbound call leg.

    `from_number` is passed on as dialled: "" or "anonymous" is a withheld number. `agent_name` is dispatched
    with the room (None: nobody is), `room` joins an existing one, `attributes` are added to the `sip.*` ones.
    """

    from_number: str
    to_number: str
    agent_name: str | None = None
    room: str = ""
    identity: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        caller = self.from_number or "anonymous"
        self.room = self.room or f"call-_{caller}_{secrets.token_hex(6)}"
        self.identity = self.identity or f"sip_{caller}"
        call_id = f"SCL_{secrets.token_hex(6)}"
        self.attributes = {
            "sip.phoneNumber": self.from_number,
            "sip.trunkPhoneNumber": self.to_number,
            "sip.callID": call_id,
            "sip.callIDFull": f"{call_id}@lab",
            "sip.callStatus": "active",
            "sip.trunkID": "ST_lab",
            "sip.ruleID": "SDR_lab",
            "sip.hostname": "lab",
        } | self.attributes

    def token(self, server: Server) -> str:
        """An access token that makes its bearer this leg."""
        token = (
            api.AccessToken(server.key, server.secret)
            .with_identity(self.identity)
            .with_name(f"Phone {self.from_number}".strip())
            .with_kind("sip")
            .with_attributes(self.attributes)
            .with_grants(api.VideoGrants(room_join=True, room=self.room, can_update_own_metadata=False))
        )
        if self.agent_name:
            agents = [api.RoomAgentDispatch(agent_name=self.agent_name)]
            token = token.with_room_config(api.RoomConfiguration(agents=agents))
        return token.to_jwt()
