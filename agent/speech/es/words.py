"""Numbers, times, dates and parts in Spanish words, as they are said in America."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from num2words import num2words

from agent.speech import clean as cleaning
from agent.speech.en.words import part as english_part

DIGITS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
_COUNTED = ("", "unit", "units", "piece", "pieces", "each")
_MEASURES = {"ft": ("pie", "pies"), "foot": ("pie", "pies"), "feet": ("pie", "pies"), "box": ("caja", "cajas")}
_NAMED_DAYS = {
    "today": "hoy",
    "tomorrow": "mañana",
    "yesterday": "ayer",
    "monday": "el lunes",
    "tuesday": "el martes",
    "wednesday": "el miércoles",
    "thursday": "el jueves",
    "friday": "el viernes",
    "saturday": "el sábado",
    "sunday": "el domingo",
}


def clean(text: object, limit: int = cleaning.SPOKEN_LIMIT) -> str:
    """Stored text made safe to speak."""
    return cleaning.clean(text, limit, cut="etcétera", link="un enlace")


def upper(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def cardinal(value: object) -> str:
    """A count in words: 2 → "dos", 2.5 → "dos punto cinco"."""
    number = decimal(value)
    if number is None:
        return clean(value, 40)
    whole = int(number) if number == number.to_integral_value() else float(number)
    return num2words(whole, lang="es")


def counted(value: object, one: str, many: str, *, feminine: bool = False) -> str:
    """So many of something: "un mensaje", "una orden", "veintiún mensajes"."""
    number = decimal(value) or Decimal(0)
    if number == 1:
        return f"{'una' if feminine else 'un'} {one}"
    said = cardinal(number)
    if said.endswith("uno"):
        said = f"{said[:-3]}una" if feminine else re.sub("uno$", "ún" if said.endswith("tiuno") else "un", said)
    return f"{said} {many}"


def spoken_number(value: object) -> str:
    """A number that is a name (order, truck, badge), in pairs as people say it: 1042 → "diez cuarenta y dos"."""
    digits = re.sub(r"\D", "", str(value))
    if not digits:
        return clean(value, 20)
    if len(digits) == 4 and digits[0] != "0" and digits[1:] != "000":
        head, tail = digits[:2], digits[2:]
        return f"{cardinal(head)} {'cien' if tail == '00' else digitwise(tail) if tail[0] == '0' else cardinal(tail)}"
    if len(digits) == 3 and digits[0] != "0" and digits[1] == "0":
        return digitwise(digits) if digits[2] != "0" else cardinal(digits)
    return cardinal(digits) if len(digits) <= 4 and digits[0] != "0" else digitwise(digits)


def digitwise(digits: str) -> str:
    """Every digit by itself."""
    return " ".join(DIGITS[int(digit)] for digit in digits if digit.isdigit())


def phone(number: object) -> str:
    """A telephone number in groups, without the country code of North America."""
    digits = re.sub(r"\D", "", str(number or ""))
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) == 10:
        groups = [digits[:3], digits[3:6], digits[6:]]
    else:
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return ", ".join(digitwise(group) for group in groups)


def clock(hour: int, minute: int) -> str:
    """A time of day with its article: "las cuatro y media de la tarde", "la una de la tarde"."""
    if minute == 0 and hour in (0, 12):
        return "la medianoche" if hour == 0 else "el mediodía"
    shown = hour % 12 or 12
    said = "la una" if shown == 1 else f"las {cardinal(shown)}"
    if minute:
        minutes = {15: "cuarto", 30: "media"}.get(minute, cardinal(minute))
        said = f"{said} y {minutes}"
    part_of_day = "mañana" if hour < 12 else "tarde" if hour < 20 else "noche"
    return f"{said} de la {part_of_day}"


def local_clock(text: object) -> str:
    """`HH:MM`, a time already in the company's zone, in words; other text as it is."""
    match = re.match(r"(\d{1,2}):(\d{2})", str(text or ""))
    if not match or int(match[1]) > 24 or int(match[2]) > 59:
        return clean(text, 20)
    return clock(int(match[1]) % 24, int(match[2]))


def at(time: str) -> str:
    """ "a las cuatro", "al mediodía"."""
    return f"al {time[3:]}" if time.startswith("el ") else f"a {time}"


def time_at(stamp: object, tz: str) -> str:
    """An ISO-8601 moment as the time of day in the zone `tz`."""
    moment = moment_of(stamp)
    if moment is None:
        return clean(stamp, 30)
    there = moment.astimezone(ZoneInfo(tz))
    return clock(there.hour, there.minute)


