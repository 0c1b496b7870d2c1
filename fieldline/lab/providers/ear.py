"""One caller's stream, as a streaming recogniser follows it: when speech starts and pauses, and the words so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldline.lab.audio import RATE, VOICE_DBFS, Pcm
from fieldline.lab.providers.hearing import FRAME, Clip, Features, Repertoire, Word, features_of, loud_frames, timed

FRAME_S = FRAME / RATE
#: So many loud frames in a row are speech; fewer are a click.
ONSET = 3
#: Speech that begins this long after a clip's end, or later, is something new.
CLIP_MARGIN_S = 0.25
#: A word is taken for heard when its middle has been.
HALF = 0.5


@dataclass
class _Utterance:
    """What is being said since `start_s`; its words so far went out up to `sent`."""

    start_s: float
    clip: Clip | None = None
    sent: int = 0


class Ear:
    """Follows one stream; feed it with `hear`. Times are seconds of sound since the stream began."""

    def __init__(self, repertoire: Repertoire, *, dbfs: float = VOICE_DBFS) -> None:
        self._repertoire = repertoire
        self._dbfs = dbfs
        self._rest: Pcm = np.zeros(0, np.int16)
        self._loud = 0
        self._features: list[Features] = []
        self._utterance: _Utterance | None = None
        self.now_s = 0.0
        self.speaking = False
        self.last_loud_s = 0.0
        self.words_until_s = 0.0

    def hear(self, pcm: Pcm) -> bool:
        """Take the next sound; whether speech has started in it."""
        sound = np.concatenate([self._rest, pcm])
        whole = len(sound) // FRAME * FRAME
        self._rest = sound[whole:]
        sound = sound[:whole]
        started = False
        if self._utterance is not None:
            self._features.append(features_of(sound))
        for index, loud in enumerate(loud_frames(sound, self._dbfs)):
            self.now_s += FRAME_S
            self._loud = self._loud + 1 if loud else 0
            if self._loud >= (1 if self.speaking else ONSET):
                self.last_loud_s = self.now_s
                if not self.speaking:
                    self.speaking = started = True
                    self._begin(sound, index)
        return started

    @property
    def silent_s(self) -> float:
        """How long it has been quiet."""
        return self.now_s - self.last_loud_s

    def interim(self, *, paused: bool = False) -> list[Word]:
        """The words that have been heard and are not final yet."""
        utterance = self._utterance
        if utterance is None:
            return []
        self._recognise(utterance, paused)
        if utterance.clip is None:
            return []
        heard_s = self.last_loud_s - utterance.start_s
        words = utterance.clip.words[utterance.sent :]
        return [word for word in words if word.start + HALF * (word.end - word.start) < heard_s]

    def final(self) -> list[Word]:
        """The words up to here are final; speech has paused."""
        utterance = self._utterance
        self.speaking = False
        if utterance is None:
            return []
        words = self.interim(paused=True)
        if utterance.clip is None and (text := self._next_line()):
            loud = np.ones(max(1, round((self.last_loud_s - utterance.start_s) / FRAME_S)), np.bool_)
            utterance.clip = Clip(timed(text, loud), np.zeros((0, 0)), loud)
            words = list(utterance.clip.words)
        utterance.sent += len(words)
        if words:
            self.words_until_s = self.last_loud_s
        return [Word(word.text, word.start + utterance.start_s, word.end + utterance.start_s) for word in words]

    def _next_line(self) -> str:
        script = self._repertoire.script
        return script.popleft() if script else ""

    def _begin(self, sound: Pcm, index: int) -> None:
        """Speech starts at frame `index` of `sound`: the clip goes on after a pause, or something new begins."""
        onset_s = self.now_s - ONSET * FRAME_S
        utterance = self._utterance
        if utterance is not None and utterance.clip is not None:
            ends_s = utterance.start_s + utterance.clip.length_s
            if utterance.sent < len(utterance.clip.words) and onset_s < ends_s + CLIP_MARGIN_S:
                return
        self._utterance = _Utterance(onset_s)
        self._features = [features_of(sound[max(0, index + 1 - ONSET) * FRAME :])]

    def _recognise(self, utterance: _Utterance, paused: bool) -> None:
        """Look the sound up, until words of it have been given out."""
        if utterance.sent or not self._features:
            return
        features = np.concatenate(self._features)
        loud = round((self.last_loud_s - utterance.start_s) / FRAME_S)
        utterance.clip = self._repertoire.find(features[: max(0, loud)], paused=paused)
