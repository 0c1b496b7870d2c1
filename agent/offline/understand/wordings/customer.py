"""What customers say about their visits, in the notation of phrases.py; <when> is day, time and reason in any order.

`PHRASES` are for the ears and the rules, the other lists for the rules alone. The order of `WORDINGS` is the order of
trial.
"""

from collections.abc import Mapping

_MY = "(my | our | the | that | a | an | your)"
_TECH = (
    "(technician | technicians | tech | techs | guy | guys | man | crew | repairman | installer | driver | "
    "service guy | "
    "repair guy | people | team)"
)
_WHO = f"([{_MY}] {_TECH} | he | she | they | somebody | someone | anybody | anyone | you | you guys | you people)"
_KIND = "(service | repair | maintenance | installation | inspection)"
_VISIT = (
    f"[next | upcoming] [{_KIND}] (appointment | appointments | visit | visits | service call | booking | slot | "
    f"{_KIND})"
)
_COMING = (
    "(coming | come | arriving | arrive | (going | supposed | expected) to (come | be here | be there | arrive | "
    "show up) | "
    "be here | be there | be coming | getting here | get here | showing up | show up | due | expected | here)"
)
_PLACE = "[over | out | by | here] [to (my | our) (place | house | home | office | building | store | shop)]"
_HERE = "(here | there | to my place | to our place)"
_LAST = (
    "(last time | the last time | the last time you were here | last week | last month | last year | at the last "
    "visit | "
    "on the last visit | at my last visit | at our last visit | on your last visit | when you were here | "
    "last time you were here | the other day)"
)
_INSTEAD = "[instead | please | if possible | rather]"
_OUT = "[out | by | over | round]"

