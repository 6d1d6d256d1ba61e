"""A real Chromium and a real server for the journeys; without Chromium they are skipped, and the summary says so."""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Frame, Page

from tests.browser import scene
from tests.browser.inside import serve_inside
from tests.browser.scene import Scene
from tests.live import free_port, postgresql_database

# The one without a window comes first: two thirds of the work for the same pages.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_WANTED = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else _NAMES
CHROMIUM = next(filter(None, map(shutil.which, _WANTED)), None)
TIMEOUT_MS = 20_000
_NO_BROWSER = "no Chromium"
FILE = re.compile(r"/(?:static|files)/")
#: What a console says of an answer with an error. The event `response`, which says it too, costs a message to this
#: process for each of the twenty files of a page.
FAILED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
#: What each page of a context can have for itself, as the size of its window: contexts need not differ in these.
_MEDIA = ("color_scheme", "reduced_motion")


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
    """The system's Chromium; as root it has no sandbox.

    It does not optimise scripts, as no page lives long enough to earn what its compilers cost. It starts no threads to
    collect garbage, which take more than they give where pages are small.
    """
    return {**browser_type_launch_args, **launch_arguments("--js-flags=--no-opt,--no-maglev,--single-threaded")}


def launch_arguments(*more: str) -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": [*(["--no-sandbox"] if os.geteuid() == 0 else []), *more]}


class Contexts:
    """Contexts of a browser, each of which serves one test after another.

    The next test finds no cookie and nothing that pages have stored. The files of the service remain, with the workers
    that keep them: fetching and compiling them is most of what the first page of a new context costs.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: defaultdict[str, list[tuple[BrowserContext, Collection[str]]]] = defaultdict(list)

    def open(self, options: dict[str, Any]) -> Page:
        """Return an empty page of a context with these options that nobody uses."""
        free = self._free[repr(options)]
        if not free:
            return self._browser.new_context(**options).new_page()
        context, origins = free.pop()
        page = context.new_page()
        session = context.new_cdp_session(page)
        for origin in origins:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb,local_storage"})
        session.detach()
        return page

    def give_back(self, options: dict[str, Any], context: BrowserContext, origins: Collection[str]) -> None:
        """Take back a context, whose pages have been at these origins."""
        try:
            context.unroute_all()
            for page in context.pages:
                page.close()
            context.set_offline(False)
            context.clear_cookies()
        except Error:
            context.close()
        else:
            self._free[repr(options)].append((context, origins))


class Opener:
    """Opens pages as people have them, and remembers what their consoles complain of."""

    def __init__(self, browser: Browser, contexts: Contexts | None = None) -> None:
        self.browser = browser
        self.contexts = contexts
        self.complaints: list[str] = []
        self._own: list[BrowserContext] = []
        self._taken: list[tuple[dict[str, Any], BrowserContext]] = []
        self._origins: set[str] = set()

    def __call__(self, *, size: dict[str, int], language: str, is_new: bool = False, **options: Any) -> Page:
        """Return a page of a new visitor with this window and this language.

        A device that `is_new` has nothing of the service yet. Ask for one, too, where a test changes what no test can
        undo: the clock of the pages, or scripts that run in all pages of a context. A script that
        `page.add_init_script` adds ends with its page.
        """
        media = {name: options.pop(name) for name in _MEDIA if name in options}
        options |= {"locale": scene.LOCALES[language], "accept_downloads": True}
        if is_new or self.contexts is None:
            page = self.browser.new_context(viewport=size, **media, **options).new_page()  # type: ignore[arg-type]
            self._own.append(page.context)
        else:
            page = self.contexts.open(options)
            self._taken.append((options, page.context))
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(**media)
        page.context.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.on("framenavigated", self._remember_origin)
        return page

    def close(self) -> None:
        """Close the contexts, or give them back."""
        for context in self._own:
            context.close()
        for options, context in self._taken:
            if self.contexts:
                self.contexts.give_back(options, context, self._origins)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if failed := FAILED.match(message.text):
            address = message.location["url"]
            # A refused form is a 4xx by design.
            if int(failed[1]) >= 500 or FILE.search(address):
                self.complaints.append(f"{failed[1]} {address}")
        elif "Failed to load resource" not in message.text:  # the others failed without an answer
            self.complaints.append(message.text)

    def _remember_origin(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if address.netloc:
            self._origins.add(f"{address.scheme}://{address.netloc}")


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    """The contexts of the browser of all tests."""
    return Contexts(browser)


@pytest.fixture
def open_page(browser: Browser, contexts: Contexts) -> Iterator[Opener]:
    """Opens pages; at the end no console may have complained of an error or of a breach of the security policy."""
    opener = Opener(browser, contexts)
    yield opener
    opener.close()
    assert opener.complaints == []


@pytest.fixture(scope="session")
def stage_port() -> int:
    """The port of the halls of all files of tests: browsers know its address and keep the files of the service."""
    return free_port()


@pytest.fixture(scope="module")
def stage(stage_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hall with its staff and slots behind a server, on SQLite.

    Each file of tests has its own: a desk that knows the groups of all other files takes three times as long.
    """
    folder = tmp_path_factory.mktemp("live")
    with serve_inside(f"sqlite:///{folder / 'live.sqlite3'}", folder, port=stage_port) as live:
        yield scene.prepare(live)


@pytest.fixture(scope="module")
def postgresql_stage(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same on PostgreSQL."""
    with (
        postgresql_database(postgresql_server) as url,
        serve_inside(url, tmp_path_factory.mktemp("live-pg")) as live,
    ):
        yield scene.prepare(live)
