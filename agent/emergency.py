"""What a caller in danger hears, at once and uninterrupted, and who is told: the same on every line.

The line never dials emergency services: a machine cannot answer what they ask. It says whom to call, rings the person
on call of the company, and alerts the office through the outbox.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import uuid4

from livekit.agents.voice import SpeechHandle

from agent.call import Call
from agent.danger import Danger, danger
from agent.speech import speech
from agent.transfer import emergency_number, ring_on_call
from fieldline.errors import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

#: Seconds between tries to tell the office while the database is away.
AGAIN_S = 3.0


def heed(call: Call, text: str, *, technician: bool = False, dictating: bool = False) -> Danger | None:
    """Warn a caller whose words tell of danger, and set everything going; None when there is none."""
    found = danger(text, technician=technician, dictating=dictating)
    if found is None:
        return None
    known = found.kind in call.dangers
    call.dangers.add(found.kind)
    call.recorder.event("danger", kind=found.kind, words=text[:500], again=known or None)
    call.unproductive = 0
    call.expecting.clear()
    call.stop_speaking()
    assert call.session is not None
    name = "danger_again" if known else f"danger_{found.kind}"
    words = speech(found.language).say(name, {"emergency_number": emergency_number(call)}, call.timezone)
    spoken = call.session.say(words, allow_interruptions=False)
    if not known:
        call.work.background(_tell(call, found, text), lasting=True)
        if not found.dictated:
            call.work.background(_ring(call, spoken, text), lasting=True)
    return found


async def _ring(call: Call, spoken: SpeechHandle, text: str) -> None:
    """Who has not hung up to call for help is put through to whoever is on call."""
    taken = await ring_on_call(call, f"danger: {text[:200]}", spoken)
    call.recorder.event("danger_rung", taken=taken)


async def _tell(call: Call, found: Danger, text: str) -> None:
    """The office's row; a hang-up does not stop a try that is under way, and a database that is away is asked again."""
    request_id = uuid4().hex
    while True:
        report = call.store.report_danger(call_id=call.id, request_id=request_id, words=text[:2000], kind=found.kind)
        try:
            facts = await call.work.finish_write(report)
        except StoreUnavailable:
            await asyncio.sleep(AGAIN_S)
            continue
        except StoreError as error:
            logger.error("danger could not be reported", extra={"code": error.code, "kind": found.kind})
            call.recorder.event("danger_not_reported", kind=found.kind)
            return
        call.recorder.event("danger_reported", kind=found.kind, told=facts["told"])
        return
