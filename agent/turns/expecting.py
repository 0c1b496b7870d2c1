"""What the next words of the caller should be. Ears, rules, tools and turn detection of a call share one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


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
    """The current expectation of a call, and the language it is held in; ears, rules and turn detection share one."""

    def __init__(self) -> None:
        self.now = NOTHING
        self.language = "en"

    def expect(self, expectation: Expectation) -> None:
        """The line has just asked for this."""
        self.now = expectation

    def clear(self) -> None:
        """The question is answered, or the caller went on to something else."""
        self.now = NOTHING
