"""Part names inside an utterance: keeping their numbers apart from quantities, and telling them from other nouns."""

import re
from functools import lru_cache

from agent.offline.understand.numbers import NUMBER_WORD, naming
from agent.offline.understand.words import hear, one_of, wordset
from agent.offline.vocabulary import Vocabulary

# Numbers that belong to a name in any company of the trade; the company's own names are added to them.
_TRADE_NAMES = (
    r"(?:cat|category) (?:five e|six a|five|six|seven|eight|\d\w?)",
    r"p o e",
    r"r ?j ?(?:forty fives?|forty five s|eleven|45s?|11)",
    r"r ?g ?(?:fifty nine|fifty nines|six|eleven|59|6|11)(?: u)?",
    r"(?:five|nine|twelve|eighteen|twenty four|thirty six|forty eight|\d+) ?(?:v|volts?)(?: dc)?",
    r"(?:four|eight|sixteen|twenty four|\d+) (?:port|channel)",
)
_NO_PART = wordset(
    # what stands between parts, or makes the sentence about something else
    "i we you he she they it me my mine us our your his her their this that these those there here what which who "
    "whom whose when where why how if because but so or and nor not no never none nothing dont cannot "
    "is are was were be been am do does did have has had will would can could should may might must "
    "on off in at as to for of from with without by about into onto over under after before until since yet than then "
    "yes yeah please sorry actually wait scratch correction instead again also too everyone everybody all "
    "today tomorrow yesterday tonight now later soon ago morning afternoon evening week month year "
    # what else can be used, taken, had or needed
    "hour hours minute minutes second seconds day days dollar dollars percent time times break lunch rest "
    "job jobs order orders ticket tickets work note notes message messages notification notifications call calls "
    "truck trucks van vans unit shift schedule appointment appointments address phone pin badge password code key "
    "customer customers office technician boss question questions problem problems idea help history visit photo "
    "picture pictures follow followup up return meeting name number status bathroom nap look trip ride"
)
_ANYTHING = wordset(
    "part parts stuff something things thing material materials stock supplies supply it them one ones some"
)
_LEADING = re.compile(r"^(?:(?:some|any|the|a|an|more|of|extra|spare|additional|my|our|other) )+")
_PACKAGES = re.compile(
    "^"
    + one_of(
        "box, boxes, roll, rolls, spool, spools, bag, bags, case, cases, meter, meters, metre, metres, yard, yards, "
        "inch, inches, mile, miles"
    )
    + " (?:of )?"
)
_LENGTHS = re.compile(r"^(?:foot|feet|ft|units?|pieces?|pcs) (?:of )?(?:the )?")


@lru_cache(maxsize=32)
def _names_with_numbers(vocabulary: Vocabulary) -> re.Pattern[str]:
    names = set()
    for name in (*vocabulary.parts, *vocabulary.aliases):
        words = " ".join(hear(name).words)
        if re.search(rf"\b{NUMBER_WORD}\b", words):
            names.add(re.escape(words))
    own = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join([*own, *_TRADE_NAMES])})s?(?= )")


def join_names(text: str, vocabulary: Vocabulary) -> str:
    """`text` with every part name that carries a number as one word: "two cat_six "."""
    return _names_with_numbers(vocabulary).sub(lambda match: match[0].replace(" ", "_"), text)


def split_names(text: str) -> str:
    """The words as they were heard."""
    return text.replace("_", " ").strip()


def part_heard(words: str) -> str | None:
    """The part that the words name; "" for parts in general; None when this is no part at all."""
    text = _LENGTHS.sub("", _LEADING.sub("", words))
    text = _LEADING.sub("", text).strip()
    tokens = text.split()
    if not tokens:
        return ""
    if any(token in _NO_PART or re.fullmatch(NUMBER_WORD, token) for token in tokens):
        return None
    if all(token in _ANYTHING for token in tokens):
        return ""
    return split_names(text)


def packaged(words: str) -> bool:
    """Whether a quantity before these words counts boxes or metres, and so says nothing about feet or pieces."""
    return bool(_PACKAGES.match(_LEADING.sub("", words)))


def without_package(words: str) -> str:
    """The words after "boxes of" and the like."""
    return _PACKAGES.sub("", _LEADING.sub("", words))


def name_words(text: str) -> frozenset[str]:
    """What a part's name consists of, however it is spelled: "RJ45 Connectors" and "r j forty-five" share rj and 45."""
    spaced = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", text.lower().replace("poe", "p o e"))
    words = re.sub(r"\b(?:[a-z] )+[a-z]\b", lambda letters: letters[0].replace(" ", ""), " ".join(hear(spaced).words))
    words = re.sub(rf"(?:{NUMBER_WORD} ?)+\b", lambda digits: f"{next(iter(naming(digits[0])), '')} ", words)
    words = re.sub(r"\b(?:volts?|category)\b", lambda word: "v" if word[0].startswith("v") else "cat", words)
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in words.split())
