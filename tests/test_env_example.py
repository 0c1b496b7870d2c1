"""`.env.example` names what is read, all of it and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import jwt
import pytest

from fieldline.settings import Settings, load_settings, variable

pytestmark = pytest.mark.check

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / ".env.example"
COMPOSE = (ROOT / "docker-compose.yml").read_text()
ASSIGNMENT = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")


def assignments() -> dict[str, str]:
    found = (ASSIGNMENT.match(line) for line in EXAMPLE.read_text().splitlines())
    return {match[1]: match[2] for match in found if match}


def read_by_settings() -> set[str]:
    return {variable(field) for field in Settings.model_fields}


def read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", COMPOSE))


def test_names_every_variable_and_no_other() -> None:
    assert set(assignments()) == read_by_settings() | read_by_compose()


def test_what_only_compose_reads_stands_apart() -> None:
    apart = EXAMPLE.read_text().split("--- Only read by docker-compose.yml ---")[1]
    assert set(re.findall(r"^([A-Z][A-Z0-9_]*)=", apart, re.M)) == read_by_compose() - read_by_settings()


def test_every_variable_has_one_line_of_help() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for before, line in pairwise(lines):
        if match := ASSIGNMENT.match(line):
            assert before.startswith("# ") and before.endswith((".", "*")), f"{match[1]} has no help"


def test_a_copy_of_it_changes_nothing(clean_environ: pytest.MonkeyPatch) -> None:
    plain = load_settings()
    for name, value in assignments().items():
        clean_environ.setenv(name, value)
    assert load_settings() == plain


def test_holds_no_secret() -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY|TOKEN|JWT|DSN")
    assert all(value == "" for name, value in assignments().items() if secret.search(name))


def generated(site: str) -> dict[str, str]:
    command = [sys.executable, str(ROOT / "deploy/make_env.py"), site]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in output.splitlines())


def test_generated_secrets_are_all_that_compose_insists_on(clean_environ: pytest.MonkeyPatch) -> None:
    made = generated("line.example.org")
    assert set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE)) <= set(made) <= set(assignments())
    for name, value in {**made, "LIVEKIT_URL": "ws://127.0.0.1:7880", "SUPABASE_URL": "http://gateway:8000"}.items():
        clean_environ.setenv(name, value)
    assert load_settings().env == "production"


def test_generated_secrets_are_never_the_same() -> None:
    one, other = generated("a.example.org"), generated("a.example.org")
    same = {name for name in one if one[name] == other[name]}
    assert same == {"FIELDLINE_ENV", "FIELDLINE_SITE", "FIELDLINE_LINE_EMAIL"}


def test_generated_service_token_is_signed_with_the_generated_secret() -> None:
    made = generated("a.example.org")
    claims = jwt.decode(made["SUPABASE_SERVICE_JWT"], made["SUPABASE_JWT_SECRET"], algorithms=["HS256"])
    assert claims["role"] == "service_role"


def test_the_generator_needs_no_package(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "deploy/make_env.py"), "a.example.org"]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, env={"PATH": os.environ["PATH"]})
