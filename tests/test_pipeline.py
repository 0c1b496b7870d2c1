"""Providers are built from keys, with the offline parts as the last link. Nothing is asked of any of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit.agents import inference, llm, stt, tts, utils

from agent.keyterms import keyterms
from agent.offline.rules import RuleLLM
from agent.offline.vocabulary import Vocabulary
from agent.offline.voice import OfflineTTS
from agent.pipeline import LateEars, Parts, build_pipeline, describe
from agent.providers import KEYS, Link, build, load_providers
from agent.turns import Expecting
from fieldline.errors import SettingsError
from fieldline.settings import Settings, load_settings

FILE = Path(__file__).parents[1] / "providers.yaml"
VOCABULARY = Vocabulary()


def settings(**keys: str) -> Settings:
    return load_settings(providers_file=FILE, **keys)


def all_keys() -> Settings:
    return settings(**{name: f"not-a-real-key-{name}" for name in KEYS.values()})


def parts() -> Parts:
    return Parts(load_providers(FILE), inference.VAD(), OfflineTTS())


async def test_line_needs_no_key() -> None:
    pipeline = build_pipeline(settings(), parts(), VOCABULARY, Expecting())
    assert isinstance(pipeline.stt, LateEars)
    assert isinstance(pipeline.llm, RuleLLM)
    assert isinstance(pipeline.tts, OfflineTTS)
    assert not pipeline.cloud


@pytest.mark.parametrize(
    ("kind", "provider"),
    [
        ("stt", "deepgram"),
        ("stt", "groq"),
        ("llm", "openai"),
        ("llm", "groq"),
        ("tts", "elevenlabs"),
        ("tts", "deepgram"),
    ],
)
async def test_every_provider_can_be_built_from_its_key(kind: str, provider: str) -> None:
    chain: tuple[Link, ...] = getattr(load_providers(FILE), kind)
    async with utils.http_context.open():
        built = build(all_keys(), kind, next(link for link in chain if link.provider == provider))  # pyright: ignore[reportArgumentType]
    assert isinstance(built, {"stt": stt.STT, "llm": llm.LLM, "tts": tts.TTS}[kind])


async def test_every_provider_of_the_file_has_its_test() -> None:
    named = {(kind, link.provider) for kind in ("stt", "llm", "tts") for link in getattr(load_providers(FILE), kind)}
    assert {pair for pair in named if pair[1] != "offline"} == {
        ("stt", "deepgram"),
        ("stt", "groq"),
        ("llm", "openai"),
        ("llm", "groq"),
        ("tts", "elevenlabs"),
        ("tts", "deepgram"),
    }


async def test_offline_parts_are_the_last_link_of_every_chain() -> None:
    async with utils.http_context.open():
        pipeline = build_pipeline(all_keys(), parts(), VOCABULARY, Expecting())
    assert {chain.kind: [link.name for link in chain.all] for chain in pipeline.chains} == describe(all_keys())
    assert pipeline.cloud


def test_start_says_who_serves() -> None:
    assert describe(settings()) == {"stt": ["offline"], "llm": ["offline"], "tts": ["offline"]}
    assert describe(all_keys()) == {
        "stt": ["deepgram", "groq", "offline"],
        "llm": ["openai", "groq", "offline"],
        "tts": ["elevenlabs", "deepgram", "offline"],
    }
    assert describe(settings(openai_api_key="not-a-real-key"))["llm"] == ["openai", "offline"]


async def test_option_that_no_plugin_takes_is_named() -> None:
    link = Link.model_validate({"provider": "openai", "model": "gpt-4.1", "temprature": 1})
    with pytest.raises(SettingsError, match="temprature"):
        build(all_keys(), "llm", link)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("stt: [{provider: deepgram}]\nllm: []", "tts"),
        ("stt: []\nllm: []\ntts: [{provider: parrot}]", "parrot"),
        ("stt: [", "providers.yaml"),
    ],
)
def test_broken_file_is_refused_with_its_problem(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=problem):
        load_providers(file)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FIELDLINE_PROVIDERS_FILE"):
        load_providers(tmp_path / "none.yaml")


def test_company_has_its_own_chain_where_the_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "providers.yaml"
    own = "companies: {Ejemplo: {tts: [{provider: deepgram, model: aura-2-celeste-es}, {provider: offline}]}}"
    file.write_text(f"{FILE.read_text()}\n{own}\n")
    providers = load_providers(file)
    assert [link.options.get("model") for link in providers.of("Ejemplo").tts] == ["aura-2-celeste-es", None]
    assert providers.of("Ejemplo").llm == providers.llm
    assert providers.of("Somebody else") == providers


async def test_language_of_the_company_reaches_ears_and_voice() -> None:
    async with utils.http_context.open():
        pipeline = build_pipeline(all_keys(), parts(), VOCABULARY, Expecting(), language="es")
    ears = {link.name: link.part for link in pipeline.chains[0].all}
    assert str(ears["deepgram"]._opts.language) == "es"
    assert [str(language) for language in ears["groq"]._opts.languages] == ["es"]


def test_keyterms_have_some_of_each_kind_and_no_more_than_a_hundred() -> None:
    words = {"people": [f"Person {n}" for n in range(200)], "parts": ["RJ45 Connector"], "streets": ["Elm Street"]}
    terms = keyterms(words)
    assert len(terms) == 100 and terms[:3] == ["Person 0", "RJ45 Connector", "Elm Street"]
