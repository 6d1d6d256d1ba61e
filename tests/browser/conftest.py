"""A real Chromium and a real server for the journeys; without Chromium they are skipped, and the summary says so."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.browser import scene
from tests.browser.inside import serve_inside
from tests.browser.scene import Scene
from tests.live import postgresql_database

# The one without a window comes first: two thirds of the work for the same pages.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_WANTED = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else _NAMES
CHROMIUM = next(filter(None, map(shutil.which, _WANTED)), None)
TIMEOUT_MS = 20_000
_NO_BROWSER = "no Chromium"
FILE = re.compile(r"/(?:static|files)/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if _NO_BROWSER in str(report.longrepr)]
    if skipped:
        modules = ", ".join(sorted({report.nodeid.partition("::")[0] for report in skipped}))
        terminalreporter.write_line(
            f"NO BROWSER: {len(skipped)} tests DID NOT RUN ({modules}). "
            "Install Chromium (apt-get install chromium-headless-shell) or name it in CHROMIUM.",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; as root it has no sandbox."""
    return {**browser_type_launch_args, **launch_arguments()}


def launch_arguments(*more: str) -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": [*(["--no-sandbox"] if os.geteuid() == 0 else []), *more]}


class Opener:
    """Opens pages as people have them, and remembers what their consoles complain of."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(self, *, size: dict[str, int], language: str, **options: Any) -> Page:
        """A page of a new visitor with this window and this language."""
        locale = scene.LOCALES[language]
        context = self.browser.new_context(viewport=size, locale=locale, accept_downloads=True, **options)  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.on("response", self._look)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        # A refused form is a 4xx by design; what else fails to load is found in `_look`.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _look(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and FILE.search(response.url)):
            self.complaints.append(f"{response.status} {response.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens pages; at the end no console may have complained of an error or of a breach of the security policy."""
    opener = Opener(browser)
    yield opener
    for context in opener.contexts:
        context.close()
    assert opener.complaints == []


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hall with its staff and slots behind a server, on SQLite."""
    folder = tmp_path_factory.mktemp("live")
    with serve_inside(f"sqlite:///{folder / 'live.sqlite3'}", folder) as live:
        yield scene.prepare(live)


@pytest.fixture(scope="session")
def postgresql_stage(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same on PostgreSQL."""
    with (
        postgresql_database(postgresql_server) as url,
        serve_inside(url, tmp_path_factory.mktemp("live-pg")) as live,
    ):
        yield scene.prepare(live)
