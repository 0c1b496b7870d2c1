"""Why not, in Spanish: one or two sentences for every refusal reason, with a way on where there is one."""

from agent.speech.es.words import (
    amount,
    at,
    cardinal,
    clean,
    count_of,
    day,
    listed,
    local_clock,
    named_day,
    order,
    part,
    spoken_number,
    time_at,
    upper,
)
from agent.speech.sentence import Facts, Sentence, fixed, join

MAX_OPTIONS_SPOKEN = 4
_WHICH = "¿En qué camioneta está?"
_STATUS = {
    "pending": "pendiente",
    "scheduled": "programada",
    "in_progress": "en curso",
    "completed": "terminada",
    "cancelled": "cancelada",
}


def _truck(facts: Facts) -> str:
    return f"la camioneta {spoken_number(facts['truck'])}" if facts.get("truck") is not None else "esa camioneta"


def _order(facts: Facts) -> str:
    return order(facts) if facts.get("number") is not None else "esa orden"


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def truck_unknown(facts: Facts, tz: str) -> str:
    return f"No conozco {_truck(facts)}. {_WHICH}"


def truck_inactive(facts: Facts, tz: str) -> str:
    return f"{upper(_truck(facts))} está fuera de servicio. {_WHICH}"


def truck_taken(facts: Facts, tz: str) -> str:
    return f"{upper(_truck(facts))} la tiene {clean(facts.get('by'), 60) or 'otra persona'}. {_WHICH}"


def already_clocked_in(facts: Facts, tz: str) -> str:
    since = f" desde {time_at(facts['since'], tz)}" if facts.get("since") else ""
    more = "Para cambiar, marque primero su salida."
    if facts.get("change_to"):
        more = f"¿La cambio a la camioneta {spoken_number(facts['change_to'])}?"
    return f"Ya tiene su entrada en {_truck(facts)}{since}. {more}"


def clock_in_stands(facts: Facts, tz: str) -> str:
    since = f" desde {time_at(facts['since'], tz)}" if facts.get("since") else ""
    first = f"Su entrada está en {_truck(facts)}{since}"
    if facts.get("why") == "parts":
        return f"{first} y ya anotó piezas de ella. Devuélvalas primero, o marque su salida para cambiar."
    return f"{first}; ya es tarde para que yo la cambie. Marque su salida para cambiar, o avise a la oficina."


def same_truck(facts: Facts, tz: str) -> str:
    return f"{upper(_truck(facts))} es la suya. ¿De qué otra camioneta?"


def time_taken(facts: Facts, tz: str) -> str:
    time = f"{day(facts['date'])} {at(local_clock(facts['time']))}" if facts.get("date") and facts.get("time") else ""
    other = f" por {_order(facts)}" if facts.get("number") is not None else ""
    return f"{upper(time) if time else 'Esa hora'} está ocupado{other}. ¿A qué otra hora?"


def work_open(facts: Facts, tz: str) -> str:
    jobs = [order(job) if isinstance(job, dict) else order({"number": job}) for job in _list(facts.get("jobs"))]
    verb = "sigue abierta" if len(jobs) == 1 else "siguen abiertas"
    travel = facts.get("travel")
    to = f" a {order(travel)}" if isinstance(travel, dict) else ""
    return join(
        f"{upper(listed(jobs))} {verb}." if jobs else "",
        f"Todavía aparece en camino{to}." if travel else "",
        "¿Marco su salida de todos modos?",
    )


def job_unknown(facts: Facts, tz: str) -> str:
    return f"No encuentro {_order(facts)} entre sus trabajos. ¿Qué número es?"


def job_wrong_state(facts: Facts, tz: str) -> str:
    return f"{upper(_order(facts))} está {_STATUS.get(str(facts.get('status')), 'en otro estado')}; no puedo hacer eso."


def not_arrived(facts: Facts, tz: str) -> str:
    summary = f" El resumen: {clean(facts['summary'], 160)}." if facts.get("summary") else ""
    return f"No ha marcado su llegada a {_order(facts)}.{summary} ¿La termino de todos modos?"


def already_travelling(facts: Facts, tz: str) -> str:
    return f"Ya va en camino a {_order(facts)}. Diga primero que llegó."


def no_job(facts: Facts, tz: str) -> str:
    when = str(facts.get("day") or facts.get("date") or "")
    said = day(when) if when[:4].isdigit() else named_day(when) if when else ""
    return f"No tiene ningún trabajo {said}." if said else "No tiene ningún trabajo próximo."


def which_job(facts: Facts, tz: str) -> str:
    options = _list(facts.get("options"))[:MAX_OPTIONS_SPOKEN]
    said = [f"{spoken_number(job.get('number'))}, {clean(job.get('customer'), 60)}" for job in options]
    return f"¿Qué orden: {listed(said, 'o')}?" if said else "¿Qué número de orden?"


def confirm_completion(facts: Facts, tz: str) -> str:
    customer = f" en {clean(facts['customer'], 60)}" if facts.get("customer") else ""
    summary = f" El resumen: {clean(facts['summary'], 160)}." if facts.get("summary") else ""
    return f"Voy a terminar {_order(facts)}{customer}.{summary} ¿Es correcto?"


