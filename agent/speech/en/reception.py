"""What anybody who calls hears: the company's facts, who is there, and messages read back and kept."""

from collections import Counter
from itertools import groupby
from typing import Any

from agent.speech.clean import clean
from agent.speech.en.words import day, day_at, listed, local_clock, phone, time_at
from agent.speech.sentence import Facts, Sentence, fixed, join
from agent.speech.spelled import SPELLED_LIMIT, readable

MAX_OPTIONS_SPOKEN = 4
_WEEK = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
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


def _spans(spans: object) -> str:
    pairs = [span for span in spans if isinstance(span, list) and len(span) == 2] if isinstance(spans, list) else []
    if pairs == [["00:00", "24:00"]]:
        return "all day"
    return listed([f"{local_clock(opens)} to {_closing(closes)}" for opens, closes in pairs], "and")


def _closing(closes: object) -> str:
    return "midnight" if closes == "24:00" else local_clock(closes)


def _week(week: object) -> str:
    hours = week if isinstance(week, dict) else {}
    said = []
    for spans, days in groupby(_WEEK, key=lambda name: _spans(hours.get(name))):
        names = [_WEEK[name] for name in days]
        if spans:
            said.append(f"{names[0] if len(names) == 1 else f'{names[0]} to {names[-1]}'} {spans}")
    return f"Our hours are {listed(said, 'and')}." if said else ""


def _when(stamp: object, tz: str) -> str:
    return f"{day_at(stamp, tz)} at {time_at(stamp, tz)}"


def _hours(facts: Facts, tz: str) -> str:
    if facts.get("open_now"):
        until = f" until {time_at(facts['closes_at'], tz)}" if facts.get("closes_at") else ""
        return join(f"We're open now{until}.", _week(facts.get("week")))
    if facts.get("reason") == "hours_broken":
        return "I can't see our opening hours right now. I can take a message."
    why = " for the holiday" if facts.get("reason") == "holiday" else ""
    again = f" We open again {_when(facts['opens_at'], tz)}." if facts.get("opens_at") else ""
    return join(f"We're closed right now{why}.{again}", _week(facts.get("week")))


def _holidays(facts: Facts) -> str:
    said = []
    for holiday in facts.get("holidays") or []:
        name = f", {clean(holiday['name'], 60)}" if holiday.get("name") else ""
        hours = _spans(holiday.get("hours"))
        said.append(f"{day(holiday.get('date'))}{name}{f', when we are open {hours}' if hours else ''}")
    return f"Our next holidays: {'; '.join(said)}." if said else "There are no holidays coming up."


def company_facts(facts: Facts, tz: str) -> str:
    topic = facts.get("topic")
    if topic == "hours":
        return _hours(facts, tz)
    if topic == "holidays":
        return _holidays(facts)
    if topic == "address" and facts.get("address"):
        return f"We're at {clean(facts['address'], 300).rstrip('.')}."
    if topic == "services" and facts.get("services"):
        return f"We offer {listed([clean(service, 100) for service in facts['services']], 'and')}."
    text = clean(facts.get("text"), 500)
    if text:
        return text[:1].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")
    topics = [clean(name, 60) for name in facts.get("topics") or []][:8]
    return f"I can tell you about {listed(topics, 'or')}." if topics else "I can tell you our hours. What do you need?"


def _name(match: Facts) -> str:
    name = clean(match.get("name"), 80) or "that person"
    return f"the {name} department" if match.get("kind") == "department" else name


def _place(match: Facts) -> str:
    """A person with what tells them from others: the department, and the office where several share that."""
    if match.get("kind") == "technician":
        return f"{_name(match)}, the technician"
    place = clean(match.get("place") or match.get("department") or match.get("office"), 60)
    return f"{_name(match)} in {place}" if place and match.get("kind") != "department" else _name(match)


