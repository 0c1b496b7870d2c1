"""Messages whose words were a guess are written out as soon as a speech provider has a key and answers."""

from __future__ import annotations

import io
import logging
import wave
from collections.abc import Sequence

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, stt

from agent.providers import build, load_providers, with_key
from fieldline.errors import NotStored
from fieldline.settings import Settings
from fieldline.storage import Storage
from fieldline.upkeep_functions import UpkeepFunctions

logger = logging.getLogger(__name__)

#: Nobody waits on the line: a minute of sound may take its time.
PATIENCE = APIConnectOptions(max_retry=0, timeout=10.0)
#: A provider that hears nothing has answered: asking again would cost money and say the same.
NO_WORDS = "(No words can be made out.)"


def writers(settings: Settings) -> list[stt.STT]:
    """The speech providers with a key, in the order of providers.yaml; none when all ears are our own."""
    chain = load_providers(settings.providers_file).stt
    return [build(settings, "stt", link) for link in with_key(settings, chain)]


class Transcriber:
    """Claims messages, listens, and gives back their words."""

    def __init__(self, store: UpkeepFunctions, storage: Storage, providers: Sequence[stt.STT]) -> None:
        self._store = store
        self._storage = storage
        self._providers = providers

    async def look(self) -> None:
        """One round.

        Raises:
            StoreUnavailable: the database is down.
        """
        if not self._providers:
            return
        for message in (await self._store.claim_transcriptions())["messages"]:
            words = await self._words(message["sound"])
            await self._store.settle_transcription(message_id=message["message_id"], text=words)
            logger.info("wrote out a message", extra={"written": words is not None, "attempt": message["attempt"]})

    async def _words(self, key: str) -> str | None:
        """What was said; None when it cannot be known now."""
        try:
            frame = read(await self._storage.get(key))
        except (NotStored, wave.Error, EOFError) as error:
            logger.warning("the sound of a message cannot be had", extra={"reason": type(error).__name__})
            return None
        for provider in self._providers:
            try:
                event = await provider.recognize([frame], conn_options=PATIENCE)
            except APIError as error:
                logger.warning(
                    "a provider did not write it out", extra={"provider": provider.provider, "error": str(error)}
                )
                continue
            return " ".join(heard.text for heard in event.alternatives[:1]).strip() or NO_WORDS
        return None


def read(file: bytes) -> rtc.AudioFrame:
    """The samples of a kept sound.

    Raises:
        wave.Error, EOFError: it is none.
    """
    with wave.open(io.BytesIO(file), "rb") as sound:
        count = sound.getnframes()
        return rtc.AudioFrame(sound.readframes(count), sound.getframerate(), sound.getnchannels(), count)
