"""What the pass can print is what its font holds."""

from reportlab.pdfbase.ttfonts import TTFontFile

from hallapp.core.glyphs import FONT, has_glyph, unprintable
from hallapp.divisions import DIVISIONS


def test_names_in_many_writings_can_be_printed() -> None:
    assert (
        unprintable("刀㛃兰 高𠮷祥 杨堃 冉龑 阿卜杜热合曼·买买提明 台灣省臺北市 Zoë Müller-Straße, João Gonçalves (88)")
        == ""
    )
    assert unprintable("".join(division.zh_full + division.en for division in DIVISIONS.values())) == ""


def test_what_the_font_lacks_is_named_once_in_order() -> None:
    assert unprintable("一\U0001f600二\u200b三\U0001f600\x07") == "\U0001f600\u200b\x07"


def test_a_line_break_is_layout_and_a_tab_is_not() -> None:
    assert unprintable("一\n二") == ""
    assert unprintable("一\t二\r\n\0") == "\t\r\0"


def test_the_table_reads_as_the_pdf_library_reads_it() -> None:
    known = TTFontFile(str(FONT)).charToGlyph
    differing = [code for code in range(0x20000) if has_glyph(chr(code)) != (code in known)]
    assert differing == []
