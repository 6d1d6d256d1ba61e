"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from pathlib import Path

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
#: The windows in which pages are opened: all of them at night, otherwise the first two. Axe runs in both, so it meets
#: each language, colour scheme and size; `faults` looks at how wide a page is in the other size too.
WINDOWS = [
    pytest.param(language, scheme, size, id=f"{language}-{scheme}-{size['width']}")
    for language, scheme, size in (_CHOICES if PROFILE == "nightly" else _CHOICES[:2])
]


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page in its window, and whether it is too wide in the other size."""
    size = page.viewport_size
    assert size
    found = faults_here(page)
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
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: [`violations`]}).then(result => result.violations)")
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px wide in a window of {window}"] if wide > window else []
