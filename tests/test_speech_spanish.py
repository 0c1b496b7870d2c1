"""What a caller hears in Spanish: numbers, times and days as they are said, and the sentences of a call."""

from typing import Any

import pytest

from agent.speech import speech
from agent.speech.es.words import at, cardinal, clock, counted, day, listed, named_day, phone, spoken_number

NEW_YORK = "America/New_York"


def say(name: str, **facts: Any) -> str:
    return speech("es-US").say(name, facts, NEW_YORK)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (13, 0, "la una de la tarde"),
        (7, 0, "las siete de la mañana"),
        (16, 30, "las cuatro y media de la tarde"),
        (9, 15, "las nueve y cuarto de la mañana"),
        (20, 5, "las ocho y cinco de la noche"),
        (12, 0, "el mediodía"),
        (0, 0, "la medianoche"),
    ],
)
def test_times_have_their_article_and_part_of_the_day(hour: int, minute: int, said: str):
    assert clock(hour, minute) == said


def test_at_a_time():
    assert at(clock(13, 0)) == "a la una de la tarde"
    assert at(clock(12, 0)) == "al mediodía"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (201, "dos cero uno"),
        (210, "doscientos diez"),
        (1042, "diez cuarenta y dos"),
        (1005, "diez cero cinco"),
        (1100, "once cien"),
        (2000, "dos mil"),
        (7, "siete"),
    ],
)
def test_numbers_that_are_names_are_said_in_pairs(number: int, said: str):
    assert spoken_number(number) == said


def test_counts_agree_with_what_is_counted():
    assert counted(1, "mensaje", "mensajes") == "un mensaje"
    assert counted(21, "mensaje", "mensajes") == "veintiún mensajes"
    assert counted(31, "visita", "visitas", feminine=True) == "treinta y una visitas"
    assert cardinal(2.5) == "dos punto cinco"


def test_days_and_lists():
    assert day("2026-03-01") == "el domingo primero de marzo"
    assert named_day("next monday") == "el lunes de la próxima semana"
    assert phone("+12025550177") == "dos cero dos, cinco cinco cinco, cero uno siete siete"
    assert listed(["Ana", "Inés"]) == "Ana e Inés" and listed(["siete", "ocho"], "o") == "siete u ocho"


def test_caller_hears_hours_person_and_message_in_spanish():
    hours = {"date": "2026-03-04", "open_now": False, "reason": "closed", "opens_at": "2026-03-05T12:00:00Z"}
    assert say("greeting", greeting="Northgate, asistente virtual", hours=hours) == (
        "Northgate, asistente virtual. Está cerrado ahora y abrimos mañana a las siete de la mañana."
    )
    match = {"kind": "employee", "name": "Karen Miller", "by_name": True, "sure": True, "reachable": False}
    away = {**match, "reason": "busy", "next_at": None, "instead": "Tom Baker"}
    assert say("find_person", matches=[away]) == (
        "Karen Miller está en otra cosa ahora. Del mismo departamento está Tom Baker. ¿Quiere dejar un mensaje?"
    )
    message = {"for": "Karen Miller", "caller_name": "Ana", "number": "+12025550177", "text": "La puerta está abierta."}
    assert say("confirm_message", **message) == (
        "Un mensaje para Karen Miller de parte de Ana, al dos cero dos, cinco cinco cinco, cero uno siete siete: "
        "La puerta está abierta. ¿Es correcto?"
    )


def test_a_sentence_that_is_missing_is_said_in_english_rather_than_not_at_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(speech("es")._SENTENCES, "welcome")
    assert say("welcome") == speech("en").say("welcome")
