"""Whether the line understands what people say: `fieldline bench understanding`.

By text: every entry of the lists of `tests/phrasings/`, each of which was written before the rules met it and is not
edited since; the share that was right at the first meeting stands in the tests of the lines. By voice: the same words
from flite's voices, clean at 16 kHz and over a telephone leg (8 kHz mu-law), heard by the offline ears. The baseline
of a voice is the same entries typed.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from rich.progress import track

from agent.offline.choose import transcribe
from agent.offline.decoder import shared_decoder
from agent.offline.ears import shared_worlds
from agent.offline.understand import Outcome
from bench import report
from bench.ears import BANDS, VOICES, Band, spoken, telephone
from bench.wordings import COMPANY, LINES, Entry, Line, expected, is_right, only_words_differ

SHORT_EVERY = 6


async def run(short: bool = False) -> list[report.Row]:
    """Measure, print a table, and return its rows. Ten minutes on an idle core; `short` takes every sixth entry."""
    rows = await asyncio.to_thread(lambda: list(measure(SHORT_EVERY if short else 1)))
    report.pivot(
        "Understanding",
        rows,
        "the rules have long met these lists: typed, the figure says what was lost since, not how a stranger fares",
        "right means the very arguments; a write with only the dictated words misheard is not right, and not wrong",
        "synthetic callers (flite), no room noise: real telephones will do worse",
    )
    return rows


def measure(every: int = 1) -> Iterator[report.Row]:
    """All figures, each line's by text and then by voice; blocking. A voice speaks every third of the entries."""
    for line in LINES:
        listed = line.entries()[::every]
        yield from _rows(f"{line.name}, typed", line, [(entry, entry["say"]) for entry in listed])
        for band in BANDS:
            for at, voice in enumerate(VOICES):
                said = listed[at :: len(VOICES)]
                named = f"{line.name}, {voice}, {band}"
                yield from _rows(named, line, [(e, hear(e, voice, band)) for e in track(said, named, transient=True)])


def hear(entry: Entry, voice: str, band: Band) -> str:
    """What the offline ears make of an entry in a voice, knowing what the line had asked."""
    pcm = spoken(entry["say"], voice)
    sound = (telephone(pcm) if band == "8 kHz mu-law" else pcm).tobytes()
    return transcribe(shared_decoder(), shared_worlds().of(COMPANY), expected(entry), sound).text


def _rows(name: str, line: Line, heard: Iterable[tuple[Entry, str]]) -> list[report.Row]:
    """Shares among these entries: right, and a write that was not asked for; beside the same words typed."""
    got = [(entry, line.outcome(entry, words)) for entry, words in heard]
    typed = [(entry, line.outcome(entry)) for entry, _ in got]
    return [
        report.row(f"{name}: {figure} / typed", "share", len(got), share(line, got), share(line, typed))
        for figure, share in (("right", _right), ("wrong writes", _wrong_writes))
    ]


def _right(line: Line, got: Sequence[tuple[Entry, Outcome]]) -> float:
    return sum(is_right(line, outcome, entry) for entry, outcome in got) / len(got)


def _wrong_writes(line: Line, got: Sequence[tuple[Entry, Outcome]]) -> float:
    wrong = [
        (entry, outcome)
        for entry, outcome in got
        if line.writes(outcome) and not is_right(line, outcome, entry) and not only_words_differ(outcome, entry)
    ]
    return len(wrong) / len(got)
