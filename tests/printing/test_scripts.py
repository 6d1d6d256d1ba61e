"""Names of the whole country and the world are printed: shaped, in their direction, and read again as typed."""

import io
import unicodedata

import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing

NAMES = {
    "Polish": "Łukasz Wójcik", "Czech": "Dvořák", "Hungarian": "Erdős", "Romanian": "Ștefan", "Turkish": "Işık",
    "Croatian": "Ćosić", "Latvian": "Bērziņš", "Ukrainian": "Їжак", "Kazakh": "Әсел", "Greek": "Σωκράτης",
    "old Greek": "Ἀριστοτέλης", "Welsh": "Siân Ŵyn", "Yoruba": "Ọlọ́run Adébáyọ̀", "Vietnamese": "Nguyễn Văn Ánh",
    "Korean": "김철수", "old Korean": "ᄀᆞᆷ", "Thai": "สมชาย น้ำผึ้ง", "Lao": "ສົມພອນ", "Tibetan": "བོད་ལྗོངས་བཀྲ་ཤིས",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ", "Devanagari": "नरेन्द्र क्षत्रिय", "Bengali": "রবীন্দ্রনাথ", "Tamil": "தமிழ்",
    "Telugu": "శ్రీనివాస్", "Gujarati": "ગુજરાતી", "Kannada": "ಕನ್ನಡ", "Malayalam": "മലയാളം", "Sinhala": "ශ්‍රී",
    "Gurmukhi": "ਪੰਜਾਬੀ", "Odia": "ଓଡ଼ିଆ", "Khmer": "ខ្មែរ", "Burmese": "မြန်မာ", "Georgian": "ქართული",
    "Armenian": "Հայերեն", "Amharic": "አበበ", "Yi": "ꆈꌠꉙ", "Tai Le": "ᥖᥭᥰ", "New Tai Lue": "ᦅᦳᦑ", "Lisu": "ꓡꓲꓢꓴ",
    "several": "张伟 Łukasz 김철수",
}  # fmt: skip
RIGHT_TO_LEFT = {
    "Arabic": "محمد بن عبد الله", "Uyghur": "ئۇيغۇر ئابدۇراخمان", "Urdu": "پاکستان", "Hebrew": "שלום כהן",
}  # fmt: skip


def pdf_of(text: str, size: float = 20) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(500, 60), initialFontName=printing.load_font())  # type: ignore[arg-type]
    printing.draw(canvas, text, size, x=20, y=20)
    canvas.save()
    return file.getvalue()


def ink_of(document: bytes) -> tuple[int, int]:
    """The left and right end of what is black on the page, in points."""
    with pypdfium2.PdfDocument(document) as pdf:
        picture: Image.Image = pdf[0].render(scale=4).to_pil().convert("L")
    box = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box
    return box[0] // 4, box[2] // 4


def text_of(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as pdf:
        return str(pdf[0].get_textpage().get_text_bounded()).strip()


@pytest.mark.parametrize("name", [*NAMES.values(), *RIGHT_TO_LEFT.values()], ids=[*NAMES, *RIGHT_TO_LEFT])
def test_name_is_printed_and_read_again(name: str) -> None:
    name = unicodedata.normalize("NFC", name)
    assert printing.find_unprintable(name) == ""
    document = pdf_of(name)
    assert text_of(document) == name
    left, right = ink_of(document)
    assert 16 <= left <= 24 and right <= 24 + printing.text_width(name, 20)
    assert right >= 12 + printing.text_width(name, 20)
    fonts = pypdf.PdfReader(io.BytesIO(document)).pages[0]["/Resources"]["/Font"].get_object().values()
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)
    assert len(document) < 40_000


def test_letters_are_joined_where_their_script_joins_them() -> None:
    """A joined letter has another glyph than one that stands alone; conjuncts have fewer glyphs than characters."""
    for word in ("محمد", "ᠮᠣᠩᠭᠣᠯ"):
        (joined,) = printing.runs_of(word)
        alone = {glyph.character for letter in word for glyph in printing.runs_of(letter)[0].glyphs}
        assert len({glyph.character for glyph in joined.glyphs} - alone) >= 3, word
    for word in ("क्षत्रिय", "බ්‍රහ්ම", "བརྒྱད"):
        assert sum(len(run.glyphs) for run in printing.runs_of(word)) < len(word), word


def test_marks_stand_on_their_letter() -> None:
    (run,) = printing.runs_of("ọ̀")
    assert run.width == pytest.approx(printing.runs_of("Ŵọ")[0].width - printing.runs_of("Ŵ")[0].width, abs=0.01)


def test_direction_follows_the_first_letter() -> None:
    def order(text: str) -> list[str]:
        return " ".join(run.text for run in printing.runs_of(text)).split()

    assert order("张伟 محمد 王") == ["张伟", "محمد", "王"]
    assert order("محمد ABC 2026 بن") == ["بن", "ABC", "2026", "محمد"]
    assert order("شركة (A)") == ["(", "A", ")", "شركة"]


def test_a_word_is_in_one_font() -> None:
    assert [run.font for run in printing.runs_of("Łukasz Nowak")] == ["NotoSans"]
    assert [run.font for run in printing.runs_of("张伟 Łukasz")] == ["HallSans", "NotoSans"]
    assert [run.font for run in printing.runs_of("Anna Schmidt 王伟")] == ["HallSans"]


def test_only_characters_without_a_font_are_refused() -> None:
    assert printing.find_unprintable("Łukasz 😀 محمد ☑ 김 𓀀") == "😀☑𓀀"


def test_lines_of_any_script_fit_and_marks_stay_on_their_letters() -> None:
    for name in (*NAMES.values(), *RIGHT_TO_LEFT.values()):
        for line in printing.wrap(" ".join([name] * 6), size=10, width=45):
            assert printing.text_width(line, 10) <= 46 or len(line) < 4, line
            assert unicodedata.category(line[0])[0] != "M", line


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12))
def test_any_text_can_be_drawn(text: str) -> None:
    assert pdf_of(text).startswith(b"%PDF")
    assert printing.text_width(text, 10) >= 0


def test_a_text_of_the_first_font_is_drawn_as_before() -> None:
    """The other fonts cost nothing where they are not needed."""
    document = pdf_of("高𠮷祥 João Gonçalves")
    assert b"/Span" not in document and document.count(b"/FontFile2") == 1
