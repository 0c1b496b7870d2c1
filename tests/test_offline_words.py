"""What the offline ears listen with: phrases, pronunciations, grammar and language model, without any sound."""

import math
import re
from collections import defaultdict
from itertools import chain
from pathlib import Path
from random import Random

import pytest
import yaml

from agent.offline import grammar
from agent.offline.decoder import Decoder
from agent.offline.finite import Automaton
from agent.offline.language_model import arpa
from agent.offline.phrase_syntax import Choice, draw, parse, slots
from agent.offline.phrases import PHRASES
from agent.offline.pronounce import dictionary, pronunciations, spoken_words
from agent.offline.speech_model import lines, training_sentences
from agent.offline.trust import word_distance
from agent.offline.vocabulary import Vocabulary
from agent.offline.worlds import KEPT, Worlds
from bench import ears_sentences

TESTS = Path(__file__).parent
PHONES = frozenset(
    [
        *("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW", "B", "CH", "D"),
        *(
            "DH",
            "F",
            "G",
            "HH",
            "JH",
            "K",
            "L",
            "M",
            "N",
            "NG",
            "P",
            "R",
            "S",
            "SH",
            "T",
            "TH",
            "V",
            "W",
            "Y",
            "Z",
            "ZH",
        ),
    ]
)
VOCABULARY = Vocabulary(
    people=("Zbigniew Wójcik", "Siobhán O'Neill"),
    customers=("Kwik-E-Mart #3", "漢字 Ltd."),
    parts=("RJ45 Connector", "12V Power Supply", "Cat6 Cable", "Hikvision DS-2CD2143G2", '½" EMT'),
    aliases=("p.o.e. switch", "", "???"),
    trucks=("201",),
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("RJ45 Connector", "r j forty five connector"),
        ("12V Power Supply", "twelve volt power supply"),
        ("PoE Switch 8-Port", "p o e switch eight port"),
        ("BNC", "b n c"),
        ("Cat6", "cat six"),
        ("2TB Hard Drive", "two terabyte hard drive"),
        ("Dave O'Brien", "dave o'brien"),
        ("Müller & Søn", "muller son"),
        ("1,000 ft box", "one zero zero zero feet box"),
    ],
)
def test_names_are_written_as_they_are_said(written: str, said: str):
    assert " ".join(spoken_words(written)) == said


@pytest.mark.parametrize("word", ["hikvision", "wojcik", "crimper", "faceplate", "q", "xyzzy", "o'dowd", "e", "zzz"])
def test_every_word_gets_a_pronunciation_of_known_phones(word: str):
    said = pronunciations(word)
    assert said
    assert set(chain.from_iterable(phones.split() for phones in said)) <= PHONES


def test_unknown_words_sound_like_their_parts():
    assert pronunciations("faceplate") == ("F EY S P L EY T",)
    assert pronunciations("crimpers")[0].endswith("ER Z")


def test_phrases_name_only_slots_that_are_filled():
    table = grammar.rules(Vocabulary())
    assert grammar.unknown_slots(PHRASES, table) == set()


@pytest.mark.parametrize("broken", ["(a | b", "a ]", "a | [b) c", "<un"])
def test_broken_phrases_are_refused(broken: str):
    with pytest.raises(ValueError, match=r"phrase|closed|unexpected"):
        parse(broken)


def test_automaton_accepts_what_the_phrases_draw_and_nothing_cut_short():
    table = grammar.rules(VOCABULARY)
    automaton = Automaton(grammar.command_tree(table), table)
    chance = Random(3)
    for tree in (tree for tree in grammar.commands() if grammar.FREE not in slots(tree)):
        assert automaton.accepts(draw(tree, table, chance))
    for words in ("um clock me in on truck two oh one please", "i used twelve r j forty five connectors"):
        assert automaton.accepts(words.split())
    for words in ("clock me in on truck two", "used three", "clock me sideways", "purple", "in me clock"):
        assert not automaton.accepts(words.split())


def test_denials_have_a_place_of_their_own():
    table = grammar.rules(VOCABULARY)
    automaton = Automaton(grammar.command_tree(table), table)
    for words in ("don't clock me out", "i am not on my way", "she used three connectors", "i never arrived"):
        assert automaton.accepts(words.split())


