"""The font of what is printed: what it says can be read again, lines fit, and nothing is lost in wrapping."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFace
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.settings import ROOT

LONG = "新疆维吾尔自治区喀什地区疏附县托克扎克镇第三期民营企业党组织书记、工会主席（广东省对口援疆前方指挥部承办）"


def pdf_of(*lines: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, initialFontName=printing.load_font())
    for number, line in enumerate(lines):
        printing.draw(canvas, line, 10, x=20, y=800 - 14 * number)
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize(
    "text", ["高𠮷祥", "刀㛃兰", "冉龑", "阿依·布都莫", "João Gonçalves – Müller-Straße", "兩岸企業𨋢"]
)
def test_text_extracts_as_it_was_drawn(text: str) -> None:
    document = pdf_of(text)
    assert pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text().strip() == text
    assert pypdfium2.PdfDocument(document)[0].get_textpage().get_text_bounded().strip() == text


def test_only_this_font_is_embedded() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf_of("abc", "".join(chr(0x4E00 + n) for n in range(400)))))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].get_object().values()]
    assert {font["/BaseFont"].split("+")[1] for font in fonts} == {"HallSans-Regular"}
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_one_thread_at_a_time_makes_a_subset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reportlab's subset maker keeps its reading position in the font, which all threads share."""
    inside, most = 0, 0
    make_subset = TTFontFace.makeSubset

    def watched(face: TTFontFace, subset: list[int]) -> bytes:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.005)
        inside -= 1
        return make_subset(face, subset)

    monkeypatch.setattr(TTFontFace, "makeSubset", watched)
    with ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(pdf_of, ["一", "二", "三", "四"]))
    assert most == 1
    assert [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().strip() for pdf in documents] == [
        "一",
        "二",
        "三",
        "四",
    ]


def test_find_unprintable_takes_a_line_break_for_layout_and_a_tab_not() -> None:
    assert printing.find_unprintable("一\n二") == ""
    assert printing.find_unprintable("一\t二\r\n\0\u200b") == "\t\r\0\u200b"


def test_find_unprintable_names_each_missing_character_once() -> None:
    assert printing.find_unprintable("好😀的😀\n☑") == "😀☑"
    assert printing.find_unprintable(LONG + "𠮷㛃堃龑 São·“”") == ""


def test_every_character_of_the_demonstration_groups_prints() -> None:
    groups = Path(ROOT, "hallapp/demo/groups.csv").read_text(encoding="utf-8")
    assert printing.find_unprintable(groups) == ""


def test_wrap_breaks_latin_at_words_and_breaks_a_word_that_is_too_wide() -> None:
    assert printing.wrap("Overseas Buyers' Delegation", size=10, width=100) == ["Overseas Buyers'", "Delegation"]
    assert printing.wrap("w" * 12, size=10, width=50) == ["w" * 6, "w" * 6]


def test_wrap_keeps_marks_with_what_they_belong_to() -> None:
    assert printing.wrap("全国企业（第十二期），好", size=10, width=50) == ["全国企业", "（第十二", "期），好"]
    assert printing.wrap("我是阿依·布都莫", size=10, width=40) == ["我是阿", "依·布都", "莫"]


def test_wrap_keeps_line_ends_and_gives_nothing_for_nothing() -> None:
    assert printing.wrap("一\n\n二", size=10, width=100) == ["一", "", "二"]
    assert printing.wrap("", size=10, width=100) == []


@given(st.text("岭南展览馆，。（）“”·abc ABC-'é𠮷", max_size=80), st.floats(20, 200))
def test_wrap_loses_nothing_and_fits(text: str, width: float) -> None:
    lines = printing.wrap(text, size=10, width=width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(printing.text_width(line, 10) <= width + 0.01 for line in lines)
