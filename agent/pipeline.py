"""Ears, model and voice of a call: clouds in the order of providers.yaml, the offline parts as the last link.

A stuck provider costs seconds once and not on every turn: attempts are short, nothing is tried twice, and a provider
that failed is left out until it answers again in the background (agent/fallback/).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livekit.agents import APIConnectOptions, inference, llm, stt, tts, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.plugins import silero

from agent.fallback.ears import EarsChain
from agent.fallback.links import Link, Links
from agent.fallback.model import ModelChain
from agent.fallback.voice import VoiceChain
from agent.markup import without_markup
from agent.offline.ears import OfflineSTT
from agent.offline.rules import RuleLLM, understand
from agent.offline.vocabulary import Vocabulary
from agent.offline.voice import OfflineTTS
from agent.providers import (
    ATTEMPT_S,
    OFFLINE,
    Kind,
    Providers,
    build,
    change_language,
    load_providers,
    names_of,
    options_of,
    with_key,
)
from agent.providers import Link as Choice
from agent.turns import NOTHING, Expecting
from agent.turns.detector import MAX_DELAY_S, MIN_DELAY_S, TurnDetector
from fieldline.errors import StoreError
from fieldline.settings import Settings
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: Seconds that a whole answer may keep the session waiting: the chains know their own, shorter limits.
SESSION_S = 10.0
#: How long silence must last before speech counts as ended; the plugin's own default of 0.55 answers 0.3 s later.
VAD_SILENCE_S = 0.25
#: The agent holds its breath after this much of a voice over its own, and stops for good when words come with it. The
#: caller hears the stop 0.3 s later: his sound has to come and be taken for a voice, what is under way to be played.
INTERRUPTION_S = 0.06
#: It goes on this long after a sound that brought no words, or only "uh-huh": the words of cloud ears are there before
#: the sound's end is noticed, the offline ones decode first.
RESUME_S, RESUME_OFFLINE_S = 0.25, 0.8
#: Answers are prepared in pauses of speech up to this long, and so many times in one turn.
LONG_SPEECH_S, PREPARED_OFTEN = 30.0, 10
#: The last voice has nobody behind it, and starts its process with the first sentence.
OFFLINE_VOICE_S = 10.0


class LateEars(OfflineSTT):
    """Ears that do not hold up the greeting.

    A session prewarms its parts before anybody speaks, which costs a second for words that this process has not
    prepared for. The caller is greeted first.
    """

    def prewarm(self) -> None:
        """Nothing yet: see `load`."""

    def load(self) -> None:
        """Build what is not there yet. Blocking."""
        super().prewarm()


@dataclass(frozen=True)
class Parts:
    """What is loaded once per job process, before a call comes."""

    providers: Providers
    vad: vad.VAD
    voice: OfflineTTS


@dataclass(frozen=True)
class Pipeline:
    """What one call hears, thinks and speaks with."""

    vad: vad.VAD
    stt: stt.STT
    llm: llm.LLM
    tts: tts.TTS
    ears: LateEars
    turns: TurnDetector
    cloud: bool
    ears_in_cloud: bool
    #: Ears and voices in clouds, with what the file says of them.
    clouds: Sequence[tuple[Kind, Choice, Link[Any]]] = ()

    @property
    def chains(self) -> list[Links[Any]]:
        """The links of ears, model and voice, where there is more than one of a kind."""
        parts = (self.stt, self.llm, self.tts)
        return [part.links for part in parts if isinstance(part, EarsChain | ModelChain | VoiceChain)]

    def caller(self, speaking: bool) -> None:
        """What the session's VAD says of the caller."""
        if isinstance(self.stt, EarsChain):
            self.stt.caller(speaking)

    def speak_in(self, language: str) -> None:
        """Ears and voices in clouds go on in another language; the models go by what they read."""
        for kind, choice, link in self.clouds:
            link.options = change_language(kind, choice, link.part, language)

    async def aclose(self) -> None:
        """Let go of the providers; the voice without a cloud is the process's own and stays."""
        for part in (self.stt, self.llm, self.tts):
            if isinstance(part, EarsChain | ModelChain | VoiceChain):
                await part.aclose()

    def session_options(self) -> dict[str, Any]:
        """The arguments of AgentSession that belong to the voice."""
        once = APIConnectOptions(max_retry=0, timeout=SESSION_S)
        attempt = SessionConnectOptions(
            stt_conn_options=once,
            llm_conn_options=once,
            tts_conn_options=once,
            max_unrecoverable_errors=1_000_000,  # how a call ends is our business (agent/attach.py)
        )
        return {
            "vad": self.vad,
            "stt": self.stt,
            "llm": self.llm,
            "tts": self.tts,
            "conn_options": attempt,
            "tts_text_transforms": [without_markup],
            # On a telephone line nothing echoes back, and a warm-up would make the first 3 s deaf to barge-in.
            "aec_warmup_duration": None,
            "turn_handling": {
                "turn_detection": self.turns,
                "endpointing": {"min_delay": MIN_DELAY_S, "max_delay": MAX_DELAY_S},
                "interruption": {
                    "mode": "vad",
                    "min_duration": INTERRUPTION_S,
                    "false_interruption_timeout": RESUME_S if self.ears_in_cloud else RESUME_OFFLINE_S,
                },
                # The offline rules answer in a millisecond, and what they expect next must not move on a guess.
                # A long note has many pauses, and only what is begun in the last one is used.
                "preemptive_generation": {
                    "enabled": self.cloud,
                    "preemptive_tts": True,
                    "max_speech_duration": LONG_SPEECH_S,
                    "max_retries": PREPARED_OFTEN,
                },
            },
        }


