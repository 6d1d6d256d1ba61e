"""The short reference of a booking: seven random characters and a check character, made to be read out and typed.

The alphabet is the 31 digits and capitals that cannot be taken for one another. 31 is prime, so with the weights 1 to 8
a weighted sum of zero modulo 31 finds every single wrong character and every swap of two.
"""

import secrets
import unicodedata

from hallapp.core import scans

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def make() -> str:
    """Return a new reference, 8 characters. Some 27 billion exist: the database's UNIQUE finds the rare collision."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the eighth character for the first seven."""
    total = sum(weight * _VALUE[character] for weight, character in enumerate(body, start=1))
    return ALPHABET[-total * pow(LENGTH, -1, len(ALPHABET)) % len(ALPHABET)]


def tidy(typed: str) -> str:
    """Return a typed or scanned reference as plain capitals, without spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", scans.without_symbology(typed)).upper()
    return "".join(character for character in plain if character.isalnum())


def looks_like_one(typed: str) -> bool:
    """Return whether this has the shape of a reference, right or with a slip."""
    tidied = tidy(typed)
    return len(tidied) == LENGTH and all(character in _VALUE for character in tidied)


def is_valid(typed: str) -> bool:
    """Return whether this is a reference whose check character is right."""
    tidied = tidy(typed)
    return looks_like_one(tidied) and check_character(tidied[:-1]) == tidied[-1]
