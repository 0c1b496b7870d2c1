"""What Twilio sends, and only what Twilio sends."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request
from twilio.request_validator import RequestValidator


async def from_twilio(request: Request) -> dict[str, str]:
    """The form that Twilio sent; 403 unless it is signed with our token, 503 where there is none to check it by."""
    token = request.app.state.twilio_auth_token
    if token is None:
        raise HTTPException(503, "TWILIO_AUTH_TOKEN is not set")
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    # Twilio signs the public address; the gateway ends its TLS and keeps its Host.
    address = f"https://{request.headers.get('host', '')}{request.url.path}"
    if request.url.query:
        address += f"?{request.url.query}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(token.get_secret_value()).validate(address, form, signature):
        raise HTTPException(403, "not signed by Twilio")
    return form


Form = Annotated[dict[str, str], Depends(from_twilio)]
