"""What a customer hears: who is coming and where he is, free times, and visits read back and changed."""

from agent.speech.clean import clean
from agent.speech.en.words import day, duration, listed, local_clock, phone, time_at
from agent.speech.sentence import Facts, Sentence, fixed

MAX_SLOTS_SPOKEN = 3
_CALL_BACK = "Shall I ask the office to call you back?"


def _inner(facts: Facts, name: str) -> Facts:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Facts]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(visit: Facts) -> str:
    return clean(visit.get("technician"), 60) or "your technician"


def _at(date: object, time: object, today: object = None) -> str:
    """ "today at eight o'clock", "Thursday, March fifth at eight o'clock"."""
    if not date:
        return "a day that is not fixed yet"
    when = "today" if today and date == today else day(date)
    return f"{when} at {local_clock(time)}" if time else when


def _of(visit: Facts, today: object = None) -> str:
    return _at(visit.get("local_date"), visit.get("local_time"), today)


def _slot(slot: Facts) -> str:
    return _at(slot.get("date"), slot.get("time"))


def _slots(value: object) -> list[str]:
    return [_slot(slot) for slot in _list(value)[:MAX_SLOTS_SPOKEN] if slot.get("date")]


def _reason(facts: Facts) -> str:
    reason = clean(facts.get("reason"), 120)
    return f", for this: {reason}" if reason else ""


# Who is calling


def confirm_customer(facts: Facts, tz: str) -> str:
    if facts.get("confirmed"):
        name = clean(facts.get("name"), 60)
        return f"Thank you. I have you as {name}." if name else "Thank you."
    if facts.get("reason") == "unknown":
        return customer_unknown(facts, tz)
    if facts.get("reason") == "locked":
        return "I'm sorry, I can't make sure who is calling. Would you like to leave a message for the office?"
    return "That doesn't fit what I have for this number. Please say the name again, or the address."


def register_customer(facts: Facts, tz: str) -> str:
    name = clean(facts.get("name"), 60)
    if facts.get("already"):
        return f"I already have you as {name}." if name else "I already have you."
    return f"Thank you{f', {name}' if name else ''}. You're in our books now."


def confirm_registration(facts: Facts, tz: str) -> str:
    name, address = clean(facts.get("name"), 80), clean(facts.get("address"), 160)
    number = f" and the number {phone(facts['number'])}" if facts.get("number") else ""
    said = f"I have {name or 'your name'}, {address}," if address else f"I have {name or 'your name'},"
    return f"{said.rstrip(',') if not number else said}{number}. Is that right?"


def customer_unknown(facts: Facts, tz: str) -> str:
    number = (
        "Your number is withheld, so I can't look that up." if facts.get("withheld") else "I don't know this number."
    )
    return f"{number} Would you like to book a visit as a new customer?"


# The visits


def _state(visit: Facts, tz: str, today: object) -> str:
    who = _who(visit)
    if visit.get("state") == "on_the_way":
        left = f" and left at {time_at(visit['left_at'], tz)}" if visit.get("left_at") else ""
        usual = visit.get("usual_minutes")
        drive = f" The drive to you usually takes about {duration(int(usual) * 60)}." if usual else ""
        return f"{_upper(who)} is on the way to you{left}.{drive}"
    if visit.get("state") == "arrived":
        at = f" arrived at {time_at(visit['arrived_at'], tz)} and" if visit.get("arrived_at") else ""
        return f"{_upper(who)}{at} is with you now."
    if visit.get("state") == "done":
        at = f" at {time_at(visit['done_at'], tz)}" if visit.get("done_at") else ""
        return f"{_upper(who)} finished today{at}."
    if visit.get("overdue"):
        if today and visit.get("local_date") != today:
            return f"Your visit of {_of(visit)} has not been done yet, I'm sorry."
        busy = " is still at another job" if visit.get("elsewhere") else " is not on the way yet"
        return f"Your visit was planned for {_of(visit, today)}, and {who}{busy}. I'm sorry."
    busy = f" {_upper(who)} is still at another job." if visit.get("elsewhere") else ""
    return f"Your visit is {_of(visit, today)}, with {who}.{busy}"


def my_visits(facts: Facts, tz: str) -> str:
    visits = _list(facts.get("visits"))
    if not visits:
        return "You have no visit booked with us. Would you like to book one?"
    today = facts.get("today")
    said = _state(visits[0], tz, today)
    rest = [visit for visit in visits[1:] if visit.get("state") == "planned"]
    more = f" After that, {_of(rest[0], today)}." if rest else ""
    late = f" {_CALL_BACK}" if visits[0].get("overdue") else ""
    return f"{said}{more}{late}"


def last_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if not visit:
        return "I have no earlier visit of ours at your place."
    what = clean(visit.get("summary") or visit.get("title"), 240)
    when = f" on {day(visit['done_date'])}" if visit.get("done_date") else ""
    return f"{_upper(_who(visit))} was with you{when}.{f' {_upper(what)}.' if what else ''}"


