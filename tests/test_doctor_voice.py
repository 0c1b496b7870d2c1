"""Doctor asks each configured provider for real, and says how to mend what it finds; stand-ins answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fieldline.doctor.voice import examine_voice
from fieldline.lab.providers import Delays, Fault, ProviderStandIns
from fieldline.settings import load_settings
from tests.support.clouds import PROVIDERS as FILE
from tests.support.clouds import settings_on

EVERY = {"ears: deepgram", "ears: groq", "model: openai", "model: groq", "voice: elevenlabs", "voice: deepgram"}


@pytest.fixture
async def clouds() -> AsyncIterator[ProviderStandIns]:
    async with ProviderStandIns(Delays.none()) as running:
        yield running


async def test_every_provider_that_answers_is_fine(clouds: ProviderStandIns) -> None:
    findings = await examine_voice(settings_on(clouds))
    assert {f.name for f in findings} == EVERY
    assert {f.state for f in findings} == {"ok"}
    assert clouds.openai_llm.requests[0]["model"] == "gpt-4o-mini"
    assert clouds.elevenlabs_tts.spoken == clouds.deepgram_tts.spoken == ["Hi."]


async def test_only_providers_with_a_key_are_asked(clouds: ProviderStandIns) -> None:
    findings = await examine_voice(settings_on(clouds, groq_api_key=None, eleven_api_key=None, deepgram_api_key=None))
    assert [f.name for f in findings] == ["model: openai"]


async def test_line_without_keys_is_told_that_it_is_offline() -> None:
    findings = await examine_voice(load_settings(providers_file=FILE))
    assert [(f.state, "offline" in f.detail) for f in findings] == [("warning", True)]


async def test_wrong_key_names_the_variable(clouds: ProviderStandIns) -> None:
    findings = await examine_voice(settings_on(clouds, openai_api_key="another"))
    wrong = [f for f in findings if f.state == "broken"]
    assert [f.name for f in wrong] == ["model: openai"]
    assert "OPENAI_API_KEY" in wrong[0].mend and "platform.openai.com" in wrong[0].mend


@pytest.mark.parametrize(
    ("fault", "mend"), [("429", "quota"), ("500", "status page"), ("refuse", "network"), ("wrong_key", "new key")]
)
async def test_every_trouble_has_its_advice(clouds: ProviderStandIns, fault: Fault, mend: str) -> None:
    clouds.fail_all(fault)
    findings = await examine_voice(settings_on(clouds))
    assert {f.state for f in findings} == {"broken"}
    assert [f.name for f in findings if mend not in f.mend] == []


async def test_broken_file_is_said_to_be_broken(clouds: ProviderStandIns, tmp_path: Path) -> None:
    findings = await examine_voice(settings_on(clouds, providers_file=tmp_path / "none.yaml"))
    assert [f.state for f in findings] == ["broken"]


async def test_every_link_is_asked_also_those_of_companies_and_of_one_provider(
    clouds: ProviderStandIns, tmp_path: Path
) -> None:
    file = tmp_path / "providers.yaml"
    two = "llm: [{provider: openai, model: gpt-4o}, {provider: openai, model: gpt-4o-mini}]"
    own = "companies: {Ejemplo: {tts: [{provider: deepgram, model: aura-2-celeste-es}, {provider: offline}]}}"
    file.write_text(f"stt: [{{provider: deepgram, model: flux-general-en}}]\n{two}\ntts: []\n{own}\n")
    findings = await examine_voice(settings_on(clouds, providers_file=file))
    assert {(f.name, f.state) for f in findings} == {
        ("ears: deepgram", "ok"),
        ("model: openai gpt-4o", "ok"),
        ("model: openai gpt-4o-mini", "ok"),
        ("voice: deepgram", "ok"),
    }
    assert [request["model"] for request in clouds.openai_llm.requests] in (
        ["gpt-4o", "gpt-4o-mini"],
        ["gpt-4o-mini", "gpt-4o"],
    )
    assert clouds.deepgram_flux.streams[0]["model"] == ["flux-general-en"]


async def test_flux_with_a_wrong_key_names_the_variable(clouds: ProviderStandIns, tmp_path: Path) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text("stt: [{provider: deepgram, model: flux-general-en}]\nllm: []\ntts: []\n")
    (finding,) = await examine_voice(settings_on(clouds, providers_file=file, deepgram_api_key="another"))
    assert finding.state == "broken" and "DEEPGRAM_API_KEY" in finding.mend
