"""The line functions of upkeep: sound and its words, recordings, rooms without a worker, and what is done at night.

Facts are in docs/line-functions.md. Every method raises `StoreUnavailable` when the database could not be asked.
"""

from __future__ import annotations

from fieldline.line_functions import Facts, LineFunctions


class UpkeepFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def settle_room(self, *, room: str, people: int, seconds_ago: float = 0.0) -> Facts:
        return await self._call("settle_room", room=room, people=people, seconds_ago=seconds_ago)

    async def call_verdict(self, *, call_id: str, verdict: str) -> Facts:
        return await self._call("call_verdict", call_id=call_id, verdict=verdict)

    async def claim_transcriptions(self, *, at_most: int = 5, lease_seconds: int = 300) -> Facts:
        return await self._call("claim_transcriptions", at_most=at_most, lease_seconds=lease_seconds)

    async def settle_transcription(self, *, message_id: str, text: str | None = None) -> Facts:
        return await self._call("settle_transcription", message_id=message_id, text=text)

    async def keep_recording(self, *, call_id: str, session_id: str, path: str, seconds: float) -> Facts:
        return await self._call("keep_recording", call_id=call_id, session_id=session_id, path=path, seconds=seconds)

    async def old_sounds(self, *, at_most: int = 100) -> Facts:
        return await self._call("old_sounds", at_most=at_most)

    async def forget_sound(self, *, path: str) -> Facts:
        return await self._call("forget_sound", path=path)

    async def prune_deliveries(self, *, at_most: int = 1000) -> Facts:
        return await self._call("prune_deliveries", at_most=at_most)

    async def tell_forgotten_clock_outs(self, *, after_hours: int = 12) -> Facts:
        return await self._call("tell_forgotten_clock_outs", after_hours=after_hours)

    async def tell_broken_hours(self) -> Facts:
        return await self._call("tell_broken_hours")

    async def archive_by_itself(self, *, at_most: int = 500) -> Facts:
        return await self._call("archive_by_itself", at_most=at_most)
