"""Take the pictures of the documentation: `make screenshots`. They show a demonstration hall made for them."""

import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.demo import service as demonstration
from hallapp.desk import queries as desk
from hallapp.schedule import queries as schedule
from hallapp.settings import ROOT
from tests.browser.conftest import CHROMIUM, launch_arguments
from tests.browser.scene import PHONE
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
        hall = schedule.list_halls()[0]
        today = desk.get_day(hall.id, hall.today())
        waiting = max((one.booking for one in today.bookings if one.to_come), key=lambda booking: booking.visitors)
        mixed = select(Booking).where(Booking.organisation.contains("示范培训班"), Booking.state == "confirmed")
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
