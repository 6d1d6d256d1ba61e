"""Sessions in real browsers: ending the others, and a copied cookie after its owner has signed out."""

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.test_accounts import sign_out
from tests.conftest import tried

NOTICE = {"zh": "其他登录均已退出", "en": "All other sessions have been signed out"}


@pytest.fixture(params=tried(["stage", "postgresql_stage"], 1))
def place(request: pytest.FixtureRequest) -> Scene:
    """The hall: on SQLite in CI, as `tests/accounts/test_sessions.py` tries both databases; on each at night."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def somebody(stage: Scene) -> str:
    """The sign-in name of somebody at the desk who has not signed in yet."""
    with stage.live.app.app_context(), transaction():
        return factories.staff(hall=db.session.get_one(Hall, stage.hall_id), role=Role.DESK).name


def is_out(page: Page, stage: Scene) -> None:
    page.goto(stage.url("/account"))
    page.wait_for_url("**/sign-in?next=/account")


@pytest.mark.nightly
@pytest.mark.parametrize("language", tried(["zh", "en"], 1))
def test_person_ends_the_session_that_was_left_open_at_the_desk(open_page: Opener, place: Scene, language: str) -> None:
    name = somebody(place)
    desk, second = (open_page(size=DESKTOP, language=language) for _ in range(2))
    phone = open_page(size=PHONE, language=language)
    for page in (desk, second, phone):
        place.hold_session(page, name=name)
    phone.goto(place.url("/account"))
    expect(phone.locator(".sessions li")).to_have_count(3)
    expect(phone.locator(".sessions .state.good")).to_have_count(1)

    phone.locator(".sessions li form button").first.click()
    expect(phone.locator(".sessions li")).to_have_count(2)
    phone.locator("form[action$='/end-others'] button").click()
    expect(phone.locator(".notice.good")).to_contain_text(NOTICE[language])
    expect(phone.locator(".sessions li")).to_have_count(1)
    expect(phone.locator("form[action$='/end-others']")).to_have_count(0)

    for page in (desk, second):
        is_out(page, place)
    phone.goto(place.url("/account"))
    expect(phone.locator(".sessions li")).to_have_count(1)


@pytest.mark.nightly
def test_copied_cookie_opens_nothing_after_its_owner_signed_out(open_page: Opener, place: Scene) -> None:
    owner = open_page(size=DESKTOP, language="zh")
    place.hold_session(owner, name=somebody(place))
    owner.goto(place.url("/account"))
    thief = open_page(size=DESKTOP, language="zh")
    thief.context.add_cookies([one for one in owner.context.cookies() if one["name"] == "session"])  # type: ignore[misc]
    thief.goto(place.url("/account"))
    expect(thief.locator(".sessions li")).to_have_count(1)

    sign_out(owner)
    is_out(thief, place)
    assert thief.evaluate("fetch('/desk/snapshot', {headers: {Accept: 'application/json'}}).then(a => a.status)") == 401
