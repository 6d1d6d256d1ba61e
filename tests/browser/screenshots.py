"""Take the pictures of the documentation: `make screenshots`. They show a demonstration hall made for them."""

import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import func, select

from hallapp.booking.models import AGREED, Booking, BookingState, Source
from hallapp.core.database import db, transaction
from hallapp.demo import service as demonstration
from hallapp.desk import queries as desk
from hallapp.schedule import planning
from hallapp.schedule import queries as schedule
from hallapp.schedule.closed_days import SetDays, set_days
from hallapp.schedule.models import Hall, Slot
from hallapp.settings import ROOT
from tests.browser.conftest import CHROMIUM, launch_arguments
from tests.browser.scene import LOCALES, PHONE
from tests.live import Live, serve

FOLDER = ROOT / "docs" / "images"
WINDOW = {"width": 1280, "height": 960}
COLOURS = 96  # flat pages lose nothing by it, and stay small
GAP = 32
PAPER = "#e9e6e0"


def main() -> None:
    """Write every picture anew."""
    if not CHROMIUM:
        sys.exit("make screenshots: no Chromium found; install it or name it in CHROMIUM")
    with (
        tempfile.TemporaryDirectory(prefix="hallapp-screenshots-") as name,
        serve(f"sqlite:///{name}/demo.sqlite3", Path(name)) as live,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_arguments()) as browser,
    ):
        pictures = _take(live, browser)
    pictures["overview"] = _together(pictures)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for title, picture in pictures.items():
        path = FOLDER / f"{title}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def _take(live: Live, browser: Browser) -> dict[str, Image.Image]:
    with live.app.app_context():
        with transaction():
            accounts = {account.name: account.password for account in demonstration.fill()}
        with transaction():
            demonstration.close_years()
        hall = schedule.list_halls()[0]
        today = desk.get_day(hall.id, hall.today())
        waiting = max((one.booking for one in today.bookings if one.to_come), key=lambda booking: booking.visitors)
        mixed = select(Booking).where(Booking.organisation.contains("示范培训班"), Booking.state.in_(AGREED))
        key, reference = (
            (db.session.scalars(mixed.order_by(Booking.id.desc())).first() or waiting).key,
            waiting.reference,
        )
        month = f"{hall.today().replace(day=1) - timedelta(days=1):%Y-%m}"
    phone = browser.new_page(viewport=PHONE, locale="zh-CN", device_scale_factor=2)  # type: ignore[arg-type]
    counter = browser.new_page(viewport=WINDOW, locale="zh-CN")  # type: ignore[arg-type]
    pictures = {"booking": _booking(phone, live), "pass": _pass(phone, live, key)}
    _sign_in(counter, live, accounts["manager"])
    pictures["desk"] = _desk(counter, reference)
    counter.goto(f"{live.url}/reports/{month}")
    pictures["report"] = _picture(counter)
    for language, locale in LOCALES.items():
        office = browser.new_page(viewport=WINDOW, locale=locale)  # type: ignore[arg-type]
        _sign_in(office, live, accounts["manager"])
        pictures |= {f"{title}.{language}": picture for title, picture in _office(office, live)}
    return pictures


def _booking(page: Page, live: Live) -> Image.Image:
    page.goto(f"{live.url}/book")
    page.locator("label.time.free").first.click()
    page.locator("#when").evaluate("element => element.scrollIntoView()")
    return _picture(page)


def _pass(page: Page, live: Live, key: str) -> Image.Image:
    document = page.request.get(f"{live.url}/visits/{key}/pass.pdf").body()
    return pypdfium2.PdfDocument(document)[0].render(scale=1.5).to_pil()


def _sign_in(page: Page, live: Live, password: str) -> None:
    page.goto(f"{live.url}/sign-in?next=/desk")
    page.fill("#name", "manager")
    page.fill("#password", password)
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()


def _desk(page: Page, reference: str) -> Image.Image:
    page.keyboard.type(reference)
    page.keyboard.press("Enter")
    expect(page.locator("#card .count")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return _picture(page)


def _office(page: Page, live: Live) -> Iterator[tuple[str, Image.Image]]:
    """The manager's pages. They are looked at only: the closure is asked for, and never carried out."""
    busy, waited, reference = _prepare_office(live)
    page.goto(f"{live.url}/admin/calendar/{waited:%Y-%m}")
    yield "calendar", _picture(page)
    page.goto(f"{live.url}/admin/calendar/days/{waited}")
    yield "day", _picture(page)
    page.goto(f"{live.url}/admin/calendar/{busy:%Y-%m}")
    page.click("#several summary")
    for field, typed in (
        ("first", f"{busy}"),
        ("last", f"{busy + timedelta(days=2)}"),
        ("reason_zh", "展厅设备检修"),
        ("reason_en", "Maintenance of the exhibition"),
    ):
        page.fill(f"#{field}", typed)
    page.click("#several button[type=submit]")
    for number, act in enumerate(("move", "cancel", "leave")):
        page.locator(".settle-row").nth(number).locator(f"input[value={act}]").check()
    page.evaluate("scrollTo(0, 0)")
    yield "settle", _picture(page)
    page.goto(f"{live.url}/admin/policy")
    yield "rules", _picture(page)
    page.goto(f"{live.url}/bookings/review")
    yield "review", _picture(page)
    page.goto(f"{live.url}/bookings/{reference}")
    yield "booking-page", _picture(page)


def _prepare_office(live: Live) -> tuple[date, date, str]:
    """A day with several groups, one for which groups wait, and a telephone booking; two days are closed by hand."""
    with live.app.app_context():
        hall = schedule.list_halls()[0]
        with transaction():
            first = hall.today() + timedelta(days=19)
            command = SetDays(
                hall_id=hall.id,
                by=None,
                first=first,
                last=first + timedelta(days=1),
                closed=True,
                reason={"zh": "换展", "en": "New exhibition"},
            )
            planning.carry_out(set_days(command))
        by_phone = select(Booking.reference).where(
            Booking.source == Source.PHONE, Booking.state == BookingState.CONFIRMED
        )
        return (
            _day_with_most(hall, BookingState.CONFIRMED),
            _day_with_most(hall, BookingState.WAITLISTED),
            db.session.scalars(by_phone.order_by(Booking.id.desc())).first() or "",
        )


def _day_with_most(hall: Hall, state: BookingState) -> date:
    """The coming day on which most bookings stand like this."""
    query = (
        select(Slot.day)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Slot.hall_id == hall.id, Slot.day > hall.today(), Booking.state == state)
        .group_by(Slot.day)
        .order_by(func.count().desc(), Slot.day)
        .limit(1)
    )
    return db.session.scalars(query).one()


def _picture(page: Page) -> Image.Image:
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    return Image.open(io.BytesIO(page.screenshot()))


def _together(pictures: dict[str, Image.Image]) -> Image.Image:
    """The four side by side, as tall as the tallest needs."""
    height = 620
    scaled = [_scale(pictures[title], height) for title in ("booking", "pass")]
    wide = [_scale(pictures[title], (height - GAP) // 2) for title in ("desk", "report")]
    width = sum(picture.width + GAP for picture in (*scaled, wide[0])) + GAP
    sheet = Image.new("RGB", (width, height + 2 * GAP), PAPER)
    left = GAP
    for picture in scaled:
        sheet.paste(picture, (left, GAP))
        left += picture.width + GAP
    sheet.paste(wide[0], (left, GAP))
    sheet.paste(wide[1], (left, GAP + height - wide[1].height))
    return sheet


def _scale(picture: Image.Image, height: int) -> Image.Image:
    return picture.convert("RGB").resize((picture.width * height // picture.height, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
