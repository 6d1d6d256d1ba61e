"""Hand-held scanners: whatever ends a scan, wherever the focus is, and whatever an input method makes of the keys."""

import time

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, Scene
from tests.conftest import tried

_SHIFTED = {":": "Semicolon", "?": "Slash", "_": "Minus", "@": "Digit2"}
_PLAIN = {
    "]": "BracketRight",
    "/": "Slash",
    ".": "Period",
    "-": "Minus",
    " ": "Space",
    ";": "Semicolon",
    "=": "Equal",
    ",": "Comma",
}
EVERY_SECONDS = 0.008


class Scanner:
    """Types by the browser's own protocol, as a keyboard at its port does: keys with their times, fast and even.

    With `ime` every key is one that a Chinese input method has taken: no character, key code 229, and what the method
    makes of it goes into the field that has the focus.
    """

    def __init__(self, page: Page, *, ime: bool = False) -> None:
        self.page, self.ime = page, ime
        self.session: CDPSession = page.context.new_cdp_session(page)

    def scan(self, text: str, *, end: str = "") -> None:
        """Type a text, and what this scanner ends in: Enter, Tab or nothing."""
        began = time.time()
        for number, character in enumerate(text):
            self._key(character, began + number * EVERY_SECONDS)
        if end:
            at = began + len(text) * EVERY_SECONDS
            sent = {"key": end, "code": end, "windowsVirtualKeyCode": {"Enter": 13, "Tab": 9}[end], "timestamp": at}
            text_of = {"text": "\r"} if end == "Enter" else {}
            self.session.send("Input.dispatchKeyEvent", {"type": "keyDown", **text_of, **sent})
            self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", **sent})

    def _key(self, character: str, at: float) -> None:
        code, shift = _code(character)
        sent = {"code": code, "modifiers": 8 if shift else 0, "timestamp": at}
        if not self.ime:
            sent |= {"type": "keyDown", "key": character, "text": character}
            self.session.send("Input.dispatchKeyEvent", sent)
            return
        self.session.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229, **sent}
        )
        if self.page.evaluate("document.activeElement.matches('input, textarea')"):  # elsewhere no method is at work
            full_width = chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character
            self.session.send("Input.insertText", {"text": full_width})


def _code(character: str) -> tuple[str, bool]:
    if character.isalpha():
        return f"Key{character.upper()}", character.isupper()
    if character.isdigit():
        return f"Digit{character}", False
    return (_SHIFTED[character], True) if character in _SHIFTED else (_PLAIN[character], False)


@pytest.fixture
def desk(open_page: Opener, stage: Scene) -> Page:
    page = open_page(size=DESKTOP, language="en")
    stage.sign_in(page)
    expect(page.locator("#network")).to_have_attribute("data-ready", "true")
    return page


def shows(page: Page, organisation: str) -> None:
    """The group is shown, nobody was admitted, and the next scan finds an empty field."""
    expect(page.locator("#card h2")).to_have_text(organisation)
    expect(page.locator("#card button.admit")).to_be_visible()
    expect(page.locator("#answer")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("#q")).to_be_focused()


def test_a_scan_arrives_whatever_ends_it_and_wherever_the_focus_is(desk: Page, stage: Scene) -> None:
    for ime in tried((True, False), 1):
        _scan_everywhere(desk, stage, ime=ime)
        desk.keyboard.press("Escape")


