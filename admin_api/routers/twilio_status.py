"""What became of an SMS: Twilio says so after it has taken it. Repeated and late reports change nothing."""

from __future__ import annotations

import logging

from fastapi import APIRouter, HTTPException, Request, Response

from admin_api.twilio_signature import Form
from fieldline.delivery import STATUS_PATH
from fieldline.errors import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

router = APIRouter(tags=["twilio"], include_in_schema=False)

#: Twilio's MessageStatus, as far as it tells what we want to know.
OUTCOMES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "refused",
    "failed": "refused",
}


@router.post(STATUS_PATH + "/{delivery_id}")
async def status(request: Request, delivery_id: int, form: Form) -> Response:
    """Note the outcome; 503 while the database is away, so that Twilio asks again."""
    if request.app.state.line is None:
        raise HTTPException(503, "the line account is not configured")
    outcome = OUTCOMES.get(form.get("MessageStatus", ""))
    message = form.get("MessageSid")
    if outcome is None or not message:
        return Response(status_code=204)
    error = f"Twilio {form['ErrorCode']}" if form.get("ErrorCode") else f"Twilio: {form['MessageStatus']}"
    try:
        await request.app.state.line.report_delivery(
            delivery_id=delivery_id,
            provider_id=message,
            outcome=outcome,
            error=error if outcome == "refused" else None,
        )
    except StoreUnavailable:
        raise HTTPException(503, "the database is away", headers={"Retry-After": "30"}) from None
    except StoreError as refused:
        logger.warning("a report about an SMS was refused", extra={"delivery": delivery_id, "code": refused.code})
    return Response(status_code=204)
