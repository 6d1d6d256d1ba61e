"""What looks at the pages sees a text that cannot be read, though it leaves out what it has seen already."""

from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.browser.looks import faults_here
from tests.browser.scene import DESKTOP

PAGE = """<html lang=en><title>Looks</title><meta name=viewport content="width=device-width"><style>
  body {{ background: #fff; color: #222 }} {style}
</style><main><h1>Title</h1><p id=one>One</p><p id=two>Two</p><button>Press</button></main>"""


def faults_with(page: Page, style: str) -> list[str]:
    page.set_content(PAGE.format(style=style))
    return [fault.partition(":")[0] for fault in faults_here(page)]


def test_texts_that_cannot_be_read_are_found_after_readable_ones(open_page: Opener) -> None:
    page = open_page(size=DESKTOP, language="en", color_scheme="light")
    for _ in range(2):
        assert faults_with(page, "") == []
    for unreadable in (
        "#two { color: #aaa }",
        "#two { background: #333 }",
        "#two { opacity: .3 }",
        "main { background: #444 }",
        "#one { position: absolute; top: 0; height: 900px; width: 900px; margin: 0; background: #333; z-index: -1 }",
        "#one { position: absolute; top: 0; height: 90px; width: 900px; margin: 0; background: #333; z-index: -1 }",
        "#one { position: relative; top: 60px; height: 90px; background: #333; z-index: -1 }",
        "@media (prefers-color-scheme: light) { button { color: #bbb } }",
    ):
        assert "color-contrast" in faults_with(page, unreadable), unreadable
        assert "color-contrast" in faults_with(page, unreadable), unreadable  # it is not taken for a known one
        assert faults_with(page, "") == []
    for header in ("<header><button>Menu</button></header>", "<header><button></button></header>") * 2:
        page.set_content(PAGE.format(style="").replace("<main>", f"{header}<main>"))
        assert [fault.partition(":")[0] for fault in faults_here(page)] == ([] if "Menu" in header else ["button-name"])
    assert faults_with(page, "#two { width: 3000px }") == ["3008 px wide in a window of 1280"]
