"""Tools of a line: one check, one store call, one sentence."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from livekit.agents import RunContext, StopResponse, ToolError

from agent.call import Call, Facts
from agent.fillers import FILLER_EVERY_S
from agent.lines.telling import TellingLine
from agent.speech import speech
from agent.turns import Expectation
from fieldline.errors import Refusal, StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

Request = tuple[str, dict[str, Any]]

#: Refusals that are questions: the reason, what kind of answer they want, and the argument it fills.
QUESTIONS: Mapping[str, tuple[str, str | None]] = {
    "confirm_completion": ("yes_no", None),
    "not_arrived": ("yes_no", None),
    "work_open": ("yes_no", None),
    "confirm_quantity": ("yes_no", None),
    "which_job": ("choice", "number"),
    "part_ambiguous": ("choice", "part"),
    "confirm_message": ("yes_no", None),
    "confirm_callback": ("yes_no", None),
    "person_ambiguous": ("choice", "for_person"),
    "confirm_registration": ("yes_no", None),
    "confirm_booking": ("yes_no", None),
    "confirm_move": ("yes_no", None),
    "confirm_cancellation": ("yes_no", None),
    "which_visit": ("choice", "visit"),
    "name_missing": ("free_text", "caller_name"),
    "bad_number": ("digits", "number"),
}
#: Tools that call the argument which a question fills by another name.
SLOTS = {("transfer_call", "for_person"): "whom"}
#: Refusals whose sentence ends by asking for one argument once more, for the tools that have it.
ASKED_AGAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "truck_taken": ("digits", ("truck", "from_truck")),
    "truck_unknown": ("digits", ("truck", "from_truck")),
    "truck_inactive": ("digits", ("truck", "from_truck")),
    "office_truck": ("digits", ("truck", "from_truck")),
    "job_unknown": ("digits", ("number",)),
    "job_not_yours": ("digits", ("number",)),
    "part_unknown": ("choice", ("part",)),
    "not_enough": ("digits", ("quantity",)),
    "bad_quantity": ("digits", ("quantity",)),
    "bad_date": ("free_text", ("day",)),
    "date_in_past": ("free_text", ("day",)),
    "day_full": ("free_text", ("day",)),
    "outside_hours": ("free_text", ("day",)),
    "day_too_far": ("free_text", ("day",)),
    "visit_unknown": ("free_text", ("visit",)),
    "text_empty": ("free_text", ("note", "summary", "text")),
    "person_unknown": ("free_text", ("for_person", "heard", "whom")),
    "outside_number": ("free_text", ("whom",)),
    "transfer_to_self": ("free_text", ("whom",)),
    "department_unknown": ("free_text", ("department",)),
}
#: What is dictated and lost when it is not written: tried again while the call lasts. Nobody can be asked by then, so
#: what is read back first must have been confirmed.
KEPT_FOR_LATER = frozenset({"add_note", "take_message", "request_callback"})
#: Seconds between those tries.
LATER_S = 3.0


class ToolLine(TellingLine):
    """A line whose tools act for its caller."""

    def __init__(self, call: Call, *, instructions: str) -> None:
        super().__init__(call, instructions=instructions)
        self._asked: Expectation | None = None
        self._said: Facts = {}
        self._repeated: Request | None = None
        self._writing = 0
        #: What the last tool call found out; None when it was refused.
        self.facts: Facts | None = None

    async def use(
        self, context: RunContext[Call], tool: str, *, function: str = "", write: bool = False, **arguments: Any
    ) -> str:
        """Call the store's function of the tool's name, or `function`, and return the sentence for its facts.

        A write carries the tool call's id, so that it can be repeated safely, and is finished whatever the caller
        does meanwhile. `confirmed` counts only for what was read back and asked just before.

        Raises:
            ToolError: the sentence for a refusal, or for a database that does not answer.
        """
        arguments = {name: value for name, value in arguments.items() if value is not None}
        if "confirmed" in arguments:
            arguments = self._as_confirmed(tool, arguments)
        if "again" in arguments:
            arguments = self._as_meant_again(tool, arguments)
        self._asked = self.facts = None
        self.call.expecting.clear()
        call_id = context.function_call.call_id
        self.call.recorder.add("tool_call", tool, arguments=arguments, call=call_id)
        try:
            facts = await self._ask_store(context, function or tool, write, arguments)
        except Refusal as refusal:
            self.call.recorder.add(
                "tool_result", tool, call=call_id, refused=refusal.code, reason=refusal.reason, facts=refusal.facts
            )
            self.finished(call_id, tool)
            return self._refused(tool, arguments, refusal)
        except StoreUnavailable as error:
            self.call.recorder.add("tool_result", tool, call=call_id, unavailable=True)
            self.finished(call_id, tool)
            raise ToolError(self._unavailable(tool, call_id, arguments)) from error
        except StoreError as error:
            logger.error("the database refused a tool", extra={"tool": tool, "code": error.code})
            self.call.recorder.add("tool_result", tool, call=call_id, error=error.code)
            raise ToolError(self.call.sentence("internal_error")) from error
        self.call.recorder.add("tool_result", tool, call=call_id, facts=facts)
        self.call.unproductive = 0
        self.facts = facts
        if facts.get("repeated"):
            self._repeated = (tool, {**arguments, "again": True})
        else:
            self.call.sound.keep(arguments.get("audio_path"))
        self.after(tool, facts)
        self.finished(call_id, tool)
        return self.call.sentence(tool, facts)

    def after(self, tool: str, facts: Facts) -> None:
        """What a tool's result means for the next turn; lines override this."""

    async def _ask_store(
        self, context: RunContext[Call], tool: str, write: bool, arguments: Mapping[str, Any]
    ) -> Facts:
        function = getattr(self.call.store, tool)
        if not write:
            return await self._with_filler(context, function(call_id=self.call.id, **arguments))
        self._hold_the_floor(context)
        arguments = {**arguments, "request_id": context.function_call.call_id}
        try:
            return await self._with_filler(context, function(call_id=self.call.id, **arguments))
        finally:
            self._give_the_floor_back(context)

    async def _with_filler(self, context: RunContext[Call], request: Awaitable[Facts]) -> Facts:
        answer = self.call.work.finish_write(request)
        if self.session.output.audio is None:
            return await answer
        due_s = self.call.silence.due_s()
        async with context.with_filler(lambda _: self.call.say_filler(), delay=due_s, interval=FILLER_EVERY_S):
            return await answer

    def _unavailable(self, tool: str, call_id: str, arguments: Mapping[str, Any]) -> str:
        if tool not in KEPT_FOR_LATER or not arguments.get("confirmed", True):
            return self.call.sentence("database_trouble")

        async def write() -> Facts:
            facts = await getattr(self.call.store, tool)(call_id=self.call.id, request_id=call_id, **arguments)
            self.call.sound.keep(arguments.get("audio_path"))
            return facts

        self.call.work.background(_write_later(self.call, tool, write), lasting=True)
        return self.call.sentence("kept_for_later")

    def _hold_the_floor(self, context: RunContext[Call]) -> None:
        try:
            context.disallow_interruptions()
        except RuntimeError:
            # The caller spoke before anything was written: what he says now decides.
            raise StopResponse from None
        self._writing += 1

    def _give_the_floor_back(self, context: RunContext[Call]) -> None:
        """It is written: what the caller says over the answer ("no, two oh two") counts again."""
        self._writing -= 1
        if not self._writing:
            context.speech_handle.allow_interruptions = True

    def _as_confirmed(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A yes confirms what was read back, and nothing else."""
        asked = self._asked
        if not arguments["confirmed"] or asked is None or asked.kind != "yes_no" or asked.tool != tool:
            return {**arguments, "confirmed": False}
        read_back = dict(asked.arguments)
        changed = any(
            # What was said ("Thursday") stands for what was read back ("Thursday the fifth at eight").
            name in arguments and not _is_dictated(name) and arguments[name] not in (value, self._said.get(name, value))
            for name, value in read_back.items()
            if name != "confirmed"
        )
        return {**arguments, "confirmed": False} if changed else {**arguments, **read_back}

    def _as_meant_again(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Who has heard "I already have that, say it again if you mean more", and says it again, means it."""
        meant: Request = (tool, {**arguments, "again": True})
        repeated, self._repeated = self._repeated, None
        if repeated != meant:
            return arguments
        spoken = [item for item in self.session.history.messages() if item.role == "assistant"]
        return arguments if not spoken or spoken[-1].interrupted else meant[1]

    def _refused(self, tool: str, arguments: Mapping[str, Any], refusal: Refusal) -> str:
        name = refusal.reason if refusal.reason in speech(self.call.language).NAMES else "internal_error"
        sentence = self.call.sentence(name, refusal.facts)
        if refusal.reason in QUESTIONS:
            kind, slot = QUESTIONS[refusal.reason]
            slot = SLOTS.get((tool, slot or ""), slot)
            asked = {**arguments, **_pins(refusal), "confirmed": True} if kind == "yes_no" else dict(arguments)
            self._said = dict(arguments)
            if kind == "yes_no" and "number" in refusal.facts:
                # A yes is about the order that was named: without its number it could be another one by then.
                asked["number"] = refusal.facts["number"]
            self.ask(Expectation(kind, tool, asked, slot, _options(refusal)))  # pyright: ignore[reportArgumentType]
            self.call.unproductive = 0
            return sentence
        if refusal.reason in ASKED_AGAIN:
            kind, slots = ASKED_AGAIN[refusal.reason]
            slot = next((name for name in slots if name in arguments), None)
            if slot is not None:
                kept = {name: value for name, value in arguments.items() if name != slot}
                self.ask(Expectation(kind, tool, kept, slot))  # pyright: ignore[reportArgumentType]
        elif (instead := self.instead(refusal)) is not None:
            self.ask(instead)
            self.call.unproductive = 0
        raise ToolError(sentence)

    def instead(self, refusal: Refusal) -> Expectation | None:
        """What a refusal's sentence offers instead, and a yes then does; lines override this."""
        return None

    def asks(self, question: Expectation, sentence: str, facts: Facts) -> None:
        self.ask(question)
        self.call.say(sentence, facts)

    def ask(self, expectation: Expectation) -> None:
        """The sentence that is about to be spoken is a question, and this is what its answer does."""
        self._asked = expectation
        self.call.expecting.expect(expectation)


async def _write_later(call: Call, tool: str, write: Callable[[], Awaitable[Facts]]) -> None:
    """Try until the database is back; the same request id makes that safe. The record says if the call ended first."""
    try:
        while True:
            await asyncio.sleep(LATER_S)
            try:
                facts = await call.work.finish_write(write())
            except StoreUnavailable:
                continue
            call.recorder.add("tool_result", tool, facts=facts, later=True)
            call.say("database_back")
            return
    except (asyncio.CancelledError, StoreError) as error:
        call.recorder.event("not_written", tool=tool, reason=type(error).__name__)
        raise


def _pins(refusal: Refusal) -> Facts:
    """Arguments that say exactly what was read back, where those of the caller could mean something else by then."""
    pins = refusal.facts.get("pins")
    return pins if isinstance(pins, dict) else {}


def _is_dictated(name: str) -> bool:
    return name in ("summary", "note", "reason", "text", "best_effort", "audio_path")


def _options(refusal: Refusal) -> tuple[str, ...]:
    options = refusal.facts.get("options") or []
    if refusal.reason == "person_ambiguous":
        return tuple(told_apart(options))
    return tuple(
        str(option.get("number") or option.get("name")) if isinstance(option, dict) else str(option)
        for option in options
    )


def told_apart(people: Sequence[Mapping[str, Any]]) -> list[str]:
    """What tells people from each other and finds each again: the name, with a place where it is shared."""
    names = Counter(person["name"] for person in people)
    places = Counter((person["name"], person.get("department")) for person in people)
    said = []
    for person in people:
        name, department = str(person["name"]), person.get("department")
        place = department if places[name, department] == 1 else person.get("office")
        if names[name] > 1 and person.get("kind") == "technician":
            name = f"{name}, technician"
        elif names[name] > 1 and place:
            name = f"{name} in {place}"
        said.append(name)
    return said
