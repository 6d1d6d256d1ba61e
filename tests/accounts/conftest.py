"""Digests that cost next to nothing, for tests that sign in a hundred times."""

import pytest
from argon2 import PasswordHasher

from hallapp.accounts import passwords


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    monkeypatch.setattr(passwords, "NOBODY", passwords.digest("nobody has this password"))