MY_VISITS = (
    f"(has | did) {_WHO} (left | leave) [yet | already]",
    "(i | we) (have been | am | are | was | were) [still] waiting [<free>]",
    "(when | what time | what day) (am i | are we) (scheduled | booked) [in] [for]",
    f"(which | what) {_TECH} is {_COMING} {_PLACE} [<day>]",
    f"(is | are) {_WHO} [still] (coming | going to come) [over | out | by] to <free>",
    f"(when | what time | what day | how soon) (is | are | will | does | do | exactly is) {_WHO} {_COMING} "
    f"{_PLACE} [<day>]",
    f"when (will | is) (my | our | the) {_VISIT} [<day>]",
    f"(when | what time | what day) (is | are) (my | our | the) {_VISIT} [again | scheduled | booked] [for] [<day>]",
    f"when {_WHO} (is | are | will) {_COMING} {_PLACE} [<day>]",
    f"where (is | are) {_WHO} [now | right now | at | at the moment]",
    f"(is | are) {_WHO} [still | already] (on (his | her | their | the) way | {_COMING} | on the road | close) "
    f"{_PLACE} "
    "[yet | already] [<day>]",
    f"how (long | much longer | far) [will it (be | take) | is it | out | away] [until | till | before | is | "
    f"are] {_WHO} "
    f"[(gets | get | is | are | comes | come | arrives | arrive | will be)] [{_HERE}]",
    "(nobody | no one | no technician | noone) (has | is | was) (shown up | come | arrived | here | been here) "
    "[yet | so far]",
    f"{_WHO} (has | have | did) not (shown up | show up | come | arrived | arrive | been here) [yet]",
    f"{_WHO} (is | are) (not (here | there) [yet] | [running | very | already] late)",
    f"(do | did) (i | we) have (an | any | a) [open] {_VISIT} [with you] [booked | scheduled] [for] [<day>]",
    f"what (is | are) (my | our) {_VISIT} [time | times] [again]",
    f"(what | which) {_VISIT} do (i | we) have [booked | scheduled | with you] [<day>]",
    f"who is {_COMING} {_PLACE} [<day>]",
    f"[(what is | check)] [the] status (of | on) (my | our | the) ({_VISIT} | job | order | call)",
    f"check on (my | our) {_VISIT}",
)
_BOOK = "(book | schedule | make | set up | arrange | get | request | have | plan | fix)"
_AN = "(a | an | another | a new | an urgent | the next | my next | one more)"
_SEND = "(send | get)"
BOOK_VISIT = (
    "(fit | squeeze | get | put | pencil) (me | us) [in | down] [<when>]",
    f"{_BOOK} {_AN} [service | repair] (appointment | visit | service call | technician | time | slot) [with you] "
    f"[<when>]",
    f"{_AN} [service | repair] (appointment | visit | service call) [<when>]",
    "book me [in] [<when>]",
    f"[i | we] [would] (need | have | want | like) {_WHO} to come {_OUT} [<when>]",
    f"[i | we] [would] (need | want | like) {_WHO} to <reason>",
    f"[i | we] (need | want) {_AN} [service | repair] (appointment | visit | service call | technician) [<when>]",
    f"{_SEND} {_WHO} {_OUT} [<when>]",
    f"(can | could | would | will) {_WHO} come {_OUT} <when>",
    f"{_WHO} (needs | need) to come {_OUT} [<when>]",
    f"[i | we] need {_WHO} [out] [here | there | over | over here] [<when>]",
    "(book | schedule | arrange | set up) <reason>",
)
FREE_SLOTS = (
    "(are there | do you have | have you got) any <when> (free | open | available | left)",
    "(are there | do you have | have you got) any <when>",
    f"(when | how soon | what day | what time) (can | could | would) {_WHO} [be able to] (come | be here | make "
    f"it) {_OUT} [<when>]",
    "(what | which) (times | time | slots | days | openings | appointments) (do you have | have you got | are "
    "there | are | "
    "is) [free | open | available | left] [<when>]",
    "(when | what) is (your | the) (next | first | earliest | soonest) [available | free | open] (appointment | "
    "slot | opening | "
    "time | date | day | one) [available | free] [<when>]",
    "(do you have | have you got | is there | are there) (anything | any time | something | any openings | any "
    "slots | "
    "any appointments | time) [free | open | available] [<when>]",
    f"what is the (earliest | soonest) [time | day] [that] {_WHO} can (be here | come | make it)",
    "are you free [<when>]",
)
_MOVE = "(move | reschedule | change | postpone | shift | push | delay | rebook)"
_IT = f"(it | that | this | (my | our | the) {_VISIT} | tomorrows {_VISIT} | todays {_VISIT})"
MOVE_VISIT = (
    f"{_MOVE} (my | our | the) {_VISIT} from <visit> to <when>",
    f"{_MOVE} <visit> [{_VISIT}] to <when>",
    "something (came up | has come up | else came up) [<free>]",
    "[i | we] (need | want) (another | a different | a new | a better | a later | an earlier) (day | time)",
    f"(can | could) {_WHO} come [an hour | a little | a bit | two hours | a few hours] (later | earlier) "
    "[in the (day | week)] [instead | today]",
    "come [an hour | a little | a bit] (later | earlier) [in the (day | week)] [instead | today]",
    f"{_MOVE} [{_IT}] [back | up | forward | around] [(to | for | until | till) [another (day | time)]] [<when>]",
    f"{_MOVE} {_IT}",
    "reschedule",
    "(do | have | make it | come | say) <when> instead",
    "(can | could) we (do | have | make it | say) <when>",
    "come <when> instead",
    f"(i | we) (can not | will not be able to | could not) make it [<day>] [(can | could) we {_MOVE} it]",
    f"(i | we) (can not | will not) be (here | there | home) [<day>] [(can | could) we {_MOVE} it]",
    f"(another | a different | a better | a later | an earlier) (day | time) [for (my | our | the) {_VISIT}]",
    f"find (another | a different | a better) (day | time) [for (my | our | the) {_VISIT}]",
)
CANCEL_VISIT = (
    f"cancel (my | our | the | <visit> | that) {_VISIT} [(for | on) <visit>] [(because | since | as) <free>]",
    f"cancel (my | our) <visit> {_VISIT} [(because | since | as) <free>]",
    "cancel [it] (because | since | as) <free>",
    "call (it | the visit | the appointment | the whole thing) off",
    f"{_WHO} do not (have | need) to come [anymore | any more | any longer | out | round]",
    "cancel [the | my] (technician | order | booking) [(because | since | as) <free>]",
    "call off (my | our | the) (appointment | visit)",
    f"(i | we) do not need ({_WHO} | it | the visit | the appointment) [(anymore | any more | any longer | to "
    f"come | now)]",
    f"(i | we) no longer need ({_WHO} | it | the visit | the appointment)",
)
_HIM = "(him | her | them | (the | my | our | your) (technician | tech | guy | guys | crew | driver) | whoever comes)"
VISIT_NOTE = (
    f"(pass on | pass it on | mention) to {_HIM} [that] <free>",
    f"give {_HIM} (a | the | this) message [that | saying] <free>",
    f"(tell | inform | remind) {_HIM} [(that | to | about)] <free>",
    f"let {_HIM} know [(that | about)] <free>",
    f"ask {_HIM} [(to | if | whether)] <free>",
    f"have {_HIM} <free>",
    f"(leave | make | add | take | write) [down] (a | another) (note | message) (for | to) {_HIM} [(that | "
    f"saying)] <free>",
    f"(leave | make | add | take | write) [down] (a | another) (note | message) (for | to) {_HIM}",
    f"(tell | let) {_HIM} (something | know something)",
)
_YOU = f"({_WHO} | your technician | the last technician)"
LAST_VISIT = (
    f"who (was | came) [out] [here | there] ({_LAST} | last)",
    f"what was (the problem | the issue | the matter | wrong) {_LAST}",
    f"when did {_YOU} last (service | check | repair | clean | fix | look at | come | visit) [<free>]",
    f"what did {_YOU} (do | fix | repair | change | find | replace) [here | there] {_LAST}",
    f"what {_YOU} did [here] {_LAST}",
    f"what (was | has been) (done | fixed | repaired | replaced) [here] [{_LAST}]",
    f"when (were | was) {_YOU} [last] here [last | the last time]",
    "when was (my | our | the | your) last (visit | appointment | service)",
    "(what | tell me) about (my | our | the) last visit",
    "(my | our | the) last visit",
    f"what happened {_LAST}",
)

