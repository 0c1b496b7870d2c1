"""The rules behind the interface of a language model: tool calls, sentences, and what they remember between turns."""

import json
from typing import Any

import pytest
from livekit.agents import llm

from agent.offline.rules import RuleLLM
from agent.offline.vocabulary import Vocabulary
from agent.turns import NOTHING, Expectation, Expecting


@llm.function_tool
async def clock_in(truck: int) -> str:
    """Clock in."""
    return ""


@llm.function_tool
async def next_job() -> str:
    """Next job."""
    return ""


@llm.function_tool
async def complete_job(summary: str, confirmed: bool = False) -> str:
    """Complete."""
    return ""


@llm.function_tool
async def identify() -> str:
    """Prove who it is."""
    return ""


TECHNICIAN: list[llm.Tool] = [clock_in, next_job, complete_job]


@pytest.fixture
def rules() -> RuleLLM:
    return RuleLLM(Vocabulary(trucks=("201", "202")), Expecting())


def conversation(*turns: tuple[str, str]) -> llm.ChatContext:
    context = llm.ChatContext.empty()
    for role, text in turns:
        context.add_message(role=role, content=text)  # type: ignore[arg-type]
    return context


def add_result(context: llm.ChatContext, name: str, output: str, is_error: bool = False) -> None:
    call_id = f"call_{len(context.items)}"
    context.insert(llm.FunctionCall(call_id=call_id, name=name, arguments="{}"))
    context.insert(llm.FunctionCallOutput(call_id=call_id, name=name, output=output, is_error=is_error))


async def reply(rules: RuleLLM, context: llm.ChatContext, tools: list[llm.Tool] | None = None) -> tuple[str, list[Any]]:
    """What is said, and the calls as (name, arguments)."""
    collected = await rules.chat(chat_ctx=context, tools=TECHNICIAN if tools is None else tools).collect()
    return collected.text, [(call.name, json.loads(call.arguments)) for call in collected.tool_calls]


async def test_a_command_becomes_a_tool_call_and_nothing_is_said(rules: RuleLLM):
    context = conversation(("user", "clock me in on truck two oh one"))
    assert await reply(rules, context) == ("", [("clock_in", {"truck": 201})])


async def test_a_tools_output_is_spoken_as_it_is(rules: RuleLLM):
    context = conversation(("user", "what's next"))
    add_result(context, "next_job", "Next is work order ten forty two at City Bank.")
    assert await reply(rules, context) == ("Next is work order ten forty two at City Bank.", [])


async def test_two_orders_in_one_breath_are_called_one_after_the_other(rules: RuleLLM):
    context = conversation(("user", "clock me in on truck two oh one and tell me what's next"))
    assert (await reply(rules, context))[1] == [("clock_in", {"truck": 201})]
    add_result(context, "clock_in", "You're clocked in.")
    assert await reply(rules, context) == ("", [("next_job", {})])
    add_result(context, "next_job", "Next is City Bank.")
    assert await reply(rules, context) == ("You're clocked in. Next is City Bank.", [])


async def test_a_refusal_ends_what_was_ordered_in_the_same_breath(rules: RuleLLM):
    context = conversation(("user", "clock me in on truck two oh one and tell me what's next"))
    await reply(rules, context)
    add_result(context, "clock_in", "Truck two oh one is taken by Sarah.", is_error=True)
    assert await reply(rules, context) == ("Truck two oh one is taken by Sarah.", [])


async def test_a_missing_truck_is_asked_for_and_the_answer_clocks_in(rules: RuleLLM):
    said, calls = await reply(rules, conversation(("user", "punch me in")))
    assert (said, calls) == ("Which truck are you on?", [])
    assert rules.expecting.now.tool == "clock_in"
    context = conversation(("user", "punch me in"), ("assistant", said), ("user", "two oh two"))
    assert (await reply(rules, context))[1] == [("clock_in", {"truck": 202})]
    assert rules.expecting.now == NOTHING


async def test_yes_calls_what_a_tool_had_asked(rules: RuleLLM):
    rules.expecting.expect(Expectation("yes_no", "complete_job", {"summary": "New lens", "confirmed": True}))
    context = conversation(("assistant", "Is that right?"), ("user", "yes"))
    assert (await reply(rules, context))[1] == [("complete_job", {"summary": "New lens", "confirmed": True})]


async def test_something_else_instead_of_a_yes_drops_the_question(rules: RuleLLM):
    rules.expecting.expect(Expectation("yes_no", "complete_job", {"summary": "New lens", "confirmed": True}))
    context = conversation(("user", "what's next"))
    assert (await reply(rules, context))[1] == [("next_job", {})]
    later = conversation(("user", "what's next"), ("assistant", "City Bank."), ("user", "yes"))
    assert (await reply(rules, later))[1] == []


async def test_a_preliminary_transcript_neither_asks_nor_counts(rules: RuleLLM):
    greeted = conversation(("assistant", "What can I do for you?"))
    for transcript in ("punch me in", "purple", "purple monkeys", "two oh one"):
        context = greeted.copy()
        context.add_message(role="user", content=transcript)
        assert (await reply(rules, context))[1] == []
    assert rules.not_understood == 1


async def test_an_open_question_is_put_once_more_and_then_dropped(rules: RuleLLM):
    asked = Expectation("yes_no", "complete_job", {"summary": "New lens", "confirmed": True})
    rules.expecting.expect(asked)
    context = conversation(("assistant", "The summary: new lens. Is that right?"), ("user", "purple monkeys"))
    said, _ = await reply(rules, context)
    assert said.endswith("Is that right?")
    assert rules.expecting.now == asked
    context.add_message(role="assistant", content=said)
    context.add_message(role="user", content="monkeys purple")
    await reply(rules, context)
    assert rules.expecting.now == NOTHING


async def test_turns_not_understood_are_counted_until_one_is(rules: RuleLLM):
    said = [(await reply(rules, conversation(*[("user", "purple monkeys")] * turn)))[0] for turn in (1, 2)]
    assert rules.not_understood == 2
    assert said[0] != said[1]
    await reply(rules, conversation(*[("user", "purple monkeys")] * 2, ("user", "what's next")))
    assert rules.not_understood == 0


async def test_the_last_sentence_is_said_again(rules: RuleLLM):
    context = conversation(("assistant", "Next is City Bank."), ("user", "say that again please"))
    assert await reply(rules, context) == ("Next is City Bank.", [])


async def test_only_offered_tools_are_called(rules: RuleLLM):
    context = conversation(("user", "clock me in on truck two oh one"))
    assert (await reply(rules, context, [next_job]))[1] == []
    assert (await reply(rules, context, [identify]))[1] == [("identify", {})]


async def test_nothing_is_said_or_done_when_the_caller_has_not_spoken_since(rules: RuleLLM):
    context = conversation(("user", "clock me in on truck two oh one"), ("assistant", "You're clocked in."))
    assert await reply(rules, context) == ("", [])
    assert await reply(rules, conversation(("system", "You are a line."))) == ("", [])


async def test_a_stream_that_is_closed_at_once_does_not_hang(rules: RuleLLM):
    stream = rules.chat(chat_ctx=conversation(("user", "what's next")), tools=TECHNICIAN)
    await stream.aclose()


async def test_reset_forgets_the_call(rules: RuleLLM):
    await reply(rules, conversation(("user", "punch me in")))
    await reply(rules, conversation(("user", "punch me in"), ("user", "purple monkeys")))
    rules.reset()
    assert (rules.expecting.now, rules.not_understood) == (NOTHING, 0)
