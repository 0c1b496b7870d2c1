"""How an utterance ends: with a word after which English goes on, in the middle of a thought, or whole."""

from __future__ import annotations

import re

#: Sounds of somebody who is thinking.
HESITATIONS = frozenset(["um", "uh", "er", "erm", "hmm", "hm", "uhm", "eh", "ah"])
#: Words after which English goes on. Prepositions that also end commands ("clock me in", "what's going on") are below.
OPEN_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a about also an and as at because but by for from if into is it's its like my of or our so than that the "
        "their then there's to was were when where which while who whose will with would your i we he she they and "
        "i'm i've i'll we've you're there's are am be been has have had could should can the another some any "
        "between under behind above near every each very really just not only how what's",
    )
)
#: The same for Spanish; none of them ends anything in English.
OPEN_WORDS_SPANISH = frozenset(
    re.findall(
        r"\S+",
        "y e o u de la el los las que para con en un una mi su por pero del al como porque cuando donde sin sobre "
        "entre hasta desde muy mis sus nuestro nuestra quiero necesito tengo está estoy hay",
    )
)
#: Whole endings, although their last word is open.
CLOSED = re.compile(
    r"\b(?:what (?:time )?(?:is it|it is)|who (?:is it|are you)|where (?:am|was) i|(?:yes|no) (?:i|we|they|it) \w+"
    r"|i (?:am|have|can|will|would)|it (?:is|was|has)|there (?:is|are)|how are you|what i have"
    r"|(?:do|like|is|just|what's|who's|say|take|undo|cancel|repeat|forget|scratch|not) that)$"
)
#: Beginnings whose rest has not come: verbs that need an object, dictations without their text.
OPEN_PHRASES = re.compile(
    r"(?:\b(?:note (?:that|saying|says|down that)|(?:summary|note|message) (?:is|was|says)|let (?:the )?\w+ know|"
    r"(?:tell|ask) (?:the office|them|him|her)|make it|make that|because of|instead of|out of|in front of|"
    r"(?:on|in|to|from|take|for|off) (?:truck|unit|van|work order)|(?:truck|unit|order|job|ticket|badge) number|"
    r"(?:clock me|clocking|log me|sign me|punch me) in (?:on|to|with|at)|going to|trying to|want to|need to|have to)"
    r"|^(?:i|we|i've|we've|i have|we have|and|so|i just) (?:just )?(?:used|took|put in|need|want|replaced|installed|"
    r"checked|found|mounted|ran|swapped|moved|tested|changed|removed)"
    r"|^(?:take|use|used|book|put|give me|add|get me|send|find|tell|ask|call|is|are|was|do|does|did|can you|could you|"
    r"would you|will you|can i|could i|what|which|where|when|why|how many|how much|who has|who's got|what about)"
    r"|\bhow (?:many|much|long|about)|\bthe (?:first|second|third|last|next|other|same|new|old|north|south|east|west|"
    r"front|back|left|right))$"
)
#: "Hold on" asks for time.
WAITING = re.compile(
    r"(?:^|\b(?:uh|um|oh|ok|okay|so|well|and|wait) )(?:hold on|hang on|wait|one (?:moment|second|sec|minute)|just a "
    r"(?:moment|second|sec|minute)|let me (?:think|see|check|look)|give me a (?:moment|second|sec|minute))"
    r"(?: a (?:moment|second|sec|minute))?$"
)
_WORD = re.compile(r"[a-z0-9áéíóúüñ']+")


def words_of(text: str) -> list[str]:
    """The words of `text`, plain and in lower case."""
    return _WORD.findall(text.lower().replace("’", "'"))


def hesitates(text: str) -> bool:
    """Whether the last thing heard is a sound of thinking, an unfinished word, or a request for time."""
    spoken = text.strip()
    words = words_of(text)
    if not words:
        return False
    return spoken.endswith((",", "...", "…", "-")) or words[-1] in HESITATIONS or bool(WAITING.search(" ".join(words)))


def ends_open(text: str) -> bool:
    """Whether English or Spanish goes on after these words."""
    words = words_of(text)
    if not words:
        return False
    plain = " ".join(words)
    if words[-1] in OPEN_WORDS and not CLOSED.search(plain):
        return True
    if words[-1] in OPEN_WORDS_SPANISH and len(words) > 1:
        return True
    return bool(OPEN_PHRASES.search(plain))
