"""Notes, messages, and what was entered last."""

from agent.offline.understand.wordings.shared import JOB, OFFICE, ORDER, TELL

_NOTE = "(note | quick note | short note | comment)"
_A_NOTE = f"[a | another | one more | this | the] {_NOTE}"
_WRITE = "(add | make | take | leave | put | put down | put in | write | write down | log | create | record | enter)"
_SAYING = "[that | saying | which says | to say]"
_TELL_OFFICE = f"(tell | alert | notify | inform) {OFFICE}"

ADD_NOTE = (
    f"{_WRITE} {_A_NOTE} and {_TELL_OFFICE} [please] [that | about] <free>",
    f"{_WRITE} {_A_NOTE} (to | for) {OFFICE} [that | saying] <free>",
    f"[{_NOTE} | message] (to | for) {OFFICE} [that | saying] <free>",
    f"{_TELL_OFFICE} [please] [that | about] <free>",
    f"let {OFFICE} know [please] [that | about] <free>",
    f"send {OFFICE} a (message | note) {_SAYING} <free>",
    f"{_WRITE} {_A_NOTE} (to | for) {OFFICE}",
    f"{_TELL_OFFICE} [something]",
    f"{_WRITE} {_A_NOTE} [down]",
    f"{_WRITE} {_A_NOTE} (to | on | for | in) {ORDER} {_SAYING} <free>",
    f"{_WRITE} {_A_NOTE} (to | on | for) (this | the | my) {JOB} {_SAYING} <free>",
    f"{_WRITE} {_A_NOTE} (to | on | for) ({ORDER} | (this | the | my) {JOB})",
    f"{_WRITE} (in | to | into) (the | my) notes {_SAYING} <free>",
    f"{_WRITE} {_A_NOTE} [here] {_SAYING} <free>",
    "(note | note down | jot down | write down | record | mark down) that <free>",
    "(jot down | write down | for the record) <free>",
    "(quick | short) note [that] <free>",
    "[please | and] make note (of | that) <free>",
)
_MESSAGES = "(message | messages | notification | notifications | news | mail)"
_SENT = (
    "(leave | send | write) [me] (anything | something | a message | any messages) [over | through | today | for me]"
)
READ_NOTIFICATIONS = (
    "[is there | have you got | do you have | have i got | do i have | got] [any | anything] (new | news) [for me]",
    f"[do i have | have i got | are there | is there | got] [any | some] [new | unread | more] {_MESSAGES} "
    "[for me | waiting | today] [from (the office | dispatch)]",
    "[is there | have you got | do you have] (anything | something) (for me | from the office | "
    "from dispatch | waiting [for me])",
    f"did (the office | dispatch | anyone | anybody) {_SENT}",
    "what did (the office | dispatch) (send | write | want | say | leave) [me]",
    "what does (the office | dispatch) want",
    f"(read | read out | play | check | hear | get | {TELL}) [my | the | all my | any] [new | "
    f"unread] {_MESSAGES} [from the office]",
    f"what are (my | the) [new] {_MESSAGES}",
    "did i miss anything",
    "(what is | anything) new",
)
_READ = "[as] [been] (read | done | seen)"
MARK_READ = (
    f"mark (them | those | these | it | that | everything | all) [all] {_READ}",
    f"mark [all] [of] [my | the | these | those] {_MESSAGES} {_READ}",
    f"(clear | dismiss) [all] [my | the | those | these] {_MESSAGES}",
)
READ_LAST = (
    f"(read | repeat | say | play | {TELL}) [back] [my | the | that] last (note | entry | part | thing) [back] [to me]",
    "(read | read me) (that | it | this | my note | the note | my entry) [note | entry] back [to me]",
    "what (did i | have i) [just | last] (write | enter | note | log | put | say | written | entered | "
    "logged | put down) [down]",
    "what (was | is) my last (note | entry | part)",
    "what (was | is) the last (thing | note | entry | part) [that] i (logged | entered | wrote | put down | "
    "noted | said | put in)",
    "read back my (note | entry)",
)
_UNDO = "(undo | scratch | delete | remove | take back | erase | strike | cancel | drop)"
UNDO_LAST = (
    f"{_UNDO} [that | my | the | this] (last | latest | previous) <kind> [entry]",
    "(undo | scratch | delete | remove | take back | erase | strike) (that | this | my | the) <kind> [entry] [again]",
    "take (that | my | the) [last] <kind> [entry] back",
    "(undo | take back | revert) (that | it | this | the last one | my last one | my last entry | the last entry)",
    "(scratch | delete | remove | erase) (the last one | my last entry | the last entry | that entry | that last one)",
)
