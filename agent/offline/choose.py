"""From sound to words: which search to ask, and when to believe it."""

from dataclasses import dataclass
from typing import Literal

from agent.offline.decoder import Decoder, dithered
from agent.offline.worlds import World
from agent.turns import Expectation

Quality = Literal["grammar", "best_effort"]


@dataclass(frozen=True)
class Transcript:
    """What was understood: plain lower-case words, how far to trust them (0 to 1), and by which ear."""

    text: str
    quality: Quality
    confidence: float


def transcribe(decoder: Decoder, world: World, expectation: Expectation, pcm: bytes) -> Transcript:
    """Decode 16 kHz 16-bit mono samples. Blocking; 0.1 to 0.3 s for a sentence."""
    pcm = dithered(pcm)
    free = decoder.decode(world.model, pcm)
    if expectation.kind == "free_text":
        return Transcript(free.text, "best_effort", 0.5)
    grammar = decoder.decode(world.grammar_for(decoder, expectation), pcm)
    if grammar.text and grammar.text == free.text:
        return Transcript(grammar.text, "grammar", 0.95)
    return Transcript(free.text, "best_effort", 0.5)
