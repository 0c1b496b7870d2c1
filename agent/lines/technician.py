"""The technician's line: everything a technician does by talking. One tool, one database function, one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from livekit.agents import RunContext, StopResponse, function_tool

from agent.call import Call, Facts
from agent.lines.office import OfficeLine
from agent.lines.technician_jobs import JobTools
from agent.lines.technician_parts import PartTools
from agent.prompts import prompt
from agent.turns import Expectation
from fieldline.errors import Refusal, StoreError

Context = RunContext[Call]


class TechnicianLine(JobTools, PartTools, OfficeLine):
    """Talks with a technician whom the database has verified on this call."""

    menu: ClassVar[Mapping[str, str]] = {
        "4": "what's my next job",
        "5": "I'm on my way",
        "6": "I have arrived",
        "7": "any messages for me",
    }
    menu_offer = "menu_technician"

    for_technicians = True

    leaves = ("add_note", "note")

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions=prompt("technician", company=call.company["name"]))
        self._unread: list[int] = []

    async def enter(self) -> None:
        verified = self.call.verified or {}
        self.call.keypad.empty()
        if self.call.resumed:
            self.call.say("resumed", await self._what_is_done())
            return
        if verified.get("lent_phone"):
            self.call.say("lent_phone")
        self.call.say("verified", verified)

    async def _what_is_done(self) -> Facts:
        """What a technician who was cut off should know to be safe, from the rows."""
        try:
            status = await self.call.store.my_status(call_id=self.call.id)
        except StoreError:
            return {}
        if status.get("current_job"):
            return {"done": f"your arrival at work order {' '.join(str(status['current_job']['number']))}"}
        if status.get("travelling_to"):
            return {"done": "your trip"}
        return {"done": "your clock-in"} if status.get("clocked_in") else {}

    def pressed(self, key: str) -> None:
        """1 and 2 are yes and no to a question; digits answer one that wants a number; else 0 is the office."""
        expected = self.call.expecting.now.kind
        if expected == "yes_no" and key in "12":
            self.call.work.background(self.call.hear("yes" if key == "1" else "no"))
        elif expected == "digits":
            self.call.keypad.press(key)
            if not self.call.reading:
                self.call.work.background(self._number_by_keypad(), lasting=True)
        elif key == "0":
            self.call.work.background(self.call.hear("get me the office"))

    async def _number_by_keypad(self) -> None:
        self.call.reading = True
        try:
            entry = await self.call.keypad.read()
        finally:
            self.call.reading = False
        if entry:
            await self.call.hear(entry.digits)

    @function_tool
    async def my_status(self, context: Context) -> str:
        """Call when the technician asks where things stand: clocked in or not, the truck, the job at hand, messages."""
        return await self.use(context, "my_status")

    @function_tool
    async def clock_in(self, context: Context, truck: int, instead_of: int | None = None) -> str:
        """Call when the technician starts the working day, takes a truck, or corrects the truck of the clock-in.

        Args:
            truck: The truck's number as spoken, for example 201. Ask for it when it was not said.
            instead_of: For a correction, the number of the wrong truck that the clock-in was made on.
        """
        return await self.use(context, "clock_in", write=True, truck=truck, instead_of=instead_of)

    @function_tool
    async def clock_out(self, context: Context, confirmed: bool = False) -> str:
        """Call when the technician ends the working day.

        Args:
            confirmed: True only after the technician said yes to the warning about open work.
        """
        return await self.use(context, "clock_out", write=True, confirmed=confirmed)

    @function_tool
    async def read_notifications(self, context: Context) -> str:
        """Call when the technician asks for messages or notifications from the office."""
        return await self.use(context, "read_notifications")

    @function_tool
    async def mark_notifications_read(self, context: Context) -> str:
        """Call when the technician says that the messages just read out are done with."""
        if not self._unread:
            await self.use(context, "read_notifications")
        return await self.use(context, "mark_notifications_read", write=True, ids=self._unread)

    @function_tool
    async def read_last_entry(self, context: Context) -> str:
        """Call when the technician asks what was written down last, a note or parts."""
        return await self.use(context, "read_last_entry")

    @function_tool
    async def undo_last_entry(
        self, context: Context, kind: Literal["note", "part"] | None = None, again: bool = False
    ) -> str:
        """Call when the technician takes back the last note or the last parts, or says that it was wrong.

        Args:
            kind: Which of the two, when the technician says so.
            again: True only when the technician wants the entry before that taken back too.
        """
        return await self.use(context, "undo_last_entry", write=True, kind=kind, again=again)

    @function_tool
    async def identify(self, context: Context) -> str:
        """Call when the technician asks whether he or she is known, or offers a badge or a PIN again."""
        return self.call.sentence("verified", self.call.verified)

    @function_tool
    async def say_goodbye(self, context: Context) -> None:
        """Call when the technician says goodbye or has nothing more to do."""
        self.call.end("agent_goodbye", after=self.call.say("say_goodbye", self.call.verified))
        raise StopResponse

    def instead(self, refusal: Refusal) -> Expectation | None:
        """Somebody who is clocked in already is asked whether it was meant for the other truck."""
        if refusal.reason == "already_clocked_in" and refusal.facts.get("change_to"):
            change = {"truck": refusal.facts["change_to"], "instead_of": refusal.facts["truck"]}
            return Expectation("yes_no", "clock_in", change)
        return super().instead(refusal)

    def after(self, tool: str, facts: Facts) -> None:
        if tool == "read_notifications":
            self._unread = [int(message["id"]) for message in facts["notifications"]]
            if self._unread:
                self.ask(Expectation("yes_no", "mark_notifications_read"))
        elif tool == "mark_notifications_read":
            self._unread = []
