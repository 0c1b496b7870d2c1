"""What anybody who calls may say to the reception in Spanish. The same tools and answers as in `reception.py`.

Words come typed, or from ears in a cloud: the offline ears know English only.
"""

import re
import unicodedata
from typing import Any

from agent.offline.understand.needs import call_or_ask
from agent.offline.understand.outcome import Ask, NotUnderstood, Outcome, Repeat, Understood
from agent.offline.understand.words import Heard, hear, one_of, wordset
from agent.speech import speech
from agent.speech.es.words import DIGITS
from agent.turns import NOTHING, Expectation

TOOLS = wordset("company_facts find_person take_message request_callback transfer_call")

_POLITE = (
    "(?:"
    + one_of(
        "hola, buenos dias, buenas tardes, buenas noches, buenas, por favor, si, pues, disculpe, perdon, oiga, mire, "
        "quiero, quisiera, me gustaria, necesito, puedo, podria, puede, me puede, me podria, se puede, es que"
    )
    + " )*"
)
_END = r"(?: por favor| gracias| muchas gracias| si es posible)* "
_WHO = r"(?P<who>[^ ]+(?: [^ ]+){0,5}?)"
_TO = "(?:con|a|al|para|para el|para la)"
_REACH = (
    "(?:hablar|hable|comunicarme|comunicar|comuniqueme|comunicame|paseme|pasarme|pasar|me comunica|me pasa|"
    "me comunique|busco|estoy buscando|localizar)"
)
_CONNECT = "(?:comuniqueme|comunicame|comunicarme|paseme|pasarme|me comunica|me pasa|me comunique|transfierame)"
_MESSAGE = (
    rf"{_POLITE}(?:dejar|dejarle|deje|tomar|tome|mandar|dar|pasar)(?:me)? (?:un |el )?(?:recado|mensaje)"
    r"(?P<urgent> urgente)?"
    rf"(?: (?:para|a|con) (?:el |la )?{_WHO})?(?: que diga (?P<text>.+?))?{_END}",
    rf"{_POLITE}(?:un )?(?:recado|mensaje)(?P<urgent> urgente)?(?: para (?:el |la )?{_WHO})?{_END}",
    rf"{_POLITE}(?:digale|diganle|dile|avisele|avise) a {_WHO} que (?P<text>.+?){_END}",
)
_BACK = (
    rf"{_POLITE}que me (?:llame|llamen|devuelva la llamada|devuelvan la llamada)(?: {_WHO})?{_END}",
    rf"{_POLITE}que {_WHO} me (?:llame|devuelva la llamada){_END}",
    rf"{_POLITE}(?:me (?:pueden|puede) )?(?:llamar|llamarme|devolver la llamada){_END}",
)
_PERSON = (
    rf"{_POLITE}(?:{_REACH} )?(?:{_TO} )?(?:(?:una|alguna|la) (?:persona|operadora|recepcionista)|un (?:humano|agente|"
    rf"operador|representante)|alguien|operadora|operador|una persona real){_END}"
)
_FIND = (
    rf"{_POLITE}{_REACH} {_TO} {_WHO}{_END}",
    rf"{_POLITE}{_REACH} {_WHO}{_END}",
    rf"{_POLITE}(?:esta|se encuentra|anda) (?:ahi )?(?:el |la )?(?:senor |senora |senorita )?{_WHO}{_END}",
    rf"{_POLITE}quien (?:se encarga de|ve lo de|atiende|maneja|hace) (?:las |los |el |la )?{_WHO}{_END}",
    rf"{_POLITE}(?P<who>alguien (?:de|en) .+?){_END}",
)
_FACTS = (
    ("holidays", r"\b(?:festivos?|feriados?|navidad|ano nuevo|accion de gracias) "),
    ("hours", r"\b(?:horario|horarios|abren|abierto|abierta|abiertos|cierran|cerrado) |\ba que hora .*\b(?:abr|cierr)"),
    ("address", r"\b(?:direccion|ubicacion|ubicados|donde (?:estan|queda|esta la oficina|se encuentran)) "),
    ("services", r"\b(?:servicios?|que (?:hacen|ofrecen|venden|instalan)) "),
    ("parking", r"\b(?:estacionar|estacionamiento|estaciono) "),
    ("payment", r"\b(?:pagar|pago|tarjeta) "),
    ("quotes", r"\b(?:cotizacion|presupuesto|cotizaciones) "),
)
_YES = re.compile(
    "(?:"
    + one_of(
        "si, claro, correcto, es correcto, eso es, asi es, esta bien, de acuerdo, ok, exacto, sale, bueno, por favor, "
        "gracias"
    )
    + " )+"
)
_NO = re.compile(rf"(?:{one_of('no, mejor no, nada, cancelar, cancele, olvidelo, esta mal, incorrecto, gracias')} )+")
_BYE = re.compile(rf"{_POLITE}(?:(?:adios|hasta luego|es todo|eso es todo|nada mas|bye|muchas|gracias) )+")
_REPEAT = re.compile(r"(?:repita|repitalo|como dijo|que dijo|otra vez|no (?:le )?(?:entendi|oi))(?: por favor)? ")
_THANKS = re.compile(r"(?:muchas |mil )?gracias ")
_HELLO = re.compile(rf"(?:{one_of('hola, buenos dias, buenas tardes, buenas noches, buenas')} )+")
_TECHNICIAN = re.compile(r"\bsoy (?:un |una |el |la )?(?:tecnico|tecnica) |\btengo (?:un |mi )?gafete ")
_HELP = re.compile(r"(?:ayuda|que puede hacer|que opciones hay) ")
_OFFICE = re.compile(r"(?:para )?(?:la |el )?(?:oficina|empresa|compania|quien sea|cualquiera|nadie en particular)")
_LEADS = {
    "for_person": "es para, para, para el, para la, con, a, el, la, es",
    "heard": "a, con, el, la, es",
    "text": "digale que, dile que, que, el mensaje es",
    "caller_name": "me llamo, mi nombre es, soy, habla, es, de parte de, a nombre de",
}
_DIGITS = {
    **{word: str(n) for n, word in enumerate(DIGITS)},
    **{"una": "1", "un": "1"},
}


