"""The commands of the technician's line as phrases: what the ears listen for, and the core of what the rules know.

Words, `[optional]`, `(a | b)`, and the slots <truck> <number> <quantity> <part> <day> <time> <free> (a dictated
tail). The rules take these and the looser wordings of `understand/everyday.py`; the ears compile these alone.
"""

from collections.abc import Mapping

_ORDER = "[the] (work order | job | order | ticket) [number] <number>"
_TRUCK = "[truck | truck number] <truck>"
_IAM = "(i'm | i am)"
_WHATS = "(what's | what is)"

PHRASES: Mapping[str, tuple[str, ...]] = {
    "my_status": (
        f"{_WHATS} my status",
        "am i clocked in",
        "(which | what) truck am i on",
        "what am i working on",
    ),
    "clock_in": (
        f"[please] clock me in [on | with] {_TRUCK}",
        f"clock in [on | with] {_TRUCK}",
        f"punch me in [on | with] {_TRUCK}",
        f"[{_IAM}] starting my (shift | day) [on | with | in] {_TRUCK}",
        "clock me in",
        "punch me in",
        "[i want to | i need to] clock in",
        "start my (shift | day)",
    ),
    "clock_out": (
        "[please] clock me out [please]",
        "[i want to | i need to] clock out [now | please]",
        "punch (out | me out)",
        "end my (shift | day)",
        "sign me off",
    ),
    "add_note": (
        "(add | make | take | leave | put down | write down) a note",
        f"(add | make | put down) a note (to | on | for) {_ORDER} [that | saying] <free>",
        "(add | make | take | leave | put down | write) a note [that | saying] <free>",
        "(note | write down) that <free>",
        "add a note and (tell | alert) the office [that] <free>",
        "tell the office [that] <free>",
        "let the office know [that] <free>",
    ),
    "read_notifications": (
        "read [me] my (messages | notifications)",
        "(anything | is there anything) new [for me]",
        "(any | do i have any) [new] (messages | notifications) [for me | from the office]",
    ),
    "mark_notifications_read": (
        "mark (them | those | it) [all] [as] read",
        "mark [all] [of] my (messages | notifications) [as] read",
        "clear my (messages | notifications)",
    ),
    "my_jobs": (
        f"(what are | {_WHATS} | read me | give me | list) my (jobs | work orders | schedule) [for] [<day>]",
        "what (do i have | have i got) [on] [<day>]",
        "(what's | what is) on [for] <day>",
        "do i have (anything | any jobs) [on] <day>",
        "how many jobs do i have [on] [<day>]",
    ),
    "next_job": (
        f"{_WHATS} next",
        f"{_WHATS} (my | the) next (job | one | stop | work order)",
        "where (am i | do i) (going | go) next",
        "(tell me about | read me) my next (job | work order)",
    ),
    "job_details": (
        "(give me | read me | tell me) the details",
        f"(tell me about | give me the details (of | on | for) | look up | read me) {_ORDER}",
        f"{_WHATS} the (address | phone number) [for] [{_ORDER}]",
        "who's the contact",
        "read me the notes [on this job]",
        "what am i (doing | supposed to do) here",
    ),
    "start_travel": (
        f"{_IAM} on my way [to the next (job | one)]",
        f"{_IAM} (heading over | leaving now | en route)",
        "start travel",
        "(heading | driving) to the next (job | one | stop)",
        f"({_IAM} on my way | {_IAM} heading | start travel | driving) to {_ORDER}",
    ),
    "arrive": (
        "(i've arrived | i have arrived | i arrived) [on site]",
        f"[{_IAM}] (on site | at the site)",
        f"{_IAM} here",
        "[i] just (got | arrived) here",
        "mark me [as] arrived",
        f"[i've | i have] arrived (at | for | on) {_ORDER}",
    ),
    "check_stock": (
        f"{_WHATS} on my truck",
        "check my (stock | truck | inventory)",
        f"{_WHATS} on truck <truck>",
        "how (many | much) <part> do i have [left]",
        "do i have any <part>",
        "how (many | much) <part> (is | are) on truck <truck>",
        "check [the] stock (for | of) <part>",
    ),
    "who_has": (
        "(who has | who's got) [a | any | some] <part>",
        "does (anyone | anybody) [else] have [a | any | some] <part>",
        "which truck has [a | any | some] <part>",
        "where can i (find | get) [a | any | some] <part>",
    ),
    "use_part": (
        "[i | we] used <quantity> <part> [on this (job | one)]",
        "use <quantity> <part> [on this (job | one)]",
        f"[i | we] used <quantity> <part> (on | for) {_ORDER}",
        "[i | we] (installed | put in) <quantity> <part>",
        "[i | we] used <part>",
    ),
    "take_part": (
        "(take | grab | move | transfer) <quantity> <part> (from | off | off of) truck <truck>",
        f"(i took | i grabbed | {_IAM} taking) <quantity> <part> (from | off | off of) truck <truck>",
        "(take | grab) <quantity> <part>",
    ),
    "request_restock": (
        "(request | ask for | order) a restock",
        "(request | ask for | order) a restock (of | for) <part>",
        "(order | ask for) <quantity> more <part>",
        "restock [my | the] <part>",
        "i need more <part>",
        "order more <part>",
    ),
    "complete_job": (
        f"{_IAM} (done | finished) here",
        "(complete | finish | close | close out) (the | this) (job | work order)",
        "[the] job is done",
        "(complete | finish | close) the job [with] summary <free>",
        f"(complete | close | finish) {_ORDER}",
    ),
    "customer_history": (
        "what did we do here last time",
        "have we been here before",
        "[read me] the customer's history",
        "[is there] any history (on | for | with) this customer",
        f"[read me] the [customer] history for {_ORDER}",
    ),
    "book_follow_up": (
        "(book | schedule) a (follow up | return visit)",
        "(book | schedule) a (follow up | return visit) [for | on] <day>",
        "(book | schedule) a (follow up | return visit) [for | on] <day> at <time>",
        "i need to come back [on] <day> [at <time>]",
    ),
    "read_last_entry": (
        "read [back] my last (note | entry)",
        "what was my last (note | entry)",
        "what did i just (write | enter) [down]",
        "read that back [to me]",
    ),
    "undo_last_entry": (
        "undo (that | it | my last entry)",
        "(scratch | delete | undo | take back) [that | my | the] last (note | part | entry)",
    ),
    "say_goodbye": (
        "(goodbye | bye | bye bye)",
        "that's (all | it) [for now] [thanks | thank you] [goodbye | bye]",
    ),
    "transfer_call": (
        "[get me | connect me to | i need] the office",
        "(connect me to | transfer me to | put me through to) (<person> | billing | sales | support | dispatch)",
        "[(let me | i want to) (talk | speak) to] a person",
        "operator",
    ),
    "identify": (f"{_IAM} a technician", f"{_IAM} (one of your | with the) technicians"),
}
