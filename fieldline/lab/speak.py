"""A caller's voice: flite where it can be had, espeak-ng otherwise.

flite is looked for on PATH, then taken from Debian's package, which is unpacked into the cache without root.
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from fieldline.errors import FieldlineError
from fieldline.lab.audio import Pcm, from_bytes, read_wav, resample
from fieldline.settings import get_settings

log = logging.getLogger(__name__)

FLITE_VOICE = "rms"
#: The others that come with Debian's flite: slt is a woman, awb a Scotsman, kal16 the plain old one.
FLITE_VOICES = ("rms", "slt", "awb", "kal16")
FETCH_TIMEOUT_S = 120
SPEAK_TIMEOUT_S = 30
NO_FLITE = "flite is not here and Debian's package could not be fetched"

#: Text to (sample rate in Hz, 16-bit mono samples).
Espeak = Callable[[str], tuple[int, bytes]]


class NoVoice(FieldlineError):
    """No speech synthesiser can be had on this machine."""


@dataclass(frozen=True)
class Flite:
    """A flite program and, when it is unpacked into the cache, where its libraries are."""

    program: Path
    libraries: Path | None = None

    def speak(self, text: str, voice: str) -> Pcm:
        """16 kHz speech. Raises NoVoice when the program fails."""
        environment = dict(os.environ)
        if self.libraries:
            environment["LD_LIBRARY_PATH"] = str(self.libraries)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "speech.wav")
            command = [str(self.program), "-voice", voice, "-o", str(file), "-t", text]
            try:
                subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SPEAK_TIMEOUT_S)
                return read_wav(file)
            except (subprocess.SubprocessError, OSError, ValueError) as error:
                raise NoVoice(f"flite cannot speak: {_reason(error)}") from error


class Speaker:
    """Turns text into a caller's speech.

    `espeak` is the last resort, given by whoever may start one; without it `espeak-ng` on PATH is tried.
    `warning` says what is worse than it could be, and is empty when flite speaks.
    """

    def __init__(self, *, voice: str = FLITE_VOICE, cache: Path | None = None, espeak: Espeak | None = None) -> None:
        self.voice = voice
        self._cache = cache
        self._espeak = espeak
        self.warning = ""

    @cached_property
    def flite(self) -> Flite | None:
        """flite, fetched if need be; None when it cannot be had."""
        return find_flite(self._cache or get_settings().cache_dir)

    def speak(self, text: str) -> Pcm:
        """16 kHz speech of `text`. Blocking. Raises NoVoice when nothing on this machine can speak."""
        if self.flite:
            return self.flite.speak(text, self.voice)
        program = shutil.which("espeak-ng")
        if not (self._espeak or program):
            raise NoVoice(f"{NO_FLITE}; install flite or espeak-ng, or play a WAV file instead")
        if not self.warning:
            self.warning = f"{NO_FLITE}: espeak-ng speaks for the caller and is understood less well"
            log.warning(self.warning)
        if self._espeak:
            rate, samples = self._espeak(text)
            return resample(from_bytes(samples), rate)
        assert program
        return _espeak_program(program, text)


def find_flite(cache: Path) -> Flite | None:
    """flite on PATH, or unpacked under `cache` (fetching it if apt can), or None."""
    if program := shutil.which("flite"):
        return Flite(Path(program))
    folder = cache / "flite"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        return _unpacked(folder) or (_unpacked(folder) if _fetch(folder) else None)


def _unpacked(folder: Path) -> Flite | None:
    program = folder / "usr/bin/flite"
    libraries = next(iter(folder.glob("usr/lib/*/libflite.so.1")), None)
    return Flite(program, libraries.parent) if program.exists() and libraries else None


def _fetch(folder: Path) -> bool:
    if platform.system() != "Linux" or not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    with tempfile.TemporaryDirectory(dir=folder) as downloads:
        try:
            _run(["apt-get", "download", "flite", "libflite1", _sound_library()], downloads)
            for package in sorted(Path(downloads).glob("*.deb")):
                _run(["dpkg-deb", "-x", str(package), str(folder)], downloads)
        except (subprocess.SubprocessError, OSError) as error:
            log.warning("flite could not be fetched", extra={"reason": _reason(error)})
            return False
    return True


def _sound_library() -> str:
    """libflite1 links against ALSA, whose package has two names among Debian's releases."""
    listed = subprocess.run(["apt-cache", "depends", "libflite1"], capture_output=True, text=True, check=False)
    names = [word for word in listed.stdout.split() if word.startswith("libasound2")]
    return names[0] if names else "libasound2"


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_TIMEOUT_S)


def _espeak_program(program: str, text: str) -> Pcm:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "speech.wav")
        try:
            command = [program, "-v", "en-us", "-w", str(file), text]
            subprocess.run(command, check=True, capture_output=True, timeout=SPEAK_TIMEOUT_S)
            return read_wav(file)
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            raise NoVoice(f"espeak-ng cannot speak: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError) and error.stderr:
        return error.stderr.decode(errors="replace").strip().splitlines()[-1]
    return str(error)
