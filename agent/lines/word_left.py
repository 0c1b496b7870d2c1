"""A message instead of a person: what the next words of the caller then are, on whichever line this is."""

from __future__ import annotations

from agent.call import Facts
from agent.lines.base import Line
from agent.turns import Expectation


def offer_message(line: Line, whom: Facts) -> Expectation:
    """The caller is asked whether to leave one; `whom` has `for_person` or `department`."""
    tool, _ = line.leaves
    return Expectation("yes_no", tool, _arguments(tool, whom))


def dictate_message(line: Line, whom: Facts) -> Expectation:
    """The caller is asked for its words."""
    tool, words = line.leaves
    return Expectation("free_text", tool, _arguments(tool, whom), words)


def _arguments(tool: str, whom: Facts) -> Facts:
    # Technicians write to the office on the job they are at; everybody else leaves word for somebody.
    return {"alert_office": True} if tool == "add_note" else {"for_person": "", **whom}
