"""Numbers, times, dates and parts in English words, written so that a plain synthesiser reads them well."""

import re
from calendar import day_name, month_name
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from num2words import num2words

from agent.speech.clean import clean

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Read as letters or as words by every voice that we have; the names themselves come from the database.
_READ_AS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"\b(RJ|RG|[Cc]at)-?\s?(\d+)([a-z]?)\b", r"\1 \2 \3"),
        (r"\b(\d+)\s?V\b", r"\1 volt"),
        (r"\b(\d+)\s?[Ff]t\b\.?", r"\1 feet"),
        (r"\bPoE\b", "P O E"),
        (r"\b(PTZ|BNC|IP|UPS|NVR|DVR)\b", r"\1"),
    )
)


def cardinal(value: object) -> str:
    """A count in words: 2 → "two", 2.5 → "two point five", 120 → "one hundred twenty"."""
    number = _decimal(value)
    if number is None:
        return clean(value, 40)
    whole = int(number) if number == number.to_integral_value() else float(number)
    return num2words(whole).replace(" and ", " ").replace(",", "").replace("-", " ")


def spoken_number(value: object) -> str:
    """A number that is a name (work order, truck, badge), in the groups people say: 201 → "two oh one"."""
    digits = re.sub(r"\D", "", str(value))
    if not digits:
        return clean(value, 20)
    if len(digits) == 3:
        return _grouped(digits[0], digits[1:])
    if len(digits) == 4:
        if digits[1:] == "000":
            return cardinal(digits)
        return _grouped(digits[:2], digits[2:])
    return digitwise(digits) if len(digits) > 2 else cardinal(digits)


def _grouped(head: str, tail: str) -> str:
    first = digitwise(head) if head.startswith("0") else cardinal(head)
    if tail == "00":
        return f"{first} hundred"
    return f"{first} oh {cardinal(tail[1])}" if tail.startswith("0") else f"{first} {cardinal(tail)}"


def digitwise(digits: str) -> str:
    """Every digit by itself: "20" → "two zero"."""
    return " ".join(_DIGITS[int(digit)] for digit in digits if digit.isdigit())


def phone(number: object) -> str:
    """A telephone number in groups, without the country code of North America."""
    digits = re.sub(r"\D", "", str(number or ""))
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) != 10:
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    else:
        groups = [digits[:3], digits[3:6], digits[6:]]
    return ", ".join(digitwise(group) for group in groups)


def clock(hour: int, minute: int) -> str:
    """A time of day. Working hours (7 to 18:59) need no morning or evening; the others get it."""
    if minute == 0 and hour in (0, 12):
        return "midnight" if hour == 0 else "noon"
    shown = cardinal(hour % 12 or 12)
    if minute == 0:
        spoken = f"{shown} o'clock"
    else:
        spoken = f"{shown} oh {cardinal(minute)}" if minute < 10 else f"{shown} {cardinal(minute)}"
    if 7 <= hour < 19:
        return spoken
    return f"{spoken} in the {'morning' if hour < 12 else 'evening'}"


def local_clock(text: object) -> str:
    """`HH:MM`, a time already in the company's zone, in words; other text as it is."""
    match = re.match(r"(\d{1,2}):(\d{2})", str(text or ""))
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return clean(text, 20)
    return clock(int(match[1]), int(match[2]))


def time_at(stamp: object, tz: str) -> str:
    """An ISO-8601 moment (UTC unless it says otherwise) as the time of day in the zone `tz`."""
    moment = _moment(stamp)
    if moment is None:
        return clean(stamp, 30)
    there = moment.astimezone(ZoneInfo(tz))
    return clock(there.hour, there.minute)


