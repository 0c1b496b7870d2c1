"""What a customer hears in Spanish: who is coming and where they are, free times, and visits read back and changed."""

from agent.speech.es.words import at, clean, day, duration, listed, local_clock, phone, time_at, upper
from agent.speech.sentence import Facts, Sentence, fixed

MAX_SLOTS_SPOKEN = 3
_CALL_BACK = "¿Le pido a la oficina que le llame?"
_WHICH = "¿Cuál le conviene?"


def _inner(facts: Facts, name: str) -> Facts:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Facts]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _who(visit: Facts) -> str:
    return clean(visit.get("technician"), 60) or "su técnico"


def _at(date: object, time: object, today: object = None) -> str:
    if not date:
        return "un día por fijar"
    when = "hoy" if today and date == today else day(date)
    return f"{when} {at(local_clock(time))}" if time else when


def _of(visit: Facts, today: object = None) -> str:
    return _at(visit.get("local_date"), visit.get("local_time"), today)


def _slot(slot: Facts) -> str:
    return _at(slot.get("date"), slot.get("time"))


def _slots(value: object) -> list[str]:
    return [_slot(slot) for slot in _list(value)[:MAX_SLOTS_SPOKEN] if slot.get("date")]


def _reason(facts: Facts) -> str:
    reason = clean(facts.get("reason"), 120)
    return f", por esto: {reason}" if reason else ""


def confirm_customer(facts: Facts, tz: str) -> str:
    if facts.get("confirmed"):
        name = clean(facts.get("name"), 60)
        return f"Gracias. Le tengo como {name}." if name else "Gracias."
    if facts.get("reason") == "unknown":
        return customer_unknown(facts, tz)
    if facts.get("reason") == "locked":
        return "Lo siento, no puedo comprobar quién llama. ¿Quiere dejar un mensaje para la oficina?"
    return "Eso no coincide con lo que tengo para este número. Diga otra vez el nombre, o la dirección."


def register_customer(facts: Facts, tz: str) -> str:
    name = clean(facts.get("name"), 60)
    if facts.get("already"):
        return f"Ya le tengo como {name}." if name else "Ya le tengo."
    return f"Gracias{f', {name}' if name else ''}. Ya está en nuestros datos."


def confirm_registration(facts: Facts, tz: str) -> str:
    parts = [clean(facts.get("name"), 80) or "su nombre", clean(facts.get("address"), 160)]
    number = f"el número {phone(facts['number'])}" if facts.get("number") else ""
    return f"Tengo {listed([*parts, number])}. ¿Es correcto?"


def customer_unknown(facts: Facts, tz: str) -> str:
    number = "Su número está oculto y no puedo buscarlo." if facts.get("withheld") else "No conozco este número."
    return f"{number} ¿Quiere pedir una visita como cliente nuevo?"


def _state(visit: Facts, tz: str, today: object) -> str:
    who = upper(_who(visit))
    if visit.get("state") == "on_the_way":
        left = f" y salió {at(time_at(visit['left_at'], tz))}" if visit.get("left_at") else ""
        usual = visit.get("usual_minutes")
        drive = f" El camino suele tomar {duration(int(usual) * 60)}." if usual else ""
        return f"{who} va en camino{left}.{drive}"
    if visit.get("state") == "arrived":
        arrived = f" llegó {at(time_at(visit['arrived_at'], tz))} y" if visit.get("arrived_at") else ""
        return f"{who}{arrived} está con usted."
    if visit.get("state") == "done":
        done = f" {at(time_at(visit['done_at'], tz))}" if visit.get("done_at") else ""
        return f"{who} terminó hoy{done}."
    elsewhere = bool(visit.get("elsewhere"))
    if visit.get("overdue"):
        if today and visit.get("local_date") != today:
            return f"Su visita de {_of(visit)} todavía no se ha hecho, lo siento."
        busy = "sigue en otro trabajo" if elsewhere else "todavía no va en camino"
        return f"Su visita era {_of(visit, today)}, y {_who(visit)} {busy}. Lo siento."
    return (
        f"Su visita es {_of(visit, today)}, con {_who(visit)}.{f' {who} sigue en otro trabajo.' if elsewhere else ''}"
    )


