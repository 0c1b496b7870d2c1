"""Sentences kept as sound: made once, found again, handed out whole. The voice is a hum; no network."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts

from agent.call import Call
from agent.dialled import Dialled
from agent.fallback.links import Link
from agent.fallback.voice import VoiceChain
from agent.lines.base import sound_of_filler
from agent.phrasebook import Phrasebook, stream_of
from fieldline.settings import load_settings
from tests.support.clouds import ONCE

RATE = 24_000
SENTENCE = "One moment."


class Hum(tts.TTS):
    """A second of sound for each sentence, unless it is out of order; counts what it was asked for."""

    def __init__(self, *, broken: bool = False, dies: bool = False) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.broken, self.dies, self.asked = broken, dies, 0

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = ONCE) -> tts.ChunkedStream:
        self.asked += 1
        return _Second(tts=self, input_text=text, conn_options=ONCE)


class _Second(tts.ChunkedStream):
    _tts: Hum

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        if self._tts.broken:
            raise APIConnectionError("out")
        output_emitter.initialize(request_id="hum", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        output_emitter.push(bytes(range(200)) * (RATE // 100))
        if self._tts.dies:
            output_emitter.flush()
            raise APIConnectionError("out in mid-sentence")


def chain(cloud: Hum, **options: str) -> VoiceChain:
    """A voice in a cloud, built with these options, and one behind it."""
    links: list[Link[tts.TTS]] = [Link("cloud", cloud, 5.0, options=options), Link("offline", Hum(), 10.0)]
    return VoiceChain(links)


async def words(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def live(text: AsyncIterable[str]) -> AsyncIterator[rtc.AudioFrame]:
    """A voice that speaks one frame, as long as there are words."""
    said = "".join([piece async for piece in text])
    yield rtc.AudioFrame(b"\0\0" * len(said), RATE, 1, len(said))


async def test_sentence_is_made_once_and_found_by_the_next_process(tmp_path: Path) -> None:
    first, second = Hum(), Hum()
    await Phrasebook(first, tmp_path, [SENTENCE]).prepare([SENTENCE])
    book = Phrasebook(second, tmp_path, [SENTENCE])
    await book.load([SENTENCE])
    assert (first.asked, second.asked) == (1, 0)
    assert sum(frame.duration for frame in book.filler(0)) == pytest.approx(1.0)


async def test_kept_sentence_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    book = Phrasebook(Hum(), tmp_path, [SENTENCE])
    await book.prepare([SENTENCE])
    spoken = [frame async for frame in book.speak(words("One ", "moment."), live)]
    assert b"".join(bytes(frame.data) for frame in spoken) == bytes(range(200)) * (RATE // 100)
    assert [frame async for frame in stream_of(spoken)] == spoken


async def test_other_words_go_to_the_voice_with_nothing_lost(tmp_path: Path) -> None:
    book = Phrasebook(Hum(), tmp_path, [SENTENCE])
    await book.prepare([SENTENCE])
    said = [frame async for frame in book.speak(words("One ", "more ", "job."), live)]
    assert [frame.samples_per_channel for frame in said] == [len("One more job.")]


async def test_voice_that_is_out_leaves_the_sentence_to_the_moment_when_it_is_said(tmp_path: Path) -> None:
    book = Phrasebook(Hum(broken=True), tmp_path, [SENTENCE])
    await book.prepare([SENTENCE])
    assert book.frames(SENTENCE) == []


async def test_two_voices_of_one_model_do_not_share_their_sound(tmp_path: Path) -> None:
    one, other = chain(Hum(), voice_id="one"), chain(Hum(), voice_id="other")
    await Phrasebook(one, tmp_path, [SENTENCE]).prepare([SENTENCE])
    book = Phrasebook(other, tmp_path, [SENTENCE])
    await book.load([SENTENCE])
    assert book.frames(SENTENCE) == []
    again = Phrasebook(chain(Hum(), voice_id="one"), tmp_path, [SENTENCE])
    await again.load([SENTENCE])
    assert again.frames(SENTENCE)


async def test_sound_of_a_voice_that_died_in_it_is_kept_for_nobody(tmp_path: Path) -> None:
    voice = chain(Hum(dies=True))
    book = Phrasebook(voice, tmp_path, [SENTENCE])
    await book.prepare([SENTENCE])
    assert sum(frame.duration for frame in book.frames(SENTENCE)) == pytest.approx(1.0)
    await voice.aclose()
    book = Phrasebook(chain(Hum()), tmp_path, [SENTENCE])
    await book.load([SENTENCE])
    assert book.frames(SENTENCE) == []


async def test_folder_holds_whole_sentences_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    book = Phrasebook(Hum(), tmp_path, [SENTENCE])
    await book.prepare([SENTENCE])
    assert book.frames(SENTENCE) and list(tmp_path.iterdir()) == []


async def test_filler_counts_as_one_only_when_there_is_sound_of_it(tmp_path: Path) -> None:
    call = Call(load_settings(), cast("Any", None), Dialled(room="room", from_number=None, to_number=None))
    call.silence.began(ago_s=60.0)
    call.phrases = Phrasebook(Hum(), tmp_path, [SENTENCE])
    assert sound_of_filler(call) == [] and call.silence.due_s() == 0
    await call.phrases.prepare([SENTENCE])
    assert sound_of_filler(call) and call.silence.due_s() > 0
