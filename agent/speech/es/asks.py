"""What the line asks back in Spanish when something is missing or unsure, and what it answers to small talk."""

from agent.speech.es.words import at, cardinal, clean, listed, local_clock, named_day, order, part, spoken_number
from agent.speech.sentence import Facts, Sentence, fixed


def confirm_clock_in(facts: Facts, tz: str) -> str:
    return f"¿Marco su entrada en la camioneta {spoken_number(facts.get('truck'))}?"


def confirm_take_part(facts: Facts, tz: str) -> str:
    what = f"{cardinal(facts.get('quantity'))} {part(facts.get('part')) or 'de eso'}"
    return f"¿Paso {what} de la camioneta {spoken_number(facts.get('from_truck'))} a la suya?"


def confirm_use_part(facts: Facts, tz: str) -> str:
    return f"¿Anoto {cardinal(facts.get('quantity'))} {part(facts.get('part')) or 'de eso'} como usado?"


def confirm_restock(facts: Facts, tz: str) -> str:
    return f"¿Le pido a la oficina que reponga {part(facts.get('part')) or 'eso'}?"


def confirm_travel(facts: Facts, tz: str) -> str:
    return f"¿Va en camino a {order(facts) if facts.get('number') else 'su próximo trabajo'}?"


def confirm_arrive(facts: Facts, tz: str) -> str:
    return f"¿Ya llegó a {order(facts) if facts.get('number') else 'el trabajo'}?"


def confirm_note(facts: Facts, tz: str) -> str:
    return f"¿Anoto: {clean(facts.get('note'), 120)}?"


def confirm_follow_up(facts: Facts, tz: str) -> str:
    time = f" {at(local_clock(facts['time']))}" if facts.get("time") else ""
    return f"¿Programo otra visita para {named_day(facts.get('day')) or 'ese día'}{time}?"


def choose_again(facts: Facts, tz: str) -> str:
    options = [clean(option, 60) for option in facts.get("options") or ()]
    return f"Elija por favor: {listed(options, 'o')}." if options else "¿Cuál de ellos?"


SENTENCES: dict[str, Sentence] = {
    "ask_truck": fixed("¿En qué camioneta está?"),
    "ask_from_truck": fixed("¿De qué camioneta?"),
    "ask_part": fixed("¿Qué pieza?"),
    "ask_quantity": fixed("¿Cuántas piezas, o cuántos pies?"),
    "ask_note": fixed("¿Qué anoto?"),
    "ask_summary": fixed("¿Qué hizo? Dígame un resumen corto."),
    "ask_day": fixed("¿Qué día? Diga un día de la semana o una fecha."),
    "ask_number": fixed("¿Cuál es el número de la orden?"),
    "confirm_clock_in": confirm_clock_in,
    "confirm_clock_out": fixed("¿Marco su salida?"),
    "confirm_take_part": confirm_take_part,
    "confirm_use_part": confirm_use_part,
    "confirm_restock": confirm_restock,
    "confirm_travel": confirm_travel,
    "confirm_arrive": confirm_arrive,
    "confirm_note": confirm_note,
    "confirm_follow_up": confirm_follow_up,
    "confirm_undo": fixed("¿Deshago lo último que anoté?"),
    "confirm_do_it": fixed("¿Lo hago ahora?"),
    "choose_again": choose_again,
    "done_or_bye": fixed("¿Terminó el trabajo, o es todo por esta llamada?"),
    "cancelled": fixed("Muy bien, lo dejo como está."),
    "anything_else": fixed("Muy bien. ¿Algo más?"),
    "nothing_to_confirm": fixed("No le pregunté nada. ¿Qué necesita?"),
    "welcome": fixed("De nada. ¿Algo más?"),
    "hello": fixed("Hola. ¿Qué necesita?"),
    "wait": fixed("Claro, tome su tiempo."),
    "robot": fixed(
        "Soy un asistente automático. Puedo marcar su entrada, leer sus trabajos, tomar notas y contar piezas."
    ),
    "help": fixed(
        "Puede marcar su entrada o salida, preguntar qué sigue, decir que va en camino o que ya llegó, dejar una nota, "
        "usar o buscar piezas, y terminar el trabajo."
    ),
    "nothing_to_repeat": fixed("Todavía no he dicho nada."),
}
