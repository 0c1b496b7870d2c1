"""Why not: one or two sentences for every refusal reason, with a way on where there is one."""

from agent.speech.clean import clean
from agent.speech.en.words import (
    amount,
    cardinal,
    count_of,
    day,
    listed,
    local_clock,
    named_day,
    order,
    part,
    plural,
    spoken_number,
    time_at,
)
from agent.speech.sentence import Facts, Sentence, fixed, join

MAX_OPTIONS_SPOKEN = 4


def _truck(facts: Facts) -> str:
    return f"truck {spoken_number(facts['truck'])}" if facts.get("truck") is not None else "that truck"


def _order(facts: Facts) -> str:
    return order(facts) if facts.get("number") is not None else "that work order"


def truck_unknown(facts: Facts, tz: str) -> str:
    if facts.get("truck") is None:
        return "I don't know that truck. Which truck are you on?"
    return f"There is no {_truck(facts)}. Which truck are you on?"


def truck_taken(facts: Facts, tz: str) -> str:
    by = clean(facts.get("by"), 60) or "somebody else"
    return f"{_sentence(_truck(facts))} is taken by {by}. Which truck are you on?"


def already_clocked_in(facts: Facts, tz: str) -> str:
    since = f" since {time_at(facts['since'], tz)}" if facts.get("since") else ""
    more = "Clock out first to change trucks."
    if facts.get("change_to"):
        more = f"Shall I change that to truck {spoken_number(facts['change_to'])}?"
    return f"You're already clocked in on {_truck(facts)}{since}. {more}"


def clock_in_stands(facts: Facts, tz: str) -> str:
    since = f" since {time_at(facts['since'], tz)}" if facts.get("since") else ""
    first = f"You've been clocked in on {_truck(facts)}{since}"
    if facts.get("why") == "parts":
        return f"{first} and have booked parts from it. Take those back first, or clock out to change trucks."
    return f"{first}, too long for me to change it. Clock out to change trucks, or tell the office."


def same_truck(facts: Facts, tz: str) -> str:
    return f"{_sentence(_truck(facts))} is your own. From which other truck?"


def time_taken(facts: Facts, tz: str) -> str:
    other = f" by {_order(facts)}" if facts.get("number") is not None else ""
    when = (
        f"{day(facts['date'])} at {local_clock(facts['time'])}"
        if facts.get("date") and facts.get("time")
        else "That time"
    )
    return f"{when} is taken{other}. Which other time?"


def work_open(facts: Facts, tz: str) -> str:
    open_jobs = [order(job) if isinstance(job, dict) else order({"number": job}) for job in _list(facts.get("jobs"))]
    ongoing = (
        f"{_sentence(listed(open_jobs))} {'is' if len(open_jobs) == 1 else 'are'} still open." if open_jobs else ""
    )
    travel = facts.get("travel")
    to = f" to {order(travel)}" if isinstance(travel, dict) else ""
    road = f"You're still marked as on the way{to}." if travel else ""
    return join(ongoing, road, "Clock out anyway?")


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def job_unknown(facts: Facts, tz: str) -> str:
    return f"I can't find {_order(facts)} among your jobs. Which number do you mean?"


def job_wrong_state(facts: Facts, tz: str) -> str:
    status = str(facts.get("status") or "").replace("_", " ")
    return f"{_sentence(_order(facts))} is {status or 'not in the right state'}, so I can't do that."


def not_arrived(facts: Facts, tz: str) -> str:
    summary = f" The summary: {clean(facts['summary'], 160)}." if facts.get("summary") else ""
    return f"You haven't marked your arrival for {_order(facts)}.{summary} Complete it anyway?"


def already_travelling(facts: Facts, tz: str) -> str:
    return f"You're already on the way to {_order(facts)}. Say that you've arrived first."


def no_job(facts: Facts, tz: str) -> str:
    when = str(facts.get("day") or facts.get("date") or "")
    if when[:4].isdigit():
        return f"You have no job on {day(when)}."
    return f"You have no job {clean(when, 20)}." if when in ("today", "tomorrow") else "You have no job coming up."


def which_job(facts: Facts, tz: str) -> str:
    options = _list(facts.get("options"))[:MAX_OPTIONS_SPOKEN]
    said = [f"{spoken_number(job.get('number'))} at {clean(job.get('customer'), 60)}" for job in options]
    return f"Which work order: {listed(said, 'or')}?" if said else "Which work order number?"


def confirm_completion(facts: Facts, tz: str) -> str:
    customer = f" at {clean(facts['customer'], 60)}" if facts.get("customer") else ""
    summary = f" The summary: {clean(facts['summary'], 160)}." if facts.get("summary") else ""
    return f"Completing {_order(facts)}{customer}.{summary} Is that right?"


