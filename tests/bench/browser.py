"""How long a scan takes until its group is on the screen, with a network and without, in a real browser.

A scanner's keys go to the page by the browser's own protocol; the clock runs in the page, from the key that ends the
scan to the first frame that shows the group. A part of it is the browser's and this machine's; the server shares its
cores.
"""

import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import scene
from tests.browser.conftest import CHROMIUM, launch_arguments
from tests.browser.scene import DESKTOP, Scene
from tests.live import serve

SCANS = 100
AIMS_MS = {"with a network": 60, "offline": 60}
_WATCH = """
window.times = [];
let began = null;
addEventListener("keydown", (event) => { if (event.key === "Enter") began = event.timeStamp; }, true);
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  if (began === null || document.querySelector("#card h2")?.textContent !== window.expected) return;
  const from = began;
  began = null;
  requestAnimationFrame(() => window.times.push(performance.now() - from));
}).observe(document.body, { childList: true, subtree: true, characterData: true }));
"""


def report(*, scans: int = SCANS) -> str:
    """Measure and give the table; where there is no browser, the one line that says so."""
    if not CHROMIUM:
        return "NO BROWSER: scan to answer WAS NOT MEASURED. Install Chromium (apt-get install chromium)."
    lines = ["", f"{'Scan to answer':<21}{'median':>10}   {'of ' + str(scans):<21}{'90 %':>10}   {'':>6}   aim"]
    for name, times in _measure(scans).items():
        median, most = statistics.median(times), statistics.quantiles(times, n=10)[-1]
        word = "reached" if median <= AIMS_MS[name] else "not reached"
        lines.append(f"{name:<21}{median:>7,.0f} ms   {'':<21}{most:>7,.0f} ms   {'':>6}   ≤ {AIMS_MS[name]} ms {word}")
    return "\n".join(lines)


def _measure(scans: int) -> dict[str, list[float]]:
    """Milliseconds of each scan."""
    with _desk(scans) as (page, groups):
        times = {"with a network": list(_scan(page, groups))}
        page.context.set_offline(True)
        expect(page.locator("#network")).to_have_attribute("data-state", "offline")
        times["offline"] = list(_scan(page, groups))
    return times


@contextmanager
def _desk(groups: int) -> Iterator[tuple[Page, dict[str, str]]]:
    """A desk that could do without its network, and what the QRs of today's groups say, by the group's name."""
    with tempfile.TemporaryDirectory(prefix="hallapp-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with serve(f"sqlite:///{folder / 'bench.sqlite3'}", folder) as live, sync_playwright() as playwright:
            stage = scene.prepare(live)
            codes = dict(_book(stage, groups))
            browser = playwright.chromium.launch(**launch_arguments())
            page = browser.new_context(viewport=DESKTOP, locale=scene.LOCALES["zh"]).new_page()  # type: ignore[arg-type]
            page.add_init_script(_WATCH)
            stage.sign_in(page)
            expect(page.locator("#network")).to_have_attribute("data-ready", "true", timeout=30_000)
            yield page, codes
            browser.close()


def _book(stage: Scene, groups: int) -> Iterator[tuple[str, str]]:
    for number in range(groups):
        name = f"广州市越秀区东湖街第{number + 1}老年大学"
        yield name, f"{stage.live.url}/T/{stage.code(stage.book(name, {'440000': 20}))}".upper()


def _scan(page: Page, groups: dict[str, str]) -> Iterable[float]:
    page.evaluate("() => { window.times = []; }")
    for number, (name, text) in enumerate(groups.items(), start=1):
        page.evaluate("name => { window.expected = name; }", name)
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_function("number => window.times.length === number", arg=number)
    return [float(one) for one in page.evaluate("window.times")]
