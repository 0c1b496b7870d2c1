"""Clocking in and out, and how one stands."""

from agent.offline.understand.wordings.shared import NOW, TELL, TRUCK

_IN = "(on | with | in | to | into | onto | for | using)"
_TODAY = "[now | today | for today | for the day]"
_CLOCK = "(clock | punch | sign | log | check)"
_CLOCKING = "(clocking | punching | signing | logging)"

MY_STATUS = (
    f"(what is | {TELL}) my [current] status",
    "(am i | did i | have i) [already | still] (clocked in | clock in | clocked | on the clock | punched in) "
    "[already | yet | now | right now | today | this morning]",
    "(when | what time) (did i | have i) (clock | clocked | punch | start | started) [in] [today | this morning]",
    "since when (am i | have i been) (clocked in | on the clock)",
    "(which | what) (truck | van) (am i | do i have | have i got | was i) [on | in | driving | clocked in on | with]",
    "(which | what) (truck | van) did i (clock in | punch in | start) (with | on | in)",
    f"(what | which) (job | work order | one | order) am i [working] on {NOW}",
    f"what am i (working on | doing | on) {NOW}",
    f"how (long | many hours) have i (been | worked) [on the clock | clocked in | working] {NOW}",
    "where (do i stand | am i at)",
    "am i (traveling | travelling | on the road | on a job)",
)
CLOCK_IN = (
    f"({_CLOCK} | put) [me] (in | on | on the clock) [{_IN}] {TRUCK} {_TODAY}",
    f"{_CLOCK} me in [i am | i will be] {_IN} {TRUCK}",
    f"[i am] {_CLOCKING} in [{_IN}] {TRUCK} {_TODAY}",
    f"[i am | i will be] (starting | beginning) [my] (shift | day | work) [today] [{_IN}] {TRUCK}",
    f"(start | begin) my (shift | day) [today] [{_IN}] {TRUCK}",
    f"(put me on the clock | get me (started | going)) [{_IN}] {TRUCK}",
    f"[i am | i will be] (taking | driving | on | in | using) {TRUCK} [today] {_CLOCK} me in",
    f"{TRUCK} {_CLOCK} me in",
    f"({_CLOCK} [me] in | [i am] {_CLOCKING} in) {_TODAY}",
    "(start | begin) [my] (shift | day | work) [now | today]",
    "[i am] (starting | beginning) my (shift | day) [now]",
    "(put me on the clock | get me started)",
)
CLOCK_OUT = (
    f"{_CLOCK} [me] (out | off) {_TODAY}",
    f"i am {_CLOCKING} (out | off) {_TODAY}",
    "(end | finish) my (shift | day) [now]",
    "(take | get) me off the clock",
)
OFF_WORK = (
    "[that is | i am | we are] [me] [all] (done | finished | through) (for the day | for today | working | "
    "with my shift)",
    "i am (going | heading) home [now] [for the day]",
    "my (shift | day) is (over | done | finished)",
    "(calling it a day | that is it for (today | the day))",
)
