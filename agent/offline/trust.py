"""How far to believe a path that a grammar allowed.

A grammar finds a command in any sound. Three searches hear the same utterance: the grammar, the free language model,
and a loop of bare phones, which fits any sound as well as the acoustic model can. A true command scores close to the
phones everywhere and reads like the free transcript; a forced one has a stretch where the sound is far from the words.
"""

import math
from dataclasses import dataclass

import numpy as np

from agent.offline.decoder import Hearing

WINDOW = 30  # frames of 10 ms: about one short word
_FILLING = frozenset("um uh okay ok hey please so yeah thanks thank you the a an".split())  # noqa: SIM905


NOISE = 3.0
"""Words that fit better than the phones they are made of are no speech: commands stayed below 1, noise was above 8."""
_NO_AGREEMENT = 0.67
_BREATHS = frozenset(["he", "she", "they", "so"])


@dataclass(frozen=True)
class Evidence:
    """Differences of acoustic log scores per frame (about 0 when equal), and of words (0 same, 1 nothing shared)."""

    phones: float
    """Grammar minus phones over the utterance."""
    phones_worst: float
    """The same in the worst window."""
    free: float
    """Grammar minus free transcript over the utterance."""
    free_worst: float
    model_worst: float
    """Free transcript minus phones in its worst window: how well the model fits this speaker at all."""
    words: float


def weigh(grammar: Hearing, free: Hearing, phones: Hearing) -> Evidence:
    """Compare three hearings of one utterance."""
    g, f, p = grammar.frame_scores(), free.frame_scores(), phones.frame_scores()
    length = min(len(g), len(f), len(p))
    if not length:
        return Evidence(-100.0, -100.0, 0.0, 0.0, -100.0, 1.0)
    g, f, p = g[:length], f[:length], p[:length]
    return Evidence(
        phones=float((g - p).mean()),
        phones_worst=_worst(g - p),
        free=float((g - f).mean()),
        free_worst=_worst(g - f),
        model_worst=_worst(f - p),
        words=word_distance(grammar.text, free.text),
    )


def command_confidence(evidence: Evidence) -> float:
    """Probability (0 to 1) that the grammar's words were said: a logistic fit on synthetic commands, dictation and
    talk in three voices at 16 kHz and over 8 kHz mu-law (bench/ears.py holds none of those sentences)."""
    if evidence.phones > NOISE or evidence.words > _NO_AGREEMENT:
        return 0.0
    score = _WEIGHTS @ np.array(
        [
            evidence.phones / 10,
            evidence.free / 10,
            evidence.phones_worst / 10,
            evidence.free_worst / 10,
            evidence.model_worst / 10,
            evidence.words,
            1.0,
        ]
    )
    return 1 / (1 + math.exp(-float(np.clip(score, -50, 50))))


_WEIGHTS = np.array([0.58, -0.56, 0.44, 0.71, -0.12, -4.7, 5.0])


def word_distance(first: str, second: str) -> float:
    """Edit distance of two texts in words, per word, politeness and articles apart."""
    a, b = _bare(first), _bare(second)
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1] / max(1, len(a), len(b))


def same_but_a_breath(grammar: str, free: str) -> bool:
    """Whether both searches heard the same words, but the grammar made a short one of a breath before them."""
    words = _bare(grammar)
    return bool(words) and words[0] in _BREATHS and words[1:] == _bare(free)


def _bare(text: str) -> list[str]:
    return ["zero" if word == "oh" else word for word in text.split() if word not in _FILLING]


def _worst(difference: np.ndarray) -> float:
    width = min(WINDOW, len(difference))
    if width == 0:
        return -100.0
    return float(np.convolve(difference, np.ones(width) / width, "valid").min())
