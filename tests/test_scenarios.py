"""Every scenario in tests/scenarios, as a text call: the real lines, rules, tools and database, no sound.

Category: lines. Those in tests/scenarios/rooms are spoken by phones in tests/test_calls_in_rooms.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldline.lab.runner import run
from fieldline.lab.scenario import BadScenario, Scenario, load, load_all
from tests.support.scenarios import SCENARIOS, text_opener, writable_rows
from tests.support.stacks import Supabase


@pytest.mark.parametrize("scenario", load_all(SCENARIOS), ids=lambda scenario: scenario.name)
async def test_scenario(scenario: Scenario, supabase: Supabase) -> None:
    async with writable_rows(supabase) as rows:
        outcome = await run(scenario, text_opener(supabase.settings), rows)

    assert outcome.passed, outcome.report()


def test_a_scenario_must_say_what_it_proves(tmp_path: Path) -> None:
    file = tmp_path / "mute.yaml"
    file.write_text('from: "+12025550101"\nsteps: []\n')

    with pytest.raises(BadScenario, match="first line must be a comment that says what it proves"):
        load(file)


def test_a_step_with_two_actions_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "both.yaml"
    file.write_text('# Proves nothing.\nfrom: "+12025550101"\nsteps:\n  - {say: hello, keys: "1"}\n')

    with pytest.raises(BadScenario, match="exactly one of say, type, keys, play, listen"):
        load(file)
