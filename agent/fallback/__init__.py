"""Chains of providers: when one fails, the next goes on where it was, and the failed one is left out until it is back.

livekit-agents has a FallbackAdapter for each kind. These chains are ours where it falls short (measured on 1.8.9 with
the stand-ins of `fieldline/lab/providers`): a voice that dies in mid-sentence leaves silence there; ears that hang
are never noticed, and the words that were being said are lost with them; ears that have come back are not used again;
a model that dribbles its answer, or ends it without a word, is taken for a working one; and what failed is only
probed with the caller's own next request.
"""
