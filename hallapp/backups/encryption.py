"""Encrypting an archive with age (https://age-encryption.org/v1), by a passphrase or for the holder of an identity."""

from pathlib import Path

import pyrage

from hallapp.backups.errors import ArchiveEncrypted, KeyDoesNotOpen, RecipientInvalid

_MAGIC = b"age-encryption.org/"


def is_encrypted(file: Path) -> bool:
    """Return whether a file is encrypted by age."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def encrypt(plain: Path, target: Path, *, recipient: str | None, passphrase: str | None) -> None:
    """Write `plain` encrypted to `target`. A passphrase needs memory for the whole file; a recipient does not.

    Raises:
        RecipientInvalid: the recipient is no public key of age.
    """
    if passphrase is not None:
        target.write_bytes(pyrage.passphrase.encrypt(plain.read_bytes(), passphrase))
        return
    try:
        key = pyrage.x25519.Recipient.from_str(recipient or "")
    except pyrage.RecipientError:
        raise RecipientInvalid(recipient=(recipient or "")[:12]) from None
    pyrage.encrypt_file(str(plain), str(target), [key])


def decrypt(file: Path, target: Path, *, identity: Path | None, passphrase: str | None) -> None:
    """Write the archive that an encrypted file holds to `target`.

    Raises:
        ArchiveEncrypted: neither an identity nor a passphrase was given.
        KeyDoesNotOpen: the one that was given is not the right one.
    """
    try:
        if passphrase is not None:
            target.write_bytes(pyrage.passphrase.decrypt(file.read_bytes(), passphrase))
        elif identity is not None:
            lines = (line.strip() for line in identity.read_text(encoding="ascii").splitlines())
            keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
            pyrage.decrypt_file(str(file), str(target), keys)
        else:
            raise ArchiveEncrypted
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError):
        raise KeyDoesNotOpen from None
