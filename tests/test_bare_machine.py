"""The services for a machine without Docker: they name what exists, hold no secret, and the page names them all."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PAGE = (ROOT / "docs" / "bare-machine.md").read_text()


def section(unit: Path, name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    parser.read_string(unit.read_text())
    return parser[name]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_is_restarted_and_runs_with_few_rights(unit: Path) -> None:
    service = section(unit, "Service")
    assert (service["User"], service["Restart"], service["NoNewPrivileges"]) == ("fieldline", "always", "true")
    assert service["EnvironmentFile"] == "/opt/fieldline/.env"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_runs_what_there_is(unit: Path) -> None:
    command = section(unit, "Service")["ExecStart"]
    if module := re.search(r"python -m ([\w.]+)", command):
        assert importlib.util.find_spec(module[1])
    for file in re.findall(r"/opt/fieldline/(sip/[\w.]+)", command):
        assert (ROOT / file).is_file()


def test_the_page_starts_every_service() -> None:
    started = re.search(r"enable --now (.*)", PAGE)
    assert started and set(started[1].split()) == {unit.stem for unit in UNITS}


def test_the_page_names_the_versions_of_compose() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    for image, name in (("livekit/livekit-server", "livekit-server"), ("livekit/sip", "livekit-sip")):
        version = re.search(rf"image: {image}:v([\d.]+)", compose)
        assert version and f"{name} {version[1]}" in PAGE


def test_systemd_finds_nothing_wrong() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    done = subprocess.run([analyze, "verify", "--man=no", *UNITS], capture_output=True, text=True, check=False)
    # The programs are not here, and neither is the account.
    wrong = [line for line in done.stderr.splitlines() if "deploy/systemd" in line and "not executable" not in line]
    assert wrong == []
