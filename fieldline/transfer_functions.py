"""Transfers' line functions: who may be rung for a caller, and what became of each attempt.

Arguments, facts and refusals are in docs/line-functions.md. An argument that is None keeps the function's default.
Every method raises `Refusal` when a rule says no and `StoreUnavailable` when the database could not be asked.
"""

from __future__ import annotations

from typing import Literal

from fieldline.line_functions import Facts, LineFunctions

#: How an attempt can end, as the column `transfers.outcome` has it.
Outcome = Literal[
    "accepted",
    "declined",
    "message",
    "busy",
    "no_answer",
    "voicemail",
    "unreachable",
    "hung_up",
    "caller_left",
    "superseded",
    "failed",
]


class TransferFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def transfer_begin(
        self,
        *,
        call_id: str,
        request_id: str,
        whom: str | None = None,
        department: str | None = None,
        about: str | None = None,
        emergency: bool = False,
        employee_id: str | None = None,
    ) -> Facts:
        return await self._call(
            "transfer_begin",
            call_id=call_id,
            request_id=request_id,
            whom=whom,
            department=department,
            about=about,
            emergency=emergency,
            employee_id=employee_id,
        )

    async def transfer_ring(self, *, call_id: str, request_id: str, turn: int) -> Facts:
        return await self._call("transfer_ring", call_id=call_id, request_id=request_id, turn=turn)

    async def transfer_report(
        self,
        *,
        call_id: str,
        attempt: int,
        state: Outcome | Literal["answered", "ended"],
        sip_status: int | None = None,
        sip_reason: str | None = None,
    ) -> Facts:
        return await self._call(
            "transfer_report",
            call_id=call_id,
            attempt=attempt,
            state=state,
            sip_status=sip_status,
            sip_reason=sip_reason,
        )

    async def transfer_missed(self, *, call_id: str, request_id: str) -> Facts:
        return await self._call("transfer_missed", call_id=call_id, request_id=request_id)

    async def transfer_resume(self, *, call_id: str) -> Facts:
        return await self._call("transfer_resume", call_id=call_id)
