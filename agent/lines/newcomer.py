"""Reception for a caller whom nobody knows: one sentence away from being served as a customer."""

from __future__ import annotations

from livekit.agents import RunContext, StopResponse, function_tool

from agent.call import Call
from agent.lines.customer import CustomerLine
from agent.lines.reception import ReceptionLine


class NewcomerLine(ReceptionLine):
    """Reception with a door to the customer's line."""

    @function_tool
    async def visits(self, context: RunContext[Call]) -> None:
        """Call when the caller asks about a visit of a technician: when he comes, a new one, another time, no more.

        Also when something at the caller's place is broken.
        """
        spoken = reversed(self.session.history.messages())
        asked = next((message for message in spoken if message.role == "user"), None)
        self.call.hand_over(CustomerLine(self.call, asked=asked))
        raise StopResponse
