"""The technician's day in Spanish: status, clock, jobs, travel, completing, history, follow-ups."""

from agent.speech.es.unread import unread
from agent.speech.es.words import (
    at,
    cardinal,
    clean,
    counted,
    day,
    day_at,
    listed,
    local_clock,
    order,
    orders,
    part,
    phone,
    spoken_number,
    time_at,
    upper,
)
from agent.speech.sentence import Facts, Sentence, join

MAX_JOBS_SPOKEN = 4
MAX_NOTES_SPOKEN = 3
_STATES = {"completed": ", terminada", "in_progress": ", en curso", "cancelled": ", cancelada"}


def at_customer(job: Facts) -> str:
    """ "la orden diez cuarenta y dos en City Bank"."""
    customer = clean(job.get("customer"), 80)
    return f"{order(job)} en {customer}" if customer else order(job)


def _one_job(job: Facts) -> str:
    when = at(local_clock(job["local_time"])) if job.get("local_time") else ""
    return ", ".join(piece for piece in (at_customer(job), clean(job.get("title"), 100), when) if piece)


def my_status(facts: Facts, tz: str) -> str:
    if facts.get("clocked_in"):
        since = f" desde {time_at(facts['since'], tz)}" if facts.get("since") else ""
        first = f"Su turno está abierto en la camioneta {spoken_number(facts.get('truck'))}{since}."
    else:
        first = "No ha marcado su entrada."
    doing = ""
    if facts.get("current_job"):
        doing = f"Está trabajando en {at_customer(facts['current_job'])}."
    elif facts.get("travelling_to"):
        doing = f"Va en camino a {at_customer(facts['travelling_to'])}."
    elif facts.get("next_job"):
        doing = f"Sigue {_one_job(facts['next_job'])}."
    left = f"Le falta hoy: {orders(facts.get('jobs_left_today', 0))}."
    return join(first, doing, left, unread(facts.get("unread")))


def clock_in(facts: Facts, tz: str) -> str:
    truck = spoken_number(facts.get("truck"))
    if facts.get("already"):
        first = f"Ya tenía su entrada en la camioneta {truck}, desde {time_at(facts.get('since'), tz)}."
    elif facts.get("still"):
        since = time_at(facts.get("since"), tz)
        return f"De acuerdo, su entrada en la camioneta {truck} sigue abierta, desde {since}."
    elif facts.get("instead_of"):
        wrong = spoken_number(facts["instead_of"])
        return join(f"De acuerdo, su entrada está en la camioneta {truck} y no en la {wrong}.", _short(facts))
    else:
        first = f"Marqué su entrada en la camioneta {truck}."
    job = facts.get("first_job")
    today = f"Hoy tiene {orders(facts.get('jobs_today', 0))}{f', primero {_one_job(job)}' if job else ''}."
    return join(first, today, _short(facts), unread(facts.get("unread")))


def _short(facts: Facts) -> str:
    low = [part(item.get("part") if isinstance(item, dict) else item) for item in (facts.get("low_stock") or [])[:3]]
    return f"En su camioneta queda poco de {listed(low)}." if low else ""


def clock_out(facts: Facts, tz: str) -> str:
    done = f"Hoy hizo {orders(facts['jobs_done'])}." if facts.get("jobs_done") is not None else ""
    hours = (
        f", después de {counted(round(float(facts['hours']), 1), 'hora', 'horas', feminine=True)}"
        if facts.get("hours")
        else ""
    )
    until = f" {at(time_at(facts['until'], tz))}" if facts.get("until") else ""
    return join(f"{'Ya estaba marcada' if facts.get('repeated') else 'Marqué'} su salida{until}{hours}.", done)


def my_jobs(facts: Facts, tz: str) -> str:
    when, listing = day(facts.get("date")), facts.get("jobs") or []
    if not listing:
        return f"No tiene trabajos {when}.".replace(" .", ".")
    shown = [f"{upper(_one_job(job))}{_STATES.get(str(job.get('status')), '')}." for job in listing[:MAX_JOBS_SPOKEN]]
    rest = len(listing) - len(shown)
    return join(f"Tiene {orders(len(listing))} {when}.", *shown, f"Y {cardinal(rest)} más." if rest else "")


