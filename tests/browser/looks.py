"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page

from tests.browser import inside
from tests.browser.scene import DESKTOP, PHONE
from tests.conftest import PROFILE

_AXE = inside.AXE.read_text(encoding="utf-8")
_CHOICES = (
    ("en", "dark", PHONE),
    ("zh", "light", DESKTOP),
    ("zh", "dark", PHONE),
    ("en", "light", DESKTOP),
)
#: The windows in which pages are opened: all of them at night, and otherwise the first one, which is the narrower one
#: in the language with the longer words. `faults` looks at every page in the other size and the other colours too.
WINDOWS = [
    pytest.param(language, scheme, size, id=f"{language}-{scheme}-{size['width']}")
    for language, scheme, size in (_CHOICES if PROFILE == "nightly" else _CHOICES[:1])
]


P = TypeVar("P")

_LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
_IS_NIGHT = PROFILE == "nightly"
#: What earlier pages had, and axe has found nothing wrong with.
_known: dict[str, set[str]] = {"texts": set(), "parts": set()}


def some(pages: Sequence[P]) -> Sequence[P]:
    """Return the pages of a walk to open: every other one in CI, all at night.

    The order in which they are listed is kept, so that the pages of one kind should stand side by side. What shows
    without a browser, such as labels, headings and the language, is checked on all of them (`tests/client.py`).
    """
    return pages if _IS_NIGHT else pages[::2]


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page, and whether it is too wide in either size of window.

    Axe costs more than all the rest. In CI it looks at a page once. Where it finds a text whose styles no earlier page
    had, it looks at the contrast in the other scheme and the other size, too: texts that are alike in one are alike in
    the other. The window keeps these, so that axe finds every other page in them. At night axe looks at all pages in
    all windows.
    """
    page.wait_for_load_state()
    looked = _look(page, rules=True, contrast=True)
    found = [*looked["violations"], *looked["wide"]]
    is_new = looked["isNew"] and not _IS_NIGHT
    if is_new:
        page.emulate_media(color_scheme="light" if looked["isDark"] else "dark")
    page.set_viewport_size(DESKTOP if page.viewport_size == PHONE else PHONE)  # type: ignore[arg-type]
    looked = _look(page, contrast=is_new)
    return [*found, *looked["violations"], *looked["wide"]]


def faults_here(page: Page) -> list[str]:
    """Return what is wrong with a page in the window as it is."""
    looked = _look(page, rules=True, contrast=True)
    return [*looked["violations"], *looked["wide"]]


def axe(page: Page) -> list[str]:
    """Return what axe finds when nothing moves any more."""
    return list(_look(page, rules=True, contrast=True)["violations"])


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    return list(_look(page)["wide"])


def _look(page: Page, *, rules: bool = False, contrast: bool = False) -> dict[str, Any]:
    given = {
        "asked": {"rules": rules, "contrast": contrast and not (rules and _IS_NIGHT), "everything": _IS_NIGHT},
        "address": inside.AXE_PATH,
        "known": {name: list(known) for name, known in _known.items()},
    }
    looked = page.evaluate(_LOOK, given)
    if looked is None:  # this server does not have axe
        page.evaluate(_AXE)
        looked = page.evaluate(_LOOK, given)
    for name, known in _known.items():
        known.update(looked.get(name, ()))
    return {"violations": [], **looked}
