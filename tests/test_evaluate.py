"""`fieldline eval` runs the scenario files and grades them: offline, and on an OpenAI-compatible endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.evaluate import evaluate, live_model
from agent.offline.vocabulary import Vocabulary
from bench.mind import RuleMind
from fieldline.errors import SettingsError
from fieldline.lab.providers import Answer, Delays, ProviderStandIns
from fieldline.settings import Settings, load_settings
from tests.support.scenarios import SCENARIOS

FILE = Path(__file__).parents[1] / "providers.yaml"


def settings(tmp_path: Path, clouds: ProviderStandIns | None = None) -> Settings:
    keys = {}
    if clouds is not None:
        environ = clouds.environ()
        keys = {"openai_api_key": environ["OPENAI_API_KEY"], "openai_base_url": environ["OPENAI_BASE_URL"]}
    return load_settings(home=tmp_path / "home", providers_file=FILE, **keys)


async def test_live_asks_the_endpoint_and_grades_the_rows(tmp_path: Path) -> None:
    mind = RuleMind(Vocabulary(trucks=("201",)))
    async with ProviderStandIns(Delays.none(), mind=mind) as clouds:
        code = await evaluate(settings(tmp_path, clouds), SCENARIOS, live=True, matching="^clock-in$")
        assert clouds.openai_llm.requests and clouds.openai_llm.requests[0]["model"] == "gpt-4o-mini"
    assert code == 0


async def test_model_that_does_nothing_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def idle(messages: object, tools: object) -> Answer:
        return Answer("You're clocked in on truck two oh one. You have two jobs today.")

    async with ProviderStandIns(Delays.none(), mind=idle) as clouds:
        code = await evaluate(settings(tmp_path, clouds), SCENARIOS, live=True, matching="^clock-in$")
    assert code == 1
    assert "rows right in 0, everything heard as written in 1" in capsys.readouterr().out


async def test_offline_needs_no_key(tmp_path: Path) -> None:
    assert await evaluate(settings(tmp_path), SCENARIOS, live=False, matching="^clock-in$") == 0


def test_live_without_a_key_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        live_model(settings(tmp_path))
