"""The ears that need no cloud: what they hear, what they refuse to hear, and what they keep."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import yaml
from livekit import rtc

from agent.offline.choose import UNCLEAR
from agent.offline.decoder import SAMPLE_RATE
from agent.offline.ears import OfflineSTT
from agent.offline.understand import Understood, understand
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation, Expecting
from bench.ears import telephone, word_errors
from fieldline.lab.audio import Pcm, read_wav, resample

AUDIO = Path(__file__).parent / "audio" / "ears"
SAID = {name: entry["say"] for name, entry in yaml.safe_load((AUDIO / "sentences.yaml").read_text()).items()}
VOCABULARY = Vocabulary(
    people=("Mike Johnson", "Sarah Williams"),
    parts=("BNC Connector", "RJ45 Connector", "Cable Tester", "Dome Camera", "Cat6 Cable"),
    trucks=("201", "202", "203", "204"),
)


@pytest.fixture(scope="module")
def expecting() -> Expecting:
    return Expecting()


@pytest.fixture(scope="module")
def ears(expecting: Expecting) -> OfflineSTT:
    ears = OfflineSTT(VOCABULARY, expecting)
    ears.prewarm()
    return ears


@pytest.fixture(autouse=True)
def expect_anything(expecting: Expecting):
    expecting.clear()


def sound(name: str) -> Pcm:
    return read_wav(AUDIO / f"{name}.wav")


async def heard(ears: OfflineSTT, pcm: Pcm, rate: int = SAMPLE_RATE, channels: int = 1) -> str:
    data = np.repeat(resample(pcm, SAMPLE_RATE, rate), channels)
    frame = rtc.AudioFrame(data.tobytes(), rate, channels, len(data) // channels)
    event = await ears.recognize(frame)
    return event.alternatives[0].text


@pytest.mark.parametrize("name", ["clock-in", "who-has", "used"])
async def test_command_is_heard_word_for_word(ears: OfflineSTT, name: str):
    assert understand(await heard(ears, sound(name)), VOCABULARY) == understand(SAID[name], VOCABULARY)
    assert ears.last_quality == "grammar"


async def test_command_is_heard_over_a_telephone(ears: OfflineSTT):
    text = await heard(ears, telephone(sound("clock-in")))
    assert understand(text, VOCABULARY) == Understood("clock_in", {"truck": 204})


async def test_dictated_note_keeps_its_words_and_its_sound(ears: OfflineSTT):
    pcm = sound("note")
    outcome = understand(await heard(ears, pcm), VOCABULARY)
    assert isinstance(outcome, Understood)
    assert outcome.tool == "add_note"
    assert word_errors("the keypad by the pharmacy is cracked", outcome.arguments["note"]) <= 2
    assert ears.last_quality == "best_effort"
    assert ears.last_audio == pcm.tobytes()


async def test_denied_command_is_not_obeyed(ears: OfflineSTT):
    text = await heard(ears, sound("not-clock-out"))
    assert not isinstance(understand(text, VOCABULARY), Understood)


async def test_talk_about_something_else_writes_nothing(ears: OfflineSTT):
    text = await heard(ears, sound("sailboat"))
    assert text
    assert not isinstance(understand(text, VOCABULARY), Understood)


async def test_yes_is_heard_when_it_is_expected(ears: OfflineSTT, expecting: Expecting):
    expecting.expect(Expectation("yes_no", tool="clock_out", arguments={"confirmed": True}))
    assert await heard(ears, sound("yes")) == "yes that's right"


async def test_bare_number_is_heard_when_it_is_expected(ears: OfflineSTT, expecting: Expecting):
    expecting.expect(Expectation("digits", tool="clock_in", slot="truck"))
    assert (await heard(ears, sound("truck"))).replace("zero", "oh") == "two oh three"


async def test_day_is_heard_when_it_is_the_missing_slot(ears: OfflineSTT, expecting: Expecting):
    expecting.expect(Expectation("anything", tool="book_follow_up", slot="day"))
    assert await heard(ears, sound("thursday")) == "thursday at nine"


async def test_command_is_heard_in_the_place_of_an_answer(ears: OfflineSTT, expecting: Expecting):
    expecting.expect(Expectation("yes_no", tool="clock_out"))
    assert understand(await heard(ears, sound("who-has")), VOCABULARY) == understand(SAID["who-has"], VOCABULARY)


@pytest.mark.parametrize(
    "expectation",
    [
        Expectation("yes_no", tool="clock_out", arguments={"confirmed": True}),
        Expectation("digits", tool="clock_in", slot="truck"),
        Expectation("choice", tool="use_part", slot="part", options=("BNC Connector", "RJ45 Connector")),
    ],
    ids=lambda expectation: expectation.kind,
)
async def test_talk_is_no_answer(ears: OfflineSTT, expecting: Expecting, expectation: Expectation):
    expecting.expect(expectation)
    for name in ("sailboat", "quote"):
        text = await heard(ears, sound(name))
        assert not isinstance(understand(text, VOCABULARY, expectation), Understood)


async def test_summary_is_free_text_when_it_was_asked_for(ears: OfflineSTT, expecting: Expecting):
    expecting.expect(Expectation("free_text", tool="complete_job", slot="summary"))
    text = await heard(ears, sound("quote"))
    assert word_errors(SAID["quote"], text) <= 3
    assert ears.last_quality == "best_effort"


def noises() -> dict[str, Pcm]:
    chance = np.random.default_rng(7)
    clock = np.arange(SAMPLE_RATE * 2) / SAMPLE_RATE
    return {
        "nothing": np.zeros(SAMPLE_RATE * 2, np.int16),
        "no sample": np.zeros(0, np.int16),
        "a click": np.where(np.arange(1000) == 500, 20000, 0).astype(np.int16),
        "hiss": chance.normal(0, 1500, SAMPLE_RATE * 2).astype(np.int16),
        "hum": (3000 * np.sin(2 * np.pi * 100 * clock)).astype(np.int16),
        "tone": (6000 * np.sin(2 * np.pi * 941 * clock) + 6000 * np.sin(2 * np.pi * 1336 * clock)).astype(np.int16),
        "crackle": (np.where(chance.random(48_000) < 0.0005, 12_000, 0) + chance.normal(0, 200, 48_000)).astype(
            np.int16
        ),
        "rumble": (np.cumsum(chance.normal(0, 60, 48_000)) % 6000 - 3000).astype(np.int16),
        "too loud": chance.choice(np.array([-32768, 32767], np.int16), SAMPLE_RATE * 2),
    }


@pytest.mark.parametrize("kind", list(noises()))
@pytest.mark.parametrize("expected", ["anything", "yes_no", "digits"])
async def test_noise_writes_nothing(ears: OfflineSTT, expecting: Expecting, kind: str, expected):
    expectation = Expectation(expected, tool="clock_in", slot="truck")
    expecting.expect(expectation)
    text = await heard(ears, noises()[kind])
    assert not isinstance(understand(text, VOCABULARY, expectation), Understood), text


async def test_sound_of_any_shape_is_taken(ears: OfflineSTT):
    assert "truck two" in await heard(ears, sound("clock-in"), rate=48_000, channels=2)


async def test_two_calls_hear_at_once(ears: OfflineSTT):
    other = OfflineSTT(Vocabulary(parts=("Water Heater", "Sump Pump")), Expecting())
    other.prewarm()
    texts = await asyncio.gather(heard(ears, sound("used")), heard(other, sound("clock-in")))
    assert understand(texts[0], VOCABULARY) == understand(SAID["used"], VOCABULARY)
    assert understand(texts[1], VOCABULARY) == understand(SAID["clock-in"], VOCABULARY)


def test_what_is_not_trusted_is_not_understood():
    assert not isinstance(understand(UNCLEAR, VOCABULARY), Understood)


def test_vocabulary_of_strange_names_loads():
    strange = Vocabulary(people=("Zbigniew Wójcik",), customers=("漢字",), parts=("Hikvision DS-2CD2143G2",))
    OfflineSTT(strange, Expecting()).prewarm()
