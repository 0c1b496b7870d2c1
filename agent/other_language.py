"""A caller who speaks, or asks for, another language than the line: recognised by a few words, without a model.

Ears for one language make little of another, so the rule knows the question itself ("¿habla español?", "parlez-vous
français?") and, for written or well-heard Spanish, its commonest words.
"""

from __future__ import annotations

import re
import unicodedata

from agent.call import Call
from agent.offline.understand.words import wordset
from agent.offline.voice import OfflineTTS
from agent.pipeline import Pipeline
from agent.speech import is_spoken, speech

#: The question in its own language, and as an English speaker asks for it; the name of the language by its tag.
_ASKED = {
    "es": r"habla[ns]? (?:usted(?:es)? )?espanol|en espanol|alguien que hable espanol|no hablo ingles",
    "fr": r"parle[sz]?[ -](?:vous|tu) (?:le )?francais|en francais|je ne parle pas (?:l )?anglais",
    "de": r"sprechen sie (?:auch )?deutsch|spricht (?:hier )?jemand deutsch|auf deutsch|ich spreche kein englisch",
    "it": r"parla(?:te)? (?:l )?italiano|in italiano|non parlo inglese",
    "pt": r"fala(?:m)? portugues|em portugues|nao falo ingles",
    "zh": r"ni (?:hui )?shuo zhongwen|shuo zhongwen ma|hui shuo putonghua",
    "en": r"do you speak english|in english|english please|speak english",
}
_NAMES = {
    "spanish": "es",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "portuguese": "pt",
    "chinese": "zh",
    "mandarin": "zh",
    "vietnamese": "vi",
    "korean": "ko",
    "arabic": "ar",
    "russian": "ru",
    "polish": "pl",
    "tagalog": "tl",
}
_EVERY = "|".join(_NAMES)
_BY_NAME = re.compile(
    r"(?:do you|does (?:anyone|anybody|somebody|someone)|can you|anybody|anyone|somebody who|someone who)(?: here)?"
    rf"(?: can)? speaks? (?P<a>{_EVERY})|^(?:hi |hello )?(?P<b>{_EVERY})(?: please)?$|i (?:only )?speak (?P<c>{_EVERY})"
)
_SPANISH = wordset(
    "hola quiero quisiera necesito puedo puede esta estan para con una los las el que por favor gracias mi me hablar "
    "mensaje donde cuando como senor senora buenos buenas dias tardes llamo dejar oficina abren abierto si"
)
#: Words that both languages have, or that names do.
_MOST = 0.5
_LEAST = 3


def asked_language(text: str) -> str | None:
    """The tag of the language that a caller asks for or plainly speaks, or None."""
    plain = _plain(text)
    for tag, pattern in _ASKED.items():
        if re.search(rf"\b(?:{pattern})\b", plain):
            return tag
    if match := _BY_NAME.search(plain):
        return _NAMES[match["a"] or match["b"] or match["c"]]
    words = plain.split()
    known = sum(word in _SPANISH for word in words)
    return "es" if known >= _LEAST and known >= _MOST * len(words) else None


def speaks(call: Call, language: str) -> bool:
    """Whether the company lists this language, and there are sentences in it."""
    return is_spoken(language) and language in (call.company["settings"].get("languages") or ["en"])


def go_on_in(call: Call, language: str) -> None:
    """Another language from here on: sentences, rules, fillers and the voice."""
    call.chosen_language = call.expecting.language = language
    call.voice_in(language)
    call.recorder.event("language", language=language)


def change_voice(call: Call, voice: OfflineTTS, pipeline: Pipeline, language: str) -> None:
    """Ears and voices, in clouds and the offline one, and the fillers, follow the language."""
    voice.speak_in(language)
    pipeline.speak_in(language)
    if call.phrases is not None:
        call.work.background(call.phrases.change_fillers(speech(language).FILLERS), lasting=True)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return re.sub(r"[^a-z]+", " ", bare).strip()
