"""What somebody who is rung answers in English, and what a caller on hold wants."""

import re

from agent.offline.understand.answered import Rules
from agent.offline.understand.words import one_of

_LEAD = (
    "(?:"
    + one_of(
        "hi, hello, hey, um, uh, oh, ok, well, yes, yeah, no, sorry, i am sorry, i am afraid, please, can you, could "
        "you, just, but, sure, actually, unfortunately, look, alright, fine, thanks, right now, and, so"
    )
    + " )*"
)
_THEM = (
    "(?:him|her|them|it|the call|this call|that call|the caller|this|that|this one|the customer|the client|"
    "(?:mister|miss|misses|mr|mrs|ms) [a-z]+)"
)
#: A first name, where one may be said instead: never a word that puts the talk off.
_NAME = "(?!later |tomorrow |back |you |me |us |on |off |a |the )[a-z]+"
_SELF = (
    r"(?:this is (?!not |no |a |an |the |my |too |so |bad |wrong |spam |about )[a-z]+(?: speaking|"
    r" here)?|[a-z]+ here|speaking)"
)
_WEAK = one_of(
    "yes, yeah, yep, yup, sure, ok, of course, absolutely, definitely, certainly, alright, all right, fine, "
    "it is fine, "
    "that is fine, go ahead, go for it, please do, sounds good, one, number one, press one, option one, i am free, "
    "i am here, i am ready, let us talk, i can talk, i am available, yes sir, why not, we can, i have a minute, "
    "i have got a minute, i have time, i will, i can, "
    "i would be happy to, i am happy to, happy to"
)
_WILL = (
    "(?:(?:i guess |i think |sure )?(?:i can|we can|i will|i would|i am going to|i would (?:like|love) to|"
    "i would be happy to|"
    "i am happy to|happy to|let me|let us) )?"
)
_STRONG = (
    rf"(?:{_WILL}(?:take|accept|answer|get) {_THEM}|i (?:have )?got {_THEM}|(?:i )?accept(?:ed)?(?: {_THEM})?|"
    rf"{_WILL}(?:talk|speak) (?:to|with) (?:{_THEM}|{_NAME})|"
    rf"(?:put|send|patch|pass|bring) {_THEM}(?: (?:through|over|on|in))*(?: to me)?|"
    rf"(?:put|send|patch|pass|bring) {_NAME} (?:through|over|on|in)|"
    rf"(?:connect|transfer) (?:us|me|{_THEM}))"
)
_END = "(?: (?:please|thanks|thank you|now|right now|over|on|then|to me|for me|sure|very much))* "
_SURE = rf"(?:(?:{_WEAK}|{_STRONG}) )*"
#: "No, okay" could be either; "no, put him through" could not.
_ACCEPTED = (
    rf"(?:(?!no ){_LEAD}(?<!\bno )(?:{_SELF} )?{_SURE}(?:{_WEAK}|{_STRONG})(?: {_SELF})?{_END}"
    rf"|{_LEAD}(?:{_SELF} )?{_SURE}{_STRONG}(?: {_WEAK})*{_END})"
)
_NO = one_of(
    "no, nope, nah, not now, not right now, not today, not at the moment, decline, declined, reject, two, number two, "
    "press two, busy, can not, can t, i can not, i can t, i could not, i will not, i would rather not, i will pass, "
    "i am busy, i am driving, i am out, i am off, i am with, i am on, i am in a, i am in the, i do not want, "
    "i do not, i am not, i would like to decline, not really, i have no time, i am not available, do not, later, "
    "maybe later, another time, not interested"
)
_BACK = (
    rf"(?:(?:i will|i can|let me|i am going to) (?:call|ring|phone) (?:{_THEM}|{_NAME}|you)(?: back)?|"
    "(?:(?:can|could|have|let|tell|ask) )?(?:he|she|they|him|her|them)(?: can| could| should| please| to)* "
    "(?:call|ring|try)(?: me| us)?(?: back| again))"
)
_ELSEWHERE = (
    rf"(?:(?:put|send|pass|patch|transfer|connect|give|let) (?:{_THEM}|{_NAME})(?: go)?(?: through| over|"
    rf" on)? to (?!me )|"
    r"try (?!again )[a-z]+)"
)
#: Something said before a call that is recorded for everybody.
_MAILBOX = (
    r"leave (?:me |us )?(?:a (?:brief |short |detailed |voice )*(?:message|voicemail|name)|your (?:name|"
    r"number|message))"
)
_RECORDED = (
    r"\b(?:(?:after|at) the (?:tone|beep|signal)|answering machine|answering service|you have reached|"
    r"record (?:your|a) message|mail ?box (?:is|of|belonging)|voice messaging|finished recording|has been forwarded|"
    r"(?:person|party|number|customer|subscriber) you (?:are|have) (?:trying|dialed|called|calling|reached)|"
    r"no ?one is available|not in service|press pound|more options|get back to you|return your call|call you back) "
)

ENGLISH = Rules(
    idle=(
        (re.compile(r"\b(?:it is )?(?:no|not a) (?:problem|trouble) "), "sure "),
        (re.compile(r"\b(?:no|do not) (?:worries|worry) "), ""),
    ),
    message=re.compile(
        rf"\A{_LEAD}(?:(?:(?:ask|tell) {_THEM} (?:for|to leave)) )?(?:a |the )?message |\A{_LEAD}(?:number |"
        rf"press )?three |"
        r"(?<!\bnot )(?<!\bto )\b(?:take|get|write down|note down) (?:a |the |his |her |their )?(?:short |"
        r"quick )?message |"
        r"\b(?:he|she|they|him|her|them|the caller|the customer|caller) (?:(?:can|could|should|may|to|just|please) )*"
        r"leave (?:me )?(?:a |the )?message |\b(?:text|e ?mail|message) me |\bsend me a (?:text|message|mail|email) "
    ),
    cannot=re.compile(
        rf"\bi (?:just |really )?(?:can not|can t|could not|will not) (?:take|answer|accept|get) {_THEM} |"
        rf"\b(?:put|send|let|pass|transfer) {_THEM} (?:go )?(?:through |over )?to (?:my |the )?voice ?mail "
    ),
    machine=re.compile(
        rf"\b(?:{_MAILBOX}|voice ?mail|mail ?box|not available|"
        r"can ?(?:not|t) (?:come to|get to|take|answer|pick up) |unavailable)|" + _RECORDED
    ),
    recorded=re.compile(rf"{_RECORDED}|\b(?:please|just) {_MAILBOX}"),
    accepted=re.compile(_ACCEPTED),
    declined=re.compile(
        rf"{_LEAD}(?:{_NO}|{_BACK}|{_ELSEWHERE}|tell {_THEM} (?:i am|i will|i can|to call|that i)) ?.*|"
        r".* (?:later|tomorrow|another time|some other time) "
    ),
    cancel=re.compile(
        r"(?:(?:ok|no|oh|well|please|just) )*(?:never ?mind|cancel|stop|forget it|forget about it|"
        r"i do not want to wait.*|no more|that is enough|i will (?:call|try) (?:back|later|again)(?: later)?) "
    ),
    wait=re.compile(
        r"(?:(?:ok|yes|sure|no|thanks|i do not want to leave (?:a )?message|no message) )*(?:i will (?:wait|hold|go on "
        r"waiting|keep waiting|keep holding|stay)|(?:please )?keep (?:waiting|trying)|go on|wait|hold on|ok|"
        r"take your time) (?:please )?"
    ),
    leave=re.compile(r"\b(?:messages?|voice ?mail) "),
)
