"""Docstrings are plain English: a reader who is not a native speaker never has to guess the subject of a sentence."""

import ast
import re
from pathlib import Path

import pytest

from hallapp.settings import ROOT

#: First words of a docstring that leave its subject open; a verb or a noun says what the thing does or is.
_OPEN = re.compile(r"(Who|What|Whom|Whose|Said|Told|Where|When|Which|How|Why|Whether|Such|So|As)\b|The same elsewhere")
_ROOMS = sorted(path for path in (ROOT / "hallapp").iterdir() if path.is_dir() and path.name != "migrations")


@pytest.mark.parametrize("room", _ROOMS, ids=lambda path: path.name)
def test_docstrings_begin_with_a_verb_or_a_noun(room: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted(room.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (text := ast.get_docstring(node) or "")
        and _OPEN.match(text)
    ]
    assert found == []