def day_at(stamp: object, tz: str) -> str:
    """An ISO-8601 moment as the date in the zone `tz`; a bare date as that date."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(stamp)):
        return day(stamp)
    moment = moment_of(stamp)
    return day(moment.astimezone(ZoneInfo(tz)).date()) if moment else clean(stamp, 30)


def when(stamp: object, tz: str) -> str:
    """Day and time: "el jueves cinco de marzo a las siete de la mañana"."""
    return f"{day_at(stamp, tz)} {at(time_at(stamp, tz))}"


def day(value: object) -> str:
    """A date with its weekday: "el miércoles cuatro de marzo"."""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    except ValueError:
        return clean(value, 30)
    return f"el {WEEKDAYS[found.weekday()]} {_of_month(found.day)} de {MONTHS[found.month - 1]}"


def moment_from(stamp: object, today: object, tz: str) -> str:
    """A moment as somebody says it on the date `today`: "a las siete", "mañana a las siete", "el lunes a las siete"."""
    moment = moment_of(stamp)
    if moment is None:
        return clean(stamp, 30)
    there = moment.astimezone(ZoneInfo(tz))
    time = at(clock(there.hour, there.minute))
    try:
        days = (there.date() - date.fromisoformat(str(today))).days
    except ValueError:
        days = 7
    if days < 2:
        return time if days == 0 else f"mañana {time}"
    return f"el {WEEKDAYS[there.weekday()]} {time}" if days < 7 else f"{day(there.date())} {time}"


def named_day(value: object) -> str:
    """A day as tools take it: "friday", "next monday", "03-04", "2026-03-04"."""
    text = clean(value, 30).lower()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return day(text)
    month_day = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if month_day and 1 <= int(month_day[1]) <= 12:
        return f"el {_of_month(int(month_day[2]))} de {MONTHS[int(month_day[1]) - 1]}"
    following = text.removeprefix("next ")
    said = _NAMED_DAYS.get(following, following)
    return f"{said} de la próxima semana" if following != text else said


def _of_month(number: int) -> str:
    return "primero" if number == 1 else cardinal(number)


def part(name: object) -> str:
    """A part's name. Companies keep their parts in English, and so do their people when they speak Spanish."""
    return english_part(name)


def amount(quantity: object, unit: object) -> str:
    """A quantity without its part: "doscientos pies", "tres"."""
    measure = str(unit or "").strip().lower()
    if measure in _COUNTED:
        return cardinal(quantity)
    one, many = _MEASURES.get(measure, (measure, measure))
    return counted(quantity, one, many)


def count_of(quantity: object, unit: object, name: object) -> str:
    """So much of a part: "cincuenta pies de Cat 6 cable", "dos RJ 45 connector"."""
    if str(unit or "").strip().lower() in _COUNTED:
        return f"{cardinal(quantity)} {part(name)}".strip()
    return f"{amount(quantity, unit)} de {part(name)}"


def listed(items: Iterable[str], joiner: str = "y") -> str:
    """Items as they are said: "a", "a y b", "a, b y c"; "e" and "u" before their own sound."""
    said = [item for item in items if item]
    if len(said) < 2:
        return "".join(said)
    last = said[-1].lower()
    if joiner == "y" and re.match(r"h?i(?!e)", last):
        joiner = "e"
    elif joiner == "o" and re.match(r"h?o", last):
        joiner = "u"
    return f"{', '.join(said[:-1])} {joiner} {said[-1]}"


def orders(count: object) -> str:
    """A number of jobs: "ningún trabajo", "un trabajo", "dos trabajos"."""
    return counted(count, "trabajo", "trabajos") if decimal(count) else "ningún trabajo"


def duration(seconds: object) -> str:
    """A wait in words, rounded up: whole minutes above ninety seconds, whole hours above two of them."""
    number = max(int(decimal(seconds) or 0), 1)
    if number <= 90:
        return counted(number, "segundo", "segundos")
    if number <= 7200:
        return counted(-(-number // 60), "minuto", "minutos")
    return counted(-(-number // 3600), "hora", "horas", feminine=True)


def order(job: Mapping[str, object] | None) -> str:
    """A work order by its spoken number: "la orden diez cuarenta y dos"."""
    number = (job or {}).get("number")
    return f"la orden {spoken_number(number)}" if number is not None else "la orden"


def decimal(value: object) -> Decimal | None:
    """The number, or None when it is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def moment_of(stamp: object) -> datetime | None:
    """An ISO-8601 moment, UTC unless it says otherwise; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(stamp).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
