"""A voice without a cloud: espeak-ng in a process of its own, as a livekit-agents TTS.

The process starts with the first sentence and again whenever it has died. Where it cannot be started at all,
`OfflineTTS.available` is False, the reason is in the log, and the line starts without it.
"""

import asyncio
import contextlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable

from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectionError, APIConnectOptions, tts, utils

from agent.offline.espeak import EspeakProcess, EspeakUnavailable

log = logging.getLogger(__name__)

SAMPLE_RATE = 24_000
VOICES = {"en": "en-us", "es": "es-419"}
CACHED_SENTENCES = 128
CACHEABLE_LENGTH = 160  # characters; longer ones are seldom said twice

_NOTHING = bytes(SAMPLE_RATE // 10 * 2)  # a tenth of a second: the framework takes "no audio" for a failure
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f]+")


class OfflineTTS(tts.TTS):
    """espeak-ng as a TTS: 24 kHz mono, one sentence at a time, short sentences cached.

    Raises APIConnectionError while speaking when the process cannot be had, so that a FallbackAdapter treats
    it as any other provider that is out.
    """

    def __init__(self, language: str = "en", *, process: EspeakProcess | None = None) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE, num_channels=1)
        self._voice = VOICES.get(language.split("-")[0].lower(), VOICES["en"])
        self._process = process or EspeakProcess()
        self._cache: OrderedDict[str, bytes] = OrderedDict()
        self._cache_lock = threading.Lock()

    @property
    def model(self) -> str:
        """The engine's name, with its voice where that is not the English one."""
        return "espeak-ng" if self._voice == VOICES["en"] else f"espeak-ng {self._voice}"

    def speak_in(self, language: str) -> None:
        """Speak another language from the next sentence on; English where there is no voice for it."""
        self._voice = VOICES.get(language.split("-")[0].lower(), VOICES["en"])

    @property
    def provider(self) -> str:
        """Who provides it: nobody outside this machine."""
        return "offline"

    def available(self) -> bool:
        """Whether the process runs or can be started; logs why not."""
        try:
            self._process.start()
        except EspeakUnavailable as error:
            log.warning("offline voice unavailable", extra={"reason": str(error)})
            return False
        return True

    def prewarm(self, texts: Iterable[str] = ()) -> None:
        """Start the process and make `texts` (greeting, fillers) ahead of need. Blocking; never raises."""
        if self.available():
            with contextlib.suppress(EspeakUnavailable):
                for text in texts:
                    for sentence in sentences(text):
                        self.pcm(sentence)

    def pcm(self, sentence: str) -> bytes:
        """24 kHz 16-bit mono samples of one sentence. Blocking. Raises EspeakUnavailable."""
        if not sentence:
            return _NOTHING
        voice = self._voice
        said = f"{voice} {sentence}"
        with self._cache_lock:
            if said in self._cache:
                self._cache.move_to_end(said)
                return self._cache[said]
        rate, raw = self._process.speak(sentence, voice)
        pcm = resample(raw, rate, SAMPLE_RATE)
        if len(sentence) <= CACHEABLE_LENGTH:
            with self._cache_lock:
                self._cache[said] = pcm
                while len(self._cache) > CACHED_SENTENCES:
                    self._cache.popitem(last=False)
        return pcm

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak `text`, sentence by sentence."""
        return _Speech(tts=self, input_text=text, conn_options=conn_options)

    async def aclose(self) -> None:
        """End the espeak process."""
        await asyncio.to_thread(self._process.close)


class _Speech(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, OfflineTTS)
        output_emitter.initialize(
            request_id=utils.shortuuid("voice_"),
            sample_rate=SAMPLE_RATE,
            num_channels=1,
            mime_type="audio/pcm",
        )
        try:
            for sentence in sentences(self._input_text) or [""]:
                output_emitter.push(await asyncio.to_thread(self._tts.pcm, sentence))
        except EspeakUnavailable as error:
            raise APIConnectionError(f"offline voice: {error}", retryable=False) from error
        output_emitter.flush()


def sentences(text: str) -> list[str]:
    """`text` cut where a speaker pauses; control characters removed."""
    clean = _UNSPEAKABLE.sub(" ", text).strip()
    return [part for part in _SENTENCE_END.split(clean) if any(c.isalnum() for c in part)]


def resample(pcm: bytes, rate: int, wanted: int) -> bytes:
    """16-bit mono samples at another rate (Hz), by LiveKit's resampler (soxr)."""
    if rate == wanted or not pcm:
        return pcm
    resampler = rtc.AudioResampler(rate, wanted, quality=rtc.AudioResamplerQuality.HIGH)
    frames = resampler.push(rtc.AudioFrame(pcm, rate, 1, len(pcm) // 2)) + resampler.flush()
    return b"".join(bytes(frame.data) for frame in frames)
