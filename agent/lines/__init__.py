"""Who answers: one Agent per kind of caller, picked when the call is opened."""

from __future__ import annotations

from agent.call import Call
from agent.lines.base import Line
from agent.lines.identify import IdentifyLine
from agent.lines.reception import ReceptionLine
from agent.lines.technician import TechnicianLine

__all__ = ["IdentifyLine", "Line", "ReceptionLine", "TechnicianLine", "pick_line"]


def pick_line(call: Call) -> Line:
    """The line for a call that has just been opened."""
    if call.verified:
        return TechnicianLine(call)
    if call.facts["line"] == "technician":
        return IdentifyLine(call)
    return ReceptionLine(call)
