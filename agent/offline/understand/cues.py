"""The second try: words that point to a command when no phrase fits.

What only reads is done at once; what would write is asked first ("Have you arrived?"). Denials, conditions, other
people and orders about everything point to nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

from agent.offline.understand import parts
from agent.offline.understand.cue_slots import DICTATING, FIND
from agent.offline.understand.days import DAY_OF_NO_MONTH
from agent.offline.understand.needs import ask_first, call_or_ask
from agent.offline.understand.outcome import Ask, Outcome, Understood
from agent.offline.understand.words import Heard, one_of
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import Expectation

MAX_WORDS = 16
"""In longer talk single words point to nothing any more."""
_ASKING = re.compile(
    one_of(
        "what, whats, which, who, where, when, how, any, anything, is there, are there, do i, do we, have i, have we, "
        "did i, did we, am i, has, does, since when, run me, could anyone, could anybody, can anyone, "
        "can anybody, count, "
        "read, tell me, give me, show me, check, look, list, find, get me, let me, hear, can i, could i, play, repeat"
    )
    + " "
)
_NO_READ = re.compile(
    r"\b"
    + one_of(
        "if, would, should, why, said, says, ignore, how do, how can, what happens, weather, lunch, joke, plus, minus, "
        "pin, password"
    )
    + " "
)
_NO_WRITE = re.compile(
    r"\b"
    + one_of(
        "not, never, no, none, nobody, nothing, without, if, when, whether, unless, maybe, perhaps, might, "
        "should, would, "
        "could, wish, almost, nearly, yet, later, already, tomorrow, yesterday, remind, forget, forgot, said, "
        "says, say, "
        "told, tell, tells, asked, he, she, they, him, her, them, everyone, everybody, every, each, all, somebody, "
        "someone, guy, guys, you, your, how, why, what, which, who, where, does, did, is, was, were, has, had, ignore, "
        "rules, instructions, system, override, admin, joke, pretend, email, text"
    )
    + " "
)
_ELSEWHERE = re.compile(
    r"\b"
    + one_of("home, lunch, office, shop, break, coffee, gas, store, bank, doctor, back, dinner, rent, phone")
    + " "
)
_OFFICE = re.compile(r"\b(?:office|dispatch|dispatcher) ")


@dataclass(frozen=True)
class Cue:
    """A tool, the words that must all be there, and what else must be found in the utterance."""

    tool: str
    words: tuple[re.Pattern[str], ...]
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    sentence: str = ""


def _cue(tool: str, *groups: str, needs: str = "", takes: str = "", sentence: str = "") -> Cue:
    words = tuple(re.compile(rf"\b(?:{group.replace(', ', '|')}) ") for group in groups)
    return Cue(tool, words, frozenset(needs.split()), frozenset(takes.split()), sentence)


_READS = (
    _cue("read_last_entry", "last", "logged, wrote, written, entered, entry, noted, note, put"),
    _cue("customer_history", "history, last time, before, previous, past, last visit", takes="number"),
    _cue("next_job", "next, after this"),
    _cue("my_status", "clocked, on the clock, my status, which truck am, what truck am"),
    _cue("read_notifications", "messages?, notifications?, news"),
    _cue("who_has", "who, whos, anyone, anybody, which, what truck, trucks, where", needs="part"),
    _cue("check_stock", "many, much, have, left, stock, got, any, there", needs="part", takes="truck"),
    _cue("check_stock", "my stock, inventory, my truck", takes="truck"),
    _cue("job_details", "address, contact, phone, details, brief, description, notes", takes="number"),
    _cue("job_details", "what, about, tell, read, give", needs="number"),
    _cue("my_jobs", "jobs, schedule, work orders, appointments, planned, lined up", takes="day"),
    _cue("my_jobs", "have, on, got, doing", needs="day"),
)
_WRITES = (
    _cue("add_note", "note, notes, record, mention, write down", needs="note", takes="number", sentence="confirm_note"),
    _cue(
        "book_follow_up",
        "follow up, come back, coming back, return, visit, appointment",
        needs="day",
        takes="time",
        sentence="confirm_follow_up",
    ),
    _cue("clock_out", "clock, clocking, punch, punching, sign, signing", "out, off", sentence="confirm_clock_out"),
    _cue("clock_out", "shift, day", "over, done, ended, finished", sentence="confirm_clock_out"),
    _cue(
        "clock_in",
        "clock, clocked, clocking, punch, punching, sign, signing, log, shift, started, start, starting, "
        "put me down, driving",
        "in, on, shift, with, for",
        needs="truck",
        sentence="confirm_clock_in",
    ),
    _cue("clock_in", "clock, clocked, clocking, punch, punching", "in"),
    _cue("take_part", "from, off, out of", needs="part quantity truck", sentence="confirm_take_part"),
    _cue(
        "use_part",
        "used, use, using, took, takes, installed, installing, deduct, consumed, through, put, mounted, ran, "
        "swapping, swapped",
        needs="part quantity",
        takes="number",
        sentence="confirm_use_part",
    ),
    _cue(
        "request_restock",
        "restock, reorder, order, ordering, low, out of, short, more, need, running",
        needs="part",
        sentence="confirm_restock",
    ),
    _cue(
        "complete_job",
        "done, finished, finish, complete, completed, wrapped, closing, close",
        "job, work order, here, site, this one, ticket",
        takes="number",
    ),
    _cue(
        "undo_last_entry",
        "undo, scratch, delete, remove, take back, erase, throw out, wipe, get rid of",
        "last, note, entry, that, part",
        sentence="confirm_undo",
    ),
    _cue(
        "arrive",
        "arrived, here, on site, reached, parked, pulled up, made it, got here",
        takes="number",
        sentence="confirm_arrive",
    ),
    _cue(
        "start_travel",
        "my way, heading, driving, leaving, road, en route, rolling, drive",
        takes="number",
        sentence="confirm_travel",
    ),
)


def pointed(heard: Heard, vocabulary: Vocabulary) -> Outcome | None:
    """What the words point to, or None."""
    text = parts.join_names(heard.text, vocabulary)
    if len(heard.words) > MAX_WORDS or _names_somebody(heard, vocabulary):
        return None
    if _ASKING.match(text):
        return None if _NO_READ.search(text) else _first(_READS, text, heard, vocabulary)
    dictating = DICTATING.search(text)
    # What is dictated may say anything; what stands before it may not.
    frame = text[: dictating.end()] if dictating else text
    return None if _NO_WRITE.search(frame) else _first(_WRITES, text, heard, vocabulary)


def _names_somebody(heard: Heard, vocabulary: Vocabulary) -> bool:
    names = {word for name in vocabulary.people for word in name.lower().split()}
    return any(word in names or word.removesuffix("s") in names for word in heard.words)


def _first(cues: tuple[Cue, ...], text: str, heard: Heard, vocabulary: Vocabulary) -> Outcome | None:
    for cue in cues:
        if all(pattern.search(text) for pattern in cue.words):
            found = {slot: FIND[slot](text, heard, vocabulary) for slot in cue.needs | cue.takes}
            if all(found[slot] is not None for slot in cue.needs):
                return _outcome(cue, {slot: value for slot, value in found.items() if value is not None}, text)
    return None


def _outcome(cue: Cue, arguments: dict[str, Any], text: str) -> Outcome | None:
    if cue.tool in ("start_travel", "arrive") and _ELSEWHERE.search(text):
        return None
    if cue.tool == "take_part":
        arguments["from_truck"] = arguments.pop("truck")
    if cue.tool == "add_note" and _OFFICE.search(text):
        arguments["alert_office"] = True
    if cue.tool == "my_jobs" and "day" not in arguments and re.search(rf"\b{DAY_OF_NO_MONTH}", text):
        return Ask(speech("en").say("ask_day"), Expectation("anything", "my_jobs", {}, "day"))
    if cue.tool == "my_jobs":
        arguments.setdefault("day", "today")
    call = call_or_ask(cue.tool, arguments)
    if cue.sentence and isinstance(call, Understood):
        return ask_first(cue.tool, arguments, cue.sentence)
    return call
