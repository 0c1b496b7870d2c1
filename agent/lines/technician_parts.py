"""The technician's tools around parts: what is there, what was used, moved and wanted."""

from __future__ import annotations

from livekit.agents import RunContext, function_tool

from agent.call import Call
from agent.lines.tools import ToolLine

Context = RunContext[Call]


class PartTools(ToolLine):
    """Tools about stock. Part names go to the database as spoken; it knows what people call them."""

    @function_tool
    async def check_stock(self, context: Context, part: str | None = None, truck: int | None = None) -> str:
        """Call when the technician asks what is on a truck, or how many of a part there are.

        Args:
            part: The part as spoken; leave it out for the whole truck.
            truck: A truck's number, when it is not the technician's own.
        """
        return await self.use(context, "check_stock", part=part, truck=truck)

    @function_tool
    async def who_has(self, context: Context, part: str) -> str:
        """Call when the technician asks who has a part, or on which truck it is.

        Args:
            part: The part as spoken.
        """
        return await self.use(context, "who_has", part=part)

    @function_tool
    async def use_part(
        self,
        context: Context,
        part: str,
        quantity: float,
        number: int | None = None,
        confirmed: bool = False,
        again: bool = False,
    ) -> str:
        """Call when the technician says that parts were used or installed on a job.

        Args:
            part: The part as spoken.
            quantity: How many, or how many feet.
            number: The work order's number, when it was said.
            confirmed: True only after the technician said yes to the quantity that was read back.
            again: True only when the technician says that the same parts were used once more.
        """
        return await self.use(
            context,
            "use_part",
            write=True,
            part=part,
            quantity=quantity,
            number=number,
            confirmed=confirmed,
            again=again,
        )

    @function_tool
    async def take_part(
        self,
        context: Context,
        part: str,
        quantity: float,
        from_truck: int,
        confirmed: bool = False,
        again: bool = False,
    ) -> str:
        """Call when the technician takes parts from another truck onto his or her own.

        Args:
            part: The part as spoken.
            quantity: How many, or how many feet.
            from_truck: The number of the truck that gives them.
            confirmed: True only after the technician said yes to the quantity that was read back.
            again: True only when the technician says that the same parts were taken once more.
        """
        return await self.use(
            context,
            "take_part",
            write=True,
            part=part,
            quantity=quantity,
            from_truck=from_truck,
            confirmed=confirmed,
            again=again,
        )

    @function_tool
    async def request_restock(
        self, context: Context, part: str, quantity: float | None = None, again: bool = False
    ) -> str:
        """Call when the technician wants the office to bring or order parts for the truck.

        Args:
            part: The part as spoken.
            quantity: How many, when it was said.
            again: True only when the technician says that the same is wanted once more.
        """
        return await self.use(context, "request_restock", write=True, part=part, quantity=quantity, again=again)
