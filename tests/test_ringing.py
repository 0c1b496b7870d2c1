"""A plan of people who are rung one after the other, without a room or a database: who is told, and when it stops."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from agent import consultation
from agent.consultation import Consultation
from agent.exchange import Dialled
from agent.ringing import Ringing
from agent.work import Work
from fieldline.errors import Refusal
from tests.support.calls import DEADLOCK_S
from tests.support.exchange import Announcer, Switchboard


class Store:
    """Answers as the database does, and keeps what it was told; the people in `taken` talk to somebody else."""

    def __init__(self, *taken: int, refer: bool = False) -> None:
        self.taken, self.refer = taken, refer
        self.reports: list[dict[str, Any]] = []
        self.missed: list[str] = []

    async def transfer_ring(self, *, call_id: str, request_id: str, turn: int) -> dict[str, Any]:
        if turn in self.taken:
            raise Refusal("FL097", "employee_taken", {})
        return {"attempt": turn, "name": f"Person {turn}", "number": str(turn), "refer": self.refer, "emergency": False}

    async def transfer_report(self, **report: Any) -> None:
        self.reports.append(report)

    async def transfer_missed(self, *, call_id: str, request_id: str) -> None:
        self.missed.append(request_id)


class Hold:
    """What the caller hears: `told` has the sentences; `telling` is called with each."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.telling: Any = lambda: None

    async def tell(self, sentence: str, facts: dict[str, Any]) -> None:
        self.told.append(sentence)
        self.telling()

    async def silence(self) -> None: ...

    def taken(self, name: str) -> None: ...


class Plan:
    """Two people are rung for one caller."""

    def __init__(self, store: Store) -> None:
        self.store, self.office, self.hold = store, Switchboard(), Hold()
        self.ended = asyncio.Event()
        call: Any = SimpleNamespace(
            id="call",
            store=store,
            work=Work(),
            ended=self.ended,
            session=None,
            connected=None,
            language="en",
            recorder=SimpleNamespace(event=lambda *_, **__: None),
            sentence=lambda name, facts: name,
        )
        exchange: Any = self.office
        plan = {"people": [{"name": "Person 1"}, {"name": "Person 2"}]}
        self.ringing = Ringing(call, exchange, "wish", plan, self.hold)
        announcer: Any = Announcer(self.office)
        self.end = asyncio.create_task(self.ringing.run(announcer))

    async def why(self) -> str:
        """How it ended."""
        return (await asyncio.wait_for(self.end, DEADLOCK_S)).why

    @property
    def outcomes(self) -> list[str]:
        return [report["state"] for report in self.store.reports if report["state"] != "answered"]


@pytest.mark.parametrize(("key", "why"), [("2", "declined"), (None, "busy")])
async def test_office_is_told_once_when_the_last_of_a_plan_does_not_take_the_call(key: str | None, why: str) -> None:
    plan = Plan(Store())
    (await plan.office.next()).refuse()
    last = await plan.office.next()
    if key:
        await last.answer()
        last.press(key)
    else:
        last.refuse()
    assert await plan.why() == why
    assert plan.store.missed == ["wish"]


async def test_office_is_told_when_the_last_of_a_plan_talks_to_somebody_else() -> None:
    plan = Plan(Store(2))
    (await plan.office.next()).refuse()
    assert await plan.why() == "taken"
    assert plan.store.missed == ["wish"]


async def test_office_is_told_of_a_caller_who_hangs_up_while_the_first_of_two_rings() -> None:
    plan = Plan(Store())
    await plan.office.next()
    plan.ended.set()
    assert await plan.why() == "caller_left"
    assert plan.store.missed == ["wish"]
    assert plan.outcomes == ["caller_left"]


@pytest.mark.parametrize(("key", "why"), [("1", "accepted"), ("3", "message")])
async def test_office_is_not_told_when_somebody_takes_the_call_or_wants_a_message(key: str, why: str) -> None:
    plan = Plan(Store())
    phone = await plan.office.next()
    await phone.answer()
    phone.press(key)
    assert await plan.why() == why
    assert plan.store.missed == []


async def test_office_is_not_told_of_a_plan_that_gives_way_to_who_is_on_call() -> None:
    plan = Plan(Store())
    await plan.office.next()
    plan.ringing.give_way()
    assert await plan.why() == "superseded"
    assert plan.store.missed == []


async def test_caller_who_no_longer_waits_makes_nobody_elses_telephone_ring() -> None:
    plan = Plan(Store())
    first = await plan.office.next()
    plan.hold.telling = plan.ringing.cut.set  # a key, over "I'll try Person 2"
    first.refuse()
    assert await plan.why() == "busy"
    assert plan.hold.told == ["transfer_next"]
    assert len(plan.office.phones) == 1 and plan.outcomes == ["busy"]


async def test_caller_who_does_not_wait_for_the_carrier_gets_the_line_back() -> None:
    plan = Plan(Store(refer=True))
    asked, stopped = asyncio.Event(), asyncio.Event()

    async def refer(ring: dict[str, Any]) -> Dialled:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return Dialled("accepted")

    plan.office.refer = refer
    await asyncio.wait_for(asked.wait(), DEADLOCK_S)
    plan.ringing.cut.set()
    assert await plan.why() == "caller_left"
    await asyncio.wait_for(stopped.wait(), DEADLOCK_S)
    assert plan.office.phones == []


@pytest.mark.parametrize(("key", "state"), [("1", "accepted"), ("3", "message")])
async def test_what_the_carrier_said_to_a_refer_is_kept_with_the_attempt(key: str, state: str) -> None:
    plan = Plan(Store(refer=True))

    async def refer(ring: dict[str, Any]) -> Dialled:
        return Dialled("failed", 405, "Method Not Allowed")

    plan.office.refer = refer
    phone = await plan.office.next()
    await phone.answer()
    phone.press(key)
    assert await plan.why() == state
    [report] = [report for report in plan.store.reports if report["state"] == state]
    assert report["sip_reason"] == "REFER 405 Method Not Allowed"


class Asking:
    """Stands for the voice: what the employee does while each of the two is said."""

    def __init__(self, act: Any = lambda: None) -> None:
        self.said, self.act = 0, act

    async def play(self, frames: Any) -> None:
        self.said += 1
        self.act()


async def answer_to(act: Any = lambda _: None) -> tuple[str, int]:
    """What comes of a briefing, and how often it was spoken, when the employee does this while it is."""
    voice = Asking(lambda: act(asked))
    announcer: Any = voice
    ears: Any = None
    asked = Consultation(announcer, ears, lambda words: None)
    return await asyncio.wait_for(asked.ask([], []), DEADLOCK_S), voice.said


async def test_who_presses_a_key_that_is_no_answer_is_asked_once_more_and_has_then_declined() -> None:
    assert await answer_to(lambda asked: asked.press("5")) == ("declined", 2)


async def test_who_says_nothing_twice_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consultation, "ANSWER_S", 0.01)
    assert await answer_to() == ("voicemail", 2)


async def test_an_answer_in_the_briefing_ends_it() -> None:
    assert await answer_to(lambda asked: asked.press("2")) == ("declined", 1)
