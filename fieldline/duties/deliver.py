"""SMS and e-mail of the outbox go out: claimed by one worker, sent, settled."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fieldline.errors import NotSent, StoreError, StoreUnavailable
from fieldline.outbox_functions import OutboxFunctions
from fieldline.outgoing import Delivery, Sender
from fieldline.sound_of_message import SoundOfMessage

logger = logging.getLogger(__name__)

#: Taken at once; all of them are sent at the same time.
AT_MOST = 10
#: Others may take a claimed delivery after this. Longer than the slowest send and its settling.
LEASE_S = 120


@dataclass(frozen=True)
class Outcome:
    """What became of a try."""

    delivery_id: int
    outcome: Literal["sent", "retry", "refused"]
    provider_id: str | None = None
    error: str | None = None


class Deliver:
    """Claims what is due and sends it. Any number may run at once; each has a name of its own."""

    def __init__(
        self, store: OutboxFunctions, senders: Mapping[str, Sender], sounds: SoundOfMessage | None = None
    ) -> None:
        self._store = store
        self._senders = senders
        self._sounds = sounds
        self._worker = f"deliver-{secrets.token_hex(6)}"
        self._unsettled: list[Outcome] = []

    async def look(self) -> None:
        """One round, on until nothing is due.

        Raises:
            StoreUnavailable: the database is down; what was sent is settled in the next round, before anything else.
        """
        while True:
            await self._settle()
            answer = await self._store.claim_deliveries(worker=self._worker, at_most=AT_MOST, lease_seconds=LEASE_S)
            due = [Delivery.of(facts) for facts in answer["deliveries"]]
            self._unsettled = list(await asyncio.gather(*(self._send(delivery) for delivery in due)))
            await self._settle()
            if len(due) < AT_MOST:
                return

    async def _send(self, delivery: Delivery) -> Outcome:
        about = {"delivery": delivery.id, "channel": delivery.channel, "attempt": delivery.attempt}
        try:
            whole = await self._sounds.added(delivery) if self._sounds else delivery
            provider_id = await self._senders[delivery.channel].send(whole)
        except NotSent as error:
            logger.warning(
                "a delivery did not go",
                extra={**about, "cause": type(error.__cause__).__name__, "for_good": error.for_good},
            )
            return Outcome(delivery.id, "refused" if error.for_good else "retry", error=str(error))
        except Exception as error:
            # One that cannot even be tried must not hold up the others.
            logger.exception("a delivery could not be tried", extra=about)
            return Outcome(delivery.id, "retry", error=repr(error))
        logger.info("a delivery went", extra=about)
        return Outcome(delivery.id, "sent", provider_id=provider_id)

    async def _settle(self) -> None:
        while self._unsettled:
            done = self._unsettled[0]
            try:
                await self._store.settle_delivery(
                    delivery_id=done.delivery_id,
                    worker=self._worker,
                    outcome=done.outcome,
                    provider_id=done.provider_id,
                    error=done.error,
                )
            except StoreUnavailable:
                # Kept for the next round: whoever forgets that something went would send it again.
                raise
            except StoreError:
                logger.exception("a delivery could not be settled", extra={"delivery": done.delivery_id})
            del self._unsettled[0]
