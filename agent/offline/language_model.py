"""A small back-off trigram model with Witten-Bell smoothing, written as an ARPA file.

Witten-Bell (1991) gives unseen words the weight of the distinct words already seen after a context; it needs no
held-out text, which suits a training text of a few thousand short sentences.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

Gram = tuple[str, ...]
START, END = "<s>", "</s>"
ORDER = 3
_NEVER = -99.0  # what ARPA files write for log10 of zero


def arpa(sentences: Iterable[Sequence[str]]) -> str:
    """The ARPA text of a model of `sentences` (each a sequence of words, without sentence marks)."""
    counts = _count(sentences)
    probabilities = _probabilities(counts)
    lines = ["\\data\\"]
    lines += [f"ngram {order}={len(probabilities[order])}" for order in range(1, ORDER + 1)]
    for order in range(1, ORDER + 1):
        weights = _back_off(probabilities, order) if order < ORDER else {}
        lines += ["", f"\\{order}-grams:"]
        for gram, probability in sorted(probabilities[order].items()):
            log = math.log10(probability) if probability > 0 else _NEVER
            tail = f"\t{weights[gram]:.4f}" if gram in weights else ""
            lines.append(f"{log:.4f}\t{' '.join(gram)}{tail}")
    return "\n".join([*lines, "", "\\end\\", ""])


def vocabulary_of(file: Path) -> list[str]:
    """The words of an ARPA file, sentence marks apart."""
    text = file.read_text(encoding="utf-8")
    unigrams = text[text.index("\\1-grams:") : text.index("\\2-grams:")].splitlines()[1:]
    return [word for line in unigrams if line and (word := line.split("\t")[1]) not in (START, END)]


def _count(sentences: Iterable[Sequence[str]]) -> list[Counter[Gram]]:
    counts: list[Counter[Gram]] = [Counter() for _ in range(ORDER + 1)]
    for sentence in sentences:
        marked = (START, *sentence, END)
        for order in range(1, ORDER + 1):
            counts[order].update(marked[at : at + order] for at in range(len(marked) - order + 1))
    return counts


def _probabilities(counts: list[Counter[Gram]]) -> list[dict[Gram, float]]:
    """Per order, the smoothed probability of each seen n-gram given its first n-1 words."""
    probabilities: list[dict[Gram, float]] = [{} for _ in range(ORDER + 1)]
    vocabulary = [gram for gram in counts[1] if gram != (START,)]
    total = sum(counts[1][gram] for gram in vocabulary)
    floor = len(vocabulary) / (total + len(vocabulary)) / max(1, len(vocabulary))
    for gram in vocabulary:
        probabilities[1][gram] = counts[1][gram] / (total + len(vocabulary)) + floor
    probabilities[1][(START,)] = 0.0
    for order in range(2, ORDER + 1):
        seen: Counter[Gram] = Counter()
        distinct: Counter[Gram] = Counter()
        for gram, count in counts[order].items():
            seen[gram[:-1]] += count
            distinct[gram[:-1]] += 1
        for gram, count in counts[order].items():
            context = gram[:-1]
            mass = seen[context] + distinct[context]
            lower = probabilities[order - 1][gram[1:]]
            probabilities[order][gram] = (count + distinct[context] * lower) / mass
    return probabilities


def _back_off(probabilities: list[dict[Gram, float]], order: int) -> dict[Gram, float]:
    """log10 weights that give the words unseen after a context what the seen ones leave over."""
    left: defaultdict[Gram, float] = defaultdict(lambda: 1.0)
    lower_left: defaultdict[Gram, float] = defaultdict(lambda: 1.0)
    for gram, probability in probabilities[order + 1].items():
        left[gram[:-1]] -= probability
        lower_left[gram[:-1]] -= probabilities[order][gram[1:]]
    return {context: math.log10(max(left[context], 1e-7) / max(lower_left[context], 1e-7)) for context in left}
