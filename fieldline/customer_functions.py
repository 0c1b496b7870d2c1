"""The customer's line functions: who is calling, their visits, free times, and what they may change.

Arguments, facts and refusals are in docs/line-functions.md. An argument that is None keeps the function's default.
Every method raises `Refusal` when a rule says no and `StoreUnavailable` when the database could not be asked.
"""

from __future__ import annotations

from fieldline.line_functions import Facts, LineFunctions


class CustomerFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def confirm_customer(
        self, *, call_id: str, heard_name: str | None = None, heard_address: str | None = None
    ) -> Facts:
        return await self._call("confirm_customer", call_id=call_id, heard_name=heard_name, heard_address=heard_address)

    async def register_customer(
        self,
        *,
        call_id: str,
        request_id: str,
        name: str,
        address: str,
        number: str | None = None,
        confirmed: bool = False,
    ) -> Facts:
        return await self._call(
            "register_customer",
            call_id=call_id,
            request_id=request_id,
            name=name,
            address=address,
            number=number,
            confirmed=confirmed,
        )

    async def my_visits(self, *, call_id: str) -> Facts:
        return await self._call("my_visits", call_id=call_id)

    async def last_visit(self, *, call_id: str) -> Facts:
        return await self._call("last_visit", call_id=call_id)

    async def free_slots(self, *, call_id: str, day: str | None = None, time: str | None = None) -> Facts:
        return await self._call("free_slots", call_id=call_id, day=day, time_of_day=time)

    async def book_visit(
        self,
        *,
        call_id: str,
        request_id: str,
        reason: str,
        day: str | None = None,
        time: str | None = None,
        confirmed: bool = False,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "book_visit",
            call_id=call_id,
            request_id=request_id,
            reason=reason,
            day=day,
            time_of_day=time,
            confirmed=confirmed,
            again=again,
        )

    async def move_visit(
        self,
        *,
        call_id: str,
        request_id: str,
        day: str | None = None,
        time: str | None = None,
        visit: str | None = None,
        confirmed: bool = False,
    ) -> Facts:
        return await self._call(
            "move_visit",
            call_id=call_id,
            request_id=request_id,
            day=day,
            time_of_day=time,
            visit=visit,
            confirmed=confirmed,
        )

    async def cancel_visit(
        self,
        *,
        call_id: str,
        request_id: str,
        reason: str,
        visit: str | None = None,
        confirmed: bool = False,
        again: bool = False,
    ) -> Facts:
        return await self._call(
            "cancel_visit",
            call_id=call_id,
            request_id=request_id,
            reason=reason,
            visit=visit,
            confirmed=confirmed,
            again=again,
        )

    async def visit_note(
        self, *, call_id: str, request_id: str, note: str, visit: str | None = None, again: bool = False
    ) -> Facts:
        return await self._call(
            "visit_note", call_id=call_id, request_id=request_id, note=note, visit=visit, again=again
        )
