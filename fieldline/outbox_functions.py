"""The outbox' line functions: what a worker claims, sends and settles. The table is `deliveries` (docs/database.md)."""

from __future__ import annotations

from typing import Literal

from fieldline.line_functions import Facts, LineFunctions


class OutboxFunctions(LineFunctions):
    """One method per database function, with the same name; `LineStore` brings the way to the database."""

    async def delivery_queue(self) -> Facts:
        """How many deliveries are due, and for how many seconds the oldest has been."""
        return await self._call("delivery_queue")

    async def claim_deliveries(self, *, worker: str, at_most: int = 10, lease_seconds: int = 120) -> Facts:
        return await self._call("claim_deliveries", worker=worker, at_most=at_most, lease_seconds=lease_seconds)

    async def settle_delivery(
        self,
        *,
        delivery_id: int,
        worker: str,
        outcome: Literal["sent", "retry", "refused"],
        provider_id: str | None = None,
        error: str | None = None,
    ) -> Facts:
        return await self._call(
            "settle_delivery",
            delivery_id=delivery_id,
            worker=worker,
            outcome=outcome,
            provider_id=provider_id,
            error=error,
        )

    async def report_delivery(
        self,
        *,
        delivery_id: int,
        provider_id: str,
        outcome: Literal["sent", "delivered", "refused"],
        error: str | None = None,
    ) -> Facts:
        return await self._call(
            "report_delivery", delivery_id=delivery_id, provider_id=provider_id, outcome=outcome, error=error
        )
