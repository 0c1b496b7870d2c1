"""Stock, parts, notes, and what was entered last, in Spanish."""

from agent.speech.es.day import at_customer
from agent.speech.es.words import amount, at, cardinal, clean, count_of, listed, part, spoken_number, time_at, upper
from agent.speech.sentence import Facts, Sentence, join

MAX_ITEMS_SPOKEN = 6
MAX_TRUCKS_SPOKEN = 4


def _truck(number: object) -> str:
    return f"la camioneta {spoken_number(number)}"


def _trucks(trucks: list[Facts], unit: object) -> str:
    said = []
    for entry in trucks[:MAX_TRUCKS_SPOKEN]:
        by = f", de {clean(entry['technician'], 60)}," if entry.get("technician") else ""
        said.append(f"{_truck(entry.get('truck'))}{by} tiene {amount(entry.get('quantity'), unit)}")
    return listed(said)


def check_stock(facts: Facts, tz: str) -> str:
    if "items" in facts:
        return _whole_truck(facts)
    unit, name = facts.get("unit"), part(facts.get("part"))
    others = _trucks(facts.get("others") or [], unit)
    if facts.get("truck") is None or facts.get("quantity") is None:
        return f"De {name}: {others}." if others else f"Ninguna camioneta tiene {name or 'eso'}."
    low = ", que es poco" if facts.get("low") else ""
    if not float(facts["quantity"]):
        elsewhere = f"{upper(others)}." if others else "Ninguna otra tiene."
        return f"No hay {name} en {_truck(facts['truck'])}. {elsewhere}"
    return f"En {_truck(facts['truck'])} hay {count_of(facts['quantity'], unit, facts.get('part'))}{low}."


def _whole_truck(facts: Facts) -> str:
    items, truck = facts.get("items") or [], _truck(facts.get("truck"))
    if not items:
        return f"No hay nada anotado en {truck}."
    low = [item for item in items if item.get("low")]
    shown = [count_of(item.get("quantity"), item.get("unit"), item.get("part")) for item in (low or items)]
    if low:
        rest = len(items) - len(low)
        enough = f"De las otras {cardinal(rest)} piezas hay suficiente." if rest > 1 else ""
        return join(f"En {truck} queda poco: {listed(shown[:MAX_ITEMS_SPOKEN])}.", enough)
    rest = len(items) - MAX_ITEMS_SPOKEN
    more = f"Y {cardinal(rest)} piezas más; pregunte por cualquiera." if rest > 0 else ""
    return join(f"En {truck}: {listed(shown[:MAX_ITEMS_SPOKEN])}. De todo hay suficiente.", more)


def who_has(facts: Facts, tz: str) -> str:
    unit, name = facts.get("unit"), part(facts.get("part"))
    trucks = [entry for entry in facts.get("trucks") or [] if float(entry.get("quantity") or 0) > 0]
    if not trucks:
        return f"Ninguna camioneta tiene {name or 'eso'}."
    mine = [entry for entry in trucks if entry.get("mine")]
    others = _trucks([entry for entry in trucks if not entry.get("mine")], unit)
    yours = f"Usted tiene {amount(mine[0].get('quantity'), unit)} en la suya." if mine else ""
    return join(f"De {name}:", f"{others}." if others else "ninguna otra camioneta tiene.", yours)


def use_part(facts: Facts, tz: str) -> str:
    unit = facts.get("unit")
    used = count_of(facts.get("quantity"), unit, facts.get("part"))
    job = f" en {at_customer(facts['job'])}" if facts.get("job") else ""
    if facts.get("repeated"):
        return f"Eso ya lo tengo: {used}{job}. Si usó otra vez lo mismo, dígalo con las palabras otra vez."
    low = ", que es poco" if facts.get("low") else ""
    return f"Anotado: {used}{job}. Quedan {amount(facts.get('left'), unit)} en su camioneta{low}."


def take_part(facts: Facts, tz: str) -> str:
    unit = facts.get("unit")
    moved = count_of(facts.get("quantity"), unit, facts.get("part"))
    trucks = f"de {_truck(facts.get('from_truck'))}"
    if facts.get("repeated"):
        return f"Ya pasé {moved} {trucks}. Si tomó otra vez lo mismo, dígalo con las palabras otra vez."
    onto = f" a {_truck(facts['to_truck'])}" if facts.get("to_truck") is not None else ""
    have = f" Ahora tiene {amount(facts['have'], unit)}." if facts.get("have") is not None else ""
    return f"Pasé {moved} {trucks}{onto}.{have}"


def request_restock(facts: Facts, tz: str) -> str:
    name = part(facts.get("part")) or "eso"
    wanted = count_of(facts["quantity"], facts.get("unit"), facts.get("part")) if facts.get("quantity") else name
    if facts.get("repeated"):
        return f"La oficina ya tiene su pedido de {wanted}."
    truck = f" para {_truck(facts['truck'])}" if facts.get("truck") is not None else ""
    return f"Pedí a la oficina que reponga {wanted}{truck}."


def add_note(facts: Facts, tz: str) -> str:
    text = clean(facts.get("note"), 120)
    if facts.get("repeated"):
        return f"Ya tengo esa nota: {text}."
    job = f" en {at_customer(facts['job'])}" if facts.get("job") else ""
    alerted = " La oficina está avisada." if facts.get("alerted") else ""
    return f"Nota guardada{job}: {text}.{alerted}"


def read_last_entry(facts: Facts, tz: str) -> str:
    time = f", {at(time_at(facts['at'], tz))}" if facts.get("at") else ""
    job = f", en {at_customer(facts['job'])}" if facts.get("job") else ""
    taken = ", tomado de otra camioneta" if facts.get("action") == "taken" else ""
    return f"Lo último que anoté{time}{job}: {_entry(facts)}{taken}."


def undo_last_entry(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"Eso ya está deshecho: {_entry(facts)}."
    back = " Las piezas están otra vez donde estaban." if facts.get("kind") == "part" else ""
    return f"Deshecho: {_entry(facts)}.{back}"


def _entry(facts: Facts) -> str:
    if facts.get("kind") == "part":
        return count_of(facts.get("quantity"), facts.get("unit"), facts.get("part"))
    return f"la nota, {clean(facts.get('text'), 160)}"


SENTENCES: dict[str, Sentence] = {
    sentence.__name__: sentence
    for sentence in (
        check_stock,
        who_has,
        use_part,
        take_part,
        request_restock,
        add_note,
        read_last_entry,
        undo_last_entry,
    )
}
