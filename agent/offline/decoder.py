"""One pocketsphinx decoder per process: many named searches, one acoustic model, one lock."""

import logging
import math
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pocketsphinx

from agent.offline.finite import Automaton
from agent.offline.pronounce import pronunciations

log = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
PHONES = "phones"
_CHUNK = SAMPLE_RATE // 5 * 2  # bytes fed at a time: pocketsphinx holds the GIL, the call's sound must go on
_DITHER = 4.0  # of 32768: exact digital silence upsets the features
_FILLERS = {"<s>", "</s>", "<sil>", "SIL", "[NOISE]", "[SPEECH]", "(NULL)", "+NSN+", "+SPN+"}


@dataclass(frozen=True)
class HeardWord:
    """A word, its place in 10 ms frames, and its acoustic log score (the sum over its frames)."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Hearing:
    """What one search made of an utterance; pauses and noises are segments with an empty text."""

    segments: tuple[HeardWord, ...]
    frames: int

    @property
    def words(self) -> tuple[HeardWord, ...]:
        """The segments that are words."""
        return tuple(segment for segment in self.segments if segment.text)

    @property
    def text(self) -> str:
        """The words, plain and lower-case."""
        return " ".join(word.text for word in self.words)

    def frame_scores(self) -> np.ndarray:
        """The acoustic log score of each frame: its segment's mean, the utterance's mean where none is known."""
        scores = np.full(self.frames, np.nan)
        for segment in self.segments:
            scores[segment.start : segment.end + 1] = segment.score / (segment.end + 1 - segment.start)
        known = scores[~np.isnan(scores)]
        return np.where(np.isnan(scores), known.mean() if len(known) else -100.0, scores)


NOTHING = Hearing((), 0)


class Decoder:
    """Searches by name over one acoustic model. Thread-safe; every method blocks."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: set[str] = set()
        self._log_base = math.log(1.0001)
        with tempfile.TemporaryDirectory() as folder:
            # Only the words that are used: the wheel's 126,000-word dictionary costs memory and start-up time.
            words = Path(folder) / "words.dict"
            words.write_text("zero Z IH R OW\n")
            self._known.add("zero")
            self._sphinx = pocketsphinx.Decoder(
                samprate=SAMPLE_RATE, lm=None, dict=str(words), loglevel="FATAL", cmn="batch"
            )
        self._sphinx.add_allphone_file(PHONES, None)
        self._searches = {PHONES}

    def knows(self, search: str) -> bool:
        """Whether a search of that name was added."""
        return search in self._searches

    def add_words(self, words: Iterable[str]) -> None:
        """Teach the dictionary every word of a coming grammar or model."""
        with self._lock:
            for word in set(words) - self._known:
                for nth, phones in enumerate(pronunciations(word), start=1):
                    self._sphinx.add_word(word if nth == 1 else f"{word}({nth})", phones, False)
                self._known.add(word)

    def add_grammar(self, search: str, grammar: Automaton) -> None:
        """Add a search for exactly what an automaton accepts."""
        self.add_words(grammar.words())
        with self._lock:
            self._sphinx.add_fsg(search, self._sphinx.create_fsg(search, *grammar.transitions()))
            self._searches.add(search)

    def add_model(self, search: str, arpa: Path) -> None:
        """Add a search by an n-gram model whose words are known."""
        with self._lock:
            model = pocketsphinx.NGramModel(self._sphinx.config, self._sphinx.get_logmath(), str(arpa))
            self._sphinx.add_lm(search, model)
            self._searches.add(search)

    def forget(self, search: str) -> None:
        """Remove a search; unknown names are ignored."""
        with self._lock:
            if search in self._searches:
                self._sphinx.activate_search(PHONES)
                self._sphinx.remove_search(search)
                self._searches.discard(search)

    def decode(self, search: str, pcm: bytes) -> Hearing:
        """Decode 16 kHz 16-bit mono samples with one search."""
        with self._lock:
            sphinx = self._sphinx
            sphinx.activate_search(search)
            sphinx.start_utt()
            for at in range(0, len(pcm), _CHUNK):
                sphinx.process_raw(pcm[at : at + _CHUNK])
            sphinx.end_utt()
            best = sphinx.hyp()
            frames = max(1, sphinx.n_frames())
            if best is None:
                return NOTHING
            shift = 1.0 if search == PHONES else 1024.0  # only the phone loop reports in pocketsphinx's small units
            segments = tuple(
                HeardWord(
                    "" if segment.word in _FILLERS else segment.word.split("(")[0],
                    segment.start_frame,
                    segment.end_frame,
                    self._log(segment.ascore) / shift,
                )
                for segment in sphinx.seg()
                if segment.word != "</s>"
            )
            return Hearing(segments, frames)

    def _log(self, probability: float) -> float:
        return math.log(probability) / self._log_base if probability > 0 else -1e6


def dithered(pcm: bytes) -> bytes:
    """The same sound over a faint, repeatable noise floor."""
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
    noise = np.random.default_rng(len(samples)).normal(0.0, _DITHER, len(samples))
    return np.clip(samples + noise, -32768, 32767).astype(np.int16).tobytes()


@cache
def shared_decoder() -> Decoder:
    """The decoder of this process."""
    return Decoder()
