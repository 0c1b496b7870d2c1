"""The sound of a message goes with it: attached to a mail where it is small, else as a link that lasts a week."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from fieldline.errors import NotSent, NotStored
from fieldline.outgoing import Attachment, Delivery
from fieldline.storage import LONGEST_LINK_S, TYPES, Storage

#: Mail servers take ten megabytes and more, in base64 a third larger; 4 MB are two minutes as the ears keep sound.
SMALL = 4_000_000
#: Carriers take 1600 characters in an SMS.
SMS_CHARACTERS = 1600
#: A sound may arrive in the storage after its message in the outbox, but not hours later.
TRIES_WITHOUT = 4
WITHOUT = "The sound of this message cannot be had."


class SoundOfMessage:
    """Adds to a delivery what its message sounded like."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def added(self, delivery: Delivery) -> Delivery:
        """The delivery with its sound; as it is when it has none.

        Raises:
            NotSent: for now, while the storage is down or has not got the sound yet.
        """
        if delivery.sound is None:
            return delivery
        try:
            sound = await self._storage.get(delivery.sound) if delivery.channel == "email" else None
            if sound is not None and len(sound) <= SMALL:
                return dataclasses.replace(delivery, attachment=_attachment(delivery.sound, sound))
            link = await self._storage.link(delivery.sound, LONGEST_LINK_S)
        except NotStored as error:
            if delivery.attempt <= TRIES_WITHOUT:
                raise NotSent(f"the sound is not to be had: {error}") from error
            return _with_line(delivery, WITHOUT)
        return _with_line(delivery, f"Listen, for a week: {link}")


def _attachment(key: str, sound: bytes) -> Attachment:
    suffix = Path(key).suffix
    return Attachment(f"message{suffix}", TYPES.get(suffix, "application/octet-stream"), sound)


def _with_line(delivery: Delivery, line: str) -> Delivery:
    body = delivery.body
    if delivery.channel == "sms" and len(body) + 1 + len(line) > SMS_CHARACTERS:
        body = f"{body[: SMS_CHARACTERS - len(line) - 3]} …"
    return dataclasses.replace(delivery, body=f"{body}\n{line}")
