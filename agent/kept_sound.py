"""The sound of dictated words, kept beside a transcript that is only a best effort."""

from __future__ import annotations

import wave
from typing import Any, Protocol

from agent.call import Call

#: Samples per second of the sound that the ears keep, 16-bit mono.
EARS_RATE = 16_000


class Ears(Protocol):
    """Ears that are not sure of free text, and keep its sound."""

    @property
    def last_quality(self) -> str: ...
    @property
    def last_audio(self) -> bytes: ...


def keep_sound(call: Call, ears: Ears | None) -> dict[str, Any]:
    """For a note: whether its words are a best effort, and where their sound is. Empty when the words are sure."""
    if ears is None or ears.last_quality != "best_effort" or not ears.last_audio:
        return {}
    folder = call.settings.home / "recordings" / call.id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{int(call.now().timestamp() * 1000)}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(EARS_RATE)
        file.writeframes(ears.last_audio)
    return {"best_effort": True, "audio_path": f"recordings/{call.id}/{path.name}"}
