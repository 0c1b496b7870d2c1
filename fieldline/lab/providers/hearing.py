"""What the stand-ins' ears hear: speech found by its level, and its words looked up by sound or read from a script.

Nothing is recognised. Whoever plays a clip into a call says beforehand what is in it (`know`), and the clip is found
again by the shape of its spectrum, after a telephone's codec and beside other calls. Sound that is no known clip gets
the next line of the script (`expect`), or no words.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fieldline.lab.audio import FULL_SCALE, RATE, VOICE_DBFS, Pcm

FRAME = RATE // 100  # 10 ms
#: Edges of the bands in Hz: the telephone's range, finer where vowels differ.
EDGES = (200, 350, 500, 650, 850, 1100, 1400, 1800, 2300, 2900, 3500)
#: A clip's frames may begin so many frames earlier or later than in the file.
SHIFTS = range(-6, 7)
#: Correlation that the same recording keeps after a codec and in noise (0.79 and more, measured on this repository's
#: clips); different ones reach that in their first third of a second only, and then part at the pause.
SAME = 0.7
#: A clip pauses where its sound did when it is quiet over these frames after that, but for clicks.
PAUSE, CLICKS = slice(3, 10), 2
#: A word of which less is missing is still understood.
HALF_A_WORD_S = 0.12
#: Frames of sound before a guess is made: less fits everything; and of one that is the end of a clip.
ENOUGH, ENOUGH_OF_AN_END = 12, 50
Features = NDArray[np.float64]


@dataclass(frozen=True)
class Word:
    """A word and when it is spoken, in seconds from the start of its clip or stream."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """A sound whose words are known. Times count from its first loud frame."""

    words: tuple[Word, ...]
    features: Features
    loud: NDArray[np.bool_]

    @property
    def length_s(self) -> float:
        return len(self.loud) * FRAME / RATE

    def pauses_after(self, frames: int) -> bool:
        """Whether it is quiet, or over, after so many frames."""
        return int(self.loud[frames:][PAUSE].sum()) <= CLICKS


@dataclass
class Repertoire:
    """What callers may say on this run."""

    clips: list[Clip] = field(default_factory=list)
    script: deque[str] = field(default_factory=deque)

    def know(self, text: str, pcm: Pcm) -> None:
        """`pcm` (16 kHz) is `text`."""
        if (clip := _clip(text, pcm)) is not None:
            self.clips.append(clip)

    def expect(self, *texts: str) -> None:
        """Speech that is no known clip means these, one after the other."""
        self.script.extend(texts)

    def find(self, features: Features, *, paused: bool) -> Clip | None:
        """The known clip that begins like this sound, and pauses where it has `paused`."""
        if len(features) < ENOUGH:
            return None
        clips = [clip for clip in self.clips if not paused or clip.pauses_after(len(features))]
        scored = [(max(_alike(features, clip.features, shift) for shift in SHIFTS), clip) for clip in clips]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best[1] if best[0] >= SAME else None

    def transcript(self, pcm: Pcm) -> str:
        """The words of a whole sound."""
        loud = loud_frames(pcm)
        if not loud.any():
            return ""
        first, last = _ends(loud)
        features = features_of(pcm)[first : last + 1]
        if clip := self.find(features, paused=True):
            heard_s = (last + 1 - first) * FRAME / RATE
            return " ".join(word.text for word in clip.words if word.start < heard_s - 0.05)
        if self.script:
            return self.script.popleft()
        return self._rest(features)

    def _rest(self, features: Features) -> str:
        """The last words of the known clip that ends like this sound: who comes in late hears those."""
        if len(features) < ENOUGH_OF_AN_END:
            return ""
        late = [(clip, len(clip.loud) - len(features)) for clip in self.clips if len(clip.loud) > len(features)]
        ends = [
            (max(_alike(features, clip.features[missed:], shift) for shift in SHIFTS), clip, missed)
            for clip, missed in late
        ]
        likeness, clip, missed = max(ends, key=lambda end: end[0], default=(0.0, None, 0))
        if clip is None or likeness < SAME:
            return ""
        return " ".join(word.text for word in clip.words if word.start > missed * FRAME / RATE - HALF_A_WORD_S)


def loud_frames(pcm: Pcm, dbfs: float = VOICE_DBFS) -> NDArray[np.bool_]:
    """For each 10 ms: does somebody speak?"""
    frames = pcm[: len(pcm) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    return np.sqrt(np.mean(np.square(frames), axis=1)) > FULL_SCALE * 10 ** (dbfs / 20)


def features_of(pcm: Pcm) -> Features:
    """Energy in each band, in dB, for each 10 ms."""
    frames = pcm[: len(pcm) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    hertz = np.fft.rfftfreq(FRAME, 1 / RATE)
    bands = [power[:, (hertz >= low) & (hertz < high)].sum(axis=1) for low, high in pairwise(EDGES)]
    # A floor well above line noise: what is quieter says nothing.
    return 10 * np.log10(np.stack(bands, axis=1) + 1e7)


def _alike(heard: Features, clip: Features, shift: int) -> float:
    """Correlation of the two over the frames that both have."""
    a, b = (heard[shift:], clip) if shift >= 0 else (heard, clip[-shift:])
    n = min(len(a), len(b))
    # Sound that goes on long after the clip, or a clip of which little was heard, is compared on what there is.
    if n < ENOUGH:
        return 0.0
    # What is the same all the time in a band is the telephone's, not the sentence's.
    x, y = ((c[:n] - c[:n].mean(axis=0)).ravel() for c in (a, b))
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    much_longer = max(0.0, (len(a) - len(b)) / len(b))
    return float(x @ y) / size - 0.5 * min(1.0, much_longer) if size else 0.0


def _ends(loud: NDArray[np.bool_]) -> tuple[int, int]:
    at = np.flatnonzero(loud)
    return int(at[0]), int(at[-1])


def _clip(text: str, pcm: Pcm) -> Clip | None:
    loud = loud_frames(pcm)
    if not loud.any():
        return None
    first, last = _ends(loud)
    loud = loud[first : last + 1]
    return Clip(timed(text, loud), features_of(pcm)[first : last + 1], loud)


def timed(text: str, loud: NDArray[np.bool_]) -> tuple[Word, ...]:
    """The words of a text laid over its loud frames, longer words over more of them."""
    words = text.split()
    if not words:
        return ()
    at = np.flatnonzero(loud)
    weights = np.cumsum([0, *(len(word) + 1 for word in words)])
    places = [round(float(weight) / float(weights[-1]) * (len(at) - 1)) for weight in weights]
    return tuple(
        Word(word, float(at[begin]) * FRAME / RATE, float(at[end] + 1) * FRAME / RATE)
        for word, (begin, end) in zip(words, pairwise(places), strict=True)
    )
