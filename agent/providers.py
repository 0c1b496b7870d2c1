"""The providers of providers.yaml, built from the settings' keys. One small function per provider and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx2
import yaml
from livekit.agents import llm, stt, tts
from livekit.plugins import deepgram, elevenlabs, openai
from openai import AsyncOpenAI
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldline.errors import SettingsError
from fieldline.settings import Settings, variable
from fieldline.tls import tls

#: Groq speaks OpenAI's protocol, here.
GROQ_URL = "https://api.groq.com/openai/v1"
OFFLINE = "offline"

Kind = Literal["stt", "llm", "tts"]
Options = Mapping[str, Any]


#: Seconds that one attempt may take before the next link is asked. A caller hears fillers meanwhile, so longer is worse
#: than the next link: a first token takes 0.3 to 0.6 s, a first sound 0.1 to 0.3 s.
ATTEMPT_S: Mapping[Kind, float] = {"stt": 1.5, "llm": 1.8, "tts": 1.2}
#: Flux holds words back until it takes the turn for over, by itself after 3000 ms. When that is so is the line's own
#: business (agent/turns/), and words that are late are asked for elsewhere, so it gets the least that it takes.
FLUX_TURN_MS = 500
#: As the openai plugin, which speaks through httpx2, sets its own client: seconds, and connections that are kept.
_TIMEOUT = httpx2.Timeout(connect=15.0, read=5.0, write=5.0, pool=5.0)
_LIMITS = httpx2.Limits(max_connections=50, max_keepalive_connections=50, keepalive_expiry=120)


class Prices(BaseModel):
    """What the operator pays, in whatever currency: nothing is known here, so nothing is assumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    per_minute: float = 0.0
    per_million_input_tokens: float = 0.0
    per_million_output_tokens: float = 0.0
    per_million_characters: float = 0.0


class Link(BaseModel):
    """One link of a chain: who, how long an attempt may take, what it costs, and the options of its plugin."""

    model_config = ConfigDict(extra="allow", frozen=True)
    provider: str
    attempt_s: float | None = Field(default=None, gt=0, le=10)
    prices: Prices | None = None

    @property
    def options(self) -> Options:
        return self.model_extra or {}


class Chains(BaseModel):
    """What one company has of its own; None is what everybody has."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stt: tuple[Link, ...] | None = None
    llm: tuple[Link, ...] | None = None
    tts: tuple[Link, ...] | None = None


class Providers(BaseModel):
    """The content of providers.yaml: a chain for each kind, and the chains of companies that have their own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stt: tuple[Link, ...]
    llm: tuple[Link, ...]
    tts: tuple[Link, ...]
    companies: Mapping[str, Chains] = Field(default_factory=dict)

    def of(self, company: str | None) -> Providers:
        """The chains that serve a company, by its name."""
        own = self.companies.get(company or "")
        if own is None:
            return self
        return self.model_copy(update={kind: chain for kind, chain in own if chain is not None})

    def links(self) -> list[tuple[Kind, Link]]:
        """Every link of the file, with its kind."""
        kinds: tuple[Kind, ...] = ("stt", "llm", "tts")
        owners = (self, *self.companies.values())
        return [(kind, link) for owner in owners for kind in kinds for link in getattr(owner, kind) or ()]


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
        for kind, link in providers.links()
        if link.provider != OFFLINE and link.provider not in _BUILDERS[kind]
    ]
    if problems:
        raise SettingsError(problems)
    return providers


def names_of(chain: Sequence[Link]) -> list[str]:
    """What links are called in events and metrics: their provider, with the model where two share one."""
    shared = Counter(link.provider for link in chain)
    return [
        f"{link.provider} {link.options.get('model', '')}".strip() if shared[link.provider] > 1 else link.provider
        for link in chain
    ]


def key_of(settings: Settings, provider: str) -> str | None:
    """The provider's key, None when it is not set."""
    secret = getattr(settings, KEYS[provider])
    return secret.get_secret_value() if secret else None


def with_key(settings: Settings, chain: tuple[Link, ...]) -> list[Link]:
    """The cloud links of a chain that have a key."""
    return [link for link in chain if link.provider != OFFLINE and key_of(settings, link.provider)]


def build(settings: Settings, kind: Kind, link: Link, language: str = "en") -> Any:
    """Construct one provider; `language` counts where the file does not name one.

    Raises:
        SettingsError: when its options are not what the plugin takes.
    """
    try:
        return _BUILDERS[kind][link.provider](settings, options_of(kind, link, language))
    except (TypeError, ValueError) as error:
        name = variable(KEYS[link.provider])
        raise SettingsError([f"providers.yaml: {kind} {link.provider}: {error} (key from {name})"]) from error


