"""How words are said: the model's dictionary first, then letter names, then letter-to-sound rules.

pocketsphinx refuses a grammar with a word that it cannot pronounce, so every word gets a pronunciation here.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import pocketsphinx
from num2words import num2words

from agent.offline.letter_sounds import spell_out

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VARIANT = re.compile(r"^(\S+)\(\d+\)$")
_PIECES = re.compile(r"\d+|[A-Z]{2,}(?![a-z])|[A-Z]?[a-z']+|[A-Z]|[^\W\d_]+")
_UNITS = {"v": "volt", "w": "watt", "a": "amp", "tb": "terabyte", "gb": "gigabyte", "mp": "megapixel", "ft": "foot"}
_UNITS |= {"mm": "millimeter", "in": "inch", "k": "k", "hz": "hertz", "ah": "amp hour", "ch": "channel"}
_SPELLED = frozenset("poe nvr dvr ptz bnc utp ups hdmi usb pvc emt led ip rj rg ac dc tv id".split())  # noqa: SIM905
_AS_WORDS = {"hvac": "h vac", "ft": "feet"}


@cache
def dictionary() -> dict[str, tuple[str, ...]]:
    """The CMU dictionary in the pocketsphinx wheel: word to pronunciations. Read once, about 0.15 s."""
    words: dict[str, tuple[str, ...]] = {}
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, phones = line.partition(" ")
        if word.endswith(")") and (variant := _VARIANT.match(word)):
            word = variant[1]
        words[word] = (*words.get(word, ()), phones)
    return words


def pronunciations(word: str) -> tuple[str, ...]:
    """ARPAbet pronunciations of a lower-case word; never empty."""
    known = dictionary().get(word)
    if known:
        return known
    if word.endswith("'s") and word[:-2]:
        return tuple(f"{base} Z" for base in pronunciations(word[:-2]))
    if word.endswith("s") and len(word) > 3 and word[:-1] in dictionary():
        return tuple(f"{base} {_plural(base)}" for base in dictionary()[word[:-1]])
    return _compound(word) or (spell_out(_plain(word)),)


def _compound(word: str) -> tuple[str, ...]:
    """ "faceplate" is face and plate: sounds better than the rules wherever both halves are known words."""
    for cut in range(len(word) - 5, 3, -1):
        first, second = dictionary().get(word[:cut]), dictionary().get(word[cut:])
        if first and second:
            return (f"{first[0]} {second[0]}",)
    return ()


def spoken_words(text: str) -> list[str]:
    """Lower-case words as a person says `text`: "RJ45" is r j forty five, "12V" twelve volt, "Cat6" cat six."""
    words: list[str] = []
    text = _ascii(re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("’", "'")))
    text = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", text)
    for token in re.split(r"[\s/,;:&+()\"#-]+", text):
        words += _spoken_token(token.strip(".!?"))
    return [word for word in words if word]


def _spoken_token(token: str) -> list[str]:
    if not token:
        return []
    lower = token.lower()
    if lower in dictionary() and lower not in _SPELLED and lower not in _AS_WORDS:
        return [lower]
    if lower in _AS_WORDS:
        return _AS_WORDS[lower].split()
    pieces = _pieces(token)
    words: list[str] = []
    for index, piece in enumerate(pieces):
        if piece.isdigit():
            words += number_words(piece)
        elif index and pieces[index - 1].isdigit() and piece.lower() in _UNITS:
            words += _UNITS[piece.lower()].split()
        elif piece.lower() in _SPELLED or (piece.isupper() and piece.lower() not in dictionary()):
            words += list(piece.lower())
        else:
            words.append(_plain(piece.lower()))
    return words


def _pieces(token: str) -> list[str]:
    parts: list[str] = []
    for run in re.findall(r"\d+|[^\W\d_']+(?:'[^\W\d_]+)?", token):
        if run.isdigit() or run.lower() in _SPELLED or run.lower() in dictionary():
            parts.append(run)
        else:
            parts += _PIECES.findall(run) or [run]
    return parts


def number_words(digits: str) -> list[str]:
    """A number as it is read: "45" forty five, "1042" digit by digit, "008" with its zeros."""
    if len(digits) > 3 or digits.startswith("0"):
        return [_DIGITS[int(digit)] for digit in digits]
    return [word for word in re.split(r"[\s-]+", num2words(int(digits))) if word != "and"]


def _ascii(text: str) -> str:
    for letter, plain in (("ß", "ss"), ("ø", "o"), ("ł", "l"), ("æ", "ae"), ("đ", "d")):
        text = text.replace(letter, plain)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _plain(word: str) -> str:
    return re.sub(r"[^a-z']", "", _ascii(word))


def _plural(phones: str) -> str:
    last = phones.split()[-1]
    if last in {"S", "Z", "SH", "CH", "ZH", "JH"}:
        return "IH Z"
    return "S" if last in {"P", "T", "K", "F", "TH"} else "Z"
