"""Listening sounds: "uh-huh" or "okay" while the agent speaks is a nod, not a turn."""

from __future__ import annotations

import re

from agent.turns.endings import words_of
from agent.turns.expecting import Expectation

_NODS = frozenset(
    re.findall(
        r"\S+",
        "uh huh uhhuh mhm mm hmm hm um uh ah oh okay ok yeah yep yup yes right sure alright great good cool nice fine "
        "gotcha see i got it all aha",
    )
)
#: Words that are nods only together: "i see", "got it", "all right", "good".
_NO_NOD_ALONE = frozenset({"i", "it", "all", "see", "got"})
#: Longer than this is said to be heard.
_LONGEST = 3


def is_nod(text: str, asked: Expectation, *, question: bool = False) -> bool:
    """Whether words said over the agent's voice only show that somebody listens.

    Never when the line waits for a yes or a choice, or is just asking a `question`: then "yeah" is an answer.
    """
    words = words_of(text.replace("-", " "))
    if not words or len(words) > _LONGEST or question or asked.kind in ("yes_no", "choice"):
        return False
    return all(word in _NODS for word in words) and not (len(words) == 1 and words[0] in _NO_NOD_ALONE)
