"""The sound of dictated words, kept beside words that are only a guess.

What the offline ears took down in free speech is their best effort, so its sound goes with the note or message. It is
held in memory until the database has the words: a message that nobody confirmed leaves no sound behind.
"""

from __future__ import annotations

import io
import logging
import wave
from collections.abc import Callable
from typing import Any, Protocol

from livekit.agents import AgentSession, ConversationItemAddedEvent, UserInputTranscribedEvent, llm

from agent.sound_spool import Slip, SoundSpool

logger = logging.getLogger(__name__)

#: Samples per second of the sound that the ears keep, 16-bit mono.
EARS_RATE = 16_000
#: Nobody listens to a longer message, and a mail of it would be refused: 5 minutes.
LONGEST = 300 * EARS_RATE * 2


class Ears(Protocol):
    """Ears that are not sure of free text, and keep the sound of the last utterance."""

    @property
    def last_quality(self) -> str: ...
    @property
    def last_audio(self) -> bytes: ...


class KeptSound:
    """Follows a call's turns.

    Args:
        folder: begins the keys, one for each job of a call.
        kept: called when a sound lies in the spool, ready to be shipped.
    """

    def __init__(
        self, folder: str, spool: SoundSpool, ears: Ears | None = None, *, kept: Callable[[], None] = lambda: None
    ) -> None:
        self._folder = folder
        self._spool = spool
        self._ears = ears
        self._on_kept = kept
        self._last: bytes | None = None
        self._turn: list[bytes] = []
        self._guess = self._ended = False
        self._keys: dict[str, str] = {}
        self._held: dict[str, bytes] = {}

    def attach(self, session: AgentSession[Any]) -> None:
        """Listen to what the session hears."""

        @session.on("user_input_transcribed")
        def heard(event: UserInputTranscribedEvent) -> None:
            if event.is_final:
                line: Any = session.current_agent
                self.heard(secret=line.secret_expected)

        @session.on("conversation_item_added")
        def added(event: ConversationItemAddedEvent) -> None:
            if isinstance(event.item, llm.ChatMessage) and event.item.role == "user":
                self._ended = True

    def heard(self, *, secret: bool = False) -> None:
        """Words have come. They are the ears' own when the ears have new sound; what may be a PIN is not held."""
        if self._ended:
            self.forget()
        ears = self._ears
        if ears is None or not ears.last_audio or ears.last_audio is self._last:
            return
        self._last = ears.last_audio
        if not secret and sum(map(len, self._turn)) < LONGEST:
            self._turn.append(ears.last_audio)
            self._guess = self._guess or ears.last_quality == "best_effort"

    def forget(self) -> None:
        """The words that come now were not said, or begin a new turn."""
        self._turn, self._guess, self._ended = [], False, False

    def of(self, words: str) -> dict[str, Any]:
        """For what is written down: whether these words are a guess, and the key of their sound. Empty when sure.

        The same words have the same sound, so that one that is read back and confirmed keeps that of its dictation.
        """
        if words not in self._keys:
            if not self._guess:
                return {}
            key = f"{self._folder}/{len(self._keys) + 1}.wav"
            self._keys[words], self._held[key] = key, b"".join(self._turn)[:LONGEST]
        return {"best_effort": True, "audio_path": self._keys[words]}

    def keep(self, key: str | None) -> None:
        """The database has the words that have this key: their sound is to be kept."""
        sound = self._held.pop(key, None) if key else None
        if key is None or sound is None:
            return
        try:
            self._spool.keep(Slip(key), wav(sound))
        except OSError as error:
            logger.error("the sound of a message is lost", extra={"reason": error.strerror})
            return
        self._on_kept()


def wav(samples: bytes) -> bytes:
    """The samples as a file that every telephone and mail program plays."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(EARS_RATE)
        file.writeframes(samples)
    return made.getvalue()