def options_of(kind: Kind, link: Link, language: str) -> Options:
    """What a link's plugin is given: the file's options, and the language where the file does not name one."""
    return {**_LANGUAGE.get((kind, link.provider), _no_options)(language, link.options), **link.options}


def change_language(kind: Kind, link: Link, part: Any, language: str) -> Options:
    """Tell a built provider another language, unless the file names one; returns what it now goes by.

    Open streams follow: the plugins connect them anew.
    """
    told = _LANGUAGE.get((kind, link.provider), _no_options)(language, link.options)
    changed = {name: value for name, value in told.items() if name not in link.options}
    if changed:
        # Models for one language only are left for another one, and come back with theirs.
        comes_back = kind == "stt" and "model" in link.options and not is_flux(link.options)
        models = {"model": link.options["model"]} if comes_back else {}
        part.update_options(**changed, **models)
    return options_of(kind, link, language)


def is_flux(options: Options) -> bool:
    """Whether a link of Deepgram's is one of the models that are reached in a way of their own."""
    return str(options.get("model", "")).startswith("flux")


def _no_options(_language: str, _options: Options) -> Options:
    return {}


def _same(language: str, _options: Options) -> Options:
    return {"language": language}


def _region(language: str, options: Options) -> Options:
    """Deepgram's English models differ by country; its other languages are asked for as such, and hinted to Flux."""
    if is_flux(options):
        return {"language_hint": [language]} if options["model"] == "flux-general-multi" else {}
    return {"language": "en-US" if language == "en" else language}


#: How a provider is told the language; the voices of Deepgram are of one language each.
_LANGUAGE: Mapping[tuple[Kind, str], Callable[[str, Options], Options]] = {
    ("stt", "deepgram"): _region,
    ("stt", "groq"): _same,
    ("tts", "elevenlabs"): _same,
}


def _base_url(url: str | None, path: str = "") -> Options:
    return {"base_url": f"{url.rstrip('/')}{path}"} if url else {}


def _deepgram_stt(settings: Settings, options: Options) -> stt.STT:
    key = key_of(settings, "deepgram") or ""
    if is_flux(options):
        base = _base_url(settings.deepgram_base_url, "/v2/listen")
        return deepgram.STTv2(api_key=key, **base, **{"eot_timeout_ms": FLUX_TURN_MS, **options})
    return deepgram.STT(api_key=key, **_base_url(settings.deepgram_base_url, "/v1/listen"), **options)


def _groq_stt(settings: Settings, options: Options) -> stt.STT:
    return openai.STT(client=_client(settings, "groq", settings.groq_base_url or GROQ_URL), **options)


def _openai_llm(settings: Settings, options: Options) -> llm.LLM:
    return OpenAIModel(_client(settings, "openai", settings.openai_base_url), **options)


def _groq_llm(settings: Settings, options: Options) -> llm.LLM:
    return OpenAIModel(_client(settings, "groq", settings.groq_base_url or GROQ_URL), **options)


class OpenAIModel(openai.LLM):
    """The plugin with a client of ours, which it closes as it would its own."""

    def __init__(self, client: AsyncOpenAI, **options: Any) -> None:
        super().__init__(client=client, **options)
        self._ours = client

    def chat(self, **asked: Any) -> openai.LLMStream:
        """The plugin's stream, which shows that the model works also while it hides what comes.

        A tool call is shown when it is complete. Whoever waits has to know a long one from a dead model, so each piece
        without words comes as a chunk with nothing in it.
        """
        stream = super().chat(**asked)
        parse = stream._parse_choice

        def shown(id: str, choice: Any, thinking_filter: Any) -> llm.ChatChunk:
            nothing = llm.ChoiceDelta(role="assistant")
            return parse(id, choice, thinking_filter) or llm.ChatChunk(id=id, delta=nothing)

        stream._parse_choice = shown
        return stream

    async def aclose(self) -> None:
        await super().aclose()
        await self._ours.close()


def _client(settings: Settings, provider: str, url: str | None) -> AsyncOpenAI:
    """A client like the plugin's own, which reads all certificates anew for every call."""
    http = httpx2.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, follow_redirects=True, verify=tls())
    return AsyncOpenAI(api_key=key_of(settings, provider) or "", base_url=url, max_retries=0, http_client=http)


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