WORDINGS: Mapping[str, tuple[str, ...]] = {
    "last_visit": LAST_VISIT,
    "my_visits": MY_VISITS,
    "cancel_visit": CANCEL_VISIT,
    "visit_note": VISIT_NOTE,
    "move_visit": MOVE_VISIT,
    "free_slots": FREE_SLOTS,
    "book_visit": BOOK_VISIT,
}

PHRASES: Mapping[str, tuple[str, ...]] = {
    "my_visits": (
        "when is (my | the) technician coming",
        "where is (my | the) technician",
        "is (he | the technician) on (his | the) way [yet]",
        "when is my [next] (appointment | visit)",
    ),
    "last_visit": ("what did you do last time", "when was (my | the) last visit"),
    "free_slots": (
        "when can you come",
        "what times do you have",
        "when is your next [free | available] (appointment | slot)",
    ),
    "book_visit": (
        "[i need to | i want to | i'd like to] (book | make | schedule) (an appointment | a visit)",
        "[i need to | i want to | i'd like to] (book | schedule) a repair",
        "[i need to | i want to] (book | schedule) (an appointment | a visit) [for | on] <day>",
    ),
    "move_visit": (
        "(can we | i need to | i want to) (move | reschedule) my (appointment | visit)",
        "(move | reschedule) my (appointment | visit) to <day> [at <time>]",
        "can we do <day> [morning | afternoon] instead",
    ),
    "cancel_visit": ("[i want to | i need to | please] cancel my (appointment | visit)",),
    "visit_note": (
        "[please] tell (him | the technician) [to | that] <free>",
        "let (him | the technician) know [that] <free>",
        "leave a note for the technician",
    ),
}
