"""Badge and PIN by keypad: past the model, out of every log and row.

Keys arrive as DTMF from the caller's own participant. An entry ends with `#`, or when no key follows for a while;
which of the two is told, because a caller who never presses `#` needs other words than one who mistypes.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from agent.recorder import KEY

#: No key for this long ends an entry that has begun. People look a digit up in 2 to 3 s; the library's own task uses 4.
IDLE_S = 4.0
#: How long to wait for the first key before asking again.
FIRST_KEY_S = 12.0
#: Longer entries are a mistake, not a PIN.
MAX_DIGITS = 12

EndedBy = Literal["key", "idle", "nothing"]


@dataclass(frozen=True)
class Entry:
    """Digits that were keyed, and what ended them. Printing it shows none of them."""

    digits: str = field(repr=False)
    ended_by: EndedBy

    def __bool__(self) -> bool:
        return bool(self.digits)


class Keypad:
    """Turns single keys into entries. Keys pressed ahead of the question are kept for it."""

    def __init__(self) -> None:
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        #: Set while there is nothing to do before the next key comes.
        self.settled = asyncio.Event()
        self.settled.set()

    def press(self, key: str) -> None:
        """A key came in: 0-9, * or #."""
        self.settled.clear()
        self._keys.put_nowait(key)

    def empty(self) -> None:
        """Forget keys that nobody asked for."""
        while not self._keys.empty():
            self._keys.get_nowait()

    async def read(self, *, first_key_s: float = FIRST_KEY_S, idle_s: float = IDLE_S) -> Entry:
        """The next entry. `*` starts it anew.

        Args:
            first_key_s: seconds until the caller must have begun.
            idle_s: seconds without a key that end an entry which has begun.
        """
        digits = ""
        while True:
            if self._keys.empty():
                self.settled.set()
            try:
                async with asyncio.timeout(idle_s if digits else first_key_s):
                    key = await self._keys.get()
            except TimeoutError:
                return Entry(digits, "idle" if digits else "nothing")
            if key == "#":
                if digits:
                    return Entry(digits, "key")
            elif key == "*":
                digits = ""
            elif key.isdigit() and len(digits) < MAX_DIGITS:
                digits += key


_NUMBER = (
    r"(?:\d+|oh|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|double|triple|treble|"
    r"cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|trece|catorce|quince|dieci\w+|veinti?\w*|"
    r"treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|mil)"
)
_DIGITS_SPOKEN = re.compile(rf"\b{_NUMBER}(?:[\s,.-]+(?:(?:and|y)[\s,.-]+)?{_NUMBER})*\b", re.IGNORECASE)
_SECRET_NAMED = re.compile(r"\b(?:pin|p i n|pass ?code|password|code|clave|contraseña|c[oó]digo|nip)\b", re.IGNORECASE)


def says_digits(text: str) -> bool:
    """Whether these words carry a number that could be a badge or a PIN."""
    return KEY in text or any(
        len(re.findall(r"\d|[a-z]+", found.lower())) > 1 for found in _DIGITS_SPOKEN.findall(text)
    )


def masked(text: str, *, secret_expected: bool) -> str:
    """The words with every number that may be a secret replaced by `•`.

    While a PIN is expected every number may be one; at other times only one that the caller calls so.
    """
    if secret_expected or _SECRET_NAMED.search(text):
        return _DIGITS_SPOKEN.sub(KEY, text)
    return text
