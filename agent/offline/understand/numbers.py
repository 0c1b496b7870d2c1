"""Spoken numbers: those that name something (truck two oh one) and those that count (a dozen)."""

import re

from text_to_num import text2num

_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_UNIT_WORDS.split())} | {"oh": 0, "o": 0}
_TENS = {word: 10 * tens for tens, word in enumerate(_TEN_WORDS.split(), start=2)}
NUMBER_WORD = "(?:" + "|".join([*_UNITS, *_TENS, "fourty", "hundred", "thousand", r"\d+(?:\.\d+)?"]) + ")"
NUMBER = rf"(?:{NUMBER_WORD} (?:(?:and )?{NUMBER_WORD} )*)"
"""One or more number words, each followed by a space."""
QUANTITY = (
    rf"(?:(?:minus |negative )?(?:half a dozen |(?:a |{NUMBER})?dozen |an? (?:couple |pair )|"
    rf"(?:an? )?(?:hundred |thousand )(?:(?:and )?{NUMBER_WORD} )*|{NUMBER}(?:and a half |point {NUMBER})?|"
    r"just one |another |an? )(?:more )?(?:of )?(?:the )?)"
)
_FIXED = {
    "half a dozen": 6,
    "a dozen": 12,
    "dozen": 12,
    "a couple": 2,
    "a pair": 2,
    "another": 1,
    "a": 1,
    "an": 1,
    "just one": 1,
}


def naming(words: str) -> list[int]:
    """What the words may name, likeliest first: "two oh one" is 201, "ten forty two" 1042, "twenty oh one" 2001.

    "twenty oh one" is also offered as 201: people say truck 201 so, and the list of trucks decides.
    """
    tokens = re.sub(r"\band\b", " ", words.replace("fourty", "forty")).split()
    if "hundred" in tokens or "thousand" in tokens:
        value = _cardinal(tokens)
        return [int(value)] if value is not None else []
    digits: list[str] = []
    pending_tens = False
    for token in tokens:
        if token.isdigit():
            digits.append(token)
            pending_tens = False
        elif token in _TENS:
            digits.append(str(_TENS[token]))
            pending_tens = True
        elif token in _UNITS:
            value = _UNITS[token]
            if pending_tens and 0 < value < 10:
                digits[-1] = str(int(digits[-1]) + value)
            else:
                digits.append(str(value))
            pending_tens = False
        else:
            return []
    if not digits or len("".join(digits)) > 12:
        return []
    readings = [int("".join(digits))]
    if len(digits) == 3 and digits[0] == "20" and digits[1] == "0":
        readings.append(int(f"2{digits[1]}{digits[2]}"))
    return readings


def counting(words: str) -> float | int | None:
    """A quantity: "a dozen" 12, "a hundred and twenty" 120, "two and a half" 2.5, "minus two" -2; else None."""
    text = re.sub(r"\b(?:of|the|more)\b", " ", words)
    text = re.sub(r"\s+", " ", text).strip()
    if text.startswith(("minus ", "negative ")):
        value = counting(text.split(" ", 1)[1])
        return -value if value is not None else None
    if text in _FIXED:
        return _FIXED[text]
    if text.endswith(" dozen"):
        dozens = counting(text.removesuffix(" dozen"))
        return dozens * 12 if dozens is not None else None
    if text.endswith(" and a half"):
        whole = counting(text.removesuffix(" and a half"))
        return whole + 0.5 if whole is not None else None
    if " point " in text:
        whole_words, _, fraction = text.partition(" point ")
        whole, digits = counting(whole_words), naming(fraction)
        return float(f"{int(whole)}.{digits[0]}") if whole is not None and digits else None
    return _cardinal(text.split())


def _cardinal(tokens: list[str]) -> float | int | None:
    """A number as it is counted; digits read one by one ("one two five") are joined."""
    if not tokens:
        return None
    if len(tokens) == 1 and re.fullmatch(r"\d+(?:\.\d+)?", tokens[0]):
        return float(tokens[0]) if "." in tokens[0] else int(tokens[0])
    if tokens[0] in ("a", "an"):
        tokens = ["one", *tokens[1:]]
    if tokens[0] in ("hundred", "thousand"):
        tokens = ["one", *tokens]
    try:
        return int(text2num(" ".join(tokens), "en"))
    except ValueError:
        readings = naming(" ".join(tokens)) if not {"hundred", "thousand"} & set(tokens) else []
        return readings[0] if readings else None
