"""What the person who is rung answers, and what a caller on hold says: for the ears and for the rules."""

#: For the ears: nothing else is listened for while one of these is asked.
OFFICE_ANSWER = (
    "(yes | yeah | yep | sure | okay | ok | of course) [please] [(put | send) (him | her | them | it) (through | over)]"
    " | [yes] (put | send | patch) (him | her | them | it | the call) (through | over) [please]"
    " | [yes] i'll take (it | him | her | them | the call) | connect (us | me | him | her) | go ahead | one"
    " | (no | nope | not now | no thanks | no thank you | no i can't | i can't | i cannot | sorry i can't | i'm busy"
    " | i am busy | not right now | two | decline)"
    " | [no] [can you] (take | get) a message [please] | [just] a message | message | three"
)
HOLD_ANSWER = (
    "[leave] [a] message | i want to leave a message | i'd like to leave a message | take a message"
    " | never mind | cancel | stop | forget it | i don't want to wait"
    " | keep waiting | i'll wait | i'll hold | go on | keep trying | okay"
)
