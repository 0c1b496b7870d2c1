"""The technician's line functions: what a verified technician may do by talking.

Arguments, facts and refusals are in docs/line-functions.md. An argument that is None keeps the function's default.
Every method raises `Refusal` when a rule says no and `StoreUnavailable` when the database could not be asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from fieldline.line_functions import Facts, LineFunctions


class TechnicianFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def my_status(self, *, call_id: str) -> Facts:
        return await self._call("my_status", call_id=call_id)

    async def clock_in(self, *, call_id: str, request_id: str, truck: int, instead_of: int | None = None) -> Facts:
        return await self._call("clock_in", call_id=call_id, request_id=request_id, truck=truck, instead_of=instead_of)

    async def clock_out(self, *, call_id: str, request_id: str, confirmed: bool = False) -> Facts:
        return await self._call("clock_out", call_id=call_id, request_id=request_id, confirmed=confirmed)

    async def my_jobs(self, *, call_id: str, day: str = "today") -> Facts:
        return await self._call("my_jobs", call_id=call_id, day=day)

    async def next_job(self, *, call_id: str) -> Facts:
        return await self._call("next_job", call_id=call_id)

    async def job_details(self, *, call_id: str, number: int | None = None) -> Facts:
        return await self._call("job_details", call_id=call_id, number=number)

    async def start_travel(self, *, call_id: str, request_id: str, number: int | None = None) -> Facts:
        return await self._call("start_travel", call_id=call_id, request_id=request_id, number=number)

    async def arrive(self, *, call_id: str, request_id: str, number: int | None = None) -> Facts:
        return await self._call("arrive", call_id=call_id, request_id=request_id, number=number)

    async def add_note(
        self,
        *,
        call_id: str,
        request_id: str,
        note: str,
        number: int | None = None,
        alert_office: bool = False,
        best_effort: bool = False,
        audio_path: str | None = None,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "add_note",
            call_id=call_id,
            request_id=request_id,
            note=note,
            number=number,
            alert_office=alert_office,
            best_effort=best_effort,
            audio_path=audio_path,
            again=again,
        )

    async def read_notifications(self, *, call_id: str) -> Facts:
        return await self._call("read_notifications", call_id=call_id)

    async def mark_notifications_read(self, *, call_id: str, request_id: str, ids: Sequence[int]) -> Facts:
        return await self._call("mark_notifications_read", call_id=call_id, request_id=request_id, ids=ids)

    async def check_stock(self, *, call_id: str, part: str | None = None, truck: int | None = None) -> Facts:
        return await self._call("check_stock", call_id=call_id, part=part, truck=truck)

    async def who_has(self, *, call_id: str, part: str) -> Facts:
        return await self._call("who_has", call_id=call_id, part=part)

    async def use_part(
        self,
        *,
        call_id: str,
        request_id: str,
        part: str,
        quantity: float,
        number: int | None = None,
        confirmed: bool = False,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "use_part",
            call_id=call_id,
            request_id=request_id,
            part=part,
            quantity=quantity,
            number=number,
            confirmed=confirmed,
            again=again,
        )

    async def take_part(
        self,
        *,
        call_id: str,
        request_id: str,
        part: str,
        quantity: float,
        from_truck: int,
        confirmed: bool = False,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "take_part",
            call_id=call_id,
            request_id=request_id,
            part=part,
            quantity=quantity,
            from_truck=from_truck,
            confirmed=confirmed,
            again=again,
        )

    async def request_restock(
        self, *, call_id: str, request_id: str, part: str, quantity: float | None = None, again: bool = False
    ) -> Facts:
        return await self._call(
            "request_restock", call_id=call_id, request_id=request_id, part=part, quantity=quantity, again=again
        )

    async def complete_job(
        self, *, call_id: str, request_id: str, summary: str, number: int | None = None, confirmed: bool = False
    ) -> Facts:
        return await self._call(
            "complete_job", call_id=call_id, request_id=request_id, summary=summary, number=number, confirmed=confirmed
        )

    async def customer_history(self, *, call_id: str, number: int | None = None) -> Facts:
        return await self._call("customer_history", call_id=call_id, number=number)

    async def book_follow_up(
        self,
        *,
        call_id: str,
        request_id: str,
        day: str,
        time: str | None = None,
        reason: str | None = None,
        number: int | None = None,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "book_follow_up",
            call_id=call_id,
            request_id=request_id,
            day=day,
            time_of_day=time,
            reason=reason,
            number=number,
            again=again,
        )

    async def read_last_entry(self, *, call_id: str) -> Facts:
        return await self._call("read_last_entry", call_id=call_id)

    async def undo_last_entry(
        self, *, call_id: str, request_id: str, kind: str | None = None, again: bool = False
    ) -> Facts:
        return await self._call("undo_last_entry", call_id=call_id, request_id=request_id, kind=kind, again=again)
