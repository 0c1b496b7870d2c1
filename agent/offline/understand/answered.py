"""The shape of a language's rules for what is heard from a telephone that was rung, and from a caller on hold.

All patterns are matched against plain words: lower case, no punctuation, each word followed by a space.
"""

import re
from dataclasses import dataclass
from typing import Literal

OfficeAnswer = Literal["accepted", "declined", "message"]
HoldAnswer = Literal["message", "cancel", "wait"]


@dataclass(frozen=True)
class Rules:
    """One language. Who says yes must say it plainly: a caller whom a machine gets is worse than asking again."""

    #: Words that say nothing about the answer ("no problem" is no "no"), and what stands for them.
    idle: tuple[tuple[re.Pattern[str], str], ...]
    #: Somebody who speaks of a message that the line is to take.
    message: re.Pattern[str]
    #: Somebody who cannot, in words that a machine would use in part ("I can't take it").
    cannot: re.Pattern[str]
    machine: re.Pattern[str]
    #: What no person says who answers a question: a machine, whatever comes before it.
    recorded: re.Pattern[str]
    accepted: re.Pattern[str]
    declined: re.Pattern[str]
    cancel: re.Pattern[str]
    wait: re.Pattern[str]
    leave: re.Pattern[str]

    def is_machine(self, said: str) -> bool:
        """Whether a machine says this."""
        return self.machine.search(said) is not None

    def office(self, said: str) -> OfficeAnswer | None:
        """Yes, no, or a message; None for a machine and for everything else."""
        for pattern, instead in self.idle:
            said = pattern.sub(instead, said)
        if self.message.search(said):
            return "message"
        if self.cannot.search(said):
            return "declined"
        if self.is_machine(said):
            return None
        if self.accepted.fullmatch(said):
            return "accepted"
        return "declined" if self.declined.fullmatch(said) else None

    def hold(self, said: str) -> HoldAnswer | None:
        """What a caller on hold wants; None for what changes nothing."""
        if self.cancel.fullmatch(said):
            return "cancel"
        if self.wait.fullmatch(said):
            return "wait"
        return "message" if self.leave.search(said) else None
