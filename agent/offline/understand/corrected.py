"""A correction that comes after the deed: "no, four" when three connectors are booked already.

What was written is taken back and written anew, so that in the end it stands there once, as it was meant.
"""

import re

from agent.offline.understand.outcome import Understood
from agent.offline.understand.refill import refilled
from agent.offline.understand.words import Heard, one_of
from agent.offline.vocabulary import Vocabulary

_MARK = re.compile(
    rf"(?:{one_of('no, sorry, wait, oh, oops, actually, i mean, i meant, make that, make it, correction, i said')} )+"
)
#: What takes the tool's entry back before it is made anew.
_UNDONE_AS = {"use_part": "part", "take_part": "part", "add_note": "note"}


def after_the_deed(heard: Heard, done: Understood, vocabulary: Vocabulary) -> Understood | None:
    """The calls that put `done` right; None when the words correct nothing."""
    mark = _MARK.match(heard.text)
    if mark is None or done.tool not in (*_UNDONE_AS, "clock_in"):
        return None
    meant = refilled(done.tool, done.arguments, heard.part(len(mark[0].split())), vocabulary)
    if not isinstance(meant, Understood) or dict(meant.arguments) == dict(done.arguments):
        return None
    if done.tool == "clock_in":
        # The time worked stays one record: its truck is changed.
        return Understood("clock_in", {**meant.arguments, "instead_of": done.arguments["truck"]})
    return Understood("undo_last_entry", {"kind": _UNDONE_AS[done.tool]}, (meant,))