def _scan_everywhere(desk: Page, stage: Scene, *, ime: bool) -> None:
    names = [f"扫描枪检验组{ime}{number}" for number in range(6)]
    texts = [f"{stage.live.url}/T/{stage.code(stage.book(name, {'440000': 7}))}".upper() for name in names]
    scanner = Scanner(desk, ime=ime)
    for end, name, text in zip(("Enter", "Tab", ""), names[:3], texts[:3], strict=True):
        scanner.scan(text, end=end)
        shows(desk, name)

    desk.locator("#card input[type=number]").first.focus()
    scanner.scan(texts[3], end="Tab")
    shows(desk, names[3])

    desk.keyboard.press("F2")
    desk.fill("#walk-in-organisation", "合唱团")
    desk.locator("#walk-in-organisation").focus()
    scanner.scan(texts[4], end="Enter")
    shows(desk, names[4])
    expect(desk.locator("#walk-in-organisation")).to_have_value("合唱团")

    desk.locator("#card button.admit").focus()
    scanner.scan(texts[5])
    shows(desk, names[5])


def test_what_a_person_types_is_left_alone(desk: Page, stage: Scene) -> None:
    stage.book("Slow Typing Society", {"440000": 5})
    desk.locator("#q").focus()
    desk.keyboard.type("Slow Typing", delay=70)
    expect(desk.locator("#q")).to_have_value("Slow Typing")
    desk.keyboard.press("Tab")
    expect(desk.locator("#scan button")).to_be_focused()
    desk.locator("#q").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#card h2")).to_have_text("Slow Typing Society")
    desk.evaluate("""async () => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "F2", bubbles: true }));
        document.getElementById("walk-in-organisation").focus(); // before the page is told that the part is open
        await new Promise((resolve) => setTimeout(resolve, 100));
    }""")
    expect(desk.locator("#walk-in-organisation")).to_be_focused()
    desk.keyboard.type("Choir at the river", delay=70)
    expect(desk.locator("#walk-in-organisation")).to_have_value("Choir at the river")


def test_codes_of_other_systems_are_answered_as_such_with_and_without_a_network(desk: Page, stage: Scene) -> None:
    desk.evaluate("() => { window.felt = []; navigator.vibrate = (pattern) => window.felt.push(pattern); }")
    scanner = Scanner(desk)
    strange = f"HTTPS://OTHER.EXAMPLE/T/{'A' * 32}"
    for cut in (False, True):
        desk.context.set_offline(cut)
        expect(desk.locator("#network")).to_have_attribute("data-state", "offline" if cut else "online")
        for text, title in (
            ("https://u.wechat.com/MAbc-12", "Not a pass"),
            (strange, "Not in the list" if cut else "Unknown pass"),
        ):
            scanner.scan(text, end="Enter")
            expect(desk.locator("#answer h2")).to_have_text(title)
        scanner.scan("BEGIN:VCARD", end="Enter")
        scanner.scan("FN:Somebody Else", end="Enter")
        expect(desk.locator("#answer h2")).to_have_text("Not a pass")
        expect(desk.locator("#answer")).to_have_attribute("data-outcome", "refused")
    assert desk.evaluate("window.felt.length") >= 5
    assert desk.evaluate("window.felt.every((pattern) => pattern[0] === 350)")
    desk.context.set_offline(False)
    expect(desk.locator("#network")).to_have_attribute("data-state", "online")
    _each_outcome_vibrates_in_its_own_way(desk, stage)


def _each_outcome_vibrates_in_its_own_way(desk: Page, stage: Scene) -> None:
    code = stage.code(stage.book("振动检验组", {"440000": 4}))
    desk.evaluate("() => { navigator.vibrate = (pattern) => (window.felt = pattern); }")
    desk.locator("#sound-button").click()  # silent: it vibrates all the same
    felt = {}
    for outcome, act in (
        ("admitted", lambda: desk.locator("#card button.admit").click()),
        ("taken_back", lambda: desk.locator("#events form[data-act] button").first.click()),
    ):
        if outcome == "admitted":
            Scanner(desk).scan(code, end="Enter")
            expect(desk.locator("#card h2")).to_have_text("振动检验组")
        act()
        expect(desk.locator("#answer")).to_have_attribute("data-outcome", outcome)
        felt[outcome] = desk.evaluate("window.felt")
    assert len({str(pattern) for pattern in felt.values()}) == 2
