"""docs/security.md names real tests, has one row for each group, and links to sections that exist."""

import re

from hallapp.settings import ROOT

_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
_ROW = re.compile(r"^\| V(\d+\.\d+) ", re.MULTILINE)
_LINK = re.compile(r"\]\((\w+\.md)#([\w-]+)\)")
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_table_names_exists() -> None:
    named = _NAMED.findall(PAGE)
    assert len(named) > 60
    for file, function in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def {function}(" in source, f"{file}::{function}"


def test_every_group_has_one_row_in_order() -> None:
    rows = [tuple(map(int, row.split("."))) for row in _ROW.findall(PAGE)]
    assert rows == sorted(set(rows))
    assert {chapter for chapter, _group in rows} == {*range(1, 17)}


def test_linked_sections_exist() -> None:
    for page, anchor in _LINK.findall(PAGE):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{page}#{anchor}"
