"""Pages that are kept for everybody: nothing personal is in the kept part, and each visitor gets their own."""

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.core.database import db, transaction
from hallapp.core.web import public_pages
from hallapp.core.web.public_pages import PublicPage, gap
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.booking.helpers import MADE, page, typed, value_of
from tests.client import CheckingClient

TYPED = "岭南第十七小学"
#: Values of one visitor in a page.
VARYING = r'(?:nonce|value|content)="[\w.+/=-]{16,}"|data-[a-z-]+="[^"]{16,}"|\d+ \+ \d+'


@pytest.fixture(autouse=True)
def long_lived_pages(app: Flask) -> Iterator[None]:
    """Pages are kept for as long as a test takes, and none that an earlier test of this process asked for."""
    stores = [app.extensions[store]._entries for store in ("hallapp_public_pages", "hallapp_public_halls")]
    for entries in stores:
        entries.clear()
    app.config[public_pages.SECONDS] = 3600
    yield
    app.config[public_pages.SECONDS] = 0
    for entries in stores:
        entries.clear()


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, accent="#1a4d8f")
        return factories.slot(programme=factories.programme(hall=hall, group_min=1), visitor_capacity=100)


def everything_kept(app: Flask) -> str:
    """All that is kept of pages in this process."""
    store = app.extensions["hallapp_public_pages"]
    pages = [entry.value for entry in store._entries.values()]
    assert pages
    return "".join(part.decode() for one in pages for part in one.parts)


def other_browser(app: Flask) -> CheckingClient:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def test_two_visitors_get_the_same_page_with_tokens_of_their_own(app: Flask, slot: Slot) -> None:
    first, second = (other_browser(app).get("/book") for _ in range(2))
    tokens = [{name: value_of(answer, name) for name in ("csrf_token", "submission")} for answer in (first, second)]
    assert not set(tokens[0].values()) & set(tokens[1].values())
    nonces = [re.search("'nonce-([^']+)'", answer.headers["Content-Security-Policy"]) for answer in (first, second)]
    for answer, nonce in zip((first, second), nonces, strict=True):
        assert nonce and f'<style nonce="{nonce[1]}">' in answer.text
    blank = [re.sub(r'(value|content|data-challenge|nonce)="[^"]*"', "", answer.text) for answer in (first, second)]
    assert blank[0] == blank[1]


def test_forms_of_two_visitors_both_work(app: Flask, slot: Slot) -> None:
    browsers = [other_browser(app) for _ in range(2)]
    forms = [browser.get("/book") for browser in browsers]
    for number, (browser, form) in enumerate(zip(browsers, forms, strict=True)):
        data = typed(slot, submission=value_of(form, "submission"), organisation=f"第{number}小学")
        assert browser.post("/book", data={**data, "csrf_token": value_of(form, "csrf_token")}).status_code == 303
    foreign = typed(slot, submission="x", csrf_token=value_of(forms[0], "csrf_token"))
    assert browsers[1].post("/book", data=foreign).status_code == 422


def test_nothing_of_staff_or_of_typed_values_is_kept(app: Flask, slot: Slot) -> None:
    staff, visitor = other_browser(app), other_browser(app)
    person = factories.make(lambda: factories.staff(hall=slot.programme.hall, name="zhaoyun"))
    staff.sign_in(person)
    for path in ("/book", "/"):
        assert "zhaoyun" in staff.get(path).text
    form = visitor.get("/book")
    token = value_of(form, "csrf_token")
    again = visitor.post("/book", data=typed(slot, organisation=TYPED, refresh="summary", csrf_token=token))
    assert TYPED in again.text
    for path in ("/book", "/"):
        shown = other_browser(app).get(path).text
        assert "zhaoyun" not in shown and TYPED not in shown
    assert "zhaoyun" in staff.get("/").text  # and the staff's own page is not the kept one
    content = everything_kept(app)
    session = visitor.get_cookie("session")
    assert session
    for personal in ("zhaoyun", TYPED, token, value_of(form, "submission"), session.value):
        assert personal not in content


