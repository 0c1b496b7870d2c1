"""What Twilio does with a call that nothing of ours takes: ring the company's own telephone, then take a voicemail.

The trunk's disaster recovery address names each dialled number's fallback in its query, and Twilio signs the whole
address, so the answer needs neither database nor LiveKit: just what may be down at that moment.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from twilio.twiml.voice_response import VoiceResponse

from admin_api.twilio_signature import Form
from fieldline.phone import to_e164

router = APIRouter(prefix="/twilio/disaster-recovery", tags=["twilio"], include_in_schema=False)

#: Seconds: four rings and a half in North America, before mobile mailboxes answer.
RING_S = 25
VOICEMAIL_S = 180
#: DialCallStatus of a call that a person took.
TAKEN = {"completed", "answered"}


@router.post("")
async def ring(request: Request, form: Form) -> Response:
    """Ring the fallback of the dialled number; without one, straight to the voicemail."""
    twiml = VoiceResponse()
    dialled = (to_e164(form.get("To")) or "").lstrip("+")
    fallback = to_e164(request.query_params.get(dialled)) if dialled else None
    if fallback:
        twiml.dial(fallback, timeout=RING_S, action=f"{router.prefix}/voicemail", answer_on_bridge=True)
    else:
        _voicemail(twiml)
    return _xml(twiml)


@router.post("/voicemail")
async def voicemail(form: Form) -> Response:
    """After the fallback rang: goodbye when it was taken, else a recording, which Twilio keeps."""
    twiml = VoiceResponse()
    if form.get("DialCallStatus") in TAKEN:
        twiml.hangup()
    else:
        _voicemail(twiml)
    return _xml(twiml)


@router.post("/thanks")
async def thanks(_form: Form) -> Response:
    """After the recording."""
    twiml = VoiceResponse()
    twiml.say("Thank you. We will call you back. Goodbye.")
    twiml.hangup()
    return _xml(twiml)


def _voicemail(twiml: VoiceResponse) -> None:
    twiml.say("Nobody can take your call right now. Please leave your name, your number and a message after the tone.")
    twiml.record(max_length=VOICEMAIL_S, play_beep=True, timeout=8, action=f"{router.prefix}/thanks")


def _xml(twiml: VoiceResponse) -> Response:
    return Response(str(twiml), media_type="application/xml")