def in_spanish(text: str, expectation: Expectation = NOTHING) -> Outcome:
    """What a Spanish-speaking caller at the reception asks for. Pure."""
    heard = plain(text)
    if not heard.words:
        return NotUnderstood()
    say = speech("es").say
    dictated = expectation.kind == "free_text" and expectation.slot is not None
    if _REPEAT.fullmatch(heard.text):
        return Repeat()
    if expectation.tool in TOOLS and (answered := _answer(heard, expectation)) is not None:
        return answered
    if not dictated:
        for pattern, name in ((_HELP, "reception_help"), (_THANKS, "welcome"), (_HELLO, "hello")):
            if pattern.fullmatch(heard.text):
                return Ask(say(name))
        if _BYE.fullmatch(heard.text):
            return Understood("say_goodbye")
    return _request(heard) or NotUnderstood()


def _request(heard: Heard) -> Outcome | None:
    text = heard.text
    if _TECHNICIAN.search(text):
        return Understood("identify")
    for tool, patterns in (("take_message", _MESSAGE), ("request_callback", _BACK)):
        for pattern in patterns:
            if match := re.fullmatch(pattern, text):
                return call_or_ask(tool, _left(heard, match), "es")
    for topic, pattern in _FACTS:
        if re.search(pattern, text):
            return Understood("company_facts", {"topic": topic})
    if re.fullmatch(_PERSON, text):
        return Understood("transfer_call")
    if match := re.fullmatch(rf"{_POLITE}{_CONNECT} {_TO} {_WHO}{_END}", text):
        return Understood("transfer_call", {"whom": _without_de(_original(heard, match, "who"))})
    found = next((match for pattern in _FIND if (match := re.fullmatch(pattern, text))), None)
    return Understood("find_person", {"heard": _without_de(_original(heard, found, "who"))}) if found else None


