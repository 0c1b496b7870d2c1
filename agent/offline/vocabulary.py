"""The company's own words: who, what and which, as the ears and the rules need them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Vocabulary:
    """Names of people, customers, parts with their spoken aliases, and trucks, as the database knows them."""

    people: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    trucks: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any] | None) -> "Vocabulary":
        """From `call_open`'s `vocabulary`; what is missing there is empty here."""
        given = facts or {}
        return cls(
            people=_texts(given.get("people")),
            customers=_texts(given.get("customers")),
            parts=_texts(given.get("parts")),
            aliases=_texts(given.get("aliases")),
            trucks=_texts(given.get("trucks")),
            departments=_texts(given.get("departments")),
        )

    def truck_numbers(self) -> frozenset[int]:
        """The trucks as numbers: both "201" and "Truck 201" are truck 201."""
        digits = ("".join(char for char in truck if char.isdigit()) for truck in self.trucks)
        return frozenset(int(number) for number in digits if number)


def _texts(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(str(value) for value in values or () if str(value).strip())
