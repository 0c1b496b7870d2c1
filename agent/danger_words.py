"""What danger sounds like, by kind and language; `agent/danger.py` is the rule that reads these lists.

Each line is a pattern over plain words: lower case, without accents and punctuation, contractions opened ("is not"),
one space between them. To add a wording, add a line to its kind and the sentence to a list in `tests/phrasings/`; what
the same words mean every day belongs to `EVERYDAY`.
"""
# ruff: noqa: E501 - one wording a line

from __future__ import annotations

KINDS = ("gas", "carbon_monoxide", "fire", "electricity", "injury", "flooding", "threat")

_KIN = (
    "husband|wife|son|daughter|kids?|child|children|mother|father|mom|dad|baby|boy|girl|brother|sister|friend|"
    "neighbou?r|tenant|co ?worker|colleague|customer|guys?|man|men|woman|worker|helper|partner|boss|technician|tech|"
    "employee|resident|student|teacher|patient|guard|janitor|plumber|electrician|person|people|lady"
)
_WHO = (
    rf"(?:i|he|she|they|we|somebody|someone|everybody|everyone|mike|(?:my|our|your|the|a|his|her|one of (?:my|our|your|"
    rf"the)|two|three)(?: \w+)? (?:{_KIN})|(?:{_KIN}))"
)
_IS = r"(?:is|are|am|was|were|has been|have been|been|got|gets?|just got|is being)"
_VERY = r"(?:(?:very|really|so|badly|seriously|all|just|still|a bit|some|lots of|a lot of|a|an|the|thick|black|white|heavy|strong|gray|that|much) )*"
_HOUSE = (
    "basement|house|home|kitchen|attic|floor|office|building|store|shop|garage|room|bathroom|apartment|school|"
    "hallway|lobby|cellar|whole place|place|lab|server room|closet"
)

