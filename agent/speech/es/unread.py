"""Messages that wait, in Spanish."""

from collections.abc import Mapping

from agent.speech.es.words import at, cardinal, clean, counted, spoken_number, time_at, upper
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
    if urgent == total:
        return f"Tiene {counted(total, 'mensaje urgente', 'mensajes urgentes')}."
    rest = f", {cardinal(urgent)} de ellos {'urgente' if urgent == 1 else 'urgentes'}" if urgent else ""
    return f"Tiene {counted(total, 'mensaje nuevo', 'mensajes nuevos')}{rest}."


def read_notifications(facts: Facts, tz: str) -> str:
    messages = facts.get("notifications") or []
    if not messages:
        return "No tiene mensajes nuevos."
    shown = messages[:MAX_MESSAGES_SPOKEN]
    rest = len(messages) - len(shown)
    more = f"Hay {cardinal(rest)} más después de estos." if rest else ""
    head = f"Tiene {counted(len(messages), 'mensaje', 'mensajes')}."
    return join(head, *(_message(message, tz) for message in shown), more, "¿Los marco como leídos?")


def _message(message: Facts, tz: str) -> str:
    urgent = "urgente, " if message.get("priority") == "urgent" else ""
    sent = f" {at(time_at(message['at'], tz))}" if message.get("at") else ""
    about = f", sobre la orden {spoken_number(message['job_number'])}" if message.get("job_number") else ""
    sender = clean(message.get("from") or "la oficina", 60)
    return f"{upper(f'{urgent}de {sender}{sent}{about}')}: {clean(message.get('message'))}."


def mark_notifications_read(facts: Facts, tz: str) -> str:
    marked = int(facts.get("marked") or 0)
    if not marked:
        return "No quedaba nada por marcar."
    return f"{upper(counted(marked, 'mensaje marcado como leído', 'mensajes marcados como leídos'))}."


SENTENCES: dict[str, Sentence] = {
    "read_notifications": read_notifications,
    "mark_notifications_read": mark_notifications_read,
}
