"""The command grammar: the phrases that can be checked word by word, with a company's own words in their slots."""

from collections.abc import Iterable, Mapping

from agent.offline.phrase_syntax import Choice, Node, Sequence, Word, parse, slots
from agent.offline.phrases import PHRASES
from agent.offline.pronounce import spoken_words
from agent.offline.reception_phrases import RECEPTION_PHRASES
from agent.offline.understand.wordings.customer import PHRASES as CUSTOMERS_PHRASES
from agent.offline.vocabulary import Vocabulary

FREE = "free"
LISTENED_FOR: Mapping[str, tuple[str, ...]] = {
    **PHRASES,
    **CUSTOMERS_PHRASES,
    **{f"reception {name}": sides for name, sides in RECEPTION_PHRASES.items()},
}
"""What the ears check word by word, on every line: which one answers is not known when they are made."""

# Numbers as people say them. "oh" is a zero inside a number and never starts one.
_NUMBERS = {
    "one-nine": "one | two | three | four | five | six | seven | eight | nine",
    "digit": "oh | zero | <one-nine>",
    "teen": "ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen",
    "tens": "twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety",
    "two-digit": "<teen> | <tens> [<one-nine>]",
    "to-ninety-nine": "<one-nine> | <two-digit>",
    "truck": "<one-nine> <digit> <digit> | <one-nine> hundred [[and] <to-ninety-nine>] | <one-nine> <two-digit>",
    "number": "<one-nine> <digit> <digit> <digit> [<digit>] | <two-digit> <two-digit>"
    " | <two-digit> (oh | zero) <one-nine>"
    " | <one-nine> thousand [[and] <to-ninety-nine>] | <one-nine> thousand <one-nine> hundred [[and] <to-ninety-nine>]"
    " | <two-digit> hundred",
    "quantity": "<amount> [feet [of]]",
    "amount": "<to-ninety-nine> | (a | <one-nine>) hundred [[and] <to-ninety-nine>] | a thousand | a"
    " | a couple [of]"
    " | [a | one | two | three] dozen | half a dozen",
    "spoken-number": "[truck | number | work order | job] (<digit> [<digit> [<digit> [<digit> [<digit> [<digit>]]]]]"
    " | <truck> | <number> | <quantity>)",
}
_CALENDAR = {
    "weekday": "monday | tuesday | wednesday | thursday | friday | saturday | sunday",
    "month": "january | february | march | april | may | june | july | august | september | october | november"
    " | december",
    "ordinal": "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth | eleventh | twelfth"
    " | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth | eighteenth | nineteenth"
    " | twentieth | thirtieth | twenty <unit-ordinal> | thirty first",
    "unit-ordinal": "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth",
    "day": "today | tomorrow | yesterday | [next | this] <weekday> | <month> [the] <ordinal>"
    " | the <ordinal> [of <month>]",
    "hour": "<one-nine> | ten | eleven | twelve",
    "time": "<hour> [o'clock | thirty | fifteen | forty five] [<half>] | noon | half past <hour>"
    " | quarter (to | past) <hour>",
    "half": "a m | p m | in the morning | in the afternoon",
}
_ANSWERS = {
    "yes": "yes | yeah | yep | yup | sure | correct | right | that's right | that is right | that's correct | go ahead"
    " | do it | please do | yes please | confirm | confirmed | affirmative | okay | ok | absolutely | exactly",
    "no": "no | nope | no thanks | no thank you | don't | do not | cancel | cancel that | stop | wrong | that's wrong"
    " | not yet | never mind | negative | forget it | hold on | hang on | wait | no wait",
    "position": "[the] (first | second | third | last) [one | part | job] | number (one | two | three)",
    "yes-no": "[um | uh] (<yes> | <no> | yes <yes> | yeah <yes> | no <no>) [please | thanks | thank you]",
}
LEAD = "[um | uh | okay | hey | yeah | so | please | um okay | uh okay]"
_LOOK_ALIKE = (
    "don't | do not | please don't | never | not | no | who | she | he | they | she's | he's"
    " | i already | i might | i will | i didn't | i never | i was | i would have | did you | did he | did she"
    " | should i | can i | did i | has he | has she | is he | is she | how do i | when do i | remind me to"
    " | tell him to | the other guy"
)
_NOT_NOW = "tomorrow morning | yesterday | everyone"
UNLIKELY = frozenset(
    ["never", "not", "he", "she", "they", "she's", "he's", "almost", "might", "yesterday", "everyone"]
) | {"um", "uh", "hey", "so"}
"""Words that are short enough to be heard in a breath or a click before a command."""
_DENIALS = {
    "i'm": "[not | almost]",
    "am": "[not | almost]",
    "i've": "[not | never | almost]",
    "have": "[not | never]",
    "i": "[don't | didn't | never | might | would have | should have | haven't]",
    "we": "[don't | didn't | never | might | would have | should have | haven't]",
}
TRAIL = "[please | thanks | thank you]"


