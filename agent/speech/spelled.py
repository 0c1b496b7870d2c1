"""What has to be right letter by letter, read back so that an ear cannot mistake it: "R as in Romeo".

E-mail addresses, codes of letters and digits, and names that a caller has spelled; ordinary words stay words. English
uses the alphabet of radio (ICAO Annex 10), Spanish the names and places that telephones use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

#: Nobody follows more letters than these by ear; longer ones are read as they are.
MOST_LETTERS = 24
#: So many characters may a read-back be longer for it: an address and a name.
SPELLED_LIMIT = 400


@dataclass(frozen=True)
class Alphabet:
    """Words for letters, how a letter and its word go together, and the names of signs."""

    words: Mapping[str, str]
    as_in: str
    signs: Mapping[str, str]


_ICAO = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)
_SPANISH = (
    "Antonio Bogotá Carmen Dolores Enrique Francia Guatemala Historia Inés José Kilo Lorenzo México Navidad Ñandú "
    "Oscar París Querétaro Ramón Sábado Tomás Ulises Valencia Washington Xilófono Yolanda Zaragoza"
)
ALPHABETS = {
    "en": Alphabet(
        {word[0]: word for word in _ICAO.split()},
        "as in",
        {"@": "at", ".": "dot", "-": "dash", "_": "underscore", "+": "plus"},
    ),
    "es": Alphabet(
        {word[0]: word for word in _SPANISH.split()},
        "de",
        {"@": "arroba", ".": "punto", "-": "guion", "_": "guion bajo", "+": "más"},
    ),
}
_EMAIL = r"(?<![\w.+-])(?P<name>[\w.+-]+)@(?P<domain>(?:[\w-]+\.)+[^\W\d_]{2,})\b"
#: Capital letters and digits mixed.
_CODE = r"\b(?=[A-Z\d-]*\d)(?=[A-Z\d-]*[A-Z])(?P<code>[A-Z\d]+(?:-[A-Z\d]+)*)\b"
#: Shorter ones are words to those who use them (RJ45).
_LEAST_CODE = 5
#: Three letters and more that stand alone.
_ALONE = r"\b(?P<alone>[^\W\d_](?:(?:-|\.\s?|,\s?|\s)[^\W\d_]){2,})\b"
_BY_LETTER = re.compile(f"{_EMAIL}|{_CODE}|{_ALONE}")


def spelled(text: str, language: str = "en") -> str:
    """Each letter with its word, each digit and sign by itself."""
    alphabet = ALPHABETS[language]
    return ", ".join(_sign(char, alphabet) for char in text if not char.isspace())


def readable(text: object, language: str = "en") -> str:
    """A text for a read-back: what must be right letter by letter is spelled, all else is as it was."""
    words = unicodedata.normalize("NFKC", str(text or ""))
    return _BY_LETTER.sub(lambda found: _replaced(found, language), words)


def _replaced(found: re.Match[str], language: str) -> str:
    signs = ALPHABETS[language].signs
    if found["name"]:
        name = found["name"] if len(found["name"]) > MOST_LETTERS else spelled(found["name"], language)
        domain = found["domain"].replace(".", f" {signs['.']} ")
        return f"{name}, {signs['@']} {domain}"
    letters = found["code"] or re.sub(r"[\W\d_]", "", found["alone"])
    least = _LEAST_CODE if found["code"] else 0
    return spelled(letters, language) if least <= len(letters) <= MOST_LETTERS else found[0]


def _sign(char: str, alphabet: Alphabet) -> str:
    upper = char.upper()
    bare = upper if upper in alphabet.words else unicodedata.normalize("NFD", upper)[0]
    if bare in alphabet.words:
        return f"{upper} {alphabet.as_in} {alphabet.words[bare]}"
    return alphabet.signs.get(char, char)
