"""Callers who speak another language than the line: answered in it where there are sentences, and never turned away."""

from __future__ import annotations

from typing import LiteralString

import pytest

from agent.chat import text_call
from agent.offline.rules import Ask, Understood
from agent.offline.understand.spanish import in_spanish
from agent.offline.voice import OfflineTTS
from agent.other_language import asked_language
from agent.turns import Expectation
from tests.support.calls import COMPANY, STRANGER, rows
from tests.support.stacks import Supabase

SPEAKS_SPANISH: LiteralString = (
    """update company_info set settings = settings || '{"languages": ["en", "es"]}' returning id"""
)
SPANISH_ONLY: LiteralString = """update company_info set settings = settings || '{"languages": ["es"]}' returning id"""


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("¿habla español?", "es"),
        ("do you speak Spanish", "es"),
        ("Spanish please", "es"),
        ("hola, quiero hablar con una persona por favor", "es"),
        ("Parlez-vous français?", "fr"),
        ("Sprechen Sie Deutsch?", "de"),
        ("parla italiano?", "it"),
        ("does anybody speak Vietnamese", "vi"),
        ("in English please", "en"),
        ("can I speak to Karen Miller", None),
        ("I need the Spanish Court office", None),
        ("when are you open", None),
        ("los angeles", None),
        ("", None),
    ],
)
def test_language_that_a_caller_asks_for_is_recognised(said: str, language: str | None) -> None:
    assert asked_language(said) == language


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("¿A qué hora abren?", "company_facts", {"topic": "hours"}),
        ("¿Dónde están ubicados?", "company_facts", {"topic": "address"}),
        ("¿Qué servicios ofrecen?", "company_facts", {"topic": "services"}),
        ("Quiero hablar con Karen Miller, por favor", "find_person", {"heard": "Karen Miller"}),
        ("¿Está Nina Patel?", "find_person", {"heard": "Nina Patel"}),
        ("alguien de ventas", "find_person", {"heard": "ventas"}),
        ("quiero hablar con una persona", "transfer_call", {}),
        ("comuníqueme con Karen", "transfer_call", {"whom": "Karen"}),
        (
            "Dígale a Karen que la puerta está abierta",
            "take_message",
            {"for_person": "Karen", "text": "la puerta está abierta"},
        ),
        ("quiero que me llamen", "request_callback", {"for_person": ""}),
        ("soy técnico", "identify", {}),
        ("gracias, hasta luego", "say_goodbye", {}),
    ],
)
def test_spanish_request_becomes_a_tool_call(said: str, tool: str, arguments: dict[str, object]) -> None:
    assert in_spanish(said) == Understood(tool, arguments)


def test_spanish_answers_fill_what_was_asked() -> None:
    asked = in_spanish("Quiero dejar un mensaje para Karen")
    assert isinstance(asked, Ask) and asked.sentence == "¿Cuál es su mensaje?"
    for said, slot, value in (
        ("me llamo Ana López", "caller_name", "Ana López"),
        ("dos cero dos cinco cinco cinco cero uno siete siete", "number", "2025550177"),
    ):
        expected = Expectation("free_text", "take_message", {"for_person": "Karen", "text": "Hola"}, slot)
        assert in_spanish(said, expected) == Understood(
            "take_message", {"for_person": "Karen", "text": "Hola", slot: value}
        )


async def test_caller_may_go_on_in_spanish_where_the_company_speaks_it(supabase: Supabase) -> None:
    await rows(supabase, SPEAKS_SPANISH)
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        assert "automated assistant" in " ".join(await call.answer())
        assert await call.say("¿habla español?") == ["Sí, hablo español. ¿En qué le puedo ayudar?"]
        assert "Nina Patel está disponible" in " ".join(await call.say("quiero hablar con Nina Patel"))
        assert "¿Quiere dejar un mensaje?" in " ".join(await call.say("sí, por favor"))
        assert "¿Cuál es su mensaje?" in " ".join(await call.say("sí"))
        assert "¿De parte de quién?" in " ".join(await call.say("La cámara no funciona"))
        assert "La cámara no funciona. ¿Es correcto?" in " ".join(await call.say("me llamo Ana López"))
        assert "Ya pasé su mensaje para Nina Patel" in " ".join(await call.say("sí, es correcto"))
        assert "All right, in English" in " ".join(await call.say("in English please"))
        assert "Industrial Road" in " ".join(await call.say("where are you located"))
    assert await rows(supabase, "select from_caller, message_text from messages") == [
        ("Ana López", "La cámara no funciona")
    ]


async def test_where_the_company_does_not_a_message_is_taken(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        assert "solo le podemos atender en inglés" in " ".join(await call.say("hola, ¿habla español?"))
        assert "Who shall I say" in " ".join(await call.say("Necesito una cotización para mi tienda"))
        assert "cotización para mi tienda" in " ".join(await call.say("Ana López"))
        assert "passed your message" in " ".join(await call.say("yes"))
    assert await rows(supabase, "select count(*) from messages") == [(1,)]


async def test_a_language_without_sentences_is_answered_in_english(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        assert "only speak English" in " ".join(await call.say("Parlez-vous français?"))


async def test_company_may_forbid_the_switch(supabase: Supabase) -> None:
    await rows(supabase, SPEAKS_SPANISH)
    await rows(supabase, """update company_info set settings = settings || '{"language_switch": false}' returning id""")
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        assert "solo le podemos atender en inglés" in " ".join(await call.say("¿habla español?"))


async def test_spanish_company_greets_and_warns_in_spanish(supabase: Supabase) -> None:
    await rows(supabase, SPANISH_ONLY)
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        said = " ".join(await call.answer())
        assert "Hoy cerramos a las cuatro de la tarde" in said and "¿En qué le puedo ayudar?" in said
        assert "Salga del edificio ahora mismo" in " ".join(await call.say("huele a gas en mi cocina"))
        assert "Está abierto ahora" in " ".join(await call.say("¿a qué hora abren?"))
        assert "no le entendí" in " ".join(await call.say("el perro come zanahorias"))


def test_offline_voice_speaks_spanish_and_goes_back() -> None:
    voice = OfflineTTS()
    if not voice.available():
        pytest.skip("espeak-ng cannot be started here")
    english = voice.pcm("Un momento, por favor.")
    voice.speak_in("es-MX")
    assert voice.model == "espeak-ng es-419" and voice.pcm("Un momento, por favor.") != english
    voice.speak_in("en")
    assert voice.model == "espeak-ng" and voice.pcm("Un momento, por favor.") == english
