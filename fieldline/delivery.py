"""Sending: SMS by Twilio, e-mail by SMTP, and in local mode everything into the mailbox.

Both clients block, so each send runs in a thread. A sender tries once; when to try again stands in the row.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from fieldline.errors import NotSent, SettingsError
from fieldline.mailbox import Mailbox
from fieldline.outgoing import Delivery, Sender, letter
from fieldline.settings import Settings
from fieldline.twilio_client import twilio_client

#: Where the admin API hears what became of an SMS; the delivery's id follows.
STATUS_PATH = "/webhooks/twilio/status"
#: A mail server that needs longer than this for one step is down for us. Well within the lease of a delivery.
SMTP_PATIENCE_S = 15.0
#: Answers of Twilio that tell about us and not about the message: credentials, a suspended account, too fast.
OURS_TO_MEND = frozenset({401, 403, 404, 408, 429})


def senders(settings: Settings) -> Mapping[str, Sender]:
    """The way out for each channel. Local mode never leaves the machine, whatever keys lie about."""
    if settings.env == "local":
        mailbox = Mailbox(settings.home)
        return {"sms": mailbox, "email": mailbox}
    return {"sms": _sms(settings), "email": _mail(settings)}


class NotSetUp:
    """A channel that nobody configured: its deliveries wait, and say what for."""

    def __init__(self, what: str) -> None:
        self._what = what

    async def send(self, delivery: Delivery) -> str:
        """Always refuses for now.

        Raises:
            NotSent: every time.
        """
        raise NotSent(f"not set up: {self._what}")


class SmsSender:
    """Sends by Twilio's Messages API.

    Args:
        sender: a number of ours, or the SID of a messaging service (MG…).
        reports_to: public address of the admin API, where Twilio says later what became of it; None asks for no word.
    """

    def __init__(self, client: Client, sender: str, reports_to: str | None = None) -> None:
        self._client = client
        self._sender = sender
        self._reports_to = reports_to

    async def send(self, delivery: Delivery) -> str:
        """The SID that Twilio gave the message.

        Raises:
            NotSent: for good when Twilio refuses this message or number.
        """
        return await asyncio.to_thread(self._send, delivery)

    def _send(self, delivery: Delivery) -> str:
        by = {"messaging_service_sid" if self._sender.startswith("MG") else "from_": self._sender}
        if self._reports_to:
            by["status_callback"] = f"{self._reports_to}{STATUS_PATH}/{delivery.id}"
        try:
            return str(self._client.messages.create(to=delivery.address, body=delivery.body, **by).sid)
        except TwilioRestException as error:
            for_good = 400 <= error.status < 500 and error.status not in OURS_TO_MEND
            raise NotSent(f"Twilio {error.status}, {error.code}: {error.msg}", for_good=for_good) from error
        except (TwilioException, RequestException) as error:
            raise NotSent(f"Twilio: {error}") from error


class MailSender:
    """Sends by SMTP. `smtp://` takes STARTTLS wherever it is offered, `smtps://` is TLS from the start.

    A password never goes over a line that is not encrypted, unless the server is this machine.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, delivery: Delivery) -> str:
        """The Message-ID of the mail.

        Raises:
            NotSent: for good when the server refuses this mail or its recipient.
        """
        return await asyncio.to_thread(self._send, delivery)

    def _send(self, delivery: Delivery) -> str:
        message = letter(delivery, self._sender)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise NotSent(f"SMTP {code}: {_text(text)}", for_good=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise NotSent(
                f"SMTP {error.smtp_code}: {_text(error.smtp_error)}", for_good=error.smtp_code >= 500
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            # The server, our account or the line: mended without touching the mail.
            raise NotSent(f"SMTP: {error}") from error
        return str(message["Message-ID"])

    def _connected(self) -> smtplib.SMTP:
        host, encrypted = self._url.hostname or "localhost", self._url.scheme == "smtps"
        context = ssl.create_default_context()
        if encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=SMTP_PATIENCE_S, context=context
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=SMTP_PATIENCE_S)
        try:
            server.ehlo()
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                encrypted = True
            if self._url.username:
                if not encrypted and host not in {"localhost", "127.0.0.1", "::1"}:
                    raise smtplib.SMTPException("the server offers no encryption: the password stays here")
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _sms(settings: Settings) -> Sender:
    if settings.sms_from is None:
        return NotSetUp("FIELDLINE_SMS_FROM, the number or messaging service that SMS come from")
    try:
        return SmsSender(twilio_client(settings), settings.sms_from, settings.api_url)
    except SettingsError as error:
        return NotSetUp("; ".join(error.problems))


def _mail(settings: Settings) -> Sender:
    if settings.smtp_url is None or settings.mail_from is None:
        return NotSetUp("SMTP_URL and FIELDLINE_MAIL_FROM, the server and the sender of e-mail")
    return MailSender(settings.smtp_url.get_secret_value(), settings.mail_from)
