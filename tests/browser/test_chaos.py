"""Three desks in real browsers on bad networks, with pages and a server that are killed: every group counts once.

The test knows who came. Each desk reaches the server through a proxy of its own, which fails as it is told; pages are
closed in the middle of an act, the server ends by SIGKILL and is started again, and desks press on cards that are old
because another desk was first. `make chaos` runs it longer: `tests/desk/test_chaos.py` is the same without browsers.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.desk.models import DeskEvent
from hallapp.ledger import recount
from tests.browser import scene
from tests.browser.conftest import Opener
from tests.browser.mortal import Mortal
from tests.browser.proxy import HEARD, Proxy, proxied
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import admit, arrived, open_desk, stored
from tests.conftest import tried
from tests.live import Live, free_port

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "0"))
SEEDS = ROUNDS or 1
STEPS = 40 if ROUNDS else max(tried((6, 12), 1))
KILLS = ROUNDS or max(tried((2, 3), 1))
DESKS = ("left", "middle", "right")
PEOPLE = 2
GIVEN_UP_MS = 20_000  # the desk waits eight seconds for a network that hangs
FAULTS = ("502", "portal", *HEARD)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    """A server of its own that is not running yet."""
    server = Mortal(tmp_path, free_port())
    yield server
    server.kill()
    with server.live.app.app_context():
        db.session.remove()
        db.engine.dispose()


class Desk:
    """A device with its own way to the server; its page may be killed at any time, and what it stores remains."""

    def __init__(self, page: Page, stage: Scene, proxy: Proxy) -> None:
        self.page, self.stage, self.proxy = page, stage, proxy
        self.context: BrowserContext = page.context
        open_desk(page, stage)

    def kill_page(self) -> None:
        """End the page in the middle of what it does, and open it again on the network that there is."""
        self.page.close()
        self.page = self.context.new_page()
        self.page.goto(self.stage.url("/desk"))
        expect(self.page.locator("html")).to_have_attribute("data-started", "")

    def press(self, booking: Booking, code: str) -> bool:
        """Scan a pass and press the button of its card, if it has one; gives whether there was one."""
        self._forget_answer()
        self.page.locator("#q").fill(code)
        self.page.keyboard.press("Enter")
        card = self.page.locator("#card", has=self.page.locator("h2", has_text=booking.organisation))
        refused = self.page.locator('#answer[data-outcome="refused"], #answer[data-outcome="repeated"]')
        expect(card.or_(refused).first).to_be_visible(timeout=GIVEN_UP_MS)
        button = card.locator("button.admit")
        if not button.is_visible():  # behind "more" where the server knows already that they have all come
            return False
        self._forget_answer()
        button.click()
        return True

    def _forget_answer(self) -> None:
        """Forget the answer to an earlier act, so that the next one is waited for."""
        self.page.evaluate("document.getElementById('answer').dataset.outcome = ''")

    def answer(self) -> str:
        """Wait for what the desk says of the act; gives its outcome."""
        band = self.page.locator('#answer:not([data-outcome=""])')
        expect(band).to_be_attached(timeout=GIVEN_UP_MS)
        return str(band.get_attribute("data-outcome"))


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_three_desks_with_killed_pages_and_servers_count_every_group_once(
    open_page: Opener, mortal: Mortal, seed: int
) -> None:
    chance = random.Random(seed)
    stage = scene.prepare(mortal.live)
    groups = [stage.book(f"混乱检验组{number:02}", {"440000": PEOPLE}) for number in range(STEPS)]
    codes = {group.id: stage.code(group) for group in groups}
    mortal.start()
    confirmed, pressed = [], []
    with ExitStack() as stack:
        desks = []
        for _ in DESKS:
            url, proxy = stack.enter_context(proxied(mortal.url))
            own = replace(stage, live=Live(url, stage.live.app))
            desks.append(Desk(open_page(size=DESKTOP, language="zh"), own, proxy))
        for number, group in enumerate(groups):
            _disturb(chance, desks, mortal, number)
            desk = chance.choice(desks)
            assert desk.press(group, codes[group.id])
            pressed.append(group)
            if chance.random() < 0.2:
                desk.kill_page()  # nobody has seen whether it was stored
            else:
                # "repeated": the first answer was lost on its way, and the desk has sent the same event again.
                assert desk.answer() in ("admitted", "repeated")
                confirmed.append(group)
            other = chance.choice([one for one in desks if one is not desk])
            if chance.random() < 0.4 and other.press(group, codes[group.id]):  # the same people, on an old card
                assert other.answer() in ("admitted", "repeated", "refused")
        _come_to_rest(desks, mortal)
        counted = {group: people for (group, _division), people in arrived(stage, groups).items()}
        assert {group.id: counted.get(group.id) for group in confirmed} == {group.id: PEOPLE for group in confirmed}
        assert all(people == PEOPLE for people in counted.values()), counted
        with stage.live.app.app_context(), transaction():
            assert recount.recount(stage.hall_id) == []
    open_page.complaints.clear()  # they were meant


def _disturb(chance: random.Random, desks: list[Desk], mortal: Mortal, number: int) -> None:
    """Let one thing happen: a network breaks or heals, a page or the server is killed, or the server starts again."""
    desk = chance.choice(desks)
    if number % 4 == 1:
        mortal.kill()
    elif number % 4 == 3:
        mortal.start()
    elif chance.random() < 0.3:
        desk.kill_page()
    else:
        desk.proxy.fault = chance.choice(("", *FAULTS))


def _come_to_rest(desks: list[Desk], mortal: Mortal) -> None:
    """Heal everything, and wait until nothing waits on any device."""
    if not mortal.process:
        mortal.start()
    for desk in desks:
        desk.proxy.fault = ""
    for desk in desks:
        desk.page.evaluate("window.dispatchEvent(new Event('online'))")
        stored(desk.page)


@pytest.mark.nightly
@pytest.mark.slow
def test_a_server_that_is_killed_in_the_middle_of_batches_counts_nothing_twice(
    open_page: Opener, mortal: Mortal
) -> None:
    each, stage = 2, scene.prepare(mortal.live)
    groups = [stage.book(f"断电检验组{number:02}", {"440000": PEOPLE}) for number in range(KILLS * 2 * each)]
    codes = iter([stage.code(group) for group in groups])
    mortal.start()
    pages = [open_page(size=DESKTOP, language="zh") for _ in range(2)]
    for page in pages:
        open_desk(page, stage)
    mortal.kill()
    for _ in range(KILLS):
        for page in pages:
            for _ in range(each):
                admit(page, next(codes), PEOPLE)
        before = _count_events(stage)
        mortal.start()
        for page in pages:
            page.evaluate("window.dispatchEvent(new Event('online'))")
        while _count_events(stage) == before:
            time.sleep(0.002)
        mortal.kill()  # one event at least of a batch is stored, and nobody was told
    mortal.start()
    for page in pages:
        page.evaluate("window.dispatchEvent(new Event('online'))")
        stored(page)
    assert _count_events(stage) == len(groups)
    assert arrived(stage, groups) == {(group.id, "440000"): PEOPLE for group in groups}


def _count_events(stage: Scene) -> int:
    with stage.live.app.app_context():
        return db.session.scalar(select(func.count()).select_from(DeskEvent)) or 0
