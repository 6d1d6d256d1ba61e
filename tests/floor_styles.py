"""What the oldest browsers in use do not know of styles, by the version that has it, as MDN's compatibility data says.

Such a browser drops a whole rule for one selector that it does not know, and a declaration for its value. So a newer
selector has a rule of its own and a newer value an older one before it, and without either the page is complete.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.lowering import split

#: Selectors that none of our sheets may have, as plain ones say the same.
NEVER = {
    r":is\(": "Chrome 88, Safari 14, Firefox 78",
    r":where\(": "Chrome 88, Safari 14, Firefox 78",
    r":not\([^()]*(?:\([^()]*\)[^()]*)*,": "a list in :not(), Chrome 88, Safari 9, Firefox 84",
    r":not\([^()\[\]]*[\s>+~]": "a chain in :not(), Chrome 88, Safari 9, Firefox 84",
    r":nth-(?:last-)?child\([^()]*\bof\b": "Chrome 111, Safari 9, Firefox 113",
    r"&": "nesting, Chrome 120, Safari 17.2, Firefox 117",
}
#: Selectors that may stand in rules of their own.
NEWER = {
    ":has(": "Chrome 105, Safari 15.4, Firefox 121",
    ":focus-visible": "Chrome 86, Safari 15.4, Firefox 85",
    "::file-selector-button": "Chrome 89, Safari 14.1, Firefox 82",
    ":user-valid": "Chrome 119, Safari 16.5, Firefox 88",
    ":user-invalid": "Chrome 119, Safari 16.5, Firefox 88",
    ":autofill": "Chrome 110, Safari 15, Firefox 86",
    ":modal": "Chrome 105, Safari 15.6, Firefox 103",
    ":popover-open": "Chrome 114, Safari 17, Firefox 125",
    ":open": "Chrome 133, Safari 26, Firefox 136",
    ":dir(": "Chrome 120, Safari 16.4, Firefox 49",
    "::marker": "Chrome 86, Safari 11.1, Firefox 68",
    "::target-text": "Chrome 89, Safari 18.2, Firefox 131",
    "::highlight(": "Chrome 105, Safari 17.2, Firefox 140",
}
#: The newer selectors that are used, by a part of what they stand with, and why a page is complete without them.
PLAINER = {
    ("pico.min.css", ":has("): "the frame of a group of fields, which each have their own; the hand over a tick",
    ("pico.min.css", ":focus-visible"): "base.css shows the focus of everything",
    ("pico.min.css", "::file-selector-button"): "the button looks as the system draws it",
    ("pico.min.css", "::marker"): "the marker is hidden by its older name too",
    ("history.css", "::file-selector-button"): "the button looks as the system draws it",
    ("base.css", ":focus:not(:focus-visible)"): "an older browser shows the focus after a touch as well",
    ("admin-setup.css", "input:focus:not(:focus-visible)"): "the same",
    ("admin.css", ".settle-row:not(:has("): "the hall's own words can always be written",
    ("booking.css", "#booking .time:has("): "the radio button shows it",
    ("booking.css", "#booking:has("): "the server and the script set the class `waits` as well",
    ("booking.css", "#booking.waits:has("): "the script removes the class; without it the button is the one of before",
    ("bookings.css", ".bookings .slot:has("): "the radio button shows it",
    ("desk.css", "details.walk-in .row:has("): "a column is wider",
    ("feedback.css", ".stars label:has("): "the radio button shows it",
}
AT_RULES = {
    r"@layer\b": "Chrome 99, Safari 15.4, Firefox 97",
    r"@container\b": "Chrome 105, Safari 16, Firefox 110",
    r"@property\b": "Chrome 85, Safari 16.4, Firefox 128",
    r"@scope\b": "Chrome 118, Safari 17.4, Firefox 146",
    r"@starting-style\b": "Chrome 117, Safari 17.5, Firefox 129",
    r"@view-transition\b": "Chrome 126, Safari 18.2",
    r"@media[^{]*[<>]": "ranges in media queries, Chrome 104, Safari 16.4, Firefox 63",
}
VALUES = {
    r"\b(?:color-mix|light-dark|color|oklch|oklab|lch|lab|hwb)\(": "Chrome 101 and later, Safari 15, Firefox 96",
    r"\b(?:rgba?|hsla?)\(from\b": "Chrome 119, Safari 16.4, Firefox 128",
    r"\d(?:[dsl]v(?:h|w|i|b|min|max)|cq\w+|r?lh|cap|ric|rex|rch)\b": "Chrome 105 and later, Safari 15.4, Firefox 101",
    r"(?<![\w-])(?:fit-content|stretch)\b(?!\()": "Chrome 46, Safari 11, Firefox 94",
    r"\b(?:round|mod|rem|sin|cos|tan|pow|sqrt|hypot|abs|sign|anchor|calc-size|linear)\(": "Chrome 111 or later",
    r"\b(?:subgrid|revert-layer)\b": "Chrome 117 and 99, Safari 16 and 15.4, Firefox 71 and 97",
    r"\bconic-gradient\(": "Chrome 69, Safari 12.1, Firefox 83",
    r"\b(?:image-set|cross-fade)\(": "Chrome 113, Safari 17, Firefox 88",
    r"\bclip$": "overflow: clip, Chrome 90, Safari 16, Firefox 81",
}
PROPERTIES = {
    r"inset(?:-(?:inline|block).*)?": "Chrome 87, Safari 14.1, Firefox 66",
    r"(?:margin|padding)-(?:inline|block)": "Chrome 87, Safari 14.1, Firefox 66",
    r"border-(?:inline|block)(?:-(?:color|style|width))?": "Chrome 87, Safari 14.1, Firefox 66",
    r"border-(?:start|end)-(?:start|end)-radius": "Chrome 89, Safari 15, Firefox 66",
    r"translate|scale|rotate": "Chrome 104, Safari 14.1, Firefox 72",
    r"accent-color": "Chrome 93, Safari 15.4, Firefox 92",
    r"aspect-ratio": "Chrome 88, Safari 15, Firefox 89",
    r"appearance": "Chrome 84, Safari 15.4, Firefox 80",
    r"user-select": "Chrome 54, Safari never, Firefox 69",
    r"backdrop-filter": "Chrome 76, Safari 18, Firefox 103",
    r"print-color-adjust": "Chrome 136, Safari 15.4, Firefox 97",
    r"mask(?:-(?!type).*)?": "Chrome 120, Safari 15.4, Firefox 53",
    r"hyphens": "Chrome 55, Safari 17, Firefox 43",
    r"text-wrap(?:-.*)?": "Chrome 114, Safari 17.4, Firefox 121",
    r"text-(?:underline-offset|decoration-thickness)": "Chrome 87, Safari 12.1, Firefox 70",
    r"color-scheme": "Chrome 81, Safari 13, Firefox 96",
    r"forced-color-adjust": "Chrome 89, Firefox 113",
    r"overscroll-behavior(?:-.*)?": "Chrome 63, Safari 16, Firefox 59",
    r"scrollbar-(?:gutter|width|color)": "Chrome 94 and 121, Safari 18.2, Firefox 97",
    r"scroll-margin(?:-.*)?": "Chrome 69, Safari 14.1, Firefox 68",
    r"content-visibility|contain-intrinsic-.*": "Chrome 85, Safari 18, Firefox 125",
    r"container(?:-.*)?": "Chrome 105, Safari 16, Firefox 110",
    r"field-sizing|interpolate-size|anchor-name|position-anchor|text-box(?:-.*)?": "Chrome 118 or later",
}
#: Declarations without which a page is plainer, and nothing of it is lost.
HARMLESS = {
    "accent-color": "ticks have the system's colour",
    "aspect-ratio": "the picture has its own shape",
    "backdrop-filter": "what lies behind is sharp",
    "color-scheme": "bars and pickers of the browser stay light",
    "print-color-adjust": "a printer leaves out colours that words repeat",
    "scroll-margin-top": "a heading stands at the very edge",
    "text-underline-offset": "the line stands closer",
    "text-wrap": "headings break where the line ends",
}
#: What a browser has a name of its own for, which may come before or after.
PREFIXES = ("-webkit-", "-moz-")
#: Where a flexible box has no gaps: Chrome before 84 and Safari before 14.1. (No `@supports` asks for gaps themselves.)
WITHOUT_GAPS = "@supports (not (color: revert)) or ((not (inset: 0)) and (font: -apple-system-body))"
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")


def find_in_style(name: str, style: str) -> Iterator[str]:
    """Find what the oldest browsers do not know in a style sheet, and what has no fallback there."""
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    yield from (f"{name}: {found[0]} ({since})" for rule, since in AT_RULES.items() if (found := re.search(rule, bare)))
    bare, fallbacks = _part(bare)
    rules = [(split(" ".join(selectors.split())), body) for selectors, body in _RULE.findall(bare)]
    yield from _find_gaps(name, rules, fallbacks)
    for selectors, body in rules:
        yield from _look_at_selectors(name, selectors)
        yield from _look_at_declarations(name, selectors, body)


def _part(style: str) -> tuple[str, str]:
    """Take what stands in `@supports` out of a style sheet: newer browsers know it, and the rest are the fallbacks."""
    left, fallbacks = style, ""
    for found in re.finditer(r"@supports[^{]*\{(?:[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})*[^{}]*\}", style):
        left = left.replace(found[0], "")
        fallbacks += found[0] if found[0].startswith(WITHOUT_GAPS) else ""
    return left, fallbacks


def _find_gaps(name: str, rules: list[tuple[list[str], str]], fallbacks: str) -> Iterator[str]:
    """Find flexible boxes whose gaps have no margins for older browsers."""
    flexible = {
        one for selectors, body in rules for one in selectors if re.search(r"display:\s*(?:inline-)?flex", body)
    }
    spaced = {
        one
        for selectors, body in rules
        for one in selectors
        if re.search(r"(?<![\w-])(?:column-)?gap:(?!\s*0\s*(?:;|$))", body)
    }
    fallbacks = " ".join(fallbacks.split())
    for selector in sorted(flexible & spaced):
        if f"{selector} > * + *" not in fallbacks:
            yield f"{name}: gaps in `{selector}` (Chrome 84, Safari 14.1), and no margins in `{WITHOUT_GAPS}`"


def _look_at_selectors(name: str, selectors: list[str]) -> Iterator[str]:
    newer: list[tuple[str, ...]] = []
    for selector in selectors:
        parts = tuple(part for part in NEWER if part in selector)
        newer.append(parts)
        if not parts:
            yield from (f"{name}: `{selector}` ({since})" for part, since in NEVER.items() if re.search(part, selector))
        elif not any(sheet == name and part in selector for sheet, part in PLAINER):
            yield f"{name}: what does a browser without {parts[0]} show, in `{selector}`? ({NEWER[parts[0]]})"
    if len(set(newer)) > 1:
        yield f"{name}: {max(newer)[0]} drops the whole rule of `{', '.join(selectors)}`"


def _look_at_declarations(name: str, selectors: list[str], body: str) -> Iterator[str]:
    before: set[str] = set()
    names = {declaration.partition(":")[0].strip() for declaration in body.split(";")}
    for declaration in filter(None, map(str.strip, body.split(";"))):
        key, _, value = map(str.strip, declaration.partition(":"))
        since = [version for pattern, version in VALUES.items() if re.search(pattern, re.sub(r"\"[^\"]*\"", "", value))]
        if not any(prefix + key in names for prefix in PREFIXES):
            since += [version for pattern, version in PROPERTIES.items() if re.fullmatch(pattern, key)]
        if since and key not in HARMLESS and (key not in before or key.startswith("--")):
            yield f"{name}: `{declaration}` in `{', '.join(selectors)}` without a fallback before it ({since[0]})"
        before.add(key)


def find_all(static: Path) -> list[str]:
    """Find all that the oldest browsers would miss in any style sheet, also in those of others."""
    return [one for path in sorted(static.rglob("*.css")) for one in find_in_style(path.name, path.read_text())]
