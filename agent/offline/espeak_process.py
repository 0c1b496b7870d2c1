"""The espeak-ng process: text in on stdin, speech out on stdout.

espeak-ng is GPL-3, so it lives here, in a process of its own that imports nothing else of Fieldline, and is
spoken to over pipes only (see NOTICE). Run as ``python -m agent.offline.espeak_process``; it ends when stdin
closes, so it can never outlive its parent.

Frames, both ways: one kind byte, a 4-byte big-endian length, the payload.

| from | kind | payload |
|---|---|---|
| parent | ``T`` | JSON: ``text``, ``voice``, ``rate`` (words per minute), ``pitch`` (0-99, espeak's own scale) |
| child | ``R`` | ready: the sample rate in Hz as decimal text, once, at start |
| child | ``A`` | audio: signed 16-bit mono samples in the machine's byte order |
| child | ``E`` | the end of one text's audio |
| child | ``X`` | that text failed: the reason in words |
"""

import ctypes
import json
import os
import struct
import sys
from typing import BinaryIO

HEADER = struct.Struct(">cI")
MAX_FRAME = 1 << 20

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns when all audio went to the callback
_BUFFER_MS = 200
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_LIVELINESS = 55  # espeak's pitch range; the default of 50 sounds a little flat on a telephone


def write_frame(stream: BinaryIO, kind: bytes, payload: bytes = b"") -> None:
    """Write one frame and flush it."""
    stream.write(HEADER.pack(kind, len(payload)) + payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read one frame; None when the other side has closed the pipe or sent nonsense."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    kind, length = HEADER.unpack(head)
    payload = stream.read(length) if length <= MAX_FRAME else b""
    return (kind, payload) if len(payload) == length else None


class Espeak:
    """libespeak-ng through ctypes. Raises OSError or RuntimeError where it cannot be loaded."""

    def __init__(self, out: BinaryIO) -> None:
        import espeakng_loader

        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        self._out = out
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, 0)
        if self.sample_rate <= 0:
            raise RuntimeError("espeak-ng could not read its voice data")
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._on_audio = callback(self._forward)  # kept: ctypes would collect it under the library's feet
        self._lib.espeak_SetSynthCallback(self._on_audio)
        self._lib.espeak_SetParameter(_RANGE, _LIVELINESS, 0)

    def _forward(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if samples and count:
            write_frame(self._out, b"A", ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, text: str, voice: str, rate: int, pitch: int) -> None:
        """Send the audio of `text` as frames; raises ValueError for an unknown voice."""
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"no voice {voice!r}")
        self._lib.espeak_SetParameter(_RATE, rate, 0)
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.replace("\0", " ").encode()
        if self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None) != 0:
            raise ValueError("espeak-ng refused the text")
        self._lib.espeak_Synchronize()


def main() -> int:
    """Serve texts until stdin closes. Exit code 1 when the library cannot be loaded."""
    # The library may print; nothing but frames may reach the parent, so its stdout becomes our stderr.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        espeak = Espeak(out)
    except (ImportError, OSError, RuntimeError) as error:
        write_frame(out, b"X", str(error).encode())
        return 1
    write_frame(out, b"R", str(espeak.sample_rate).encode())
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        try:
            request = json.loads(frame[1])
            espeak.speak(request["text"], request["voice"], int(request["rate"]), int(request["pitch"]))
            write_frame(out, b"E")
        except BrokenPipeError:
            return 0
        except (ValueError, KeyError, TypeError) as error:
            write_frame(out, b"X", str(error).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
