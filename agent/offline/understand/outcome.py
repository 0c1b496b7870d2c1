"""What the rules can make of an utterance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.turns import NOTHING, Expectation


@dataclass(frozen=True)
class Understood:
    """Call `tool` with `arguments`; `then` are further calls of the same utterance, in order."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    then: tuple["Understood", ...] = ()


@dataclass(frozen=True)
class Ask:
    """Say `sentence` and expect `expectation` next (nothing in particular, if the talk is over with it)."""

    sentence: str
    expectation: Expectation = NOTHING


@dataclass(frozen=True)
class Repeat:
    """The caller wants to hear the last sentence again; what was expected still is."""


@dataclass(frozen=True)
class NotUnderstood:
    """Nothing that we may act on. Better this than the wrong write."""


Outcome = Understood | Ask | Repeat | NotUnderstood
