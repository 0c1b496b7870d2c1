"""What every tool needs, what only reads, and the questions that follow from both."""

from collections.abc import Mapping
from typing import Any

from agent.offline.understand.outcome import Ask, Understood
from agent.offline.understand.words import wordset
from agent.speech import speech
from agent.turns import Expectation

READS = wordset(
    "my_status my_jobs next_job job_details read_notifications check_stock who_has customer_history read_last_entry "
    "company_facts find_person my_visits last_visit free_slots"
)
"""Tools that change nothing; a question may call these, and only these."""
# Needed arguments, in the order in which they are asked for: argument, question, kind of answer.
NEEDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "clock_in": (("truck", "ask_truck", "digits"),),
    "add_note": (("note", "ask_note", "free_text"),),
    "complete_job": (("summary", "ask_summary", "free_text"),),
    "who_has": (("part", "ask_part", "anything"),),
    "use_part": (("part", "ask_part", "anything"), ("quantity", "ask_quantity", "digits")),
    "take_part": (
        ("part", "ask_part", "anything"),
        ("quantity", "ask_quantity", "digits"),
        ("from_truck", "ask_from_truck", "digits"),
    ),
    "request_restock": (("part", "ask_part", "anything"),),
    "book_follow_up": (("day", "ask_day", "anything"),),
    "take_message": (("for_person", "ask_message_for", "free_text"), ("text", "ask_message", "free_text")),
    "book_visit": (("reason", "ask_visit_reason", "free_text"),),
    "cancel_visit": (("reason", "ask_cancel_reason", "free_text"),),
    "visit_note": (("note", "ask_visit_note", "free_text"),),
    "register_customer": (("name", "ask_customer_name", "free_text"), ("address", "ask_customer_address", "free_text")),
    "request_callback": (("for_person", "ask_callback_from", "free_text"),),
}


def call_or_ask(tool: str, arguments: Mapping[str, Any], language: str = "en") -> Understood | Ask:
    """The call, or the question for the first argument that it still needs."""
    for argument, question, kind in NEEDS.get(tool, ()):
        if arguments.get(argument) is None:
            expectation = Expectation(kind=kind, tool=tool, arguments=dict(arguments), slot=argument)  # type: ignore[arg-type]
            return Ask(speech(language).say(question), expectation)
    return Understood(tool, dict(arguments))


def ask_first(tool: str, arguments: Mapping[str, Any], sentence: str = "confirm_do_it") -> Ask:
    """A yes-or-no question before something that was not quite asked for."""
    text = speech("en").say(sentence, arguments)
    return Ask(text, Expectation(kind="yes_no", tool=tool, arguments=dict(arguments)))
