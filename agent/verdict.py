"""The carrier's word on the caller's number (STIR/SHAKEN), kept with the call. Nothing depends on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from agent.call import Call
from fieldline.errors import StoreError
from fieldline.telephony import VERDICT

logger = logging.getLogger(__name__)


def attach_verdict(call: Call, attributes: Mapping[str, str]) -> None:
    """Keep the verdict that the caller's participant carries, if there is one."""
    if verdict := attributes.get(VERDICT):
        call.work.background(_keep(call, verdict))


async def _keep(call: Call, verdict: str) -> None:
    try:
        await call.work.finish_write(call.store.call_verdict(call_id=call.id, verdict=verdict))
    except StoreError as error:
        logger.warning("the carrier's verdict was not kept", extra={"code": error.code})
