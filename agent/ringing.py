"""Rings the people of a plan one after the other until somebody takes the call; every attempt ends in the database."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Literal

from agent.attempt import Attempt, Hold
from agent.call import Call, Facts
from agent.consultation import Announcer
from agent.exchange import Dialled, Exchange
from fieldline.errors import Refusal, StoreError
from fieldline.transfer_functions import Outcome

logger = logging.getLogger(__name__)

#: After these nobody else of the plan is tried.
FINAL = frozenset({"accepted", "message", "caller_left", "superseded"})
#: After these the office need not hear of a caller whom nobody took.
SETTLED = frozenset({"accepted", "message", "superseded"})


@dataclass(frozen=True)
class End:
    """How a transfer ended, and with whom; `taken` is somebody who was on the line with another caller."""

    why: Outcome | Literal["taken"]
    name: str | None = None


class Ringing:
    """One plan (facts of transfer_begin). `cut` is set when the caller no longer wants to wait.

    `finished` is set when somebody has taken the call, or nobody will.
    """

    def __init__(self, call: Call, exchange: Exchange, request_id: str, plan: Facts, hold: Hold) -> None:
        self.cut = asyncio.Event()
        self.finished: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.plan = plan
        self._gave_way = False
        self._call, self._exchange, self._hold = call, exchange, hold
        self._request_id = request_id

    def give_way(self) -> None:
        """Somebody else is rung for this caller: whoever has not taken the call by now is let go."""
        self._gave_way = True
        self.cut.set()

    def settle(self, end: End) -> None:
        """Whoever waits for the end may know; the first one stands."""
        if not self.finished.done():
            self.finished.set_result(end)

    async def run(self, announcer: Announcer) -> End:
        """Ring until somebody takes the call, the caller leaves, or nobody is left to try."""
        people, end = self.plan["people"], End("failed")
        for turn, person in enumerate(people, 1):
            if turn > 1 and not self.cut.is_set():
                facts = {"name": people[turn - 2]["name"], "why": end.why, "person": person["name"]}
                await self._hold.tell("transfer_next", facts)
            if self.cut.is_set():
                break  # the caller no longer waits: nobody's telephone is to ring for that
            end = await self._try(turn, person["name"], announcer)
            if end.why in FINAL:
                break
        if not self._gave_way and end.why not in SETTLED:
            await self._missed()
        return end

    async def _missed(self) -> None:
        """Nobody took the call. Where this is not reached, the call's end tells the office."""
        try:
            await self._call.work.finish_write(
                self._call.store.transfer_missed(call_id=self._call.id, request_id=self._request_id)
            )
        except StoreError as error:
            logger.warning("the office was not told of a missed transfer", extra={"code": error.code})

    async def _try(self, turn: int, name: str, announcer: Announcer) -> End:
        try:
            ring = await self._call.store.transfer_ring(call_id=self._call.id, request_id=self._request_id, turn=turn)
        except StoreError as error:
            taken = isinstance(error, Refusal) and error.reason == "employee_taken"
            return End("taken" if taken else "failed", name)
        attempt = Attempt(self._call, self._exchange, ring, announcer, self._hold)
        reached = await attempt.run(self.cut)
        if self._gave_way and reached.outcome == "caller_left" and not self._call.ended.is_set():
            reached = replace(reached, outcome="superseded")
        outcome = reached.outcome or "failed"
        self._call.recorder.event("transfer", to=name, outcome=outcome, sip_status=reached.sip_status)
        await self._report(ring, reached)
        return End(outcome, name)

    async def _report(self, ring: Facts, reached: Dialled) -> None:
        if reached.outcome == "accepted":
            return  # said at once, when it happened
        try:
            await self._call.work.finish_write(
                self._call.store.transfer_report(
                    call_id=self._call.id,
                    attempt=ring["attempt"],
                    state=reached.outcome or "failed",
                    sip_status=reached.sip_status,
                    sip_reason=reached.sip_reason,
                )
            )
        except StoreError as error:
            logger.warning("the end of a transfer was not written", extra={"code": error.code})
