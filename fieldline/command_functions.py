"""What the office wants of a live call: claimed and settled by the job that serves it. The table is `call_commands`."""

from __future__ import annotations

from fieldline.line_functions import Facts, LineFunctions


class CommandFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def claim_call_commands(self, *, call_id: str) -> Facts:
        return await self._call("claim_call_commands", call_id=call_id)

    async def settle_call_command(self, *, id: str, result: Facts) -> Facts:
        return await self._call("settle_call_command", id=id, result=result)
