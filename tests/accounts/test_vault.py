"""Secrets at rest: unreadable without the deployment's key, readable while keys are rotated."""

import pytest

from hallapp.accounts import vault

OLD, NEW, OTHER = "an-old-secret-key-0123456789", "a-new-secret-key-0123456789", "somebody-elses-key-0123456789"


def test_ciphertext_reveals_nothing_and_is_never_the_same() -> None:
    first, second = vault.close("JBSWY3DPEHPK3PXP", (OLD,)), vault.close("JBSWY3DPEHPK3PXP", (OLD,))
    assert first != second
    assert "JBSWY3DPEHPK3PXP" not in first
    assert len(first) <= 300  # the column
    assert vault.open_(first, (OLD,)) == vault.open_(second, (OLD,)) == "JBSWY3DPEHPK3PXP"


def test_rotated_key_reads_old_values_and_encrypts_with_the_new_key() -> None:
    closed = vault.close("secret", (OLD,))
    assert vault.open_(closed, (NEW, OLD)) == "secret"
    anew = vault.renewed(closed, (NEW, OLD))
    assert anew != closed
    assert vault.open_(anew, (NEW,)) == "secret"
    assert vault.renewed(anew, (NEW, OLD)) == anew


@pytest.mark.parametrize("keys", [(OTHER,), (NEW, OTHER)])
def test_other_keys_decrypt_nothing(keys: tuple[str, ...]) -> None:
    closed = vault.close("secret", (OLD,))
    for attempt in (vault.open_, vault.renewed):
        with pytest.raises(vault.Unreadable):
            attempt(closed, keys)


@pytest.mark.parametrize("changed", ["", "x", "gAAAAA", "é"])
def test_plain_text_does_not_decrypt(changed: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.open_(changed, (OLD,))


def test_a_changed_ciphertext_does_not_decrypt() -> None:
    closed = vault.close("secret", (OLD,))
    with pytest.raises(vault.Unreadable):
        vault.open_(closed[:-5] + ("A" if closed[-5] != "A" else "B") + closed[-4:], (OLD,))
