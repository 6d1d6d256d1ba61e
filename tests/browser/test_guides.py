"""Guides in a browser: a week by suggestion, one changed by hand, the sheet on paper, and today on a guide's phone."""

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from types import SimpleNamespace

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.guides import assigning, queries
from hallapp.guides.models import Dropped, Duty, Guide, GuideProgramme, Leave
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, MANAGER, PHONE, Scene
from tests.browser.test_pages import LONG_NAME, MIXED
from tests.conftest import tried

JOURNEYS = [pytest.param("zh", "stage", id="zh-sqlite"), pytest.param("en", "postgresql_stage", id="en-postgresql")]
_number = itertools.count(1)


def prepare(stage: Scene) -> SimpleNamespace:
    """A programme of its own with groups of today and tomorrow, three guides, and the account of the first."""
    turn = next(_number)
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        tour = factories.programme(hall=hall, name_zh=f"专场讲解{turn}", name_en=f"Special tour {turn}")
        talk = factories.programme(hall=hall, guides=2, name_zh="双人讲解", name_en="Tour for two")
        account = factories.staff(hall=hall, role=Role.GUIDE, name=f"guide-{turn}")
        names = (f"陈静{turn}", f"何伟{turn}", f"Lin Mei {turn}")
        for name in names:
            _guide(hall, name, tour.id, staff_id=account.id if name == names[0] else None)
        soon = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        ends = soon + timedelta(minutes=90)
        times = {"day": hall.today(), "starts_at": soon, "ends_at": ends, "visitor_capacity": 500}
        both, two = factories.slot(programme=tour, **times), factories.slot(programme=talk, **times)
        phones = (f"+86199{turn:04}{number:04}" for number in itertools.count(1))
        groups = [
            factories.booking(slot=both, organisation=f"今日检验组{turn}", phone=next(phones), note="两辆大巴。"),
            factories.booking(slot=both, organisation=f"English Group {turn}", language="en", phone=next(phones)),
            factories.booking(slot=two, organisation=LONG_NAME, origins=MIXED, phone=next(phones)),
        ]
        references = [each.reference for each in groups]
        return SimpleNamespace(account=account.name, names=names, today=hall.today(), references=references, turn=turn)


def _guide(hall: Hall, name: str, programme_id: int, **values: int | None) -> None:
    languages = "zh,en" if name.startswith("Lin") else "zh,yue"
    row = Guide(hall_id=hall.id, name=name, languages=languages, created_at=clock.now(), **values)
    hours = {"starts": time(6), "ends": time(22), "valid_from": date(2020, 1, 1)}
    row.duties = [Duty(hall_id=hall.id, weekday=weekday, **hours) for weekday in range(7)]
    row.knows = [GuideProgramme(hall_id=hall.id, programme_id=programme_id)]
    far = hall.today() + timedelta(days=60)
    row.leaves = [Leave(hall_id=hall.id, first=far, last=far + timedelta(days=4), note="培训")]
    db.session.add(row)
    db.session.flush()


@pytest.mark.parametrize(("language", "stage_name"), tried(JOURNEYS, 1))
def test_manager_assigns_a_week_and_the_guide_sees_it(
    open_page: Opener, request: pytest.FixtureRequest, language: str, stage_name: str
) -> None:
    stage: Scene = request.getfixturevalue(stage_name)
    room = prepare(stage)
    manager = open_page(size=DESKTOP, language=language)
    stage.hold_session(manager)
    manager.goto(stage.url("/today"))
    manager.locator("header a[href='/admin/guides/week']").click()
    manager.locator(".suggest button").click()
    expect(manager.locator(".notice[role=status]")).to_be_visible()
    first, english = (manager.locator(f"#group-{reference}") for reference in room.references[:2])
    expect(english.locator("option:checked")).to_have_text(room.names[2])  # who alone speaks it
    expect(first.locator("option:checked")).to_have_text(room.names[1])
    mine = first.locator("option", has_text=room.names[0])
    first.locator("select").select_option(str(mine.get_attribute("value")))
    first.locator("button").click()
    expect(first.locator(".saved-mark")).to_be_visible()
    expect(first.locator("option:checked")).to_have_text(room.names[0])

    manager.locator(f"#day-{room.today} a[href$='/sheet']").click()
    expect(manager.locator("#print")).to_be_visible()
    sheets = list(pypdfium2.PdfDocument(manager.pdf(prefer_css_page_size=True)))
    assert [sheet.get_size() for sheet in sheets] == [pytest.approx((842, 595), abs=1)] * len(sheets)
    text = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets)
    for word in (f"今日检验组{room.turn}", *room.names[::2], "两辆大巴。", room.references[0][:4], "何秀珍"):
        assert word.replace(" ", "") in text, word

    guide = open_page(size=PHONE, language=language)
    sign_in(guide, stage, room.account)
    [card] = guide.locator("article.my-group").all()
    expect(card.locator("h3")).to_have_text(f"今日检验组{room.turn}")
    expect(card.locator("a.my-call")).to_have_attribute("href", f"tel:+86199{room.turn:04}0001")


def sign_in(page: Page, stage: Scene, name: str) -> None:
    """Sign a guide in, who lands at the groups of today."""
    page.goto(stage.url("/sign-in"))
    page.fill("#name", name)
    page.fill("#password", factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/guide")


@pytest.fixture(scope="module")
def room(stage: Scene) -> SimpleNamespace:
    """A week with a group that nobody leads, one that needs two guides, and one that has lost its guide."""
    made = prepare(stage)
    with stage.live.app.app_context(), transaction():
        first, other, long = (
            db.session.scalars(select(Booking).where(Booking.reference == each)).one() for each in made.references
        )
        guides = db.session.scalars(select(Guide).where(Guide.name.in_(made.names)).order_by(Guide.id)).all()
        made.guide_id = guides[0].id
        manager = db.session.scalars(select(Staff.id).where(Staff.name == MANAGER)).one()
        for booking, guide in ((first, guides[0]), (long, guides[1]), (other, guides[2])):
            assigning.assign(booking, guide.id, by=manager, accept=True)
        assigning.drop(queries.list_of_booking(other.id), Dropped.MOVED)
    return made


def _pages(stage: Scene, room: SimpleNamespace) -> Iterator[tuple[str, Callable[[Page], object]]]:
    def at(path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(stage.url(path))

    yield "guide's own", lambda page: sign_in(page, stage, room.account)
    yield "no guide", lambda page: (stage.hold_session(page), at("/guide")(page))
    yield "list", at("/admin/guides")
    yield "new", at("/admin/guides/new")
    yield "guide", at(f"/admin/guides/{room.guide_id}")
    yield "guide, leave refused", _go_on_leave
    yield "week", at("/admin/guides/week")
    yield "week, refused", lambda page: page.locator(f"#group-{room.references[2]} button").last.click()
    yield "sheet", at(f"/admin/guides/day/{room.today}/sheet")


def _go_on_leave(page: Page) -> None:
    page.locator("#leave form").last.locator("button").click()
    expect(page.locator("#leave [role=alert]")).to_be_visible()


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, stage: Scene, room: SimpleNamespace, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for name, show in _pages(stage, room):
        show(page)
        if folder := os.environ.get("SHOW_PAGES"):
            page.screenshot(path=f"{folder}/{name}-{language}-{scheme}-{size['width']}.png", full_page=True)
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)
