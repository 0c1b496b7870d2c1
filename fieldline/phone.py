"""Phone numbers: E.164 inside, whatever a carrier sends outside."""

from __future__ import annotations

import phonenumbers

#: What carriers put in the place of a number that the caller withheld.
WITHHELD = frozenset({"", "anonymous", "unavailable", "restricted", "private", "unknown", "withheld", "asserted"})


def is_withheld(raw: str | None) -> bool:
    """Whether the caller hid the number."""
    return raw is None or _user(raw).lower() in WITHHELD


def to_e164(raw: str | None, *, region: str = "US") -> str | None:
    """The number as E.164, or None where there is none to be had.

    Args:
        raw: a SIP user part or URI (`sip:+1202…@host`), a national or an international number.
        region: ISO 3166 region that numbers without a country code belong to.
    """
    if is_withheld(raw):
        return None
    user = _user(raw or "")
    if user.startswith("00"):
        user = f"+{user[2:]}"
    try:
        number = phonenumbers.parse(user, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _user(raw: str) -> str:
    """`sip:+12025550101@carrier;user=phone` → `+12025550101`."""
    text = raw.strip().strip("<>")
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in {"sip", "sips", "tel"}:
        text = rest
    return text.split("@", 1)[0].split(";", 1)[0].strip()