def day_at(stamp: object, tz: str) -> str:
    """An ISO-8601 moment as the date in the zone `tz`; a bare date as that date."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(stamp)):
        return day(stamp)
    moment = _moment(stamp)
    return day(moment.astimezone(ZoneInfo(tz)).date()) if moment else clean(stamp, 30)


def day(value: object) -> str:
    """A date with its weekday: "Wednesday, March fourth"."""
    try:
        when = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    except ValueError:
        return clean(value, 30)
    ordinal = num2words(when.day, to="ordinal").replace("-", " ")
    return f"{when:%A}, {when:%B} {ordinal}"


def moment_from(stamp: object, today: object, tz: str, *, opening: bool = False) -> str:
    """A moment as somebody says it on the date `today`: the time, then with tomorrow, a weekday or a date.

    `opening` puts an "at" before the time.
    """
    moment = _moment(stamp)
    if moment is None:
        return clean(stamp, 30)
    there = moment.astimezone(ZoneInfo(tz))
    at = f"at {clock(there.hour, there.minute)}" if opening else clock(there.hour, there.minute)
    try:
        days = (there.date() - date.fromisoformat(str(today))).days
    except ValueError:
        days = 7
    if days < 2:
        return at if days == 0 else f"tomorrow {at}"
    return f"{there:%A} {at}" if days < 7 else f"{day(there.date())} {at}"


def named_day(value: object) -> str:
    """A day as tools take it, whether it exists or not: "friday", "next monday", "03-04", "2026-03-04"."""
    text = clean(value, 30)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return day(text)
    month_day = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if month_day and 1 <= int(month_day[1]) <= 12:
        ordinal = num2words(int(month_day[2]), to="ordinal").replace("-", " ")
        return f"{month_name[int(month_day[1])]} {ordinal}"
    if text.startswith("day after"):
        return f"the {text}"
    weekdays = {name.lower(): name for name in day_name}
    return " ".join(weekdays.get(word, word) for word in text.split())


def part(name: object) -> str:
    """A part's name as a voice should read it: "RJ45 Connector" → "RJ 45 connector"."""
    spoken = clean(name, 80)
    for pattern, text in _READ_AS:
        spoken = pattern.sub(text, spoken)
    words = re.sub(r"\s+", " ", spoken).strip().split(" ")
    return " ".join(word.lower() if word[1:].islower() and word != "Cat" else word for word in words)


def count_of(quantity: object, unit: object, name: object) -> str:
    """So much of a part, with a unit where it has one: "fifty feet of Cat 6 cable", "two RJ 45 connectors"."""
    one = _decimal(quantity) == 1
    amount = cardinal(quantity)
    measure = str(unit or "").strip().lower()
    if measure in ("", "unit", "units", "piece", "pieces", "each"):
        return f"{amount} {singular(part(name)) if one else plural(part(name))}"
    return f"{amount} {_measure(measure, one)} of {part(name)}"


def amount(quantity: object, unit: object) -> str:
    """A quantity without its part: "two hundred feet", "three"."""
    measure = str(unit or "").strip().lower()
    if measure in ("", "unit", "units", "piece", "pieces", "each"):
        return cardinal(quantity)
    return f"{cardinal(quantity)} {_measure(measure, _decimal(quantity) == 1)}"


def _measure(measure: str, one: bool) -> str:
    if measure in ("foot", "feet", "ft"):
        return "foot" if one else "feet"
    return singular(measure) if one else plural(measure)


def plural(name: str) -> str:
    """The plural of a part's name; names that already are stay."""
    if re.search(r"(?:[^s]s|dry|cable wire)$", name):
        return name
    if re.search(r"(?:ch|sh|x|ss)$", name):
        return name + "es"
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + "s"


def singular(name: str) -> str:
    """The singular of a part's name; names that already are stay."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if re.search(r"(?:ch|sh|x|ss)es$", name):
        return name[:-2]
    return name[:-1] if re.search(r"[^s]s$", name) else name


def listed(items: Iterable[str], joiner: str = "and") -> str:
    """Items as they are said: "a", "a and b", "a, b, and c"."""
    said = [item for item in items if item]
    if len(said) < 3:
        return f" {joiner} ".join(said)
    return f"{', '.join(said[:-1])}, {joiner} {said[-1]}"


def jobs(count: object) -> str:
    """A number of jobs: "no jobs", "one job", "two jobs"."""
    number = int(_decimal(count) or 0)
    return "no jobs" if number == 0 else "one job" if number == 1 else f"{cardinal(number)} jobs"


def duration(seconds: object) -> str:
    """A wait in words, rounded up: whole minutes above ninety seconds, whole hours above two of them."""
    number = max(int(_decimal(seconds) or 0), 1)
    if number <= 90:
        return "one second" if number == 1 else f"{cardinal(number)} seconds"
    if number <= 7200:
        return f"{cardinal(-(-number // 60))} minutes"
    return f"{cardinal(-(-number // 3600))} hours"


def order(job: Mapping[str, object] | None) -> str:
    """A work order by its spoken number: "work order ten forty two"."""
    number = (job or {}).get("number")
    return f"work order {spoken_number(number)}" if number is not None else "the work order"


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(stamp: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(stamp).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
