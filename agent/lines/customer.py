"""The customer's line: visits asked for, booked, moved and cancelled, beside all that reception does for anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from livekit.agents import RunContext, ToolError, function_tool, llm

from agent.call import Call, Facts
from agent.lines.reception import ReceptionLine
from agent.turns import Expectation
from fieldline.errors import Refusal

Context = RunContext[Call]
Wish = Callable[[Context], Awaitable[str]]

_CALL_BACK = Expectation(
    "yes_no", "request_callback", {"for_person": "", "reason": "The customer asks about the visit."}
)
_LEAVE_WORD = Expectation("yes_no", "take_message", {"for_person": ""})
#: Refusals that end with a question, and what its answer does.
OFFERED: Mapping[str, Expectation] = {
    "customer_unknown": Expectation("yes_no", "book_visit"),
    "no_visit": Expectation("yes_no", "book_visit"),
    "visit_underway": _CALL_BACK,
    "customer_locked": _LEAVE_WORD,
    "too_many_bookings": _LEAVE_WORD,
}
#: Refusals that come with other times.
TIMES = frozenset({"slot_taken", "no_slot"})


class CustomerLine(ReceptionLine):
    """Serves customers, and who wants to become one. Nothing private is told before name or address fitted."""

    role = "customer"

    def __init__(self, call: Call, *, returned: bool = False, asked: llm.ChatMessage | None = None) -> None:
        super().__init__(call, returned=returned)
        self._wish: Wish | None = None
        self._asked_before = asked

    async def enter(self) -> None:
        if self._asked_before is not None:
            await self._answer(self._asked_before)
        elif self._returned:
            self.call.say("customer_again")
        elif self.call.resumed:
            self.call.say("resumed")
        else:
            self.call.greet()
            self.call.say("customer_waits")

    async def _answer(self, asked: llm.ChatMessage) -> None:
        """What the caller said to the line before this one is answered here: nobody has to say it twice."""
        heard = self.chat_ctx.copy()
        heard.items.append(asked)
        await self.update_chat_ctx(heard)
        self.session.generate_reply()

    # Who is calling

    @function_tool
    async def confirm_customer(
        self, context: Context, heard_name: str | None = None, heard_address: str | None = None
    ) -> str:
        """Call when the caller has said the name or address of the account, after a tool asked for it.

        Args:
            heard_name: The name as the caller said it.
            heard_address: The address as the caller said it.
        """
        said = await self.use(context, "confirm_customer", heard_name=heard_name, heard_address=heard_address)
        return await self._go_on(context, said)

    @function_tool
    async def register_customer(
        self, context: Context, name: str, address: str, number: str | None = None, confirmed: bool = False
    ) -> str:
        """Call when a caller who is no customer yet has said name and address; it is needed before a first booking.

        Args:
            name: The caller's or the firm's name.
            address: Where the visit is to be, with house number and street.
            number: Where the caller can be reached, only when another number than the caller's own was said.
            confirmed: True only after the caller said yes to the read-back.
        """
        said = await self.use(
            context, "register_customer", write=True, name=name, address=address, number=number, confirmed=confirmed
        )
        return said if self._asked is not None else await self._go_on(context, said)

    async def _go_on(self, context: Context, said: str) -> str:
        """With who is calling settled, what was wanted is done."""
        if self._asked is not None:
            return said
        wish, self._wish = self._wish, None
        if wish is None:
            return f"{said} {self.call.sentence('what_else')}"
        try:
            return f"{said} {await wish(context)}"
        except ToolError as refused:
            raise ToolError(f"{said} {refused.message}") from refused

    def _refused(self, tool: str, arguments: Mapping[str, Any], refusal: Refusal) -> str:
        reason = refusal.reason
        if reason == "not_confirmed":
            self._keep_wish(tool, arguments)
            self.ask(Expectation("free_text", "confirm_customer", {}, "heard_name"))
        elif reason == "customer_unknown" and tool == "book_visit":
            self._keep_wish(tool, arguments)
            self.ask(Expectation("free_text", "register_customer", {}, "name"))
            reason = "register_first"
        elif reason in TIMES:
            self._offer(tool, arguments, refusal.facts)
        elif reason in OFFERED:
            self.ask(OFFERED[reason])
        else:
            return super()._refused(tool, arguments, refusal)
        if self._wish is None:
            # Who only says the same again, and never who is calling, is getting nowhere.
            self.call.unproductive = 0
        return self.call.sentence(reason, refusal.facts)

    def _keep_wish(self, tool: str, arguments: Mapping[str, Any]) -> None:
        kept = {name: value for name, value in arguments.items() if name != "confirmed"}
        write = tool in ("book_visit", "move_visit", "cancel_visit", "visit_note")

        async def wish(context: Context) -> str:
            return await self.use(context, tool, write=write, **kept)

        self._wish = wish

    def _offer(self, tool: str, arguments: Mapping[str, Any], facts: Facts) -> None:
        """One of these times, or another one, is what the caller says next."""
        kept = {name: value for name, value in arguments.items() if name not in ("day", "time", "confirmed")}
        times = tuple(f"{slot['date']} {slot['time']}" for slot in facts.get("slots") or [])
        self.ask(Expectation("anything", tool, kept, "day", times))

    # Visits

    @function_tool
    async def my_visits(self, context: Context) -> str:
        """Call when the caller asks when the technician comes, where he is now, or which visits are booked."""
        return await self.use(context, "my_visits")

    @function_tool
    async def last_visit(self, context: Context) -> str:
        """Call when the caller asks what was done the last time, or when somebody was there last."""
        return await self.use(context, "last_visit")

    @function_tool
    async def free_slots(self, context: Context, day: str | None = None, time: str | None = None) -> str:
        """Call when the caller asks which times are free, before he or she has chosen one.

        Args:
            day: today, tomorrow, a weekday's name, or a date as YYYY-MM-DD or MM-DD, when one was said.
            time: "morning" or "afternoon", when that was said.
        """
        return await self.use(context, "free_slots", day=day, time=time)

    @function_tool
    async def book_visit(
        self,
        context: Context,
        reason: str,
        day: str | None = None,
        time: str | None = None,
        confirmed: bool = False,
        again: bool = False,
    ) -> str:
        """Call when the caller wants a technician to come. Without day and time it proposes the next free ones.

        Args:
            reason: What the visit is for, in the caller's own words. Ask for it when it was not said.
            day: today, tomorrow, a weekday's name, or a date as YYYY-MM-DD or MM-DD, when one was said.
            time: HH:MM, "morning" or "afternoon", when it was said.
            confirmed: True only after the caller said yes to the read-back.
            again: True only when the caller wants a second visit at the same time.
        """
        return await self.use(
            context, "book_visit", write=True, reason=reason, day=day, time=time, confirmed=confirmed, again=again
        )

    @function_tool
    async def move_visit(
        self,
        context: Context,
        day: str | None = None,
        time: str | None = None,
        visit: str | None = None,
        confirmed: bool = False,
    ) -> str:
        """Call when the caller wants a booked visit at another day or time.

        Args:
            day: The new day: today, tomorrow, a weekday's name, or a date as YYYY-MM-DD or MM-DD, when one was said.
            time: The new time: HH:MM, "morning" or "afternoon", when it was said.
            visit: Which visit, when the caller has several: its present day, or its work order number.
            confirmed: True only after the caller said yes to the read-back.
        """
        return await self.use(context, "move_visit", write=True, day=day, time=time, visit=visit, confirmed=confirmed)

    @function_tool
    async def cancel_visit(
        self, context: Context, reason: str, visit: str | None = None, confirmed: bool = False, again: bool = False
    ) -> str:
        """Call when the caller does not want a booked visit any more.

        Args:
            reason: Why, in the caller's own words. Ask for it once; "no reason" will do.
            visit: Which visit, when the caller has several: its day, or its work order number.
            confirmed: True only after the caller said yes to the read-back.
            again: True only when the caller wants one more visit cancelled.
        """
        return await self.use(
            context, "cancel_visit", write=True, reason=reason, visit=visit, confirmed=confirmed, again=again
        )

    @function_tool
    async def visit_note(self, context: Context, note: str, visit: str | None = None, again: bool = False) -> str:
        """Call when the caller wants the technician who is coming to know something: a gate, a key, a dog.

        Args:
            note: The caller's own words.
            visit: Which visit, only when one was named: its day, or its work order number.
            again: True only when the caller wants the same words noted once more.
        """
        return await self.use(context, "visit_note", write=True, note=note, visit=visit, again=again)

    def after(self, tool: str, facts: Facts) -> None:
        super().after(tool, facts)
        if tool == "confirm_customer" and not facts["confirmed"]:
            self._not_confirmed(str(facts["reason"]))
        elif tool == "free_slots" and facts["slots"]:
            self._offer("book_visit", {}, facts)
        elif tool == "my_visits" and not facts["visits"]:
            self.ask(Expectation("yes_no", "book_visit"))
        elif tool == "my_visits" and facts["visits"][0]["overdue"]:
            self.ask(_CALL_BACK)

    def _not_confirmed(self, reason: str) -> None:
        asked = {"locked": _LEAVE_WORD, "unknown": OFFERED["customer_unknown"]}
        self.ask(asked.get(reason) or Expectation("free_text", "confirm_customer", {}, "heard_name"))
