"""Connecting people: what the caller hears before, on hold and after, and what the person who is rung hears."""

from agent.speech.clean import BRIEFINGS, briefly, clean
from agent.speech.en.words import day_at, digitwise, phone, spoken_number, time_at
from agent.speech.sentence import Facts, Sentence, fixed

_WHY = {
    "busy": "is on another call",
    "declined": "can't take the call right now",
    "no_answer": "isn't answering",
    "voicemail": "isn't answering",
    "unreachable": "can't be reached right now",
    "hung_up": "can't take the call right now",
    "failed": "can't be reached right now",
    "taken": "is talking to another caller",
}
_AWAY = {
    "busy": "is busy right now",
    "away": "is away right now",
    "offline": "is not at work right now",
    "no_phone": "can't be reached by phone",
    "inactive": "can't be reached by phone",
    "holiday": "has a holiday today",
    "nobody_available": "has nobody free right now",
}


def _who(facts: Facts) -> str:
    name = clean(facts.get("name"), 80)
    if not name:
        return "the office"
    return f"the {name} department" if facts.get("kind") == "department" else name


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _offer(facts: Facts) -> str:
    other = clean(facts.get("other"), 80)
    return f"Shall I try {other}, or would you like to leave a message?" if other else _MESSAGE


_MESSAGE = "Would you like to leave a message?"


# To the caller


def transfer_calling(facts: Facts, tz: str) -> str:
    """Before the hold begins; `person` is the first who is rung. In danger nobody is asked to wait for that."""
    if facts.get("emergency"):
        return f"Meanwhile I'm ringing our person on duty. Don't wait for that: {_safety(facts)}"
    whom = clean(facts.get("person"), 80) or _who(facts)
    return f"One moment, I'll try {whom} for you. Please hold the line."


def _safety(facts: Facts) -> str:
    return f"get to safety, hang up, and call {digitwise(str(facts.get('emergency_number') or '911'))}."


def hold_on(facts: Facts, tz: str) -> str:
    """To a caller who has been on hold for a while."""
    if facts.get("emergency"):
        return f"I'm still ringing our person on duty. Don't wait for that: {_safety(facts)}"
    return "I'm still trying. You can go on waiting, or press one to leave a message."


def transfer_next(facts: Facts, tz: str) -> str:
    """`name` does not answer (`why`); `person` is tried next."""
    why = _WHY.get(str(facts.get("why")), _WHY["no_answer"])
    return f"{_upper(clean(facts.get('name'), 80) or 'That person')} {why}. I'll try {_next(facts)}."


def _next(facts: Facts) -> str:
    return clean(facts.get("person"), 80) or "the next one"


def transfer_failed(facts: Facts, tz: str) -> str:
    """Nobody of the plan took the call; `other` is a colleague who could be tried."""
    if facts.get("emergency"):
        alerted = "I couldn't reach our person on duty. Our people have been alerted in writing."
        return f"{alerted} If anybody is in danger, {_safety(facts)} {_MESSAGE}"
    why = _WHY.get(str(facts.get("why")), _WHY["failed"])
    return f"I'm sorry, {_who(facts)} {why}. {_offer(facts)}"


def transfer_message(facts: Facts, tz: str) -> str:
    """The person cannot talk, and wants a message."""
    return f"{_upper(_who(facts))} can't talk right now, but would like a message. What shall I pass on?"


def transfer_cut(facts: Facts, tz: str) -> str:
    """The caller does not want to wait any longer, and leaves a message."""
    return f"All right. What is your message for {_who(facts)}?"


def introduction(facts: Facts, tz: str) -> str:
    """To both, once; then nobody but the two speaks."""
    name = clean(facts.get("first_name") or facts.get("name"), 60)
    return f"You're connected{f' with {name}' if name else ''}."


# To the person who is rung


def briefing(facts: Facts, tz: str) -> str:
    """Who, which number, about what, which job, and how to answer; `brief` says how little of it there is time for."""
    name_limit, about_limit, jobs = BRIEFINGS[int(facts.get("brief") or 0)]
    caller = facts.get("caller") or {}
    urgent = "Urgent: " if facts.get("emergency") else ""
    name = briefly(caller.get("name"), name_limit) or "A caller"
    number = phone(caller["number"]) if caller.get("number") else "number withheld"
    about, job = briefly(facts.get("about"), about_limit), facts.get("job") or {}
    topic = _topic(about, job if jobs >= (2 if about else 1) else {})
    return f"{urgent}{name}, {number}{topic}. Press one to take it, two to decline, three for a message."


def _topic(about: str, job: Facts) -> str:
    order = f"work order {spoken_number(job['number'])}" if job.get("number") is not None else ""
    topics = " ".join(filter(None, (about, order and f"on {order}" if about else order)))
    return f", about {topics}" if topics else ""


# Refusals


def not_reachable(facts: Facts, tz: str) -> str:
    why = _AWAY.get(str(facts.get("reason")), "is not in right now")
    back = ""
    if facts.get("next_at"):
        back = f", and can be reached {day_at(facts['next_at'], tz)} at {time_at(facts['next_at'], tz)}"
    return f"{_upper(_who(facts))} {why}{back}. {_offer(facts)}"


def nobody_reachable(facts: Facts, tz: str) -> str:
    if facts.get("open"):
        return f"Nobody of the office is free right now. {_MESSAGE}"
    if facts.get("next_at"):
        opens = f"{day_at(facts['next_at'], tz)} at {time_at(facts['next_at'], tz)}"
        return f"The office is closed and opens {opens}. {_MESSAGE}"
    return f"The office is closed right now. {_MESSAGE}"


def employee_taken(facts: Facts, tz: str) -> str:
    return f"{_upper(_who(facts))} is talking to another caller. {_MESSAGE}"


SENTENCES: dict[str, Sentence] = {
    "transfer_calling": transfer_calling,
    "transfer_next": transfer_next,
    "transfer_failed": transfer_failed,
    "transfer_message": transfer_message,
    "transfer_cut": transfer_cut,
    "transfer_call": transfer_calling,
    "introduction": introduction,
    "hold_on": hold_on,
    "hold_cancelled": fixed("All right. What else can I do for you?"),
    "transfer_unavailable": fixed(f"I'm sorry, I can't connect calls right now. {_MESSAGE}"),
    "briefing": briefing,
    "briefing_again": fixed("Sorry. Press one, or say yes, to take the call. Two to decline, three for a message."),
    "outside_number": fixed("I can only connect you to people of this company. Who would you like to speak to?"),
    "not_reachable": not_reachable,
    "nobody_reachable": nobody_reachable,
    "transfer_to_self": fixed("That is your own phone. Who else would you like to speak to?"),
    "too_many_transfers": fixed(f"I've tried as often as I can on this call. {_MESSAGE}"),
    "nobody_on_call": fixed("I can't reach anybody of the company right now."),
    "transfer_unknown": fixed(f"There is nobody else to try. {_MESSAGE}"),
    "employee_taken": employee_taken,
}
