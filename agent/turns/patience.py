"""How long an ending waits: as little as the words allow, and longer for a caller who pauses.

Times are seconds of silence since the caller's last sound.
"""

from __future__ import annotations

from collections import deque

from agent.turns.judge import Ending

#: The voice activity detector reports an end after this much silence; nothing can be quicker.
SOONEST_S = 0.25
#: The longest wait: with what the answer itself takes it stays inside the limit of 1.5 s without a sound.
LONGEST_S = 1.4
#: With a cloud the answer, begun while we wait, is ready 0.6 to 0.7 s after the last word (transcript 0.15, first
#: token 0.3, first sound 0.12): to wait that long costs nothing. Dictations pause for 0.7 to 1.0 s between sentences.
WAIT_S = {Ending.DONE: SOONEST_S, Ending.LIKELY: 0.6, Ending.DICTATED: 1.05, Ending.OPEN: LONGEST_S}
#: What a caller's own pauses may stretch a wait to.
STRETCHED_S = {Ending.LIKELY: 1.1, Ending.DICTATED: LONGEST_S}
#: A caller's pause is covered with this much to spare.
MARGIN = 1.15
#: So many pauses are remembered; the second longest of them counts, one may have been a truck passing by.
REMEMBERED = 8
#: Who goes on within this time after we took him for done had only paused.
CUT_OFF_S = 0.9
#: A caller who was cut off twice gets this much more before a whole sentence is answered.
GRACE_S = 0.2


class Patience:
    """The pauses of one caller. All times come from one steady clock, in seconds."""

    def __init__(self) -> None:
        self._pauses: deque[float] = deque(maxlen=REMEMBERED)
        self._silent_at: float | None = None
        self._answered_at: float | None = None
        self._ending = Ending.LIKELY
        self._cut_off = 0

    def fell_silent(self, at: float) -> None:
        """The caller's last sound was at `at`."""
        self._silent_at, self._answered_at, self._ending = at, None, Ending.LIKELY

    def stood(self, ending: Ending) -> None:
        """How the words stood at which the caller fell silent: after an open end everybody pauses."""
        self._ending = ending

    def answered(self, at: float) -> None:
        """The turn was taken for over, or the agent spoke."""
        self._answered_at = at

    def spoke(self, at: float) -> None:
        """The caller began to speak, or went on."""
        if self._silent_at is None:
            return
        if self._answered_at is None:
            if self._ending is not Ending.OPEN:
                self._pauses.append(at - self._silent_at)
        elif at - self._answered_at <= CUT_OFF_S:
            self._cut_off += 1
            self._pauses.append(at - self._silent_at)
        self._silent_at = None

    def wait_s(self, ending: Ending) -> float:
        """How much silence this caller gets after an ending of that kind."""
        wait = WAIT_S[ending]
        if ending is Ending.DONE:
            return wait + (GRACE_S if self._cut_off >= 2 else 0.0)
        if ending in STRETCHED_S and len(self._pauses) >= 2:
            usual = sorted(self._pauses)[-2] * MARGIN
            return min(max(wait, usual), STRETCHED_S[ending])
        return wait
