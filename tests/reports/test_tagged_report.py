"""The report is read by a screen reader as it is seen: the whole of it, in order, its tables and pictures in words."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pypdf
import pypdfium2
import pytest
import time_machine
import zxingcpp
from flask import Flask
from PIL import Image

from hallapp.core import formats
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.periods import Period
from hallapp.reports import tables, words
from hallapp.reports.figures.service import Report
from hallapp.reports.pdf import to_pdf
from hallapp.reports.pdf.letterhead import Letterhead
from hallapp.reports.pdf.sheet import BOTTOM, HEIGHT
from hallapp.reports.pictures import charts
from tests.conftest import in_turn
from tests.printing.structure import Structure, find_faults
from tests.reports import golden_pages, made

NOVEMBER = Period.month(2026, 11)
LONG = "很长的名称" * 16, "A very long name that goes on " * 4
VERIFY_AT = "https://reports.lingnan.example/verify/9f2c4e1ab07d3658"
LOGO = Image.new("RGBA", (600, 200), (173, 59, 38, 200))


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return golden_pages.wordy_app(tmp_path_factory.mktemp("wordy"))


@contextmanager
def reading(wordy: Flask, language: str) -> Iterator[None]:
    with wordy.app_context(), force_locale(language), time_machine.travel(golden_pages.NOW, tick=False):
        yield


def cases() -> dict[str, Callable[[], Report]]:
    adjustments = made.report(NOVEMBER).adjustments * 60
    return {
        "closed": lambda: made.report(NOVEMBER, closed=True, later=-12, later_count=2),
        "open": lambda: made.report(NOVEMBER),
        "empty": lambda: made.report(NOVEMBER, visitors=0, compared=False),
        "year": lambda: made.report(Period.year(2026), visitors=40_000),
        "long": lambda: made.report(
            NOVEMBER,
            visitors=10**7,
            guides=[f"{LONG[0]}{n}" for n in range(200)],
            programmes=[(f"{n}{LONG[0]}", f"{n} {LONG[1]}") for n in range(40)],
            adjustments=adjustments,
            facts={"name": {"zh": LONG[0], "en": LONG[1]}, "demonstration": True},
        ),
    }


@pytest.mark.parametrize(("name", "language"), in_turn(cases(), ("zh", "en")))
def test_structure_has_all_that_the_pages_say(wordy: Flask, name: str, language: str) -> None:
    with reading(wordy, language):
        report = cases()[name]()
        file = to_pdf(report, Letterhead(logo=LOGO, verify_at=VERIFY_AT))
        found = Structure(file)
        assert find_faults(file) == []
        # What is left out: the head of a table that is repeated, and the key of the bars.
        heads = {text for node in found.nodes("TH") for text in found.text(node).split()}
        heads |= set(f"{_('People')} {_('the same time a year before')}".split())
        body = [one for one in found.drawn if one.is_artifact and BOTTOM - 5 <= one.y <= HEIGHT - 45]
        assert {word for one in body for word in one.text.split()} <= heads
        headings = [(node.role, found.text(node)) for node in found.nodes("H1", "H2")]
        assert headings[:3] == [
            ("H1", words.period_name(report.period)),
            ("H2", _("Contents")),
            ("H2", _("Signatures")),
        ]
        contents = [found.text(node) for node in found.nodes("Link")]
        pages = [page for _title, page in (entry.rsplit(" ", 1) for entry in contents)]
        assert [title for title, _page in (entry.rsplit(" ", 1) for entry in contents)] == [
            title for _role, title in headings[3:]
        ]
        assert pages == sorted(pages, key=int)
        said = [found.text(node) for node in found.nodes("P")]
        sentence = " ".join(words.sentence(report).split())
        assert any(squeezed(one) == squeezed(sentence) for one in said)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_and_pictures_say_the_figures_of_the_report(wordy: Flask, language: str) -> None:
    with reading(wordy, language):
        report = made.report(NOVEMBER, closed=True)
        found = Structure(to_pdf(report, Letterhead(logo=LOGO, verify_at=VERIFY_AT)))
        rows = [row for table in found.nodes("Table") for row in found.rows(table)]
        for row in tables.of_ranking(report).rows:
            if row.visitors:
                assert [str(row.rank), row.name, formats.number(row.visitors)] in [one[:3] for one in rows]
        for part in tables.of_parts(report).came:
            assert [part.name, formats.number(part.visitors)] in [one[:2] for one in rows]
        alts = [figure.source["/Alt"] for figure in found.nodes("Figure")]
        told = [charts.make(report, name).sentence for name in (charts.Name.MAP, charts.Name.TREND, charts.Name.WEEK)]
        assert [alt for alt in alts if alt in told] == told
        assert alts[0] == _("Logo of %(hall)s", hall=report.hall.text("name", language))
        assert VERIFY_AT in alts[1]


def test_first_page_is_signed_and_its_code_leads_to_the_verification(wordy: Flask) -> None:
    with reading(wordy, "zh"):
        closed = to_pdf(made.report(NOVEMBER, closed=True), Letterhead(logo=LOGO, verify_at=VERIFY_AT))
        opened = to_pdf(made.report(NOVEMBER), Letterhead(logo=LOGO))
        bare = to_pdf(made.report(NOVEMBER, closed=True))
    assert [code.text for code in codes(closed)] == [VERIFY_AT]
    assert codes(opened) == codes(bare) == []
    for file, said in ((closed, "9f2c4e1ab07d3658"), (opened, "尚未归档")):
        text = squeezed(golden_pages.texts(file)[0])
        assert said in text
        assert all(name in text for name in ("制表", "复核", "批准", "日期", "盖章"))
    assert [len(pypdf.PdfReader(io.BytesIO(file)).pages[0].images) for file in (closed, bare)] == [1, 0]


def codes(file: bytes) -> list[zxingcpp.Barcode]:
    """The QR codes of the first page as it is printed."""
    picture = pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil()
    return list(zxingcpp.read_barcodes(picture))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