def test_kept_page_has_no_data_of_the_visitor_who_caused_it(app: Flask, slot: Slot) -> None:
    """Whatever the first visitor's browser sends, the page is made for a visitor who sends none of it."""
    browser = other_browser(app)
    browser.set_cookie("language", "en")
    headers = {
        "Accept-Language": "zh-CN",
        "User-Agent": "mark-of-agent",
        "Referer": "https://example.org/mark-of-referer",
        "X-Forwarded-For": "203.0.113.77",
        "Host": "mark-of-host.example",
    }
    assert browser.get("/book", headers=headers).status_code == 200
    assert "mark-of" not in everything_kept(app) and "203.0.113.77" not in everything_kept(app)
    chinese = other_browser(app).get("/book", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="zh-CN" ' in chinese.text


def test_first_page_of_a_visitor_sets_no_cookie(app: Flask, slot: Slot) -> None:
    answer = other_browser(app).get("/")
    assert "Set-Cookie" not in answer.headers
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    assert answer.headers["Cache-Control"] == "no-store"
    assert other_browser(app).get("/book").headers["Cache-Control"] == "private, no-cache"


def test_each_language_programme_and_day_has_its_own_page(app: Flask, slot: Slot) -> None:
    with transaction():
        programme = db.session.get_one(Slot, slot.id).programme
        factories.programme(hall=programme.hall, slug="talks", name_zh="专题讲座", position=9)
        later = factories.slot(programme=programme, day=slot.day + timedelta(days=1))
    wishes = ("", "?lang=en", "?programme=talks", f"?day={later.day}", f"?slot={slot.id}")
    shown = [page(other_browser(app).get(f"/book{wish}")) for wish in wishes]
    assert len({re.sub(r'(value|content|data-challenge|nonce)="[^"]*"', "", one) for one in shown}) == len(shown)


def test_address_that_is_long_is_not_kept(app: Flask, slot: Slot) -> None:
    assert other_browser(app).get(f"/book?x={'y' * 300}").status_code == 200
    assert not app.extensions["hallapp_public_pages"]._entries


def test_text_that_is_put_in_is_escaped() -> None:
    stored_page = PublicPage.of(f'<p title="{gap("name")}">{gap("name")}{gap("other")}</p>')
    asked: list[str] = []

    def name() -> str:
        asked.append("name")
        return '"><script>'

    filled = stored_page.fill({"name": name, "other": "是"}).decode()
    assert filled == '<p title="&#34;&gt;&lt;script&gt;">&#34;&gt;&lt;script&gt;是</p>'
    assert asked == ["name"]


def test_text_of_a_hall_cannot_forge_a_placeholder(app: Flask, slot: Slot) -> None:
    with transaction():
        db.session.get_one(Hall, slot.hall_id).notice = {"zh": "gap-0000-csrf_token; gap-csrf_token;"}
    assert "gap-0000-csrf_token; gap-csrf_token;" in other_browser(app).get("/book").text


def test_hall_without_rows_yet_says_so(app: Flask, client: FlaskClient) -> None:
    for path in ("/", "/book"):
        assert client.get(path).location == "/first-run"
    assert client.get("/book/times").status_code == client.get("/book/line").status_code == 404


def test_a_kept_page_has_no_indentation_and_keeps_the_empty_lines_of_texts() -> None:
    stored_page = PublicPage.of(f"<main>\n    <p>{gap('name')}</p>\n\t  <p>第一段\n\n第二段</p>\n</main>")
    assert stored_page.fill({"name": "x"}).decode() == "<main>\n<p>x</p>\n<p>第一段\n\n第二段</p>\n</main>"


def test_compressed_page_is_the_same_page(app: Flask, slot: Slot) -> None:
    browser = FlaskClient(app)  # the checking one reads pages that are not compressed
    for path in ("/", "/book", f"/book?slot={slot.id}"):
        plain = browser.get(path)
        packed = browser.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        page = gzip.decompress(packed.data).decode()
        assert re.sub(VARYING, "", page) == re.sub(VARYING, "", plain.text)
        assert len(packed.data) == int(packed.headers["Content-Length"])
    for refused in ("", "identity", "gzip;q=0", "br"):
        assert "Content-Encoding" not in browser.get("/", headers={"Accept-Encoding": refused}).headers


def test_length_of_a_compressed_page_tells_nothing_of_a_secret() -> None:
    """An attacker who puts guesses into the page must not see whether one of them is a part of a secret (BREACH)."""
    secret = "IjdkY2JlZTk1YWQ5NzE4"
    guesses = [secret[:length] + "~" * (len(secret) - length) for length in (0, 5, 10, len(secret))]
    lengths = set()
    for guess in guesses:
        page = PublicPage.of(f"<p>token={guess}</p>" + "<p>text</p>" * 50 + f'<input value="{gap("token")}">' + guess)
        packed = page.fill({"token": secret}, packed=True)
        assert gzip.decompress(packed) == page.fill({"token": secret})
        assert secret.encode() in packed, "it is stored as it is"
        alone = page.fill({"token": "-" * len(secret)}, packed=True)
        lengths.add(len(packed) - len(alone))
    assert lengths == {0}
