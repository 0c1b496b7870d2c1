"""Reception: whoever is not known to be a technician. It says what the line can do now, and lets technicians in."""

from __future__ import annotations

from livekit.agents import RunContext, StopResponse, function_tool

from agent.call import Call
from agent.lines.base import Line
from agent.lines.identify import IdentifyLine
from agent.prompts import prompt


class ReceptionLine(Line):
    """Greets unknown, withheld and customers' numbers; a technician on any telephone is one word or one key away."""

    #: So many turns without a technician in sight, and the caller is sent to the office.
    patience = 3

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions=prompt("reception", company=call.company["name"]))

    async def enter(self) -> None:
        self.call.greet()
        if self.call.facts["withheld"]:
            self.call.say("withheld_number")
        else:
            self.call.say("known_caller" if self.call.guess else "unknown_caller")

    def pressed(self, key: str) -> None:
        """Whoever keys a number wants to be identified; the key is the badge's first digit."""
        self.call.reading = True
        self.call.keypad.press(key)
        self.call.hand_over(IdentifyLine(self.call))

    def give_up(self) -> None:
        self.call.end("agent_goodbye", after=self.call.say("customer_caller"))

    @function_tool
    async def identify(self, context: RunContext[Call]) -> None:
        """Call when the caller says that he or she is a technician, has a badge, or works for the company."""
        self.call.hand_over(IdentifyLine(self.call, ask="ask_badge"))
        raise StopResponse

    @function_tool
    async def say_goodbye(self, context: RunContext[Call]) -> None:
        """Call when the caller cannot be helped on this line, or says goodbye."""
        self.call.end("agent_goodbye", after=self.call.say("customer_caller"))
        raise StopResponse
