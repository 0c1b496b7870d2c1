"""What somebody in danger hears: what to do first, whom to call, and that people are being told. No question."""

from agent.speech.en.words import digitwise
from agent.speech.sentence import Facts, Sentence


def _emergency(facts: Facts) -> str:
    return digitwise(str(facts.get("emergency_number") or "911"))


def _danger(first: str, then: str = "") -> Sentence:
    """`then` is for when the number has been said."""

    def sentence(facts: Facts, tz: str) -> str:
        after = f" {then}" if then else ""
        return (
            f"This may be dangerous. {first} and call {_emergency(facts)}.{after} "
            "I can't call them for you. I'm alerting our people now."
        )

    return sentence


def danger_again(facts: Facts, tz: str) -> str:
    return f"Please hang up and call {_emergency(facts)} now, from a safe place. Our people have been told."


SENTENCES: dict[str, Sentence] = {
    "danger_gas": _danger("Leave the building right now,", "Don't touch switches or flames."),
    "danger_carbon_monoxide": _danger("Get everybody out into fresh air right now,"),
    "danger_fire": _danger("Get everybody out right now,", "Don't go back in."),
    "danger_electricity": _danger("Stay away from it, don't touch anybody who is in contact with it,"),
    "danger_injury": _danger("Hang up", "Stay with whoever is hurt if it is safe."),
    "danger_flooding": _danger(
        "If water is near anything electric, stay away and get out,", "Then close the main valve."
    ),
    "danger_threat": _danger("Get to a safe place"),
    "danger_again": danger_again,
}
