"""What every line has in common: masked ears, fillers, and tools that are one check, one store call, one sentence."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any

from livekit import rtc
from livekit.agents import Agent, FlushSentinel, ModelSettings, RunContext, StopResponse, ToolError, llm, stt

from agent.call import Call, Facts
from agent.fillers import FILLER_AFTER_S, FILLER_EVERY_S, filled
from agent.keypad import masked
from agent.speech import speech
from agent.turns import Expectation
from fieldline.errors import Refusal, StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

#: Refusals that are questions: the reason, what kind of answer they want, and the argument it fills.
QUESTIONS: Mapping[str, tuple[str, str | None]] = {
    "confirm_completion": ("yes_no", None),
    "not_arrived": ("yes_no", None),
    "work_open": ("yes_no", None),
    "confirm_quantity": ("yes_no", None),
    "which_job": ("choice", "number"),
    "part_ambiguous": ("choice", "part"),
}
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
    "text_empty": ("free_text", ("note", "summary")),
}


class Line(Agent):
    """An agent that serves one call."""

    #: While this line talks, any number may be a secret.
    secret_expected = False
    #: Turns in a row that may lead nowhere.
    patience = 6

    def __init__(self, call: Call, *, instructions: str, **kwargs: Any) -> None:
        super().__init__(instructions=instructions, **kwargs)
        self.call = call
        self._asked: Expectation | None = None

    async def on_enter(self) -> None:
        try:
            await self.enter()
        finally:
            self.call.arrived.set()

    async def enter(self) -> None:
        """The line takes over: what it says first."""

    # Ears, voice and model

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterator[stt.SpeechEvent]:
        """What was heard, without the numbers that may be a PIN: nothing behind this point ever sees them."""
        async for event in Agent.default.stt_node(self, audio, model_settings):
            for index, heard in enumerate(event.alternatives):
                text = masked(heard.text, secret_expected=self.secret_expected)
                if text != heard.text:
                    event.alternatives[index] = dataclasses.replace(heard, text=text, words=None)
            yield event

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncIterator[llm.ChatChunk | str | FlushSentinel]:
        """The model's answer, after a filler when it is late."""
        said: Any = Agent.default.llm_node(self, _without_fillers(chat_ctx, self.call), tools, model_settings)
        if self.session.output.audio is None:
            async for chunk in said:
                yield chunk
            return
        async for chunk in filled(said, self._spoken_filler):
            yield chunk

    def _spoken_filler(self) -> Iterable[str | FlushSentinel]:
        return (self.call.sentence("filler", {"turn": self.call.next_filler()}), FlushSentinel())

    async def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> AsyncIterator[rtc.AudioFrame]:
        """The voice; what is said often comes from the phrasebook, and a late voice after a filler from there."""
        phrases = self.call.phrases
        if phrases is None:
            async for frame in Agent.default.tts_node(self, text, model_settings):
                yield frame
            return
        async for frame in filled(
            phrases.speak(text, lambda words: Agent.default.tts_node(self, words, model_settings)),
            lambda: phrases.filler(self.call.next_filler()),
        ):
            yield frame

    # Turns

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Count turns that lead nowhere: a caller who is not understood deserves an end, and a way on."""
        self.call.unproductive += 1
        if self.call.unproductive > self.patience:
            self.call.recorder.add("user", new_message.text_content or "")
            self.give_up()
            raise StopResponse

    def give_up(self) -> None:
        """The talk leads nowhere."""
        self.call.end("loop", after=self.call.say("loop_end"))

    async def pressed(self, key: str) -> None:
        """A key that no entry waits for; lines that have a use for keys override this."""

    # Tools

    async def use(self, context: RunContext[Call], tool: str, *, write: bool = False, **arguments: Any) -> str:
        """Call the store's function `tool` and return the sentence for its facts.

        A write carries the tool call's id, so that it can be repeated safely, and is finished whatever the caller
        does meanwhile. `confirmed` counts only for what was read back and asked just before.

        Raises:
            ToolError: the sentence for a refusal, or for a database that does not answer.
        """
        arguments = {name: value for name, value in arguments.items() if value is not None}
        if "confirmed" in arguments:
            arguments = self._as_confirmed(tool, arguments)
        self._asked = None
        self.call.expecting.clear()
        call_id = context.function_call.call_id
        self.call.recorder.add("tool_call", tool, arguments=arguments, call=call_id)
        try:
            facts = await self._ask_store(context, tool, write, arguments)
        except Refusal as refusal:
            self.call.recorder.add(
                "tool_result", tool, call=call_id, refused=refusal.code, reason=refusal.reason, facts=refusal.facts
            )
            return self._refused(tool, arguments, refusal)
        except StoreUnavailable as error:
            self.call.recorder.add("tool_result", tool, call=call_id, unavailable=True)
            raise ToolError(self.call.sentence("database_trouble")) from error
        except StoreError as error:
            logger.error("the database refused a tool", extra={"tool": tool, "code": error.code})
            self.call.recorder.add("tool_result", tool, call=call_id, error=error.code)
            raise ToolError(self.call.sentence("internal_error")) from error
        self.call.recorder.add("tool_result", tool, call=call_id, facts=facts)
        self.call.unproductive = 0
        self.after(tool, facts)
        return self.call.sentence(tool, facts)

    def after(self, tool: str, facts: Facts) -> None:
        """What a tool's result means for the next turn; lines override this."""

    async def _ask_store(
        self, context: RunContext[Call], tool: str, write: bool, arguments: Mapping[str, Any]
    ) -> Facts:
        function = getattr(self.call.store, tool)
        if write:
            self._hold_the_floor(context)
            arguments = {**arguments, "request_id": context.function_call.call_id}
        answer = self.call.work.finish_write(function(call_id=self.call.id, **arguments))
        if self.session.output.audio is None:
            return await answer
        async with context.with_filler(self._say_filler, delay=FILLER_AFTER_S, interval=FILLER_EVERY_S):
            return await answer

    def _hold_the_floor(self, context: RunContext[Call]) -> None:
        try:
            context.disallow_interruptions()
        except RuntimeError:
            # The caller spoke before anything was written: what he says now decides.
            raise StopResponse from None

    def _say_filler(self, step: int) -> Any:
        turn = self.call.next_filler()
        frames = self.call.phrases.filler_frames(turn) if self.call.phrases else None
        words = self.call.sentence("filler", {"turn": turn})
        if frames is None:
            return self.session.say(words, add_to_chat_ctx=False)
        return self.session.say(words, audio=frames, add_to_chat_ctx=False)

    def _as_confirmed(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A yes confirms what was read back, and nothing else."""
        asked = self._asked
        if not arguments["confirmed"] or asked is None or asked.kind != "yes_no" or asked.tool != tool:
            return {**arguments, "confirmed": False}
        read_back = dict(asked.arguments)
        changed = any(
            name in arguments and not _is_dictated(name) and arguments[name] != value
            for name, value in read_back.items()
            if name != "confirmed"
        )
        return {**arguments, "confirmed": False} if changed else {**arguments, **read_back}

    def _refused(self, tool: str, arguments: Mapping[str, Any], refusal: Refusal) -> str:
        name = refusal.reason if refusal.reason in speech(self.call.language).NAMES else "internal_error"
        sentence = self.call.sentence(name, refusal.facts)
        if refusal.reason in QUESTIONS:
            kind, slot = QUESTIONS[refusal.reason]
            asked = {**arguments, "confirmed": True} if kind == "yes_no" else dict(arguments)
            self.ask(Expectation(kind, tool, asked, slot, _options(refusal)))  # pyright: ignore[reportArgumentType]
            self.call.unproductive = 0
            return sentence
        if refusal.reason in ASKED_AGAIN:
            kind, slots = ASKED_AGAIN[refusal.reason]
            slot = next((name for name in slots if name in arguments), None)
            if slot is not None:
                kept = {name: value for name, value in arguments.items() if name != slot}
                self.ask(Expectation(kind, tool, kept, slot))  # pyright: ignore[reportArgumentType]
        raise ToolError(sentence)

    def ask(self, expectation: Expectation) -> None:
        """The sentence that is about to be spoken is a question, and this is what its answer does."""
        self._asked = expectation
        self.call.expecting.expect(expectation)


def _without_fillers(chat_ctx: llm.ChatContext, call: Call) -> llm.ChatContext:
    """A filler is no answer: a model that sees one takes the turn for answered."""
    fillers = speech(call.language).FILLERS
    return llm.ChatContext(
        [
            item
            for item in chat_ctx.items
            if not (isinstance(item, llm.ChatMessage) and item.role == "assistant" and item.text_content in fillers)
        ]
    )


def _is_dictated(name: str) -> bool:
    return name in ("summary", "note", "reason")


def _options(refusal: Refusal) -> tuple[str, ...]:
    return tuple(
        str(option["number"]) if isinstance(option, dict) else str(option)
        for option in refusal.facts.get("options") or ()
    )
