"""The technician's day: status, clock, jobs, travel, completing, history, follow-ups."""

from agent.speech.clean import clean
from agent.speech.en.unread import unread
from agent.speech.en.words import (
    cardinal,
    day,
    day_at,
    jobs,
    listed,
    local_clock,
    order,
    part,
    phone,
    plural,
    spoken_number,
    time_at,
)
from agent.speech.sentence import Facts, Sentence, join

MAX_JOBS_SPOKEN = 4
MAX_NOTES_SPOKEN = 3


def at_customer(job: Facts) -> str:
    """ "work order ten forty two at City Bank", for the inside of a sentence."""
    customer = clean(job.get("customer"), 80)
    return f"{order(job)} at {customer}" if customer else order(job)


def _one_job(job: Facts) -> str:
    title = clean(job.get("title"), 100)
    when = local_clock(job["local_time"]) if job.get("local_time") else ""
    return ", ".join(piece for piece in (at_customer(job), title, f"at {when}" if when else "") if piece)


def _plain(job: Facts | None) -> Facts:
    return job or {}


def my_status(facts: Facts, tz: str) -> str:
    if facts.get("clocked_in"):
        since = f" since {time_at(facts['since'], tz)}" if facts.get("since") else ""
        first = f"You're clocked in on truck {spoken_number(facts.get('truck'))}{since}."
    else:
        first = "You're not clocked in."
    if facts.get("current_job"):
        doing = f"You're working on {at_customer(facts['current_job'])}."
    elif facts.get("travelling_to"):
        doing = f"You're on the way to {at_customer(facts['travelling_to'])}."
    elif facts.get("next_job"):
        doing = f"Next is {_one_job(facts['next_job'])}."
    else:
        doing = ""
    left = f"You have {jobs(facts.get('jobs_left_today', 0))} left today."
    return join(first, doing, left, unread(facts.get("unread")))


def clock_in(facts: Facts, tz: str) -> str:
    truck = spoken_number(facts.get("truck"))
    if facts.get("already"):
        first = f"You're already clocked in on truck {truck}, since {time_at(facts.get('since'), tz)}."
    elif facts.get("still"):
        return f"All right, you're still clocked in on truck {truck}, since {time_at(facts.get('since'), tz)}."
    elif facts.get("instead_of"):
        wrong = spoken_number(facts["instead_of"])
        return join(f"All right, you're clocked in on truck {truck} instead of {wrong}.", _short(facts))
    else:
        first = f"You're clocked in on truck {truck}."
    today = f"You have {jobs(facts.get('jobs_today', 0))} today"
    today += f", first {_one_job(facts['first_job'])}." if facts.get("first_job") else "."
    return join(first, today, _short(facts), unread(facts.get("unread")))


def _short(facts: Facts) -> str:
    low = [plural(part(_name(item))) for item in (facts.get("low_stock") or [])[:3]]
    return f"Your truck is low on {listed(low)}." if low else ""


def _name(item: object) -> object:
    return item.get("part") if isinstance(item, dict) else item


def clock_out(facts: Facts, tz: str) -> str:
    done = f"You did {jobs(facts['jobs_done'])} today." if facts.get("jobs_done") is not None else ""
    hours = f", after {cardinal(round(float(facts['hours']), 1))} hours" if facts.get("hours") else ""
    when = f" at {time_at(facts['until'], tz)}" if facts.get("until") else ""
    already = "already " if facts.get("repeated") else ""
    return join(f"You're {already}clocked out{when}{hours}.", done)


def my_jobs(facts: Facts, tz: str) -> str:
    when = day(facts.get("date"))
    listing = facts.get("jobs") or []
    if not listing:
        return f"You have no jobs on {when}."
    shown = [f"{_one_job(job)}{_state(job)}." for job in listing[:MAX_JOBS_SPOKEN]]
    shown = [text[0].upper() + text[1:] for text in shown]
    rest = len(listing) - len(shown)
    return join(f"You have {jobs(len(listing))} on {when}.", *shown, f"And {cardinal(rest)} more." if rest else "")


def _state(job: Facts) -> str:
    states = {"completed": ", completed", "in_progress": ", in progress", "cancelled": ", cancelled"}
    return states.get(str(job.get("status")), "")


