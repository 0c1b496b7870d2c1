"""A language model made of rules: the same interface and the same tools, with no key and no network.

It is the model of the local line and the last link of the fallback chain. Each turn it either calls tools or says
one sentence; what a tool returns is spoken as it is.
"""

import json
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, llm, utils

from agent.offline.understand import Ask, NotUnderstood, Outcome, Repeat, Understood, understand
from agent.offline.understand.corrected import after_the_deed
from agent.offline.understand.customer import at_customer, at_front_desk
from agent.offline.understand.spanish import in_spanish
from agent.offline.understand.words import hear
from agent.offline.vocabulary import Vocabulary
from agent.speech import speech
from agent.turns import NOTHING, Expectation, Expecting

__all__ = ["Ask", "NotUnderstood", "Repeat", "RuleLLM", "Understood", "understand"]


class RuleLLM(llm.LLM):
    """The rules of one call.

    `expecting` is shared with the tools and the ears and says what a "yes" would mean; `not_understood` counts the
    turns in a row that made no sense; `ordered` is what the last utterance asked for, in order, and `done` the last of
    it when all was done.
    """

    def __init__(self, vocabulary: Vocabulary, expecting: Expecting) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.expecting = expecting
        self.not_understood = 0
        self.ordered: tuple[Understood, ...] = ()
        self.done: Understood | None = None
        self._turn = ""
        self._before: tuple[Expectation, int, Understood | None] = (NOTHING, 0, None)

    @property
    def sentences(self) -> ModuleType:
        """The sentences of the language that the call is held in by now."""
        return speech(self.expecting.language)

    @property
    def model(self) -> str:
        return "rules"

    @property
    def provider(self) -> str:
        return "offline"

    def reset(self) -> None:
        """Forget the call: its expectation and the count of turns not understood in a row."""
        self.expecting.clear()
        self.not_understood = 0
        self.ordered = ()
        self.done = None
        self._turn = ""
        self._before = (NOTHING, 0, None)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> "_RuleStream":
        offered = [] if tool_choice == "none" else tools or []
        return _RuleStream(self, chat_ctx=chat_ctx, tools=offered, conn_options=conn_options)

    def begin_turn(self, turn: str) -> Expectation:
        """What was expected when this utterance came; `turn` is the same for all its transcripts.

        The session may ask twice for one turn (a preliminary transcript, then the final one), and the first answer
        must neither become the question that the second is read against nor count twice.
        """
        if turn != self._turn:
            self._turn, self._before = turn, (self.expecting.now, self.not_understood, self.done)
        expected, self.not_understood, self.done = self._before
        return expected


