"""HTML as a browser reads it: its errors by html5ever, and its elements as those of the standard library."""

import re
from bisect import bisect_left
from xml.etree.ElementTree import Element, fromstring

import markupever
import turbohtml

_STRICT = markupever.HtmlOptions(exact_errors=True)
_XML = turbohtml.Html(xml=True)
#: html5ever reads what is inside as text, as browsers with scripts do; the tests read it as those without do.
_NOSCRIPT = re.compile(r"</?noscript>")
_NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def errors(page: str) -> list[str]:
    """Return every error of a whole page against the standard of HTML, the first one with its line."""
    page = _NOSCRIPT.sub("", page)
    found = _errors(page)
    if found:
        lines = page.splitlines(keepends=True)
        line = bisect_left(range(len(lines)), True, key=lambda count: found[0] in _errors("".join(lines[:count])))
        found[0] = f"line {line}: {found[0]}"
    return found


def _errors(page: str) -> list[str]:
    parser = markupever.Parser(_STRICT)
    parser.process(page)
    parser.finish()
    return parser.errors()


def tree(page: str) -> Element:
    """Return the root element of a whole page, whatever is wrong with it."""
    root = turbohtml.parse(_NOT_IN_XML.sub("\ufffd", page)).root
    assert root
    return fromstring(root.serialize(_XML))
