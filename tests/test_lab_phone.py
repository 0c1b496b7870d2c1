"""Lab phones: what they hear and say is true to the sample, and they behave like a telephone call.

Category: sound and files without a network, and calls between two phones in a real room.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from livekit import api, rtc

from fieldline.lab import audio, speak
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.lab.recording import Recording
from fieldline.lab.sip import Server, SipLeg
from fieldline.lab.speak import NoVoice, Speaker
from fieldline.stack import Stack
from fieldline.stack.cache import CannotBring
from tests.support.agents import EchoAgent

MIKE, LINE = "+12025550101", "+12025550100"


@pytest.fixture
async def server(session_stack: Stack) -> Server:
    """A livekit-server and nothing else."""
    try:
        await session_stack.add("livekit")
    except CannotBring as error:
        pytest.skip(str(error))
    info = session_stack.info
    return Server(info.livekit_url, info.livekit_api_key, info.livekit_api_secret)


# Sound


def test_first_audio_is_found_to_the_sample() -> None:
    quiet = audio.line_noise(5_000)
    sound = np.concatenate([quiet, audio.tone(440, 0.5), quiet])

    found = audio.first_audio(sound)

    assert found is not None and 5_000 <= found < 5_000 + audio.RATE // 440


def test_a_click_on_the_line_is_not_speech() -> None:
    sound = audio.line_noise(audio.RATE)
    sound[8_000:8_040] = 20_000

    assert audio.first_audio(sound) is None


def test_line_noise_is_neither_digital_silence_nor_speech() -> None:
    noise = audio.line_noise(audio.RATE)

    assert -80 < audio.level(noise) < -70
    assert not audio.loud_windows(noise).any()


def test_wav_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    sound = audio.tone(300, 0.25)
    audio.write_wav(tmp_path / "one.wav", sound)
    audio.write_wav(tmp_path / "two.wav", sound, sound[:100])

    assert np.array_equal(audio.read_wav(tmp_path / "one.wav"), sound)
    assert len(audio.read_wav(tmp_path / "two.wav")) == len(sound)


def test_a_file_that_is_no_wav_is_named(tmp_path: Path) -> None:
    (tmp_path / "speech.wav").write_text("not sound")

    with pytest.raises(ValueError, match=r"speech\.wav: not a PCM WAV file"):
        audio.read_wav(tmp_path / "speech.wav")


def test_frames_that_come_in_a_burst_do_not_move_the_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, frame = Recording(), audio.tone(440, 0.01)
    arrivals = [10, 20, 30, 300, 300, 300, 300, *range(310, 900, 10)]  # ms; the machine slept from 30 to 300
    for at in arrivals:
        monkeypatch.setattr(recording, "now", lambda at=at: at * audio.RATE // 1000)
        recording.hear("track", frame)

    loud = audio.loud_windows(recording.heard)

    assert loud[: len(arrivals) - 60].all(), "the burst was torn apart"


def test_a_track_that_pauses_goes_on_at_its_true_time(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, frame = Recording(), audio.tone(440, 0.01)
    for at in [*range(10, 1000, 10), *range(3000, 5000, 10)]:
        monkeypatch.setattr(recording, "now", lambda at=at: at * audio.RATE // 1000)
        recording.hear("track", frame)

    assert abs(len(recording.heard) - 4.99 * audio.RATE) <= audio.RATE // 50


# Voices


def test_without_flite_the_caller_speaks_with_espeak_and_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "find_flite", lambda _cache: None)
    said: list[str] = []

    def espeak(text: str) -> tuple[int, bytes]:
        said.append(text)
        return 22_050, audio.tone(200, 0.5).tobytes()

    speaker = Speaker(cache=Path("unused"), espeak=espeak)
    sound = speaker.speak("hello")

    assert said == ["hello"]
    assert len(sound) == pytest.approx(audio.RATE * 8_000 / 22_050, rel=0.01)
    assert "espeak-ng speaks for the caller" in speaker.warning


def test_without_any_voice_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "find_flite", lambda _cache: None)
    monkeypatch.setattr(speak.shutil, "which", lambda _name: None)

    with pytest.raises(NoVoice, match="install flite or espeak-ng, or play a WAV file"):
        Speaker(cache=Path("unused")).speak("hello")


def test_flite_is_found_in_the_cache_when_it_was_unpacked_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speak.shutil, "which", lambda _name: None)
    program = tmp_path / "flite/usr/bin/flite"
    library = tmp_path / "flite/usr/lib/x86_64-linux-gnu/libflite.so.1"
    for file in (program, library):
        file.parent.mkdir(parents=True)
        file.touch()

    found = speak.find_flite(tmp_path)

    assert found == speak.Flite(program, library.parent)


# Calls


@pytest.mark.room
async def test_two_phones_in_a_room_hear_each_other(server: Server) -> None:
    async with LabPhone(server, SipLeg(MIKE, LINE)) as mike:
        leg = SipLeg("+12025550110", LINE, room=mike.leg.room)
        async with LabPhone(server, leg) as office:
            await asyncio.gather(mike.connected(), office.connected())
            await mike.play(audio.tone(440, 0.5))
            heard = await office.hear(quiet=0.3)
            await office.play(audio.tone(880, 0.5))
            answer = await mike.hear(quiet=0.3)

    assert pitch(heard.pcm) == pytest.approx(440, abs=15)
    assert pitch(answer.pcm) == pytest.approx(880, abs=15)
    assert answer.first_audio_s is not None and answer.first_audio_s > 0.3, "the office waited 0.3 s"


@pytest.mark.room
async def test_a_phone_looks_like_a_call_of_the_sip_service(server: Server) -> None:
    async with (
        LabPhone(server, SipLeg(MIKE, LINE)) as mike,
        LabPhone(server, SipLeg("", LINE, room=mike.leg.room)) as other,
    ):
        await other.connected()
        (seen,) = other.others()

        assert seen.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        assert seen.identity == f"sip_{MIKE}"
        assert seen.attributes["sip.phoneNumber"] == MIKE
        assert seen.attributes["sip.trunkPhoneNumber"] == LINE
        assert seen.attributes["sip.callStatus"] == "active"
        assert mike.leg.room.startswith("call-")


@pytest.mark.room
async def test_keys_arrive_once_each_and_in_order(server: Server) -> None:
    pressed: list[str] = []
    async with (
        LabPhone(server, SipLeg(MIKE, LINE)) as mike,
        LabPhone(server, SipLeg("+12025550110", LINE, room=mike.leg.room)) as other,
    ):
        complete = asyncio.Event()

        def on_key(key: rtc.SipDTMF) -> None:
            pressed.append(key.digit)
            if key.digit == "#":
                complete.set()

        other.on("sip_dtmf_received", on_key)
        await mike.keys("0123456789*#")
        async with asyncio.timeout(10):
            await complete.wait()

    assert "".join(pressed) == "0123456789*#"


@pytest.mark.room
async def test_a_key_that_no_telephone_has_is_refused(server: Server) -> None:
    async with LabPhone(server, SipLeg(MIKE, LINE)) as mike:
        with pytest.raises(ValueError, match="No telephone has the key"):
            await mike.keys("12A")


@pytest.mark.room
async def test_keys_to_an_empty_room_say_that_nobody_answered(server: Server) -> None:
    async with LabPhone(server, SipLeg(MIKE, LINE)) as mike:
        with pytest.raises(PhoneError, match="Nobody answered"):
            await mike.keys("1", within=0.5)


@pytest.mark.room
async def test_what_an_agent_says_is_heard_and_read(server: Server) -> None:
    leg = SipLeg(MIKE, LINE)
    async with LabPhone(server, leg) as mike, EchoAgent(server, leg.room, leg.identity) as agent:
        await mike.connected()
        assert mike.agent_here
        await mike.play(audio.tone(440, 0.3))
        await agent.answers("You said a tone.", caller_said="a tone")
        heard = await mike.hear(quiet=0.3)

    assert heard.text == "You said a tone."
    assert heard.first_audio_s is not None
    assert mike.transcript.said_by("caller") == ["a tone"]
    assert not heard.ended


@pytest.mark.room
async def test_typed_words_reach_the_agents_text_input(server: Server) -> None:
    leg = SipLeg(MIKE, LINE)
    async with LabPhone(server, leg) as mike, EchoAgent(server, leg.room, leg.identity) as agent:
        await mike.type("what is my next job")
        async with asyncio.timeout(10):
            assert await agent.typed.get() == "what is my next job"


@pytest.mark.room
async def test_the_phone_knows_when_the_room_was_deleted(server: Server) -> None:
    async with LabPhone(server, SipLeg(MIKE, LINE)) as mike:
        async with api.LiveKitAPI(server.url, server.key, server.secret) as lk:
            await lk.room.delete_room(api.DeleteRoomRequest(room=mike.leg.room))
        async with asyncio.timeout(10):
            await mike.ended.wait()

        assert mike.end_reason == "room deleted"
        with pytest.raises(PhoneError, match=r"over \(room deleted\)"):
            await mike.play(audio.tone(440, 0.1))


@pytest.mark.room
async def test_hanging_up_in_the_middle_of_a_word_ends_the_word(server: Server) -> None:
    async with LabPhone(server, SipLeg(MIKE, LINE)) as mike:
        speaking = asyncio.create_task(mike.play(audio.tone(440, 30)))
        await asyncio.sleep(0)
        await mike.hang_up()

        with pytest.raises(PhoneError, match="ended while the caller spoke"):
            await speaking


@pytest.mark.room
async def test_the_recording_has_the_caller_left_and_the_line_right(server: Server, tmp_path: Path) -> None:
    async with (
        LabPhone(server, SipLeg(MIKE, LINE)) as mike,
        LabPhone(server, SipLeg("+12025550110", LINE, room=mike.leg.room)) as other,
    ):
        await asyncio.gather(mike.connected(), other.connected())
        await mike.play(audio.tone(440, 0.3))
        await other.hear(quiet=0.2)
        mike.save(tmp_path / "mike.wav")
        other.save(tmp_path / "other.wav")

    assert pitch(mike.recording.said) == pytest.approx(440, abs=15)
    assert not audio.loud_windows(mike.recording.heard).any()
    assert (tmp_path / "mike.wav").stat().st_size > audio.RATE
    assert pitch(audio.read_wav(tmp_path / "other.wav")) == pytest.approx(440, abs=15)


def pitch(pcm: audio.Pcm) -> float:
    """The strongest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(pcm.astype(np.float64)))
    return float(np.argmax(spectrum)) * audio.RATE / len(pcm)
