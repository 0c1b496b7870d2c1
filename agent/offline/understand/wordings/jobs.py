"""Jobs of a day, the next one, its details, the way there, and finishing it."""

from agent.offline.understand.wordings.shared import JOB, LOG, ORDER, TELL, THIS_JOB

_JOBS = "(jobs | work orders | orders | schedule | calls | appointments | stops | work | plan | day)"
_PLANNED = "[scheduled | planned | coming up | lined up | going on | on the books | on the schedule | booked]"
_DO_I_HAVE = "(do i have | have i got | did i have | am i doing | are there | is there | do we have)"
_AT = "[for | on]"

MY_JOBS = (
    f"(what is | what are | read | list | show me | hear | get | run through | {TELL}) [all] [my | "
    f"the] [<day>] {_JOBS} {_AT} [<day>]",
    f"what (is | are) (my | the) {_JOBS} [like | look like | looking like] {_AT} [<day>]",
    f"what {_DO_I_HAVE} {_PLANNED} {_AT} [<day>]",
    f"what (does | is | did) [my] (day | schedule | <day>) [look | looking] [like] {_AT} [<day>]",
    f"what is (on | up | planned | coming up | scheduled | lined up) {_AT} [<day>]",
    f"({_DO_I_HAVE} | am i) [anything | something | any jobs | any work | jobs | work | working | "
    f"a job] {_PLANNED} {_AT} <day>",
    f"(anything | something | any jobs) {_PLANNED} {_AT} <day>",
    f"(what | which | how many) {_JOBS} {_DO_I_HAVE} [left] {_PLANNED} {_AT} [<day>]",
    "run me through <day>",
    "(is | how is | how busy is) <day> [looking] [busy | full | free]",
    f"how (is | does) my (day | schedule) (look | looking) {_AT} [<day>]",
)
NEXT_JOB = (
    "(what is | what comes | what do i have | whats) next [on my list | for me | up]",
    f"(what is | where is | who is | when is | tell me about | read | {TELL}) (my | the) next "
    "(job | one | stop | work order | order | customer | call | appointment | site | address | location)",
    "where (am i | do i | should i | do we) (going | go | head | heading | off to) [to] [next | now]",
    "where do you (need | want) me [to go] [next | now]",
    "(who | what customer | which customer) (am i | do i) (seeing | see | visiting | visit | going to | go to) next",
    "what (is | comes | do i have) after (this | this one | this job | that)",
    "(what | which) job is next",
    "where to [next | now]",
    "(next job | next one | next stop | next work order | next)",
    "(what is | where is) (coming up | up next)",
)
_FACT = "(address | phone number | phone | number | contact | contact person | location)"
JOB_DETAILS = (
    f"(what are | read | {TELL}) [all] the (details | job details | description | brief | summary) [again] "
    f"[(of | on | for) ({THIS_JOB} | it)]",
    f"({TELL} | read | look up | pull up | open | find | check) [the] [details | info | information] [of | "
    f"on | for | about] {ORDER}",
    f"(details | info | information) (on | of | for | about) {ORDER}",
    f"(what is | what about | how about) {ORDER} [about]",
    f"what is the (story | deal | work | job | plan) (with | on | for | at) {ORDER}",
    f"{ORDER} what is (it | that | it about)",
    f"(what is | what was | read | {TELL}) [the | their | that | this] [customers | sites] {_FACT} [there | "
    "here | again] "
    f"[(for | of | on) ({ORDER} | (the | this) (customer | site | contact | job))]",
    f"(what is | tell me about | what about) {THIS_JOB} [about]",
    "(who is | what is) (the | my) (contact | contact person | customer) [there | here] [(for | "
    f"on) ({ORDER} | {THIS_JOB})]",
    "who (do | should) i (ask for | talk to | call | see | contact) [there | here | at the site | when i get there]",
    "where (is it | is that | is this | is the job | am i going)",
    f"(read | what are | are there | what | any | {TELL}) [the | any] notes [are there | are] [there] "
    f"[(on | for | about) ({ORDER} | {THIS_JOB} | it)]",
    "what (am i | do i | are we) (doing | supposed to do | need to do | have to do) (here | there | "
    "on this job | on this one)",
    "(is this | are they | is it) a new customer",
    "what is (the problem | the issue | wrong | the job about) [here]",
)
_MOVING = (
    "(on my way | on the way | on our way | heading over | heading out | heading there | leaving | en route | "
    "rolling | rolling out | "
    "driving | driving over | driving there | on the road | hitting the road | off | taking off)"
)
_NEXT_PLACE = f"(the | my) next ({JOB} | one | stop | site | customer)"
START_TRAVEL = (
    f"{LOG} (i am | we are) [just | now] {_MOVING} [over | there | now] [(to | for) ({_NEXT_PLACE} | "
    "the (job | site | customer))]",
    "(heading (over | out | there) | leaving now | on (my | the) way | en route | rolling [out] | "
    "driving (over | there) | hitting the road)"
    " [there] [now]",
    f"[{LOG} i am] (heading | driving | going | off | rolling | leaving | moving) [over | on | out] (to | "
    f"for) {_NEXT_PLACE}",
    "(start | begin) [my | the] (travel | traveling | travelling | driving | drive) [(to | "
    f"for) ({_NEXT_PLACE} | {ORDER})]",
    f"[{LOG} i am] ({_MOVING} | heading | going) [over | out] (to | for) {ORDER}",
    "(put | mark | show) me [as] (on the road | on my way | en route | traveling | travelling)",
)
TO_CUSTOMER = (f"[{LOG} i am] ({_MOVING} | heading | going) [over | out] (to | for) <customer>",)
_PLACE = (
    "(here | there | on site | on the site | at the site | at the job | at the customer | "
    "at the customers | at the place)"
)
ARRIVE = (
    f"{LOG} (i am | we are) [just | finally | now] {_PLACE} [now]",
    f"{LOG} [i | we | i have | we have] [just | finally | now] "
    "(arrived | parked | parked outside | parked here | got here | got in | made it | reached the site | "
    "pulled in | pulled up) "
    f"[{_PLACE} | to the site | to the job] [now]",
    "(on site | at the site) [now]",
    "(mark | put | show | log) me [as] (arrived | on site | here | there)",
    f"(log | mark | record) my arrival [(at | for | on) ({ORDER} | the site)]",
    f"{LOG} [i am | i have | i] [just] (here | arrived | on site | got here | got) (at | for | on | to) {ORDER}",
    f"i am [now] at {ORDER} [now]",
    f"[i | we | i have] [just] reached {ORDER}",
)
_DONE = "(done | finished | complete | completed)"
_AS_DONE = f"[as] [{_DONE} | off | out]"
COMPLETE_JOB = (
    f"(i am | we are) [all] ({_DONE} | through | wrapped up) (here | with {THIS_JOB} | on this one | "
    "at this site) [now]",
    f"[all] (done | finished) (here | with {THIS_JOB})",
    f"(finished | finished up | wrapped up | wrapping up) (here | {THIS_JOB}) [now]",
    f"(the | this) {JOB} is [all] {_DONE}",
    f"that is (this one | this job | it here | this) {_DONE}",
    f"[the | this] (jobs | orders | tickets) {_DONE}",
    f"[{JOB}] {_DONE} with (the | this) {JOB}",
    f"(complete | finish | close | close out | close up | wrap up | mark) {THIS_JOB} {_AS_DONE} [now]",
    f"(complete | close out | finish | mark) (it | this) {_AS_DONE}",
    f"(complete | close | close out | close up | finish | finish up | wrap up | mark) {ORDER} {_AS_DONE}",
    f"i (finished | completed) (the | this) ({JOB} | one)",
    f"{ORDER} is [all] {_DONE}",
    f"(i am | we are) (done | finished) with {ORDER}",
)
WITH_SUMMARY = tuple(
    f"({phrase}) [with | and] [the | a | my] summary [is | of | that] <free>" for phrase in COMPLETE_JOB
)
AND_DONE = tuple(f"({phrase}) [and | saying | with] <done>" for phrase in COMPLETE_JOB)
_HISTORY = "[is there | do we have | have we got | what is | read | tell me | give me | read me | any]"
CUSTOMER_HISTORY = (
    "what (did we do | was done | happened | have we done) (here | there | at this site | for this customer) "
    "(last time | before | in the past)",
    "what did we do last time [here]",
    "what did (they | we | someone | the last (guy | technician | tech | crew)) do (here | there) [last time | before]",
    "(have we | have i | were we | was anyone | has anyone) [ever] been [out] (here | there) before",
    "when were we [last] [out] (here | there) [last]",
    "when was (someone | anyone | the last time we were) [last] [out] (here | there) [last]",
    "who was [out] (here | there) (last | before | last time)",
    f"{_HISTORY} [the | any | some] [customer | customers | site | service] history "
    "[(on | for | with | of | at) (this customer | the customer | this site | them | here | this place)]",
    f"{_HISTORY} [the] [customer | customers] history (for | of | on) {ORDER}",
    "(what is | when was | tell me about) [the] last (visit | time) [here | there | at this customer]",
)
_BOOK = "(book | schedule | set up | make | arrange | plan)"
_VISIT = "(follow up | followup | follow up visit | return visit | return trip | second visit | another visit | visit)"
BOOK_FOLLOW_UP = (
    f"{_BOOK} (a | another | one more | the | me a) {_VISIT} [<when>]",
    f"{_BOOK} {_VISIT} [<when>]",
    f"{_BOOK} me to (come back | be back | return) [here] <when>",
    "(i | we) (need | have | will need | will have | got) to (come back | be back | return) [here | out] <when>",
    "(come back | return) [here] <when>",
    f"(i | we | i will | we will) need (a | another) {_VISIT} [<when>]",
)
