"""Who wants to be connected, and to whom: the same words on every line."""

import re

from agent.offline.understand.outcome import Understood
from agent.offline.understand.words import Heard, one_of

_POLITE = (
    "(?:"
    + one_of(
        "hi, hello, hey, yes, no, ok, so, well, please, actually, just, i would like to, i want to, i need to, can i, "
        "could i, may i, can you, could you, would you, will you, let me, i would like you to, i want you to, "
        "i would rather"
    )
    + " )*"
)
_CONNECT = one_of(
    "connect me to, connect me with, connect to, put me through to, put me on to, patch me through to, transfer me to, "
    "transfer this call to, transfer me over to, transfer to, switch me to, give me a line to"
)
_REACH = one_of(
    "get me, give me, i need, i want, get, call, ring, speak to, speak with, talk to, talk with, reach, "
    "be connected to, is there"
)
_ANYBODY = one_of(
    "person, human, human being, operator, representative, receptionist, somebody, someone, anybody, anyone, "
    "real person, live person, real human, agent, colleague, the office, office, somebody in the office, "
    "someone in the office, somebody at the office, anybody in the office, somebody from the office, people"
)
_PLACE = one_of("dispatch, the dispatcher, dispatcher, billing, sales, support, accounting, service")
_MACHINE = "(?:an? |this |the |your )?(?:machines?|robots?|bots?|computers?|recordings?)"
_END = r"(?: (?:on the (?:line|phone)|right now|now|there|please|thanks|thank you|else))*(?: about (?P<about>.+?))? "
_PATTERNS = (
    re.compile(rf"{_POLITE}(?:(?:{_CONNECT}|{_REACH}) )?(?:a |an |the |any )?{_ANYBODY}{_END}"),
    re.compile(
        rf"{_POLITE}(?:is there|do you have) (?:a |an |any )?{_ANYBODY} (?:there |here |around )?(?:that |who )?"
        rf"(?:i can|i could|to|for me to) (?:talk|speak) (?:to|with){_END}"
    ),
    re.compile(
        rf"{_POLITE}(?:i do not (?:want|like)|i hate|no more)(?: to)?(?: (?:talk|speak)(?:ing)?)?(?: to| with)? "
        rf"{_MACHINE}{_END}"
    ),
    re.compile(rf"{_POLITE}(?:{_CONNECT}|{_REACH}) (?:the )?(?P<department>{_PLACE})(?: department)?{_END}"),
    re.compile(rf"{_POLITE}{_CONNECT} (?P<whom>[^ ]+(?: [^ ]+){{0,19}}?){_END}"),
)
_ASKS_TO_CONNECT = re.compile(rf"{_POLITE}{_CONNECT} ")


def asks_to_connect(heard: Heard) -> bool:
    """Whether the words are a request by their wording, and so no name, whatever was asked before."""
    return _ASKS_TO_CONNECT.match(heard.text) is not None


def connection(heard: Heard) -> Understood | None:
    """The tool call of somebody who wants a person on the line; None when the words ask for something else."""
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(heard.text):
            said = {name: _original(heard, match, name) for name, words in match.groupdict().items() if words}
            return Understood("transfer_call", said)
    return None


def _original(heard: Heard, match: re.Match[str], group: str) -> str:
    start = len(match.string[: match.start(group)].split())
    return heard.verbatim(start, start + len(match[group].split()))