def visit_note(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if facts.get("repeated"):
        return f"I already have that for {_who(visit)}. Say it again if you want it twice."
    return f"I've noted it for {_who(visit)}: {clean(facts.get('note'), 160) or 'your words'}."


def confirm_visit_note(facts: Facts, tz: str) -> str:
    return f"Shall I pass this on to the technician: {clean(facts.get('note'), 120) or 'what you said'}?"


def which_visit(facts: Facts, tz: str) -> str:
    options = [_of(option) for option in _list(facts.get("options"))]
    if not options:
        return "Which visit do you mean?"
    if int(facts.get("total") or 0) > len(options):
        options.append("a later one")
    return f"Which visit: {listed(options, 'or')}?"


def visit_underway(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    there = "is already with you" if visit.get("state") == "arrived" else "is already on the way to you"
    return f"{_upper(_who(visit))} {there}, so I can't change that visit. {_CALL_BACK}"


def visit_over(facts: Facts, tz: str) -> str:
    state = {"done": "done", "cancelled": "cancelled"}.get(str(_inner(facts, "visit").get("state")), "over")
    return f"That visit is already {state}."


# Times


def free_slots(facts: Facts, tz: str) -> str:
    slots = _slots(facts.get("slots"))
    if not slots:
        return "I find nothing free in the next month. Would you like to leave a message for the office?"
    asked = facts.get("date")
    first = _list(facts["slots"])[0]
    nothing = f"There's nothing free on {day(asked)}. " if asked and first.get("date") != asked else ""
    return f"{nothing}I have {listed(slots, 'or')}. Which one suits you?"


def _instead(facts: Facts) -> str:
    slots = _slots(facts.get("slots"))
    return f"I have {listed(slots, 'or')}. Which one suits you?" if slots else "Which other day would suit you?"


def slot_taken(facts: Facts, tz: str) -> str:
    return f"{_upper(_slot(facts)) if facts.get('date') else 'That time'} is taken. {_instead(facts)}"


def no_slot(facts: Facts, tz: str) -> str:
    part = f" in the {clean(facts['part'], 20)}" if facts.get("part") else ""
    when = f" on {day(facts['date'])}{part}" if facts.get("date") else part
    return f"There's nothing free{when or ' then'}. {_instead(facts)}"


def day_too_far(facts: Facts, tz: str) -> str:
    latest = f" up to {day(facts['latest'])}" if facts.get("latest") else ""
    return f"That's too far ahead. I can book{latest or ' a few months ahead'}. Which day would suit you?"


# Read back, and done


def confirm_booking(facts: Facts, tz: str) -> str:
    where = f", at {clean(facts['address'], 120)}" if facts.get("address") else ""
    return f"The visit would be {_slot(facts)}{where}{_reason(facts)}. Shall I book it?"


def book_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if facts.get("repeated"):
        return f"I have that visit already, {_of(visit)}. Say it again if you want a second one."
    return f"It's booked: {_of(visit)}, with {_who(visit)}."


def confirm_move(facts: Facts, tz: str) -> str:
    return f"I'd move your visit from {_of(_inner(facts, 'visit'))} to {_slot(facts)}. Is that right?"


def move_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if facts.get("already"):
        return f"Your visit is already {_of(visit)}, with {_who(visit)}."
    return f"It's moved. {_upper(_who(visit))} comes {_of(visit)}."


def confirm_cancellation(facts: Facts, tz: str) -> str:
    return f"I'd cancel your visit of {_of(_inner(facts, 'visit'))}{_reason(facts)}. Is that right?"


def cancel_visit(facts: Facts, tz: str) -> str:
    already = "is already" if facts.get("already") else "is"
    return f"Your visit of {_of(_inner(facts, 'visit'))} {already} cancelled."


def too_many_bookings(facts: Facts, tz: str) -> str:
    return "I can't book any more for you by telephone. Would you like to leave a message for the office?"


SENTENCES: dict[str, Sentence] = {
    "confirm_customer": confirm_customer,
    "register_customer": register_customer,
    "my_visits": my_visits,
    "last_visit": last_visit,
    "free_slots": free_slots,
    "book_visit": book_visit,
    "move_visit": move_visit,
    "cancel_visit": cancel_visit,
    "visit_note": visit_note,
    "not_confirmed": fixed("First, what name is your account under? The address will do as well."),
    "customer_unknown": customer_unknown,
    "customer_locked": lambda facts, tz: confirm_customer({"reason": "locked"}, tz),
    "register_first": fixed("I don't have you in our books yet, so I'll write you down. What is your name?"),
    "visit_unknown": fixed("I find no visit of yours like that. Which day is it?"),
    "which_visit": which_visit,
    "no_visit": fixed("You have no visit booked with us. Would you like to book one?"),
    "visit_underway": visit_underway,
    "visit_over": visit_over,
    "confirm_registration": confirm_registration,
    "too_many_bookings": too_many_bookings,
    "confirm_booking": confirm_booking,
    "confirm_move": confirm_move,
    "confirm_cancellation": confirm_cancellation,
    "slot_taken": slot_taken,
    "no_slot": no_slot,
    "day_too_far": day_too_far,
    "customer_waits": fixed(
        "How can I help you? You can ask when your technician is coming, or book, move, or cancel a visit."
    ),
    "customer_again": fixed("All right, no badge. I can help you with a visit, or take a message."),
    "customer_help": fixed(
        "I can tell you when your technician is coming, book, move, or cancel a visit, pass on a note, "
        "or tell you what was done last time."
    ),
    "customer_lost": fixed("Sorry, I didn't understand that. I can help with a visit, or take a message."),
    "ask_visit_reason": fixed("What is the visit for?"),
    "ask_new_day": fixed("To which day and time?"),
    "ask_other_time": fixed("Which day or time would suit you better?"),
    "ask_cancel_reason": fixed("May I ask why?"),
    "confirm_visit_note": confirm_visit_note,
    "ask_visit_note": fixed("What shall I tell the technician?"),
    "ask_customer_name": fixed("What is your name?"),
    "ask_customer_address": fixed("And the address, with house number and street?"),
    "what_else": fixed("What can I do for you?"),
}
