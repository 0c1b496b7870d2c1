"""Where deliveries go in tests: a mail server and a Twilio that note what came, and answer as they are told."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, cast

from aiohttp import BasicAuth, web

from fieldline.errors import NotSent
from fieldline.outgoing import Delivery


@dataclass
class MailServer:
    """SMTP as far as a client needs it. `says` overrides the answer to a verb: {"RCPT": "550 no such mailbox"}."""

    says: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, to the end."""
        verb, answer = "", "220 ready"
        while verb != "QUIT":
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            line = await reader.readline()
            if not line:
                break
            verb = line.split()[0].decode().upper()
            self.verbs.append(verb)
            answer = self.says.get(verb, {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 in"}.get(verb, "250 fine"))
            if verb == "DATA" and verb not in self.says:
                writer.write(b"354 go on\r\n")
                text = await reader.readuntil(b"\r\n.\r\n")
                parsed = email.message_from_bytes(text.removesuffix(b"\r\n.\r\n"), policy=email.policy.default)
                self.mails.append(cast(EmailMessage, parsed))
        writer.write(b"221 bye\r\n")
        writer.close()


@asynccontextmanager
async def mail_server(host: str = "127.0.0.1", **says: str) -> AsyncIterator[MailServer]:
    """A mail server while the block lasts."""
    server = MailServer(says)
    listening = await asyncio.start_server(server.serve, host, 0)
    server.url = f"smtp://{host}:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server


@dataclass
class TwilioMessages:
    """Twilio's Messages resource. `refuses` is the status and Twilio code of the next answers; 201 when None."""

    refuses: tuple[int, int] | None = None
    sent: list[dict[str, str]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    url: str = ""

    async def create(self, request: web.Request) -> web.Response:
        """What `client.messages.create` asks for."""
        auth = BasicAuth.decode(request.headers["Authorization"])
        self.accounts.append(auth.login)
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self.refuses is not None:
            status, code = self.refuses
            return web.json_response({"status": status, "code": code, "message": "no"}, status=status)
        self.sent.append(form)
        return web.json_response({"sid": f"SM{len(self.sent):032d}", "status": "queued", **form}, status=201)


@asynccontextmanager
async def twilio_messages() -> AsyncIterator[TwilioMessages]:
    """Twilio while the block lasts; `url` is what TWILIO_BASE_URL is set to."""
    twilio = TwilioMessages()
    app = web.Application()
    app.router.add_post("/api/2010-04-01/Accounts/{account}/Messages.json", twilio.create)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    twilio.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield twilio
    await runner.cleanup()


@dataclass
class FakeSender:
    """Notes what it was given; `down` is what it says instead."""

    sent: list[Delivery] = field(default_factory=list)
    down: Exception | None = None

    async def send(self, delivery: Delivery) -> str:
        """As the real senders."""
        await asyncio.sleep(0)
        if self.down is not None:
            raise self.down
        self.sent.append(delivery)
        return f"id-{delivery.id}"


def out_of_order(for_good: bool = False) -> NotSent:
    """What a sender says whose carrier is down."""
    return NotSent("carrier is down", for_good=for_good)


def a_delivery(**changes: Any) -> Delivery:
    """An e-mail, unless told otherwise."""
    facts: dict[str, Any] = {
        "id": 7,
        "channel": "email",
        "address": "karen@northgate.example",
        "subject": "Message from Jane",
        "body": "The gate is open – please call.\n— Northgate",
        "attempt": 1,
        "company": "Northgate Security",
    }
    return Delivery.of({**facts, **changes})
