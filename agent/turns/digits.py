"""Numbers that are said piece by piece: how many digits there are, and whether more must come."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from agent.offline.understand.numbers import NUMBER_WORD, naming
from agent.offline.understand.words import hear

Digits = Literal["none", "short", "whole", "extendable"]

_NUMBER_AT_END = re.compile(rf"(?:^|(?<= ))(?P<number>(?:{NUMBER_WORD} (?:and )?)+)$")
#: Tens may still get their units ("twenty" … "five"); nobody stops at "oh" or "and", few at "hundred".
_TENS = frozenset(["twenty", "thirty", "forty", "fourty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_GOES_ON, _MAY_GO_ON = frozenset({"oh", "o", "and"}), frozenset({"hundred", "thousand"})
#: Digits of a telephone number without and with the trunk prefix 1; fewer than seven are none.
PHONE_LENGTHS, PHONE_SHORTEST = (10, 11), 7
#: Work orders have at least four digits in every company we have seen; a shorter number may still grow.
ORDER_DIGITS = 4


def digits_at_end(text: str) -> str:
    """The digits of the number that the words end with; empty when they end with something else."""
    found = _NUMBER_AT_END.search(hear(text).text)
    readings = naming(found["number"].removesuffix("and ")) if found else []
    if not readings:
        return ""
    number = str(readings[0])
    # "oh five" is 5 to the reader of numbers, two digits to the ear.
    leading = re.match(r"(?:(?:zero|oh|o) )+", found["number"]) if found else None
    return "0" * len(leading[0].split()) + number.lstrip("0") if leading else number


def last_word_goes_on(text: str) -> bool:
    """Whether the number ends with "oh" or "and", where nobody stops who reads digits out."""
    words = hear(text).text.split()
    return bool(words) and words[-1] in _GOES_ON


def may_grow(text: str) -> bool:
    """Whether units may still follow the last word ("twenty" … "five", "a hundred" … "and ten")."""
    words = hear(text).text.split()
    return bool(words) and (words[-1] in _TENS or words[-1] in _MAY_GO_ON)


def truck_digits(text: str, trucks: Collection[int]) -> Digits:
    """A truck's number: whole when there is such a truck, short when one begins so."""
    said = digits_at_end(text)
    if not said:
        return "none"
    known = {str(truck) for truck in trucks}
    if said in known:
        return "extendable" if any(other != said and other.startswith(said) for other in known) else "whole"
    if any(other.startswith(said) for other in known) or may_grow(text):
        return "short"
    return "whole" if known and len(said) >= max(map(len, known)) else "extendable"


def order_digits(text: str) -> Digits:
    """A work order's number."""
    said = digits_at_end(text)
    if not said:
        return "none"
    if len(said) < ORDER_DIGITS:
        return "short" if len(said) < 3 else "extendable"
    return "extendable" if may_grow(text) else "whole"


def phone_digits(text: str) -> Digits:
    """A telephone number, which is read out in groups with pauses between them."""
    said = digits_at_end(text)
    if not said:
        return "none"
    if len(said) in PHONE_LENGTHS:
        return "extendable" if len(said) == PHONE_LENGTHS[0] and said[0] == "1" else "whole"
    return "extendable" if len(said) == PHONE_SHORTEST or len(said) > max(PHONE_LENGTHS) else "short"


def amount_digits(text: str) -> Digits:
    """A quantity: "twenty" may still become "twenty five"."""
    said = digits_at_end(text)
    if not said:
        return "none"
    return "extendable" if may_grow(text) else "whole"
