"""The call itself, in Spanish: greeting, keypad, fillers, silence, trouble, and goodbye."""

from agent.speech.es.unread import unread
from agent.speech.es.words import clean, counted, duration, moment_from, spoken_number
from agent.speech.sentence import Facts, Sentence, fixed, join

FILLERS = ("Un momento.", "Déjeme ver.", "Un segundo.", "Un segundito, por favor.")
NOT_UNDERSTOOD = (
    "Perdón, no le entendí.",
    "Sigo sin entender. Puede decir, por ejemplo, qué sigue, o, usé dos conectores.",
    "Lo siento, no logro entender. Dígalo en pocas palabras, o diga ayuda.",
)


def greeting(facts: Facts, tz: str) -> str:
    """As in English: the company's own text, then the technician's name or the hours."""
    words = clean(facts.get("greeting"), 200) or f"Gracias por llamar a {clean(facts.get('company'), 80) or 'nosotros'}"
    said = f"{words}{'' if words[-1] in '!?' else '.'}"
    if not any(hint in words.lower() for hint in ("autom", "virtual")):
        said = f"{said} Le atiende un asistente automático."
    if facts.get("first_name"):
        return f"{said} Hola {clean(facts['first_name'], 40)}. {ask_badge(facts, tz)}"
    return join(said, situation(facts.get("hours") or {}, tz))


def situation(hours: Facts, tz: str) -> str:
    today = hours.get("date")
    if hours.get("open_now"):
        until = hours.get("closes_at")
        closing = moment_from(until, today, tz) if until else ""
        return f"Hoy cerramos {closing}." if closing.startswith("a") else f"Cerramos {closing}." if closing else ""
    if not hours.get("opens_at"):
        return "Está cerrado en este momento." if hours else ""
    again = moment_from(hours["opens_at"], today, tz)
    if hours.get("reason") == "holiday":
        return f"Hoy está cerrado por {clean(hours.get('holiday'), 60) or 'día festivo'} y abrimos {again}."
    return f"Está cerrado ahora y abrimos {again}."


def _help(facts: Facts, first: str = "") -> str:
    offer = "¿En qué le puedo ayudar?"
    if facts.get("closed"):
        offer = "Puedo tomar un mensaje o pedir que le llamen. Si no puede esperar, diga que es urgente."
    return join(first, offer, "Técnicos, marquen su número de gafete y la tecla de número.")


def unknown_caller(facts: Facts, tz: str) -> str:
    return _help(facts)


def withheld_number(facts: Facts, tz: str) -> str:
    return _help(facts, "Su número está oculto.")


def ask_badge(facts: Facts, tz: str) -> str:
    return "Marque su número de gafete y después la tecla de número."


def pin_wrong(facts: Facts, tz: str) -> str:
    left = int(facts.get("tries_left") or 0)
    tries = f" Le {'queda' if left == 1 else 'quedan'} {counted(left, 'intento', 'intentos')}." if left else ""
    return f"El gafete y la clave no coinciden.{tries} Marque otra vez su número de gafete y la tecla de número."


def pin_slow(facts: Facts, tz: str) -> str:
    return f"Espere {duration(facts.get('wait_seconds') or 30)} antes de intentar otra vez."


def pin_locked(facts: Facts, tz: str) -> str:
    wait = f" por {duration(facts['wait_seconds'])}" if facts.get("wait_seconds") else " por ahora"
    return f"Hubo demasiados intentos. Este número queda bloqueado{wait}. La oficina está avisada. Hasta luego."


def verified(facts: Facts, tz: str) -> str:
    name = clean(facts.get("first_name") or facts.get("name"), 40)
    truck = f" en la camioneta {spoken_number(facts['truck'])}" if facts.get("truck") is not None else ""
    clocked = f"Su turno está abierto{truck}." if facts.get("clocked_in") else "Todavía no marca su entrada."
    other = "Tiene otra llamada abierta conmigo." if facts.get("other_call_open") else ""
    return join(
        f"Gracias, {name}." if name else "Gracias.", clocked, other, unread(facts.get("unread")), "¿Qué hacemos?"
    )


def filler(facts: Facts, tz: str) -> str:
    return FILLERS[int(facts.get("turn") or 0) % len(FILLERS)]


def not_understood(facts: Facts, tz: str) -> str:
    return NOT_UNDERSTOOD[min(max(int(facts.get("count") or 1), 1), len(NOT_UNDERSTOOD)) - 1]


