"""When the caller has finished: what the line expects, and what the words say.

The audio alone cannot tell a thinking pause from an end, and a model that hears only audio waits after every
number. The words can: "add a note that" goes on, "two oh one" is done. `WordsTurnDetector` tells the session to
wait after an open ending and to answer at once otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from livekit.agents import LanguageCode, llm

#: Seconds of silence before a complete utterance, and before an open one, is taken as a turn. With 0.25 and 2.0 a
#: rule on words answered in 0.89 s p50 without cutting a paused sentence off; 1.4 keeps an open one inside the
#: limit of 1.5 s without a sound.
MIN_DELAY_S = 0.25
MAX_DELAY_S = 1.4

DONE, OPEN, UNLIKELY_BELOW = 0.98, 0.05, 0.5

#: Words after which English goes on.
OPEN_ENDINGS = frozenset(
    re.findall(
        r"\S+",
        "a about also an and as at because but by for from if in into is it's its like my of on or our so than that "
        "the their then there they to was were when where which while will with would your i we um uh er erm hmm",
    )
)
#: Openings of a dictation whose text has not come yet.
OPEN_PHRASES = re.compile(r"\b(?:note (?:that|saying|says)|summary (?:is|was)|let the office know|tell the office)$")
NUMBER_OPENINGS = frozenset({"hundred", "thousand", "number", "truck", "order", "oh"})


@dataclass(frozen=True)
class Expectation:
    """What the next words of the caller should be, and what they then do.

    On a yes, `tool` is called with `arguments`; an answer that fills `slot` is added to them first.
    """

    kind: Literal["anything", "yes_no", "digits", "choice", "free_text"] = "anything"
    tool: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    slot: str | None = None
    options: tuple[str, ...] = ()


NOTHING = Expectation()


class Expecting:
    """The current expectation of a call; ears, rules and turn detection share one."""

    def __init__(self) -> None:
        self.now = NOTHING

    def expect(self, expectation: Expectation) -> None:
        """The line has just asked for this."""
        self.now = expectation

    def clear(self) -> None:
        """The question is answered, or the caller went on to something else."""
        self.now = NOTHING


class WordsTurnDetector:
    """The session's turn detector: a probability from the caller's words and from what was asked."""

    def __init__(self, expecting: Expecting) -> None:
        self._expecting = expecting

    @property
    def model(self) -> str:
        return "words"

    @property
    def provider(self) -> str:
        return "fieldline"

    async def unlikely_threshold(self, language: LanguageCode | None) -> float | None:
        return UNLIKELY_BELOW

    async def supports_language(self, language: LanguageCode | None) -> bool:
        return language is None or language.startswith("en")

    async def predict_end_of_turn(self, chat_ctx: llm.ChatContext, *, timeout: float | None = None) -> float:  # noqa: ASYNC109 - the library's protocol
        message = next((m for m in reversed(chat_ctx.messages()) if m.role == "user"), None)
        text = (message.text_content or "") if message else ""
        return OPEN if ends_open(text, self._expecting.now) else DONE


def ends_open(text: str, expectation: Expectation = NOTHING) -> bool:
    """Whether a caller who said this will probably go on."""
    spoken = text.strip().lower()
    if spoken.endswith((",", "...", "…", "-")):
        return True
    words = re.findall(r"[a-z0-9']+", spoken)
    if not words:
        return False
    if expectation.kind in ("yes_no", "choice") and len(words) <= 2:
        return words[-1] in ("um", "uh", "er", "erm", "hmm")
    if words[-1] in OPEN_ENDINGS or OPEN_PHRASES.search(" ".join(words)):
        return True
    return expectation.kind == "digits" and words[-1] in NUMBER_OPENINGS
