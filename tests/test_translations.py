"""Both languages are complete: every message has its Chinese, and the compiled catalogue is the one that is read."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from hallapp.settings import ROOT
from tests.client import check_page

FOLDER = ROOT / "hallapp" / "translations" / "zh" / "LC_MESSAGES"
_PLACE = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!]|[,:;?!](?=[\u4e00-\u9fff])|[\u4e00-\u9fff]\.(?!\w)")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The messages that code and templates hold now, found as `make messages` finds them."""
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    options = ["-F", str(ROOT / "hallapp" / "babel.cfg"), "-k", "N_", "-k", "_l", "-o", str(path)]
    CommandLineInterface().run(["pybabel", "--quiet", "extract", *options, str(ROOT)])
    return read(path)


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read(FOLDER / "messages.po")


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def ids(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue if message.id}


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each English text with its Chinese; of a plural the last form, which is the one that Chinese has."""
    for message in catalogue:
        if message.id:
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            yield (message.id if isinstance(message.id, str) else message.id[-1]), strings[-1]


def test_every_message_is_in_the_catalogue_and_none_besides(extracted: Catalog, catalogue: Catalog) -> None:
    assert len(ids(extracted)) > 100
    assert ids(extracted) - ids(catalogue) == set()
    assert ids(catalogue) - ids(extracted) == set()
    assert list(catalogue.obsolete) == []


def test_every_message_is_translated_for_certain(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert [english for english, chinese in pairs(catalogue) if not chinese.strip()] == []


def test_translations_keep_the_places_that_are_filled(catalogue: Catalog) -> None:
    wrong = [(e, c) for e, c in pairs(catalogue) if sorted(_PLACE.findall(e)) != sorted(_PLACE.findall(c))]
    assert wrong == []


def test_translations_are_chinese_with_its_own_punctuation(catalogue: Catalog) -> None:
    texts = list(pairs(catalogue))
    assert [chinese for _, chinese in texts if _HALF_WIDTH.search(chinese)] == []
    without = [
        e for e, c in texts if not re.search(r"[\u4e00-\u9fff]", c) and re.search(r"[a-z]{3}", _PLACE.sub("", c))
    ]
    assert without == []


def test_english_is_english(catalogue: Catalog) -> None:
    allowed = set(string.printable) | set("–—…’“”·×−←→↑↓✓")
    assert [english for english, _ in pairs(catalogue) if set(english) - allowed] == []


def test_compiled_catalogue_is_fresh(catalogue: Catalog) -> None:
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    assert dict(pairs(compiled)) == dict(pairs(catalogue))


PAGE = """<!doctype html><html lang="{lang}"><head><title>x</title></head>
<body><main><h1>x</h1><p>{text}</p></main></body></html>"""


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("zh-CN", "Staff sign-in", True),
        ("zh-CN", " Too many attempts. Please wait\n a few minutes and try again. ", True),
        ("zh-CN", "There is no account named 张.", True),
        ("zh-CN", '<span lang="en">Staff sign-in</span>', False),
        ("zh-CN", '<input aria-label="Staff sign-in">', True),
        ("zh-CN", "工作人员登录", False),
        ("zh-CN", "Guangzhou Staff Club", False),
        ("en", "工作人员登录", True),
        ("en", "Staff sign-in", False),
        ("en", "广州市东湖街老年大学", False),
        ("en", '<span lang="zh-CN">工作人员登录</span>', False),
    ],
)
def test_checking_client_finds_text_in_the_other_language(lang: str, text: str, found: bool) -> None:
    problems = check_page(PAGE.format(lang=lang, text=text), csp="default-src 'none'")
    assert bool([problem for problem in problems if problem.startswith("not in the page's language")]) == found
    assert found or problems == []
