"""Journeys of accounts: an invitation, a first sign-in with two-step codes, a closed account; and all pages by axe."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts import joining, service, totp, twostep
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.conftest import SECRET, tried

PASSWORD = "three unrelated words"
LONG_NAME = "新疆维吾尔自治区喀什地区疏附县讲解员阿卜杜热西提·买买提明"


@pytest.fixture(scope="module")
def boss(stage: Scene) -> str:
    """The sign-in name of an administrator of the stage's hall, beside whom others work there."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        admin = factories.staff(hall=hall, role=Role.ADMIN, name="boss")
        factories.staff(hall=hall, role=Role.GUIDE, name=LONG_NAME, last_sign_in_at=clock.now() - timedelta(days=3))
        gone = factories.staff(hall=hall, role=Role.DESK, name="gone")
        service.close(gone, by=admin.id)
        invited = joining.Invite(hall_id=hall.id, by=admin.id, name="newcomer", role=Role.MANAGER)
        joining.invite(invited)
    return "boss"


def sign_out(page: Page, within: str = "") -> None:
    """Sign out, which a script does: the device forgets first what it keeps."""
    if not within:
        page.locator(".person > summary").click()
    page.locator(f"{within}form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")


def sign_in(page: Page, stage: Scene, name: str, password: str = factories.PASSWORD) -> None:
    page.goto(stage.url("/sign-in"))
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


@pytest.mark.nightly
@pytest.mark.parametrize("language", tried(["zh", "en"], 1))
def test_invited_person_comes_in_with_codes_and_is_shut_out(
    open_page: Opener, stage: Scene, boss: str, language: str
) -> None:
    office = open_page(size=DESKTOP, language=language)
    sign_in(office, stage, boss)
    office.goto(stage.url("/admin"))
    office.locator("a[href='/admin/staff']").first.click()
    office.locator("a[href='/admin/staff/invite']").click()
    office.fill("#name", f"fang-{language}")
    office.check("input[name=role][value=guide]")
    office.locator("main form button[type=submit]").click()
    link = office.locator("#link").inner_text()
    assert link.startswith(f"{stage.live.url}/invitations/")
    office.locator("a[role=button][href^='/admin/staff/']").click()
    office.check("input[name=required][value=on]")
    office.locator("form[action$='/two-step'] button").click()
    expect(office.locator(".notice.good")).to_be_visible()
    person_page = office.url.partition("?")[0]

    phone = open_page(size=PHONE, language=language)
    phone.goto(link)
    phone.fill("#password", PASSWORD)
    phone.fill("#again", PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.locator("#name")).to_have_value(f"fang-{language}")
    expect(phone.locator("#password")).to_be_focused()
    phone.fill("#password", PASSWORD)
    phone.keyboard.press("Enter")

    expect(phone.locator("svg.enrol-code")).to_be_visible()
    phone.locator(".enrol-steps summary").click()
    secret = phone.locator("#secret").inner_text().replace(" ", "")
    phone.fill("#code", totp.code_at(secret, clock.now().timestamp()))
    phone.keyboard.press("Enter")
    expect(phone.locator(".recovery-codes code")).to_have_count(10)
    recovery = phone.locator(".recovery-codes code").first.inner_text()
    phone.goto(stage.url("/guide"))
    expect(phone.locator("h1")).to_be_visible()
    assert phone.url == stage.url("/guide")

    sign_out(phone)
    sign_in(phone, stage, f"fang-{language}", PASSWORD)
    expect(phone.locator("#code")).to_be_focused()
    phone.fill("#code", totp.code_at(secret, clock.now().timestamp() + totp.SECONDS))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/guide")

    tablet = open_page(size=PHONE, language=language)
    sign_in(tablet, stage, f"fang-{language}", PASSWORD)
    tablet.fill("#code", recovery)
    tablet.keyboard.press("Enter")
    tablet.wait_for_url("**/guide")

    office.goto(person_page)
    office.locator("form[action$='/deactivate'] button").click()
    expect(office.locator("form[action$='/reactivate'] button")).to_be_visible()
    for browser in (phone, tablet):
        browser.goto(stage.url("/guide"))
        browser.wait_for_url("**/sign-in?next=/guide")
    office.goto(stage.url("/admin/audit"))
    expect(office.locator(".trail")).to_contain_text(f"fang-{language}")
    expect(office.locator(".trail tbody tr").first).to_contain_text({"zh": "停用账号", "en": "Deactivated"}[language])