def next_job(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    when = f" on {day(job['local_date'])}" if job.get("local_date") else ""
    address = f"The address is {clean(job['address'], 120)}." if job.get("address") else ""
    new = "It's a new customer." if job.get("is_new_customer") else ""
    return join(f"Next is {_one_job(job)}{when}.", address, new)


def job_details(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    contact = facts.get("contact") or ""
    number = facts.get("phone") or job.get("phone")
    reach = listed([clean(contact, 60) if contact else "", f"phone {phone(number)}" if number else ""])
    address = facts.get("address") or job.get("address")
    return join(
        f"{_sentence(_one_job(job))}.",
        f"Address: {clean(address, 120)}." if address else "",
        f"Contact: {reach}." if reach else "",
        f"{clean(job.get('brief') or facts.get('summary'))}." if job.get("brief") or facts.get("summary") else "",
        _notes(facts.get("notes") or []),
        "It's a new customer." if facts.get("is_new_customer") else "",
    )


def _notes(notes: list[Facts]) -> str:
    if not notes:
        return ""
    said = [f"{clean(note.get('text'), 140)}." for note in notes[:MAX_NOTES_SPOKEN]]
    head = "One note:" if len(notes) == 1 else f"{cardinal(len(notes)).capitalize()} notes:"
    return join(head, *said)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def start_travel(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    address = f" The address is {clean(job['address'], 120)}." if job.get("address") else ""
    already = "You're already on the way to" if facts.get("already") else "You're on the way to"
    return f"{already} {at_customer(job)}.{address}"


def arrive(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    if facts.get("already"):
        return f"You're already on site for {at_customer(job)}."
    minutes = facts.get("travel_minutes")
    took = f" after {_minutes(minutes)} on the road" if minutes else ""
    where = clean(job.get("customer"), 80) or "the job"
    return f"You've arrived at {where}{took}. {_sentence(order(job))} is in progress."


def _minutes(value: object) -> str:
    number = round(float(str(value)))
    if number >= 90:
        return f"{cardinal(round(number / 60, 1))} hours"
    return "one minute" if number == 1 else f"{cardinal(number)} minutes"


def complete_job(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    if facts.get("already"):
        first = f"{_sentence(order(job))} was already completed."
    else:
        first = f"{_sentence(order(job))} is complete."
    following = facts.get("next_job")
    return join(first, f"Next is {_one_job(following)}." if following else "That was your last job.")


def customer_history(facts: Facts, tz: str) -> str:
    customer = clean(facts.get("customer"), 80) or "This customer"
    visits = facts.get("visits") or []
    if not visits:
        return f"{customer} has no earlier visits{', and is a new customer' if facts.get('is_new') else ''}."
    count = "one earlier visit" if len(visits) == 1 else f"{cardinal(len(visits))} earlier visits"
    last = visits[0]
    by = f" by {clean(last['by'], 60)}" if last.get("by") else ""
    done = f" Result: {clean(last['summary'], 160)}." if last.get("summary") else ""
    latest = f"The last was {clean(last.get('title'), 100)} on {day_at(last.get('date'), tz)}{by}.{done}"
    notes = facts.get("notes") or []
    note = notes[0].get("text") if notes and isinstance(notes[0], dict) else (notes[0] if notes else "")
    return join(f"{customer} has {count}.", latest, f"Note: {clean(note, 140)}." if note else "")


def book_follow_up(facts: Facts, tz: str) -> str:
    job = _plain(facts.get("job"))
    when = day(job.get("local_date")) if job.get("local_date") else "that day"
    at = f" at {local_clock(job['local_time'])}" if job.get("local_time") else ""
    known = "was already booked" if facts.get("repeated") else "is booked"
    return (
        f"The follow-up at {clean(job.get('customer'), 80) or 'the customer'} {known} for {when}{at}, as {order(job)}."
    )


SENTENCES: dict[str, Sentence] = {
    sentence.__name__: sentence
    for sentence in (
        my_status,
        clock_in,
        clock_out,
        my_jobs,
        next_job,
        job_details,
        start_travel,
        arrive,
        complete_job,
        customer_history,
        book_follow_up,
    )
}
