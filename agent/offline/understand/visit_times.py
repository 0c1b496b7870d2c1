"""Days and times of visits as customers say them: "Thursday morning", "Friday would be better", "how about ten"."""

import re
from typing import Any

from agent.offline.understand import days
from agent.offline.understand.words import Heard, one_of

PARTS = {"morning": "morning", "afternoon": "afternoon", "evening": "afternoon", "noon": "12:00"}
_PART = r"(?:(?:in|during|for) )?(?:the )?(?:early |late )?(?P<it>morning|afternoon|evening)s? "
_DAY = re.compile(rf"(?:(?:for|on|at|this|by|until|till|to|maybe|say) )*(?:the )?(?P<it>{days.DAY})")
_TIME = re.compile(rf"(?:(?:at|for|around|about|by|after|maybe|say|to) )*(?P<it>{days.TIME})")
_PART_OF_DAY = re.compile(_PART)
_REASON = re.compile(r"(?:to|because|since|as|about|and|for|so that|so) (?P<it>.+)")
_ANY = re.compile(
    one_of(
        "as soon as possible, as soon as you can, the sooner the better, any time, anytime, any day, whenever, "
        "whenever you can, the earliest, the first one you have, the next one, asap"
    )
    + " "
)
_LEAD = re.compile(
    r"(?:"
    + one_of(
        "no, sorry, but, ok, yes, yeah, wait, well, actually, please, can we do, could we do, can we make it, "
        "could we make it, how "
        "about, what about, i would prefer, i prefer, i would rather have, rather, make it, let us do, let us "
        "say, do you have "
        "anything, do you have, is there anything, can you do, can you make it, could you do, could you come, can "
        "you come, it "
        "would have to be, it has to be, i can do, i need, i want, i would like, we would like, we prefer, maybe, "
        "perhaps, better, "
        "only, not before, let us take, i take, i will take, we will take, take, the one, "
        "that is too early, that is too late, that is too soon, too early, too late, that does not work, "
        "that does not suit me, that day does not work, i can not do that, we can not do that, not that day"
    )
    + " )+"
)
_TRAIL = re.compile(
    " "
    + one_of(
        "would be better, would be better for me, would be great, would be good, would be perfect, works, works "
        "for me, works "
        "better, works better for me, works best, is better, is better for me, is fine, is good, would suit me, "
        "suits me, "
        "suits me better, instead, please, if possible, for me, if you can, then, thanks, thank you, is perfect, "
        "sounds good, "
        "would work, would work better, one"
    )
    + "(?= $)"
)
_TURN = re.compile(r"\b(?:how about|what about|can we do|could we do|make it|rather|instead|better) ")
_WEEK = re.compile(r"(?:(?:for|some time|sometime|later|any day) )*(?P<it>next|this) week ")


def wish(heard: Heard) -> dict[str, Any] | None:
    """Day, time of day and reason, in any order; None when something else is said. An empty wish is "any time"."""
    read: dict[str, Any] = {}
    start = 0
    while start < len(heard.words):
        rest = heard.part(start).text
        step = _any(rest) or _week(rest, read) or _day(rest, read) or _part(rest, read) or _time(rest, read)
        if step:
            start += step
        elif match := _REASON.match(rest):
            read["reason"] = heard.verbatim(start + len(rest[: match.start("it")].split()))
            break
        else:
            return None
    return read


def _week(rest: str, read: dict[str, Any]) -> int:
    """ "Next week" begins on its Monday; "this week" is any day from now on."""
    match = _WEEK.match(rest) if "day" not in read else None
    if not match:
        return 0
    if match["it"] == "next":
        read["day"] = "next monday"
    return len(match[0].split())


def _any(rest: str) -> int:
    match = _ANY.match(rest)
    return len(match[0].split()) if match else 0


def _day(rest: str, read: dict[str, Any]) -> int:
    match = _DAY.match(rest) if "day" not in read else None
    value = days.day(match["it"]) if match else None
    if not match or value is None:
        return 0
    read["day"] = value
    part = re.search(r"\b(morning|afternoon|evening) $", match["it"])
    if part and "time" not in read:
        read["time"] = PARTS[part[1]]
    return len(match[0].split())


def _part(rest: str, read: dict[str, Any]) -> int:
    match = _PART_OF_DAY.match(rest) if "time" not in read else None
    if not match:
        return 0
    read["time"] = PARTS[match["it"]]
    return len(match[0].split())


def _time(rest: str, read: dict[str, Any]) -> int:
    """ "Monday at ten in the morning": a time of the clock says more than a part of the day."""
    match = _TIME.match(rest) if ":" not in str(read.get("time")) else None
    value = days.time(match["it"]) if match else None
    if not match or value is None:
        return 0
    read["time"] = value
    return len(match[0].split())


def proposal(heard: Heard) -> dict[str, Any] | None:
    """A day or time that somebody would rather have; None when the words are no such proposal."""
    turns = list(_TURN.finditer(heard.text))
    for start in (0, *(len(heard.text[: turn.start()].split()) for turn in reversed(turns))):
        read = wish(_bare(heard.part(start)))
        if read and "reason" not in read:
            return read
    return None


def _bare(heard: Heard) -> Heard:
    while lead := _LEAD.match(heard.text):
        heard = heard.part(len(lead[0].split()))
    while trail := _TRAIL.search(heard.text):
        heard = heard.part(0, len(heard.text[: trail.start()].split()))
    return heard