ENGLISH: dict[str, tuple[str, ...]] = {
    "gas": (
        r"smell(?:s|ed|ing)? (?:\w+ ){0,3}?(?<!any )(?<!no )(?:natural )?(?:gas|propane)",
        r"(?<!any )(?<!no )(?:gas|propane) (?:smell|odou?r)",
        r"(?:smell|odou?r|stench) of (?:natural )?(?:gas|propane)",
        r"smell(?:s|ing|ed)? (?:\w+ ){0,3}?rotten eggs?",
        r"(?<!any )(?<!no )(?:gas|propane) (?:is |keeps )?(?:everywhere|leak|leaks|leaking|escaping|coming out|hissing)",
        r"leak(?:s|ing)? (?:\w+ )?(?<!any )(?<!no )(?:gas|propane)",
        r"(?:gas|propane) (?:line|pipe|main|tank) (?:\w+ ){0,2}?(?:hissing|leaking|leaks|broke|broken|burst|ruptured)",
        r"(?:hit|cut|broke|drilled into|ruptured|damaged) (?:a|the|our|my|your) gas (?:line|pipe|main)",
    ),
    "carbon_monoxide": (
        r"(?:(?:carbon monoxide|monoxide|co|c o) (?:alarm|detector|sensor|monitor|meter)s?|alarm for carbon monoxide) (?:\w+ ){0,3}?(?:going off|went "
        r"off|goes off|sounding|beeping|screaming|ringing|alarming|reading|triggered|says|saying|shows|showing|will not stop|does not stop)",
        r"(?:putting out|producing|making|leaking|leaks|full of|levels? of|breathing|breathed|have|is) carbon monoxide(?! "
        r"(?:alarm|detector|sensor|monitor)s?)",
        r"(?<!any )(?<!no )carbon monoxide (?:poisoning|leak|in (?:the|my|our)|everywhere|levels? (?:is|are))",
    ),
    "fire": (
        r"(?:is|are|am|caught|catching|was|on|my \w+|the \w+) on fire",
        r"(?:caught|catching|set|took) (?:on )?fire",
        r"(?:there is|there are|have|got|see|seeing|we have|is) (?:a |an )?(?:small |big |huge |real |electrical )*"
        r"(?:fire|flames?)",
        r"(?:fire|flames?) (?:in|at|behind|inside|coming|everywhere|is spreading)",
        r"(?:see|smell|smells like|smells of|smelling|there is|there was|there are|have|filling with|filled with|filled up "
        rf"with|full of) {_VERY}(?:smoke|burning)",
        r"smoke (?:is |was |keeps )?(?:coming|pouring|everywhere|rising|filling|billowing|from the|in the|out of)",
        r"(?<!he )(?<!she )(?<!they )(?<!who )(?<!people )(?<!somebody )(?<!someone )(?<!guy )(?<!man )(?<!woman )"
        r"(?<!kids )(?<!employees )(?<!tenants )(?:is|are|started|keeps|and) (?:\w+ )?smoking(?! area| section| ban)",
        r"(?:something|building|house|wall|attic|roof|panel|unit|motor|furnace|wire|cable|kitchen|everything|it) "
        r"(?:is )?(?:still )?burning(?! (?:up|oil|wood|gas|fuel|pellets))",
        r"(?:smell|smells|smelling) (?:like )?(?:something )?(?:is )?burning",
        r"(?:fire|smoke) (?:alarm|detector)s? (?:is|are|keeps) (?:going off|sounding|ringing|screaming)",
        r"^(?:(?:help|please|oh|my|god|hurry|there is|a) )*fire(?: fire)*(?= $)",
        r"(?:there was|was|had) an explosion|(?:just |has )?exploded",
    ),
    "electricity": (
        r"electrocuted",
        r"(?:been|got|gets?|getting|keeps? getting) (?:a |an )?(?:bad |big |huge |electric |electrical |real )*shock(?:ed)?"
        r"(?! by (?:the|your|that|this) (?:price|bill|cost|amount|news|invoice|quote))",
        r"was (?:badly )?shocked by (?:the|a|an|that) (?:\w+ )?(?:panel|wire|outlet|unit|breaker|cable|switch|furnace|socket)",
        r"electric(?:al)? shock|shocked (?:me|him|her|us|them)(?! with)",
        r"live wires?",
        r"(?:power|electric|electrical) lines? (?:is |are |came |fell |has |have |come )*(?:down|fallen)",
        r"(?:downed|fallen) (?:power |electric )?(?:line|wire|cable)s?",
        r"(?:is|are|keeps?|started) (?:\w+ )?(?:sparking|arcing)|sparks (?:are |is |were )?(?:flying|coming|everywhere)",
        r"water (?:is |was )?(?:\w+ )?(?:in|into|through|on) (?:the|my|our|an?) (?:electrical |electric |breaker |fuse |main )*"
        r"(?:panel|breaker|box|outlet|socket)",
    ),
    "injury": (
        rf"(?<!panel )(?<!unit )(?<!system )(?<!furnace )(?<!house )(?<!building )(?:is|are|am|was|and) (?:not|barely) "
        rf"breathing|{_WHO} (?:(?:is |are )?(?:not breathing|barely breathing)|stopped breathing|(?:can not|can hardly) "
        rf"breathe)|can not breathe",
        r"unconscious|unresponsive",
        rf"{_WHO} (?:(?:has|have|had|is|are|just) )?(?:passed out|fainted|collapsed|stopped moving)"
        r"(?! (?:flyers|the|some|cards|copies|leaflets|candy))",
        rf"{_WHO} (?:{_IS} )(?:not moving|not responding|not waking up)",
        rf"{_WHO} {_IS} (?:\w+ )?(?:hurt|injured|wounded|burned|burnt|scalded|bleeding|crushed|trapped|pinned|choking|dying|"
        r"stabbed|shot)(?! to know)",
        r"(?:bleeding|choking|suffocating)|(?:will|does|would) not stop bleeding",
        r"(?<!almost have a )(?<!almost had a )(?<!nearly had a )(?:heart attack|stroke|seizure|overdose)(?! when i)",
        rf"{_WHO} (?:is )?(?:lying|laying) on the (?:floor|ground)",
        rf"{_WHO} (?:just )?fell (?:off|from|down|through)(?: \w+){{1,3}}(?: and)",
        r"(?:broke|broken) (?:my|his|her|their) (?:leg|arm|back|neck|hip)|(?:leg|arm|back|neck|hip) is broken",
        r"(?:need|get|send|call) (?:me )?an ambulance|(?:call|dial|calling) (?:nine one one|9 1 1|911)(?! for you)",
        r"(?:terrible|bad|serious) accident|been an accident",
    ),
    "flooding": (
        r"water (?:is |was |keeps |just keeps )?(?:\w+ )?(?:pouring|gushing|spraying|rushing|streaming|flooding|shooting|"
        r"bursting)",
        r"water (?:is |keeps )?(?:coming|running|leaking|raining|dripping) (?:\w+ )?(?:through|from|down) (?:the|my|our) "
        r"(?:\w+ )?(?:ceiling|walls?|lights?|light fixtures?)",
        r"water (?:is )?(?:still )?(?:everywhere|rising|all over)|(?<!not )overflowing",
        rf"(?:{_HOUSE}) (?:is |are |gets |keeps |has )?(?:\w+ )?(?:flooding|flooded|under ?water|filling with water)",
        rf"flooding (?:the|my|our|this) (?:\w+ )?(?:{_HOUSE})",
        r"(?:being|getting|are|am|is) flooded(?! with)|it is flooding|we are flooding",
        r"(?:pipe|hose|main|line|tank) (?:has |have |just |is )?(?:burst|bursting|exploded|busted)|burst (?:water )?pipe",
        r"ceiling (?:is |has |just )?(?:coming down|collaps\w+|caving in|caved in|fell)",
    ),
    "threat": (
        r"(?:is|are|be) (?:\w+ )?breaking (?:in|into)|(?:trying|tries|trying again) to break (?:in|into)",
        r"(?:an|the|see an) intruder|(?:an |is )armed (?:man|person|robber)",
        r"(?:man|guy|someone|somebody|person|woman|men|he|she) (?:\w+ )?(?:with|has|had|holding) a (?:gun|knife|weapon)",
        r"(?:being|getting) (?:robbed|attacked|burglarized)|(?:is|are) (?:robbing|attacking) (?:us|me|the)|hold ?up",
        r"there is (?:someone|somebody|a man|a stranger|a guy|people) (?:in|inside) (?:my|our|the) (?:house|home|store|"
        r"apartment|garage|building|shop|warehouse)(?! (?:who|that|to|from))|i am hiding",
        r"active shooter|shots fired|(?:is|are) shooting",
    ),
}

