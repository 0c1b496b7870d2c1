"""Looser wordings of the commands, in the notation of phrases.py; too many for a grammar, cheap for rules.

Besides the slots of phrases.py: <done> is dictated and tells of something done ("replaced the camera"), <when>
is day, time, and reason of a visit, <kind> a note or a part; <person> and <customer> are names. Contractions are written out, as the rules see them.
"""

from collections.abc import Mapping

_ORDER = "[the] [(my | our)] (work order | job | order | ticket | w o | job number) [number] <number>"
_TRUCK = "[the] [truck | truck number | unit | van | number] [number] <truck>"
_IN = "(on | with | in | to | into | onto | for | using)"
_JOB = "(job | work order | order | ticket | call)"
_OFFICE = "(the office | dispatch | the dispatcher | the boss)"
_LOG = "[(log | record | note | put down | mark down) [that]]"
_NOTE = "(note | quick note | short note | comment)"
_WRITE = "(add | make | take | leave | put | put down | put in | write | write down | log | create | record | enter)"
_PULL = "(take | grab | move | transfer | borrow | get | pull | bring | steal)"
_PULLED = (
    "((i | we) [have | just | have just] | i am) "
    "(took | taken | taking | grabbed | grabbing | moved | transferred | borrowed | borrowing | got | pulled | pulling)"
)
_OFF = "(from | off | off of | out of)"
_ANY = "[a | an | any | some]"
_TOGETHER = (
    "(follow up | followup | follow up visit | return visit | return trip | second visit | another visit | visit)"
)
_BOOK = "(book | schedule | set up | make | arrange | plan)"
_HAVE = "(do i have | have i got | i have got | have i | do i got | are left | is left)"

_COMPLETE = (
    f"(i am | we are) [all] (done | finished | through | wrapped up) (here | with this one | with this {_JOB} | with the {_JOB} | on this one | at this site) [now]",
    f"[all] (done | finished) (here | with this one | with this {_JOB} | with the {_JOB})",
    f"(finished | finished up | wrapped up | wrapping up) (here | this {_JOB} | the {_JOB} | this one) [now]",
    f"(the | this) {_JOB} is [all] (done | complete | completed | finished)",
    f"[the | this] {_JOB}s (done | complete | completed | finished)",
    f"[{_JOB}] (done | complete | completed | finished) with (the | this) {_JOB}",
    f"(complete | finish | close | close out | close up | wrap up | mark) (the | this | my | the current | my current) ({_JOB} | one) "
    "[as] [complete | completed | done | finished | off | out] [now]",
    "(complete | close out | finish | mark) (it | this) [off] [as] [complete | done]",
    f"(complete | close | close out | finish | mark) {_ORDER} [as] [complete | completed | done | finished | off]",
    f"i (finished | completed) (the | this) ({_JOB} | one)",
    f"{_ORDER} is [all] (done | complete | completed | finished)",
    f"(i am | we are) (done | finished) with {_ORDER}",
)

EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "add_note": (
        f"{_WRITE} a {_NOTE} and (tell | alert | notify | inform) {_OFFICE} [that | about] <free>",
        f"{_WRITE} a {_NOTE} (to | for) {_OFFICE} [that | saying] <free>",
        f"[{_NOTE} | message] (to | for) {_OFFICE} [that | saying] <free>",
        f"(tell | alert | notify | inform) {_OFFICE} [that | about] <free>",
        f"let {_OFFICE} know [that | about] <free>",
        f"{_WRITE} a {_NOTE} (to | for) {_OFFICE}",
        f"(tell | alert | notify) {_OFFICE} [something]",
        f"send {_OFFICE} a (message | note) [that | saying] <free>",
        f"{_WRITE} (a | another | one more | this | the) {_NOTE} [down]",
        f"{_WRITE} [a | another] {_NOTE} (to | on | for | in) {_ORDER} [that | saying | which says] <free>",
        f"{_WRITE} [a | another] {_NOTE} (to | on | for) (this | the | my) {_JOB} [that | saying] <free>",
        f"{_WRITE} [a | another] {_NOTE} (to | on | for) {_ORDER}",
        f"{_WRITE} [(a | another | one more | this | the)] {_NOTE} [here] [that | saying | which says | to say] <free>",
        "(note | note down | jot down | write down | record | mark down) that <free>",
        "(jot down | write down) <free>",
        "[(please | and)] make note (of | that) <free>",
    ),
    "read_notifications": (
        "[is there | have you got | do you have | have i got | do i have | got] [any | anything] (new | news) [for me]",
        "[do i have | have i got | are there | is there | got] [any | some] [new | unread | more] "
        "(message | messages | notification | notifications | news | mail) [for me | waiting | today] [from (the office | dispatch)]",
        "[is there | have you got] anything (for me | from the office | from dispatch | waiting [for me])",
        "did (the office | dispatch | anyone | anybody) (leave | send | write) me (anything | something | a message | any messages)",
        "what did (the office | dispatch) (send | write | want | say | leave) [me]",
        "(read | play | check | hear | get | give me | tell me | read me) [me] [my | the | all my | any] [new | unread] "
        "(messages | notifications | news) [from the office]",
        "what are (my | the) [new] (messages | notifications)",
        "what does (the office | dispatch) want",
        "did i miss anything",
        "(what is | anything) new",
    ),
    "mark_notifications_read": (
        "mark (them | those | these | it | that | everything | all) [all] [as] [been] (read | done | seen)",
        "mark [all] [of] [my | the | these | those] (message | messages | notification | notifications) [as] (read | done | seen)",
        "(clear | dismiss) [all] [my | the | those | these] (messages | notifications)",
    ),
    "my_jobs": (
        "(what is | what are | read | read me | give me | list | tell me | show me | hear | get | run through) "
        "[my | the | all my | all the] [<day>] (jobs | work orders | orders | schedule | calls | appointments | stops | work | plan) "
        "[for | on | look like] [<day>]",
        "what (is | are) (my | the) (jobs | schedule | day | work orders | calls) [like | look like] [for | on] [<day>]",
        "what (do i have | have i got | did i have | am i doing | is there | have you got for me) [going | going on] "
        "[scheduled | planned | coming up] [for | on] [<day>]",
        "what (does | is | did) [my] (day | schedule | <day>) [look | looking] [like] [for] [<day>]",
        "what (is | do i have) (on | up | planned | coming up | scheduled) [for] [<day>]",
        "(do i have | have i got | am i) (anything | something | any jobs | any work | jobs | work | working | a job | booked | scheduled) "
        "[scheduled | planned] [for | on] <day>",
        "how many (jobs | work orders | calls | stops) (do i have | have i got | are there) [left] [for | on] [<day>]",
        "how (is | does) my (day | schedule) (look | looking) [for | on] [<day>]",
        "what is my day look like",
    ),
    "next_job": (
        "[and] (what is | what comes | what do i have | whats) next [on my list | for me | up]",
        "(what is | where is | who is | when is | tell me about | read me | give me | tell me) [me] (my | the) next "
        "(job | one | stop | work order | order | customer | call | appointment | site | address | location)",
        "[tell me] where (am i | do i | should i | do we) (going | go | head | heading | off to) [to] [next | now]",
        "where to [next | now]",
        "(next job | next one | next stop | next work order | next)",
        "(what is | where is) (coming up | up next)",
    ),
    "job_details": (
        "(give me | read me | tell me | read | get me | what are) [all] the (details | job details | description | brief | summary)"
        " [again] [of | on | for] [this one | this job | the job | it]",
        f"(give me | read me | get me | tell me | read | get) [the | some] [details | info | information] [of | on | for | about] {_ORDER}",
        f"(details | info | information) (on | of | for | about) {_ORDER}",
        f"(look up | pull up | open | find | read | check) {_ORDER}",
        f"(what is | what about | how about) {_ORDER} [about]",
        f"{_ORDER} what is (it | that | it about)",
        f"(what is | what was | read me | give me | tell me | get me) (the | their | that | this) [customers | sites] "
        f"(address | phone number | phone | number | contact | contact person | location) [there | here | again] [for | of | on] [{_ORDER}]",
        "(what is | give me | read me) the customers (phone number | phone | number | address | name)",
        f"(what is | tell me) (this | the | my current | the current) {_JOB} [about]",
        f"(who is | what is) (the | my) (contact | contact person | customer) [there | here | for this] [for | on] [{_ORDER}]",
        "who do i (ask for | talk to | call | see) [there | here]",
        "where (is it | is that | is this | is the job | am i going)",
        "(read | read me | what are | are there | what | any | give me | tell me) [me] [the | any] notes [are there | are] [there] "
        f"[on | for | about] [this {_JOB} | the {_JOB} | this one | it | {_ORDER}]",
        "what (am i | do i | are we) (doing | supposed to do | need to do | have to do) (here | there | on this job | on this one)",
        "(is this | are they | is it) a new customer",
        "what is (this job | the job | the problem | the issue | wrong) [here | about]",
    ),
    "start_travel": (
        f"{_LOG} (i am | we are) [just | now] (on my way | on our way | heading over | heading out | heading there | leaving | leaving now | en route"
        " | rolling | driving | driving over | driving there | on the road | off | taking off) [over | there | now] "
        f"[to (the | my) [next] ({_JOB} | one | stop | site | customer)]",
        "[i am] (heading over | heading out | heading there | leaving now | on my way | on the way | en route | rolling out | rolling | driving over) [there] [now]",
        f"[{_LOG} i am] (heading | driving | going | off | rolling | leaving | moving) [over | on | out] (to | for) (the | my) next "
        f"({_JOB} | one | stop | site | customer)",
        "(start | begin) (travel | traveling | travelling | my travel | the travel | driving | the drive | my drive)"
        f" [to (the | my) [next] ({_JOB} | one | stop | site)]",
        f"(start | begin) (travel | traveling | travelling | driving | my travel) (to | for) {_ORDER}",
        f"[{_LOG} i am] [on my way | on the way | en route | heading | driving | going | leaving | off | rolling] [over | out] (to | for) {_ORDER}",
        f"{_LOG} i am (on my way | on the way) to {_ORDER}",
        "(put | mark | show) me [as] (on the road | on my way | en route | traveling | travelling)",
    ),
    "to_customer": (
        f"[{_LOG} i am] (heading | driving | going | on my way | off | rolling | leaving) [over | out] (to | for) <customer>",
    ),
    "arrive": (
        f"{_LOG} (i am | we are) [just | finally] (here | on site | on the site | at the site | at the job | at the customer | at the place | there) [now]",
        f"{_LOG} [i | we | i have | we have] [just | finally | now] (arrived | got here | got in | made it | reached the site | pulled in | pulled up)"
        " [here | there | on site | at the site | at the job | to the site | to the job | at the customer] [now]",
        "(on site | at the site | arrived on site) [now]",
        "(mark | put | show | log) me [as] (arrived | on site | here | there)",
        f"(log | mark | record) my arrival [at | for | on] [{_ORDER}]",
        f"{_LOG} [i am | i have | i] [just] (here | arrived | on site | got here | got) (at | for | on | to) {_ORDER}",
    ),
    "check_stock": (
        "(what is | what do i have | what have i got | whats) (on | in) my (truck | van | stock | inventory) [right now]",
        "(check | read | read me | list | show me | tell me) [me] my (stock | truck | inventory | parts | supplies)",
        f"(what is | check | what do they have | list) [the] [stock | inventory] [on | in | of] (truck | truck number | unit) <truck>",
        "am i (low | running low | short | out) (on | of) (anything | something | any parts | parts)",
        "(what am i | what are we) (low on | running low on | short on | short of | out of)",
        f"how (many | much) [of] <part> {_HAVE} [left] [on my truck | with me | in stock | on the truck]",
        "how (many | much) <part> (is | are) [there] [left] (on | in) (my | the) truck",
        f"how (many | much) <part> (is | are | does) [there] [left] [on | in] (truck | truck number | unit) <truck> [have]",
        f"(is | are) there {_ANY} <part> [left] on (truck | truck number | unit) <truck>",
        f"(is | are) there {_ANY} <part> [left] (on (my | the) truck | in my truck)",
        f"(do i have | have i got | do i still have | do i got) {_ANY} [more] <part> [left] [on my truck | with me | on the truck | on me]",
        f"does (truck | truck number | unit) <truck> have {_ANY} <part>",
        f"(check | check the | check my) stock (for | of | on) {_ANY} <part>",
        f"(check | check the) stock (for | of | on) <part> on (truck | unit) <truck>",
    ),
    "who_has": (
        f"who [else] (has | is got | got | has got | is carrying | carries | might have | would have | is having) {_ANY} [more] <part> [left] [on (his | her | their) truck]",
        f"(does | has | is) (anyone | anybody | someone | somebody | any truck | another truck | <person>) [else] "
        f"(have | got | carrying | carry | has) {_ANY} [spare | extra] <part> [left]",
        f"(which | what) (truck | trucks | van) (has | have | is carrying | carries | got) {_ANY} <part>",
        f"where (can | could | do | might) (i | we) (find | get) {_ANY} [more] <part>",
        f"where is there {_ANY} <part>",
        f"find me {_ANY} <part>",
    ),
    "use_part": (
        "[i | we | i have | we have] [just] (used | used up | went through | installed | put in | consumed | mounted) <quantity> <part> "
        f"[here | on this one | on this {_JOB} | for this {_JOB} | on the {_JOB} | on it | today]",
        f"(use | log | record | book | enter | mark down) <quantity> <part> [as used] [here | on this one | on this {_JOB} | for this {_JOB} | on the {_JOB}]",
        f"[i | we | i have | we have] [just] (used | used up | went through | installed | put in | put | mounted) <quantity> <part> (on | for | in) {_ORDER}",
        f"(use | log | record | book) <quantity> <part> (on | for | to) {_ORDER}",
        f"(on | for) {_ORDER} (i | we) (used | installed | put in) <quantity> <part>",
        "[i | we | i have | we have] [just] (used | used up | went through) [some | the | up] <part>",
        "(use | log) (some | my) <part>",
    ),
    "take_part": (
        f"{_PULL} <quantity> <part> {_OFF} {_TRUCK} [to | onto | on | into] [my truck | mine | me]",
        f"{_PULLED} <quantity> <part> {_OFF} {_TRUCK} [to | onto | on | into] [my truck | mine]",
        f"(borrowed | grabbed | took | moved) <quantity> <part> {_OFF} {_TRUCK}",
        f"{_PULL} [some | the] <part> {_OFF} {_TRUCK} [to my truck | onto mine]",
        f"(take | grab | borrow) <quantity> <part> [from (another | the other) truck]",
    ),
    "request_restock": (
        "(request | ask for | order | need | get me) (a restock | more stock | a refill) [please]",
        "i need (a restock | more stock | to restock)",
        "(request | ask for | order | get me | i need) [a] (restock | refill) (of | for | on) <part>",
        "(order | order me | ask for | request | get me | send me) <quantity> (more | additional | extra) <part>",
        "(order | request) <quantity> <part>",
        "(i need | we need | order | order me | get me | ask for | request | send me) more <part>",
        "(restock | reorder | refill) [me] [on] [my | the | our] <part>",
        "(restock | reorder) <quantity> <part>",
        "i need <quantity> more <part>",
    ),
    "low_on": (
        "(i am | we are | my truck is) [running | getting | almost | nearly] (low on | short on | short of | out of) [the] <part>",
        "[running | getting] (low on | short of) <part>",
        "i (ran | have run) out of <part>",
    ),
    "complete_job": (
        *_COMPLETE,
        *(f"({phrase}) [with | and] [the | a | my] summary [is | of | that] <free>" for phrase in _COMPLETE),
        *(f"({phrase}) [and | saying | with] <done>" for phrase in _COMPLETE),
    ),
    "customer_history": (
        "what (did we do | was done | happened | have we done) (here | there | at this site | for this customer) (last time | before | in the past)",
        "what did we do last time [here]",
        "(have we | have i | were we | was anyone | has anyone) [ever] been (here | there | out here) before",
        "(when were we | when was someone | when was anyone | when was the last time we were) [last] [out] (here | there | out here) [last]",
        "who was [out] (here | there) (last | before | last time)",
        "[is there | do we have | have we got | what is | read me | give me | tell me | any] [me] [the | any | some] [customer | customers | site | service] "
        "history [on | for | with | of | at] [this customer | the customer | this site | them | here | this place]",
        f"(read me | give me | what is | tell me) [the] [customer | customers] history (for | of | on) {_ORDER}",
        "(what is | when was | tell me about) [the] last (visit | time) [here | there | at this customer]",
    ),
    "read_last_entry": (
        "(read | read me | repeat | say | tell me | play) [back] [me] [my | the | that] last (note | entry | part | thing) [back] [to me]",
        "(read | read me) (that | it | this | my note | the note | my entry) [note | entry] back [to me]",
        "what (did i | have i) [just | last] (write | enter | note | log | put | say | written | entered | logged | put down) [down]",
        "what (was | is) my last (note | entry | part)",
        "read back my (note | entry)",
    ),
    "undo_last_entry": (
        "(undo | scratch | delete | remove | take back | cancel | erase | strike | drop) [that | my | the | this] (last | latest | previous) <kind> [entry]",
        "(undo | scratch | delete | remove | take back | erase | strike) (that | this | my | the) <kind> [entry] [again]",
        "(undo | take back | revert) (that | it | this | the last one | my last one | my last entry | the last entry)",
        "(scratch | delete | remove | erase) (the last one | my last entry | the last entry | that entry | that last one)",
    ),
    "say_goodbye": (
        "[ok] [all right] (goodbye | good bye | bye | bye bye | see you | see you later | talk to you later | have a good one | have a nice day | take care)",
        "[no] [ok] [i think] (that is | that was | that will be) (all | it | everything) [for now | for today | i need | i needed] "
        "[bye | goodbye | thank you bye | thanks bye]",
        "[no] nothing else [for now | thank you bye] [bye | goodbye]",
        "[no] [thanks | thank you] (i am good | i am all set | all set | that is all | that is it)",
        "(hang up | end the call | end this call)",
    ),
    "identify": (
        "(i am | this is) (a | the | one of (your | the)) (technician | technicians | tech | techs)",
        "(i am | this is) <person> [and] [i am] (a | the | one of (your | the) | from your) (technician | technicians | tech | techs)",
        "(i am | we are) (a | the) (field | service) (tech | technician)",
        "(i want to | i would like to | let me) (log in | sign in | identify myself | enter my badge | key in my badge)",
    ),
    "my_status": (
        "(what is | give me | tell me) [me] my [current] status",
        "(am i | did i | have i) [already | still] (clocked in | clock in | clocked | on the clock | punched in) [already | yet | today | this morning]",
        "(when | what time) (did i | have i) [clock | clocked | punch | start | started] [in] [today | this morning]",
        "(which | what) (truck | van) (am i | do i have | have i got | was i) [on | in | driving | clocked in on | with]",
        "(what | which) (job | work order | one | order) am i [working] on [right now | now | today]",
        "what am i (working on | doing | on) [right now | now | at the moment]",
        "how (long | many hours) have i (been | worked) [on the clock | clocked in | working] [today]",
        "where (do i stand | am i at)",
        "am i (traveling | travelling | on the road | on a job)",
    ),
    "clock_in": (
        f"(clock | punch | sign | log | put | check) [me] (in | on | on the clock) [{_IN}] {_TRUCK} [now | today | for today]",
        f"[i am | i will be] (starting | beginning) [my] (shift | day | work) [today] [{_IN}] {_TRUCK}",
        f"(start | begin) my (shift | day) [today] [{_IN}] {_TRUCK}",
        f"(put | get) me on the clock [{_IN}] {_TRUCK}",
        f"[i am | i will be] (taking | driving | on | in | using) {_TRUCK} [today] (clock me in | punch me in | log me in | sign me in)",
        f"{_TRUCK} clock me in",
        "(clock | punch | sign | log | check) [me] in [now | today | for today]",
        "(start | begin) [my] (shift | day | work) [now | today]",
        "[i am] (starting | beginning) my (shift | day) [now]",
        "(put | get) me on the clock",
    ),
    "clock_out": (
        "(clock | punch | sign | log | check) [me] (out | off) [now | for today | for the day | today]",
        "(end | finish) my (shift | day) [now]",
        "(take | get) me off the clock",
        "i am (clocking | punching | signing) (out | off) [now | for the day | for today]",
    ),
    "off_work": (
        "(i am | we are) [all] (done | finished | through) (for the day | for today | working | with my shift)",
        "i am (going | heading) home [now] [for the day]",
        "calling it a day",
    ),
    "book_follow_up": (
        f"{_BOOK} (a | another | one more | the | me a) {_TOGETHER} [<when>]",
        f"{_BOOK} {_TOGETHER} <when>",
        f"(i | we | i will | we will) [need | have | got] [to] (come back | be back | return) [here | out] <when>",
        f"(i need | we need | i will need) (a | another) {_TOGETHER} [<when>]",
    ),
}
