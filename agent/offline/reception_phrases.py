"""What callers of the office say, as phrases for the ears: facts, people, messages, and danger.

The rules for these words are in `understand/reception.py` and `agent/danger.py`; the ears listen for them beside the
technician's commands, because both call the same number. Slots as in `phrases.py`, and <department>.
"""

from collections.abc import Mapping

_POLITE = "[hello | hi | yes]"
_WANT = "(can i | could i | may i | i want to | i'd like to | i would like to | i need to)"
_WHO = "(<person> | [the] <department> [department])"

RECEPTION_PHRASES: Mapping[str, tuple[str, ...]] = {
    "company_facts": (
        "when are you open [today | tomorrow]",
        "when do you (open | close) [today | tomorrow]",
        "what are your [opening | business] hours",
        "are you open [today | tomorrow | on <weekday>]",
        "where are you [located]",
        "what's your address",
        "what services do you offer",
        "where can i park",
    ),
    "find_person": (
        f"{_POLITE} {_WANT} (speak | talk) (to | with) {_WHO}",
        "is <person> (there | in | available)",
        f"i'm looking for {_WHO}",
        "(somebody | someone) in <department>",
    ),
    "take_message": (
        f"{_WANT} leave a message [for ({_WHO} | the office)]",
        "(leave | take) a message [for <person>]",
    ),
    "request_callback": (
        "(please | can you | could you) call me back",
        "[can | could] (somebody | someone | <person>) call me back",
        f"{_WANT} be called back",
    ),
    "danger": (
        "i smell gas [in (the | my) (house | kitchen | basement)]",
        "there's a gas leak",
        "there's (smoke | a fire) [in the building | coming from the unit]",
        "my carbon monoxide (alarm | detector) is going off",
        "(somebody | someone | he | she) is (hurt | bleeding | unconscious | not breathing)",
        "water is pouring through the ceiling",
        "my basement is flooding",
    ),
}

#: Ten digits, as a telephone number is read out, and what is said instead of one.
PHONE_NUMBER = (
    "[my number is | it's | the number is] <digit> <digit> <digit> <digit> <digit> <digit> <digit> <digit> <digit> "
    "<digit> | no number | never mind | cancel"
)
#: For whom a message is.
FOR_WHOM = (
    "[it's | for | it's for] (<person> | [the] <department> [department] | the office | anybody) | never mind | cancel"
)
