"""Files that are no spreadsheets that we read: each is called what it is."""

import io
import zipfile
from pathlib import Path

import pytest

from hallapp.sheets.errors import FileRefused
from tests.sheets.kit import cells_of, packed, parts

XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
)
OTHERS = {
    "numbers": packed({"Index/Document.iwa": b"\0", "Metadata/Properties.plist": b"\0", "preview.jpg": b"\0"}),
    "numbers in a folder": packed({"a.numbers/Index/Tables/DataList.iwa": b"\0"}),
    "numbers of 2013": packed({"Index.zip": b"PK", "preview.jpg": b"\0"}),
    "opendocument": packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
    "binary_workbook": packed({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"\0"}),
    "document": packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "presentation": packed({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
    "archive": packed({"名单.xlsx": packed(parts(""))}),
    "xml_spreadsheet": XML_2003.encode(),
    "xml_spreadsheet without a head": XML_2003[XML_2003.index("<Workbook") :].encode(),
    "web_page": b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>1',
    "web_page of an OA system": "\ufeff  <meta charset=gbk><table border=1>".encode(),
    "web_page in UTF-16": "<html><table>".encode("utf-16"),
    "web_page of one file": b"MIME-Version: 1.0\nContent-Type: multipart/related",
    "pdf": b"%PDF-1.4\n",
    "picture": b"\x89PNG\r\n\x1a\n",
    "picture of Windows": b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0",
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", ["list.xlsx", "list.xls", "list.csv"])
def test_other_kinds_of_files_are_refused_by_name(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, OTHERS[kind], name)
    assert refused.value.code == f"file_is_{kind.split()[0]}"


def test_a_table_whose_first_cell_begins_like_a_picture(tmp_path: Path) -> None:
    assert cells_of(tmp_path, b"BMI,name\n20,Anna\n", "a.csv") == [["BMI", "name"], ["20", "Anna"]]


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    content = bytearray(file.getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, bytes(content))
    assert refused.value.code == "file_encrypted"
