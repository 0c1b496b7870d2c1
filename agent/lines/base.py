"""What every line has in common: masked ears, a model and a voice that are never silent for long, counted turns."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar

from livekit import rtc
from livekit.agents import Agent, FlushSentinel, ModelSettings, StopResponse, llm, stt

from agent.call import Call, Facts
from agent.emergency import heed
from agent.fillers import filled
from agent.keypad import masked
from agent.speech import speech
from agent.turns import NOTHING, Expectation
from agent.turns.backchannel import is_nod

#: What a technician dictates.
DICTATED = frozenset({"note", "summary"})
#: What a caller says, and the key 0 stands for, to get somebody of the office.
PERSON = {"en": "a person", "es": "una persona"}


def a_person(call: Call) -> str:
    """The words for it in the call's language."""
    return PERSON.get(call.language.split("-")[0], PERSON["en"])


class Line(Agent):
    """An agent that serves one call."""

    #: While this line talks, any number may be a secret.
    secret_expected = False
    #: Whether whoever is here writes notes about leaks and smoke all day.
    for_technicians = False
    #: What keys stand for while no cloud understands speech, and the sentence that offers them.
    menu: ClassVar[Mapping[str, str]] = {}
    menu_offer = "menu_person"
    #: Turns in a row that may lead nowhere.
    patience = 6
    #: How it keeps a message of the caller's: the tool, and the argument for the words.
    leaves = ("take_message", "text")
    #: Whether it begins from the start when it gets the caller back.
    begins_anew = False

    def __init__(self, call: Call, *, instructions: str, **kwargs: Any) -> None:
        super().__init__(instructions=instructions, **kwargs)
        self.call = call

    async def on_enter(self) -> None:
        came_back, self.call.came_back = self.call.came_back, None
        try:
            if came_back is not None:
                came_back(self)
            if came_back is None or self.begins_anew:
                await self.enter()
                self.offer_menu()
        finally:
            self.call.arrived.set()

    def after_hold(self) -> Line:
        """The line that goes on with a caller whom nobody took: this one, with all it knows."""
        return self

    def asks(self, question: Expectation, sentence: str, facts: Facts) -> None:
        """Say a sentence that ends in a question; a line with tools remembers what its answer does."""
        self.call.say(sentence, facts)

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
            if self._is_nod(event):
                continue
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT:
                self.call.nodded = False
                await self.call.filler_over()
            yield event

    def _is_nod(self, event: stt.SpeechEvent) -> bool:
        """Whether this is an "uh-huh" over the agent's voice: the session then lets the agent go on."""
        speaking = self.session.current_speech
        if speaking is None or speaking.interrupted or not event.alternatives:
            return False
        question = self.call.saying.rstrip().endswith("?")
        if not is_nod(event.alternatives[0].text, self.call.expecting.now, question=question):
            return False
        self.call.nodded = True
        return True

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncIterator[llm.ChatChunk | str | FlushSentinel]:
        """The model's answer, after a filler when it is late."""
        said = self.model_node(chat_ctx, tools, model_settings)
        if self.call.unproductive > self.patience and not isinstance(chat_ctx.items[-1], llm.FunctionCallOutput):
            said = self._only_if_it_acts(said)
        if self.session.output.audio is None:
            async for chunk in said:
                yield chunk
            return
        async for chunk in filled(said, self._spoken_filler, self.call.silence.due_s):
            yield chunk

    def model_node(self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings) -> Any:
        """What the model makes of the conversation, fillers left out."""
        return Agent.default.llm_node(self, _without_fillers(chat_ctx, self.call), tools, model_settings)

    async def _only_if_it_acts(self, said: Any) -> AsyncIterator[llm.ChatChunk | str | FlushSentinel]:
        """An answer that does something; for any other the talk has gone on for too long."""
        held: list[llm.ChatChunk | str | FlushSentinel] = []
        acts = False
        async for chunk in said:
            acts = acts or (
                isinstance(chunk, llm.ChatChunk) and chunk.delta is not None and bool(chunk.delta.tool_calls)
            )
            held.append(chunk)
            while acts and held:
                yield held.pop(0)
        if not acts:
            self.give_up()

    def _spoken_filler(self) -> Iterable[str | FlushSentinel]:
        return (self.call.sentence("filler", {"turn": self.call.next_filler()}), FlushSentinel())

    async def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> AsyncIterator[rtc.AudioFrame]:
        """The voice; what is said often comes from the phrasebook, and a late voice after a filler from there."""
        phrases = self.call.phrases
        text = self._noted(text)
        if phrases is None:
            async for frame in Agent.default.tts_node(self, text, model_settings):
                yield frame
            return
        async for frame in filled(
            phrases.speak(text, lambda words: Agent.default.tts_node(self, words, model_settings)),
            lambda: sound_of_filler(self.call),
            lambda: self.call.silence.voice_due_s() if self.call.saying else self.call.silence.due_s(),
        ):
            yield frame

    async def _noted(self, text: AsyncIterable[str]) -> AsyncIterator[str]:
        """The words as they are, kept as what the agent is saying."""
        self.call.saying = ""
        async for piece in text:
            self.call.saying += piece
            yield piece

    # Turns

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Danger goes before everything. Turns that lead nowhere are counted: they deserve an end, and a way on."""
        self.heed(new_message.text_content or "")
        self.call.unproductive += 1
        # The turn before was one too many already, and what it did led nowhere either.
        if self.call.unproductive > self.patience + 1:
            self.call.recorder.add("user", new_message.text_content or "")
            self.give_up()
            raise StopResponse

    def heed(self, text: str) -> None:
        """Warn a caller who tells of danger; the turn ends here unless it dictates something that must be kept.

        Raises:
            StopResponse: the caller has been warned, and nothing else answers.
        """
        asked = self.call.expecting.now
        dictating = asked.kind == "free_text" and asked.slot in DICTATED
        found = heed(self.call, text, technician=self.for_technicians, dictating=dictating)
        if found is None:
            return
        if found.dictated:
            self.call.expecting.expect(asked)
            return
        self.call.recorder.add("user", text)
        raise StopResponse

    def give_up(self) -> None:
        """The talk leads nowhere."""
        self.call.end("loop", after=self.call.say("loop_end"))

    def key(self, key: str) -> None:
        """A key that no entry reads: while no cloud understands speech it may stand for words."""
        call = self.call
        if call.keys_only and call.expecting.now == NOTHING and key in self.menu:
            call.work.background(call.hear(self.menu[key]))
        else:
            self.pressed(key)

    def offer_menu(self) -> None:
        """Say once in a call what keys do while no cloud understands speech."""
        call = self.call
        if call.keys_only and not (call.reading or call.menu_offered or call.ended.is_set()):
            call.menu_offered = True
            call.say(self.menu_offer)

    def pressed(self, key: str) -> None:
        """A key that no entry waits for; lines that have a use for keys override this."""


def sound_of_filler(call: Call) -> list[rtc.AudioFrame]:
    """The sound of the next filler; where there is none, none is counted."""
    frames = call.phrases.filler(call.fillers + 1) if call.phrases else []
    if frames:
        call.next_filler()
    return frames


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
