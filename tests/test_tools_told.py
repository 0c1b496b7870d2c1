"""What a tool says reaches the caller at once, and once; the model decides only whether more is to be done.

Text calls on a stand-in of the model's wire protocol: what it is asked with is the conversation that it knows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agent.chat import TextCall, text_call
from fieldline.lab.providers import Answer, Delays, ProviderStandIns, text_of
from tests.support.calls import COMPANY, MIKE, rows
from tests.support.clouds import openai_model
from tests.support.stacks import Supabase

Json = dict[str, Any]
CLOCKED_IN = "You're clocked in on truck two oh one."


class Script:
    """A model that answers its requests in this order; `asked` is what each was asked with."""

    def __init__(self, *answers: Answer | Callable[[list[Json]], Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[list[Json]] = []

    async def __call__(self, messages: list[Json], _tools: list[Json]) -> Answer:
        self.asked.append(messages)
        answer = self.answers.pop(0) if self.answers else Answer("Nothing more.")
        return answer(messages) if callable(answer) else answer


def call(tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    return tool, arguments


@asynccontextmanager
async def mike(stack: Supabase, *answers: Any) -> AsyncIterator[tuple[TextCall, Script]]:
    """Mike on a text call, past badge and PIN, whose line thinks with a scripted cloud."""
    script = Script(*answers)
    async with (
        ProviderStandIns(Delays.none(), mind=script) as clouds,
        text_call(stack.settings, from_number=MIKE, to_number=COMPANY, model=openai_model(clouds)) as call,
    ):
        await call.answer()
        await call.keys("101#2010#")
        yield call, script


async def test_sentence_of_a_tool_is_said_once_in_its_own_words(supabase: Supabase) -> None:
    repeated = Answer("You are now clocked in on two oh one, have a great day!")
    async with mike(supabase, Answer(calls=(call("clock_in", truck=201),)), repeated) as (line, _):
        [said] = await line.say("clock me in on two oh one")
    assert said.startswith(CLOCKED_IN)


async def test_model_knows_the_call_its_output_and_what_was_said(supabase: Supabase) -> None:
    async with mike(supabase, Answer(calls=(call("clock_in", truck=201),)), Answer("Done."), Answer("Bye.")) as (
        line,
        script,
    ):
        [said] = await line.say("clock me in on two oh one")
        assert await line.say("thanks") == ["Bye."]
    known = script.asked[-1]
    tool = next(n for n, message in enumerate(known) if message["role"] == "tool")
    assert known[tool - 1]["tool_calls"][0]["function"]["name"] == "clock_in"
    assert text_of(known[tool]) == said
    assert known[tool + 1]["role"] == "assistant" and text_of(known[tool + 1]) == said
    assert text_of(known[-1]) == "thanks"
    assert "Done." not in [text_of(message) for message in known]


async def test_two_tools_of_one_answer_are_told_in_order_and_once(supabase: Supabase) -> None:
    both = Answer(calls=(call("clock_in", truck=201), call("next_job")))
    async with mike(supabase, both, Answer("You are clocked in and next is 1057.")) as (line, _):
        [said] = await line.say("clock me in on two oh one and what is next")
    # The clock-in, a write, takes longer than the look at what is next.
    assert said.startswith(CLOCKED_IN) and said.count("You're clocked in") == said.count("Next is work order") == 1


async def test_model_that_goes_on_after_a_tool_may_do_so(supabase: Supabase) -> None:
    async with mike(
        supabase,
        Answer(calls=(call("clock_in", truck=201),)),
        Answer("I'm arriving you.", calls=(call("arrive"),)),
    ) as (line, script):
        said = await line.say("clock me in on two oh one, I have arrived")
    assert len(said) == 2 and said[0].startswith(CLOCKED_IN) and "ten fifty seven" in said[1]
    last = script.asked[-1][-5:]
    assert [message["role"] for message in last] == ["user", "assistant", "tool", "assistant", "tool"]
    # What was said between the two calls stands between them.
    assert text_of(last[3]) == said[0] and last[3]["tool_calls"][0]["function"]["name"] == "arrive"
    assert await rows(supabase, "select count(*) from work_orders where number = 1057 and status = 'in_progress'") == [
        (1,)
    ]


#: What the model answers to a technician who clocks in and arrives.
ON_SITE = (
    Answer(calls=(call("clock_in", truck=201),)),
    Answer("Yes."),
    Answer(calls=(call("arrive"),)),
    Answer("Yes."),
)


@pytest.mark.parametrize(
    ("wrong", "heard"),
    [(call("clock_in", truck=900), "There is no truck nine hundred"), (call("clock_out"), "Clock out anyway?")],
    ids=["refusal", "question"],
)
async def test_refusal_or_question_is_said_and_waits_for_the_caller(
    supabase: Supabase, wrong: tuple[str, dict[str, Any]], heard: str
) -> None:
    async with mike(
        supabase,
        *ON_SITE,
        Answer(calls=(wrong,)),
        Answer(calls=(call("my_status"),)),
    ) as (line, script):
        await line.say("clock me in on two oh one")
        await line.say("I have arrived")
        asked = len(script.asked)
        said = " ".join(await line.say("do it"))
        assert len(script.asked) == asked + 1
    assert heard in said


async def test_confirmed_question_is_carried_out(supabase: Supabase) -> None:
    async with mike(
        supabase,
        *ON_SITE,
        Answer(calls=(call("clock_out"),)),
        Answer(calls=(call("clock_out", confirmed=True),)),
    ) as (line, _):
        for words in ("clock me in on two oh one", "I have arrived"):
            await line.say(words)
        assert "Clock out anyway?" in " ".join(await line.say("clock me out"))
        assert "You're clocked out" in " ".join(await line.say("yes"))


async def test_model_picks_the_answer_where_a_tool_tells_more_than_was_asked(supabase: Supabase) -> None:
    async with mike(supabase, Answer(calls=(call("job_details"),)), Answer("The gate code is 4412.")) as (line, _):
        assert await line.say("what is the gate code") == ["The gate code is 4412."]


async def test_arguments_that_make_no_sense_are_the_models_to_mend(supabase: Supabase) -> None:
    async with mike(
        supabase,
        Answer(calls=(call("clock_in", truck="the red one"),)),
        Answer("Which truck number is that?"),
    ) as (line, _):
        assert await line.say("clock me in on the red one") == ["Which truck number is that?"]


async def test_model_that_breaks_off_after_the_sentence_costs_the_caller_nothing(supabase: Supabase) -> None:
    async with mike(supabase, Answer(calls=(call("clock_in", truck=201),)), Answer("")) as (line, _):
        [said] = await line.say("clock me in on two oh one")
        assert said.startswith(CLOCKED_IN)
        assert await line.say("and now?") == ["Nothing more."]