def next_job(facts: Facts, tz: str) -> str:
    job = facts.get("job") or {}
    when = f" {day(job['local_date'])}" if job.get("local_date") else ""
    address = f"La dirección es {clean(job['address'], 120)}." if job.get("address") else ""
    return join(f"Sigue {_one_job(job)}{when}.", address, "Es un cliente nuevo." if job.get("is_new_customer") else "")


def job_details(facts: Facts, tz: str) -> str:
    job = facts.get("job") or {}
    number, address = facts.get("phone") or job.get("phone"), facts.get("address") or job.get("address")
    contact = clean(facts.get("contact"), 60)
    reach = listed([contact, f"teléfono {phone(number)}" if number else ""])
    brief = clean(job.get("brief") or facts.get("summary"))
    notes = facts.get("notes") or []
    head = f"{upper(counted(len(notes), 'nota', 'notas', feminine=True))}:" if notes else ""
    return join(
        f"{upper(_one_job(job))}.",
        f"Dirección: {clean(address, 120)}." if address else "",
        f"Contacto: {reach}." if reach else "",
        f"{brief}." if brief else "",
        join(head, *(f"{clean(note.get('text'), 140)}." for note in notes[:MAX_NOTES_SPOKEN])),
        "Es un cliente nuevo." if facts.get("is_new_customer") else "",
    )


def start_travel(facts: Facts, tz: str) -> str:
    job = facts.get("job") or {}
    address = f" La dirección es {clean(job['address'], 120)}." if job.get("address") else ""
    return f"{'Ya va' if facts.get('already') else 'Va'} en camino a {at_customer(job)}.{address}"


def arrive(facts: Facts, tz: str) -> str:
    job = facts.get("job") or {}
    if facts.get("already"):
        return f"Ya estaba en el sitio de {at_customer(job)}."
    minutes = facts.get("travel_minutes")
    took = f" después de {counted(round(float(str(minutes))), 'minuto', 'minutos')} de camino" if minutes else ""
    where = clean(job.get("customer"), 80) or "el trabajo"
    return f"Llegó a {where}{took}. {upper(order(job))} está en curso."


def complete_job(facts: Facts, tz: str) -> str:
    state = "ya estaba terminada" if facts.get("already") else "está terminada"
    following = facts.get("next_job")
    after = f"Sigue {_one_job(following)}." if following else "Era su último trabajo."
    return join(f"{upper(order(facts.get('job') or {}))} {state}.", after)


def customer_history(facts: Facts, tz: str) -> str:
    customer = clean(facts.get("customer"), 80) or "Este cliente"
    visits = facts.get("visits") or []
    if not visits:
        return f"{customer} no tiene visitas anteriores{' y es un cliente nuevo' if facts.get('is_new') else ''}."
    last = visits[0]
    by = f", con {clean(last['by'], 60)}" if last.get("by") else ""
    done = f" Resultado: {clean(last['summary'], 160)}." if last.get("summary") else ""
    count = counted(len(visits), "visita anterior", "visitas anteriores", feminine=True)
    latest = f"La última fue {clean(last.get('title'), 100)}, {day_at(last.get('date'), tz)}{by}.{done}"
    notes = facts.get("notes") or []
    note = notes[0].get("text") if notes and isinstance(notes[0], dict) else (notes[0] if notes else "")
    return join(f"{customer} tiene {count}.", latest, f"Nota: {clean(note, 140)}." if note else "")


def book_follow_up(facts: Facts, tz: str) -> str:
    job = facts.get("job") or {}
    when = day(job.get("local_date")) if job.get("local_date") else "ese día"
    time = f" {at(local_clock(job['local_time']))}" if job.get("local_time") else ""
    known = "ya estaba programada" if facts.get("repeated") else "queda programada"
    return f"La visita a {clean(job.get('customer'), 80) or 'el cliente'} {known} para {when}{time}, como {order(job)}."


SENTENCES: dict[str, Sentence] = {
    sentence.__name__: sentence
    for sentence in (
        my_status,
        clock_in,
        clock_out,
        my_jobs,
        next_job,
        job_details,
        start_travel,
        arrive,
        complete_job,
        customer_history,
        book_follow_up,
    )
}
