"""Who calls, and the end of the call."""

_TECH = "(technician | technicians | tech | techs)"
_ONE = "(a | the | one of (your | the) | from your | with your)"
_ALL = "(that is | that was | that will be) (all | it | everything)"

GOODBYE = (
    "[ok] [all right] (goodbye | good bye | bye | bye bye | see you | see you later | talk to you later | take care | "
    "have a (good one | good day | nice day)) [now]",
    f"[no | nope] [thanks | thank you] [ok] [i think] {_ALL} [for now | i need | i needed] [thanks | thank you] "
    "[bye | goodbye]",
    "[no | nope] nothing else [for now | thank you] [bye | goodbye]",
    "[thanks | thank you] [a lot | very much | so much] (bye | goodbye)",
    "(i am | we are) [all] (good | set) [here] (bye | goodbye)",
    "[no] [thanks | thank you] (i am good | i am all set | all set)",
    "(hang up | end the call | end this call)",
)
IDENTIFY = (
    f"(i am | this is) {_ONE} {_TECH}",
    f"(i am | this is) <person> [and] [i am] {_ONE} {_TECH}",
    f"i am a (field | service) {_TECH}",
    "(i want to | i would like to | let me) (log in | sign in | identify myself | enter my badge | key in my badge)",
)
