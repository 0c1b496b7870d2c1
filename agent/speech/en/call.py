"""The call itself: greeting, keypad, fillers, silence, trouble, and goodbye."""

from agent.speech.clean import clean
from agent.speech.en.unread import unread
from agent.speech.en.words import cardinal, duration, moment_from, spoken_number
from agent.speech.sentence import Facts, Sentence, fixed, join

FILLERS = ("One moment.", "Let me check.", "Just a second.", "One second, please.")
NOT_UNDERSTOOD = (
    "Sorry, I didn't understand that.",
    "I still didn't get that. You can say, for example, what's next, or, I used two connectors.",
    "I'm sorry, I can't make that out. Try it in a few plain words, or say help.",
)
_ASSISTANT = "an automated assistant"


def greeting(facts: Facts, tz: str) -> str:
    """The company's own text (`greeting`), and `first_name`, a technician we guess it is, or `hours` for all others."""
    words = clean(facts.get("greeting"), 200)
    words = words or f"Thank you for calling {clean(facts.get('company'), 80) or 'us'}"
    said = f"{words}{'' if words[-1] in '!?' else '.'}"
    if "automated" not in words.lower():
        said = f"{said} This is {_ASSISTANT}."
    if facts.get("recording"):
        said = join(said, recording_announcement(facts, tz))
    if facts.get("first_name"):
        return f"{said} Hi {clean(facts['first_name'], 40)}. {ask_badge(facts, tz)}"
    return join(said, situation(facts.get("hours") or {}, tz))


def recording_announcement(facts: Facts, tz: str) -> str:
    """The company's own words (`announcement`), or the plainest."""
    words = clean(facts.get("announcement"), 500) or "This call is recorded"
    return f"{words}{'' if words[-1] in '.!?' else '.'}"


def situation(hours: Facts, tz: str) -> str:
    """Open until when, or closed until when and for which holiday; nothing where that is not known."""
    today = hours.get("date")
    if hours.get("open_now"):
        until = hours.get("closes_at")
        return f"We're open until {moment_from(until, today, tz)}." if until else ""
    if not hours.get("opens_at"):
        return "We're closed right now." if hours else ""
    holiday = clean(hours.get("holiday"), 60) if hours.get("reason") == "holiday" else ""
    closed = (
        f"We're closed today for {holiday or 'a holiday'}" if hours.get("reason") == "holiday" else "We're closed now"
    )
    return f"{closed} and open again {moment_from(hours['opens_at'], today, tz, opening=True)}."


def _help(facts: Facts, first: str = "") -> str:
    """Outside the hours nobody can be had: what is offered then, and how to be heard of at once."""
    offer = "How can I help you?"
    if facts.get("closed"):
        offer = "I can take a message or ask for a call back. If it can't wait, say that it's urgent."
    return join(first, offer, "Technicians, key in your badge number, then the pound key.")


def unknown_caller(facts: Facts, tz: str) -> str:
    return _help(facts)


def withheld_number(facts: Facts, tz: str) -> str:
    return _help(facts, "Your number is withheld.")


def ask_badge(facts: Facts, tz: str) -> str:
    return "Please key in your badge number, then the pound key."


def pin_wrong(facts: Facts, tz: str) -> str:
    left = int(facts.get("tries_left") or 0)
    tries = {0: "", 1: " You have one try left."}.get(left, f" You have {cardinal(left)} tries left.")
    return f"Badge and PIN don't match.{tries} Please key in your badge number again, then the pound key."


def pin_slow(facts: Facts, tz: str) -> str:
    return f"Please wait {duration(facts.get('wait_seconds') or 30)} before you try again."


def pin_locked(facts: Facts, tz: str) -> str:
    wait = f" for {duration(facts['wait_seconds'])}" if facts.get("wait_seconds") else " for now"
    return f"There were too many wrong tries. This number is locked{wait}. The office has been told. Goodbye."


def verified(facts: Facts, tz: str) -> str:
    """After badge and PIN: who it is, the shift, and what waits."""
    name = clean(facts.get("first_name") or facts.get("name"), 40)
    hello = f"Thanks, {name}." if name else "Thank you."
    truck = f" on truck {spoken_number(facts['truck'])}" if facts.get("truck") is not None else ""
    clocked = f"You're clocked in{truck}." if facts.get("clocked_in") else "You're not clocked in yet."
    other = "You have another call open with me." if facts.get("other_call_open") else ""
    return join(hello, clocked, other, unread(facts.get("unread")), "What can I do for you?")


def filler(facts: Facts, tz: str) -> str:
    return FILLERS[int(facts.get("turn") or 0) % len(FILLERS)]


