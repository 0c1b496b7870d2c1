"""The session's turn detector: the words decide, this caller's pauses fine-tune, and nobody is cut off in a number.

livekit-agents knows two waits, a short one and a long one. This detector needs any in between, so it waits itself
while it is asked: the session drops the question when the caller goes on, and asks again when more words come.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from livekit.agents import LanguageCode, llm

from agent.offline.vocabulary import Vocabulary
from agent.turns.expecting import Expecting
from agent.turns.judge import Ending, judge
from agent.turns.patience import LONGEST_S, SOONEST_S, Patience

if TYPE_CHECKING:
    from livekit.agents import AgentSession, AgentStateChangedEvent, UserInputTranscribedEvent, UserStateChangedEvent

logger = logging.getLogger(__name__)

#: The two waits that the session itself keeps.
MIN_DELAY_S, MAX_DELAY_S = SOONEST_S, LONGEST_S
#: Probabilities as the session compares them.
DONE, OPEN, UNLIKELY_BELOW = 0.98, 0.05, 0.5
#: Words that are only guessed yet get this long to become final: a turn without them would lose its end.
FINAL_WITHIN_S = 0.7

Clock = Callable[[], float]


class TurnDetector:
    """A turn detector for one call. `attach` tells it about the caller's speech; without that it does not wait."""

    def __init__(self, expecting: Expecting, vocabulary: Vocabulary | None = None, *, now: Clock = time.time) -> None:
        self._expecting = expecting
        self._vocabulary = vocabulary or Vocabulary()
        self._now = now
        self._silent_at: float | None = None
        self._guessed = ""
        self.patience = Patience()

    @property
    def model(self) -> str:
        return "words"

    @property
    def provider(self) -> str:
        return "fieldline"

    async def unlikely_threshold(self, language: LanguageCode | None) -> float | None:
        return UNLIKELY_BELOW

    async def supports_language(self, language: LanguageCode | None) -> bool:
        return language is None or not language or language.startswith(("en", "es", "multi"))

    def attach(self, session: AgentSession[Any]) -> None:
        """Follow the caller's speech and the agent's answers in a session."""
        session.on("user_state_changed", self.user_state)
        session.on("agent_state_changed", self.agent_state)
        session.on("user_input_transcribed", self.transcribed)

    def user_state(self, event: UserStateChangedEvent) -> None:
        """The caller began to speak, or fell silent a voice detector's patience ago."""
        if event.new_state == "speaking":
            self._silent_at = None
            self.patience.spoke(self._now())
        elif event.old_state == "speaking":
            self._silent_at = self._now() - SOONEST_S
            self.patience.fell_silent(self._silent_at)

    def agent_state(self, event: AgentStateChangedEvent) -> None:
        """The agent took its turn."""
        if event.new_state in ("thinking", "speaking"):
            self.patience.answered(self._now())

    def transcribed(self, event: UserInputTranscribedEvent) -> None:
        """Words came, final or still guessed."""
        self._guessed = "" if event.is_final else event.transcript

    async def predict_end_of_turn(self, chat_ctx: llm.ChatContext, *, timeout: float | None = None) -> float:  # noqa: ASYNC109 - the library's protocol
        """The probability that the caller is done; comes late when a wait between the session's two is due."""
        message = next((m for m in reversed(chat_ctx.messages()) if m.role == "user"), None)
        said = (message.text_content or "") if message else ""
        guessed = self._guessed
        ending = judge(f"{said} {guessed}".strip(), self._expecting.now, self._vocabulary)
        wait_s = self.patience.wait_s(ending)
        self.patience.stood(ending)
        logger.debug("ending", extra={"ending": ending.value, "wait_s": round(wait_s, 2), "guessed": bool(guessed)})
        if ending is Ending.OPEN:
            return OPEN
        if guessed:
            wait_s = max(wait_s, FINAL_WITHIN_S)
        if self._silent_at is not None:
            await asyncio.sleep(max(0.0, self._silent_at + wait_s - self._now()))
        return DONE