def part_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 40)
    return f"I don't know a part called {heard}. What is it called?" if heard else "Which part is it?"


def part_ambiguous(facts: Facts, tz: str) -> str:
    options = [part(option) for option in _list(facts.get("options"))[:MAX_OPTIONS_SPOKEN]]
    return f"Which one: {listed(options, 'or')}?" if options else "Which part do you mean?"


def not_enough(facts: Facts, tz: str) -> str:
    unit, name = facts.get("unit"), facts.get("part")
    have = facts.get("have") or 0
    if not float(str(have)):
        where = f"on {_truck(facts)}" if facts.get("truck") is not None else "there"
        return f"There's no {part(name)} left {where}."
    there = "is" if float(str(have)) == 1 else "are"
    return f"There {there} only {count_of(have, unit, name)}, not {amount(facts.get('wanted'), unit)}."


def confirm_quantity(facts: Facts, tz: str) -> str:
    return f"That's {count_of(facts.get('quantity'), facts.get('unit'), facts.get('part'))}. Is that right?"


def part_not_on_truck(facts: Facts, tz: str) -> str:
    name = plural(part(facts["part"])) if facts.get("part") else "that part"
    return f"There's no record of {name} on {_truck(facts) if facts.get('truck') else 'your truck'}."


def text_too_long(facts: Facts, tz: str) -> str:
    limit = f" I can keep {cardinal(facts['max'])} characters." if facts.get("max") else ""
    return f"That's too long to keep.{limit} Please say it shorter."


def bad_date(facts: Facts, tz: str) -> str:
    heard = named_day(facts.get("heard"))
    return f"I didn't get the day{f', {heard}' if heard else ''}. Say a weekday or a date, like March fourth."


def date_in_past(facts: Facts, tz: str) -> str:
    when = day(facts["date"]) if facts.get("date") else "That day"
    return f"{when} is in the past. Which day do you want?"


def day_full(facts: Facts, tz: str) -> str:
    when = day(facts["date"]) if facts.get("date") else "That day"
    return f"{when} is full. Which other day?"


def outside_hours(facts: Facts, tz: str) -> str:
    opens, closes = facts.get("opens"), facts.get("closes")
    if facts.get("date") and "opens" in facts and opens is None:
        return f"We don't work on {day(facts['date'])}. Which other day?"
    if not opens or not closes:
        return "That's outside working hours. Which other time?"
    return f"That's outside working hours, {local_clock(opens)} to {local_clock(closes)}. Which other time?"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


SENTENCES: dict[str, Sentence] = {
    "not_a_line_account": fixed("This line isn't set up correctly. Please call the office."),
    "call_unknown": fixed("I've lost track of this call. Please hang up and call again."),
    "call_closed": fixed("This call has already been closed. Please call again."),
    "not_verified": fixed("I need your badge and PIN first. Please key in your badge number, then the pound key."),
    "person_inactive": fixed("Your account isn't active. Please ask the office."),
    "unknown_number": fixed("This number isn't in service with us. Please check the number. Goodbye."),
    "truck_unknown": truck_unknown,
    "truck_inactive": lambda facts, tz: f"{_sentence(_truck(facts))} is out of service. Which truck are you on?",
    "truck_taken": truck_taken,
    "already_clocked_in": already_clocked_in,
    "clock_in_stands": clock_in_stands,
    "not_clocked_in": fixed("You're not clocked in. Tell me your truck and I'll clock you in."),
    "work_open": work_open,
    "office_truck": fixed("That's the office truck, and it carries no stock and no shift. Which truck are you on?"),
    "job_unknown": job_unknown,
    "job_not_yours": job_unknown,
    "job_wrong_state": job_wrong_state,
    "not_arrived": not_arrived,
    "already_travelling": already_travelling,
    "not_travelling": fixed("You're not on the way to a job right now."),
    "no_job": no_job,
    "which_job": which_job,
    "confirm_completion": confirm_completion,
    "part_unknown": part_unknown,
    "part_ambiguous": part_ambiguous,
    "not_enough": not_enough,
    "bad_quantity": fixed("That quantity doesn't work. How many was it?"),
    "confirm_quantity": confirm_quantity,
    "part_not_on_truck": part_not_on_truck,
    "same_truck": same_truck,
    "text_empty": fixed("I didn't get any text. What shall I write?"),
    "text_too_long": text_too_long,
    "bad_date": bad_date,
    "date_in_past": date_in_past,
    "day_full": day_full,
    "outside_hours": outside_hours,
    "time_taken": time_taken,
    "nothing_to_undo": fixed("There is nothing of yours to take back."),
}
