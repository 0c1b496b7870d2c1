"""What somebody who is rung answers in Spanish, and what a caller on hold wants. Words come without accents."""

import re

from agent.offline.understand.answered import Rules
from agent.offline.understand.words import one_of

_LEAD = (
    "(?:"
    + one_of(
        "hola, bueno, pues, si, no, ok, claro, ay, perdon, disculpe, lo siento, por favor, gracias, pero, oiga, mire, "
        "buenos dias, buenas tardes, buenas, ahora, ahorita, la verdad, mejor, esta bien"
    )
    + " )*"
)
_SELF = r"(?:(?:soy|habla|le habla|aqui) (?!un |una |el |la )[a-z]+)"
_WEAK = one_of(
    "si, si senor, si senora, claro, claro que si, por supuesto, ok, vale, sale, de acuerdo, esta bien, adelante, "
    "con gusto, como no, uno, "
    "el uno, desde luego, perfecto, andale, si puedo, puedo contestar, puedo hablar"
)
_THEM = "(?:lo|la|le|los|las|les|mela|melo|me lo|me la)"
_WHOM = "(?:el|ella|ellos|ellas|el cliente|la clienta|el senor|la senora|esa persona)"
_CALL = "(?:la llamada|al cliente|a la clienta|al senor|a la senora|la)"
_STRONG = (
    r"(?:(?:la |lo |le |yo la |yo lo |si la |si lo |yo )?(?:acepto|contesto|tomo|atiendo|recibo)(?: la llamada)?|"
    r"(?:yo )?(?:hablo|voy a hablar|puedo hablar) con " + _WHOM + "|"
    r"(?:(?:pase|pasa|comunique|comunica|conecte|conecta|transfiera|transfiere|enlace|enlaza|ponga|pon)"
    r"(?:me|nos|lo|la|los|las|melo|mela|noslo|nosla)"
    rf"|me (?:lo |la |los |las )?(?:pasa|pase|comunica|comunique|conecta))(?: {_CALL})?|"
    rf"(?:la |lo )?puedo (?:tomar|contestar|atender)(?:la|lo)?(?: la llamada)?)"
)
_END = "(?: (?:por favor|gracias|muchas gracias|ahora|pues|entonces|con gusto))* "
_SURE = rf"(?:(?:{_WEAK}|{_STRONG}) )*"
_ACCEPTED = (
    rf"(?:(?!no ){_LEAD}(?<!\bno )(?:{_SELF} )?{_SURE}(?:{_WEAK}|{_STRONG})(?: {_SELF})?{_END}"
    # "No" right before a verb turns it round.
    rf"|{_LEAD}(?:{_SELF} )?{_SURE}(?<!\bno ){_STRONG}(?: {_WEAK})*{_END})"
)
_NO = one_of(
    "no, claro que no, ahora no, ahorita no, hoy no, en este momento no, no puedo, no quiero, rechazo, rechazar, "
    "rechace, la rechazo, "
    "dos, el dos, ocupado, ocupada, estoy ocupado, estoy ocupada, estoy en, estoy con, estoy manejando, no estoy, "
    "voy manejando, luego, mas tarde, despues, otro dia"
)
_BACK = (
    r"(?:(?:luego|despues|mas tarde|al rato|yo)(?: yo)? (?:le|lo|la|les) (?:llamo|marco|hablo|devuelvo)|"
    r"(?:yo )?(?:le|lo|la|les) (?:llamo|marco|devuelvo)|(?:dile |digale )?que (?:me )?(?:llame|marque|hable|vuelva))"
)
_RECORDED = (
    r"\b(?:despues (?:del|de la) (?:tono|senal)|(?:al|oir el) tono|ha (?:llamado|comunicado)|se ha comunicado|"
    r"contestadora|grabe su|graba tu|(?:numero|persona) (?:que|al? que|a la que) (?:usted )?(?:marco|llama|ha marcado|"
    r"intenta)|fuera (?:del area )?de (?:servicio|cobertura)|apagado|buzon (?:de voz )?(?:de|esta)|"
    r"(?:su|tu) (?:llamada|nombre|mensaje)|te (?:llamo|devuelvo)) "
)

SPANISH = Rules(
    idle=((re.compile(r"\bno (?:hay|es) (?:ningun )?problema |\bno se preocupe "), ""),),
    message=re.compile(
        rf"\A{_LEAD}(?:un |el )?(?:mensaje|recado) |\A{_LEAD}(?:el )?tres |"
        r"\b(?:tome|toma|anote|anota|reciba|tomele|tomale|anotele|pida|pidale)(?:me)? (?:el |un |su )?(?:mensaje|"
        r"recado) |"
        r"\bque (?:me |le )?(?:deje|dejen|mande|manden) (?:un |el |su )?(?:mensaje|recado|texto) "
    ),
    cannot=re.compile(r"\b(?:ahora|ahorita|perdon|lo siento) no (?:la |lo )?puedo |\bno (?:la|lo) puedo "),
    machine=re.compile(
        _RECORDED + r"|\b(?:buzon|no (?:esta|se encuentra|me encuentro|estoy) disponible|"
        r"(?:deje|deja|dejame|dejeme|dejanos|dejenos) (?:un |una |su |tu )?(?:mensaje|recado|nombre)) "
    ),
    recorded=re.compile(_RECORDED),
    accepted=re.compile(_ACCEPTED),
    declined=re.compile(rf"{_LEAD}(?:{_NO}|{_BACK}|(?:dile|digale) que) ?.*|.* (?:luego|mas tarde|despues|manana) "),
    cancel=re.compile(
        r"(?:(?:ok|no|ay|bueno|mejor|ya|por favor|gracias) )*(?:cancelar|cancele|cancela|cancelelo|olvidelo|olvidalo|"
        r"dejelo|dejalo|ya no|(?:ya )?no quiero esperar.*|luego (?:llamo|vuelvo a llamar|marco)|llamo (?:luego|"
        r"mas tarde|"
        r"despues)|llamare (?:luego|mas tarde|despues)) "
    ),
    wait=re.compile(
        r"(?:(?:ok|si|claro|no|gracias|bueno|esta bien|no quiero dejar (?:un )?(?:mensaje|recado)) )*(?:espero|"
        r"yo espero|"
        r"aqui espero|(?:yo )?sigo esperando|puedo esperar|voy a esperar|(?:por favor )?siga (?:intentando|llamando)|"
        r"ok|no hay prisa|esta bien) (?:por favor )?"
    ),
    leave=re.compile(r"\b(?:mensajes?|recados?) "),
)
