"""What is wrong with the looks of a page: against accessibility by axe, or wider than its window."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.scene import DESKTOP, PHONE
from tests.conftest import PROFILE

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
#: Rules of axe whose answers depend on the colours and on the size of the window.
_BY_LOOKS = ["color-contrast", "scrollable-region-focusable"]
_CHOICES = (
    ("zh", "light", PHONE),
    ("en", "dark", DESKTOP),
    ("zh", "dark", DESKTOP),
    ("en", "light", PHONE),
)
#: The windows in which pages are opened. `faults` looks at each page in the other size and scheme too, so two of them
#: are enough: each language meets each size and each scheme, and the whole of axe runs in each of them.
WINDOWS = [
    pytest.param(language, scheme, size, id=f"{language}-{scheme}-{size['width']}")
    for language, scheme, size in (_CHOICES if PROFILE == "nightly" else _CHOICES[:2])
]


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page in its window, and in the other size and colour scheme."""
    size, scheme = page.viewport_size, page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert size
    found = faults_here(page)
    _change(page, DESKTOP if size["width"] == PHONE["width"] else PHONE, dark=not scheme)
    found += [f"in the other window, {one}" for one in (*axe(page, _BY_LOOKS), *too_wide(page))]
    _change(page, size, dark=scheme)
    return found


def faults_here(page: Page) -> list[str]:
    """Return what is wrong with a page in the window as it is."""
    return [*axe(page), *too_wide(page)]


def _change(page: Page, size: dict[str, int] | ViewportSize, *, dark: bool) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark" if dark else "light")


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds when nothing moves any more, by these of its rules or by all."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what reaches beyond the window, unless it scrolls inside a box of its own."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px wide in a window of {window}"] if wide > window else []
