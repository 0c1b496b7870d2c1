"""The console's scripts: linted and formatted like everything else."""

from __future__ import annotations

import platform

import pytest

from fieldline.errors import StackError
from tests.support.biome import PACKAGES, biome


@pytest.mark.skipif(platform.machine() not in PACKAGES, reason="no Biome is pinned for this kind of machine")
def test_scripts_are_linted_and_formatted() -> None:
    try:
        found = biome("check", "--error-on-warnings")
    except StackError as error:
        pytest.skip(str(error))
    assert found.returncode == 0, found.stdout + found.stderr
