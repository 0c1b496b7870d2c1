"""Stock, parts, notes, and what was entered last."""

from agent.speech.clean import clean
from agent.speech.en.day import at_customer
from agent.speech.en.words import amount, cardinal, count_of, listed, part, plural, spoken_number, time_at
from agent.speech.sentence import Facts, Sentence, join

MAX_ITEMS_SPOKEN = 6
MAX_TRUCKS_SPOKEN = 4


def check_stock(facts: Facts, tz: str) -> str:
    if "items" in facts:
        return _whole_truck(facts)
    unit, name = facts.get("unit"), facts.get("part")
    others = _trucks(facts.get("others") or [], unit)
    if facts.get("truck") is None or facts.get("quantity") is None:
        return f"{_sentence(others)} {_plural_of(name, unit)}." if others else f"No truck has {_plural_of(name, unit)}."
    truck = f"truck {spoken_number(facts['truck'])}"
    low = ", which is low" if facts.get("low") else ""
    if not float(facts["quantity"]):
        elsewhere = f"{_sentence(others)}." if others else "No other truck has any."
        return f"There are no {_plural_of(name, unit)} on {truck}. {elsewhere}".replace("are no", _is_no(unit))
    return f"On {truck} there {_are(facts['quantity'])} {count_of(facts['quantity'], unit, name)}{low}."


def _is_no(unit: object) -> str:
    return "are no" if _counted(unit) else "is no"


def _are(quantity: object) -> str:
    return "is" if float(str(quantity)) == 1 else "are"


def _counted(unit: object) -> bool:
    return str(unit or "").lower() in ("", "unit", "units", "piece", "pieces", "each")


def _plural_of(name: object, unit: object) -> str:
    return plural(part(name)) if _counted(unit) else part(name)


def _whole_truck(facts: Facts) -> str:
    items = facts.get("items") or []
    truck = f"truck {spoken_number(facts.get('truck'))}"
    if not items:
        return f"Nothing is listed on {truck}."
    low = [item for item in items if item.get("low")]
    if low:
        some = [count_of(item.get("quantity"), item.get("unit"), item.get("part")) for item in low]
        rest = len(items) - len(low)
        enough = f"The other {cardinal(rest)} items are fine." if rest > 1 else ""
        return join(f"On {truck}, low: {listed(some[:MAX_ITEMS_SPOKEN])}.", enough)
    some = [count_of(item.get("quantity"), item.get("unit"), item.get("part")) for item in items]
    rest = len(items) - MAX_ITEMS_SPOKEN
    more = f"And {cardinal(rest)} other items; ask me for any one." if rest > 0 else ""
    return join(f"On {truck}: {listed(some[:MAX_ITEMS_SPOKEN])}. Nothing is low.", more)


def _trucks(trucks: list[Facts], unit: object) -> str:
    """ "truck two oh two has three and truck two oh three has five", in order of what they have."""
    said = []
    for entry in trucks[:MAX_TRUCKS_SPOKEN]:
        who = f", with {clean(entry['technician'], 60)}," if entry.get("technician") else ""
        said.append(f"truck {spoken_number(entry.get('truck'))}{who} has {amount(entry.get('quantity'), unit)}")
    return listed(said)


def who_has(facts: Facts, tz: str) -> str:
    unit, name = facts.get("unit"), facts.get("part")
    trucks = [entry for entry in facts.get("trucks") or [] if float(entry.get("quantity") or 0) > 0]
    if not trucks:
        return f"No truck has {_plural_of(name, unit)}."
    mine = [entry for entry in trucks if entry.get("mine")]
    others = _trucks([entry for entry in trucks if not entry.get("mine")], unit)
    yours = f"You have {amount(mine[0].get('quantity'), unit)} on your own truck." if mine else ""
    return join(f"{_sentence(_plural_of(name, unit))}:", f"{others}." if others else "no other truck has any.", yours)


def use_part(facts: Facts, tz: str) -> str:
    unit, name = facts.get("unit"), facts.get("part")
    used = count_of(facts.get("quantity"), unit, name)
    job = f" on {at_customer(facts['job'])}" if facts.get("job") else ""
    if facts.get("repeated"):
        return f"I already have that: {used}{job}. If you used as much once more, say it with the word again."
    left = f"{_sentence(amount(facts.get('left'), unit))} left on your truck"
    return f"Noted: {used}{job}. {left}{', which is low' if facts.get('low') else ''}."


def take_part(facts: Facts, tz: str) -> str:
    unit = facts.get("unit")
    moved = count_of(facts.get("quantity"), unit, facts.get("part"))
    trucks = f"from truck {spoken_number(facts.get('from_truck'))}"
    if facts.get("repeated"):
        return f"I already moved {moved} {trucks}. If you took as much once more, say it with the word again."
    onto = f" to truck {spoken_number(facts['to_truck'])}" if facts.get("to_truck") is not None else ""
    have = f" You now have {amount(facts['have'], unit)}." if facts.get("have") is not None else ""
    return f"Moved {moved} {trucks}{onto}.{have}"


def request_restock(facts: Facts, tz: str) -> str:
    unit, name = facts.get("unit"), facts.get("part")
    wanted = count_of(facts["quantity"], unit, name) if facts.get("quantity") else _plural_of(name, unit)
    truck = f" for truck {spoken_number(facts['truck'])}" if facts.get("truck") is not None else ""
    if facts.get("repeated"):
        return f"The office already has your request for {wanted}."
    return f"I asked the office to restock {wanted}{truck}."


def add_note(facts: Facts, tz: str) -> str:
    job = f" to {at_customer(facts['job'])}" if facts.get("job") else ""
    text = clean(facts.get("note"), 120)
    if facts.get("repeated"):
        return f"I already have that note: {text}."
    alerted = " The office has been alerted." if facts.get("alerted") else ""
    return f"Note added{job}: {text}.{alerted}"


def read_last_entry(facts: Facts, tz: str) -> str:
    at = f" at {time_at(facts['at'], tz)}" if facts.get("at") else ""
    job = f" on {at_customer(facts['job'])}" if facts.get("job") else ""
    taken = ", taken from another truck" if facts.get("action") == "taken" else ""
    return f"Your last entry{at}{job}: {_entry(facts)}{taken}."


def undo_last_entry(facts: Facts, tz: str) -> str:
    if facts.get("repeated"):
        return f"That's already taken back: {_entry(facts)}."
    back = " The stock is back where it was." if facts.get("kind") == "part" else ""
    return f"Taken back: {_entry(facts)}.{back}"


def _entry(facts: Facts) -> str:
    if facts.get("kind") == "part":
        return count_of(facts.get("quantity"), facts.get("unit"), facts.get("part"))
    return f"the note, {clean(facts.get('text'), 160)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


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
