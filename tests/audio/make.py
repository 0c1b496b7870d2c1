"""Makes the WAV files of a folder's sentences.yaml again: `python -m tests.audio.make office` (needs flite)."""

import sys
from pathlib import Path

import yaml

from fieldline.lab.audio import write_wav
from fieldline.lab.speak import Speaker

HERE = Path(__file__).parent


def main(folder: str) -> None:
    """Speak every sentence in its voice."""
    for name, entry in yaml.safe_load((HERE / folder / "sentences.yaml").read_text()).items():
        write_wav(HERE / folder / f"{name}.wav", Speaker(voice=entry["voice"]).speak(entry["say"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
