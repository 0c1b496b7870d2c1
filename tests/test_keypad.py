"""Badge and PIN by keypad: how an entry ends, and that no digit is seen where it must not be."""

from __future__ import annotations

import pytest

from agent.keypad import KEY, Entry, Keypad, masked, says_digits


def pressed(keys: str) -> Keypad:
    keypad = Keypad()
    for key in keys:
        keypad.press(key)
    return keypad


async def test_pound_key_ends_an_entry() -> None:
    entry = await pressed("101#").read(idle_s=60)
    assert (entry.digits, entry.ended_by) == ("101", "key")


async def test_caller_who_forgets_the_pound_key_is_understood_after_a_while() -> None:
    entry = await pressed("101").read(idle_s=0.01)
    assert (entry.digits, entry.ended_by) == ("101", "idle")


async def test_caller_who_presses_nothing_is_told_apart() -> None:
    entry = await Keypad().read(first_key_s=0.01)
    assert not entry
    assert entry.ended_by == "nothing"


async def test_badge_and_pin_keyed_in_one_go_are_two_entries() -> None:
    keypad = pressed("101#2010#")
    assert [(await keypad.read()).digits, (await keypad.read()).digits] == ["101", "2010"]


async def test_star_starts_an_entry_anew() -> None:
    assert (await pressed("99*101#").read()).digits == "101"


async def test_pound_keys_before_the_first_digit_end_nothing() -> None:
    assert (await pressed("##101#").read()).digits == "101"


def test_printing_an_entry_shows_no_digit() -> None:
    assert "2010" not in repr(Entry("2010", "key"))


@pytest.mark.parametrize("words", ["two zero one zero", "2010", "it's twenty ten", "my pin is two oh one oh", "•"])
def test_spoken_pin_is_noticed(words: str) -> None:
    assert says_digits(words)


@pytest.mark.parametrize("words", ["I need help", "one moment please", "what was that", "I don't have my badge"])
def test_other_words_are_no_pin(words: str) -> None:
    assert not says_digits(words)


@pytest.mark.parametrize("words", ["two zero one zero", "2010", "it's twenty-ten", "double two oh four", "2 0 1 0"])
def test_no_digit_of_a_spoken_pin_is_left(words: str) -> None:
    left = masked(words, secret_expected=True)
    assert "•" in left
    assert not any(char.isdigit() for char in left)
    assert not {"two", "zero", "ten", "double", "four"} & set(left.replace("-", " ").split())


def test_number_called_a_pin_is_masked_at_any_time() -> None:
    assert masked("my PIN is two oh one oh", secret_expected=False) == "my PIN is •"


def test_truck_numbers_are_left_alone_once_the_caller_is_known() -> None:
    assert masked("clock me in on truck 201", secret_expected=False) == "clock me in on truck 201"


@pytest.mark.parametrize("said", ["mi clave es dos cero uno cero", "el nip, treinta y dos cuarenta"])
def test_spanish_secret_is_masked(said: str) -> None:
    assert KEY in masked(said, secret_expected=False)
    assert not {"cero", "treinta", "cuarenta"} & set(masked(said, secret_expected=False).split())
    assert masked("once more, please", secret_expected=False) == "once more, please"