def resumed(facts: Facts, tz: str) -> str:
    done = f"Tengo {clean(facts['done'], 80)}." if facts.get("done") else ""
    doing = f"¿Seguimos con {clean(facts['doing'], 60)}?" if facts.get("doing") else "¿En qué estábamos?"
    return join("Perdón, se cortó la llamada.", done, doing)


def max_length_warning(facts: Facts, tz: str) -> str:
    left = counted(int(facts.get("minutes") or 1), "minuto", "minutos")
    return f"Esta llamada termina en {left}. ¿Algo importante antes?"


def goodbye(facts: Facts, tz: str) -> str:
    name = clean(facts.get("first_name"), 40)
    return f"Hasta luego, {name}." if name else "Hasta luego."


def _told(lead: str, facts: Facts) -> str:
    said = f"{lead}: {clean(facts.get('text'), 500)}"
    return said if said[-1] in "!?" else f"{said}."


def office_says(facts: Facts, tz: str) -> str:
    return _told("La oficina dice", facts)


def office_note(facts: Facts, tz: str) -> str:
    return _told("Tengo una nota de la oficina", facts)


_HARD_OF_HEARING = "En este momento oigo mal; use frases cortas, por favor, o el teclado."

SENTENCES: dict[str, Sentence] = {
    "menu_person": fixed(f"{_HARD_OF_HEARING} Oprima cero para una persona."),
    "menu_technician": fixed(
        f"{_HARD_OF_HEARING} Oprima cuatro para su próximo trabajo, cinco cuando vaya en camino, seis cuando llegue, "
        "siete para mensajes, cero para la oficina."
    ),
    "menu_reception": fixed(
        f"{_HARD_OF_HEARING} Oprima cero para una persona, asterisco para dejar un mensaje, número para el horario, o "
        "marque su gafete."
    ),
    "greeting": greeting,
    "ask_badge": ask_badge,
    "ask_pin": fixed("Ahora su clave y la tecla de número."),
    "keypad_timeout": fixed("No recibí ninguna tecla. Marque el número y después la tecla de número."),
    "keypad_short": fixed("Faltan números. Márquelo otra vez y después la tecla de número."),
    "keypad_again": fixed("Empecemos de nuevo. Marque su número de gafete y después la tecla de número."),
    "keypad_given_up": fixed("No pude comprobar quién es. Llame a la oficina, por favor. Hasta luego."),
    "pin_spoken": fixed("No diga su clave en voz alta. No la guardé. Márquela en el teclado y la tecla de número."),
    "pin_wrong": pin_wrong,
    "pin_slow": pin_slow,
    "pin_locked": pin_locked,
    "verified": verified,
    "lent_phone": fixed("Está en el teléfono de otra persona, no importa. Todo queda a su nombre."),
    "verify_first": fixed("Necesito su gafete y su clave antes de hacer eso."),
    "filler": filler,
    "not_understood": not_understood,
    "silence_first": fixed("¿Sigue ahí?"),
    "silence_second": fixed("No le oigo. Diga algo, o toque cualquier tecla."),
    "silence_end": fixed("No oí nada, así que voy a colgar. Llame cuando quiera. Hasta luego."),
    "max_length_warning": max_length_warning,
    "max_length_end": fixed("Esta llamada llegó a su tiempo máximo. Llame otra vez, por favor. Hasta luego."),
    "loop_end": fixed("Lo siento, no estamos avanzando. Llame a la oficina, por favor. Hasta luego."),
    "unknown_caller": unknown_caller,
    "known_caller": unknown_caller,
    "withheld_number": withheld_number,
    "customer_caller": fixed("Lo siento, no logro entender. Llame a la oficina en otro momento. Hasta luego."),
    "second_call": fixed("Tiene otra llamada abierta conmigo. Lo que haga aquí cuenta para las dos."),
    "database_trouble": fixed("Lo siento, no puedo ver nuestros datos ahora. Intente otra vez en un momento."),
    "database_back": fixed("Ya puedo ver nuestros datos. Lo que dijo quedó anotado."),
    "kept_for_later": fixed("No puedo ver nuestros datos ahora. Guardé lo que dijo y quedará anotado."),
    "internal_error": fixed("Perdón, algo falló de mi lado. Intente otra vez, por favor."),
    "resumed": resumed,
    "office_says": office_says,
    "office_note": office_note,
    "ended_by_office": fixed("La oficina termina esta llamada. Hasta luego."),
    "say_goodbye": goodbye,
    "goodbye": goodbye,
}
