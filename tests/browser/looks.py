"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from pathlib import Path
from typing import Any

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


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page, and whether it is too wide in either size of window.

    Axe costs more than all the rest. In CI it looks at a page once, and at the contrast of its colours in both schemes.
    The window keeps the size and the scheme in which it was left, so that axe finds every other page in the other ones.
    At night it looks at all pages in all windows.
    """
    page.wait_for_load_state()
    found = faults_here(page)
    if PROFILE != "nightly":
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        page.emulate_media(color_scheme="light" if is_dark else "dark")
        found += _contrast(page)
    page.set_viewport_size(DESKTOP if page.viewport_size == PHONE else PHONE)  # type: ignore[arg-type]
    return found + too_wide(page)


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


def _contrast(page: Page) -> list[str]:
    """Return texts whose colours are hard to tell apart.

    Axe computes a contrast from the computed styles of a text and of what it stands on, which takes most of its time.
    Texts with the same styles have the same contrast, so it is computed once for all pages.
    """
    found = page.evaluate(f"async (known) => {{ {_STILL}; return await ({_CONTRAST})(known); }}", "\n".join(_known))
    _known.update(found["known"])
    return _describe(found["violations"])


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    # Only the rule on locked orientation reads style sheets, for which axe fetches them all once more.
    asked = {"resultTypes": ["violations"], "preload": PROFILE == "nightly", **options}
    run = f"asked => {{ {_STILL}; return axe.run(document, asked).then(result => result.violations); }}"
    return _describe(page.evaluate(run, asked))


def _describe(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in violations for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px wide in a window of {window}"] if wide > window else []
