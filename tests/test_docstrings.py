"""Docstrings, comments and guides are plain English: no reader has to guess the subject or the sense of a sentence."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallapp.settings import ROOT

#: First words of a docstring that leave its subject open; a verb or a noun says what the thing does or is.
_OPEN = re.compile(r"(Who|What|Whom|Whose|Said|Told|Where|When|Which|How|Why|Whether|Such|So|As)\b|The same elsewhere")
#: The same where any text begins: most files have none, and need not be parsed.
_MAY_BE_OPEN = re.compile(rf"[\"']\\?\s*(?:{_OPEN.pattern})")
#: Idioms of this project's early texts, each with a plain word for it.
_IDIOMS = {
    "in vain": "without a result",
    "works no more": "is no longer valid",
    "work no more": "are no longer valid",
    "as ever": "as usual",
    "whatever it be": "any",
    "comes to nothing": "fails",
    "a day of nobody": "a day without people",
}
#: Words that the guides do not use, either; in code they may be names.
_IDIOMS_OF_GUIDES = _IDIOMS | {
    "anew": "again",
    "nobody": "no one",
    "somebody": "a person",
    "whoever": "a person who",
    "all the same": "nevertheless",
    "is told": "is informed",
    "are told": "are informed",
    "for who": "for people who",
    "of who": "of people who",
    "stands in": "is in",
    "stand in": "are in",
    "came to nothing": "failed",
}
_ROOMS = sorted(path for path in (ROOT / "hallapp").iterdir() if path.is_dir() and path.name != "migrations")
_GUIDES = sorted(
    path
    for path in (*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md")
    if not path.name.endswith(".zh.md")
)
_PAGES = sorted((*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")))
_LINK = re.compile(r"\]\(([^)\s#:]*)(?:#([^)\s]+))?\)")


def docstrings_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def comments_of(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (token.string for token in tokens if token.type == tokenize.COMMENT)
    else:
        yield from re.findall(r"\{#.*?#\}|/\*.*?\*/|^\s*//[^\n]*", text, re.DOTALL | re.MULTILINE)


def find_idioms(texts: Iterator[str], idioms: dict[str, str]) -> list[str]:
    pattern = re.compile(rf"\b(?:{'|'.join(idioms)})\b", re.IGNORECASE)
    plain = (" ".join(text.split()) for text in texts)
    return [
        f"{text[max(match.start() - 40, 0) : match.end() + 20]}" for text in plain for match in pattern.finditer(text)
    ]


def anchors_of(page: Path) -> set[str]:
    lines = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL).splitlines()
    titles = (re.sub(r"[`*]", "", line.lstrip("# ").strip().lower()) for line in lines if line.startswith("#"))
    return {re.sub(r"[^\w\s-]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("room", _ROOMS, ids=lambda path: path.name)
def test_docstrings_begin_with_a_verb_or_a_noun(room: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted(room.rglob("*.py"))
        if _MAY_BE_OPEN.search(path.read_text(encoding="utf-8"))
        for text in docstrings_of(path)
        if _OPEN.match(text)
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["hallapp", "templates", "static/js", "static/css"])
def test_comments_and_docstrings_have_no_idioms_of_this_project(folder: str) -> None:
    found = {}
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in {".py", ".html", ".js", ".css"}:
            if not find_idioms(iter([path.read_text(encoding="utf-8")]), _IDIOMS):
                continue  # to find out what is code takes a hundred times as long
            texts = [*comments_of(path), *(docstrings_of(path) if path.suffix == ".py" else ())]
            found[str(path.relative_to(ROOT))] = find_idioms(iter(texts), _IDIOMS)
    assert {name: idioms for name, idioms in found.items() if idioms} == {}


@pytest.mark.parametrize("guide", _GUIDES, ids=lambda path: path.name)
def test_guides_have_no_idioms_of_this_project(guide: Path) -> None:
    assert find_idioms(iter([guide.read_text(encoding="utf-8")]), _IDIOMS_OF_GUIDES) == []


@pytest.mark.parametrize("guide", _PAGES, ids=lambda path: path.name)
def test_links_of_guides_lead_to_files_and_sections(guide: Path) -> None:
    missing = []
    for name, anchor in _LINK.findall(guide.read_text(encoding="utf-8")):
        target = (guide.parent / name).resolve() if name else guide
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors_of(target)):
            missing.append(f"{name}#{anchor}")
    assert missing == []


def test_an_idiom_is_found_across_a_line_break() -> None:
    assert find_idioms(iter(["The old pass works\n    no more."]), _IDIOMS) == ["The old pass works no more."]
    assert find_idioms(iter(["An anewish name, and whoeverness."]), _IDIOMS_OF_GUIDES) == []
