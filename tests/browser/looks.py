"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import DESKTOP, PHONE
from tests.conftest import PROFILE

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_CHOICES = (
    ("zh", "light", PHONE),
    ("en", "dark", DESKTOP),
    ("zh", "dark", DESKTOP),
    ("en", "light", PHONE),
)
#: The windows in which pages are opened: all of them at night, otherwise the first two. `faults` looks at how wide a
#: page is in the other size too.
WINDOWS = [
    pytest.param(language, scheme, size, id=f"{language}-{scheme}-{size['width']}")
    for language, scheme, size in (_CHOICES if PROFILE == "nightly" else _CHOICES[:2])
]


_looked: WeakKeyDictionary[Page, int] = WeakKeyDictionary()  # how many pages were shown in a tab


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page in its window, and whether it is too wide in the other size.

    Axe costs more than all the rest. In CI it looks at every page once: at every other one in the window of a phone, at
    those between in the other window, and at the contrast of their colours in both schemes. At night it looks at all
    pages in all windows.
    """
    size = page.viewport_size
    assert size
    page.wait_for_load_state()
    found = too_wide(page)
    nth = _looked[page] = _looked.get(page, -1) + 1
    if PROFILE == "nightly":
        found += axe(page)
    elif (nth % 2 == 0) == (size["width"] == PHONE["width"]):
        found += axe(page) + _contrast_in_the_other_scheme(page)
    page.set_viewport_size(DESKTOP if size["width"] == PHONE["width"] else PHONE)  # type: ignore[arg-type]
    found += too_wide(page)
    page.set_viewport_size(size)
    return found


def faults_here(page: Page) -> list[str]:
    """Return what is wrong with a page in the window as it is."""
    return [*axe(page), *too_wide(page)]


def axe(page: Page) -> list[str]:
    """Return what axe finds when nothing moves any more."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return _run(page, {})


def _contrast_in_the_other_scheme(page: Page) -> list[str]:
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    found = _run(page, {"runOnly": ["color-contrast"]})
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    return found


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    # Only the rule on locked orientation reads style sheets, for which axe fetches them all once more.
    asked = {"resultTypes": ["violations"], "preload": PROFILE == "nightly", **options}
    found = page.evaluate("asked => axe.run(document, asked).then(result => result.violations)", asked)
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px wide in a window of {window}"] if wide > window else []
