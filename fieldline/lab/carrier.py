"""The carrier stand-in: one LIVEKIT_URL that behaves like a server with a SIP service and a telephone network.

It answers the Twirp calls of `livekit.SIP` itself (trunks and rules in memory, numbers that lab phones pick up) and
hands everything else, WebSockets too, to the real livekit-server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from google.protobuf.message import Message
from livekit import api
from livekit.protocol import sip as proto

from fieldline.lab.dialling import Dialling
from fieldline.lab.proxy import Proxy
from fieldline.lab.sip import Server
from fieldline.lab.sip_objects import SipObjects
from fieldline.lab.twirp import TwirpFailure, answer, read

SERVICE = "/twirp/livekit.SIP"
ROOM_API = "/twirp/livekit.RoomService"


class Carrier:
    """`async with Carrier(server) as carrier:` then use `carrier.server` in the place of `server`.

    `numbers` says who picks up, `objects` holds trunks and rules. `open_trunk()` gives a trunk to dial by.
    """

    def __init__(self, server: Server, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.real = server
        self.objects = SipObjects()
        self.numbers = Dialling(server)
        #: Every request to the server's room API takes so many seconds longer.
        self.slow_s = 0.0
        #: SIP REFER: the status with which this carrier answers (202: it connects the two and the caller's leg ends).
        self.refer_status = 405
        self.referred: list[str] = []
        self._bound = (host, port)
        self._verifier = api.TokenVerifier(server.key, server.secret)
        self._handlers: dict[str, tuple[type[Message], Callable[[Any], Message]]] = self.objects.handlers()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Carrier:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=2**24)
        app.router.add_post(f"{SERVICE}/{{method}}", self._twirp)
        self._onward = Proxy(self.real.url, self._session)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._bound).start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.numbers.aclose()
        assert self._runner and self._session
        await self._runner.cleanup()
        await self._session.close()

    @property
    def server(self) -> Server:
        """Where clients find it; the keys are the real server's."""
        assert self._runner
        host, port = self._runner.addresses[0][:2]
        return Server(f"ws://{host}:{port}", self.real.key, self.real.secret)

    def open_trunk(self, *numbers: str) -> str:
        """The id of a new outbound trunk with these caller IDs."""
        trunk = proto.SIPOutboundTrunkInfo(name="lab", address="carrier.invalid", numbers=numbers or ["+12025550100"])
        kind, create = self._handlers["CreateSIPOutboundTrunk"]
        made = create(kind(trunk=trunk))  # pyright: ignore[reportCallIssue]
        assert isinstance(made, proto.SIPOutboundTrunkInfo)
        return made.sip_trunk_id

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        if self.slow_s and request.path.startswith(ROOM_API):
            await asyncio.sleep(self.slow_s)
        return await self._onward.handle(request)

    async def _twirp(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        try:
            grants = self._grants(request)
            body = await request.read()
            if method == "CreateSIPParticipant":
                self._allow(grants.call)
                return answer(await self._dial(read(proto.CreateSIPParticipantRequest, body)))
            if method == "TransferSIPParticipant":
                self._allow(grants.call)
                return answer(await self._refer(read(proto.TransferSIPParticipantRequest, body)))
            if method not in self._handlers:
                raise TwirpFailure("unimplemented", f"the carrier stand-in has no {method}")
            self._allow(grants.admin)
            kind, handle = self._handlers[method]
            return answer(handle(read(kind, body)))
        except TwirpFailure as failure:
            return failure.response()

    def _grants(self, request: web.Request) -> api.SIPGrants:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return self._verifier.verify(token).sip or api.SIPGrants()
        except jwt.InvalidTokenError as error:
            raise TwirpFailure("unauthenticated", "invalid API key or token") from error

    def _allow(self, granted: bool) -> None:
        if not granted:
            raise TwirpFailure("permission_denied", "permission denied")

    async def _refer(self, asked: Message) -> Message:
        """Answer REFER as the carrier does: with success the caller's leg leaves the room, else it stays."""
        assert isinstance(asked, proto.TransferSIPParticipantRequest)
        if self.refer_status >= 300:
            meta = {"sip_status_code": str(self.refer_status), "sip_status": "Method Not Allowed"}
            raise TwirpFailure("failed_precondition", f"sip status {self.refer_status}", meta)
        self.referred.append(asked.transfer_to)
        async with api.LiveKitAPI(self.real.url, self.real.key, self.real.secret) as lk:
            leg = api.RoomParticipantIdentity(room=asked.room_name, identity=asked.participant_identity)
            await lk.room.remove_participant(leg)
        return proto.TransferSIPParticipantResponse(status=proto.SIPTransferStatus.STS_TRANSFER_SUCCESSFUL)

    async def _dial(self, asked: Message) -> Message:
        assert isinstance(asked, proto.CreateSIPParticipantRequest)
        trunk = self.objects.outbound.get(asked.sip_trunk_id)
        if trunk is None:
            raise TwirpFailure("not_found", "requested sip trunk does not exist")
        if not (asked.sip_call_to and asked.room_name):
            raise TwirpFailure("invalid_argument", "call-to number and room name must be set")
        return await self.numbers.dial(asked, trunk)
