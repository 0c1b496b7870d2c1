"""What anybody who calls hears in Spanish: the company's facts, who is there, and messages read back and kept."""

from itertools import groupby
from typing import Any

from agent.speech.en.reception import places
from agent.speech.es.transfer import AWAY, who
from agent.speech.es.words import WEEKDAYS, clean, day, listed, local_clock, phone, time_at, upper, when
from agent.speech.sentence import Facts, Sentence, fixed, join
from agent.speech.spelled import SPELLED_LIMIT, readable

MAX_OPTIONS_SPOKEN = 4
_WEEK = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), WEEKDAYS, strict=True))
_MESSAGE = "¿Quiere dejar un mensaje?"


def _spans(spans: object) -> str:
    pairs = [span for span in spans if isinstance(span, list) and len(span) == 2] if isinstance(spans, list) else []
    if pairs == [["00:00", "24:00"]]:
        return "todo el día"
    return listed(
        [f"de {local_clock(opens)} a {local_clock(closes)}".replace("de el ", "del ") for opens, closes in pairs]
    )


def _week(week: object) -> str:
    hours = week if isinstance(week, dict) else {}
    said = []
    for spans, days in groupby(_WEEK, key=lambda name: _spans(hours.get(name))):
        names = [_WEEK[name] for name in days]
        if spans:
            said.append(f"{names[0] if len(names) == 1 else f'{names[0]} a {names[-1]}'} {spans}")
    return f"Nuestro horario es {listed(said)}." if said else ""


def _hours(facts: Facts, tz: str) -> str:
    if facts.get("open_now"):
        until = f" hasta {time_at(facts['closes_at'], tz)}" if facts.get("closes_at") else ""
        return join(f"Está abierto ahora{until}.", _week(facts.get("week")))
    if facts.get("reason") == "hours_broken":
        return "No puedo ver nuestro horario en este momento. Puedo tomar un mensaje."
    why = " por día festivo" if facts.get("reason") == "holiday" else ""
    again = f" Abrimos otra vez {when(facts['opens_at'], tz)}." if facts.get("opens_at") else ""
    return join(f"Está cerrado ahora{why}.{again}", _week(facts.get("week")))


def _holidays(facts: Facts) -> str:
    said = []
    for holiday in facts.get("holidays") or []:
        name = f", {clean(holiday['name'], 60)}" if holiday.get("name") else ""
        hours = _spans(holiday.get("hours"))
        said.append(f"{day(holiday.get('date'))}{name}{f', cuando abrimos {hours}' if hours else ''}")
    return f"Nuestros próximos días festivos: {'; '.join(said)}." if said else "No hay días festivos próximos."


def company_facts(facts: Facts, tz: str) -> str:
    topic = facts.get("topic")
    if topic == "hours":
        return _hours(facts, tz)
    if topic == "holidays":
        return _holidays(facts)
    if topic == "address" and facts.get("address"):
        return f"Estamos en {clean(facts['address'], 300).rstrip('.')}."
    if topic == "services" and facts.get("services"):
        return f"Ofrecemos {listed([clean(service, 100) for service in facts['services']])}."
    text = clean(facts.get("text"), 500)
    if text:
        return upper(text) + ("" if text[-1] in ".?!" else ".")
    return "Puedo decirle el horario, la dirección y los servicios. ¿Qué necesita?"


def _place(match: Facts) -> str:
    if match.get("kind") == "technician":
        return f"{who(match)}, el técnico"
    place = clean(match.get("place") or match.get("department") or match.get("office"), 60)
    return f"{who(match)}, de {place}" if place and match.get("kind") != "department" else who(match)


def _there(match: Facts, tz: str) -> str:
    name = upper(who(match))
    if match.get("you"):
        return f"{name} es usted. ¿A quién más busca?"
    if match.get("kind") == "technician":
        return technician_in_field(match, tz)
    if match.get("reachable"):
        through = clean(match.get("person"), 80) if match.get("kind") == "department" else ""
        return f"{name} está disponible{f', con {through}' if through else ''}. ¿Le comunico?"
    why = AWAY.get(str(match.get("reason")), "no está ahora")
    back = f" y estará disponible {when(match['next_at'], tz)}" if match.get("next_at") else ""
    instead = f" Del mismo departamento está {clean(match['instead'], 80)}." if match.get("instead") else ""
    return f"{name} {why}{back}.{instead} {_MESSAGE}"


def technician_in_field(facts: Facts, tz: str) -> str:
    name = clean(facts.get("name"), 80) or "Esa persona"
    said = f"{name} es parte de nuestro equipo técnico y anda en la calle."
    return f"{said} La oficina le pasa los mensajes. ¿Quiere dejar uno?"


