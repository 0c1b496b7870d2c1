"""Letter-to-sound rules for words that the dictionary does not have: names, brands, part numbers.

Compact and approximate. Each rule is a spelling and its ARPAbet phones; the longest spelling that fits wins.
A spelling may begin with ``^`` (start of the word) or end with ``$`` (end of the word).
"""

# fmt: off
_RULES = {
    # Beginnings.
    "^kn": "N", "^gn": "N", "^wr": "R", "^ps": "S", "^pn": "N", "^x": "Z", "^mc": "M AH K", "^mac": "M AH K",
    "^rh": "R", "^wh": "W", "^y": "Y", "^who": "HH UW", "^sch": "SH", "^ts": "S", "^re": "R IY", "^un": "AH N",
    "^be": "B IH", "^de": "D IH", "^co": "K OW", "^al": "AE L", "^th": "TH", "^pf": "F", "^zh": "ZH", "^cz": "CH",
    "^o'": "OW", "^ju": "JH UW", "^hy": "HH AY", "^bi": "B AY", "^mi": "M IH", "^ng": "NG",
    # Endings.
    "e$": "", "es$": "Z", "ed$": "D", "ted$": "T IH D", "ded$": "D IH D", "le$": "AH L", "les$": "AH L Z",
    "tion$": "SH AH N", "tions$": "SH AH N Z", "sion$": "ZH AH N", "ssion$": "SH AH N", "cian$": "SH AH N",
    "tious$": "SH AH S", "cious$": "SH AH S", "ture$": "CH ER", "sure$": "ZH ER", "age$": "IH JH",
    "ages$": "IH JH IH Z",
    "y$": "IY", "ys$": "IY Z", "ies$": "IY Z", "ied$": "IY D", "ey$": "IY", "eys$": "IY Z", "ie$": "IY",
    "er$": "ER", "ers$": "ER Z", "or$": "ER", "ors$": "ER Z", "ar$": "ER", "al$": "AH L", "als$": "AH L Z",
    "el$": "AH L",
    "en$": "AH N", "ens$": "AH N Z", "on$": "AH N", "ons$": "AH N Z", "an$": "AH N", "ans$": "AH N Z", "um$": "AH M",
    "us$": "AH S", "ous$": "AH S", "is$": "IH S", "ic$": "IH K", "ics$": "IH K S", "ism$": "IH Z AH M",
    "ing$": "IH NG", "ings$": "IH NG Z", "ment$": "M AH N T", "ness$": "N AH S", "less$": "L AH S", "ful$": "F AH L",
    "able$": "AH B AH L", "ible$": "AH B AH L", "ate$": "EY T", "ates$": "EY T S", "ize$": "AY Z", "ise$": "AY Z",
    "ine$": "IY N", "ique$": "IY K", "que$": "K", "gue$": "G", "ville$": "V IH L", "burg$": "B ER G",
    "berg$": "B ER G", "borough$": "B ER OW", "ston$": "S T AH N", "ton$": "T AH N", "man$": "M AH N",
    "son$": "S AH N", "ham$": "AH M", "ford$": "F ER D", "wood$": "W UH D", "land$": "L AH N D",
    "stein$": "S T AY N", "ski$": "S K IY", "sky$": "S K IY", "wicz$": "V IH CH", "vich$": "V IH CH", "ez$": "EH Z",
    "a$": "AH", "as$": "AH Z", "o$": "OW", "os$": "OW Z", "i$": "IY", "u$": "UW", "ah$": "AH", "oe$": "OW",
    "ee$": "IY", "ss$": "S", "s$": "Z", "ts$": "T S", "ks$": "K S", "ps$": "P S", "fs$": "F S", "cks$": "K S",
    "ces$": "S IH Z", "ses$": "Z IH Z", "ches$": "CH IH Z", "shes$": "SH IH Z", "xes$": "K S IH Z", "ges$": "JH IH Z",
    "mb$": "M", "gn$": "N", "ough$": "AH F", "augh$": "AE F", "re$": "R", "ayne$": "EY N", "aine$": "EY N",
    # Vowel, consonant, silent e.
    **{f"{v}{c}e$": f"{long} {p}" for v, long in (("a", "EY"), ("i", "AY"), ("o", "OW"), ("u", "UW"), ("e", "IY"))
       for c, p in (("b", "B"), ("c", "S"), ("d", "D"), ("f", "F"), ("g", "JH"), ("k", "K"), ("l", "L"), ("m", "M"),
                    ("n", "N"), ("p", "P"), ("s", "Z"), ("t", "T"), ("v", "V"), ("z", "Z"))},
    "are$": "EH R", "ere$": "IH R", "ire$": "AY ER", "ore$": "AO R", "ure$": "Y UH R", "ove$": "AH V", "ome$": "OW M",
    # Vowel pairs.
    "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO", "ea": "IY", "ee": "IY", "ei": "IY", "eigh": "EY", "eu": "UW",
    "ew": "UW", "ey": "EY", "ie": "IY", "ia": "IY AH", "io": "IY OW", "iu": "IY AH", "oa": "OW", "oe": "OW",
    "oi": "OY", "oy": "OY", "oo": "UW", "ook": "UH K", "ou": "AW", "ow": "OW", "owl": "AW L", "own": "AW N",
    "ue": "UW", "ui": "UW IH", "uy": "AY", "aa": "AA", "ae": "EY", "ao": "AW", "igh": "AY", "ough": "AO",
    "augh": "AO", "ind": "AY N D", "old": "OW L D", "alk": "AO K", "all": "AO L", "alm": "AA M", "ost": "OW S T",
    # Vowel and r.
    "ar": "AA R", "arr": "EH R", "air": "EH R", "er": "ER", "err": "EH R", "ear": "IH R", "eer": "IH R", "ir": "ER",
    "or": "AO R", "our": "AO R", "oor": "AO R", "ur": "ER", "urr": "ER", "ier": "IH R", "war": "W AO R", "wor": "W ER",
    # Vowels.
    "a": "AE", "e": "EH", "i": "IH", "o": "AA", "u": "AH", "y": "IH",
    # Consonant groups.
    "bb": "B", "cc": "K", "cce": "K S EH", "cci": "CH IY", "ch": "CH", "chr": "K R", "ck": "K", "cq": "K", "dd": "D",
    "dg": "JH", "dge": "JH", "ff": "F", "gg": "G", "gh": "G", "ght": "T", "kk": "K", "ll": "L", "mm": "M",
    "nn": "N", "ng": "NG", "nge": "N JH", "nk": "NG K", "nx": "NG K S", "ph": "F", "pp": "P", "qu": "K W", "rr": "R",
    "rh": "R", "sc": "S K", "sce": "S EH", "sci": "S AY", "sch": "SH", "sh": "SH", "ss": "S", "tch": "CH",
    "th": "TH", "ther": "DH ER", "tt": "T", "tz": "T S", "vv": "V", "wh": "W", "zz": "Z", "kh": "K", "bt": "T",
    "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH", "gi": "JH IH", "gy": "JH IY", "sk": "S K",
    # Consonants.
    "b": "B", "c": "K", "d": "D", "f": "F", "g": "G", "h": "HH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N",
    "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "v": "V", "w": "W", "x": "K S", "z": "Z", "'": "",
}
# fmt: on

_LONGEST = max(map(len, _RULES))


def spell_out(word: str) -> str:
    """ARPAbet phones of a lower-case word made of a-z and apostrophes, as the word looks."""
    spelled = f"^{word}$"
    phones: list[str] = []
    at = 0
    while at < len(spelled):
        for end in range(min(len(spelled), at + _LONGEST), at, -1):
            sound = _RULES.get(spelled[at:end])
            if sound is not None and _has_vowel_left(sound, spelled[at:end], phones):
                phones += sound.split()
                at = end
                break
        else:
            at += 1
    return " ".join(phones) or "AH"


def _has_vowel_left(sound: str, spelling: str, before: list[str]) -> bool:
    """Silent endings do not apply where they would leave a word without any vowel ("the", "bed", "les")."""
    if not spelling.endswith("$"):
        return True
    return any(phone[0] in "AEIOU" for phone in [*before, *sound.split()])
