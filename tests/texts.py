"""Texts of a hall as tests write them: `name_zh="…", name_en="…"` for `name={"zh": "…", "en": "…"}`."""

import re
from typing import Any

_ONE = re.compile(
    r"(name|address|directions|bring|late|notice|pass_note|appeal|intro|coach|access|about|reason|alt|text|label"
    r"|purpose|kiosk)_(zh_Hant|zh|en|de)"
)


def fold(values: dict[str, Any]) -> dict[str, Any]:
    """The values with each text as one mapping by language."""
    folded: dict[str, Any] = {}
    for name, value in values.items():
        if found := _ONE.fullmatch(name):
            folded.setdefault(found[1], {})[found[2]] = value
        else:
            folded[name] = value
    return folded


def changed(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values with each text as that of the row with these languages changed."""
    folded = fold(values)
    return {
        name: {**getattr(row, name), **value} if isinstance(value, dict) else value for name, value in folded.items()
    }
