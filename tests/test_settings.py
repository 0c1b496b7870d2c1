"""What an operator is told about a wrong configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from fieldline.errors import SettingsError
from fieldline.settings import REQUIRED_IN_PRODUCTION, Settings, load_settings, variable

GOOD = {
    "FIELDLINE_ENV": "production",
    "LIVEKIT_URL": "wss://livekit.example.org",
    "LIVEKIT_API_KEY": "APIxk29dk3",
    "LIVEKIT_API_SECRET": "b1946ac92492d2347c6235b4d2611184",
    "SUPABASE_URL": "https://project.supabase.co",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_591785b794601e212b260e25925636fd",
    "FIELDLINE_LINE_EMAIL": "line@company.example",
    "FIELDLINE_LINE_PASSWORD": "5d41402abc4b2a76b9719d911017c592",
    "FIELDLINE_FILES_SECRET": "7d793037a0760186574b0282f2f435e7",
}


def build(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> Settings:
    for name, value in {**GOOD, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return load_settings()


def problems(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        build(monkeypatch, **changes)
    return caught.value.problems


def test_local_needs_nothing(clean_environ: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.env == "local" and settings.api_host == "127.0.0.1"


def test_good_production_starts(clean_environ: pytest.MonkeyPatch) -> None:
    assert build(clean_environ).env == "production"


def test_all_that_production_misses_is_named_at_once(clean_environ: pytest.MonkeyPatch) -> None:
    nothing: dict[str, str | None] = {name: None for name in GOOD if name != "FIELDLINE_ENV"}
    found = problems(clean_environ, **nothing)
    assert {line.partition(":")[0] for line in found} == {variable(f) for f in REQUIRED_IN_PRODUCTION}


def test_wrong_values_of_different_kinds_are_named_at_once(clean_environ: pytest.MonkeyPatch) -> None:
    found = problems(clean_environ, FIELDLINE_API_PORT="http", LOG_LEVEL="LOUD", SUPABASE_URL="project")
    assert {line.partition(":")[0] for line in found} == {"FIELDLINE_API_PORT", "LOG_LEVEL", "SUPABASE_URL"}


@pytest.mark.parametrize(
    "secret",
    [
        "secret-9b1f20c4",
        "changeme-changeme-9b1f",
        "9b1f20c4",
        "your-livekit-secret-9b1f",
        "x-local-only-5d41402abc4b2a76",
    ],
)
def test_production_refuses_secrets_that_are_known_or_short(clean_environ: pytest.MonkeyPatch, secret: str) -> None:
    found = problems(clean_environ, LIVEKIT_API_SECRET=secret)
    assert len(found) == 1 and found[0].startswith("LIVEKIT_API_SECRET")
    assert secret not in found[0]


def test_production_refuses_the_development_key(clean_environ: pytest.MonkeyPatch) -> None:
    assert problems(clean_environ, LIVEKIT_API_KEY="devkey")[0].startswith("LIVEKIT_API_KEY")


def test_production_refuses_any_origin(clean_environ: pytest.MonkeyPatch) -> None:
    assert problems(clean_environ, FIELDLINE_CORS_ORIGINS="https://a.example, *")[0].startswith(
        "FIELDLINE_CORS_ORIGINS"
    )


@pytest.mark.parametrize(
    ("older", "field"),
    [("SUPABASE_ANON_KEY", "supabase_publishable_key"), ("SUPABASE_SERVICE_ROLE_KEY", "supabase_secret_key")],
)
def test_older_names_are_read(clean_environ: pytest.MonkeyPatch, older: str, field: str) -> None:
    clean_environ.setenv(older, "5d41402abc4b2a76b9719d911017c592")
    value = getattr(load_settings(), field)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value).startswith("5d41")


def test_dotenv_is_read_and_the_environment_wins(clean_environ: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LOG_LEVEL=WARNING\nFIELDLINE_API_PORT=9001\n")
    clean_environ.setitem(Settings.model_config, "env_file", ".env")
    clean_environ.setenv("FIELDLINE_API_PORT", "9002")
    settings = load_settings()
    assert (settings.log_level, settings.api_port) == ("WARNING", 9002)


def test_printing_shows_no_secret(clean_environ: pytest.MonkeyPatch) -> None:
    settings = build(clean_environ)
    assert not any(GOOD[name] in repr(settings) for name in ("LIVEKIT_API_SECRET", "FIELDLINE_LINE_PASSWORD"))


def test_whatever_is_secret_is_typed_so() -> None:
    words = ("secret", "password", "token", "dsn", "smtp", "database_url")
    for name, field in Settings.model_fields.items():
        public = name in ("livekit_api_key", "supabase_publishable_key")
        if not public and (any(word in name for word in words) or name.endswith("_key")):
            assert "SecretStr" in str(field.annotation), f"{name} would show in logs"
