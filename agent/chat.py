"""A text call: the same call, lines, tools and rules, without room and sound.

`fieldline call --no-room` and the tests of the lines use it; it needs a database and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from livekit.agents import AgentSession, ConversationItemAddedEvent, SpeechCreatedEvent, llm
from livekit.agents.voice import SpeechHandle

from agent.attach import attach_record
from agent.call import Call
from agent.dialled import Dialled
from agent.lines import pick_line
from agent.offline.vocabulary import Vocabulary
from agent.pipeline import build_llm
from agent.providers import load_providers
from fieldline.settings import Settings
from fieldline.store import LineStore


class TextCall:
    """What a caller does on a text call, and what is said back."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.transcript: list[tuple[str, str]] = []
        self._unread: list[str] = []
        self._speeches: set[asyncio.Future[None]] = set()
        self._awaited: dict[str, asyncio.Event] = {}

    async def say(self, text: str) -> list[str]:
        """Say something. Returns the sentences of the answer."""
        await self.call.hear(text)
        return await self.answer()

    async def keys(self, digits: str) -> list[str]:
        """Press keys, `#` included. Returns what is said after the last one."""
        for key in digits:
            self.call.press(key)
        return await self.answer()

    async def hang_up(self) -> None:
        """The caller puts the telephone down."""
        self.call.end("caller_hung_up")
        await self.call.aclose()

    async def answer(self) -> list[str]:
        """Wait until the line has nothing more to say or do; returns what it said since the last time."""
        while True:
            await self.call.keypad.settled.wait()
            await self.call.arrived.wait()
            if pending := self.call.work.working() | self._speeches:
                await asyncio.wait(pending)
            elif self.call.keypad.settled.is_set() and self.call.arrived.is_set():
                break
        said, self._unread = self._unread, []
        return said

    async def hear_about(self, words: str) -> None:
        """Wait until the line has said these words of its own accord."""
        said = self._awaited.setdefault(words, asyncio.Event())
        await said.wait()

    def _heard(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if isinstance(item, llm.ChatMessage) and item.text_content and item.role in ("user", "assistant"):
            words = item.text_content.strip()
            self.transcript.append(("caller" if item.role == "user" else "agent", words))
            if item.role == "assistant":
                self._unread.append(words)
                for awaited, said in self._awaited.items():
                    if awaited in words:
                        said.set()

    def _spoke(self, event: SpeechCreatedEvent) -> None:
        speaking = asyncio.ensure_future(_done(event.speech_handle))
        self._speeches.add(speaking)
        speaking.add_done_callback(self._speeches.discard)

    def attach(self, session: AgentSession[Call]) -> None:
        """Listen to a session."""
        session.on("conversation_item_added", self._heard)
        session.on("speech_created", self._spoke)


async def _done(speech_handle: SpeechHandle) -> None:
    await speech_handle


@asynccontextmanager
async def text_call(
    settings: Settings,
    *,
    from_number: str | None,
    to_number: str,
    store: LineStore | None = None,
    model: llm.LLM | None = None,
) -> AsyncIterator[TextCall]:
    """A text call from one number to another; leaving it hangs up. `model` answers in place of those of providers.yaml.

    Raises:
        Refusal: `unknown_number` when no company has the number that is called.
        StoreUnavailable: when the database is down.
    """
    own_store = store or await LineStore.open(settings)
    call = Call(settings, own_store, Dialled(f"text-{uuid4().hex[:12]}", from_number, to_number))
    text = TextCall(call)
    try:
        await call.open()
        vocabulary = Vocabulary.from_facts(call.facts["vocabulary"])
        if model is None:
            model = build_llm(settings, load_providers(settings.providers_file), vocabulary, call.expecting)
        session: AgentSession[Call] = AgentSession(
            userdata=call, llm=model, vad=None, user_away_timeout=None, turn_handling={"turn_detection": None}
        )
        call.session = session
        attach_record(call, session)
        text.attach(session)
        call.arrived.clear()
        await session.start(pick_line(call))
        yield text
    finally:
        call.end("caller_hung_up")
        await call.aclose()
        if store is None:
            await own_store.aclose()
