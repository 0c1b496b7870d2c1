"""The caller is on hold: music, a word every so often, ears that stay open, and one door by which every end leaves."""

from __future__ import annotations

import asyncio
import logging

from livekit.agents import StopResponse, llm
from livekit.agents.voice import SpeechHandle

from agent.call import Call, Facts
from agent.exchange import Exchange
from agent.floor import HOLD, VOICE
from agent.hold_music import HoldMusic
from agent.lines.base import Line
from agent.lines.word_left import dictate_message, offer_message
from agent.offline.understand.office import HoldAnswer, hold_answer
from agent.ringing import End, Ringing
from agent.turns import Expectation

logger = logging.getLogger(__name__)

#: A caller who waits hears a voice this often, from the beginning of the music on.
REASSURE_S = 20.0
#: A caller on hold presses this to leave a message.
MESSAGE_KEY = "1"
LISTENING = Expectation("anything", slot="hold_answer")


class HoldLine(Line):
    """Holds the caller while the people of a plan are rung; `back` goes on when nobody takes the call."""

    def __init__(self, call: Call, exchange: Exchange, back: Line, request_id: str, plan: Facts) -> None:
        super().__init__(call, instructions="", llm=None)
        self._exchange, self._back = exchange, back
        self._ringing = Ringing(call, exchange, request_id, plan, self)
        self._instead: Ringing | None = None
        self._wish: HoldAnswer | None = None
        self._music: HoldMusic | None = None
        self._left = False

    @property
    def finished(self) -> asyncio.Future[End]:
        """How the ringing that is going on ended."""
        return self._ringing.finished

    @property
    def urgent(self) -> bool:
        """Whether those on call are rung for somebody in danger, or are about to be."""
        return self._instead is not None or self._plan["emergency"]

    @property
    def _plan(self) -> Facts:
        return self._ringing.plan

    def ring_instead(self, request_id: str, plan: Facts) -> asyncio.Future[End]:
        """Let go whoever is rung and has not taken the call, and ring the people of this plan for the same caller."""
        self._instead = Ringing(self.call, self._exchange, request_id, plan, self)
        self._ringing.give_way()
        return self._instead.finished

    async def enter(self) -> None:
        self.call.expecting.expect(LISTENING)
        self.call.work.background(self._hold(), lasting=True)

    async def _hold(self) -> None:
        end = End("failed")
        try:
            end = await self._ring()
            while self._instead is not None and end.why != "accepted" and not self.call.ended.is_set():
                self._ringing.settle(end)
                self._ringing, self._instead, self._wish = self._instead, None, None
                end = await self._ring()
        finally:
            await self._leave(end)

    async def _ring(self) -> End:
        reassuring: asyncio.Task[None] | None = None
        try:
            first = self._plan["people"][0]["name"]
            await self._say("transfer_calling", {**self._plan, "person": first}, interruptible=False)
            self._music, announcer = await self._exchange.prepare(self._sound())
            self._exchange.floor.grant(caller={VOICE, HOLD})
            self._music.play()
            reassuring = asyncio.create_task(self._reassure())
            return await self._ringing.run(announcer)
        except Exception:
            logger.exception("a transfer failed")
            return End("failed")
        finally:
            if reassuring is not None:
                reassuring.cancel()

    def _sound(self) -> str:
        # Music would tell somebody in danger to stay and wait.
        if self._plan["emergency"] or self.call.dangers:
            return "tones"
        return self.call.company["settings"].get("hold_music", "")

    async def _leave(self, end: End) -> None:
        """The one door: however it ended, exactly one of the two talks with the caller afterwards."""
        if self._left:
            return
        self._left = True
        self.call.hold = None
        self.call.expecting.clear()
        for ringing in filter(None, (self._ringing, self._instead)):
            ringing.settle(end)
        if end.why == "accepted":
            if self.call.session is not None and self.call.connected:
                await self.call.session.aclose()
            return
        await self.silence()
        self._exchange.floor.grant(caller={VOICE})
        if not self.call.ended.is_set():
            self.call.came_back = lambda line: self._go_on(line, end)
            self.call.hand_over(self._back)

    def _go_on(self, line: Line, end: End) -> None:
        """In the same conversation: what became of it, and a choice."""
        facts = {**self._plan, "name": self._plan["name"] or end.name, "why": end.why}
        whom = self._for_whom(end)
        if self._wish == "cancel":
            line.call.say("hold_cancelled")
        elif self._wish == "message":
            line.asks(dictate_message(line, whom), "transfer_cut", facts)
        elif end.why == "message":
            line.asks(dictate_message(line, whom), "transfer_message", facts)
        elif self._plan.get("other"):
            line.asks(Expectation("yes_no", "transfer_call", {"whom": self._plan["other"]}), "transfer_failed", facts)
        else:
            line.asks(offer_message(line, whom), "transfer_failed", facts)

    def _for_whom(self, end: End) -> Facts:
        if self._plan["kind"] == "department":
            return {"department": self._plan["name"]}
        person = self._plan["name"] or (end.name if end.why == "message" else None)
        return {"for_person": person} if person else {}

    # What the caller hears

    async def _reassure(self) -> None:
        while True:
            await asyncio.sleep(REASSURE_S)
            await self.tell("hold_on", self._plan)

    async def tell(self, sentence: str, facts: Facts) -> None:
        if self._music is not None:
            await self._music.pause()
        await self._say(sentence, facts)
        if self._music is not None and not (self._left or self.call.connected or self._ringing.cut.is_set()):
            self._music.play()

    async def silence(self) -> None:
        self.call.stop_speaking()
        if self._music is not None:
            await self._music.pause()

    def taken(self, name: str) -> None:
        self._ringing.settle(End("accepted", name))

    async def _say(self, sentence: str, facts: Facts, *, interruptible: bool = True) -> SpeechHandle | None:
        if self.call.session is None or self.call.ended.is_set() or self.call.connected:
            return None
        words = self.call.say(sentence, facts, interruptible=interruptible)
        await words.wait_for_playout()
        return words

    # What the caller wants

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """A caller who waits may leave a message, give it up, or wait on; everything else changes nothing."""
        text = new_message.text_content or ""
        self.heed(text)
        self.call.recorder.add("user", text)
        self._wants(hold_answer(text, self.call.language))
        raise StopResponse

    def heed(self, text: str) -> None:
        try:
            super().heed(text)
        except StopResponse:
            self.call.expecting.expect(LISTENING)
            if self._music is not None:
                self._music.choose(self._sound())
                self.call.work.background(self._music.pause())
            raise

    def offer_menu(self) -> None:
        """No keys but those that are told of on hold."""

    def pressed(self, key: str) -> None:
        self._wants("message" if key == MESSAGE_KEY else None)

    def _wants(self, wish: HoldAnswer | None) -> None:
        if wish in ("message", "cancel") and not self.call.connected and self._instead is None:
            self._wish = wish
            self._ringing.cut.set()
