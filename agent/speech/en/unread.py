"""Messages that wait: the count said in passing, and the messages themselves."""

from collections.abc import Mapping

from agent.speech.clean import clean
from agent.speech.en.words import cardinal, spoken_number, time_at
from agent.speech.sentence import Facts, Sentence, join

MAX_MESSAGES_SPOKEN = 5


def unread(counts: object) -> str:
    """The unread messages, from a number or a count per priority; empty when there are none."""
    if isinstance(counts, Mapping):
        urgent = int(counts.get("urgent") or 0)
        total = sum(int(counts.get(priority) or 0) for priority in ("normal", "high", "urgent"))
    else:
        urgent, total = 0, int(str(counts or 0))
    if not total:
        return ""
    kind = "message" if total == 1 else "messages"
    if urgent == total:
        return f"You have {cardinal(total)} urgent {kind}."
    rest = f", {cardinal(urgent)} of them urgent" if urgent else ""
    return f"You have {cardinal(total)} new {kind}{rest}."


def read_notifications(facts: Facts, tz: str) -> str:
    messages = facts.get("notifications") or []
    if not messages:
        return "You have no new messages."
    shown = messages[:MAX_MESSAGES_SPOKEN]
    head = "You have one message." if len(messages) == 1 else f"You have {cardinal(len(messages))} messages."
    rest = len(messages) - len(shown)
    more = f"There are {cardinal(rest)} more after these." if rest else ""
    return join(head, *(_message(message, tz) for message in shown), more, "Shall I mark them as read?")


def _message(message: Facts, tz: str) -> str:
    urgent = "Urgent, " if message.get("priority") == "urgent" else ""
    sender = clean(message.get("from") or "the office", 60)
    at = f" at {time_at(message['at'], tz)}" if message.get("at") else ""
    about = f", about work order {spoken_number(message['job_number'])}" if message.get("job_number") else ""
    head = f"{urgent}from {sender}{at}{about}"
    return f"{head[:1].upper()}{head[1:]}: {clean(message.get('message'))}."


def mark_notifications_read(facts: Facts, tz: str) -> str:
    marked = int(facts.get("marked") or 0)
    if marked == 0:
        return "There was nothing left to mark."
    return "One message marked as read." if marked == 1 else f"{cardinal(marked)} messages marked as read.".capitalize()


SENTENCES: dict[str, Sentence] = {
    "read_notifications": read_notifications,
    "mark_notifications_read": mark_notifications_read,
}
