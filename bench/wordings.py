"""The lists of `tests/phrasings/`: what people say on each line, and whether what came of it is right.

An entry has `say` and one of `tool` (with `arguments`, exactly, or with those keys that matter beside it), `ask`,
`nothing` and `no_write`; technician.yaml explains them. `after` is what the line had just asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.offline.understand import Ask, Outcome, Understood, understand
from agent.offline.understand.customer import at_customer, at_front_desk
from agent.offline.understand.needs import READS
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation

Entry = Mapping[str, Any]

LISTS = Path(__file__).parent.parent / "tests" / "phrasings"
COMPANY = Vocabulary.from_facts(
    {
        "people": [
            *("Mike Johnson", "Sarah Williams", "David Chen", "Alex Rodriguez"),
            *("Karen Miller", "Robert Haynes", "Nina Patel"),
        ],
        "departments": ["Sales", "Billing", "Dispatch"],
        "customers": ["City Bank", "Medical Center", "School District"],
        "parts": [
            *("IP Dome Camera", "Bullet Camera", "Analog Camera", "PTZ Camera", "Cat6 Cable", "RG59 Siamese Cable"),
            *("Shielded Cat6 Cable", "RJ45 Connector", "BNC Connector", "Crimpers", "Testers", "Fish Tape"),
            *("Drill Kit", "12V Power Supply", "PoE Injector", "PoE Switch"),
        ],
        "aliases": ["cat six", "r j forty five", "dome camera"],
        "trucks": ["201", "202", "203", "204"],
    }
)
#: Tools that have had another name since a list was written.
_RENAMED = {"speak_to_person": "transfer_call"}
#: Arguments in a speaker's own words. A name that is misheard is asked for, never written to: it is looked up first.
_DICTATED = frozenset({"note", "summary", "reason", "text", "for_person", "heard_address", "heard_name"})
_BESIDE = frozenset({"say", "after", "tool", "arguments", "then", "near", "or", "ask", "nothing", "no_write"})


@dataclass(frozen=True)
class Line:
    """Who says it, the lists of it, and what the rules of that line make of words."""

    name: str
    lists: tuple[str, ...]
    reader: Callable[[str, Vocabulary, Expectation], Outcome]
    harmless: frozenset[str]

    def entries(self) -> list[Entry]:
        """All that is said on this line."""
        return [entry for name in self.lists for entry in entries(name)]

    def outcome(self, entry: Entry, words: str | None = None) -> Outcome:
        """What comes of an entry's words, or of what was heard instead of them."""
        return self.reader(entry["say"] if words is None else words, COMPANY, expected(entry))

    def writes(self, outcome: Outcome) -> bool:
        """Whether something is changed, or somebody's telephone told to ring later."""
        if not isinstance(outcome, Understood):
            return False
        return not {outcome.tool, *(call.tool for call in outcome.then)} <= READS | self.harmless


# Nothing in anybody's books changes by connecting and by talk; and who would clock in is asked for a badge first.
_TALK = frozenset({"identify", "say_goodbye", "transfer_call", "visits", "clock_in", "clock_out"})
LINES = (
    Line("technician", ("technician.yaml", "unseen.yaml", "fresh.yaml"), understand, frozenset()),
    Line("customer", ("customer.yaml", "customer-fresh.yaml"), at_customer, _TALK),
    Line("reception", ("reception.yaml", "reception-fresh.yaml"), at_front_desk, _TALK),
)


def entries(name: str) -> list[Entry]:
    """One list, in its order."""
    return yaml.safe_load((LISTS / name).read_text())


def expected(entry: Entry) -> Expectation:
    """What the line had asked before an entry was said."""
    after = entry.get("after", {})
    return Expectation(**{**after, "options": tuple(after.get("options", ()))})


def is_right(line: Line, outcome: Outcome, entry: Entry) -> bool:
    """Whether this is what the entry calls for; no more than a question back where the entry allows it."""
    asked = outcome.expectation if isinstance(outcome, Ask) else None
    if "tool" in entry:
        tool = str(_RENAMED.get(entry["tool"], entry["tool"]))
        may_ask = entry.get("near") or not (entry.keys() - {"say", "after", "tool", "or"})
        return _is_call(outcome, entry, tool) or bool(may_ask and asked and asked.tool == tool)
    if "ask" in entry:
        wanted = entry["ask"]
        return asked is not None and asked.tool == wanted["tool"] and wanted.get("slot") in (None, asked.slot)
    if "nothing" in entry:
        return not isinstance(outcome, Understood)
    return not line.writes(outcome)


def only_words_differ(outcome: Outcome, entry: Entry) -> bool:
    """Whether the very write was understood and only what was dictated was misheard: its sound is kept."""
    if not isinstance(outcome, Understood) or outcome.tool != entry.get("tool"):
        return False
    matters = {key: value for key, value in entry.items() if key not in _BESIDE}
    wanted, got = _plain(entry.get("arguments", matters)), _plain(outcome.arguments)
    if "arguments" not in entry:
        got = {key: value for key, value in got.items() if key in wanted}
    return {k: v for k, v in wanted.items() if k not in _DICTATED} == {
        k: v for k, v in got.items() if k not in _DICTATED
    }


def _is_call(outcome: Outcome, entry: Entry, tool: str) -> bool:
    if not isinstance(outcome, Understood):
        return False
    if outcome.tool == entry.get("or"):
        return True
    matters = {key: value for key, value in entry.items() if key not in _BESIDE}
    if "arguments" not in entry:
        return outcome.tool == tool and matters.items() <= _plain(outcome.arguments).items()
    wanted = [(tool, entry["arguments"]), *((call["tool"], call["arguments"]) for call in entry.get("then", []))]
    return [(call.tool, _plain(call.arguments)) for call in (outcome, *outcome.then)] == [
        (name, _plain(arguments)) for name, arguments in wanted
    ]


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as heard: lower case, hyphens as spaces, letters that are spelt as one word."""
    return {key: _as_heard(value) if isinstance(value, str) else value for key, value in arguments.items()}


def _as_heard(value: str) -> str:
    return re.sub(r"(?<=\b\w) (?=\w\b)", "", value.lower().replace("-", " "))
