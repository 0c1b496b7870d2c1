"""The providers of providers.yaml, built from the settings' keys. One small function per provider and kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from livekit.agents import llm, stt, tts
from livekit.plugins import deepgram, elevenlabs, openai
from pydantic import BaseModel, ConfigDict, ValidationError

from fieldline.errors import SettingsError
from fieldline.settings import Settings, variable

#: Groq speaks OpenAI's protocol, here.
GROQ_URL = "https://api.groq.com/openai/v1"
OFFLINE = "offline"

Kind = Literal["stt", "llm", "tts"]
Options = Mapping[str, Any]


class Link(BaseModel):
    """One link of a chain: who, and the options of that provider's plugin."""

    model_config = ConfigDict(extra="allow", frozen=True)
    provider: str

    @property
    def options(self) -> Options:
        return self.model_extra or {}


class Providers(BaseModel):
    """The content of providers.yaml: a chain for each kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stt: tuple[Link, ...]
    llm: tuple[Link, ...]
    tts: tuple[Link, ...]


#: Where the key of a provider comes from; `offline` needs none.
KEYS = {
    "deepgram": "deepgram_api_key",
    "elevenlabs": "eleven_api_key",
    "openai": "openai_api_key",
    "groq": "groq_api_key",
}


def load_providers(path: Path) -> Providers:
    """Read and check the file.

    Raises:
        SettingsError: with every problem, when it is missing, not YAML, or names an unknown provider.
    """
    try:
        providers = Providers.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError([f"FIELDLINE_PROVIDERS_FILE: {path} cannot be read ({error.strerror})"]) from error
    except (ValidationError, yaml.YAMLError) as error:
        raise SettingsError([f"{path.name}: {error}"]) from error
    problems = [
        f"{path.name}: {kind} names {link.provider!r}; known are {', '.join(sorted(_BUILDERS[kind]))} and offline"
        for kind in _BUILDERS
        for link in getattr(providers, kind)
        if link.provider != OFFLINE and link.provider not in _BUILDERS[kind]
    ]
    if problems:
        raise SettingsError(problems)
    return providers


def key_of(settings: Settings, provider: str) -> str | None:
    """The provider's key, None when it is not set."""
    secret = getattr(settings, KEYS[provider])
    return secret.get_secret_value() if secret else None


def with_key(settings: Settings, chain: tuple[Link, ...]) -> list[Link]:
    """The cloud links of a chain that have a key."""
    return [link for link in chain if link.provider != OFFLINE and key_of(settings, link.provider)]


def build(settings: Settings, kind: Kind, link: Link) -> Any:
    """Construct one provider.

    Raises:
        SettingsError: when its options are not what the plugin takes.
    """
    try:
        return _BUILDERS[kind][link.provider](settings, link.options)
    except (TypeError, ValueError) as error:
        name = variable(KEYS[link.provider])
        raise SettingsError([f"providers.yaml: {kind} {link.provider}: {error} (key from {name})"]) from error


def _base_url(url: str | None, path: str = "") -> Options:
    return {"base_url": f"{url.rstrip('/')}{path}"} if url else {}


def _deepgram_stt(settings: Settings, options: Options) -> stt.STT:
    key = key_of(settings, "deepgram") or ""
    return deepgram.STT(api_key=key, **_base_url(settings.deepgram_base_url, "/v1/listen"), **options)


def _groq_stt(settings: Settings, options: Options) -> stt.STT:
    url = settings.groq_base_url or GROQ_URL
    return openai.STT(api_key=key_of(settings, "groq") or "", base_url=url, **options)


def _openai_llm(settings: Settings, options: Options) -> llm.LLM:
    return openai.LLM(api_key=key_of(settings, "openai") or "", **_base_url(settings.openai_base_url), **options)


def _groq_llm(settings: Settings, options: Options) -> llm.LLM:
    url = settings.groq_base_url or GROQ_URL
    return openai.LLM(api_key=key_of(settings, "groq") or "", base_url=url, **options)


def _elevenlabs_tts(settings: Settings, options: Options) -> tts.TTS:
    key = key_of(settings, "elevenlabs") or ""
    return elevenlabs.TTS(api_key=key, encoding="pcm_24000", **_base_url(settings.eleven_base_url), **options)


def _deepgram_tts(settings: Settings, options: Options) -> tts.TTS:
    key = key_of(settings, "deepgram") or ""
    return deepgram.TTS(api_key=key, **_base_url(settings.deepgram_base_url, "/v1/speak"), **options)


_BUILDERS: Mapping[Kind, Mapping[str, Callable[[Settings, Options], Any]]] = {
    "stt": {"deepgram": _deepgram_stt, "groq": _groq_stt},
    "llm": {"openai": _openai_llm, "groq": _groq_llm},
    "tts": {"elevenlabs": _elevenlabs_tts, "deepgram": _deepgram_tts},
}
