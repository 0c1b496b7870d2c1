"""Parts: counting, finding, using, moving and ordering them."""

from agent.offline.understand.wordings.shared import ANY, I_HAVE, ORDER, TELL, THIS_JOB, TRUCK

_MINE = "(my truck | the truck | my van | the van)"
_ON_TRUCK = "[on | in] (truck | unit) [number] <truck>"
_HAVE = "(do i have | have i got | i have got | have i | do i got | are left | is left)"

CHECK_STOCK = (
    f"(what is | what do i have | what have i got) (on | in) ({_MINE} | my stock | my inventory) [right now]",
    "(what do i have | what is) (on board | on me | with me | on hand)",
    f"(check | read | list | show me | {TELL}) my (stock | truck | inventory | parts | supplies)",
    "how is my (stock | inventory | truck)",
    f"(what is | check | list) [the] [stock | inventory] {_ON_TRUCK}",
    "am i (low | running low | short | out) (on | of) (anything | something | any parts | parts)",
    "(what am i | what are we) (low on | running low on | short on | short of | out of)",
    "am i [running | almost | nearly] (low on | out of | short on | short of) <part>",
    "count [my | the] <part>",
    "how is my (supply | stock) of <part>",
    f"how (many | much) [of] <part> {_HAVE} [left] [on {_MINE} | with me | in stock]",
    f"how (many | much) <part> (is | are) [there] [left] (on | in) {_MINE}",
    f"how (many | much) <part> (is | are | does) [there] [left] {_ON_TRUCK} [have]",
    f"(is | are) there [still] {ANY} <part> [left] {_ON_TRUCK}",
    f"(is | are) there [still] {ANY} <part> [left] (on | in) {_MINE}",
    f"(do i have | have i got | do i still have | do i got) {ANY} <part> [left] [(on | in) {_MINE} | with me | on me]",
    f"does (truck | unit) <truck> have {ANY} <part>",
    f"check [the | my] stock (for | of | on) {ANY} <part>",
    f"check [the] stock (for | of | on) <part> {_ON_TRUCK}",
)
WHO_HAS = (
    f"who [else] (has | is got | got | has got | is carrying | carries | might have | would have) {ANY} <part> [left] "
    "[on (his | her | their) truck]",
    "(does | has | is) (anyone | anybody | someone | somebody | any truck | another truck | <person>) [else] "
    f"(have | got | carrying | carry | has) {ANY} <part> [left]",
    f"(which | what) (truck | trucks | van) (has | have | is carrying | carries | got) {ANY} <part>",
    f"where (can | could | do | might) (i | we) (find | get) {ANY} <part>",
    f"where is there {ANY} <part>",
    f"find [me] {ANY} <part>",
)
_USED = "(used | used up | went through | installed | put in | consumed | mounted)"
_HERE = f"[here | today | on it | (on | for) {THIS_JOB}]"
USE_PART = (
    f"[{I_HAVE}] [just] {_USED} <quantity> <part> {_HERE}",
    f"(use | log | record | mark down | put down) <quantity> <part> [as used] {_HERE}",
    "(that | this | it | this one | this job) (took | used | needed) <quantity> <part>",
    "(deduct | subtract | take off) <quantity> <part> [from my (stock | truck | inventory)]",
    f"[{I_HAVE}] [just] ({_USED} | put) <quantity> <part> (on | for | in) {ORDER}",
    f"(use | log | record) <quantity> <part> (on | for | to) {ORDER}",
    f"(on | for) {ORDER} (i | we) (used | installed | put in) <quantity> <part>",
    f"[{I_HAVE}] [just] (used | used up | went through) [some | the | up] <part>",
    "(use | log) (some | my) <part>",
    "[i | we] (use | used) <quantity>",
)
_PULL = "(take | grab | move | transfer | borrow | get | pull | bring)"
_PULLED = (
    "(took | taken | taking | grabbed | grabbing | moved | moving | transferred | borrowed | borrowing | "
    "got | pulled | pulling)"
)
_OFF = "[over] (from | off | off of | out of)"
_ONTO = "[(to | onto | on | into) (my truck | mine | me)]"
TAKE_PART = (
    f"{_PULL} <quantity> <part> {_OFF} {TRUCK} {_ONTO}",
    f"[{I_HAVE}] [just] {_PULLED} <quantity> <part> {_OFF} {TRUCK} {_ONTO}",
    f"{_PULL} [some | the] <part> {_OFF} {TRUCK} {_ONTO}",
    "(take | grab | borrow) <quantity> <part> [from (another | the other) truck]",
)
_ASK = "(request | ask for | order | get me | i need | put in | send in | submit)"
RESTOCK = (
    f"{_ASK} (a restock | more stock | a refill | to restock)",
    f"{_ASK} [a | the] [request for a] (restock | refill) (of | for | on) <part>",
    f"{_ASK} [me] <quantity> (more | additional | extra) <part>",
    "(order | request) <quantity> <part>",
    f"({_ASK} | we need | order me | send me) more <part>",
    "(restock | reorder) [me] [on] [my | the | our] <part>",
    "(restock | reorder) <quantity> <part>",
)
LOW_ON = (
    "(i am | we are | my truck is) [running | getting | almost | nearly] (low on | short on | short of | "
    "out of) [the] <part>",
    "[running | getting] (low on | short of) <part>",
    "i (ran | have run) out of <part>",
)
