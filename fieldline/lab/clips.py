"""Makes the callers' sound files: every `clip` of a scenario, spoken by flite in the call's voice.

    python -m fieldline.lab.clips fieldline/demo/demo.yaml tests/scenarios/rooms

The files are in the repository, so nobody needs flite to run the demo or the tests; run this after changing words.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from fieldline.lab.audio import RATE, Pcm, first_audio, last_audio, write_wav
from fieldline.lab.scenario import Scenario, load, load_all
from fieldline.lab.speak import Speaker

MARGIN = RATE // 20  # kept before the first and after the last sound: 50 ms


def make_clips(scenario: Scenario) -> list[Path]:
    """Write every clip of `scenario`; returns the files. Raises NoVoice without flite."""
    made = []
    for call in scenario.calls:
        speaker = Speaker(voice=call.voice)
        for step in call.steps:
            if step.clip and step.say:
                path = scenario.folder / step.clip
                write_wav(path, trimmed(speaker.speak(step.say)))
                made.append(path)
    return made


def trimmed(pcm: Pcm) -> Pcm:
    """The sound without the synthesiser's silence around it, and 3 dB below full scale at its loudest."""
    begin = max(0, (first_audio(pcm) or 0) - MARGIN)
    sound = pcm[begin : last_audio(pcm) + MARGIN].astype(np.float64)
    return np.round(sound * (23_200 / max(1.0, float(np.max(np.abs(sound)))))).astype(np.int16)


def main(arguments: list[str]) -> int:
    """Make the clips of the scenario files and folders named on the command line."""
    for argument in map(Path, arguments):
        for scenario in load_all(argument) if argument.is_dir() else [load(argument)]:
            for path in make_clips(scenario):
                print(f"{path}  {path.stat().st_size // 1024} KiB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
