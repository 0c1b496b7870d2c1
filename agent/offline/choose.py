"""From sound to words: which search to ask, and when to believe it."""

from dataclasses import dataclass
from typing import Literal

from agent.offline.decoder import PHONES, SAMPLE_RATE, Decoder, Hearing, dithered
from agent.offline.trust import NOISE, command_confidence, same_but_a_breath, weigh
from agent.offline.worlds import World
from agent.turns import Expectation

Quality = Literal["grammar", "best_effort"]

BELIEVED = 0.6
UNCLEAR = "unclear"
"""Said instead of words that look like a command and are not trusted: the rules will not understand it."""

_LEAST_SPEECH = SAMPLE_RATE // 10 * 2  # bytes: a tenth of a second holds no word
_ANSWER_GAP, _ANSWER_GAP_WORST = -18.0, -34.0
_ANSWER_FRAMES = 12  # of 10 ms: less sound than any answer needs


@dataclass(frozen=True)
class Transcript:
    """What was understood: plain lower-case words, how far to trust them (0 to 1), and by which ear."""

    text: str
    quality: Quality
    confidence: float


NOTHING_HEARD = Transcript("", "best_effort", 0.0)


def transcribe(decoder: Decoder, world: World, expectation: Expectation, pcm: bytes) -> Transcript:
    """Decode 16 kHz 16-bit mono samples. Blocking; 0.1 to 0.4 s for a sentence.

    An expected answer is tried first, alone; what does not fit it is heard like anything else.
    """
    if len(pcm) < _LEAST_SPEECH:
        return NOTHING_HEARD
    pcm = dithered(pcm)
    phones = decoder.decode(PHONES, pcm)
    if sum(word.end + 1 - word.start for word in phones.words) < _ANSWER_FRAMES:
        return NOTHING_HEARD
    answers = world.answers(decoder, expectation)
    if answers:
        answer = decoder.decode(answers, pcm)
        evidence = weigh(answer, answer, phones)
        if answer.text and _ANSWER_GAP <= evidence.phones <= NOISE and evidence.phones_worst >= _ANSWER_GAP_WORST:
            return Transcript(answer.text, "grammar", 0.9)
    return _anything(decoder, world, expectation, pcm, phones)


def _anything(decoder: Decoder, world: World, expectation: Expectation, pcm: bytes, phones: Hearing) -> Transcript:
    free = decoder.decode(world.model, pcm)
    if weigh(free, free, phones).phones > NOISE:
        return NOTHING_HEARD
    command = decoder.decode(world.commands, pcm)
    confidence = command_confidence(weigh(command, free, phones)) if command.text else 0.0
    if command.text and same_but_a_breath(command.text, free.text) and world.language.accepts(free.text.split()):
        return Transcript(free.text, "grammar", 0.7)
    if confidence >= BELIEVED:
        return Transcript(command.text, "grammar", round(confidence, 2))
    if expectation.kind != "free_text" and world.language.accepts(free.text.split()):
        return Transcript(UNCLEAR, "best_effort", 0.0)
    return Transcript(free.text, "best_effort", 0.5)
