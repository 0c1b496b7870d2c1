"""A scenario: who calls, what they say or press, what must be heard, and the rows that are there afterwards.

Scenarios are YAML files, one behaviour each; the first comment of a file says what it proves. Tests and the demo
run the same ones, as text calls without a room or as real calls by lab phones.

    from: "+12025550101"
    sign_in: "101#2010#"
    steps:
      - {say: clock me in on truck two oh one, hear: clocked in}
    rows:
      - label: Mike's truck
        sql: select …
        before: null
        after: 201
    unchanged: [work_orders]
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from fieldline.errors import FieldlineError

DEMO_LINE = "+12025550100"
#: How a file calls the parts of a call, and how the code does.
CALL_KEYS = {
    "from": "from_number",
    "to": "to_number",
    "caller": "name",
    "voice": "voice",
    "sign_in": "sign_in",
    "office": "office",
    "at": "at",
    "steps": "steps",
}
Kind = Literal["say", "type", "keys", "play", "listen", "hang_up"]


class BadScenario(FieldlineError):
    """A scenario file does not follow the format."""


def _patterns(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Patterns = Annotated[list[re.Pattern[str]], BeforeValidator(_patterns)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Step(_Part):
    """One turn of somebody on the line and what must be heard after it. Patterns are searched for, in any case.

    `by` is who acts: the caller, or the person in the office whom the line has rung. With `reaches`, what is said is
    for the other of the two and must be heard there; the line has nothing to answer. With `hold` music follows the
    answer, so nobody waits for silence. `clip` is the sound for `say`, beside the scenario; without it the words are
    synthesised. A step whose answer matches `repeat_if` is said once more, as a person would. `stretch` repeats the
    last word until the words have so many characters.
    """

    say: str | None = None
    type: str | None = None
    keys: str | None = None
    play: Path | None = None
    listen: bool = False
    hang_up: bool = False
    by: Literal["caller", "office"] = "caller"
    reaches: bool = False
    hold: bool = False
    clip: Path | None = None
    hear: Patterns = []
    not_hear: Patterns = []
    repeat_if: Patterns = []
    stretch: int = 0

    @model_validator(mode="after")
    def _one_action(self) -> Step:
        given = [name for name in ("say", "type", "keys", "play") if getattr(self, name) is not None]
        if len(given) + self.listen + self.hang_up != 1:
            raise ValueError("a step has exactly one of say, type, keys, play, listen, hang_up")
        if self.hold and not self.hear:
            raise ValueError("`hold` needs `hear`: the words before the music")
        if self.reaches and not (self.say or self.play):
            raise ValueError("only what is said or played can reach somebody")
        return self

    @property
    def kind(self) -> Kind:
        """What the caller does."""
        if self.listen or self.hang_up:
            return "listen" if self.listen else "hang_up"
        return next(name for name in ("say", "type", "keys", "play") if getattr(self, name) is not None)

    @property
    def words(self) -> str:
        """The words, keys or file of the action; empty when the caller only listens."""
        words = "" if self.listen or self.hang_up else str(getattr(self, self.kind))
        missing = self.stretch - len(words)
        last = f" {words.split()[-1]}" if missing > 0 else ""
        return words + (last * (missing // len(last) + 1))[:missing] if last else words

    def complaints(self, heard: str) -> list[str]:
        """What is wrong with the answer; empty when it is as it must be."""
        missing = [f"expected /{p.pattern}/" for p in self.hear if not _found(p, heard)]
        unwanted = [f"must not hear /{p.pattern}/" for p in self.not_hear if _found(p, heard)]
        return missing + unwanted

    def was_misunderstood(self, heard: str) -> bool:
        """Whether the caller should say it once more."""
        return any(_found(p, heard) for p in self.repeat_if)


class Office(_Part):
    """Somebody whom the line may ring during a call. `name` is how transcripts call them, `voice` is flite's."""

    number: str
    name: str = "Office"
    voice: str = "slt"


class CallScript(_Part):
    """One call of a scenario. `name` is how transcripts call the caller. `at` sets the database's clock before it.

    `voice` is flite's, for steps without a clip and for making clips.
    With `sign_in` ("101#2010#") the call begins with hearing the greeting and keying badge and PIN.
    """

    from_number: str
    to_number: str = DEMO_LINE
    name: str = "Caller"
    voice: str = "rms"
    sign_in: str | None = None
    office: Office | None = None
    at: str | None = None
    steps: list[Step] = []

    @model_validator(mode="after")
    def _somebody_acts(self) -> CallScript:
        if self.office is None and any(step.by == "office" for step in self.steps):
            raise ValueError("steps by the office need `office`: whose number the line rings")
        return self

    def who(self, step: Step) -> str:
        """The name of who takes this step."""
        return self.office.name if self.office and step.by == "office" else self.name

    @property
    def all_steps(self) -> list[Step]:
        """The steps, signing in first where the call says so."""
        if self.sign_in is None:
            return self.steps
        signed_in = re.compile("what can i do for you")
        return [Step(listen=True), Step(keys=self.sign_in, hear=[signed_in]), *self.steps]


class RowCheck(_Part):
    """One value in the database: what it must be before (when given) and after; with `wait`, soon after."""

    label: str
    sql: str
    before: Any = "anything"
    after: Any
    wait: bool = False

    @property
    def before_matters(self) -> bool:
        """Whether the value before is part of the expectation."""
        return self.before != "anything"


class Scenario(_Part):
    """One behaviour. `given` is SQL that sets the stage; tables in `unchanged` must keep every row as it was.

    `at` is the database's time at the beginning, `then` the time after the last call, before anybody looks at rows.
    """

    name: str
    proves: str
    folder: Path
    at: str | None = None
    then: str | None = None
    given: list[str] = []
    calls: list[CallScript]
    rows: list[RowCheck] = []
    unchanged: list[str] = []


def load(path: Path) -> Scenario:
    """Read a scenario file.

    A file with one call may have the call's own keys at its top instead of `calls`.

    Raises:
        BadScenario: what is wrong, with the file's name.
    """
    text = path.read_text(encoding="utf-8")
    comment = re.match(r"#\s*(.+?)\s*\n", text)
    if comment is None:
        raise BadScenario(f"{path.name}: the first line must be a comment that says what it proves")
    try:
        content = dict(yaml.safe_load(text))
        if "calls" not in content:
            content["calls"] = [{k: content.pop(k) for k in CALL_KEYS if k in content}]
        content["calls"] = [_call(call) for call in content["calls"]]
        return Scenario(name=path.stem, proves=comment[1], folder=path.parent, **content)
    except (yaml.YAMLError, ValidationError, TypeError, ValueError) as error:
        raise BadScenario(f"{path.name}: {error}") from None


def load_all(folder: Path) -> list[Scenario]:
    """Every scenario in `folder`, by name. Raises BadScenario."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def _call(call: dict[str, Any]) -> dict[str, Any]:
    return {CALL_KEYS.get(key, key): value for key, value in call.items()}


def _found(pattern: re.Pattern[str], text: str) -> bool:
    return re.search(pattern.pattern, text, re.IGNORECASE) is not None
