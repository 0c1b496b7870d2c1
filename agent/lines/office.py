"""What every caller may ask for: to be connected to somebody, or to leave them a message."""

from __future__ import annotations

from livekit.agents import RunContext, StopResponse, function_tool

from agent.call import Call
from agent.lines.tools import ToolLine
from agent.lines.word_left import offer_message
from agent.transfer import connect, may_connect
from agent.turns import Expectation
from fieldline.errors import Refusal

#: Refusals whose sentence ends by offering something else.
OFFERING = frozenset(
    {
        "not_reachable",
        "nobody_reachable",
        "too_many_transfers",
        "nobody_on_call",
        "employee_taken",
        "technician_in_field",
    }
)


class OfficeLine(ToolLine):
    """Adds `transfer_call` to a line."""

    @function_tool
    async def transfer_call(
        self,
        context: RunContext[Call],
        whom: str | None = None,
        department: str | None = None,
        about: str | None = None,
    ) -> str:
        """Call when the caller wants to be connected to somebody, to a department, or to any human being.

        Args:
            whom: The name, or what the person does, as the caller said it. Empty for anybody of the office.
            department: The department, when one was named.
            about: What it is about, in the caller's words, when it was said.
        """
        asked = {"whom": whom, "department": department, "about": about}
        sentence = await self.use(context, "transfer_call", function="transfer_begin", write=True, **asked)
        if self.facts is None:
            return sentence
        if not may_connect(self.call):
            self.ask(offer_message(self, {"for_person": self.facts["name"] or ""}))
            return self.call.sentence("transfer_unavailable")
        connect(self.call, context.function_call.call_id, self.facts)
        raise StopResponse

    def instead(self, refusal: Refusal) -> Expectation | None:
        """Nobody can be rung: the sentence offers a colleague, or else a message."""
        if refusal.reason not in OFFERING:
            return None
        if refusal.facts.get("other"):
            return Expectation("yes_no", "transfer_call", {"whom": refusal.facts["other"]})
        name = refusal.facts.get("name") or ""
        of_department = refusal.facts.get("kind") == "department"
        return offer_message(self, {"for_person": "", "department": name} if of_department else {"for_person": name})
