"""The command grammar: phrases.py and a company's words, compiled to JSGF for pocketsphinx."""

from collections.abc import Iterable, Mapping

from agent.offline.phrase_syntax import Choice, Node, Sequence, Word, jsgf, parse, slots, words
from agent.offline.pronounce import spoken_words
from agent.offline.vocabulary import Vocabulary

FREE = "free"

# Numbers as people say them. "oh" is a zero inside a number and never starts one.
_NUMBERS = {
    "one-nine": "one | two | three | four | five | six | seven | eight | nine",
    "digit": "oh | zero | <one-nine>",
    "teen": "ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen",
    "tens": "twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety",
    "two-digit": "<teen> | <tens> [<one-nine>]",
    "to-ninety-nine": "<one-nine> | <two-digit>",
    "truck": "<one-nine> <digit> <digit> | <one-nine> hundred [[and] <to-ninety-nine>] | <one-nine> <two-digit>",
    "number": "<one-nine> <digit> <digit> <digit> [<digit>] | <two-digit> <two-digit> | <two-digit> (oh | zero) <one-nine>"
    " | <one-nine> thousand [[and] <to-ninety-nine>] | <one-nine> thousand <one-nine> hundred [[and] <to-ninety-nine>]"
    " | <two-digit> hundred",
    "quantity": "<amount> [feet [of]]",
    "amount": "<to-ninety-nine> | (a | <one-nine>) hundred [[and] <to-ninety-nine>] | a thousand | a | an | a couple [of]"
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
    "day": "today | tomorrow | yesterday | [next | this] <weekday> | <month> [the] <ordinal> | the <ordinal> [of <month>]",
    "hour": "<one-nine> | ten | eleven | twelve",
    "time": "<hour> [o'clock | thirty | fifteen | forty five] [<half>] | noon | half past <hour>"
    " | quarter (to | past) <hour>",
    "half": "a m | p m | in the morning | in the afternoon",
}
_ANSWERS = {
    "yes": "yes | yeah | yep | yup | sure | correct | right | that's right | that is right | that's correct | go ahead"
    " | do it | please do | yes please | confirm | confirmed | affirmative | okay | ok | absolutely | exactly",
    "no": "no | nope | no thanks | no thank you | don't | do not | cancel | cancel that | stop | wrong | that's wrong"
    " | not yet | never mind | negative | forget it | hold on | wait | no wait",
    "yes-no": "[um | uh] (<yes> | <no> | yes <yes> | yeah <yes> | no <no>) [please | thanks | thank you]",
}
_LEAD = "[um | uh | okay | hey | yeah | so | please | um okay | uh okay]"
_TRAIL = "[please | thanks | thank you]"


def rules(vocabulary: Vocabulary) -> dict[str, Node]:
    """Every slot that a phrase may name, filled with a company's own words."""
    table = {name: parse(text) for name, text in (_NUMBERS | _CALENDAR | _ANSWERS).items()}
    table["part"] = _one_of(part_names(vocabulary)) or Word("part")
    table["person"] = _one_of([*vocabulary.people, *(name.split()[0] for name in vocabulary.people)]) or Word("me")
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


def commands(phrases: Mapping[str, tuple[str, ...]]) -> list[Node]:
    """The right-hand sides of all phrases as trees."""
    return [parse(text) for sides in phrases.values() for text in sides]


def command_grammar(phrases: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]) -> str:
    """JSGF of every phrase, with what people put before and after it."""
    body = " | ".join(f"({jsgf(node)})" for node in commands(phrases))
    return _document("command", table, [f"<command> = {_LEAD} ({body}) {_TRAIL};"])


def answer_grammar(side: str, table: Mapping[str, Node]) -> str:
    """JSGF of one expected answer, for example `<yes-no>` or the options of a choice."""
    return _document("answer", table, [f"<answer> = {jsgf(parse(side))};"])


def _document(public: str, table: Mapping[str, Node], lines: list[str]) -> str:
    body = [f"<{name}> = {jsgf(node)};" for name, node in table.items()]
    text = "\n".join(["#JSGF V1.0;", "grammar fieldline;", *lines, *body])
    return text.replace(f"\n<{public}> =", f"\npublic <{public}> =", 1) + "\n"


def grammar_words(phrases: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]) -> set[str]:
    """Every word that the grammar can say, the free tails apart."""
    trees = [*commands(phrases), *table.values(), parse(_LEAD), parse(_TRAIL)]
    return {word for tree in trees for word in words(tree)}


def unknown_slots(phrases: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]) -> set[str]:
    """Slots that phrases name and nobody fills: a mistake in phrases.py."""
    return {slot for tree in commands(phrases) for slot in slots(tree)} - set(table) - {FREE}


def _one_of(names: Iterable[str]) -> Node | None:
    options = dict.fromkeys(tuple(spoken_words(name)) for name in names)
    trees = tuple(Sequence(tuple(Word(word) for word in option)) for option in options if option)
    return Choice(trees) if trees else None
