"""Connecting people, in Spanish: the caller before, on hold and after, and the person who is rung."""

from agent.speech.clean import BRIEFINGS, briefly
from agent.speech.es.words import clean, digitwise, phone, spoken_number, upper, when
from agent.speech.sentence import Facts, Sentence, fixed

_WHY = {
    "busy": "está en otra llamada",
    "declined": "no puede atender la llamada ahora",
    "no_answer": "no contesta",
    "voicemail": "no contesta",
    "unreachable": "no está disponible ahora",
    "hung_up": "no puede atender la llamada ahora",
    "failed": "no está disponible ahora",
    "taken": "está hablando con otra persona",
}
AWAY = {
    "busy": "está en otra cosa ahora",
    "away": "no está en este momento",
    "offline": "no está en el trabajo",
    "no_phone": "no tiene teléfono",
    "inactive": "no tiene teléfono",
    "holiday": "tiene día festivo hoy",
    "nobody_available": "no tiene a nadie libre ahora",
}
_MESSAGE = "¿Quiere dejar un mensaje?"


def who(facts: Facts) -> str:
    """The person, "el departamento de …", or the office."""
    name = clean(facts.get("name"), 80)
    if not name:
        return "la oficina"
    return f"el departamento de {name}" if facts.get("kind") == "department" else name


def _offer(facts: Facts) -> str:
    other = clean(facts.get("other"), 80)
    return f"¿Le comunico con {other}, o quiere dejar un mensaje?" if other else _MESSAGE


def transfer_calling(facts: Facts, tz: str) -> str:
    if facts.get("emergency"):
        return f"Mientras tanto llamo a nuestra persona de guardia. No espere por eso: {_safety(facts)}"
    return f"Un momento, voy a llamar a {clean(facts.get('person'), 80) or who(facts)}. No cuelgue, por favor."


def _safety(facts: Facts) -> str:
    return f"póngase a salvo, cuelgue y llame al {digitwise(str(facts.get('emergency_number') or '911'))}."


def hold_on(facts: Facts, tz: str) -> str:
    if facts.get("emergency"):
        return f"Sigo llamando a nuestra persona de guardia. No espere por eso: {_safety(facts)}"
    return "Sigo intentando. Puede esperar, u oprimir uno para dejar un mensaje."


def transfer_next(facts: Facts, tz: str) -> str:
    why = _WHY.get(str(facts.get("why")), _WHY["no_answer"])
    person = clean(facts.get("person"), 80) or "la siguiente persona"
    return f"{upper(clean(facts.get('name'), 80) or 'esa persona')} {why}. Voy a llamar a {person}."


def transfer_failed(facts: Facts, tz: str) -> str:
    if facts.get("emergency"):
        alerted = "No pude comunicarme con nuestra persona de guardia. Nuestra gente está avisada por escrito."
        return f"{alerted} Si alguien está en peligro, {_safety(facts)} {_MESSAGE}"
    return f"Lo siento, {who(facts)} {_WHY.get(str(facts.get('why')), _WHY['failed'])}. {_offer(facts)}"


def transfer_message(facts: Facts, tz: str) -> str:
    return f"{upper(who(facts))} no puede hablar ahora, pero acepta un mensaje. ¿Qué le digo?"


def transfer_cut(facts: Facts, tz: str) -> str:
    return f"Muy bien. ¿Cuál es su mensaje para {who(facts)}?"


def introduction(facts: Facts, tz: str) -> str:
    name = clean(facts.get("first_name") or facts.get("name"), 60)
    return f"Ya están comunicados{f', con {name}' if name else ''}."


def briefing(facts: Facts, tz: str) -> str:
    name_limit, about_limit, jobs = BRIEFINGS[int(facts.get("brief") or 0)]
    caller = facts.get("caller") or {}
    urgent = "Urgente: " if facts.get("emergency") else ""
    name = briefly(caller.get("name"), name_limit) or "alguien"
    number = phone(caller["number"]) if caller.get("number") else "número oculto"
    about, job = briefly(facts.get("about"), about_limit), facts.get("job") or {}
    topic = _topic(about, job if jobs >= (2 if about else 1) else {})
    said = f"{urgent}{name}, {number}{topic}."
    return f"{upper(said)} Uno para contestar, dos para rechazar, tres para un mensaje."


def _topic(about: str, job: Facts) -> str:
    order = f"la orden {spoken_number(job['number'])}" if job.get("number") is not None else ""
    topics = " en ".join(filter(None, (about, order)))
    return f", sobre {topics}" if topics else ""


def not_reachable(facts: Facts, tz: str) -> str:
    why = AWAY.get(str(facts.get("reason")), "no está ahora")
    back = f" y estará disponible {when(facts['next_at'], tz)}" if facts.get("next_at") else ""
    return f"{upper(who(facts))} {why}{back}. {_offer(facts)}"


def nobody_reachable(facts: Facts, tz: str) -> str:
    if facts.get("open"):
        return f"Nadie de la oficina está libre ahora. {_MESSAGE}"
    if facts.get("next_at"):
        return f"La oficina está cerrada y abre {when(facts['next_at'], tz)}. {_MESSAGE}"
    return f"La oficina está cerrada ahora. {_MESSAGE}"


def employee_taken(facts: Facts, tz: str) -> str:
    return f"{upper(who(facts))} está hablando con otra persona. {_MESSAGE}"


SENTENCES: dict[str, Sentence] = {
    "transfer_call": transfer_calling,
    "transfer_calling": transfer_calling,
    "transfer_next": transfer_next,
    "transfer_failed": transfer_failed,
    "transfer_message": transfer_message,
    "transfer_cut": transfer_cut,
    "introduction": introduction,
    "hold_on": hold_on,
    "hold_cancelled": fixed("Muy bien. ¿En qué más le puedo ayudar?"),
    "transfer_unavailable": fixed(f"Lo siento, no puedo comunicar llamadas ahora. {_MESSAGE}"),
    "briefing": briefing,
    "briefing_again": fixed("Perdón. Oprima uno o diga sí para contestar, dos para rechazar, tres para un mensaje."),
    "outside_number": fixed("Solo puedo comunicarle con gente de esta empresa. ¿Con quién quiere hablar?"),
    "not_reachable": not_reachable,
    "nobody_reachable": nobody_reachable,
    "transfer_to_self": fixed("Ese es su propio teléfono. ¿Con quién más quiere hablar?"),
    "too_many_transfers": fixed(f"Ya intenté todas las veces que puedo en esta llamada. {_MESSAGE}"),
    "nobody_on_call": fixed("No puedo comunicarme con nadie de la empresa en este momento."),
    "transfer_unknown": fixed(f"No hay nadie más a quien llamar. {_MESSAGE}"),
    "employee_taken": employee_taken,
}
