"""The oldest browsers in use, and what their scripts do not know: built-ins and syntax, by the version that has them.

`floor_styles.py` is the same for styles.

The versions are those of MDN's browser compatibility data. What Chrome 80, Safari 14.0 and Firefox 78 all know is left
out. `BUILT_INS` is also taken away from a new browser before its pages load (tests/browser/test_floor.py).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class BuiltIn(NamedTuple):
    """A built-in by the object that has it; `called` is how a script uses it, where its name alone is too common."""

    owner: str
    name: str
    since: str
    called: str = ""

    @property
    def pattern(self) -> str:
        """What a script that uses it looks like."""
        return self.called or rf"\.{self.name}\b"


_TYPED = "Object.getPrototypeOf(Int8Array.prototype)"
BUILT_INS = (
    BuiltIn("Array.prototype", "at", "Chrome 92, Safari 15.4, Firefox 90", r"\.at\("),
    BuiltIn("String.prototype", "at", "Chrome 92, Safari 15.4, Firefox 90", r"\.at\("),
    BuiltIn(_TYPED, "at", "Chrome 92, Safari 15.4, Firefox 90", r"\.at\("),
    BuiltIn("Array.prototype", "findLast", "Chrome 97, Safari 15.4, Firefox 104"),
    BuiltIn("Array.prototype", "findLastIndex", "Chrome 97, Safari 15.4, Firefox 104"),
    BuiltIn("Array.prototype", "toReversed", "Chrome 110, Safari 16, Firefox 115"),
    BuiltIn("Array.prototype", "toSorted", "Chrome 110, Safari 16, Firefox 115"),
    BuiltIn("Array.prototype", "toSpliced", "Chrome 110, Safari 16, Firefox 115"),
    BuiltIn("Array.prototype", "with", "Chrome 110, Safari 16, Firefox 115", r"\.with\("),
    BuiltIn(_TYPED, "toReversed", "Chrome 110, Safari 16, Firefox 115"),
    BuiltIn(_TYPED, "toSorted", "Chrome 110, Safari 16, Firefox 115"),
    BuiltIn(_TYPED, "with", "Chrome 110, Safari 16, Firefox 115", r"\.with\("),
    BuiltIn("Array.prototype", "group", "never shipped", r"\.group\("),
    BuiltIn("Array", "fromAsync", "Chrome 121, Safari 16.4, Firefox 115"),
    BuiltIn("String.prototype", "replaceAll", "Chrome 85, Safari 13.1, Firefox 77"),
    BuiltIn("String.prototype", "isWellFormed", "Chrome 111, Safari 16.4, Firefox 119"),
    BuiltIn("String.prototype", "toWellFormed", "Chrome 111, Safari 16.4, Firefox 119"),
    BuiltIn("Object", "hasOwn", "Chrome 93, Safari 15.4, Firefox 92"),
    BuiltIn("Object", "groupBy", "Chrome 117, Safari 17.4, Firefox 119"),
    BuiltIn("Map", "groupBy", "Chrome 117, Safari 17.4, Firefox 119"),
    *(
        BuiltIn("Set.prototype", name, "Chrome 122, Safari 17, Firefox 127")
        for name in ("union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isDisjointFrom")
    ),
    BuiltIn("Promise", "any", "Chrome 85, Safari 14, Firefox 79", r"Promise\.any\b"),
    BuiltIn("Promise", "withResolvers", "Chrome 119, Safari 17.4, Firefox 121"),
    BuiltIn("Promise", "try", "Chrome 128, Safari 18.2, Firefox 134", r"Promise\.try\b"),
    BuiltIn("globalThis", "AggregateError", "Chrome 85, Safari 14, Firefox 79", r"\bAggregateError\b"),
    BuiltIn("globalThis", "WeakRef", "Chrome 84, Safari 14.1, Firefox 79", r"\bWeakRef\b"),
    BuiltIn("globalThis", "FinalizationRegistry", "Chrome 84, Safari 14.1, Firefox 79", r"\bFinalizationRegistry\b"),
    BuiltIn("globalThis", "Iterator", "Chrome 122, Safari 18.4, Firefox 131", r"\bIterator\b"),
    BuiltIn("globalThis", "structuredClone", "Chrome 98, Safari 15.4, Firefox 94", r"\bstructuredClone\b"),
    BuiltIn("globalThis", "reportError", "Chrome 95, Safari 15.4, Firefox 93", r"\breportError\("),
    BuiltIn("globalThis", "BroadcastChannel", "Chrome 54, Safari 15.4, Firefox 38", r"\bBroadcastChannel\b"),
    BuiltIn("globalThis", "SharedWorker", "Chrome 4, Safari 16, Firefox 29", r"\bSharedWorker\b"),
    BuiltIn("globalThis", "requestIdleCallback", "Chrome 47, Safari never, Firefox 55", r"\brequestIdleCallback\b"),
    BuiltIn("globalThis", "CompressionStream", "Chrome 80, Safari 16.4, Firefox 113", r"\b(?:Dec|C)ompressionStream\b"),
    BuiltIn("globalThis", "BarcodeDetector", "Chrome 83, Safari never, Firefox never", r"\bBarcodeDetector\b"),
    BuiltIn("AbortSignal", "timeout", "Chrome 103, Safari 16, Firefox 100", r"AbortSignal\.timeout\b"),
    BuiltIn("AbortSignal", "any", "Chrome 116, Safari 17.4, Firefox 124", r"AbortSignal\.any\b"),
    BuiltIn("AbortSignal", "abort", "Chrome 93, Safari 15, Firefox 88", r"AbortSignal\.abort\b"),
    BuiltIn("AbortSignal.prototype", "throwIfAborted", "Chrome 100, Safari 15.4, Firefox 97"),
    BuiltIn("AbortSignal.prototype", "reason", "Chrome 98, Safari 15.4, Firefox 97", r"signal\.reason\b"),
    BuiltIn("Crypto.prototype", "randomUUID", "Chrome 92, Safari 15.4, Firefox 95"),
    BuiltIn("URL", "canParse", "Chrome 120, Safari 17, Firefox 115"),
    BuiltIn("URL", "parse", "Chrome 126, Safari 18, Firefox 126", r"URL\.parse\b"),
    BuiltIn("Response", "json", "Chrome 105, Safari 17, Firefox 115", r"Response\.json\b"),
    BuiltIn("Element.prototype", "replaceChildren", "Chrome 86, Safari 14, Firefox 78"),
    BuiltIn("Document.prototype", "replaceChildren", "Chrome 86, Safari 14, Firefox 78"),
    BuiltIn("DocumentFragment.prototype", "replaceChildren", "Chrome 86, Safari 14, Firefox 78"),
    BuiltIn("Element.prototype", "checkVisibility", "Chrome 105, Safari 17.4, Firefox 106"),
    BuiltIn("Element.prototype", "setHTMLUnsafe", "Chrome 124, Safari 17.4, Firefox 123"),
    BuiltIn("HTMLFormElement.prototype", "requestSubmit", "Chrome 76, Safari 16, Firefox 75"),
    BuiltIn("SubmitEvent.prototype", "submitter", "Chrome 81, Safari 15.4, Firefox 75"),
    BuiltIn("HTMLDialogElement.prototype", "showModal", "Chrome 37, Safari 15.4, Firefox 98"),
    BuiltIn("HTMLElement.prototype", "showPopover", "Chrome 114, Safari 17, Firefox 125"),
    BuiltIn("HTMLElement.prototype", "inert", "Chrome 102, Safari 15.5, Firefox 112", r"\.inert\b"),
    BuiltIn("HTMLInputElement.prototype", "showPicker", "Chrome 99, Safari 16, Firefox 101"),
    BuiltIn("Navigator.prototype", "locks", "Chrome 69, Safari 15.4, Firefox 96", r"navigator\.locks\b"),
    BuiltIn("Navigator.prototype", "wakeLock", "Chrome 84, Safari 16.4, Firefox 126", r"\.wakeLock\b"),
    BuiltIn("Navigator.prototype", "storage", "Chrome 55, Safari 15.2, Firefox 57", r"navigator\.storage\b"),
    BuiltIn("Navigator.prototype", "vibrate", "Chrome 32, Safari never, Firefox 16", r"\.vibrate\b"),
    BuiltIn("Navigator.prototype", "share", "Chrome 89, Safari 12.1, Firefox never", r"navigator\.share\b"),
    BuiltIn("Navigator.prototype", "userAgentData", "Chrome 90, Safari never, Firefox never"),
    BuiltIn("ServiceWorkerRegistration.prototype", "sync", "Chrome 49, Safari never, Firefox never", r"\.sync\b"),
    BuiltIn("IDBFactory.prototype", "databases", "Chrome 72, Safari 14, Firefox 126", r"indexedDB\.databases\b"),
    BuiltIn("Intl", "Segmenter", "Chrome 87, Safari 14.1, Firefox 125", r"Intl\.Segmenter\b"),
    BuiltIn("Intl", "DisplayNames", "Chrome 81, Safari 14.1, Firefox 86", r"Intl\.DisplayNames\b"),
    BuiltIn("Intl", "ListFormat", "Chrome 72, Safari 14.1, Firefox 78", r"Intl\.ListFormat\b"),
    BuiltIn("Intl", "supportedValuesOf", "Chrome 99, Safari 15.4, Firefox 93"),
    BuiltIn("Intl", "DurationFormat", "Chrome 129, Safari 16.4, Firefox 136", r"Intl\.DurationFormat\b"),
    BuiltIn("Intl.DateTimeFormat.prototype", "formatRange", "Chrome 76, Safari 14.1, Firefox 91"),
)

#: What a browser does not understand as a script at all, or as the options of a built-in that it has.
SYNTAX = {
    r"(?:\?\?|\|\||&&)=": "logical assignment (Chrome 85, Safari 14, Firefox 79)",
    r"(?<![\w$])#\w+\s*(?:[=;(]|in\b)": "private fields (Chrome 84, Safari 14.1, Firefox 90)",
    r"\bstatic\s*\{": "static blocks (Chrome 94, Safari 16.4, Firefox 93)",
    r"^\s*static\s+\w+\s*[=;]": "static fields (Chrome 72, Safari 14.1, Firefox 75)",
    r"\(\?<[=!]": "lookbehind (Chrome 62, Safari 16.4, Firefox 78)",
    r"^(?:const .*= )?await\b": "await outside of a function (Chrome 89, Safari 15, Firefox 89)",
    r"\bwith\s*\{\s*type\b": "import attributes (Chrome 123, Safari 17.2, Firefox 138)",
    r"\b(?:dateStyle|timeStyle)\b": "styles of dates (Chrome 76, Safari 14.1, Firefox 79)",
    r"\b(?:fractionalSecondDigits|dayPeriod)\b": "newer parts of dates (Chrome 84, Safari 14.1, Firefox 84)",
    r"\b(?:timeZoneName:\s*\"(?:short|long)(?:Offset|Generic))": "newer names of time zones (Chrome 95, Safari 15.4)",
    r"\b(?:roundingMode|roundingIncrement|trailingZeroDisplay)\b": "newer options of numbers (Chrome 106)",
    r"[\"'](?:sv-SE|sv|en-CA|fr-CA|lt-LT|lt)[\"']": "a date by a locale as if it were ISO, which no browser promises",
    r"new FormData\([^()]+,": "FormData of a button (Chrome 112, Safari 16.4, Firefox 111)",
    r"type=\"importmap\"": "import maps (Chrome 89, Safari 16.4, Firefox 108)",
}

#: Newer built-ins that a script asks for first, and does without.
GUARDED = {
    ("badges.js", "submitter"),
    ("booking.js", "submitter"),
    ("desk-offline.js", "storage"),
    ("desk-queue.js", "locks"),
    ("desk-queue.js", "sync"),
    ("desk-sound.js", "vibrate"),
    ("guides-mine.js", "vibrate"),
    ("pass.js", "wakeLock"),
    ("proof.js", "submitter"),
    ("screen.js", "wakeLock"),
}


def find_in_script(name: str, script: str) -> Iterator[str]:
    """Find what the oldest browsers do not know in a script."""
    bare = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), script, flags=re.DOTALL)
    bare = re.sub(r"(?<![:\"'`\\/])//[^\n]*", "", bare)
    for number, line in enumerate(bare.split("\n"), 1):
        for built_in in BUILT_INS:
            if re.search(built_in.pattern, line) and (name, built_in.name) not in GUARDED:
                yield f"{name}:{number}: {built_in.owner}.{built_in.name} ({built_in.since})"
        for pattern, since in SYNTAX.items():
            if re.search(pattern, line):
                yield f"{name}:{number}: {since}"


def find_all(static: Path) -> list[str]:
    """Find all that the oldest browsers would miss in our own scripts."""
    return [one for path in sorted(static.glob("js/*.js")) for one in find_in_script(path.name, path.read_text())]


def removal() -> str:
    """Return a script that takes the newer built-ins away from a page before its own scripts run."""
    removed = "\n".join(f'take(() => {one.owner}, "{one.name}");' for one in BUILT_INS)
    return f"""
      const take = (find, name) => {{
        try {{
          delete find()[name];
        }} catch (error) {{
          /* this browser does not have its owner either */
        }}
      }};
      {removed}
      const DateTimeFormat = Intl.DateTimeFormat;
      Intl.DateTimeFormat = function (locale, options = {{}}) {{
        if ("dateStyle" in options || "timeStyle" in options) throw new TypeError("unknown options");
        return new DateTimeFormat(locale, options);
      }};
      Intl.DateTimeFormat.prototype = DateTimeFormat.prototype;
      const OurFormData = window.FormData;
      window.FormData = class extends OurFormData {{ constructor(form) {{ super(...(form ? [form] : [])); }} }};
    """