def load_parts(settings: Settings) -> Parts:
    """Load what takes time: models and the voice's process."""
    providers = load_providers(settings.providers_file)
    ears_in_cloud = bool(with_key(settings, providers.stt))
    detector = (
        silero.VAD.load(min_silence_duration=VAD_SILENCE_S)
        if ears_in_cloud
        else inference.VAD(min_silence_duration=VAD_SILENCE_S)
    )
    voice = OfflineTTS()
    voice.prewarm()
    # Behind ears in a cloud the offline ones are built after the greeting: of several callers who come at once, those
    # for whom no process waits yet are greeted sooner.
    for vocabulary in () if ears_in_cloud else asyncio.run(_vocabularies(settings)) or [Vocabulary()]:
        OfflineSTT(vocabulary, Expecting()).prewarm()
        understand("clock me in on truck two oh one", vocabulary, NOTHING)
    return Parts(providers, detector, voice)


async def _vocabularies(settings: Settings) -> list[Vocabulary]:
    """The words of the companies that are called most; none when the database does not answer."""
    store = await LineStore.open(settings)
    try:
        facts = await store.line_companies()
    except StoreError as error:
        logger.warning("prepared for no company", extra={"code": error.code})
        return []
    finally:
        await store.aclose()
    return [Vocabulary.from_facts(company["vocabulary"]) for company in facts["companies"]]


def describe(settings: Settings) -> dict[str, list[str]]:
    """Which providers will serve, by kind, first one first."""
    providers = load_providers(settings.providers_file)
    return {kind: [*names_of(with_key(settings, getattr(providers, kind))), OFFLINE] for kind in ("stt", "llm", "tts")}


def build_pipeline(
    settings: Settings,
    parts: Parts,
    vocabulary: Vocabulary,
    expecting: Expecting,
    *,
    company: str | None = None,
    language: str = "en",
) -> Pipeline:
    """The pipeline of one call; ears and rules know the company's words and what the line has just asked."""
    providers = parts.providers.of(company)
    ears = LateEars(vocabulary, expecting)
    hears: list[Link[stt.STT]] = _clouds(settings, "stt", providers.stt, language)
    speaks: list[Link[tts.TTS]] = _clouds(settings, "tts", providers.tts, language)
    model = build_llm(settings, providers, vocabulary, expecting, language)
    chosen: dict[Kind, list[Choice]] = {
        "stt": with_key(settings, providers.stt),
        "tts": with_key(settings, providers.tts),
    }
    links: dict[Kind, list[Any]] = {"stt": hears, "tts": speaks}
    return Pipeline(
        vad=parts.vad,
        stt=EarsChain([*hears, Link(OFFLINE, ears, ATTEMPT_S["stt"])]) if hears else ears,
        llm=model,
        tts=VoiceChain([*speaks, Link(OFFLINE, parts.voice, OFFLINE_VOICE_S)]) if speaks else parts.voice,
        ears=ears,
        turns=TurnDetector(expecting, vocabulary),
        cloud=not isinstance(model, RuleLLM),
        ears_in_cloud=bool(hears),
        clouds=[(kind, *pair) for kind in chosen for pair in zip(chosen[kind], links[kind], strict=True)],
    )


def build_llm(
    settings: Settings, providers: Providers, vocabulary: Vocabulary, expecting: Expecting, language: str = "en"
) -> llm.LLM:
    """The model, or the chain of models, of one call."""
    rules = RuleLLM(vocabulary, expecting)
    thinks: list[Link[llm.LLM]] = _clouds(settings, "llm", providers.llm, language)
    return ModelChain([*thinks, Link(OFFLINE, rules, ATTEMPT_S["llm"])]) if thinks else rules


def _clouds(settings: Settings, kind: Kind, chain: tuple[Choice, ...], language: str) -> list[Any]:
    """The links of a chain that have a key, built."""
    choices = with_key(settings, chain)
    return [
        Link(
            name,
            build(settings, kind, choice, language),
            choice.attempt_s or ATTEMPT_S[kind],
            options=options_of(kind, choice, language),
        )
        for name, choice in zip(names_of(choices), choices, strict=True)
    ]