def places(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same people with `place`: the office instead of the department where name and department are not enough."""
    seen = Counter((option.get("name"), option.get("department")) for option in options)
    return [
        {**option, "place": option.get("office")}
        if seen[option.get("name"), option.get("department")] > 1 and option.get("office")
        else option
        for option in options
    ]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _there(match: Facts, tz: str) -> str:
    name = _upper(_name(match))
    if match.get("you"):
        return f"{name}, that's you. Who else can I find for you?"
    if match.get("kind") == "technician":
        return technician_in_field(match, tz)
    if match.get("reachable"):
        through = clean(match.get("person"), 80) if match.get("kind") == "department" else ""
        in_now = f"{name} is in{f': {through}' if through else ''}."
        return f"{in_now} Shall I connect you?"
    why = _AWAY.get(str(match.get("reason")), "is not in right now")
    back = f", and can be reached {_when(match['next_at'], tz)}" if match.get("next_at") else ""
    instead = f" {clean(match['instead'], 80)} from the same department is in." if match.get("instead") else ""
    return f"{name} {why}{back}.{instead} Would you like to leave a message?"


def technician_in_field(facts: Facts, tz: str) -> str:
    name = clean(facts.get("name"), 80) or "That technician"
    said = f"{name} is one of our technicians and out on the road."
    return f"{said} The office passes messages on. Would you like to leave one?"


def find_person(facts: Facts, tz: str) -> str:
    matches: list[dict[str, Any]] = facts.get("matches") or []
    if not matches:
        return "I can't find that name. Who would you like to speak to?"
    if len(matches) == 1 or (matches[0].get("kind") == "employee" and not matches[0].get("by_name")):
        # Whoever does it will do: the first who is there.
        match = next((match for match in matches if match.get("reachable")), matches[0])
        return _there(match, tz) if match.get("sure", True) else f"Do you mean {_place(match)}?"
    more = int(facts.get("total") or 0) > MAX_OPTIONS_SPOKEN
    ask = "Which one do you mean" if not more else "There are several. Do you mean"
    return f"{ask}: {listed([_place(match) for match in places(matches)[:MAX_OPTIONS_SPOKEN]], 'or')}?"


def person_ambiguous(facts: Facts, tz: str) -> str:
    options = [_place(option) for option in places(facts.get("options") or [])][:MAX_OPTIONS_SPOKEN]
    return f"Which one do you mean: {listed(options, 'or')}?" if options else "Which of them do you mean?"


def _for(facts: Facts) -> str:
    person, department = clean(facts.get("for"), 80), clean(facts.get("department"), 60)
    if facts.get("technician"):
        return f"{person}, by way of the office"
    return person or (f"the {department} department" if department else "the office")


def _number(facts: Facts) -> str:
    return f"at {phone(facts['number'])}" if facts.get("number") else "with no number to call back"


def _by_letter(text: object, limit: int) -> str:
    """What somebody said, with names and addresses that he spelled as letters; these do not count as longer."""
    words = readable(text)
    return clean(words, limit + min(SPELLED_LIMIT, len(words) - len(str(text or ""))))


def confirm_message(facts: Facts, tz: str) -> str:
    kind = "An urgent message" if facts.get("urgent") else "A message"
    by = _by_letter(facts.get("caller_name"), 60) or "you"
    words = _by_letter(facts.get("text"), 240).rstrip(".")
    said = f": {words}." if words else "."
    if facts.get("cut"):
        said = f". It was longer than I can keep: I have the beginning, {said[2:]}"
    return f"{kind} for {_for(facts)} from {by}, {_number(facts)}{said} Is that right?"


def confirm_callback(facts: Facts, tz: str) -> str:
    by = _by_letter(facts.get("caller_name"), 60) or "you"
    return f"{_upper(_for(facts))} will be asked to call {by} back, {_number(facts)}. Is that right?"


def take_message(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"I already have that message for {_for(facts)}."
    if facts.get("goes_out_at"):
        return f"I have your message for {_for(facts)}. It goes out {_when(facts['goes_out_at'], tz)}."
    return f"I've passed your message on to {_for(facts)}."


def request_callback(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"I have already asked {_for(facts)} to call you back."
    when = f" They will hear of it {_when(facts['goes_out_at'], tz)}." if facts.get("goes_out_at") else ""
    return f"I've asked {_for(facts)} to call you back.{when}"


def person_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 60)
    about = f"I can't find {heard} in our directory" if heard else "I can't find that name in our directory"
    return f"{about}. Say the name again, or the department you need."


def department_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 60)
    unknown = f"I don't know a department called {heard}. " if heard else ""
    return f"{unknown}Which department do you need?"


def bad_number(facts: Facts, tz: str) -> str:
    if facts.get("heard"):
        return "I didn't get that number. Please say it once more, digit by digit, with the area code."
    return "Which number can you be reached at, with the area code?"


SENTENCES: dict[str, Sentence] = {
    "company_facts": company_facts,
    "find_person": find_person,
    "take_message": take_message,
    "request_callback": request_callback,
    "fact_unknown": fixed("I don't know that one. I can take a message about it."),
    "reception_help": fixed(
        "I can tell you our hours, address and services, find a person, take a message, or ask for a call back."
    ),
    "reception_again": fixed("All right, no badge. I can find a person, take a message, or ask for a call back."),
    "language_switched": fixed("All right, in English. How can I help you?"),
    "other_language": fixed("I'm sorry, I only speak English here. What message may I pass on to the office?"),
    "reception_lost": fixed("Sorry, I didn't understand that. I can take a message, or tell you our hours."),
    "ask_message_for": fixed("Who is the message for?"),
    "ask_message": fixed("What is your message?"),
    "ask_callback_from": fixed("Who should call you back?"),
    "person_unknown": person_unknown,
    "person_ambiguous": person_ambiguous,
    "department_unknown": department_unknown,
    "technician_in_field": technician_in_field,
    "name_missing": fixed("Who shall I say is calling?"),
    "bad_number": bad_number,
    "confirm_message": confirm_message,
    "confirm_callback": confirm_callback,
    "too_many_messages": fixed("I can't take any more messages from you today. Please try again tomorrow."),
}
