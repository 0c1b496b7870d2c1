"""Reception: whoever is not known to be a technician. Facts, people, messages, call backs; technicians are let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from livekit.agents import RunContext, StopResponse, function_tool, llm

from agent.call import Call, Facts
from agent.lines.base import a_person
from agent.lines.identify import IdentifyLine
from agent.lines.office import OfficeLine
from agent.lines.tools import told_apart
from agent.other_language import asked_language, go_on_in, speaks
from agent.prompts import prompt
from agent.speech import is_spoken, speech
from agent.turns import Expectation

Context = RunContext[Call]


class ReceptionLine(OfficeLine):
    """Serves unknown, withheld and customers' numbers; a technician on any telephone is one word or one key away."""

    menu: ClassVar[Mapping[str, str]] = {"*": "I want to leave a message", "#": "what are your opening hours"}
    menu_offer = "menu_reception"

    #: A message takes three answers before a tool is called; who is not understood for longer is let go.
    patience = 5
    #: The name of the prompt.
    role = "reception"

    def __init__(self, call: Call, *, returned: bool = False) -> None:
        super().__init__(call, instructions=prompt(self.role, company=call.company["name"]))
        self._returned = returned

    async def enter(self) -> None:
        if self._returned:
            self.call.say("reception_again")
            return
        if self.call.resumed:
            self.call.say("resumed")
            return
        self.call.greet()
        closed = {"closed": not (self.call.company.get("hours") or {}).get("open_now", True)}
        if self.call.facts["withheld"]:
            self.call.say("withheld_number", closed)
        else:
            self.call.say("known_caller" if self.call.guess else "unknown_caller", closed)

    def pressed(self, key: str) -> None:
        """0 is a person, 1 and 2 answer a question; any other key is the first digit of a badge."""
        expected = self.call.expecting.now.kind
        if expected == "yes_no" and key in "12":
            self.call.work.background(self.call.hear("yes" if key == "1" else "no"))
        elif expected == "digits":
            self.call.reading = True
            self.call.keypad.press(key)
            self.call.work.background(self._number_by_keypad(), lasting=True)
        elif key == "0":
            self.call.work.background(self.call.hear(a_person(self.call)))
        else:
            self.call.reading = True
            self.call.keypad.press(key)
            self.call.hand_over(self._identify_line())

    async def _number_by_keypad(self) -> None:
        try:
            entry = await self.call.keypad.read()
            self.call.reading = False
            if entry:
                await self.call.hear(entry.digits)
        finally:
            self.call.reading = False
            self.call.keypad.settled.set()

    def _identify_line(self, ask: str | None = None) -> IdentifyLine:
        return IdentifyLine(self.call, ask=ask, back=lambda: type(self)(self.call, returned=True))

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Before the model: who speaks another language is answered in it, as far as there are sentences."""
        text = new_message.text_content or ""
        self.heed(text)
        wanted = asked_language(text)
        if wanted is None or wanted == self.call.language.split("-")[0] or self.call.expecting.now.slot == "text":
            await super().on_user_turn_completed(turn_ctx, new_message)
            return
        self.call.recorder.add("user", text)
        self._other_language(wanted)
        raise StopResponse

    def _other_language(self, wanted: str) -> None:
        may_switch = self.call.company["settings"].get("language_switch", True)
        if may_switch and speaks(self.call, wanted):
            go_on_in(self.call, wanted)
            self.call.expecting.clear()
            self.call.say("language_switched")
            return
        self.call.recorder.event("language_refused", language=wanted)
        words = speech(wanted if is_spoken(wanted) else self.call.language).say("other_language")
        assert self.call.session is not None
        self.call.session.say(words)
        self.ask(Expectation("free_text", "take_message", {"for_person": ""}, "text"))

    def give_up(self) -> None:
        self.call.end("agent_goodbye", after=self.call.say("customer_caller"))

    @function_tool
    async def company_facts(self, context: Context, topic: str | None = None) -> str:
        """Call when the caller asks about the company: opening hours, holidays, address, services, parking, payment.

        Args:
            topic: What is asked about, in the caller's words.
        """
        return await self.use(context, "company_facts", topic=topic)

    @function_tool
    async def find_person(self, context: Context, heard: str | None = None, department: str | None = None) -> str:
        """Call when the caller names a person or department, or somebody by what they do, or asks whether they are in.

        Args:
            heard: The name, role or topic as the caller said it.
            department: The department, when it narrows the name or is all that was said.
        """
        return await self.use(context, "find_person", heard=heard, department=department)

    @function_tool
    async def take_message(
        self,
        context: Context,
        text: str,
        for_person: str | None = None,
        department: str | None = None,
        caller_name: str | None = None,
        number: str | None = None,
        urgent: bool = False,
        confirmed: bool = False,
        again: bool = False,
    ) -> str:
        """Call when the caller leaves a message.

        Args:
            text: The message, in the caller's own words.
            for_person: Whom it is for, as said; empty for the office as such.
            department: The department it is for, when one was named.
            caller_name: Who is calling, when said.
            number: Where the caller can be reached, only when another number than the caller's own was said.
            urgent: True only when the caller says that it is urgent.
            confirmed: True only after the caller said yes to the read-back.
            again: True only when the caller wants the same message passed on once more.
        """
        return await self.use(
            context,
            "take_message",
            write=True,
            text=text,
            for_person=for_person,
            department=department,
            caller_name=caller_name,
            number=number,
            urgent=urgent,
            confirmed=confirmed,
            again=again,
            **self.call.sound.of(text),
        )

    @function_tool
    async def request_callback(
        self,
        context: Context,
        for_person: str | None = None,
        department: str | None = None,
        caller_name: str | None = None,
        number: str | None = None,
        reason: str | None = None,
        best_time: str | None = None,
        urgent: bool = False,
        confirmed: bool = False,
        again: bool = False,
    ) -> str:
        """Call when the caller wants to be called back.

        Args:
            for_person: Who should call, as said; empty for the office as such.
            department: The department that should call, when one was named.
            caller_name: Who is calling, when said.
            number: Where to call, only when another number than the caller's own was said.
            reason: What it is about, when said.
            best_time: When it suits the caller, as said.
            urgent: True only when the caller says that it is urgent.
            confirmed: True only after the caller said yes to the read-back.
            again: True only when the caller wants a second call back.
        """
        return await self.use(
            context,
            "request_callback",
            write=True,
            for_person=for_person,
            department=department,
            caller_name=caller_name,
            number=number,
            reason=reason,
            best_time=best_time,
            urgent=urgent,
            confirmed=confirmed,
            again=again,
            # Without a reason it is the name that may be a guess.
            **self.call.sound.of(reason or best_time or ""),
        )

    @function_tool
    async def identify(self, context: Context) -> None:
        """Call when the caller says that he or she is a technician, has a badge, or works for the company."""
        self.call.hand_over(self._identify_line("ask_badge"))
        raise StopResponse

    @function_tool
    async def say_goodbye(self, context: Context) -> None:
        """Call when the caller says goodbye or has nothing more to ask."""
        self.call.end("agent_goodbye", after=self.call.say("goodbye"))
        raise StopResponse

    def after(self, tool: str, facts: Facts) -> None:
        if tool == "find_person":
            self._found(facts.get("matches") or [])

    def _found(self, matches: list[dict[str, Any]]) -> None:
        """The sentence for these matches ends with a question; this is what its answer does."""
        if len(matches) == 1 or (matches and matches[0]["kind"] == "employee" and not matches[0]["by_name"]):
            match = next((match for match in matches if match["reachable"]), matches[0])
            if match["you"]:
                return
            department = match["kind"] == "department"
            if match["sure"] and match["reachable"]:
                self.ask(
                    Expectation("yes_no", "transfer_call", {"department" if department else "whom": match["name"]})
                )
            elif match["sure"]:
                whom = {"for_person": "", "department": match["name"]} if department else {"for_person": match["name"]}
                self.ask(Expectation("yes_no", "take_message", whom))
            else:
                named = {"department" if department else "heard": match["name"]}
                self.ask(Expectation("yes_no", "find_person", named))
        elif matches:
            options = tuple(told_apart(matches))
            self.ask(Expectation("choice", "find_person", {}, "heard", options))
