"""What the telephone network says about a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fieldline.phone import is_withheld, to_e164


@dataclass(frozen=True)
class Dialled:
    """What the telephone network says about a call, as it says it."""

    room: str
    from_number: str | None
    to_number: str | None
    sip_call_id: str | None = None
    worker: str | None = None
    job: str | None = None

    @property
    def withheld(self) -> bool:
        return is_withheld(self.from_number)

    def as_opening(self) -> dict[str, Any]:
        """The arguments of `call_open`, numbers as E.164 where they are numbers at all."""
        return {
            "room": self.room,
            "from_number": None if self.withheld else to_e164(self.from_number) or self.from_number,
            "to_number": to_e164(self.to_number) or self.to_number,
            "sip_call_id": self.sip_call_id,
            "worker": self.worker,
            "job": self.job,
        }
