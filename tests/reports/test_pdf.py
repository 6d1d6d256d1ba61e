"""The report on paper: its pages word for word, what a reader's programs find in it, and that nothing is cut."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pypdf
import pytest
import time_machine
from flask import Flask

from hallapp import printing
from hallapp.core.i18n import force_locale
from hallapp.origins.china import DIVISIONS
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.figures.parts import FirstSeen, PartFigure
from hallapp.reports.figures.service import Report
from hallapp.reports.pdf import to_pdf
from hallapp.reports.pdf.sheet import BOTTOM, HEIGHT, MARGIN, WIDTH
from tests.conftest import in_turn
from tests.reports import golden_pages, made

NOVEMBER = Period.month(2026, 11)
LONG = "很长的名称" * 16, "A very long name that goes on " * 4
Reading = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return golden_pages.wordy_app(tmp_path_factory.mktemp("wordy"))


@pytest.fixture
def reading(wordy: Flask) -> Reading:
    @contextmanager
    def _in(language: str) -> Iterator[None]:
        with wordy.app_context(), force_locale(language), time_machine.travel(golden_pages.NOW, tick=False):
            yield

    return _in


def pages_of(report: Report) -> list[str]:
    return golden_pages.texts(to_pdf(report))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_word_for_word_as_they_were_looked_at(wordy: Flask, language: str) -> None:
    """`python -m tests.reports.golden_pages` keeps new ones, once you have looked at them."""
    with wordy.app_context():
        assert golden_pages.draw(language) == golden_pages.path(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_reader_finds_title_language_bookmarks_and_links(reading: Reading, language: str) -> None:
    with reading(language):
        report = made.report(NOVEMBER, closed=True)
        reader = pypdf.PdfReader(io.BytesIO(to_pdf(report)))
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == {"zh": "zh-CN", "en": "en"}[language]
    assert (
        catalog["/ViewerPreferences"]["/DisplayDocTitle"] is True or catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    )
    assert report.hall.text("name", language) in reader.metadata.title
    marks = [(mark.title, reader.get_destination_page_number(mark) + 1) for mark in reader.outline]
    cover = squeezed(reader.pages[0].extract_text())
    assert len(marks) == 11
    for title, page in marks:
        assert squeezed(title) in squeezed(reader.pages[page - 1].extract_text())
        assert f"{squeezed(title)}{page}" in cover
    links = [note.get_object() for note in reader.pages[0]["/Annots"]]
    assert [link["/Subtype"] for link in links] == ["/Link"] * len(marks)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            assert "HallSans" in font.get_object()["/BaseFont"]
            assert "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()


def test_each_page_has_its_number_and_the_digest_or_the_state(reading: Reading) -> None:
    with reading("en"):
        for report, foot in (
            (made.report(NOVEMBER, closed=True), f"Digest {made.DIGEST}"),
            (made.report(NOVEMBER), "Not closed: figures may still change"),
            (made.report(NOVEMBER, running=True), "Still running: figures may still change"),
        ):
            pages = pages_of(report)
            for number, page in enumerate(pages, start=1):
                assert f"{number} / {len(pages)}" in page
                assert foot in page
        for people, said in ((-12, "2 adjustments since, −12 people"), (0, "2 adjustments since, ±0 people")):
            adjusted = squeezed(pages_of(made.report(NOVEMBER, closed=True, later=people, later_count=2))[0])
            assert squeezed(said) in adjusted


def test_demonstration_says_so_on_every_page(reading: Reading) -> None:
    with reading("zh"):
        for page in pages_of(made.report(NOVEMBER, facts={"demonstration": True})):
            assert "演示" in page


def cases() -> dict[str, Callable[[], Report]]:
    """What is longer, larger or emptier than usual."""
    firsts = tuple(FirstSeen(code=code, month=NOVEMBER.first, day=None) for code in DIVISIONS)
    adjustments = made.report(NOVEMBER).adjustments * 60
    return {
        "empty": lambda: made.report(NOVEMBER, visitors=0, compared=False),
        "one": lambda: made.report(NOVEMBER, visitors=1, compared=False),
        "none before": lambda: replace_previous(made.report(NOVEMBER)),
        "ten million": lambda: made.report(
            NOVEMBER,
            visitors=10**7,
            guides=[f"{LONG[0]}{n}" for n in range(200)],
            programmes=[(f"{n}{LONG[0]}", f"{n} {LONG[1]}") for n in range(40)],
            facts={"name": {"zh": LONG[0], "en": LONG[1]}, "demonstration": True},
        ),
        "many adjustments": lambda: made.report(NOVEMBER, firsts=firsts, adjustments=adjustments),
        "quarter": lambda: made.report(Period.quarter(2026, 3)),
        "year": lambda: made.report(Period.year(2026), visitors=40_000),
        "range": lambda: made.report(Period.parse("2026-09-28..2026-11-20")),
        "since opening": lambda: made.report(SINCE_OPENING, visitors=234_567, compared=False, adjustments=()),
    }


def replace_previous(report: Report) -> Report:
    return replace(report, previous=made.Sum(0, 0), last_year=made.Sum(0, 0))


class Placed:
    """Where the text of a page lies, by pypdf."""

    def __init__(self, page: Any) -> None:
        self.found: list[tuple[str, float, float]] = []
        self.right = 0.0
        page.extract_text(visitor_text=self._see)

    def _see(self, text: str, _cm: Any, matrix: Any, _font: Any, size: float) -> None:
        if text.strip():
            self.found.append((text.strip(), matrix[4], matrix[5]))
            self.right = max(self.right, matrix[4] + printing.text_width(text.strip(), size))


@pytest.mark.parametrize(("name", "language"), in_turn(cases(), ("zh", "en")))
def test_nothing_is_cut_and_no_page_is_nearly_empty(reading: Reading, name: str, language: str) -> None:
    with reading(language):
        report = cases()[name]()
        reader = pypdf.PdfReader(io.BytesIO(to_pdf(report)))
    assert len(reader.pages) <= {"ten million": 12, "many adjustments": 12}.get(name, 8)
    for number, page in enumerate(reader.pages, start=1):
        seen = Placed(page)
        placed = seen.found
        assert seen.right <= WIDTH - MARGIN + 1
        body = [(text, x, y) for text, x, y in placed if BOTTOM - 5 <= y <= HEIGHT - 45]
        stray = [one for one in placed if one not in body and not (20 < one[2] < BOTTOM - 5 or one[2] > HEIGHT - 45)]
        assert not stray, (number, stray)
        assert all(MARGIN - 3 <= x <= WIDTH - MARGIN + 1 for _text, x, _y in body), number
        assert len(body) >= 3, (number, body)


def test_an_earlier_period_without_people_is_named(reading: Reading) -> None:
    with reading("en"):
        figures = pages_of(replace_previous(made.report(NOVEMBER)))[1]
    assert figures.count("none before") == 2
    assert "+3,412" in figures


def test_failed_check_of_the_counts_is_shown(reading: Reading) -> None:
    with reading("en"):
        report = made.report(NOVEMBER)
        wrong = replace(report, parts=(PartFigure(first=NOVEMBER.first, visitors=1, groups=1), *report.parts[1:]))
        wrong = replace(wrong, check=replace(report.check, parts=1))
        assert "Do not send this report" in " ".join(pages_of(wrong))


def test_total_never_stands_alone(reading: Reading) -> None:
    """Under a table's last line is its total; it is never the first line of a page."""
    with reading("en"):
        for guides in range(5, 36, 3):
            report = made.report(NOVEMBER, guides=[f"Guide {n}" for n in range(guides)])
            for page in golden_pages.texts(to_pdf(report), first=6):
                assert not page.startswith("Total"), guides
