"""The Twilio stand-in: the REST calls that provisioning and SMS make, answered from memory.

Twilio's own client is pointed at it by TWILIO_BASE_URL (`https://trunking.twilio.com/v1/…` becomes
`<base>/trunking/v1/…`). It speaks Twilio's shapes: CamelCase form fields in, snake_case JSON out, errors with a code.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

Thing = dict[str, Any]

ACCOUNT = "AC" + "0" * 32
#: Prefix of the ids of each kind, and what a new one has that nobody sent.
KINDS: dict[str, tuple[str, Thing]] = {
    "trunks": ("TK", {"secure": False, "disaster_recovery_url": None, "disaster_recovery_method": None}),
    "origination_urls": ("OU", {}),
    "credential_lists": ("CL", {}),
    "credentials": ("CR", {}),
    "phone_numbers": ("PN", {}),
    "messages": ("SM", {"status": "queued", "error_code": None}),
}
TYPES = {"weight": int, "priority": int, "enabled": lambda said: said == "true", "secure": lambda said: said == "true"}
#: A password goes in and never comes out.
UNSEEN = {"password"}


@dataclass
class Store:
    """Things by the path of their collection, in the order of making."""

    collections: dict[str, dict[str, Thing]] = field(default_factory=dict)

    def of(self, path: str) -> dict[str, Thing]:
        """The collection at a path, for instance `trunks` or `trunks/TK…/origination_urls`."""
        return self.collections.setdefault(path, {})


class FakeTwilio:
    """`async with FakeTwilio() as twilio`, with `twilio.url` as TWILIO_BASE_URL, `.account` and `.token` as the keys.

    `own(number)` puts a number into the account; `down` makes every answer a 503; `requests` lists (method, path).
    """

    def __init__(self) -> None:
        self.account = ACCOUNT
        self.token = secrets.token_hex(16)
        self.down = False
        self.store = Store()
        self.requests: list[tuple[str, str]] = []
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> FakeTwilio:
        app = web.Application()
        app.router.add_route("*", "/trunking/v1/{path:.*}", self._answer)
        app.router.add_route("*", f"/api/2010-04-01/Accounts/{self.account}/{{path:.*}}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Its address, for TWILIO_BASE_URL."""
        assert self._runner
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    @property
    def messages(self) -> list[Thing]:
        """Every SMS that was sent, oldest first: `to`, `from`, `body`, `status`, `status_callback`."""
        return list(self.store.of("messages").values())

    @property
    def own_numbers(self) -> list[Thing]:
        """Every number that the account has."""
        return list(self.store.of("incoming_phone_numbers").values())

    def own(self, number: str, *, trunk_sid: str | None = None) -> Thing:
        """A number that the account has."""
        sid = new_sid("PN")
        thing = {"sid": sid, "phone_number": number, "trunk_sid": trunk_sid, "account_sid": self.account}
        self.store.of("incoming_phone_numbers")[sid] = thing
        return thing

    async def report(self, message: Thing, status: str, *, error_code: int | None = None) -> int:
        """Tell the sender's status callback what became of a message, signed as Twilio signs; its HTTP status."""
        message |= {"status": status, "error_code": error_code}
        said = {"MessageSid": message["sid"], "MessageStatus": status, "To": message["to"], "AccountSid": self.account}
        if error_code:
            said["ErrorCode"] = str(error_code)
        url = message["status_callback"]
        signature = RequestValidator(self.token).compute_signature(url, said)
        headers = {"X-Twilio-Signature": signature}
        async with aiohttp.ClientSession() as session, session.post(url, data=said, headers=headers) as answer:
            return answer.status

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path))
        if self.down:
            return _error(503, 20503, "Service unavailable")
        expected = "Basic " + b64encode(f"{self.account}:{self.token}".encode()).decode()
        if not secrets.compare_digest(request.headers.get("Authorization", ""), expected):
            return _error(401, 20003, "Authenticate")
        path = snake(request.match_info["path"].removesuffix(".json").removeprefix("SIP/"))
        said = {snake(str(name)): value for name, value in (await request.post()).items()}
        values = {name: TYPES.get(name, str)(value) for name, value in said.items()}
        parent, _, last = path.rpartition("/")
        if last.islower():
            return self._collection(request, path, last, values)
        thing = self.store.of(parent).get(last)
        if thing is None:
            return _error(404, 20404, f"The requested resource /{path} was not found")
        if request.method == "DELETE":
            return self._delete(parent, last)
        return _json(thing | (values if request.method == "POST" else {}), 200, kept=thing)

    def _delete(self, parent: str, sid: str) -> web.Response:
        del self.store.of(parent)[sid]
        # Off a trunk a number is free, and still the account's.
        number = self.store.of("incoming_phone_numbers").get(sid)
        if number is not None and parent.startswith("trunks/"):
            number["trunk_sid"] = None
        return web.Response(status=204)

    def _collection(self, request: web.Request, path: str, kind: str, values: Thing) -> web.Response:
        things = self.store.of(path)
        if request.method == "GET":
            wanted = request.query.get("PhoneNumber")
            listed = [_seen(t) for t in things.values() if wanted is None or t["phone_number"] == wanted]
            return web.json_response(
                {kind: listed, "meta": {"key": kind, "next_page_url": None}, "next_page_uri": None}
            )
        if kind not in KINDS:
            return _error(405, 20004, "Method not allowed")
        prefix, defaults = KINDS[kind]
        thing = {"sid": new_sid(prefix), "account_sid": self.account, **defaults, **values}
        owner = path.split("/")[1] if "/" in path else None
        if kind == "phone_numbers" and owner:
            number = self.store.of("incoming_phone_numbers").get(values["phone_number_sid"])
            if number is None:
                return _error(404, 20404, "The requested phone number was not found")
            number["trunk_sid"] = owner
            thing = {**number, "trunk_sid": owner}
        elif kind == "credential_lists" and owner:
            thing = self.store.of("credential_lists")[values["credential_list_sid"]]
        things[thing["sid"]] = thing
        return _json(thing, 201)


def new_sid(prefix: str) -> str:
    """An id as Twilio makes them."""
    return prefix + secrets.token_hex(16)


def snake(name: str) -> str:
    """`FriendlyName` → `friendly_name`, step by step in a path; ids stay as they are."""
    steps = name.split("/")
    return "/".join(
        s if re.fullmatch(r"[A-Z]{2}[0-9a-f]{32}", s) else re.sub(r"(?<!^)(?=[A-Z])", "_", s).lower() for s in steps
    )


def _seen(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if name not in UNSEEN}


def _json(thing: Thing, status: int, *, kept: Thing | None = None) -> web.Response:
    if kept is not None:
        kept |= thing
    return web.json_response(_seen(thing), status=status)


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"status": status, "code": code, "message": message}, status=status)