def _without_de(who: str) -> str:
    return re.sub(r"^(?:alguien (?:de|en|del)|el|la|departamento de)\s+(?:la\s+|el\s+)?", "", who, flags=re.IGNORECASE)


def _left(heard: Heard, match: re.Match[str]) -> dict[str, Any]:
    groups = match.groupdict()
    left: dict[str, Any] = {}
    if who := groups.get("who"):
        left["for_person"] = "" if _OFFICE.fullmatch(who) or who == "alguien" else _original(heard, match, "who")
    elif match.re.pattern in _BACK:
        left["for_person"] = ""
    if groups.get("text"):
        left["text"] = _original(heard, match, "text")
    if groups.get("urgent"):
        left["urgent"] = True
    return left


def _answer(heard: Heard, expectation: Expectation) -> Outcome | None:
    text, tool, slot, kept = heard.text, expectation.tool or "", expectation.slot, dict(expectation.arguments)
    say = speech("es").say
    if expectation.kind == "yes_no":
        if _YES.fullmatch(text):
            return call_or_ask(tool, kept, "es")
        if _NO.fullmatch(text):
            return Ask(say("cancelled" if kept.get("confirmed") else "anything_else"))
        if kept.pop("confirmed", False):
            return _corrected(heard, tool, kept)
        return None
    if slot is None:
        return None
    if slot == "number":
        if re.fullmatch(r"(?:no|ninguno|no tengo)(?: .*)? ", text):
            return call_or_ask(tool, {**kept, "number": "none"}, "es")
        digits = _digits(text)
        return call_or_ask(tool, {**kept, "number": digits}, "es") if digits else None
    if _NO.fullmatch(text):
        return Ask(say("cancelled"))
    lead = re.match(rf"(?:{one_of(_LEADS.get(slot, 'es'))} )+", text)
    bare = heard.part(len(lead[0].split())) if lead and len(lead[0].split()) < len(heard.words) else heard
    if slot == "for_person" and _OFFICE.fullmatch(heard.text.strip()):
        return call_or_ask(tool, {**kept, slot: ""}, "es")
    return call_or_ask(tool, {**kept, slot: _said(bare, 0)}, "es")


def _corrected(heard: Heard, tool: str, kept: dict[str, Any]) -> Outcome | None:
    """ "No, mi número es …", "no, me llamo …", "sí, pero es urgente"."""
    text = heard.text
    if match := re.search(r"\bnumero es (?P<it>.+) ", text):
        return call_or_ask(tool, {**kept, "number": _digits(match["it"]) or match["it"]}, "es")
    if match := re.search(r"\b(?:me llamo|mi nombre es) (?P<it>.+) ", text):
        return call_or_ask(tool, {**kept, "caller_name": _original(heard, match, "it")}, "es")
    if match := re.search(r"\bes para (?P<it>.+) ", text):
        return call_or_ask(tool, {**kept, "for_person": _original(heard, match, "it")}, "es")
    if re.search(r"\burgente ", text):
        return call_or_ask(tool, {**kept, "urgent": True}, "es")
    return Ask(speech("es").say("cancelled")) if heard.words[0] == "no" else None


def _digits(text: str) -> str:
    digits = "".join(_DIGITS.get(word, word if word.isdigit() else "") for word in text.split())
    return digits if len(digits) >= 3 else ""


def _original(heard: Heard, match: re.Match[str], group: str) -> str:
    start = len(match.string[: match.start(group)].split())
    return _said(heard, start, start + len(match[group].split()))


def _said(heard: Heard, start: int, end: int | None = None) -> str:
    return heard.verbatim(start, end).strip("¿?¡! ")


def plain(text: str) -> Heard:
    """The words without accents; what was said comes back with them."""
    heard = hear(text.replace("¿", " ").replace("¡", " "))
    return Heard(tuple(_bare(word) for word in heard.words), heard.origin, heard.original)


def _bare(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
