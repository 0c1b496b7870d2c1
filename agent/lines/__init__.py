"""Who answers: one Agent per kind of caller, picked when the call is opened."""

from __future__ import annotations

from agent.call import Call
from agent.lines.base import Line
from agent.lines.customer import CustomerLine
from agent.lines.identify import IdentifyLine
from agent.lines.newcomer import NewcomerLine
from agent.lines.reception import ReceptionLine
from agent.lines.technician import TechnicianLine

__all__ = ["CustomerLine", "IdentifyLine", "Line", "NewcomerLine", "ReceptionLine", "TechnicianLine", "pick_line"]


def pick_line(call: Call) -> Line:
    """The line for a call that has just been opened."""
    if call.verified:
        return TechnicianLine(call)
    if call.facts["line"] == "technician":
        return IdentifyLine(call, back=lambda: ReceptionLine(call, returned=True))
    return CustomerLine(call) if call.facts["line"] == "customer" else NewcomerLine(call)