def my_visits(facts: Facts, tz: str) -> str:
    visits, today = _list(facts.get("visits")), facts.get("today")
    if not visits:
        return "No tiene ninguna visita programada. ¿Quiere pedir una?"
    rest = [visit for visit in visits[1:] if visit.get("state") == "planned"]
    more = f" Después, {_of(rest[0], today)}." if rest else ""
    return f"{_state(visits[0], tz, today)}{more}{f' {_CALL_BACK}' if visits[0].get('overdue') else ''}"


def last_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if not visit:
        return "No tengo ninguna visita anterior con usted."
    what = clean(visit.get("summary") or visit.get("title"), 240)
    when = f" {day(visit['done_date'])}" if visit.get("done_date") else ""
    return f"{upper(_who(visit))} estuvo con usted{when}.{f' {upper(what)}.' if what else ''}"


def visit_note(facts: Facts, tz: str) -> str:
    who = _who(_inner(facts, "visit"))
    if facts.get("repeated"):
        return f"Eso ya lo tengo para {who}. Dígalo otra vez si lo quiere dos veces."
    return f"Lo anoté para {who}: {clean(facts.get('note'), 160) or 'lo que dijo'}."


def confirm_visit_note(facts: Facts, tz: str) -> str:
    return f"¿Le paso esto al técnico: {clean(facts.get('note'), 120) or 'lo que dijo'}?"


def which_visit(facts: Facts, tz: str) -> str:
    options = [_of(option) for option in _list(facts.get("options"))]
    if options and int(facts.get("total") or 0) > len(options):
        options.append("una más tarde")
    return f"¿Qué visita: {listed(options, 'o')}?" if options else "¿Qué visita?"


