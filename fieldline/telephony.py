"""What Fieldline's own trunks and rules at LiveKit are known by, to those who make them and to those who use them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Protocol, TypeVar

from livekit import api
from livekit.api.sip_service import SipService

#: Attribute of a caller's participant: what the carrier found out about the caller ID, for instance
#: TN-Validation-Passed-A. Absent when nothing was signed; never a proof of who speaks.
VERDICT = "fieldline.verstat"
MADE_BY = "fieldline provision"


class _Marked(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> str: ...


Item = TypeVar("Item", bound=_Marked)


def mark(**more: str) -> str:
    """Metadata of what `fieldline provision` made."""
    return json.dumps({"made_by": MADE_BY, **more}, sort_keys=True)


def marked(metadata: str) -> dict[str, str] | None:
    """What the mark says; None when there is none, so that the thing is somebody else's."""
    try:
        said = json.loads(metadata)
    except ValueError:
        return None
    return said if isinstance(said, dict) and said.get("made_by") == MADE_BY else None


def ours(items: Iterable[Item], name: str) -> Item | None:
    """The one of that name which we made."""
    return next((item for item in items if item.name == name and marked(item.metadata) is not None), None)


async def outbound_trunk(sip: SipService, name: str = "fieldline") -> api.SIPOutboundTrunkInfo | None:
    """The trunk to ring people by: the one that `fieldline provision` made, else the only one there is."""
    items = (await sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())).items
    own = ours(items, f"{name}-outbound")
    return own or (items[0] if len(items) == 1 else None)
