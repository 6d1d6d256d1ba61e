"""Text that hand-held scanners add to a code."""

import re

# ISO/IEC 15424: "]", a letter for the kind of code, a character for its options. Input methods may change the
# bracket.
_SYMBOLOGY = re.compile(r"\s*[]\uff3d\u3011][A-Za-z\uff21-\uff3a\uff41-\uff5a][0-9A-Za-z\uff10-\uff19]")


def without_symbology(scanned: str) -> str:
    """Return a scanned text without the AIM symbology identifier, such as `]Q1`, that some scanners prepend."""
    found = _SYMBOLOGY.match(scanned)
    return scanned[found.end() :] if found else scanned
