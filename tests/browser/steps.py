"""Steps that several journeys take, by the words on the page in the reader's language."""

import itertools
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a reader of one language looks for."""

    book: str
    place: str
    people: str
    confirm: str
    show_pass: str
    pdf: str
    admit: str


WORDS = {
    "zh": Words(
        book="预约参观",
        place="第1个来源地",
        people="来源地1的人数",
        confirm="提交预约",
        show_pass="出示入馆凭证",
        pdf="打印凭证（PDF）",
        admit="入馆",
    ),
    "en": Words(
        book="Book a visit",
        place="Place 1",
        people="People from place 1",
        confirm="Submit booking",
        show_pass="Show the pass",
        pdf="Pass to print (PDF)",
        admit="Admit",
    ),
}


_phones = itertools.count(1001)  # a phone of its own for each: a second booking on a day would be asked about


def fill_booking(page: Page, *, organisation: str, division: str, visitors: int, phone: str = "") -> None:
    """Choose the first free time and fill the form of `/book`, up to the last button."""
    page.locator("label.time.free").first.click()
    page.fill("[name=organisation]", organisation)
    page.select_option("[name=kind]", "union")
    page.select_option("[name=origins-0-division]", division)
    page.fill("[name=origins-0-visitors]", str(visitors))
    page.fill("[name=contact_name]", "何秀珍")
    page.fill("[name=phone]", phone or f"199 0000 {next(_phones)}")
    page.check("[name=consent]")


def book(page: Page, stage: Scene, words: Words, **group: str | int) -> None:
    """Book on the page, from the first one to the organiser's own."""
    page.goto(stage.url())
    page.locator("main a", has_text=words.book).first.click()
    fill_booking(page, **group)  # type: ignore[arg-type]
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")


def download_pdf(page: Page, stage: Scene, words: Words) -> bytes:
    """The PDF behind the link of the pass page, fetched as the browser would."""
    link = page.locator("main a", has_text=words.pdf)
    expect(link).to_be_visible()
    answer = page.request.get(stage.live.url + str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()
