"""The pass on paper: it scans, it says what was typed, and it is one page whatever it has to say."""

import csv
import dataclasses
import io
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hallapp.booking.models import Booking
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.origins.china import DIVISIONS
from hallapp.passes import codes, pdf, service
from hallapp.passes.sheet import Labels, PassSheet, sheet_of
from hallapp.settings import ROOT
from tests import factories
from tests.conftest import PROFILE, SECRET, examples
from tests.passes import reading

GROUPS = list(csv.DictReader((ROOT / "hallapp/demo/groups.csv").read_text(encoding="utf-8").splitlines()))
#: The groups whose passes are printed and read again: all at night, otherwise every third and those with most to say.
PRINTED = [
    row
    for number, row in enumerate(GROUPS)
    if PROFILE == "nightly"
    or number % 3 == 0
    or any(len(row[name]) == max(len(one[name]) for one in GROUPS) for name in ("organisation", "note", "origins"))
]
CODE = codes.sign("ABCDEFGHIJKLMNOP", [SECRET])
SHEET = PassSheet(
    labels=Labels(**{field.name: field.name for field in dataclasses.fields(Labels)}),
    language="zh",
    accent="#b3261e",
    notice="",
    qr_text=codes.qr_text(CODE, "https://visit.example.org"),
    reference="K7M2-9QXT",
    day="2026年12月5日 周六",
    time="09:30–11:00",
    programme="讲解参观",
    organisation="广州市越秀区东湖街老年大学",
    contact_name="何秀珍",
    visitors="26人",
    origins=("广东 26",),
    note="",
    hall_name="岭南展览馆",
    address="广州市越秀区东风路一号",
    phone="020 8345 0000",
    directions="地铁二号线越秀公园站 B 口出，向东步行五分钟。",
    bring="本凭证。",
    late="请致电展馆。",
)


def book(row: dict[str, str]) -> Booking:
    """A booking of one line of the demonstration groups, with its pass."""
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
        booking = factories.booking(
            slot=slot,
            organisation=row["organisation"],
            kind=row["kind"],
            contact_name=row["contact"],
            language=row["language"],
            note=row["note"],
            origins={code: int(n) for code, n in (one.split(":") for one in row["origins"].split(";"))},
        )
        service.issue(booking)
    return booking


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: row["phone"])
def test_pass_of_every_group_scans_and_reads(app: Flask, row: dict[str, str]) -> None:
    booking = book(row)
    issued = service.queries.get_current_pass(booking.id)
    text = codes.qr_text(codes.sign(issued.token, [SECRET]), "http://127.0.0.1:8000")
    document = pdf.render(sheet_of(booking, qr_text=text, language=booking.language))
    assert reading.scan(reading.picture(document)) == [text]
    people = f"{row['visitors']}人" if booking.language == "zh" else f"{row['visitors']}people"
    origins = [f"{DIVISIONS[o.division].name(booking.language)}{o.visitors}" for o in booking.origins]
    said = [row["organisation"], row["contact"], row["note"], formats.reference(booking.reference), people, *origins]
    for extracted in reading.texts(document):
        assert [one for one in said if reading.solid(one) not in extracted] == []
    assert len(document) < 60_000


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler's pdftoppm is not installed")
@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "https://" + "long-host.example." * 4 + "org"])
def test_pass_scans_as_poppler_draws_it(host: str, tmp_path: Path) -> None:
    sheet = dataclasses.replace(SHEET, qr_text=codes.qr_text(CODE, host))
    (tmp_path / "pass.pdf").write_bytes(pdf.render(sheet))
    subprocess.run(["pdftoppm", "-r", "150", "-gray", "-singlefile", "pass.pdf", "pass"], cwd=tmp_path, check=True)
    assert reading.scan(Image.open(tmp_path / "pass.pgm")) == [sheet.qr_text]