def not_understood(facts: Facts, tz: str) -> str:
    """`count`: how many times in a row, from 1."""
    return NOT_UNDERSTOOD[min(max(int(facts.get("count") or 1), 1), len(NOT_UNDERSTOOD)) - 1]


def resumed(facts: Facts, tz: str) -> str:
    """After a lost worker: what is safely done (`done`) and what the caller was at (`doing`)."""
    done = f"I have {clean(facts['done'], 80)}." if facts.get("done") else ""
    doing = f"Shall I go on with {clean(facts['doing'], 60)}?" if facts.get("doing") else "Where were we?"
    return join("Sorry, we were cut off.", done, doing)


def max_length_warning(facts: Facts, tz: str) -> str:
    minutes = int(facts.get("minutes") or 1)
    left = "one minute" if minutes == 1 else f"{cardinal(minutes)} minutes"
    return f"This call ends in {left}. Anything important first?"


def goodbye(facts: Facts, tz: str) -> str:
    name = clean(facts.get("first_name"), 40)
    return f"Goodbye, {name}." if name else "Goodbye."


def office_says(facts: Facts, tz: str) -> str:
    """`text` is what somebody of the office typed to be told to the caller."""
    return _ended(f"The office says: {clean(facts.get('text'), 500)}")


def office_note(facts: Facts, tz: str) -> str:
    """`text` is a note of the office for the agent; without a model that could use it, the caller is told."""
    return _ended(f"I have a note from the office: {clean(facts.get('text'), 500)}")


def _ended(said: str) -> str:
    return said if said[-1] in "!?" else f"{said}."


def kept_for_later(facts: Facts, tz: str) -> str:
    return "I can't reach the database right now. I've kept what you said, and it will be written down."


#: When no cloud understands speech: said once in a call.
_HARD_OF_HEARING = "I'm hard of hearing at the moment, so please use short sentences, or keys."
SENTENCES: dict[str, Sentence] = {
    "menu_person": fixed(f"{_HARD_OF_HEARING} Press zero for a person."),
    "menu_technician": fixed(
        f"{_HARD_OF_HEARING} Press four for your next job, five when you're on your way, six when you've arrived, "
        "seven for messages, zero for the office."
    ),
    "menu_reception": fixed(
        f"{_HARD_OF_HEARING} Press zero for a person, star to leave a message, pound for our opening hours, or key in "
        "your badge number."
    ),
    "greeting": greeting,
    "ask_badge": ask_badge,
    "ask_pin": fixed("Now your PIN, then the pound key."),
    "keypad_timeout": fixed("I didn't get any keys. Please key in the number, then the pound key."),
    "keypad_short": fixed("That was too short. Please key it in again, then the pound key."),
    "keypad_again": fixed("Let's start again. Please key in your badge number, then the pound key."),
    "keypad_given_up": fixed("I couldn't check who you are. Please call the office. Goodbye."),
    "pin_spoken": fixed("Please don't say your PIN aloud. I haven't kept it. Key it in, then the pound key."),
    "pin_wrong": pin_wrong,
    "pin_slow": pin_slow,
    "pin_locked": pin_locked,
    "verified": verified,
    "lent_phone": fixed("You're on somebody else's phone, that's fine. I'll put everything under your name."),
    "verify_first": fixed("I need your badge and PIN before I can do that."),
    "filler": filler,
    "not_understood": not_understood,
    "silence_first": fixed("Are you still there?"),
    "silence_second": fixed("I can't hear you. Say something, or press any key."),
    "silence_end": fixed("I haven't heard anything, so I'll hang up now. Call again any time. Goodbye."),
    "max_length_warning": max_length_warning,
    "max_length_end": fixed("This call has reached its longest time. Please call again. Goodbye."),
    "loop_end": fixed("We're not getting anywhere, I'm sorry. Please call the office. Goodbye."),
    "unknown_caller": unknown_caller,
    "known_caller": unknown_caller,
    "withheld_number": withheld_number,
    "customer_caller": fixed("I'm sorry, I can't make that out. Please call the office at another time. Goodbye."),
    "second_call": fixed("You have another call open with me. What you do here counts for both."),
    "database_trouble": fixed("I'm sorry, I can't reach our records right now. Please try again in a moment."),
    "database_back": fixed("I can reach our records again. What you said has been written down."),
    "kept_for_later": kept_for_later,
    "internal_error": fixed("Sorry, something went wrong on my side. Please try that again."),
    "resumed": resumed,
    "office_says": office_says,
    "office_note": office_note,
    "ended_by_office": fixed("The office is ending this call. Goodbye."),
    "say_goodbye": goodbye,
    "goodbye": goodbye,
}
