"""The life of a call: opened with a row, recorded as it goes, closed whatever happens.

A `Call` knows nothing of rooms or sound, so the same one serves a telephone (agent/job.py) and a text call
(agent/chat.py). Who talks to the caller is a Line (agent/lines/); what it may do is decided by the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from livekit.agents import NOT_GIVEN, Agent, AgentSession, StopResponse, llm
from livekit.agents.voice import SpeechHandle

from agent.costs import usage_of
from agent.dialled import Dialled
from agent.fillers import Silence
from agent.greeting import greeting_facts
from agent.kept_sound import KeptSound
from agent.keypad import Keypad, masked
from agent.phrasebook import Phrasebook, stream_of
from agent.providers import Providers
from agent.recorder import Recorder
from agent.sound_spool import SoundSpool
from agent.speech import speech
from agent.turns import Expecting
from agent.work import Work
from fieldline.errors import Refusal
from fieldline.settings import Settings
from fieldline.store import LineStore

if TYPE_CHECKING:
    from agent.lines.hold import HoldLine

logger = logging.getLogger(__name__)

Facts = dict[str, Any]
#: The last sentence has this long to be heard before the line is closed regardless.
LAST_WORDS_S = 20.0
#: No filler is longer.
FILLER_LONGEST_S = 1.2


class Call:
    """One caller, one row in `call_logs`, one job."""

    def __init__(self, settings: Settings, store: LineStore, dialled: Dialled) -> None:
        self.settings = settings
        self.store = store
        self.dialled = dialled
        self.expecting = Expecting()
        self.keypad = Keypad()
        self.work = Work()
        self.facts: Facts = {}
        self.verified: Facts | None = None
        self.session: AgentSession[Call] | None = None
        self.ended = asyncio.Event()
        self.end_reason, self.status = "error", "failed"
        self.unproductive = 0
        self.chosen_language: str | None = None
        #: A job with a voice is told of the language to speak, and of what no ear hears: keys, typed words.
        self.voice_in: Callable[[str], None] = lambda language: None
        self.stirred: Callable[[], None] = lambda: None
        #: Kinds of danger that this caller has been warned of.
        self.dangers: set[str] = set()
        self.phrases: Phrasebook | None = None
        self.sound = KeptSound("messages", SoundSpool(settings.spool))
        #: Ears and model are the offline ones for want of a cloud, and whether the caller was told of the keys.
        self.keys_only = self.menu_offered = False
        self.providers: Providers | None = None
        #: What is closed after the session.
        self.closing: list[Callable[[], Awaitable[None]]] = []
        self.greeted = self.reading = self.unrouted = False
        #: Makes a line that rings people, then goes back to another (not on a text call); the one that does so now.
        self.hold_line: Callable[[Any, str, Facts], HoldLine] | None = None
        self.hold: HoldLine | None = None
        #: Who of those who were rung has the call; what a line that gets it back says first.
        self.connected: str | None = None
        self.came_back: Callable[[Any], None] | None = None
        self.greeting_said: SpeechHandle | None = None
        self.arrived = asyncio.Event()  # clear while one line hands over to another
        self.silence = Silence()  # how long the caller has heard nothing
        #: What the agent is saying; words over it that only show that somebody listens are no turn.
        self.saying = ""
        self.nodded = False
        self.fillers = 0
        self._filler: SpeechHandle | None = None
        self._clock = (datetime.now(UTC), time.monotonic())
        self._closing: asyncio.Task[None] | None = None
        self.recorder = Recorder(store, settings.spool, dialled.as_opening(), now=self.now)

    # What is known about the call

    @property
    def id(self) -> str:
        return self.facts["call_id"]

    @property
    def company(self) -> Facts:
        return self.facts["company"]

    @property
    def timezone(self) -> str:
        return self.facts.get("company", {}).get("timezone") or "UTC"

    @property
    def language(self) -> str:
        """The company's first language, or the one that the caller has chosen."""
        return self.chosen_language or self.facts.get("company", {}).get("language") or "en"

    @property
    def guess(self) -> Facts:
        """Whom the calling number belongs to; empty for a stranger."""
        return self.facts.get("guess") or {}

    @property
    def resumed(self) -> bool:
        """Whether another job had this call and was lost."""
        return bool(self.facts.get("resumed"))

    @property
    def quiet(self) -> bool:
        """Whether a caller who says nothing is not to be asked: keys are read, or somebody else is on the line."""
        return self.reading or self.hold is not None or self.connected is not None

    def now(self) -> datetime:
        """The call's time: the database's, carried on by this machine's steady clock."""
        base, at = self._clock
        return base + timedelta(seconds=time.monotonic() - at)

    # Beginning

    async def open(self) -> None:
        """Give the call its row.

        Raises:
            Refusal: `unknown_number` when no company has the number that was dialled.
            StoreUnavailable: when the database is down; the record stays on disk.
        """
        facts = await self.store.call_open(**self.dialled.as_opening())
        if facts.get("unknown_number"):
            # No exception from the database here: it keeps a row of calls that nobody can take.
            self.unrouted = True
            raise Refusal("FL006", "unknown_number", facts)
        self.facts = facts
        self._clock = (datetime.fromisoformat(self.company["now"]), time.monotonic())
        self.expecting.language = self.language.split("-")[0]
        self.verified = self.facts.get("verified")
        self.recorder.opened(self.id, self.facts["session_id"], int(self.facts.get("next_sequence") or 0))
        self.recorder.event("resumed" if self.resumed else "opened", line=self.facts["line"])
        logger.info("call opened", extra={"call_id": self.id, "line": self.facts["line"], "resumed": self.resumed})

    # Speaking

    def sentence(self, name: str, facts: Facts | None = None) -> str:
        """The words for a moment of the call, a result or a refusal."""
        return speech(self.language).say(name, facts or {}, self.timezone)

    def say(self, name: str, facts: Facts | None = None, *, interruptible: bool = True) -> SpeechHandle:
        """Speak the words for `name` after what is being said now."""
        assert self.session is not None
        return self.session.say(self.sentence(name, facts), allow_interruptions=interruptible)

    def next_filler(self) -> int:
        """A running number, so that two fillers in a row differ."""
        self.fillers += 1
        self.silence.filled()
        return self.fillers

    def say_filler(self) -> SpeechHandle:
        """A short sentence while something takes long; no part of the conversation."""
        assert self.session is not None
        turn = self.next_filler()
        frames = self.phrases.filler(turn) if self.phrases else []
        words = self.sentence("filler", {"turn": turn})
        sound = stream_of(frames) if frames else NOT_GIVEN
        self._filler = self.session.say(words, audio=sound, add_to_chat_ctx=False)
        return self._filler

    async def filler_over(self) -> None:
        """Wait for the rest of a filler: an answer that comes meanwhile would cut it after its first word."""
        handle = self._filler
        if handle is not None and not handle.done():
            await asyncio.wait({asyncio.ensure_future(handle.wait_for_playout())}, timeout=FILLER_LONGEST_S)

    def greet(self) -> SpeechHandle:
        """The company's greeting, which says that an automated assistant answers."""
        assert self.session is not None
        self.greeted = True
        words = self.greeting
        frames = self.phrases.frames(words) if self.phrases else []
        sound: Any = {"audio": stream_of(frames)} if frames else {}
        # Who is recorded must have heard so.
        free = not self.company["settings"]["recording"]
        self.greeting_said = self.session.say(words, allow_interruptions=free, **sound)
        return self.greeting_said

    @property
    def greeting(self) -> str:
        """The words of the greeting."""
        return self.sentence("greeting", greeting_facts(self.company, self.guess))

    # Hearing, apart from sound

    def press(self, key: str) -> None:
        """A key of the caller's telephone: for the entry that is being read, else for the line."""
        self.recorder.key()
        self.stirred()
        self.stop_speaking()
        if self.reading:
            self.keypad.press(key)
        elif self.session is not None and self.connected is None:
            line: Any = self.session.current_agent
            line.key(key)

    def stop_speaking(self) -> None:
        """What is being said is no longer wanted; a sentence that must be heard goes on."""
        speech_now = self.session.current_speech if self.session else None
        if speech_now is not None and speech_now.allow_interruptions:
            speech_now.interrupt()

    async def hear(self, text: str) -> None:
        """Words that came another way than by sound: typed, or keys that stand for them."""
        assert self.session is not None
        self.sound.forget()
        self.stirred()
        line: Any = self.session.current_agent
        words = masked(text, secret_expected=line.secret_expected)
        message = llm.ChatMessage(role="user", content=[words])
        self.stop_speaking()
        self.silence.began()
        try:
            await line.on_user_turn_completed(line.chat_ctx.copy(), message)
        except StopResponse:
            return
        self.session.generate_reply(user_input=message)

    def hand_over(self, line: Agent) -> None:
        """Let another line go on with this caller."""
        assert self.session is not None
        self.arrived.clear()
        self.session.update_agent(line)

    # Identity

    async def verify(self, badge: str, pin: str) -> Facts:
        """Ask the database whether badge and PIN belong together; it counts the tries."""
        facts = await self.work.finish_write(self.store.verify_pin(call_id=self.id, badge=badge, pin=pin))
        self.recorder.event(
            "verified" if facts["verified"] else "not_verified", reason=facts.get("reason"), badge=facts.get("badge")
        )
        if facts["verified"]:
            self.verified = facts
        return facts

    # End

    def end(self, reason: str, status: str = "completed", *, after: SpeechHandle | None = None) -> None:
        """The call is over, at once or when the last words have been heard. The first reason stands."""
        if self.ended.is_set():
            return
        if after is not None:
            self.work.background(self._end_after(after, reason, status))
            return
        self.end_reason, self.status = reason, status
        self.ended.set()

    async def _end_after(self, words: SpeechHandle, reason: str, status: str) -> None:
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await words.wait_for_playout()
        except TimeoutError:
            logger.warning("the last words did not end in time")
        self.end(reason, status)

    async def aclose(self) -> None:
        """Finish writes, flush the record, close the row. Safe to call again, from anywhere."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._aclose())
        await asyncio.shield(self._closing)

    async def _aclose(self) -> None:
        self.ended.set()
        await self.work.stop()
        if self.session is not None:
            await self.session.aclose()
        for close in self.closing:
            await close()
        if self.unrouted:
            self.recorder.forget()
            return
        self.recorder.event("ended", reason=self.end_reason)
        usage = usage_of(self.session, self.providers) if self.session is not None else {}
        written = await self.recorder.aclose({"status": self.status, "end_reason": self.end_reason, "usage": usage})
        logger.info("call closed", extra={"end_reason": self.end_reason, "written": written})