#: The same words in every day's business: taken out before anything is looked for.
ENGLISH_EVERYDAY = (
    r"(?:natural )?gas (?:stations?|furnaces?|boilers?|bills?|company|valves?|fireplaces?|heaters?|ranges?|stoves?|ovens?|"
    r"meters?|grills?|logs?|burners?|dryers?|units?|appliances?|prices?|fitters?|fired|heat|heating|conversions?|supply|"
    r"pressure|detectors?|sensors?|leak (?:tests?|checks?|detectors?|detection|sensors?|inspections?|repairs?|surveys?))",
    r"(?:fire|smoke) (?:alarm |detector )?(?:panels?|doors?|inspections?|inspectors?|departments?|marshals?|stations?|"
    r"extinguishers?|hydrants?|trucks?|drills?|code|exits?|lanes?|pumps?|systems?|safety|protection|watch|escapes?|"
    r"dampers?|sprinklers?|curtains?|rating|rated|wall|place|wire|tests?|sensors?|heads?|machines?|bells?|chief|permits?)",
    r"(?:a|the) (?:test|false) fire|(?:test|controlled|trial) (?:fire|burn)",
    r"flood ?lights?|(?:water|flood) (?:leak )?sensors?|flood insurance|flood zone",
    r"shock (?:sensors?|absorbers?|detectors?)",
    r"(?:camp|bon) ?fire|fire ?(?:wall|place|wood|works)s?|fire (?:it|me|him|her|them|up|people|somebody|someone)",
    r"(?:emergency|panic) (?:exits?|lights?|buttons?|numbers?|contacts?|plans?)",
)

#: A clause with one of these asks or supposes: nobody is in danger.
ENGLISH_SUPPOSED = (
    r"(?<!sure )(?<!know )(?<!tell )(?<!wonder )(?<!wondering )(?<!as )\bif\b|\bin case\b|\bwhat happens\b|\bwhenever\b|"
    r"\b(?:do|does|did|can|could|would|will) you\b(?! help| please| send| come| hurry)|\bhow (?:much|do|often)\b|"
    r"\bis there (?:a|any)\b|\bdid (?:somebody|someone|anybody|anyone)\b|\bused to\b|\bfor example\b"
)
#: A clause with one of these tells of something that is over, unless it says that it is not.
ENGLISH_OVER = (
    r"\byesterday\b|\blast (?:night|week|month|year|summer|winter|spring|fall|time|\w+day)\b|\bago\b|\bby mistake\b|"
    r"\bfalse alarm\b|\bdrill\b|\ba test\b|\bback then\b|\bis out now\b|\bwas fixed\b|\byou fixed\b|\bhave fixed\b"
)
ENGLISH_STILL = r"\b(?:now|again|still|keeps|right now)\b"
ENGLISH_NOT = r"\b(?:not|never|nobody|no one|without|none)(?: \w+){0,2} $|\bno $"
#: Openings of what a technician dictates: there only what cannot wait counts.
ENGLISH_DICTATION = (
    r"^(?:\w+ ){0,4}?(?:add|make|put|take|write|leave|note|notes|jot|record|log|tell the office|let the office know|"
    r"complete|close|finish|summary|read)\b"
)

