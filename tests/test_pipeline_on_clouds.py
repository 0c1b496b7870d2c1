"""What the line's own pipeline asks of providers: languages, names, telephones. Real plugins, stand-ins, no room."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from livekit.agents import APIStatusError, inference, utils

from agent.fallback.ears import EarsChain
from agent.fallback.links import Link
from agent.offline.vocabulary import Vocabulary
from agent.offline.voice import OfflineTTS
from agent.pipeline import Parts, Pipeline, build_pipeline
from agent.providers import Link as Choice
from agent.providers import build, change_language, load_providers, names_of
from agent.turns import Expecting
from fieldline.lab.providers import Delays, ProviderStandIns
from tests.support.clouds import (
    ONCE,
    PROVIDERS,
    clip,
    deepgram_ears,
    frames,
    groq_ears,
    heard,
    quiet,
    settings_on,
    spoken,
    words_of,
)

#: A connection that is not there after so many looks never will be.
LOOKS = 1500


@pytest.fixture
async def clouds() -> AsyncIterator[ProviderStandIns]:
    async with utils.http_context.open(), ProviderStandIns(Delays.none()) as running:
        running.know("just got here", clip("got-here"))
        yield running


@pytest.fixture
async def pipeline(clouds: ProviderStandIns) -> AsyncIterator[Pipeline]:
    parts = Parts(load_providers(PROVIDERS), inference.VAD(), OfflineTTS())
    built = build_pipeline(settings_on(clouds), parts, Vocabulary(), Expecting())
    yield built
    await built.aclose()


async def until(there: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if there():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the connection never came")


async def said_by(pipeline: Pipeline, words: str) -> None:
    async with pipeline.tts.stream() as stream:
        stream.push_text(words)
        stream.end_input()
        await spoken(stream)


def cloud(pipeline: Pipeline, kind: str, name: str) -> Any:
    return next(link.part for of, _, link in pipeline.clouds if of == kind and link.name == name)


# Languages


async def test_ears_that_listen_are_asked_for_another_language_in_the_call(
    clouds: ProviderStandIns, pipeline: Pipeline
) -> None:
    async with pipeline.stt.stream():
        await until(lambda: len(clouds.deepgram_stt.streams) == 1)
        pipeline.speak_in("es")
        await until(lambda: len(clouds.deepgram_stt.streams) == 2)
        pipeline.speak_in("en")
        await until(lambda: len(clouds.deepgram_stt.streams) == 3)
    assert [asked["language"] for asked in clouds.deepgram_stt.streams] == [["en-US"], ["es"], ["en-US"]]


async def test_ears_that_hear_whole_utterances_are_told_the_language_too(
    clouds: ProviderStandIns, pipeline: Pipeline
) -> None:
    pipeline.speak_in("es")
    await cloud(pipeline, "stt", "groq").recognize(frames(quiet(0.2), clip("got-here")), conn_options=ONCE)
    assert clouds.groq_stt.requests[-1]["language"] == "es"


async def test_voice_speaks_the_language_of_the_call(clouds: ProviderStandIns, pipeline: Pipeline) -> None:
    await said_by(pipeline, "One moment.")
    pipeline.speak_in("es")
    await said_by(pipeline, "Un momento.")
    assert [asked["language_code"] for asked in clouds.elevenlabs_tts.streams] == ["en", "es"]
    assert [link.options.get("language") for kind, _, link in pipeline.clouds if kind == "tts"] == ["es", None]


async def test_language_that_the_file_names_stays(clouds: ProviderStandIns) -> None:
    choice = Choice.model_validate({"provider": "deepgram", "model": "nova-3", "language": "multi"})
    ears = build(settings_on(clouds), "stt", choice)
    assert change_language("stt", choice, ears, "es")["language"] == "multi"
    assert str(ears._opts.language) == "multi"


async def test_model_for_one_language_is_left_for_another_and_comes_back(clouds: ProviderStandIns) -> None:
    choice = Choice.model_validate({"provider": "deepgram", "model": "nova-2-phonecall"})
    ears = build(settings_on(clouds), "stt", choice)
    change_language("stt", choice, ears, "es")
    assert ears.model == "nova-2-general"
    change_language("stt", choice, ears, "en")
    assert ears.model == "nova-2-phonecall"


# Names and telephones


async def test_deepgram_refuses_key_terms_of_older_models(clouds: ProviderStandIns) -> None:
    ears = deepgram_ears(clouds, model="nova-2-phonecall")
    ears._update_session_keyterms(["Rodriguez"])
    with pytest.raises(APIStatusError) as refused:
        await heard(ears, frames(clip("got-here")))
    assert refused.value.status_code == 400


async def test_key_terms_go_to_the_ears_that_take_them(clouds: ProviderStandIns) -> None:
    models = ("nova-2", "nova-3")
    chain = EarsChain([Link(name, deepgram_ears(clouds, model=name), 5.0) for name in models])
    chain._update_session_keyterms(["Rodriguez"])
    for link in chain.links.all:
        assert words_of(await heard(link.part, frames(quiet(0.2), clip("got-here"), quiet(1.5)))) == "just got here"
    assert [asked.get("keyterm") for asked in clouds.deepgram_stt.streams] == [None, ["Rodriguez"]]
    await chain.aclose()


async def test_telephone_alternative_of_the_file_asks_for_the_telephones_model_and_rate(
    clouds: ProviderStandIns, tmp_path: Path
) -> None:
    block = re.search(r"(?m)^  # - provider: deepgram\n(?:  #   .*\n)+", PROVIDERS.read_text())
    assert block is not None
    (link,) = yaml.safe_load(block[0].replace("  # ", "  "))
    ears = build(settings_on(clouds), "stt", Choice.model_validate(link))
    assert words_of(await heard(ears, frames(quiet(0.2), clip("got-here"), quiet(1.5)))) == "just got here"
    asked = clouds.deepgram_stt.streams[0]
    assert (asked["model"], asked["sample_rate"], asked["language"]) == (["nova-2-phonecall"], ["8000"], ["en-US"])


# Flux


def flux(clouds: ProviderStandIns, model: str = "flux-general-en", language: str = "en") -> tuple[Choice, Any]:
    choice = Choice.model_validate({"provider": "deepgram", "model": model})
    return choice, build(settings_on(clouds), "stt", choice, language)


async def test_flux_hears_by_its_own_protocol(clouds: ProviderStandIns) -> None:
    _, ears = flux(clouds)
    ears._update_session_keyterms(["Rodriguez"])
    assert words_of(await heard(ears, frames(quiet(0.2), clip("got-here"), quiet(1.5)))) == "just got here"
    (asked,) = clouds.deepgram_flux.streams
    assert (asked["model"], asked["eot_timeout_ms"], asked["keyterm"]) == (["flux-general-en"], ["500"], ["Rodriguez"])
    assert clouds.deepgram_stt.streams == []


async def test_flux_in_a_chain_gets_whole_utterances_where_it_comes_second(clouds: ProviderStandIns) -> None:
    _, ears = flux(clouds)
    before, last = groq_ears(clouds), groq_ears(clouds)
    chain = EarsChain([Link("groq", before, 5.0), Link("deepgram", ears, 10.0), Link("last", last, 5.0)])
    clouds.fail("groq_stt", "refuse")
    event = await chain.recognise(frames(quiet(0.2), clip("got-here"), quiet(0.5)), chain.links.order())
    assert event.alternatives[0].text == "just got here" and chain.links.serving().name == "deepgram"
    await chain.aclose()


async def test_flux_for_many_languages_is_told_the_callers_while_it_listens(clouds: ProviderStandIns) -> None:
    choice, ears = flux(clouds, "flux-general-multi")
    async with ears.stream(conn_options=ONCE):
        await until(lambda: len(clouds.deepgram_flux.streams) == 1)
        await until(lambda: ears._streams and all(stream._ws is not None for stream in ears._streams))
        assert change_language("stt", choice, ears, "es")["language_hint"] == ["es"]
        await until(lambda: len(clouds.deepgram_flux.configured) == 1)
    assert clouds.deepgram_flux.streams[0]["language_hint"] == ["en"]
    assert clouds.deepgram_flux.configured[0]["language_hints"] == ["es"]


async def test_english_flux_is_told_no_language(clouds: ProviderStandIns) -> None:
    choice, ears = flux(clouds, language="es")
    assert change_language("stt", choice, ears, "en") == {"model": "flux-general-en"}


async def test_flux_and_older_models_have_addresses_of_their_own(clouds: ProviderStandIns) -> None:
    for ears in (deepgram_ears(clouds, model="flux-general-en"), flux(clouds, "nova-3")[1]):
        if ears.model == "nova-3":
            ears.update_options(endpoint_url=f"{clouds.url}/deepgram/v2/listen")
        with pytest.raises(APIStatusError) as refused:
            await heard(ears, frames(clip("got-here")))
        assert refused.value.status_code == 400


# Names of links, and ears one by one


def test_links_of_one_provider_are_told_apart_by_their_model() -> None:
    chain = [Choice(provider="openai", model="gpt-4o"), Choice(provider="groq"), Choice(provider="openai", model="o4")]  # pyright: ignore[reportCallIssue]
    assert names_of(chain) == ["openai gpt-4o", "groq", "openai o4"]


async def test_seconds_of_an_attempt_are_those_of_the_file(clouds: ProviderStandIns, tmp_path: Path) -> None:
    file = tmp_path / "providers.yaml"
    given = {"stt": [{"provider": "groq", "attempt_s": 3.5}], "llm": [{"provider": "groq", "attempt_s": 0.9}]}
    file.write_text(
        yaml.safe_dump({**given, "tts": [{"provider": "elevenlabs", "attempt_s": 0.7}, {"provider": "deepgram"}]})
    )
    parts = Parts(load_providers(file), inference.VAD(), OfflineTTS())
    built = build_pipeline(settings_on(clouds), parts, Vocabulary(), Expecting())
    assert {chain.kind: [link.attempt_s for link in chain.all][:-1] for chain in built.chains} == {
        "stt": [3.5],
        "llm": [0.9],
        "tts": [0.7, 1.2],
    }
    await built.aclose()
