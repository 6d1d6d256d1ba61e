"""Pico, rewritten for the oldest browsers in use: `python -m tests.lowering` makes the file that the pages load.

Such a browser drops a whole rule when it does not know one of its selectors. Here every `:is()`, `:where()` and list in
`:not()` becomes plain selectors, and a selector that has no older form gets a rule of its own. An alternative never
weighs less than it did, so that the cascade is the same; what stood in `:where()` may weigh one element more, and our
sheets, which follow, still win.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from hallapp.settings import ROOT

RELEASE = Path(__file__).parent / "vendor" / "pico-2.1.1.min.css"
LOWERED = ROOT / "static" / "vendor" / "pico" / "pico.min.css"

#: What weighs nothing in the release and would weigh too much in plain words, as it is safe to say it here.
#: No `svg` of ours has a `fill`, no `select` a `size`, and the rules of buttons outweigh those of links.
REPLACED = {
    ":where(a:not([role=button]))": "a",
    ":where(:root)": "html",
    ":where(svg:not([fill]))": "svg",
    "select:not([multiple],[size])": "select:not([multiple])",
}
PROPERTIES = {
    r"\bpadding-block:([^;}]+)": r"padding-top:\1;padding-bottom:\1",
    r"(?<![\w-])inset:([^;}]+)": r"top:\1;right:\1;bottom:\1;left:\1",
}
#: Selectors without an older form. The pages are complete without them.
UNKNOWN = (":has(", ":focus-visible", "::file-selector-button")
INPUT_TYPES = (
    *("button", "checkbox", "color", "date", "datetime-local", "email", "file", "image", "month", "number"),
    *("password", "radio", "range", "reset", "search", "submit", "tel", "text", "time", "url", "week"),
)
_LISTS = re.compile(r":(is|where|not)\(")
_TYPE = re.compile(r"\[type=([\w-]+)\]")
_PARTS = (r"#[\w-]+", r"\.[\w-]+|\[[^\]]*\]|(?<!:):(?!:)[\w-]+(?:\([^()]*\))?", r"::[\w-]+|(?<![\w.#:-])[a-z][\w-]*")
_PADDING = (":not(#_)", ":not([_])", ":not(_)")


def lower(style: str) -> str:
    """Return a minified style sheet without the selectors and properties that the oldest browsers do not know."""
    for pattern, longhands in PROPERTIES.items():
        style = re.sub(pattern, longhands, style)
    return re.sub(r"(?<=[{};/])([^{};/@]+)\{([^{}]*)\}", lambda rule: "".join(_lower_rule(rule[1], rule[2])), style)


def _lower_rule(selectors: str, body: str) -> Iterator[str]:
    """Write a rule in plain selectors, and once more for each selector that an old browser does not know."""
    plain = [one for selector in split(selectors) for one in _lower_selector(selector)]
    for _unknown, group in groupby(sorted(plain, key=find_unknown), key=find_unknown):
        yield f"{','.join(dict.fromkeys(group))}{{{body}}}"


def find_unknown(selector: str) -> tuple[str, ...]:
    """Find what an old browser does not know in a selector, and no plain form can replace."""
    return tuple(part for part in UNKNOWN if part in selector)


def _lower_selector(selector: str) -> Iterator[str]:
    if find_unknown(selector):
        yield selector  # whoever knows it knows the lists too
        return
    for written, plain in REPLACED.items():
        selector = selector.replace(written, plain)
    wanted = weigh(selector)
    for plain in filter(_is_possible, _expand(selector)):
        missing = [max(0, want - have) for want, have in zip(wanted, weigh(plain), strict=True)]
        padding = "".join(pad * count for pad, count in zip(_PADDING, missing, strict=True) if wanted > weigh(plain))
        before, colons, element = plain.partition("::")
        yield before + padding + colons + element


def _expand(selector: str) -> Iterator[str]:
    """Write out the first list of a selector in each of its alternatives, then the next one."""
    for found in _LISTS.finditer(selector):
        end = _close(selector, found.end())
        before, inside, after = selector[: found.start()], split(selector[found.end() : end]), selector[end + 1 :]
        if found[1] != "not":
            alternatives = inside
        elif len(inside) > 1:
            alternatives = _negate(before, inside)
        else:
            continue
        for alternative in alternatives:
            yield from _expand(_join(before, alternative) + after)
        return
    yield selector


def _join(before: str, alternative: str) -> str:
    """Put an alternative to what precedes it. The name of an element comes first among the parts of its compound."""
    if not alternative[:1].isalpha():
        return before + alternative
    start = max(before.rfind(combinator) for combinator in " >+~") + 1
    return before[:start] + alternative + before[start:]


def _negate(before: str, excluded: list[str]) -> list[str]:
    """Say `:not(a, b)` in plain words. Types become all other types: each weighs what the list did, a chain more."""
    element = re.split(r"[\s>+~]", before)[-1]
    types = {found[1] for one in excluded if (found := _TYPE.fullmatch(one))}
    rest = "".join(f":not({one})" for one in excluded if not _TYPE.fullmatch(one))
    if not types or not element.startswith("input"):
        return [rest]  # no other element has these types
    return [f"{kind}{rest}" for kind in (":not([type])", *(f"[type={one}]" for one in INPUT_TYPES if one not in types))]


def _is_possible(selector: str) -> bool:
    """Whether no element of the selector has two types, or one and none."""
    return all(
        len(set(_TYPE.findall(one))) + (":not([type])" in one) < 2
        for one in re.split(r"[\s>+~](?![^(\[]*[)\]])", selector)
    )


def weigh(selector: str) -> tuple[int, int, int]:
    """Weigh a selector as the cascade does: ids, classes, elements."""
    total = [0, 0, 0]
    while found := _LISTS.search(selector):
        end = _close(selector, found.end())
        heaviest = max(map(weigh, split(selector[found.end() : end]))) if found[1] != "where" else (0, 0, 0)
        total = [have + more for have, more in zip(total, heaviest, strict=True)]
        selector = selector[: found.start()] + selector[end + 1 :]
    for index, pattern in enumerate(_PARTS):
        selector, count = re.subn(pattern, "", selector)
        total[index] += count
    return total[0], total[1], total[2]


def split(selectors: str) -> list[str]:
    """Split a list of selectors at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for letter in selectors:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _close(selector: str, start: int) -> int:
    """Find the bracket that closes what was opened before `start`."""
    depth = 1
    for index in range(start, len(selector)):
        depth += (selector[index] == "(") - (selector[index] == ")")
        if not depth:
            return index
    raise ValueError(selector)


if __name__ == "__main__":
    LOWERED.write_text(lower(RELEASE.read_text()))
