"""How long a provider takes, drawn from a distribution.

A delay has a median and a spread; draws are log-normal, as answer times of services are: never negative, with a long
tail upwards. The same seed gives the same draws, so two runs can be compared.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

#: Spread of a real service under ordinary load: one draw in twenty is 1.3 times the median or more.
SPREAD = 0.16


@dataclass(frozen=True)
class Delays:
    """Medians in seconds, each one a stage's own work without the network.

    Attributes:
        stt_final: from the end of speech to the final transcript.
        stt_file: from the whole file to the transcript of a file.
        llm_first: from the request to the first token.
        llm_token: between two tokens.
        tts_first: from text that may be spoken to the first sound.
        tts_speed: sound is made so many times faster than it plays.
        spread: standard deviation of the logarithm of a draw; 0 gives the medians.
    """

    stt_final: float = 0.150
    stt_file: float = 0.250
    llm_first: float = 0.300
    llm_token: float = 0.020
    tts_first: float = 0.120
    tts_speed: float = 12.0
    spread: float = SPREAD
    seed: int = 0

    @classmethod
    def none(cls) -> Delays:
        """Everything at once: for tests that ask what is said and not when. Only a pause needs its time to be one."""
        return cls(stt_final=0.15, stt_file=0, llm_first=0, llm_token=0, tts_first=0, tts_speed=1000, spread=0)


@dataclass
class Clock:
    """Draws of one run."""

    delays: Delays
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.delays.seed)  # noqa: S311 - no secret

    def draw(self, stage: str) -> float:
        """Seconds of one occurrence of `stage`, a field of `Delays`."""
        median: float = getattr(self.delays, stage)
        return median * math.exp(self._random.gauss(0.0, 1.0) * self.delays.spread) if median else 0.0
