"""The check character finds every slip that people make with their eyes, ears and fingers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.booking import reference

references = st.text(alphabet=reference.ALPHABET, min_size=7, max_size=7).map(
    lambda body: body + reference.check_character(body)
)


@given(references)
def test_every_single_wrong_character_is_found(right: str) -> None:
    for place in range(reference.LENGTH):
        for other in reference.ALPHABET.replace(right[place], ""):
            assert not reference.is_valid(right[:place] + other + right[place + 1 :])


@given(references)
def test_every_swap_of_two_is_found(right: str) -> None:
    for first in range(reference.LENGTH):
        for second in range(first + 1, reference.LENGTH):
            swapped = list(right)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert reference.is_valid("".join(swapped)) == (right[first] == right[second])


@given(references)
def test_small_full_width_and_spaced_letters_are_the_same_reference(right: str) -> None:
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in right)
    for typed in (right.lower(), full_width, f" {right[:4]}-{right[4:]} "):
        assert reference.tidy(typed) == right
        assert reference.is_valid(typed)


def test_a_made_reference_is_valid() -> None:
    assert all(reference.is_valid(reference.make()) for _ in range(200))


@pytest.mark.parametrize("typed", ["", "K7M2", "K7M29QXTT", "0OIL1111", "何秀珍何秀珍何秀", "ﬃ" * 8, "00000000"])
def test_another_text_is_none(typed: str) -> None:
    assert not reference.looks_like_one(typed)
    assert not reference.is_valid(typed)
