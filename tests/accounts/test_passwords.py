"""Digests: at the cost that is recommended today."""

import argon2
import pytest

from hallapp.accounts import passwords


def test_cost_is_the_second_recommended_one_of_rfc_9106(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real hasher, not the tests' cheap one
    cost = argon2.extract_parameters(passwords.NOBODY)
    assert (cost.type, cost.version) == (argon2.Type.ID, 19)
    assert (cost.time_cost, cost.memory_cost, cost.parallelism, cost.salt_len) == (3, 65536, 4, 16)
    assert argon2.extract_parameters(passwords.digest("a password")) == cost
