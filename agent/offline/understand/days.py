"""Days and times as people say them, in the forms that the line functions take."""

import re

from agent.offline.understand.numbers import NUMBER_WORD, naming

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_ORDINALS = {
    word: value
    for value, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"],
        start=1,
    )
} | {"thirtieth": 30}
_ORDINAL = rf"(?:(?:twenty |thirty )?(?:{'|'.join(_ORDINALS)}) |\d{{1,2}}(?:st|nd|rd|th) )"
_MONTH = f"(?:{'|'.join(MONTHS)}) "
_OF_MONTH = (
    rf"(?:(?:{_MONTH})(?:the )?(?:{_ORDINAL}|{NUMBER_WORD} (?:{NUMBER_WORD} )?)|(?:the )?{_ORDINAL}(?:of )?{_MONTH})"
)
DAY = (
    r"(?:todays? |tonight |this (?:morning |afternoon |evening )|tomorrows? (?:morning |afternoon )?|yesterdays? |"
    rf"(?:next |this |coming |this coming )?(?:{'|'.join(WEEKDAYS)})s? (?:morning |afternoon )?|"
    rf"\d{{4}} \d{{1,2}} \d{{1,2}} |{_OF_MONTH})"
)
_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[01]?\d|2[0-3])"
_MINUTE = rf"(?:oh {NUMBER_WORD}|o {NUMBER_WORD}|(?:fifteen|thirty|forty|fourty|twenty|ten|fifty)(?: five)?|[0-5]\d)"
_HALF = r"(?: (?:am|pm|a m|p m|in the morning|in the afternoon|in the evening))?"
TIME = (
    rf"(?:(?:(?:half|quarter|a quarter|{NUMBER_WORD}(?: minutes)?) (?:past|after|to|till|of) {_HOUR}|noon|midday|"
    rf"{_HOUR}(?: {_MINUTE})?(?: oclock)?){_HALF} )"
)


def day(words: str) -> str | None:
    """today, tomorrow, yesterday, a weekday's name, MM-DD or YYYY-MM-DD; None where the words are no such day."""
    text = words.strip().removeprefix("the ")
    if re.match(r"todays?\b|tonight|this (?:morning|afternoon|evening)", text):
        return "today"
    for word in ("tomorrow", "yesterday"):
        if text.startswith(word):
            return word
    for word in WEEKDAYS:
        if re.search(rf"\b{word}s?\b", text):
            return word
    full = re.fullmatch(r"(\d{4}) (\d{1,2}) (\d{1,2})", text)
    if full:
        return f"{full[1]}-{int(full[2]):02}-{int(full[3]):02}"
    month = next((index for index, name in enumerate(MONTHS, start=1) if name in text.split()), None)
    number = _day_number(re.sub(rf"\b(?:{'|'.join(MONTHS)}|of|the)\b", " ", text))
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
