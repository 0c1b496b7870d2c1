"""Days and times as people say them, in the forms that the line functions take."""

import re

from agent.offline.understand.numbers import NUMBER_WORD, naming

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_WORDS = "january february march april may june july august september october november december"
MONTHS = tuple(_MONTH_WORDS.split())
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS.split(), start=1)} | {"thirtieth": 30}
_ORDINAL = rf"(?:(?:twenty |thirty )?(?:{'|'.join(_ORDINALS)}) |\d{{1,2}}(?:st|nd|rd|th) )"
_MONTH = f"(?:{'|'.join(MONTHS)}) "
_AFTER_MONTH = f"(?:{_ORDINAL}|{NUMBER_WORD} (?:{NUMBER_WORD} )?)"
_OF_MONTH = f"(?:{_MONTH}(?:the )?{_AFTER_MONTH}|(?:the )?{_ORDINAL}(?:of )?{_MONTH})"
_WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
DAY = (
    r"(?:day after tomorrow |todays? |tonight |this (?:morning |afternoon |evening )|"
    r"tomorrows? (?:morning |afternoon )?|yesterdays? |"
    rf"(?:next |this |coming |this coming )?{_WEEKDAY}s? (?:morning |afternoon )?|"
    rf"\d{{4}} \d{{1,2}} \d{{1,2}} |(?:{_WEEKDAY} )?{_OF_MONTH})"
)
DAY_OF_NO_MONTH = rf"(?:(?:next |this )?{_WEEKDAY} )?the {_ORDINAL}(?!of )"
"""Friday the thirteenth: without a calendar nobody knows which month, so it is asked."""
_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[01]?\d|2[0-3])"
_MINUTE = rf"(?:oh {NUMBER_WORD}|o {NUMBER_WORD}|(?:fifteen|thirty|forty|fourty|twenty|ten|fifty)(?: five)?|[0-5]\d)"
_HALF = r"(?: (?:am|pm|a m|p m|in the morning|in the afternoon|in the evening))?"
TIME = (
    rf"(?:(?:(?:half|quarter|a quarter|{NUMBER_WORD}(?: minutes)?) (?:past|after|to|till|of) {_HOUR}|noon|midday|"
    rf"{_HOUR}(?: {_MINUTE})?(?: oclock)?){_HALF} )"
)


def day(words: str) -> str | None:
    """The day in a form that the line functions take, or None where the words are no such day.

    These are today, tomorrow, yesterday, "day after tomorrow", a weekday's name, with "next" when it was said (next
    Monday is never today), MM-DD and YYYY-MM-DD.
    """
    text = words.strip().removeprefix("the ")
    if text == "day after tomorrow":
        return text
    if re.match(r"todays?\b|tonight|this (?:morning|afternoon|evening)", text):
        return "today"
    for word in ("tomorrow", "yesterday"):
        if text.startswith(word):
            return word
    full = re.fullmatch(r"(\d{4}) (\d{1,2}) (\d{1,2})", text)
    if full:
        return f"{full[1]}-{int(full[2]):02}-{int(full[3]):02}"
    month = next((index for index, name in enumerate(MONTHS, start=1) if name in text.split()), None)
    weekday = next((word for word in WEEKDAYS if re.search(rf"\b{word}s?\b", text)), None)
    if weekday and not month:
        return f"next {weekday}" if text.startswith("next ") else weekday
    number = _day_number(re.sub(rf"\b(?:{'|'.join((*MONTHS, *WEEKDAYS))}|of|the)\b", " ", text))
    return f"{month:02}-{number:02}" if month and number and 1 <= number <= 31 else None


def _day_number(words: str) -> int | None:
    tokens = words.split()
    if not tokens:
        return None
    tens = {"twenty": 20, "thirty": 30}.get(tokens[0], 0) if len(tokens) == 2 else 0
    if tokens[-1] in _ORDINALS:
        return tens + _ORDINALS[tokens[-1]]
    digits = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", tokens[-1])
    if digits:
        return int(digits[1])
    readings = naming(" ".join(tokens))
    return readings[0] if readings else None


def time(words: str) -> str | None:
    """HH:MM on a 24-hour clock. One to six without "a m" are in the afternoon: nobody books a visit at night."""
    text = words.strip()
    half = re.search(r"(?:(am|a m|in the morning)|(pm|p m|in the afternoon|in the evening))$", text)
    text = text[: half.start()].strip() if half else text
    text = text.removesuffix(" oclock")
    if text in ("noon", "midday"):
        return "12:00"
    moment = _relative(text) or _plain(text)
    if moment is None:
        return None
    hour, minute = moment
    if half and half[2] and hour < 12:
        hour += 12
    elif half and half[1] and hour == 12:
        hour = 0
    elif not half and 1 <= hour <= 6:
        hour += 12
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _relative(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(?:a )?(.+?)(?: minutes)? (past|after|to|till|of) (.+)", text)
    if not match:
        return None
    minutes = {"half": 30, "quarter": 15}.get(match[1]) or next(iter(naming(match[1])), None)
    hour = next(iter(naming(match[3])), None)
    if minutes is None or hour is None or not 0 <= minutes < 60:
        return None
    if match[2] in ("past", "after"):
        return hour, minutes
    return (hour - 1 or 12), 60 - minutes


def _plain(text: str) -> tuple[int, int] | None:
    first, _, rest = text.partition(" ")
    if re.fullmatch(r"\d{3,4}", first) and not rest:
        return int(first[:-2]), int(first[-2:])
    hour = next(iter(naming(first)), None)
    minute = next(iter(naming(rest)), None) if rest else 0
    return (hour, minute) if hour is not None and minute is not None else None
