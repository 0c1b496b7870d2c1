"""The stand-ins of the voice's providers speak the installed plugins' protocols: the real plugins talk to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError, llm, stt, utils
from livekit.agents.llm import function_tool

from bench.mind import RuleMind
from fieldline.lab.audio import RATE
from fieldline.lab.providers import Answer, Delays, ProviderStandIns
from fieldline.lab.providers.delays import Clock
from fieldline.lab.providers.hearing import Repertoire
from tests.support.clouds import (
    ONCE,
    QUICK,
    answered,
    aura_voice,
    clip,
    deepgram_ears,
    eleven_voice,
    frames,
    groq_ears,
    heard,
    openai_model,
    quiet,
    spoken,
    words_of,
)

CLOCK_IN = "good morning, clock me in on truck two oh one please"
SENTENCES = "Your next job is ten fifty seven. It is at Riverside Mall. Drive carefully."


@pytest.fixture
async def clouds() -> AsyncIterator[ProviderStandIns]:
    async with utils.http_context.open(), ProviderStandIns(Delays.none()) as running:
        running.know(CLOCK_IN, clip("clock-in"))
        running.know("what's my next job", clip("next-job"))
        running.know("just got here", clip("got-here"))
        yield running


@function_tool
async def clock_in(truck: int) -> str:
    """Call when the technician starts the day.

    Args:
        truck: The truck's number.
    """
    return str(truck)


# Ears


async def test_deepgram_hears_what_was_played_and_the_script_for_the_rest(clouds: ProviderStandIns) -> None:
    clouds.expect("something else")
    sound = frames(quiet(0.5), clip("clock-in"), quiet(1.5), clip("yes"), quiet(1.0))
    events = await heard(deepgram_ears(clouds), sound)
    assert words_of(events) == f"{CLOCK_IN} something else"
    kinds = [event.type for event in events]
    assert kinds[0] == stt.SpeechEventType.START_OF_SPEECH
    assert kinds.count(stt.SpeechEventType.END_OF_SPEECH) == 2


async def test_deepgram_knows_a_clip_again_in_noise_and_at_telephone_bandwidth(clouds: ProviderStandIns) -> None:
    narrow = np.repeat(clip("got-here")[::2], 2)
    events = await heard(deepgram_ears(clouds), frames(quiet(0.4), narrow, quiet(1.0)))
    assert words_of(events) == "just got here"


async def test_deepgram_gives_the_words_before_a_pause_at_the_pause(clouds: ProviderStandIns) -> None:
    first, second = clip("next-job"), clip("got-here")
    both = np.concatenate([first, np.zeros(RATE, np.int16), second])
    clouds.know("what's my next job just got here", both)
    ears = deepgram_ears(clouds)
    finals: list[str] = []
    async with ears.stream(conn_options=ONCE) as stream:

        async def collect() -> None:
            async for event in stream:
                if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT:
                    finals.append(event.alternatives[0].text)

        collecting = asyncio.create_task(collect())
        # In real time: a final comes by the clock and not by the sound.
        for frame in frames(quiet(0.3), both, quiet(1.0)):
            stream.push_frame(frame)
            await asyncio.sleep(frame.duration)
        stream.end_input()
        await collecting
    assert len(finals) >= 2 and " ".join(finals) == "what's my next job just got here"


async def test_deepgram_is_asked_for_names_language_and_pauses(clouds: ProviderStandIns) -> None:
    ears = deepgram_ears(clouds, keyterm=["Rodriguez", "BNC connector"], utterance_end_ms=1000, language="en-US")
    events = await heard(ears, frames(quiet(0.3), clip("got-here"), quiet(2.0)))
    assert stt.SpeechEventType.END_OF_SPEECH in [event.type for event in events]
    asked = clouds.deepgram_stt.streams[0]
    assert asked["keyterm"] == ["Rodriguez", "BNC connector"] and asked["language"] == ["en-US"]


async def test_whisper_hears_a_file(clouds: ProviderStandIns) -> None:
    event = await groq_ears(clouds).recognize(frames(quiet(0.2), clip("clock-in"), quiet(0.2)), conn_options=ONCE)
    assert event.alternatives[0].text == CLOCK_IN
    assert clouds.groq_stt.requests[0]["model"] == "whisper-large-v3-turbo"


def test_sound_of_another_sentence_is_not_taken_for_a_known_one() -> None:
    repertoire = Repertoire()
    repertoire.know(CLOCK_IN, clip("clock-in"))
    assert repertoire.transcript(clip("note")) == ""
    assert repertoire.transcript(clip("clock-in")) == CLOCK_IN


# Model


async def test_model_speaks_in_tokens_and_counts_them() -> None:
    async def mind(messages: list[dict[str, object]], tools: list[dict[str, object]]) -> Answer:
        return Answer("Hello, this is dispatch.")

    async with utils.http_context.open(), ProviderStandIns(Delays.none(), mind=mind) as clouds:
        answer = await answered(openai_model(clouds), "hi")
        assert answer.text == "Hello, this is dispatch."
        assert answer.usage is not None and answer.usage.completion_tokens == 6 and answer.usage.prompt_tokens > 0


async def test_model_calls_the_tool_that_the_rules_choose() -> None:
    async with utils.http_context.open(), ProviderStandIns(Delays.none(), mind=RuleMind()) as clouds:
        answer = await answered(openai_model(clouds), CLOCK_IN, [clock_in])
        call = answer.tool_calls[0]
        assert (call.name, call.arguments) == ("clock_in", '{"truck": 201}')
        assert clouds.openai_llm.requests[0]["tools"][0]["function"]["name"] == "clock_in"


# Voices


async def test_elevenlabs_speaks_each_sentence_with_its_words(clouds: ProviderStandIns) -> None:
    async with eleven_voice(clouds).stream(conn_options=ONCE) as stream:
        stream.push_text(SENTENCES)
        stream.end_input()
        seconds, words = await spoken(stream)
    assert " ".join(clouds.elevenlabs_tts.spoken) == SENTENCES and len(clouds.elevenlabs_tts.spoken) >= 2
    assert seconds == pytest.approx(len(SENTENCES) / 15, rel=0.25)
    assert " ".join(words.split()) == SENTENCES


async def test_elevenlabs_waits_for_enough_text_without_auto_mode(clouds: ProviderStandIns) -> None:
    voice = eleven_voice(clouds, chunk_length_schedule=[50, 100])
    async with voice.stream(conn_options=ONCE) as stream:
        for word in f"{SENTENCES} {SENTENCES} {SENTENCES}".split():
            stream.push_text(f"{word} ")
        stream.end_input()
        await spoken(stream)
    lengths = [len(text) for text in clouds.elevenlabs_tts.spoken]
    assert len(lengths) >= 3 and 50 <= lengths[0] < 70 and 100 <= lengths[1] < 120


async def test_elevenlabs_begins_before_the_text_is_complete(clouds: ProviderStandIns) -> None:
    async with eleven_voice(clouds).stream(conn_options=ONCE) as stream:
        stream.push_text("Your next job is ten fifty seven. It is at ")
        first = await anext(aiter(stream))
        stream.end_input()
    assert first.frame.duration > 0


@pytest.mark.parametrize("voice", [eleven_voice, aura_voice])
async def test_voice_speaks_a_whole_text(clouds: ProviderStandIns, voice: object) -> None:
    frame = await voice(clouds).synthesize("Note added.", conn_options=ONCE).collect()  # type: ignore[operator]
    assert frame.duration == pytest.approx(1.0, abs=0.4)


async def test_aura_speaks_sentence_by_sentence(clouds: ProviderStandIns) -> None:
    voice = aura_voice(clouds)
    async with voice.stream(conn_options=ONCE) as stream:
        stream.push_text(SENTENCES)
        stream.end_input()
        seconds, _ = await spoken(stream)
    assert len(clouds.deepgram_tts.spoken) == 3
    assert seconds == pytest.approx(len(SENTENCES) / 15, rel=0.25)
    await voice.aclose()


# Delays and faults


def test_delays_have_their_median_a_tail_and_a_seed() -> None:
    clock, again = Clock(Delays(seed=3)), Clock(Delays(seed=3))
    draws = sorted(clock.draw("llm_first") for _ in range(400))
    assert draws[200] == pytest.approx(0.300, rel=0.05)
    assert draws[380] > 0.36 and draws[0] > 0.1
    assert sorted(again.draw("llm_first") for _ in range(400)) == draws


async def test_first_token_comes_after_its_delay() -> None:
    async with utils.http_context.open(), ProviderStandIns(Delays(llm_first=0.2, spread=0)) as clouds:
        model = openai_model(clouds)
        await model._client.models.list()
        began = time.monotonic()
        await answered(model, "hi")
        assert time.monotonic() - began >= 0.2


STATUSES = [("429", 429), ("500", 500), ("wrong_key", 401)]


@pytest.mark.parametrize(("fault", "status"), STATUSES)
async def test_status_reaches_every_plugin(clouds: ProviderStandIns, fault: str, status: int) -> None:
    clouds.fail_all(fault)  # type: ignore[arg-type]
    with pytest.raises(APIStatusError) as model:
        await answered(openai_model(clouds), "hi")
    with pytest.raises(APIStatusError) as ears:
        await heard(deepgram_ears(clouds), frames(quiet(0.2)))
    with pytest.raises(APIStatusError) as file:
        await groq_ears(clouds).recognize(frames(clip("yes")), conn_options=ONCE)
    with pytest.raises(APIStatusError) as voice:
        await aura_voice(clouds).synthesize("Hello.", conn_options=ONCE).collect()
    with pytest.raises(APIStatusError) as eleven:
        await eleven_voice(clouds).synthesize("Hello.", conn_options=ONCE).collect()
    assert {e.value.status_code for e in (model, ears, file, voice, eleven)} == {status}


async def test_wrong_key_is_refused_without_a_fault(clouds: ProviderStandIns) -> None:
    with pytest.raises(APIStatusError) as refused:
        await answered(openai_model(clouds, api_key="another"), "hi")
    assert refused.value.status_code == 401


@pytest.mark.parametrize("fault", ["refuse", "cut", "garbage"])
async def test_broken_answer_is_an_error_of_the_model(clouds: ProviderStandIns, fault: str) -> None:
    clouds.fail("openai_llm", fault)  # type: ignore[arg-type]
    with pytest.raises(APIConnectionError):
        await answered(openai_model(clouds), "hi there, what can you do for me today")


async def test_hanging_model_times_out_and_answers_once_mended(clouds: ProviderStandIns) -> None:
    clouds.fail("openai_llm", "hang")
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="hi")
    with pytest.raises(APITimeoutError):
        await openai_model(clouds).chat(chat_ctx=context, conn_options=QUICK).collect()
    clouds.mend("openai_llm")
    assert (await answered(openai_model(clouds), "hi")).text == "You said: hi."


async def test_open_stream_feels_a_fault_that_begins(clouds: ProviderStandIns) -> None:
    async with deepgram_ears(clouds).stream(conn_options=ONCE) as stream:
        for frame in frames(quiet(0.2), clip("got-here")):
            stream.push_frame(frame)
        assert (await anext(aiter(stream))).type == stt.SpeechEventType.START_OF_SPEECH
        clouds.fail("deepgram_stt", "refuse")
        with pytest.raises(APIError):
            async for _ in stream:
                pass


async def test_cut_voice_has_spoken_the_beginning(clouds: ProviderStandIns) -> None:
    clouds.fail("elevenlabs_tts", "cut")
    lengths: list[float] = []
    async with eleven_voice(clouds).stream(conn_options=ONCE) as stream:
        stream.push_text(SENTENCES)
        stream.end_input()
        with pytest.raises(APIError):
            lengths.extend([audio.frame.duration async for audio in stream])
    assert lengths == []
    assert clouds.elevenlabs_tts.spoken
