"""What the journeys find: a hall whose clock stands near noon, its staff, free times, and ways to use its pages."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hallapp.accounts import service
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.jobs import runner
from hallapp.passes import codes, queries
from hallapp.passes import service as passes
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.client import sign_in_as
from tests.conftest import SECRET
from tests.live import Live

PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 1280, "height": 900}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The hall on its server: ids of rows, and what else a journey needs to know."""

    live: Live
    hall_id: int
    programme_id: int
    time_zone: str

    def url(self, path: str = "/") -> str:
        """The whole address of a path."""
        return self.live.url + path

    @property
    def month(self) -> str:
        """The hall's present month, as its report's address has it."""
        return f"{clock.today(self.time_zone):%Y-%m}"

    def sign_in(self, page: Page) -> None:
        """Open the desk in a browser that the manager has signed in; that one can sign in is tested elsewhere."""
        self.hold_session(page)
        page.goto(self.url("/desk"))
        expect(page.locator("#q")).to_be_focused()

    def hold_session(self, page: Page, *, name: str = MANAGER) -> None:
        """Let a browser hold a new session of a member of staff."""
        hold_session(page, self.live, name)

    def book(self, organisation: str, origins: dict[str, int]) -> Booking:
        """A booking for a slot of today, with its pass, made without the pages."""
        with self.live.app.app_context():
            with transaction():
                programme = db.session.get_one(Programme, self.programme_id)
                slot = _slot(programme, clock.now(), self.time_zone)
                booking = factories.booking(slot=slot, organisation=organisation, origins=origins)
                passes.issue(booking)
            return booking

    def code(self, booking: Booking) -> str:
        """What the QR of a booking's pass holds, without the address."""
        with self.live.app.app_context():
            return codes.sign(queries.get_current_pass(booking.id).token, (SECRET,))

    def do_jobs(self) -> None:
        """Do the long work that waits, as the worker and `flask jobs run` do."""
        with self.live.app.app_context():
            runner.run()

    def count_bookings(self, organisation: str) -> int:
        """How many bookings an organisation has."""
        with self.live.app.app_context():
            return len(db.session.scalars(select(Booking.id).where(Booking.organisation == organisation)).all())


def hold_session(page: Page, live: Live, name: str) -> None:
    """Let a browser hold a new session of the member of staff of this name."""
    with live.app.app_context():
        client = live.app.test_client()
        sign_in_as(client, service.get_staff_by_name(name))
        cookie = client.get_cookie(live.app.config["SESSION_COOKIE_NAME"])
    assert cookie
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live.url}])


def prepare(live: Live) -> Scene:
    """Fill the empty database of a server."""
    zone = _where_it_is_noon(clock.now())
    with live.app.app_context(), transaction():
        # Its slots are those below: no page makes or closes any.
        hall = factories.hall(slug="stage", time_zone=zone, notice_hours=0, slots_until=date.max)
        programme = factories.programme(hall=hall, slug="guided-tour", about_zh="讲解员带领参观。", about_en="A tour.")
        full_hour = clock.now().replace(minute=0, second=0, microsecond=0)
        for day in range(0, 20, 2):
            for hours in (2, 4):
                _slot(programme, full_hour + timedelta(days=day, hours=hours), zone)
        factories.staff(hall=hall, role=Role.MANAGER, name=MANAGER)
        return Scene(live=live, hall_id=hall.id, programme_id=programme.id, time_zone=zone)


def _slot(programme: Programme, starts_at: datetime, zone: str) -> Slot:
    return factories.slot(
        programme=programme,
        day=clock.local_day(starts_at, zone),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=programme.minutes),
        visitor_capacity=500,
        guide_capacity=20,
    )


def _where_it_is_noon(now: datetime) -> str:
    """A time zone whose day is far from its ends, whenever the tests run."""
    ahead = 11 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
