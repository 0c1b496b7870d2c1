"""What leaves the house: a delivery as the outbox hands it over, and the letter made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Delivery:
    """One SMS or e-mail to one address; `attempt` counts from 1, and `sound` is the key of its message's sound."""

    id: int
    channel: Literal["sms", "email"]
    address: str
    subject: str | None
    body: str
    attempt: int
    company: str
    sound: str | None = None
    attachment: Attachment | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Delivery:
        """From the facts of `claim_deliveries`."""
        return cls(**{name: facts[name] for name in cls.__dataclass_fields__ if name in facts})


class Sender(Protocol):
    """One way out of the house."""

    async def send(self, delivery: Delivery) -> str:
        """Send it; the carrier's or server's id of it.

        Raises:
            NotSent: with the reason, and whether to try again.
        """
        ...


def letter(delivery: Delivery, sender: str) -> EmailMessage:
    """The delivery as a mail. Its Message-ID is the same at every try, so a mail program shows a repeat once."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = delivery.address
    message["Subject"] = " ".join((delivery.subject or delivery.company).split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<delivery-{delivery.id}@{parseaddr(sender)[1].partition('@')[2] or 'fieldline.local'}>"
    message["Organization"] = " ".join(delivery.company.split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(delivery.body)
    if delivery.attachment is not None:
        kind, _, subtype = delivery.attachment.content_type.partition("/")
        message.add_attachment(
            delivery.attachment.content, maintype=kind, subtype=subtype, filename=delivery.attachment.name
        )
    return message