class _RuleStream(llm.LLMStream):
    _llm: RuleLLM

    async def _run(self) -> None:
        items = self._chat_ctx.items
        said_at = max((index for index, item in enumerate(items) if _is_message(item, "user")), default=None)
        if said_at is None or any(_is_message(item, "assistant") for item in _at_the_end(items[said_at + 1 :])):
            return
        outputs = [item for item in items[said_at + 1 :] if isinstance(item, llm.FunctionCallOutput)]
        if outputs:
            self._after(outputs)
        else:
            self._first(said_at)

    def _after(self, outputs: Sequence[llm.FunctionCallOutput]) -> None:
        """Speak what the tools returned, unless more was ordered in the same breath."""
        calls = self._llm.ordered
        done = [output.name for output in outputs]
        names = [call.tool for call in calls]
        if done == names[: len(done)] and len(done) < len(names) and self._may_go_on(outputs):
            self._call(calls[len(done)])
        else:
            whole = done == names and not any(output.is_error for output in outputs)
            self._llm.done = calls[-1] if whole and calls else None
            self._say(" ".join(output.output for output in outputs if output.output))

    def _may_go_on(self, outputs: Sequence[llm.FunctionCallOutput]) -> bool:
        """A refusal or a question of the first tool ends what was ordered in the same breath."""
        return self._llm.expecting.now == NOTHING and not any(output.is_error for output in outputs)

    def _first(self, said_at: int) -> None:
        rules = self._llm
        items = self._chat_ctx.items
        expected = rules.begin_turn(items[said_at - 1].id if said_at else items[said_at].id)
        outcome = self._read(getattr(items[said_at], "text_content", None) or "", expected)
        if isinstance(outcome, NotUnderstood) and rules.done is not None:
            words = hear(getattr(items[said_at], "text_content", None) or "")
            outcome = after_the_deed(words, rules.done, rules.vocabulary) or outcome
        rules.ordered = (outcome, *outcome.then) if isinstance(outcome, Understood) else ()
        if isinstance(outcome, NotUnderstood):
            rules.not_understood += 1
        else:
            rules.not_understood = 0
        match outcome:
            case Understood(tool) if tool in self._offered():
                rules.expecting.clear()
                # Until it is known what becomes of this: the line may speak for its tools, and not ask again.
                rules.done = None
                self._call(outcome)
            case Understood():
                self._not_offered()
            case Ask(sentence, expectation):
                self._ask(sentence, expectation)
            case Repeat():
                self._say(self._last_sentence(said_at) or rules.sentences.say("nothing_to_repeat"))
            case NotUnderstood():
                self._say(self._not_understood(expected, said_at))

    def _read(self, text: str, expected: Expectation) -> Outcome:
        """What the words ask for; in Spanish what anybody asks of the office, and else what the line understands."""
        rules = self._llm
        if rules.expecting.language == "es" and self._is_reception():
            outcome = in_spanish(text, expected)
            if not isinstance(outcome, NotUnderstood):
                return outcome
        return self._reader()(text, rules.vocabulary, expected)

    def _not_understood(self, expected: Expectation, said_at: int) -> str:
        """An open question is put once more, so that a later "yes" can mean nothing else; then it is dropped."""
        rules = self._llm
        sorry = rules.sentences.say("not_understood", {"count": rules.not_understood})
        if self._is_reception() and not (expected.tool and rules.not_understood == 1):
            sorry = rules.sentences.say("customer_lost" if "my_visits" in self._offered() else "reception_lost")
        question = _question(self._last_sentence(said_at) or "")
        if expected.tool and rules.not_understood == 1 and question:
            rules.expecting.expect(expected)
            return f"{sorry} {question}"
        rules.expecting.clear()
        return sorry

    def _ask(self, sentence: str, expectation: Expectation) -> None:
        if expectation.tool and expectation.tool not in self._offered():
            self._not_offered()
            return
        self._llm.expecting.expect(expectation)
        self._say(sentence)

    def _not_offered(self) -> None:
        """A command of a line that this caller is not on: a technician has to prove who it is first."""
        self._llm.expecting.clear()
        if "identify" in self._offered():
            self._call(Understood("identify"))
        else:
            self._say(self._llm.sentences.say("verify_first"))

    def _reader(self) -> Callable[[str, Vocabulary, Expectation], Outcome]:
        """What is understood depends on the line, which is known by what it offers."""
        if "my_visits" in self._offered():
            return at_customer
        return at_front_desk if self._is_reception() else understand

    def _is_reception(self) -> bool:
        return "take_message" in self._offered()

    def _offered(self) -> frozenset[str]:
        return frozenset(
            tool.info.name for tool in self._tools if isinstance(tool, llm.FunctionTool | llm.RawFunctionTool)
        )

    def _last_sentence(self, before: int) -> str | None:
        spoken = (item for item in reversed(self._chat_ctx.items[:before]) if _is_message(item, "assistant"))
        return next((text for item in spoken if (text := getattr(item, "text_content", None))), None)

    def _call(self, call: Understood) -> None:
        self._send(
            tool_calls=[
                llm.FunctionToolCall(
                    name=call.tool, arguments=json.dumps(dict(call.arguments)), call_id=utils.shortuuid("call_")
                )
            ]
        )

    def _say(self, sentence: str) -> None:
        for word in sentence.split():
            self._send(content=f"{word} ")

    def _send(self, **delta: Any) -> None:
        self._event_ch.send_nowait(
            llm.ChatChunk(id=utils.shortuuid("rules_"), delta=llm.ChoiceDelta(role="assistant", **delta))
        )


def _question(text: str) -> str:
    """The last question in a text, or nothing."""
    sentences = re.findall(r"[^.!?]+[.!?]+", text)
    return next((sentence.strip() for sentence in reversed(sentences) if sentence.endswith("?")), "")


def _is_message(item: llm.ChatItem, role: str) -> bool:
    return isinstance(item, llm.ChatMessage) and item.role == role


def _at_the_end(items: Sequence[llm.ChatItem]) -> Sequence[llm.ChatItem]:
    """What stands after the last output of a tool."""
    last = max((index for index, item in enumerate(items) if isinstance(item, llm.FunctionCallOutput)), default=-1)
    return items[last + 1 :]
