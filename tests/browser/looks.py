"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Page, expect

from tests.browser import inside
from tests.browser.scene import DESKTOP, PHONE
from tests.conftest import PROFILE

_AXE = inside.AXE.read_text(encoding="utf-8")
_FETCH_AXE = """address => 'axe' in window || new Promise((resolve) => {
  const script = Object.assign(document.createElement("script"), { src: address });
  script.onload = script.onerror = () => { script.remove(); resolve("axe" in window); };
  document.head.append(script);
})"""
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


#: End what moves, instead of waiting for it: in a page that draws no frames it would never end.
_STILL = """document.getAnimations().forEach((one) => {
  if (one.effect.getComputedTiming().endTime === Infinity) one.cancel();
  else one.finish();
})"""
_CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
_known: set[str] = set()  # styles of texts that axe has found nothing wrong with
_looked: WeakKeyDictionary[Page, int] = WeakKeyDictionary()  # how many pages were shown in a tab


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page, and whether it is too wide in either size of window.

    Axe costs more than all the rest. In CI it looks at every other page in the window as it is, at those between in the
    other size, and at the contrast of their colours in both schemes. At night it looks at all pages in all windows.
    """
    own = page.viewport_size
    other = DESKTOP if own == PHONE else PHONE
    page.wait_for_load_state()
    nth = _looked[page] = _looked.get(page, -1) + 1
    is_here = PROFILE == "nightly" or nth % 2 == 0
    found = too_wide(page) + (_all_faults(page) if is_here else [])
    page.set_viewport_size(other)  # type: ignore[arg-type]
    found += too_wide(page) + ([] if is_here else _all_faults(page))
    page.set_viewport_size(own)  # type: ignore[arg-type]
    return found


def _all_faults(page: Page) -> list[str]:
    return axe(page) if PROFILE == "nightly" else axe(page) + _contrast_in_the_other_scheme(page)


def faults_here(page: Page) -> list[str]:
    """Return what is wrong with a page in the window as it is."""
    return [*axe(page), *too_wide(page)]


def axe(page: Page) -> list[str]:
    """Return what axe finds when nothing moves any more."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    if not page.evaluate(_FETCH_AXE, inside.AXE_PATH):  # this server does not have it
        page.evaluate(_AXE)
    if PROFILE == "nightly":
        return _run(page, {})
    return _run(page, {"rules": {"color-contrast": {"enabled": False}}}) + _contrast(page)


def _contrast_in_the_other_scheme(page: Page) -> list[str]:
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    found = _contrast(page)
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    return found


def _contrast(page: Page) -> list[str]:
    """Return texts whose colours are hard to tell apart.

    Axe computes a contrast from the computed styles of a text and of what it stands on, which takes most of its time.
    Texts with the same styles have the same contrast, so it is computed once for all pages.
    """
    page.evaluate(_STILL)
    found = page.evaluate(_CONTRAST, "\n".join(_known))
    _known.update(found["known"])
    return _describe(found["violations"])


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    page.evaluate(_STILL)
    # Only the rule on locked orientation reads style sheets, for which axe fetches them all once more.
    asked = {"resultTypes": ["violations"], "preload": PROFILE == "nightly", **options}
    return _describe(page.evaluate("asked => axe.run(document, asked).then(result => result.violations)", asked))


def _describe(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in violations for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px wide in a window of {window}"] if wide > window else []
