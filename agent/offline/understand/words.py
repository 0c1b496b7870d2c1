"""From what was heard to plain words, with the way back to the original for dictated text."""

import re
from dataclasses import dataclass


def wordset(text: str) -> frozenset[str]:
    """The words of a text, for long lists that would be unreadable in quotes and commas."""
    return frozenset(text.split())


def one_of(text: str) -> str:
    """A pattern for one of several expressions, given with commas between them; longer ones are tried first."""
    expressions = (" ".join(expression.split()) for expression in text.split(","))
    return f"(?:{'|'.join(sorted(expressions, key=len, reverse=True))})"


FILLERS = frozenset({"uh", "um", "uhm", "er", "erm", "hmm", "hm", "mm", "ah", "eh", "well", "basically"})
_CONTRACTIONS = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "let's": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "gimme": "give me",
    "lemme": "let me",
    "whats": "what is",
    "dont": "do not",
    "didnt": "did not",
    "im": "i am",
    "ive": "i have",
    "y'all": "you all",
    "o'clock": "oclock",
    "okay": "ok",
}
_IS = wordset("he she it that what where who how there here when why this nothing everything")
_ENDINGS = (("n't", " not"), ("'m", " am"), ("'ve", " have"), ("'ll", " will"), ("'re", " are"), ("'d", " would"))


@dataclass(frozen=True)
class Heard:
    """Normal words in lower case, and for each of them which original word it came from."""

    words: tuple[str, ...]
    origin: tuple[int, ...]
    original: tuple[str, ...]

    @property
    def text(self) -> str:
        """The normal words, each followed by a space, as the patterns expect them."""
        return "".join(f"{word} " for word in self.words)

    def part(self, start: int, end: int | None = None) -> "Heard":
        """Some of the words, with the same way back."""
        return Heard(self.words[start:end], self.origin[start:end], self.original)

    def verbatim(self, start: int, end: int | None = None) -> str:
        """The original text of the normal words from `start` to `end`, as it was said, without outer punctuation."""
        span = self.origin[start:end]
        if not span:
            return ""
        last = len(self.original) if end is None or end >= len(self.origin) else span[-1] + 1
        return " ".join(self.original[span[0] : last]).strip(" ,;:.-–—\"'“”")


def hear(text: str) -> Heard:
    """The words of `text`: contractions opened, fillers and punctuation dropped, "a.m." as "am"."""
    original = tuple(text.split())
    words: list[str] = []
    origin: list[int] = []
    for index, raw in enumerate(original):
        for word in _normal(raw):
            if word not in FILLERS:
                words.append(word)
                origin.append(index)
    return Heard(tuple(words), tuple(origin), original)


def _normal(raw: str) -> list[str]:
    word = raw.lower().replace("’", "'").replace("‘", "'")
    word = re.sub(r"(?<=\d),(?=\d{3}\b)", "", word)
    word = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", word)
    word = "note that" if word == "note:" else word
    word = word.strip("\"'.,;:!?()[]“”#-–—")
    opened = _CONTRACTIONS.get(word)
    if opened is None:
        opened = _opened(word)
    opened = re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w\s.]|_", " ", opened.replace("'", ""))
    return opened.split()


def _opened(word: str) -> str:
    for ending, text in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)] + text
    if word.endswith("'s") and word[:-2] in _IS:
        return word[:-2] + " is"
    return word