def find_person(facts: Facts, tz: str) -> str:
    matches: list[dict[str, Any]] = facts.get("matches") or []
    if not matches:
        return "No encuentro ese nombre. ¿Con quién quiere hablar?"
    if len(matches) == 1 or (matches[0].get("kind") == "employee" and not matches[0].get("by_name")):
        match = next((match for match in matches if match.get("reachable")), matches[0])
        return _there(match, tz) if match.get("sure", True) else f"¿Quiere decir {_place(match)}?"
    return f"¿A quién se refiere: {listed([_place(m) for m in places(matches)[:MAX_OPTIONS_SPOKEN]], 'o')}?"


def person_ambiguous(facts: Facts, tz: str) -> str:
    options = [_place(option) for option in places(facts.get("options") or [])][:MAX_OPTIONS_SPOKEN]
    return f"¿A quién se refiere: {listed(options, 'o')}?" if options else "¿A quién se refiere?"


def _for(facts: Facts) -> str:
    person, department = clean(facts.get("for"), 80), clean(facts.get("department"), 60)
    if facts.get("technician"):
        return f"{person}, por medio de la oficina"
    return person or (f"el departamento de {department}" if department else "la oficina")


def _number(facts: Facts) -> str:
    return f"al {phone(facts['number'])}" if facts.get("number") else "sin número para devolver la llamada"


def _by_letter(text: object, limit: int) -> str:
    """What somebody said, with names and addresses that he spelled as letters; these do not count as longer."""
    words = readable(text, "es")
    return clean(words, limit + min(SPELLED_LIMIT, len(words) - len(str(text or ""))))


def confirm_message(facts: Facts, tz: str) -> str:
    kind = "Un mensaje urgente" if facts.get("urgent") else "Un mensaje"
    words = _by_letter(facts.get("text"), 240).rstrip(".")
    said = f": {words}." if words else "."
    if facts.get("cut"):
        said = f". Era más largo de lo que puedo guardar; tengo el principio, {said[2:]}"
    by = _by_letter(facts.get("caller_name"), 60) or "usted"
    return f"{kind} para {_for(facts)} de parte de {by}, {_number(facts)}{said} ¿Es correcto?"


def confirm_callback(facts: Facts, tz: str) -> str:
    by = _by_letter(facts.get("caller_name"), 60) or "usted"
    return f"Voy a pedir a {_for(facts)} que llame a {by}, {_number(facts)}. ¿Es correcto?"


def take_message(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"Ya tengo ese mensaje para {_for(facts)}."
    if facts.get("goes_out_at"):
        return f"Tengo su mensaje para {_for(facts)}. Se envía {when(facts['goes_out_at'], tz)}."
    return f"Ya pasé su mensaje para {_for(facts)}."


def request_callback(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"Ya pedí a {_for(facts)} que le llame."
    later = f" Se le avisa {when(facts['goes_out_at'], tz)}." if facts.get("goes_out_at") else ""
    return f"Pedí a {_for(facts)} que le llame.{later}"


def person_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 60)
    about = f"a {heard}" if heard else "ese nombre"
    return f"No encuentro {about} en el directorio. Diga otra vez el nombre, o el departamento."


def department_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 60)
    return f"{f'No conozco un departamento {heard}. ' if heard else ''}¿Qué departamento necesita?"


def bad_number(facts: Facts, tz: str) -> str:
    if facts.get("heard"):
        return "No entendí ese número. Dígalo otra vez, número por número, con la clave de área."
    return "¿A qué número le podemos llamar, con la clave de área?"


SENTENCES: dict[str, Sentence] = {
    "company_facts": company_facts,
    "find_person": find_person,
    "take_message": take_message,
    "request_callback": request_callback,
    "fact_unknown": fixed("Eso no lo sé. Puedo tomar un mensaje."),
    "reception_help": fixed(
        "Puedo decirle el horario, la dirección y los servicios, buscar a una persona, tomar un mensaje o pedir que "
        "le llamen."
    ),
    "reception_again": fixed(
        "Muy bien, sin gafete. Puedo buscar a una persona, tomar un mensaje o pedir que le llamen."
    ),
    "language_switched": fixed("Sí, hablo español. ¿En qué le puedo ayudar?"),
    "other_language": fixed("Lo siento, aquí solo le podemos atender en inglés. ¿Qué mensaje le paso a la oficina?"),
    "reception_lost": fixed("Perdón, no le entendí. Puedo tomar un mensaje o decirle el horario."),
    "ask_message_for": fixed("¿Para quién es el mensaje?"),
    "ask_message": fixed("¿Cuál es su mensaje?"),
    "ask_callback_from": fixed("¿Quién debe llamarle?"),
    "person_unknown": person_unknown,
    "person_ambiguous": person_ambiguous,
    "department_unknown": department_unknown,
    "technician_in_field": technician_in_field,
    "name_missing": fixed("¿De parte de quién?"),
    "bad_number": bad_number,
    "confirm_message": confirm_message,
    "confirm_callback": confirm_callback,
    "too_many_messages": fixed("No puedo tomar más mensajes suyos hoy. Intente otra vez mañana."),
}
