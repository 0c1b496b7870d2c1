"""What callers say to the reception, as patterns over normal words: messages, call backs, people, company facts.

`who` is a name or what somebody does, `text` what is to be passed on. Reading back and looking up are harmless, so the
patterns are wide; which is tried first is the business of `reception`.
"""

import re

from agent.offline.understand.words import one_of

POLITE = (
    "(?:(?:"
    + one_of(
        "hi, hello, hey, good morning, good afternoon, good evening, yes, ok, so, well, please, then, no, actually, "
        "i would like to, i would like, i want to, i want, i need to, i need, can i, could i, may i, can you, "
        "could you, would you, will you, let me, just, is it possible to, i am calling to, i was hoping to, "
        "i would rather, i would prefer to, it is urgent, and"
    )
    + ") )*"
)
END = r"(?: please| thanks| thank you| for me)* "
WHO = r"(?P<who>[^ ]+(?: [^ ]+){0,5}?)"
_NOT_ME = "(?!me |us |you |back )"
_BEGINS = one_of(
    "the, a, an, my, our, your, his, her, their, this, that, these, those, there, it, i, we, he, she, they, "
    "everything, nothing, nobody, somebody, not to, to"
)
_TEXT = r"(?P<text>.+?)"
_SHORT_WHO = r"(?P<who>[^ ]+(?: [^ ]+){0,2}?)"
_ONE_MESSAGE = "(?:a|an|my|the|this)? ?(?:short |quick )?(?:urgent )?(?:message|note)"
_SAYING = f"(?: (?:that|saying|which says) {_TEXT})?"

MESSAGE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{POLITE}(?:leave|take|send|pass on|give|have|left|drop|write down)? ?(?:you )?{_ONE_MESSAGE}"
        rf"(?: (?:for|to|with) {WHO})?{_SAYING}{END}",
        rf"{POLITE}(?:leave|give|send) {_NOT_ME}{_SHORT_WHO} {_ONE_MESSAGE}{_SAYING}{END}",
        rf"{POLITE}pass (?:on )?(?:something|a word|this|it) (?:on |along )?to {WHO}{_SAYING}{END}",
        rf"{POLITE}(?:write|take|note) (?:something|this|it) down for {WHO}{_SAYING}{END}",
        rf"{POLITE}(?:tell|let) {_NOT_ME}{WHO} (?:know )?that {_TEXT}{END}",
        rf"{POLITE}let {_NOT_ME}{_SHORT_WHO} know (?P<text>{_BEGINS} .+?){END}",
        rf"{POLITE}tell {_NOT_ME}{_SHORT_WHO} (?P<text>{_BEGINS} .+?){END}",
    )
)
URGENT = re.compile(r"\burgent ")

_WHEN = r"(?: (?P<when>(?:when|as soon as|after|before|later|today|tomorrow|tonight|this|on|at|in|any time) ?.*?))?"
_RING = (
    r"(?:(?:call|ring|phone) me(?: back| up)?|give me a (?:call|ring|call back|callback)(?: back)?|return my call|"
    r"get back to me)"
)
_SOMEBODY = "(?:somebody|someone|anybody|anyone|a person|a colleague|one of you)(?: (?:from|in|of) [^ ]+(?: [^ ]+)?)?"
_ABOUT = "(?: about (?P<reason>.+?))?"
BACK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{POLITE}(?:request |have |get |ask for )?(?:a )?call ?back(?: (?:from|by) {WHO})?{_WHEN}{END}",
        rf"{POLITE}(?:have|ask|get|tell) {_NOT_ME}{_SHORT_WHO} (?:to )?{_RING}{_WHEN}{END}",
        rf"{POLITE}(?P<who>{_SOMEBODY}) (?:to|should|must|needs to|has to) {_RING}{_WHEN}{_ABOUT}{END}",
        rf"{POLITE}(?:can|could|would|will) {_NOT_ME}{_SHORT_WHO} (?:please )?{_RING}{_WHEN}{END}",
        rf"{POLITE}(?!not ){_RING}{_WHEN}{END}",
        rf"{POLITE}(?:be|get) called back(?: by {WHO})?{_WHEN}{END}",
    )
)