def test_pass_scans_after_a_bad_copier() -> None:
    """A third of the size and a grey haze: what is left of a pass that was copied or shown on a poor screen."""
    page = reading.picture(pdf.render(SHEET)).convert("L")
    poor = page.resize((page.width // 3, page.height // 3)).point(lambda value: 90 + value * 110 // 255)
    assert reading.scan(poor) == [SHEET.qr_text]


def test_symbol_is_35_mm_or_more_within_its_quiet_zone() -> None:
    page = reading.picture(pdf.render(SHEET)).convert("1")
    millimetre = reading.DPI / 25.4
    left, right = 105 * millimetre, 210 * millimetre
    card = page.crop((int(left) + 5, int(16 * millimetre), int(right), int(72 * millimetre)))
    box = card.convert("L").point(lambda value: 255 - value).getbbox()
    assert box is not None
    edge = (box[2] - box[0]) / millimetre
    assert edge >= 35
    quiet = 4 * edge / 33
    assert box[0] / millimetre >= quiet
    assert (card.width - box[2]) / millimetre >= quiet


def test_only_the_one_font_is_in_the_document() -> None:
    for sheet in (SHEET, dataclasses.replace(SHEET, language="en", note="".join(map(chr, range(0x4E00, 0x4F80))))):
        found = reading.fonts(pdf.render(sheet))
        assert set(found) == {("HallSans-Regular", True)}


def test_document_says_what_it_is() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(SHEET)))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("title K7M2-9QXT", "岭南展览馆")
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def test_page_is_black_on_white_but_for_one_line() -> None:
    colours = {c for _, c in reading.picture(pdf.render(SHEET)).convert("RGB").getcolors(1 << 24)}
    coloured = {c for c in colours if max(c) - min(c) > 20}
    assert coloured
    red, green, blue = 0xB3, 0x26, 0x1E
    for colour in coloured:  # the accent, or its way to white at an edge
        share = (255 - colour[2]) / (255 - blue)
        assert abs(255 - share * (255 - red) - colour[0]) < 6
        assert abs(255 - share * (255 - green) - colour[1]) < 6


def test_text_is_text_and_no_markup() -> None:
    name = "<b>展览</b> & (馆) \\n <img src='x'/>"
    for extracted in reading.texts(pdf.render(dataclasses.replace(SHEET, organisation=name))):
        assert reading.solid(name) in extracted


WORST = dataclasses.replace(
    SHEET,
    language="en",
    organisation="龘" * 200,
    contact_name="䴉" * 80,
    programme="靐" * 60,
    visitors="9,999 people",
    origins=tuple(f"Inner Mongolia {n}" for n in range(980, 1000)),
    note="WW MM " * 83,
    hall_name="Exhibition " * 10,
    address="Dongfeng Road " * 14,
    directions="Metro line 2, " * 30,
    bring="An identity paper " * 20,
    late="Please call " * 30,
    hall_note="Please leave bags at the cloakroom. " * 25,
)


def test_worst_case_is_one_page_that_loses_nothing() -> None:
    document = pdf.render(WORST)
    assert len(pypdf.PdfReader(io.BytesIO(document)).pages) == 1
    assert reading.scan(reading.picture(document)) == [WORST.qr_text]
    for extracted in reading.texts(document):
        for said in (
            WORST.organisation,
            WORST.contact_name,
            WORST.programme,
            *WORST.origins,
            WORST.note,
            WORST.late,
            WORST.hall_note,
        ):
            assert reading.solid(said) in extracted
    assert_within_the_page(document)


def test_overlong_notes_of_a_hall_are_cut_with_a_mark() -> None:
    document = pdf.render(dataclasses.replace(SHEET, directions="一路向东。" * 4000))
    assert_within_the_page(document)
    assert "…" in reading.texts(document)[0]


@settings(max_examples=examples(15), deadline=None)
@given(
    organisation=st.text("龘一广州市Wi -·（）", min_size=1, max_size=200),
    note=st.text("请安排慢速讲解 Please\n", max_size=500),
    origins=st.integers(1, 20),
    language=st.sampled_from(["zh", "en"]),
)
def test_any_pass_is_one_page_and_whole(organisation: str, note: str, origins: int, language: str) -> None:
    sheet = dataclasses.replace(
        SHEET,
        language=language,
        organisation=organisation,
        note=note,
        origins=tuple(f"{division.name(language)} 50" for division in list(DIVISIONS.values())[:origins]),
    )
    document = pdf.render(sheet)
    assert_within_the_page(document)
    for extracted in reading.texts(document):
        assert reading.solid(organisation) in extracted
        assert reading.solid(note) in extracted


def assert_within_the_page(document: bytes) -> None:
    """One page, nothing in its margins, and no text over the lines that part card, sheet and foot."""
    assert len(pypdf.PdfReader(io.BytesIO(document)).pages) == 1
    page = reading.picture(document).convert("L").point(lambda value: 255 - value)
    box = page.getbbox()
    assert box is not None
    margin = 5 * reading.DPI / 25.4
    assert min(box[0], box[1], page.width - box[2], page.height - box[3]) >= margin
