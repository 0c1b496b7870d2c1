"""What doctor reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One line of doctor's report; `mend` says what to do when `state` is not ok."""

    name: str
    state: Literal["ok", "warning", "broken"]
    detail: str
    mend: str = ""
