"""Normalisation of typed or pasted text, before it is read, compared, stored or printed."""

import re
import unicodedata

# NFC would replace these by other characters, some of which look different; a name must stay as it was typed.
_NOT_IN_FILE_NAMES = dict.fromkeys(map(ord, r'\/:*?"<>|'), "-")
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
#: Groups of three digits after commas, apostrophes or spaces. A point is none of them: it may begin a fraction.
_GROUPED = re.compile(r"[0-9]{1,3}([,'’ \u00a0\u2009\u202f])[0-9]{3}(?:\1[0-9]{3})*")
_MYRIADS = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))? ?[万萬]")
_MYRIAD_DIGITS = 4
_JOINERS = "\u200c\u200d"
#: Arabic, Syriac, N'Ko, the scripts of India and South-East Asia, Tibetan, Mongolian: joiners are part of their
#: spelling.
_JOINED = re.compile("[\u0600-\u08ff\u0900-\u109f\u1780-\u18af]")
_ANY_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_KEPT = frozenset("\u180e\u115f\u1160")  # they shape Mongolian vowels and old Korean syllables
_AS_BLANK = frozenset("\u2028\u2029\u3164\uffa0")
# Not NFKC: it would turn `²` into a plain digit.
_FULL_WIDTH: dict[int, int | str] = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: " "}


def clean(text: str) -> str:
    """Compose letters with their accents (NFC), and remove invisible characters.

    Removed are zero-width spaces, byte order marks, soft hyphens, direction marks, and variation selectors. Line and
    paragraph separators and blank Hangul letters become blanks. Joiners stay inside of scripts that need them.
    Control characters stay: the form reports them as an error.
    """
    return _composed(_without_unseen(text) if _ANY_UNSEEN.search(text) else text)


def tidy(text: str | None) -> str:
    """Return a text in normalised form, trimmed, with line breaks as `\\n`."""
    return clean(text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def plain(text: str) -> str:
    """Return full-width digits and colons as plain ones, trimmed, without invisible characters."""
    return clean(text).translate(_FULL_WIDTH).strip()


def read_whole(text: str) -> str:
    """Return the digits of a whole number as it is written by hand: 12,000 and 12 000 are 12000, and so is 1.2万.

    A text that can be read in two ways, or is no such number, is returned as it is.
    """
    typed = plain(text)
    if _GROUPED.fullmatch(typed):
        return "".join(character for character in typed if character.isdecimal())
    found = _MYRIADS.fullmatch(typed)
    if found:
        fraction = (found[2] or "").rstrip("0")
        if len(fraction) <= _MYRIAD_DIGITS:
            return (found[1] + fraction.ljust(_MYRIAD_DIGITS, "0")).lstrip("0") or "0"
    return typed


def visible(text: str | None) -> str:
    """Return a text without control characters, which no page may show again."""
    return "".join(character for character in text or "" if unicodedata.category(character) != "Cc")


def file_name(text: str, *, most: int = 40) -> str:
    """Return a text as a part of a file's name, on every system: at most so many characters, none of them special."""
    return visible(" ".join(clean(text).split())).translate(_NOT_IN_FILE_NAMES)[:most].strip(" .-")


def _composed(text: str) -> str:
    if unicodedata.is_normalized("NFC", text):
        return text
    parts = _COMPATIBILITY_IDEOGRAPHS.split(text)
    return "".join(part if index % 2 else unicodedata.normalize("NFC", part) for index, part in enumerate(parts))


def _without_unseen(text: str) -> str:
    visible: list[str] = []
    for index, character in enumerate(text):
        if character in _JOINERS:
            if visible and _JOINED.match(visible[-1]) and _JOINED.match(text[index + 1 : index + 2]):
                visible.append(character)
        elif character in _AS_BLANK:
            visible.append(" ")
        elif character in _KEPT or not _ANY_UNSEEN.match(character):
            visible.append(character)
    return "".join(visible)


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its English noun, as in `1 day` and `2 days`; `several` is an irregular plural."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"
