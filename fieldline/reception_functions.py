"""The reception's line functions: what anybody who calls may ask for and leave behind.

Arguments, facts and refusals are in docs/line-functions.md. An argument that is None keeps the function's default.
Every method raises `Refusal` when a rule says no and `StoreUnavailable` when the database could not be asked.
"""

from __future__ import annotations

from fieldline.line_functions import Facts, LineFunctions


class ReceptionFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def company_facts(self, *, call_id: str, topic: str | None = None) -> Facts:
        return await self._call("company_facts", call_id=call_id, topic=topic)

    async def find_person(self, *, call_id: str, heard: str | None = None, department: str | None = None) -> Facts:
        return await self._call("find_person", call_id=call_id, heard=heard or "", department=department)

    async def take_message(
        self,
        *,
        call_id: str,
        request_id: str,
        text: str,
        for_person: str | None = None,
        department: str | None = None,
        caller_name: str | None = None,
        number: str | None = None,
        urgent: bool = False,
        confirmed: bool = False,
        again: bool = False,
        best_effort: bool = False,
        audio_path: str | None = None,
    ) -> Facts:
        return await self._call(
            "take_message",
            call_id=call_id,
            request_id=request_id,
            text=text,
            for_person=for_person,
            department=department,
            caller_name=caller_name,
            number=number,
            urgent=urgent,
            confirmed=confirmed,
            again=again,
            best_effort=best_effort,
            audio_path=audio_path,
        )

    async def request_callback(
        self,
        *,
        call_id: str,
        request_id: str,
        for_person: str | None = None,
        department: str | None = None,
        caller_name: str | None = None,
        number: str | None = None,
        reason: str | None = None,
        best_time: str | None = None,
        urgent: bool = False,
        confirmed: bool = False,
        again: bool = False,
        best_effort: bool = False,
        audio_path: str | None = None,
    ) -> Facts:
        return await self._call(
            "request_callback",
            call_id=call_id,
            request_id=request_id,
            for_person=for_person,
            department=department,
            caller_name=caller_name,
            number=number,
            reason=reason,
            best_time=best_time,
            urgent=urgent,
            confirmed=confirmed,
            again=again,
            best_effort=best_effort,
            audio_path=audio_path,
        )

    async def report_danger(self, *, call_id: str, request_id: str, words: str, kind: str) -> Facts:
        return await self._call("report_danger", call_id=call_id, request_id=request_id, words=words, kind=kind)
