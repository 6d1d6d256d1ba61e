"""The text by which written places are compared."""

import re
import unicodedata

from hallapp.history.placewords import TRADITIONAL

LONGEST = 80  # characters: no place has a longer name


def key_of(text: str) -> str:
    """Return a text as places are compared: without widths, cases, blanks and marks."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().translate(TRADITIONAL)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[^\w]|_", "", text)