def test_names_that_cannot_be_said_are_left_out():
    names = grammar.part_names(VOCABULARY)
    assert "r j forty five connectors" in names
    assert all(re.fullmatch(r"[a-z' ]+", name) for name in names)
    assert Automaton(grammar.command_tree(grammar.rules(Vocabulary())), grammar.rules(Vocabulary()))


def test_language_model_is_a_probability_distribution():
    sentences = [text.split() for text in ("the camera is dead", "the camera works", "a door works", "the door")]
    grams: dict[int, dict[tuple[str, ...], tuple[float, float]]] = defaultdict(dict)
    order = 0
    for line in arpa(sentences).splitlines():
        if match := re.fullmatch(r"\\(\d)-grams:", line):
            order = int(match[1])
        elif order and "\t" in line:
            probability, words, *back_off = line.split("\t")
            grams[order][tuple(words.split())] = (float(probability), float(back_off[0]) if back_off else 0.0)
    vocabulary = [gram[0] for gram in grams[1] if gram != ("<s>",)]

    def log(history: tuple[str, ...], word: str) -> float:
        gram = (*history, word)
        if gram in grams[len(gram)]:
            return grams[len(gram)][gram][0]
        weight = grams[len(history)].get(history, (0.0, 0.0))[1]
        return weight + log(history[1:], word)

    for history in ((), ("the",), ("<s>", "the"), ("the", "camera"), ("a", "camera")):
        assert math.isclose(sum(10 ** log(history, word) for word in vocabulary), 1.0, abs_tol=0.01), history


def test_training_text_is_the_same_every_time_and_can_be_said():
    table = grammar.rules(VOCABULARY)
    first, second = list(training_sentences(table)), list(training_sentences(table))
    assert first == second
    words = {word for sentence in first for word in sentence}
    assert len(words) > 900
    strange = {word for word in words if word not in dictionary()}
    assert len(strange) < 25, sorted(strange)


def test_model_of_a_vocabulary_is_made_once(tmp_path: Path):
    first, second = Decoder(), Decoder()
    Worlds(first, tmp_path).of(VOCABULARY)
    made = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    world = Worlds(second, tmp_path).of(VOCABULARY)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == made
    assert len(made) == 1
    assert second.knows(world.model)
    assert second.knows(world.commands)


def test_only_a_few_vocabularies_are_kept(tmp_path: Path):
    decoder = Decoder()
    worlds = Worlds(decoder, tmp_path)
    first = worlds.of(Vocabulary(parts=("Valve",)))
    for number in range(KEPT):
        worlds.of(Vocabulary(parts=("Valve",), trucks=(str(number),)))
    assert not decoder.knows(first.model)
    assert worlds.of(Vocabulary(parts=("Valve",))).key == first.key


def said_in_tests() -> set[str]:
    """Every sentence that somebody says in scenarios, audio, phrasings and the bench."""
    found: set[str] = set()
    for path in [*TESTS.glob("scenarios/*.yaml"), *TESTS.glob("phrasings/*.yaml"), *TESTS.glob("audio/**/*.yaml")]:
        found |= {text for text in _said(yaml.safe_load(path.read_text())) if len(text.split()) > 3}
    for sentences in (ears_sentences.COMMANDS, ears_sentences.DICTATED, ears_sentences.NOTES, ears_sentences.UNRELATED):
        found |= set(sentences)
    return {" ".join(re.findall(r"[a-z']+", text.lower())) for text in found}


def _said(data: object) -> list[str]:
    if isinstance(data, dict):
        own = [data["say"]] if isinstance(data.get("say"), str) else []
        return own + [text for value in data.values() for text in _said(value)]
    return [text for item in data for text in _said(item)] if isinstance(data, list) else []


def test_no_sentence_of_a_test_stands_in_the_data():
    said = said_in_tests()
    assert len(said) > 150
    for name in ("trade.txt", "everyday.txt"):
        sentences, rules = lines(name)
        made = Automaton(Choice(sentences), {**rules, "name": parse("john")})
        assert [text for text in said if made.accepts(text.split())] == []


def test_word_distance_overlooks_politeness():
    assert word_distance("um clock me out please", "clock me out") == 0
    assert word_distance("two oh one", "two zero one") == 0
    assert word_distance("don't clock me out", "clock me out") > 0.2
