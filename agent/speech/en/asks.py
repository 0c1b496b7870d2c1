"""What the line asks back when something is missing or unsure, and what it answers to small talk."""

from agent.speech.clean import clean
from agent.speech.en.words import cardinal, listed, local_clock, named_day, order, part, spoken_number
from agent.speech.sentence import Facts, Sentence, fixed


def confirm_clock_in(facts: Facts, tz: str) -> str:
    return f"Do you want me to clock you in on truck {spoken_number(facts.get('truck'))}?"


def confirm_take_part(facts: Facts, tz: str) -> str:
    truck = f"from truck {spoken_number(facts.get('from_truck'))} to yours"
    return f"Shall I move {cardinal(facts.get('quantity'))} {part(facts.get('part')) or 'of that'} {truck}?"


def confirm_use_part(facts: Facts, tz: str) -> str:
    return f"Shall I put down {cardinal(facts.get('quantity'))} {part(facts.get('part')) or 'of that'} as used?"


def confirm_restock(facts: Facts, tz: str) -> str:
    return f"Shall I ask the office to restock {part(facts.get('part')) or 'it'}?"


def confirm_travel(facts: Facts, tz: str) -> str:
    return f"Are you on the way to {order(facts) if facts.get('number') else 'your next job'}?"


def confirm_arrive(facts: Facts, tz: str) -> str:
    return f"Have you arrived at {order(facts) if facts.get('number') else 'the job'}?"


def confirm_note(facts: Facts, tz: str) -> str:
    return f"Shall I write down: {clean(facts.get('note'), 120)}?"


def confirm_follow_up(facts: Facts, tz: str) -> str:
    at = f" at {local_clock(facts['time'])}" if facts.get("time") else ""
    return f"Shall I book a follow-up for {named_day(facts.get('day')) or 'that day'}{at}?"


def choose_again(facts: Facts, tz: str) -> str:
    options = [clean(option, 60) for option in facts.get("options") or ()]
    return f"Please choose: {listed(options, 'or')}." if options else "Which one do you mean?"


SENTENCES: dict[str, Sentence] = {
    "ask_truck": fixed("Which truck are you on?"),
    "ask_from_truck": fixed("From which truck?"),
    "ask_part": fixed("Which part?"),
    "ask_quantity": fixed("How many, or how many feet?"),
    "ask_note": fixed("What shall I write?"),
    "ask_summary": fixed("What did you do? Give me a short summary."),
    "ask_day": fixed("Which day? Say a weekday or a date."),
    "ask_number": fixed("What's the work order number?"),
    "confirm_clock_in": confirm_clock_in,
    "confirm_clock_out": fixed("Shall I clock you out?"),
    "confirm_take_part": confirm_take_part,
    "confirm_use_part": confirm_use_part,
    "confirm_restock": confirm_restock,
    "confirm_travel": confirm_travel,
    "confirm_arrive": confirm_arrive,
    "confirm_note": confirm_note,
    "confirm_follow_up": confirm_follow_up,
    "confirm_undo": fixed("Shall I take back your last entry?"),
    "confirm_do_it": fixed("Do you want me to do that now?"),
    "choose_again": choose_again,
    "done_or_bye": fixed("Is the job done, or is that all for this call?"),
    "cancelled": fixed("Okay, I've left it as it is."),
    "anything_else": fixed("Okay. Anything else?"),
    "nothing_to_confirm": fixed("I haven't asked anything. What can I do for you?"),
    "welcome": fixed("You're welcome. Anything else?"),
    "hello": fixed("Hello. What can I do for you?"),
    "wait": fixed("Sure, take your time."),
    "robot": fixed("I'm an automated assistant. I can clock you in, read your jobs, take notes, and count parts."),
    "help": fixed(
        "You can clock in or out, ask what's next, say you're on your way or you've arrived, add a note, "
        "use or find parts, and complete the job."
    ),
    "nothing_to_repeat": fixed("I haven't said anything yet."),
}
