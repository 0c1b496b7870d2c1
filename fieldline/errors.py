"""Every error that Fieldline raises on purpose.

FieldlineError
├── SettingsError        wrong or missing configuration, all problems in one message
├── StackError           a part of the local stack cannot be brought, started or stopped
├── TelephonyError       a carrier or the SIP service refused, cannot be reached, or holds what is not ours
├── NotSent              an SMS or e-mail did not go
├── NotStored            a file could not be kept, read or forgotten
└── StoreError           the database answered with an error
    ├── Refusal          a rule of the business said no (SQLSTATE FL…)
    └── StoreUnavailable the database could not be asked at all
"""

from __future__ import annotations

from typing import Any


class FieldlineError(Exception):
    """Base of the tree; its text is fit to be shown to an operator."""


class SettingsError(FieldlineError):
    """Configuration is wrong; `problems` has one line per variable, each with the way to mend it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("Configuration problems:\n" + "\n".join(f"  - {p}" for p in problems))


class StackError(FieldlineError):
    """A part of the local stack failed; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.hint = hint
        super().__init__(f"{message}\n{hint}" if hint else message)


class TelephonyError(FieldlineError):
    """A carrier or LiveKit's SIP service failed; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.hint = hint
        super().__init__(f"{message}\n{hint}" if hint else message)


class NotSent(FieldlineError):
    """An SMS or e-mail did not go. `for_good`: another try would end the same way."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(message)


class NotStored(FieldlineError):
    """The storage of sound refused or cannot be reached. `missing`: there is no such file, and there will be none."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        self.missing = missing
        super().__init__(message)


class StoreError(FieldlineError):
    """The database refused a request for a reason the caller cannot mend by talking."""

    def __init__(self, code: str, message: str, *, details: str | None = None) -> None:
        self.code = code
        self.details = details
        super().__init__(f"{code}: {message}")


class StoreUnavailable(StoreError):
    """The database, or the way to it, is down; the request may be repeated."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message)


class Refusal(StoreError):
    """A line function said no.

    `reason` is the snake_case name of the rule, `facts` what a sentence about it needs, and `hint` one
    English sentence fit to be spoken. The table of codes is docs/line-functions.md.
    """

    def __init__(self, code: str, reason: str, facts: dict[str, Any], hint: str = "") -> None:
        super().__init__(code, reason)
        self.reason = reason
        self.facts = facts
        self.hint = hint
