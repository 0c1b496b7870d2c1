"""Settings: every environment variable that Fieldline reads, in one place.

`get_settings()` reads the environment and `.env` once. All problems are reported together as a
`SettingsError`. `.env.example` names every variable; a test keeps the two equal.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from fieldline.errors import SettingsError

#: Values that appear in examples, tutorials and development servers. None may guard a real company.
SAMPLE_SECRETS = ("devkey", "secret", "changeme", "change-me", "password", "example", "your-", "test")
MIN_SECRET_LENGTH = 16
#: Requests a minute; higher rate limits are for benches and tests, in local mode.
MOST_PER_MINUTE = 6000


def _ours(name: str, default: Any, help_: str, **constraints: Any) -> Any:
    return Field(default=default, validation_alias=f"FIELDLINE_{name}", description=help_, **constraints)


def _theirs(names: str, default: Any, help_: str) -> Any:
    return Field(default=default, validation_alias=AliasChoices(*names.split()), description=help_)


class Settings(BaseSettings):
    """Typed view of the environment. Secrets are `SecretStr`, so printing settings shows none."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    env: Literal["local", "production"] = _ours("ENV", "local", "local or production")
    home: Path = _ours("HOME", Path(".fieldline"), "Where the local stack keeps its state")
    cache_dir: Path = _ours(
        "CACHE_DIR",
        Path(platformdirs.user_cache_dir("fieldline")),
        "Downloads and builds, shared by checkouts",
    )
    agent_name: str = _ours("AGENT_NAME", "fieldline", "Name in the SIP dispatch rule", pattern=r"^[\w-]{1,64}$")
    line_email: str | None = _ours("LINE_EMAIL", None, "The worker's own account: e-mail")
    line_password: SecretStr | None = _ours("LINE_PASSWORD", None, "The worker's own account: password")
    api_host: str = _ours("API_HOST", "127.0.0.1", "Address the admin API listens on")
    api_port: int = _ours("API_PORT", 8000, "Port of the admin API", ge=1, le=65535)
    worker_port: int = _ours("WORKER_PORT", 8081, "Port of the worker's /health and /ready", ge=1, le=65535)
    worker_calls: int | None = _ours(
        "WORKER_CALLS", None, "Calls that one worker takes at once; unset: 10 in local mode, else 4 a core", ge=1
    )
    worker_waiting: int | None = _ours(
        "WORKER_WAITING", None, "Job processes that wait for a call; unset: 3 in local mode, else 6", ge=1
    )
    drain_s: int | None = _ours(
        "DRAIN_S", None, "Seconds that calls may go on in a worker that stops; unset: 2 in local mode, else 3600", ge=0
    )
    metrics_port: int = _ours("METRICS_PORT", 9464, "Port of the worker's Prometheus /metrics", ge=1, le=65535)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = _ours(
        "CORS_ORIGINS", (), "Origins that may call the API from a browser, separated by commas"
    )
    api_url: str | None = _ours(
        "API_URL", None, "Public address of the admin API, for links and callbacks", pattern=r"^https?://[^\s?#]+$"
    )
    storage_url: str = _ours("STORAGE_URL", "local:", "Where sound is kept: local: or s3://bucket?region=…")
    files_secret: SecretStr | None = _ours("FILES_SECRET", None, "Signs links to sound in local storage")
    rate_limit_per_user: int = _ours("RATE_LIMIT_PER_USER", 60, "Requests a minute that one person may make", ge=1)
    rate_limit_per_address: int = _ours(
        "RATE_LIMIT_PER_ADDRESS", 300, "Requests a minute that may come from one address", ge=1
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = _ours(
        "TRUSTED_PROXIES",
        ("127.0.0.1", "::1"),
        "Addresses and networks, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto the API believes",
    )
    providers_file: Path = _ours("PROVIDERS_FILE", Path("providers.yaml"), "Order of providers and voices")
    trunks_file: Path | None = _ours("TRUNKS_FILE", None, "What the trunks should be, for `fieldline provision`")
    sip_password: SecretStr | None = _ours("SIP_PASSWORD", None, "Password of the trunk's credentials")
    spool_dir: Path | None = _ours("SPOOL_DIR", None, "Where a call's items wait for the database")
    max_call_minutes: int = _ours("MAX_CALL_MINUTES", 30, "A call is ended after this, warned before", ge=1, le=240)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _theirs("LOG_LEVEL", "INFO", "Least severe log shown")

    livekit_url: str | None = _theirs("LIVEKIT_URL", None, "ws:// or wss:// address of livekit-server")
    livekit_public_url: str | None = _ours(
        "LIVEKIT_PUBLIC_URL", None, "livekit-server as browsers reach it, where that differs from LIVEKIT_URL"
    )
    livekit_api_key: str | None = _theirs("LIVEKIT_API_KEY", None, "LiveKit API key")
    livekit_api_secret: SecretStr | None = _theirs("LIVEKIT_API_SECRET", None, "LiveKit API secret")
    supabase_url: str | None = _theirs("SUPABASE_URL", None, "Supabase project address")
    realtime: Literal["auto", "on", "off"] = _ours(
        "REALTIME", "auto", "Live calls by Supabase Realtime: auto finds out whether there is one"
    )
    supabase_publishable_key: str | None = _theirs(
        "SUPABASE_PUBLISHABLE_KEY SUPABASE_ANON_KEY", None, "Supabase publishable (anon) key"
    )
    supabase_secret_key: SecretStr | None = _theirs(
        "SUPABASE_SECRET_KEY SUPABASE_SERVICE_ROLE_KEY",
        None,
        "Supabase secret key, for maintenance commands only",
    )
    supabase_jwt_secret: SecretStr | None = _theirs(
        "SUPABASE_JWT_SECRET", None, "HS256 secret of the auth server, where it does not publish JWKS"
    )
    supabase_jwt_issuer: str | None = _theirs(
        "SUPABASE_JWT_ISSUER", None, "Issuer of the auth server's tokens; SUPABASE_URL with /auth/v1 when empty"
    )
    database_url: SecretStr | None = _theirs("DATABASE_URL", None, "PostgreSQL address, for maintenance commands only")

    deepgram_api_key: SecretStr | None = _theirs("DEEPGRAM_API_KEY", None, "Speech to text (Deepgram)")
    deepgram_base_url: str | None = _theirs("DEEPGRAM_BASE_URL", None, "Deepgram at another address")
    eleven_api_key: SecretStr | None = _theirs("ELEVEN_API_KEY", None, "Text to speech (ElevenLabs)")
    eleven_base_url: str | None = _theirs("ELEVEN_BASE_URL", None, "ElevenLabs at another address")
    openai_api_key: SecretStr | None = _theirs("OPENAI_API_KEY", None, "Language model (OpenAI)")
    openai_base_url: str | None = _theirs("OPENAI_BASE_URL", None, "OpenAI at another address")
    groq_api_key: SecretStr | None = _theirs("GROQ_API_KEY", None, "Fallback language model and speech to text (Groq)")
    groq_base_url: str | None = _theirs("GROQ_BASE_URL", None, "Groq at another address")

    twilio_account_sid: str | None = _theirs("TWILIO_ACCOUNT_SID", None, "Twilio account")
    twilio_auth_token: SecretStr | None = _theirs("TWILIO_AUTH_TOKEN", None, "Twilio token")
    twilio_base_url: str | None = _theirs("TWILIO_BASE_URL", None, "Twilio at another address")
    sms_from: str | None = _ours(
        "SMS_FROM",
        None,
        "Number or messaging service (MG…) that SMS come from",
        pattern=r"^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$",
    )
    smtp_url: SecretStr | None = _theirs("SMTP_URL", None, "smtp://user:password@host:port for e-mail")
    mail_from: str | None = _ours("MAIL_FROM", None, "Sender of e-mail", pattern=r"^[^\r\n]*[^\s@<]+@[^\s@>]+>?$")
    aws_access_key_id: str | None = _theirs("AWS_ACCESS_KEY_ID", None, "Key id of the S3 storage")
    aws_secret_access_key: SecretStr | None = _theirs("AWS_SECRET_ACCESS_KEY", None, "Its secret")
    sentry_dsn: SecretStr | None = _theirs("SENTRY_DSN", None, "Error tracking; off when empty")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        return tuple(o.strip() for o in value.split(",") if o.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        named = [part.strip() for part in value.split(",") if part.strip()]
        try:
            return tuple(
                str(ip_network(part, strict=False)) if "/" in part else str(ip_address(part)) for part in named
            )
        except ValueError as error:
            raise ValueError(f"{error}; name addresses and networks such as 127.0.0.1,10.0.0.0/8") from None

    @field_validator("livekit_url", "livekit_public_url", "supabase_url", mode="after")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and (
            urlsplit(value).scheme not in {"ws", "wss", "http", "https"} or not urlsplit(value).netloc
        ):
            raise ValueError(f"{value!r} is not an address such as wss://host or https://host")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _production_is_safe(self) -> Settings:
        if self.env == "production":
            problems = [*_missing_in_production(self), *_sample_secrets(self)]
            if "*" in self.cors_origins:
                problems.append("FIELDLINE_CORS_ORIGINS: name the origins; '*' is refused in production")
            if self.rate_limit_per_user > MOST_PER_MINUTE or self.rate_limit_per_address > MOST_PER_MINUTE:
                problems.append(f"FIELDLINE_RATE_LIMIT_…: at most {MOST_PER_MINUTE} a minute in production")
            if problems:
                raise ValueError("\n".join(problems))
        return self

    @property
    def spool(self) -> Path:
        """Folder of the calls' spool files."""
        return self.spool_dir or self.home / "spool"


#: What production cannot do without, and where to get it.
REQUIRED_IN_PRODUCTION = {
    "livekit_url": "LIVEKIT_URL: set it to your livekit-server or LiveKit Cloud project, wss://…",
    "livekit_api_key": "LIVEKIT_API_KEY: from livekit.yaml, or Settings > Keys in LiveKit Cloud",
    "livekit_api_secret": "LIVEKIT_API_SECRET: from livekit.yaml, or Settings > Keys in LiveKit Cloud",
    "supabase_url": "SUPABASE_URL: Project Settings > Data API in Supabase",
    "supabase_publishable_key": "SUPABASE_PUBLISHABLE_KEY: Project Settings > API keys in Supabase",
    "line_email": "FIELDLINE_LINE_EMAIL: the worker's own account; `fieldline line-account` makes it",
    "line_password": "FIELDLINE_LINE_PASSWORD: the worker's own account; `fieldline line-account` makes it",
    "files_secret": "FIELDLINE_FILES_SECRET: signs the links to kept sound; openssl rand -hex 32",
}


def _missing_in_production(settings: Settings) -> list[str]:
    elsewhere = () if settings.storage_url.startswith("local:") else ("files_secret",)
    return [
        how for name, how in REQUIRED_IN_PRODUCTION.items() if name not in elsewhere and not getattr(settings, name)
    ]


def _sample_secrets(settings: Settings) -> list[str]:
    """Secrets that everybody knows, or that can be guessed."""
    problems = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name == "livekit_api_key" and value == "devkey":
            problems.append("LIVEKIT_API_KEY: devkey is the key of every development server; make your own")
        if not isinstance(value, SecretStr) or name.endswith(("_url", "_dsn")):
            continue
        secret = value.get_secret_value().lower()
        if len(secret) < MIN_SECRET_LENGTH or secret.startswith(SAMPLE_SECRETS) or "local-only" in secret:
            problems.append(f"{variable(name)}: a sample or short secret; set a random one (openssl rand -hex 32)")
    return problems


def variable(field: str) -> str:
    """The name of the environment variable behind a settings field."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)


def _problems(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for item in error.errors():
        message = item["msg"].removeprefix("Value error, ")
        if not item["loc"]:
            lines.extend(message.split("\n"))
            continue
        field = next((f for f in Settings.model_fields if item["loc"][0] in (f, variable(f))), None)
        about = Settings.model_fields[field].description if field else ""
        lines.append(f"{item['loc'][0]}: {message}" + (f" ({about})" if about else ""))
    return lines


def load_settings(**overrides: Any) -> Settings:
    """Read the environment afresh; `overrides` by field name win.

    Raises:
        SettingsError: with every wrong or missing variable at once.
    """
    try:
        return Settings(**{variable(name): value for name, value in overrides.items()})
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: with every wrong or missing variable at once.
    """
    return load_settings()
