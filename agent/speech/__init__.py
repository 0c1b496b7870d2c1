"""What the line says: one package of sentences per language, chosen by `speech`.

Every language package offers `say(name, facts, tz)` and `NAMES`; tools and the life of a call know only these.
"""

from types import ModuleType

from agent.speech import en, es

_LANGUAGES: dict[str, ModuleType] = {"en": en, "es": es}


def speech(language: str) -> ModuleType:
    """The sentences of a language tag such as `en` or `en-US`; English where we do not speak it (yet)."""
    return _LANGUAGES.get(language.lower().split("-")[0], en)


def is_spoken(language: str) -> bool:
    """Whether there are sentences in this language."""
    return language.lower().split("-")[0] in _LANGUAGES
