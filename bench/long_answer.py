"""A long answer of the agent's: the caller nods at it, which must not stop it, and then speaks over it, which must."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.listening import MISSED_S, longest_silence, spoken_s, stopped_after
from bench.stage import LONG
from bench.utterances import Utterance
from fieldline.lab.audio import RATE, first_audio
from fieldline.lab.phone import LabPhone, PhoneError

#: The agent has spoken for so long when somebody speaks over it, seconds: longer than its short answer is.
INTO_SPEECH_S = 2.0
#: And begins to within so long.
BEGUN_S = 15.0
#: Who was heard so shortly ago is speaking: the longest pause between two sentences is 0.2 s.
SPEAKING_S = 0.3
#: After a nod the agent has so long to hold its breath; then it speaks, or was cut off: seconds, and the share of them.
AFTER_NOD_S, SPEAKS_S, CUT_SHARE = 1.5, 1.5, 0.5
#: A long answer is over within so long, and what is said over it is answered.
HEARD_OUT_S, ANSWERED_S = 30.0, 15.0


@dataclass(frozen=True)
class LongAnswer:
    """What became of it.

    Attributes:
        cut: the nod ended it.
        stopped_s: from the caller's first sound over it until it was silent, seconds; None when the agent was silent
            already, so that there was nothing to stop. Who talks on counts as long as was waited.
        silence_s: the longest silence from the end of the caller's words to the end of the answer; None with the above.
    """

    cut: bool
    stopped_s: float | None = None
    silence_s: float | None = None


async def long_answer(phone: LabPhone, request: Utterance, nod: Utterance, over: Utterance) -> LongAnswer:
    """Ask for a long answer, nod at it, and then speak over it.

    Raises:
        PhoneError: the call is over, or the agent does not begin to speak for long.
    """
    await _asked(phone, request)
    nodded = phone.recording.now()
    await phone.play(nod.pcm)
    await asyncio.sleep(AFTER_NOD_S)
    begin = phone.recording.now()
    await asyncio.sleep(SPEAKS_S)
    spoke_s = spoken_s(phone.recording.heard_tape.since(begin))
    cut = was_cut(spoke_s, phone.transcript.said_by("agent", nodded))
    if cut:
        with suppress(PhoneError):
            await phone.hear(HEARD_OUT_S, quiet=1.5)
        await _asked(phone, request)
    if not _speaking(phone):
        return LongAnswer(cut)
    begin = phone.recording.now()
    await phone.play(over.pcm)
    with suppress(PhoneError):
        await phone.hear(ANSWERED_S, quiet=0.8)
    voice = begin + (first_audio(phone.recording.said_tape.since(begin)) or 0)
    stopped = stopped_after(phone.recording.heard_tape.since(voice))
    silence_s = longest_silence(phone.recording.heard_tape.since(phone.turn_at), MISSED_S)
    return LongAnswer(cut, ANSWERED_S if stopped is None else stopped, silence_s)


def was_cut(spoke_s: float, said: Sequence[str]) -> bool:
    """Whether a nod ended a long answer: the agent fell silent, or said something else (`said`, since the nod).

    `spoke_s` is how long it spoke within SPEAKS_S, some time after the nod.
    """
    return spoke_s < CUT_SHARE * SPEAKS_S or any(" ".join(text.split()) not in LONG for text in said)


async def _asked(phone: LabPhone, request: Utterance) -> None:
    await phone.play(request.pcm)
    await phone.until_heard(INTO_SPEECH_S, phone.turn_at, BEGUN_S)


def _speaking(phone: LabPhone) -> bool:
    last = phone.recording.last_heard
    return last is not None and phone.recording.now() - last < SPEAKING_S * RATE