Show = Callable[[Page], object]


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_of_accounts_are_accessible_and_fit(
    open_page: Opener, stage: Scene, boss: str, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for name, show in pages(stage, boss):
        show(page)
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


def pages(stage: Scene, boss: str) -> Iterator[tuple[str, Show]]:
    """Every page of accounts by a name, with what shows it."""
    number, token, first, coded = _people(stage)

    def at(path: str) -> Show:
        return lambda page: page.goto(stage.url(path))

    def submit(page: Page) -> None:
        page.locator("main form:has(button:not(.plain)) button[type=submit]").first.click()

    yield "invitation", at(f"/invitations/{token}")
    yield "invitation refused", lambda page: _refused_password(page)
    yield "link unknown", at("/invitations/nothing")
    yield "first password", lambda page: sign_in(page, stage, first)
    yield "signed out", lambda page: sign_out(page, within="main ")
    yield "code", lambda page: sign_in(page, stage, coded)
    yield "code refused", lambda page: (page.fill("#code", "nothing"), submit(page))
    yield "sign-in refused", lambda page: _refused_sign_in(page, stage, coded)
    yield "account", lambda page: (stage.hold_session(page, name=boss), page.goto(stage.url("/account")))
    yield "password", at("/account/password")
    yield "turn on codes", at("/account/two-step")
    yield "typed secret", lambda page: page.locator(".enrol-steps summary").click()
    yield "wrong code", lambda page: (page.fill("#code", "nothing"), submit(page))
    yield "staff", at("/admin/staff")
    yield "refused sign-ins", at("/admin/staff/refused")
    yield "invite", at("/admin/staff/invite")
    yield "invite refused", submit
    yield "person", at(f"/admin/staff/{number}")
    yield "link", lambda page: page.locator("form[action$='/reset'] button").click()
    yield "background tasks", at("/admin/tasks")
    yield "background tasks, refused", lambda page: (page.fill("#night", "25:00"), submit(page))
    yield "trail", at("/admin/audit")
    yield "trail, nothing", at("/admin/audit?subject=nothing")
    yield "trail, refused", at("/admin/audit?from=x&who=x")
    yield "own codes", lambda page: _own_codes(page, stage, coded)
    yield "recovery codes", lambda page: _renew(page, stage, coded)


def _refused_sign_in(page: Page, stage: Scene, name: str) -> None:
    page.goto(stage.url("/sign-in"))
    page.fill("#name", name)
    page.fill("#password", "wrong password")
    page.keyboard.press("Enter")
    expect(page.locator("#password-error")).to_be_visible()


def _refused_password(page: Page) -> None:
    page.fill("#password", "short")
    page.fill("#again", "shorter")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#again-error")).to_be_visible()


def _people(stage: Scene) -> tuple[int, str, str, str]:
    """A person to look at, the token of a link, and the names of two who have something to do after the password."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        person = factories.staff(hall=hall, role=Role.DESK)
        given = joining.reset(person, by=None)
        looked_at = factories.staff(hall=hall, role=Role.DESK)
        first = factories.staff(hall=hall, role=Role.DESK, must_change_password=True)
        coded = factories.staff(hall=hall, role=Role.GUIDE)
        _turn_on(coded)
        return looked_at.id, given.token, first.name, coded.name


_secret = totp.new_secret()


def _turn_on(staff: Staff) -> None:
    now = totp.code_at(_secret, clock.now().timestamp())
    twostep.turn_on(staff, secret=_secret, typed=now, keys=(SECRET,))


def _fresh_code(stage: Scene, name: str) -> str:
    """A code that was not taken yet: the last step is forgotten."""
    with stage.live.app.app_context(), transaction():
        service.get_staff_by_name(name).totp_step = None
    return totp.code_at(_secret, clock.now().timestamp())


def _own_codes(page: Page, stage: Scene, name: str) -> None:
    sign_out(page)
    sign_in(page, stage, name)
    page.fill("#code", _fresh_code(stage, name))
    page.keyboard.press("Enter")
    page.wait_for_url("**/guide")
    page.goto(stage.url("/account/two-step"))


def _renew(page: Page, stage: Scene, name: str) -> None:
    page.fill("#code", _fresh_code(stage, name))
    page.keyboard.press("Enter")
    expect(page.locator(".recovery-codes code")).to_have_count(10)