def visit_underway(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    there = "ya está con usted" if visit.get("state") == "arrived" else "ya va en camino"
    return f"{upper(_who(visit))} {there}; no puedo cambiar esa visita. {_CALL_BACK}"


def visit_over(facts: Facts, tz: str) -> str:
    state = {"done": "está hecha", "cancelled": "está cancelada"}.get(str(_inner(facts, "visit").get("state")), "pasó")
    return f"Esa visita ya {state}."


def _instead(facts: Facts) -> str:
    slots = _slots(facts.get("slots"))
    return f"Tengo {listed(slots, 'o')}. {_WHICH}" if slots else "¿Qué otro día le conviene?"


def free_slots(facts: Facts, tz: str) -> str:
    slots = _slots(facts.get("slots"))
    if not slots:
        return "No encuentro nada libre en el próximo mes. ¿Quiere dejar un mensaje para la oficina?"
    asked = facts.get("date")
    nothing = f"No hay nada libre {day(asked)}. " if asked and _list(facts["slots"])[0].get("date") != asked else ""
    return f"{nothing}{_instead(facts)}"


def slot_taken(facts: Facts, tz: str) -> str:
    return f"{upper(_slot(facts)) if facts.get('date') else 'Esa hora'} está ocupado. {_instead(facts)}"


def no_slot(facts: Facts, tz: str) -> str:
    part = {"morning": " en la mañana", "afternoon": " en la tarde"}.get(str(facts.get("part")), "")
    when = f" {day(facts['date'])}{part}" if facts.get("date") else part or " entonces"
    return f"No hay nada libre{when}. {_instead(facts)}"


def day_too_far(facts: Facts, tz: str) -> str:
    latest = f" hasta {day(facts['latest'])}" if facts.get("latest") else " unos meses antes"
    return f"Eso es muy lejos. Puedo programar{latest}. ¿Qué día le conviene?"


def confirm_booking(facts: Facts, tz: str) -> str:
    where = f", en {clean(facts['address'], 120)}" if facts.get("address") else ""
    return f"La visita sería {_slot(facts)}{where}{_reason(facts)}. ¿La programo?"


def book_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if facts.get("repeated"):
        return f"Ya tengo esa visita, {_of(visit)}. Dígalo otra vez si quiere una segunda."
    return f"Queda programada: {_of(visit)}, con {_who(visit)}."


def confirm_move(facts: Facts, tz: str) -> str:
    return f"Cambio su visita de {_of(_inner(facts, 'visit'))} a {_slot(facts)}. ¿Es correcto?"


def move_visit(facts: Facts, tz: str) -> str:
    visit = _inner(facts, "visit")
    if facts.get("already"):
        return f"Su visita ya es {_of(visit)}, con {_who(visit)}."
    return f"Queda cambiada. {upper(_who(visit))} va {_of(visit)}."


def confirm_cancellation(facts: Facts, tz: str) -> str:
    return f"Cancelo su visita de {_of(_inner(facts, 'visit'))}{_reason(facts)}. ¿Es correcto?"


def cancel_visit(facts: Facts, tz: str) -> str:
    already = "ya estaba" if facts.get("already") else "queda"
    return f"Su visita de {_of(_inner(facts, 'visit'))} {already} cancelada."


SENTENCES: dict[str, Sentence] = {
    "confirm_customer": confirm_customer,
    "register_customer": register_customer,
    "my_visits": my_visits,
    "last_visit": last_visit,
    "free_slots": free_slots,
    "book_visit": book_visit,
    "move_visit": move_visit,
    "cancel_visit": cancel_visit,
    "visit_note": visit_note,
    "not_confirmed": fixed("Primero, ¿a nombre de quién está su cuenta? También sirve la dirección."),
    "customer_unknown": customer_unknown,
    "customer_locked": lambda facts, tz: confirm_customer({"reason": "locked"}, tz),
    "register_first": fixed("Todavía no está en nuestros datos; le voy a anotar. ¿Cómo se llama?"),
    "visit_unknown": fixed("No encuentro una visita suya así. ¿Qué día es?"),
    "which_visit": which_visit,
    "no_visit": fixed("No tiene ninguna visita programada. ¿Quiere pedir una?"),
    "visit_underway": visit_underway,
    "visit_over": visit_over,
    "confirm_registration": confirm_registration,
    "too_many_bookings": fixed(
        "No puedo programar más visitas por teléfono. ¿Quiere dejar un mensaje para la oficina?"
    ),
    "confirm_booking": confirm_booking,
    "confirm_move": confirm_move,
    "confirm_cancellation": confirm_cancellation,
    "slot_taken": slot_taken,
    "no_slot": no_slot,
    "day_too_far": day_too_far,
    "customer_waits": fixed(
        "¿En qué le puedo ayudar? Puede preguntar cuándo llega su técnico, o pedir, cambiar o cancelar una visita."
    ),
    "customer_again": fixed("Muy bien, sin gafete. Puedo ayudarle con una visita, o tomar un mensaje."),
    "customer_help": fixed(
        "Puedo decirle cuándo llega su técnico, programar, cambiar o cancelar una visita, pasar una nota, "
        "o decirle qué se hizo la última vez."
    ),
    "customer_lost": fixed("Perdón, no le entendí. Puedo ayudarle con una visita, o tomar un mensaje."),
    "ask_visit_reason": fixed("¿Para qué es la visita?"),
    "ask_new_day": fixed("¿Para qué día y a qué hora?"),
    "ask_other_time": fixed("¿Qué día u hora le conviene más?"),
    "ask_cancel_reason": fixed("¿Me puede decir por qué?"),
    "confirm_visit_note": confirm_visit_note,
    "ask_visit_note": fixed("¿Qué le digo al técnico?"),
    "ask_customer_name": fixed("¿Cómo se llama?"),
    "ask_customer_address": fixed("¿Y la dirección, con número y calle?"),
    "what_else": fixed("¿En qué le puedo ayudar?"),
}