def part_unknown(facts: Facts, tz: str) -> str:
    heard = clean(facts.get("heard"), 40)
    return f"No conozco una pieza que se llame {heard}. ¿Cómo se llama?" if heard else "¿Qué pieza es?"


def part_ambiguous(facts: Facts, tz: str) -> str:
    options = [part(option) for option in _list(facts.get("options"))[:MAX_OPTIONS_SPOKEN]]
    return f"¿Cuál: {listed(options, 'o')}?" if options else "¿Qué pieza es?"


def not_enough(facts: Facts, tz: str) -> str:
    unit, have = facts.get("unit"), facts.get("have") or 0
    if not float(str(have)):
        where = f"en {_truck(facts)}" if facts.get("truck") is not None else "ahí"
        return f"No queda {part(facts.get('part')) or 'nada'} {where}."
    return f"Solo hay {count_of(have, unit, facts.get('part'))}, no {amount(facts.get('wanted'), unit)}."


def confirm_quantity(facts: Facts, tz: str) -> str:
    return f"Son {count_of(facts.get('quantity'), facts.get('unit'), facts.get('part'))}. ¿Es correcto?"


def part_not_on_truck(facts: Facts, tz: str) -> str:
    where = _truck(facts) if facts.get("truck") else "su camioneta"
    return f"No hay registro de {part(facts.get('part')) or 'esa pieza'} en {where}."


def text_too_long(facts: Facts, tz: str) -> str:
    limit = f" Puedo guardar {cardinal(facts['max'])} letras." if facts.get("max") else ""
    return f"Es demasiado largo.{limit} Dígalo más corto, por favor."


def bad_date(facts: Facts, tz: str) -> str:
    heard = named_day(facts.get("heard"))
    return (
        f"No entendí el día{f', {heard}' if heard else ''}. Diga un día de la semana o una fecha, como cuatro de marzo."
    )


def date_in_past(facts: Facts, tz: str) -> str:
    return f"{upper(day(facts['date'])) if facts.get('date') else 'Ese día'} ya pasó. ¿Qué día quiere?"


def day_full(facts: Facts, tz: str) -> str:
    return f"{upper(day(facts['date'])) if facts.get('date') else 'Ese día'} está lleno. ¿Qué otro día?"


def outside_hours(facts: Facts, tz: str) -> str:
    opens, closes = facts.get("opens"), facts.get("closes")
    if facts.get("date") and "opens" in facts and opens is None:
        return f"No trabajamos {day(facts['date'])}. ¿Qué otro día?"
    hours = f", de {local_clock(opens)} a {local_clock(closes)}" if opens and closes else ""
    return f"Está fuera del horario de trabajo{hours}. ¿A qué otra hora?"


SENTENCES: dict[str, Sentence] = {
    "not_a_line_account": fixed("Esta línea no está bien configurada. Llame a la oficina, por favor."),
    "call_unknown": fixed("Perdí el hilo de esta llamada. Cuelgue y llame otra vez, por favor."),
    "call_closed": fixed("Esta llamada ya está cerrada. Llame otra vez, por favor."),
    "not_verified": fixed("Primero necesito su gafete y su clave. Marque su número de gafete y la tecla de número."),
    "person_inactive": fixed("Su cuenta no está activa. Pregunte en la oficina, por favor."),
    "unknown_number": fixed("Este número no está en servicio con nosotros. Revise el número. Hasta luego."),
    "truck_unknown": truck_unknown,
    "truck_inactive": truck_inactive,
    "truck_taken": truck_taken,
    "already_clocked_in": already_clocked_in,
    "clock_in_stands": clock_in_stands,
    "not_clocked_in": fixed("No ha marcado su entrada. Dígame su camioneta y la marco."),
    "work_open": work_open,
    "office_truck": fixed(f"Esa es la camioneta de la oficina, sin piezas ni turnos. {_WHICH}"),
    "job_unknown": job_unknown,
    "job_not_yours": job_unknown,
    "job_wrong_state": job_wrong_state,
    "not_arrived": not_arrived,
    "already_travelling": already_travelling,
    "not_travelling": fixed("No va en camino a ningún trabajo ahora."),
    "no_job": no_job,
    "which_job": which_job,
    "confirm_completion": confirm_completion,
    "part_unknown": part_unknown,
    "part_ambiguous": part_ambiguous,
    "not_enough": not_enough,
    "bad_quantity": fixed("Esa cantidad no puede ser. ¿Cuánto fue?"),
    "confirm_quantity": confirm_quantity,
    "part_not_on_truck": part_not_on_truck,
    "same_truck": same_truck,
    "text_empty": fixed("No recibí ningún texto. ¿Qué escribo?"),
    "text_too_long": text_too_long,
    "bad_date": bad_date,
    "date_in_past": date_in_past,
    "day_full": day_full,
    "outside_hours": outside_hours,
    "time_taken": time_taken,
    "nothing_to_undo": fixed("No hay nada suyo que deshacer."),
}
