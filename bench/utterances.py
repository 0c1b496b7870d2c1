"""What callers say in the voice benches: kinds of turns, spoken by flite, over an 8 kHz telephone line.

A piece is said in one breath; between two pieces the caller pauses. The pauses are where people make them: after words
that cannot end a sentence, between groups of digits, and in long notes also between two whole sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import numpy as np

from fieldline.lab.audio import FULL_SCALE, RATE, Pcm, mix, resample
from fieldline.lab.clips import trimmed
from fieldline.lab.providers import ProviderStandIns
from fieldline.lab.speak import FLITE_VOICES, Speaker

#: kind: lines of pieces with pauses in seconds between them.
SAID: dict[str, tuple[str, ...]] = {
    "short answer": ("yes", "no", "yeah", "no thanks", "sure", "go ahead"),
    "digits": (
        "two zero one",
        "one zero five seven",
        "truck two oh two",
        "four four one two",
        "two oh two five five five oh one seven seven",
        "work order ten forty two",
    ),
    "question": (
        "can you tell me whether the recorder is under warranty",
        "where is the shut off valve in this building",
        "who has been here before me",
        "is there anything special about this customer",
        "how long does the battery of that panel last",
        "did they ever pay for the last visit",
    ),
    "request": (
        "read me the work order please",
        "tell the office I will be late",
        "give me the number of the customer",
        "send me the manual of that camera",
        "remind me to call the supplier",
        "I would like to talk about my schedule",
    ),
    "paused sentence": (
        "add a note that |0.7| the north camera has water in it",
        "put down a note that |1.0| the gate was locked",
        "I used |0.7| three connectors",
        "take two dome cameras from |1.0| truck two oh two",
        "the customer wants to |0.7| talk to somebody",
        "what is the |1.0| code for the gate",
    ),
    "paused digits": (
        "it is truck two |0.7| zero one",
        "two oh two |0.6| five five five |0.6| oh one seven seven",
        "work order one oh |0.8| five seven",
    ),
    "hesitation": (
        "um |0.8| what should I do first",
        "I need uh |0.7| two more cameras",
        "well um |1.0| the panel is not working",
        "so uh |0.7| how far is it",
    ),
    "long note": (
        "add a note that the north camera has water in it and |0.8| the mount on the west wall is loose so we need a "
        "lift for it",
        "put down a note that I replaced the power supply of the recorder because |0.9| the old one was burnt and the "
        "customer would like a quote for a spare one",
        "add a note that the door contact at the back was broken |0.7| I put in a new one and tested it with the guard",
        "add a note that the cable between the panel and the |1.0| gate was cut by somebody and has to be replaced",
    ),
    "noise": (
        "what is the name of the customer",
        "read me the last note again please",
        "is the second camera working now",
        "I will be there in ten minutes",
    ),
}
#: A turn that uses a tool, said after every few others.
TOOL_TURNS = ("what's next", "am I clocked in")
LONG_REQUEST = "tell me everything about this job"
BARGE_INS = ("stop I know that already", "wait I have a question", "hold on please stop")
NODS = ("uh huh", "okay", "yeah", "mm hmm")
VOICES = FLITE_VOICES[:3]

#: Somebody else is talking, and a machine is running: the sum stays this far below full scale.
BACKGROUND_DBFS = -54.0
#: The background goes on for this long after the caller has finished, seconds.
AFTERWARDS_S = 2.5
SPEECH_PEAK = 0.35


@dataclass(frozen=True)
class Utterance:
    """One thing to say: its kind, its words, and its sound at 16 kHz as a telephone carries it."""

    kind: str
    text: str
    pcm: Pcm


def mu_law(pcm: Pcm) -> Pcm:
    """The sound after 8 kHz mu-law (G.711: 255 steps of compression, 8 bits), back at 16 kHz."""
    narrow = resample(pcm, RATE, RATE // 2).astype(np.float64) / FULL_SCALE
    squeezed = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    stepped = np.round(squeezed * 127) / 127
    wide = np.sign(stepped) * (256 ** np.abs(stepped) - 1) / 255
    return resample((wide * (FULL_SCALE - 1)).astype(np.int16), RATE // 2, RATE)


def spoken(text: str, voice: str) -> tuple[list[tuple[str, Pcm]], Pcm]:
    """The pieces of a line with their sounds, and the whole line with its pauses. Blocking; raises NoVoice."""
    speaker = Speaker(voice=voice)
    pieces: list[tuple[str, Pcm]] = []
    whole: list[Pcm] = []
    for index, part in enumerate(piece.strip() for piece in text.split("|")):
        if index % 2:
            whole.append(np.zeros(int(float(part) * RATE), np.int16))
            continue
        sound = mu_law((trimmed(speaker.speak(part)) * SPEECH_PEAK).astype(np.int16))
        pieces.append((part, sound))
        whole.append(sound)
    return pieces, np.concatenate(whole)


def background(samples: int, voice: str) -> Pcm:
    """Somebody else's talk and a hum, quiet enough to be behind the caller and loud enough to be heard."""
    talk = Speaker(voice=voice).speak("and then he told me that the whole thing would be ready by the end of the week")
    hum = (np.sin(2 * np.pi * 100 * np.arange(samples) / RATE) * 300).astype(np.int16)
    sound = mix(np.resize(talk, samples), hum).astype(np.float64)
    return (sound * (FULL_SCALE * 10 ** (BACKGROUND_DBFS / 20) / float(np.sqrt(np.mean(sound**2))))).astype(np.int16)


def utterances(clouds: ProviderStandIns, *, per_kind: int | None = None) -> list[Utterance]:
    """The set, mixed so that kinds follow one another; the stand-ins learn what each sound means. Blocking."""
    voices = cycle(VOICES)
    columns = [[_made(clouds, kind, line, next(voices)) for line in lines[:per_kind]] for kind, lines in SAID.items()]
    longest = max(map(len, columns))
    return [column[row] for row in range(longest) for column in columns if row < len(column)]


def said_once(clouds: ProviderStandIns, kind: str, text: str, voice: str = VOICES[0]) -> Utterance:
    """One more utterance that the stand-ins know. Blocking."""
    return _made(clouds, kind, text, voice)


def _made(clouds: ProviderStandIns, kind: str, line: str, voice: str) -> Utterance:
    pieces, pcm = spoken(line, voice)
    for text, sound in pieces:
        clouds.know(text, sound)
    if kind == "noise":
        pcm = np.concatenate([pcm, np.zeros(int(AFTERWARDS_S * RATE), np.int16)])
        other = next(name for name in VOICES if name != voice)
        pcm = mix(pcm, background(len(pcm), other))
    return Utterance(kind, " ".join(text for text, _ in pieces), pcm)
