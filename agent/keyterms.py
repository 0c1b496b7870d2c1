"""The names that ears are told to expect, out of the company's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

#: Deepgram takes 100 key terms (documentation of keyterm prompting).
MOST = 100
#: Whose names come first: callers say people and parts on every call, streets when they are lost.
KINDS = ("people", "parts", "customers", "departments", "streets")


def keyterms(words: Mapping[str, Sequence[str]]) -> list[str]:
    """Some of each kind, the first ones of each first, no more than `MOST`."""
    turns = zip_longest(*(words.get(kind, ()) for kind in KINDS))
    return list(dict.fromkeys(term for term in chain.from_iterable(turns) if term))[:MOST]