def rules(vocabulary: Vocabulary) -> dict[str, Node]:
    """Every slot that a phrase may name, filled with a company's own words."""
    table = {name: parse(text) for name, text in (_NUMBERS | _CALENDAR | _ANSWERS).items()}
    table["part"] = _one_of(part_names(vocabulary)) or Word("part")
    table["person"] = _one_of([*vocabulary.people, *(name.split()[0] for name in vocabulary.people)]) or Word("me")
    table["department"] = _one_of(vocabulary.departments) or Word("department")
    table["customer"] = _one_of(vocabulary.customers) or Word("customer")
    return table


def part_names(vocabulary: Vocabulary) -> list[str]:
    """Spoken names of the parts: full, plural, and their last word alone ("connectors"), which the line asks about."""
    spoken: dict[str, None] = {}
    for name in (*vocabulary.parts, *vocabulary.aliases):
        said = spoken_words(name)
        if not said:
            continue
        for form in (said, said[-1:]):
            spoken[" ".join(form)] = None
            if len(form[-1]) > 1 and not form[-1].endswith("s"):
                spoken[" ".join([*form[:-1], plural(form[-1])])] = None
    return [name for name in spoken if name not in _BARE_NUMBERS]


_BARE_NUMBERS = {*_NUMBERS["one-nine"].split(" | "), *_NUMBERS["teen"].split(" | "), *_NUMBERS["tens"].split(" | ")}


def plural(word: str) -> str:
    """The regular English plural."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def commands(phrases: Mapping[str, tuple[str, ...]] = LISTENED_FOR) -> list[Node]:
    """The right-hand sides of all phrases as trees."""
    return [parse(text) for sides in phrases.values() for text in sides]


def command_tree(table: Mapping[str, Node]) -> Node:
    """Every phrase without a dictated tail, with what people put before and after it.

    Beside each command stand its look-alikes ("don't clock me out", "I am not on my way", "who completed ..."): not
    to be obeyed, but so that their sound has a better place to go than the command itself.
    """
    checked = tuple(_with_denials(tree) for tree in commands() if FREE not in slots(tree))
    phrase = Choice((*checked, table["yes-no"]))
    return Sequence((parse(f"{LEAD} [{_LOOK_ALIKE} | <person>]"), phrase, parse(f"{TRAIL} [{_NOT_NOW}]")))


def answer_tree(side: str) -> Node:
    """One expected answer, for example `<yes-no>`, with what people put around it."""
    return Sequence((parse(LEAD), parse(side), parse(TRAIL)))


def _with_denials(node: Node) -> Node:
    match node:
        case Word(text) if text in _DENIALS:
            return Sequence((node, parse(_DENIALS[text])))
        case Sequence(parts):
            return Sequence(tuple(_with_denials(part) for part in parts))
        case Choice(options):
            return Choice(tuple(_with_denials(option) for option in options))
        case _:
            return node


def unknown_slots(phrases: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]) -> set[str]:
    """Slots that phrases name and nobody fills: a mistake in phrases.py."""
    return {slot for tree in commands(phrases) for slot in slots(tree)} - set(table) - {FREE}


def _one_of(names: Iterable[str]) -> Node | None:
    options = dict.fromkeys(tuple(spoken_words(name)) for name in names)
    trees = tuple(Sequence(tuple(Word(word) for word in option)) for option in options if option)
    return Choice(trees) if trees else None