SPANISH: dict[str, tuple[str, ...]] = {
    "gas": (
        r"(?:huele|oler|huelo|oliendo|olemos) (?:\w+ ){0,2}?(?:a )?gas",
        r"(?:fuga|escape|olor) (?:de|a) gas",
        r"gas (?:esta )?(?:saliendo|escapando)",
    ),
    "carbon_monoxide": (
        r"(?:alarma|detector|sensor) de (?:monoxido(?: de carbono)?|co) (?:\w+ ){0,3}?(?:sonando|suena|sonar|pitando|pita|"
        r"activada|activado)",
        r"(?:hay|tenemos|intoxicacion por) monoxido",
    ),
    "fire": (
        r"^(?:(?:ayuda|auxilio) )*(?:fuego|incendio)(?= $)",
        r"(?:hay|veo|sale|saliendo|lleno de|llena de|huele a|mucho) (?:\w+ )?(?:humo|fuego|llamas|quemado)",
        r"hay (?:un )?(?:incendio|fuego)",
        r"(?:se esta|se estan|esta|estan) (?:quemando|incendiando)|en llamas|se incendio|prendio fuego|exploto|explosion",
    ),
    "electricity": (
        r"electrocut\w+|descarga electrica|(?:le|me) dio (?:la corriente|una descarga|un toque)|cables? (?:vivo|pelado|caido)s?",
        r"(?:saltan|saltando|echando|salen|saliendo) chispas|chispas (?:del|de la|en)",
    ),
    "injury": (
        r"no (?:puede |puedo )?respira(?:r)?|inconsciente|se desmayo|desmayad\w|no reacciona",
        r"(?:hay|esta|estoy|tenemos) (?:un |una |unos |muy )?herid\w+|sangr(?:a|ando)|se cayo (?:\w+ ){1,4}?y no se mueve",
        r"(?:necesito|manden|llamen|llame) (?:a )?una ambulancia|llam(?:e|en|o) al nueve once|llam(?:e|en) al 911|infarto",
        r"(?:ataque al corazon|convulsion\w*|atrapad\w)|hubo un accidente",
    ),
    "flooding": (
        r"(?:se esta|se estan|esta|estan) inundando|inundad[oa] (?:el|la|de agua)|(?:todo|casa|sotano|oficina) inundad\w",
        r"agua (?:\w+ )?(?:entra|entrando|cae|cayendo|sale|saliendo|brota) (?:\w+ )?(?:por|del|a chorros|de la) (?:\w+ )?"
        r"(?:techo|pared|paredes|luz|lampara|chorros)?",
        r"(?:se )?(?:revento|rompio|exploto) (?:una|la|el|un) (?:tuberia|tubo|cano|caneria|boiler)|agua por todas partes",
    ),
    "threat": (
        r"(?:entrando a robar|me estan robando|nos estan robando|estan robando|un ladron|un intruso)",
        r"con (?:una|un) (?:pistola|arma|cuchillo)",
    ),
}
SPANISH_EVERYDAY = (
    r"(?:detector(?:es)?|alarmas?|sensor(?:es)?) (?:de|contra) (?:humo|gas|incendios?|fuego)",
    r"(?:puertas?|panel(?:es)?|sistemas?|seguro|escaleras?|inspeccion) (?:de|contra) (?:incendios?|fuego)",
    r"(?:caldera|factura|compania|estacion|estufa|horno|calenton|calentador|valvula|medidor|tanque) (?:de|del) gas",
)
SPANISH_SUPPOSED = r"\bsi\b|\bque pasa\b|\bcuanto cuesta\b|\bpor si\b|\bvenden\b|\binstalan\b"
SPANISH_OVER = r"\bayer\b|\bpasad[oa]\b|\bhace (?:un|una|dos|tres|unos)\b|\bfalsa alarma\b"
SPANISH_STILL = r"\b(?:ahora|otra vez|todavia|sigue)\b"
SPANISH_NOT = r"\b(?:no|ni|nunca|nadie|sin)(?: (?:me|se|le|hay|esta))? $"
SPANISH_DICTATION = r"^(?:\w+ ){0,3}?(?:anota|anote|nota|agrega|escribe|apunta)\b"

#: What cannot wait, also in the middle of a dictated note.
ACUTE = (
    r"\bi (?:\w+ )?smell (?:\w+ ){0,2}?gas|\bon fire\b|\bnot breathing\b|\bunconscious\b|an ambulance|"
    r"(?:call|dial) (?:nine one one|911)|\bis (?:hurt|bleeding)|monoxide alarm is going off|"
    r"\bhuele a gas|\bhuelo gas|\ben llamas\b|\bno respira\b|\binconsciente\b"
)