_REACH = (
    "(?:(?:speak|talk) (?:to|with)|get me|give me|find|reach|connect me (?:to|with)|put me through to|"
    "transfer me to|get hold of|looking for|i am looking for|am i talking to)"
)
_TELL_ME = "(?:(?:can|could) you (?:tell me|check|see)|do you know|tell me|i would like to know) (?:if|whether) "
_TODAY = "(?: (?:today|now|right now|this morning|this afternoon|this evening|tonight|tomorrow|at the moment))?"
_IN = f"(?:there|in|available|around|reachable|free|at work|in the office|on duty|working){_TODAY}"
FIND = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{POLITE}(?:who|whom) (?:does|do you have for|handles|is in charge of|is responsible for|deals with|"
        rf"(?:can|do|should) i (?:speak|talk) to about) {WHO}{END}",
        rf"{POLITE}{_REACH} {WHO}{END}",
        rf"{POLITE}(?:put|get|have) {_NOT_ME}{_SHORT_WHO} on(?: the (?:line|phone))?{END}",
        rf"{POLITE}{_NOT_ME}{_SHORT_WHO} on the (?:line|phone){END}",
        rf"is (?:this|that) (?:the )?(?P<who>[^ ]+) department{END}",
        rf"is {WHO} {_IN}{END}",
        rf"{POLITE}{_TELL_ME}{WHO} is {_IN}{END}",
        rf"when (?:is|will|does|can) {WHO} (?:be |get |come )?(?:back|in|available|there|reachable|return)"
        rf"(?: again)?{END}",
        rf"{POLITE}(?:is there|do you have) (?:somebody|someone|anybody|anyone|a person|a|an) (?:named |called )"
        rf"{WHO}(?: there| working there)?{END}",
        rf"{POLITE}(?:ring|call|phone|page|dial) {_NOT_ME}(?!it |them |the police |an ambulance ){_SHORT_WHO}{END}",
        rf"{POLITE}(?P<who>(?:somebody|someone|anybody|whoever) .+?){END}",
    )
)
NAMED = re.compile(rf"(?:(?:hi|hello|hey|yes|ok) )*(?!thank|no |not |yes |sorry ){_SHORT_WHO} please ")
"""A name and nothing else. Tried when the words are nothing else that anybody understands."""

_HOLIDAY = (
    "holidays?, christmas, christmas eve, thanksgiving, easter, new years?, labor day, memorial day, independence day, "
    "presidents day, veterans day, columbus day, boxing day, good friday, fourth of july, july fourth, martin luther"
)
_WORKS = (
    "install, repair, fix, service, maintain, sell, offer, rent, inspect, monitor, replace, handle, work on, work with"
)
FACTS = (
    ("holidays", re.compile(rf"\b{one_of(_HOLIDAY)} ")),
    (
        "hours",
        re.compile(
            r"\bhours |\b(?:are|is|when|what time|how late|how long|until when|what days|do you)\b.*\b(?:open|opens|"
            r"close|closes|closed) |\b(?:how late|until when|from when) (?:are|is|can|do|may) |"
            r"\bwhat time do you (?:start|finish|stop) "
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:address|located|location|directions|(?:which|what) (?:street|road|city|town)) |"
            r"\bhow (?:do|can) i (?:get to|find|come to) (?:you|your) |"
            r"\bwhere (?:exactly )?(?:are you(?: guys| all| people)? $|are you based |is (?:your|the) "
            r"(?:office|shop|place|building|company|store) )"
        ),
    ),
    (
        "services",
        re.compile(
            r"\bservices? |\bwhat (?:do|can|kind of (?:things|work|jobs) do|sort of (?:things|work|jobs) do) you "
            r"(?:\w+ )?(?:do|offer|install|sell|repair|fix) |"
            rf"^(?:hi |hello )?do you (?:guys |also |even |people )*(?:do|{one_of(_WORKS)}) "
        ),
    ),
    ("parking", re.compile(r"\b(?:park|parking|(?:leave|put) (?:my|the|our) (?:car|van)) ")),
    (
        "payment",
        re.compile(
            r"\b(?:how (?:can|do) i pay|payment|credit cards?|pay (?:by|with|in) (?:an? )?(?:cards?|checks?|cash)) |"
            r"\bdo you (?:take|accept) (?:cards?|checks?|cash) "
        ),
    ),
    ("quotes", re.compile(r"\b(?:quotes?|estimates?) ")),
)
