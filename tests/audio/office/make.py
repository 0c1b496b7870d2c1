"""Makes the WAV files of sentences.yaml again: `python -m tests.audio.office.make` (needs flite)."""

from pathlib import Path

import yaml

from fieldline.lab.audio import write_wav
from fieldline.lab.speak import Speaker

HERE = Path(__file__).parent


def main() -> None:
    """Speak every sentence in its voice."""
    for name, entry in yaml.safe_load((HERE / "sentences.yaml").read_text()).items():
        write_wav(HERE / f"{name}.wav", Speaker(voice=entry["voice"]).speak(entry["say"]))


if __name__ == "__main__":
    main()
