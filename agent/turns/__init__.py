"""When the caller has finished: what the line expects, what the words say, and how this caller speaks.

The audio alone cannot tell a thinking pause from an end, and a model that hears only audio waits after every number.
The words can: "add a note that" goes on, "two oh one" is done.

| module | knows |
|---|---|
| `expecting` | what the line has just asked |
| `endings` | how English sentences end, and how they do not |
| `digits` | how many digits an answer still lacks |
| `judge` | the ending of an utterance: done, likely, dictated, open |
| `patience` | how long that ending waits with this caller |
| `detector` | the session's turn detector, made of the four |
| `backchannel` | "uh-huh" while the agent speaks is no turn |
"""

from agent.turns.expecting import NOTHING, Expectation, Expecting

__all__ = ["NOTHING", "Expectation", "Expecting"]
