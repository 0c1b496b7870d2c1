"""Who is calling, proved by badge and PIN on the keypad. No model listens, and no number that is spoken is kept."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable

from livekit.agents import StopResponse, llm

from agent.call import Call
from agent.keypad import FIRST_KEY_S, KEY, says_digits
from agent.lines.base import Line, a_person
from agent.lines.technician import TechnicianLine
from fieldline.errors import Refusal, StoreError

logger = logging.getLogger(__name__)

#: Tries on one call where the company allows no other number; the database counts across calls and locks earlier.
ROUNDS = 5
#: How often one entry is asked for before the caller is sent to the office.
ASKS = 3
#: Badges and PINs of fewer digits are slips of the finger.
SHORTEST = {"badge": 2, "pin": 4}
#: Characters of speech per second: while a prompt plays, the wait for the first key has not begun.
SPEECH_RATE = 14

#: Somebody who has said so much and keyed nothing is not looking for a badge.
WORDS_INSTEAD = 3

_GOODBYE = re.compile(r"\b(?:good ?bye|bye|hang up|never mind|forget it)\b", re.IGNORECASE)
_NO_TECHNICIAN = re.compile(
    r"\b(?:customer|client|not (?:a|the) technician|(?:no|have a|have my) badge|wrong number|"
    r"message|call back|person|human|operator)\b",
    re.IGNORECASE,
)
#: Whoever wants the office gets it without a badge, on a technician's phone too.
_OFFICE = re.compile(
    r"\b(?:person|human|operator|receptionist|reception|office|dispatch(?:er)?|somebody|someone|anybody|representative|"
    r"(?:talk|speak) (?:to|with)|connect me|put me through|transfer me|message|call (?:me )?back|"
    r"persona|operadora?|oficina|recepci[oó]n|alguien|hablar con|comun[ií]queme|p[aá]seme|mensaje|recado)\b",
    re.IGNORECASE,
)
#: This key alone stands for it too; inside a badge or a PIN it is a digit.
OFFICE_KEY = "0"


class _OfficeWanted(Exception):
    """The key for the office was pressed instead of a number."""


class IdentifyLine(Line):
    """Asks for badge and PIN by keypad, and hands over to the technician's line."""

    secret_expected = True
    begins_anew = True

    def __init__(self, call: Call, *, ask: str | None = None, back: Callable[[], Line] | None = None) -> None:
        super().__init__(call, instructions="", llm=None)
        self._ask = ask
        self._back = back
        self._entry = "badge"
        self._words = 0
        self._reading: asyncio.Task[None] | None = None

    async def enter(self) -> None:
        self.call.reading = True
        if self.call.resumed and self._ask is None:
            self._ask = "keypad_again"
        elif not self.call.greeted:
            self.call.greet()
        self.call.work.background(self._identify(), lasting=True)

    async def on_exit(self) -> None:
        self.call.reading = False
        if self.call.hold is not None and self._reading is not None:
            # Somebody else takes over while keys are asked for: the asking must not go on beneath.
            self._reading.cancel()

    def after_hold(self) -> Line:
        return IdentifyLine(self.call, ask="keypad_again", back=self._back)

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Speech is answered by a rule and stops here; only its words without numbers are recorded."""
        text = new_message.text_content or ""
        self.heed(text)
        self.call.recorder.add("user", text)
        if _GOODBYE.search(text):
            self.call.end("agent_goodbye", after=self.call.say("goodbye"))
        elif KEY in text or says_digits(text):
            self.call.say("pin_spoken")
        elif _OFFICE.search(text) and self._back is not None:
            self._leave_keypad()
            self._to_office(text)
        elif text.strip():
            self._instead_of_keys(text)
        raise StopResponse

    def _instead_of_keys(self, text: str) -> None:
        self._words += 1
        if self.call.guess.get("kind") != "technician" and (
            _NO_TECHNICIAN.search(text) or self._words >= WORDS_INSTEAD
        ):
            self._no_technician()
        else:
            self.call.say("ask_badge" if self._entry == "badge" else "ask_pin")

    def _no_technician(self) -> None:
        if self._back is None:
            self.call.end("agent_goodbye", after=self.call.say("customer_caller"))
            return
        self._leave_keypad()
        self.call.hand_over(self._back())

    def _leave_keypad(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self.call.keypad.empty()

    def _to_office(self, words: str) -> None:
        """Let the reception answer these words, as if they had been said to it."""
        assert self._back is not None
        self.call.came_back = lambda _: self.call.work.background(self.call.hear(words))
        self.call.hand_over(self._back())

    async def _identify(self) -> None:
        self._reading = asyncio.current_task()
        try:
            await self._rounds()
        except _OfficeWanted:
            self.call.keypad.empty()
            self._to_office(a_person(self.call))
        except Refusal as refusal:
            logger.warning("the PIN could not be checked", extra={"reason": refusal.reason})
            self.call.end("error", "failed", after=self.call.say("internal_error"))
        except StoreError:
            self.call.end("error", "failed", after=self.call.say("database_trouble"))
        finally:
            self.call.keypad.settled.set()

    async def _rounds(self) -> None:
        ask = self._ask
        for _ in range(self.call.company["settings"].get("pin_tries", ROUNDS)):
            badge = await self._read("badge", ask)
            pin = await self._read("pin", "ask_pin") if badge else None
            if not badge or not pin:
                self.call.end("silence", after=self.call.say("keypad_given_up"))
                return
            proof = await self.call.verify(badge, pin)
            if proof["verified"]:
                self._hand_over()
                return
            if proof["reason"] == "locked":
                self.call.end("locked_out", after=self.call.say("pin_locked", proof))
                return
            ask = "pin_slow" if proof["reason"] == "slow" else "pin_wrong"
            self.call.say(ask, proof)
            ask = None
        self.call.end("loop", after=self.call.say("keypad_given_up"))

    async def _read(self, entry: str, ask: str | None) -> str | None:
        """One number from the keypad, asked for again when nothing or too little comes."""
        self._entry = entry
        for _ in range(ASKS):
            if ask:
                self.call.say(ask)
            prompt_s = len(self.call.sentence(ask or "greeting")) / SPEECH_RATE
            keyed = await self.call.keypad.read(first_key_s=FIRST_KEY_S + prompt_s)
            self.call.recorder.event("keypad", entry=entry, ended_by=keyed.ended_by)
            if keyed.digits == OFFICE_KEY and self._back is not None:
                raise _OfficeWanted
            if len(keyed.digits) >= SHORTEST[entry]:
                return keyed.digits
            ask = "keypad_short" if keyed else "keypad_timeout"
        return None

    def _hand_over(self) -> None:
        self.call.hand_over(TechnicianLine(self.call))
