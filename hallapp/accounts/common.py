"""Common passwords: a list, and variations of its entries (`Password2026!`, `woaini1314`).

A password is cut into the cheapest pieces. An entry of the list costs 2; a run of the keyboard or of digits, a
repetition, a year, a lucky number, and a name of the hall or of the account cost 1, a date 2; any other character 1. A
total of 4 or less is refused: it is two entries, or one with little more. Three unrelated words cost 6.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "common_passwords.txt"
_TOO_CHEAP = 4
_ENTRY, _EASY = 2, 1
_LEAST, _MOST = 3, 24  # characters of a piece
_ROWS = (
    *("1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "0123456789"),
    *(
        "147258369",
        "159357",
        "741852963",
        "zaq12wsxcde34rfvbgt56yhnmju78ik",
        "qweasdzxc",
        "123qweasdzxc",
        "112233445566",
    ),
)
_RUNS = (*_ROWS, *(row[::-1] for row in _ROWS))
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LUCKY = {"520", "521", "1314", "5201314", "1314520", "5211314", "666", "888", "168", "518", "131", "110", "007"}
_READ_AS = (str.maketrans("013457@$!", "oieastasi"), str.maketrans("01345789@$!", "oleastbgasl"))


def is_common(password: str, own: Iterable[str] = ()) -> bool:
    """Return whether many people use this password, or nearly; `own` are names that anyone here would try."""
    plain = _plain(password)
    names = {word for name in own for word in _words(name)}
    shortest = re.fullmatch(r"(.{1,12}?)\1+", plain)
    return _cost(shortest[1] if shortest else plain, names) <= _TOO_CHEAP


def _cost(text: str, names: set[str]) -> int:
    """Return the cost of the cheapest way to cut a text into pieces."""
    costs = [0]
    for end in range(1, len(text) + 1):
        pieces = range(max(0, end - _MOST), end - 1)
        costs.append(min([costs[-1] + 1, *(costs[start] + _piece_cost(text[start:end], names) for start in pieces)]))
    return costs[-1]


def _piece_cost(piece: str, names: set[str]) -> int:
    """Return the cost of a piece as a whole: its length if it is nothing known."""
    if piece in names or _is_easy(piece):
        return _EASY
    if len(piece) > _LEAST and (_is_entry(piece) or _DATE.fullmatch(piece)):
        return _ENTRY
    return len(piece)


def _is_easy(piece: str) -> bool:
    if len(piece) < _LEAST:
        return False
    repeated = len(set(piece)) == 1
    return repeated or piece in _LUCKY or bool(_YEAR.fullmatch(piece)) or any(piece in run for run in _RUNS)


def _is_entry(piece: str) -> bool:
    entries = _entries()
    return piece in entries or any(piece.translate(table) in entries for table in _READ_AS)


def _plain(typed: str) -> str:
    """Return a text in small letters, half-width and without blanks and punctuation, but for signs used as letters."""
    return re.sub(r"[^\w@$!]|_", "", unicodedata.normalize("NFKC", typed).casefold()).rstrip("@$!")


def _words(name: str) -> set[str]:
    """Return a name as a whole and each of its words, as they may occur in a password."""
    words = {_plain(name), *(_plain(word) for word in re.split(r"[\W_]+", name))}
    return {word for word in words if len(word) > 1}


@cache
def _entries() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line != "#" and not line.startswith("# "))
