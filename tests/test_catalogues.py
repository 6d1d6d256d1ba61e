"""Languages beside Chinese and English: each is a directory among the translations and nothing else.

A language of the tests shows that no text of the main journey passes by the catalogue: its texts are the English ones
in brackets, so a text without brackets is not from there.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import get_babel

from hallapp import printing
from hallapp.core import formats, i18n
from hallapp.core.i18n import force_locale
from hallapp.core.texts import Texts
from hallapp.core.web.languages import _best_of
from hallapp.passes.pdf import render
from hallapp.passes.sheet import sheet_of
from tests import factories, hant, markup
from tests.booking.helpers import MADE, typed
from tests.client import CheckingClient

FOLDER = hant.FOLDER
OTHERS = sorted(path.name for path in FOLDER.iterdir() if path.name != "zh")
_PLACE = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
PSEUDO = "de"  # a language that CLDR knows, and that hallapp has no catalogue of


def read(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(catalogue: Catalog) -> dict[str | tuple[str, ...], tuple[str, ...]]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id): (message.string,)
        if isinstance(message.string, str)
        else tuple(message.string)
        for message in catalogue
        if message.id
    }


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_is_complete_and_compiled(language: str) -> None:
    found = texts(read(language))
    assert found.keys() == texts(read("zh")).keys()
    assert [key for key, strings in found.items() if not all(strings)] == []
    for key, strings in found.items():
        english = key if isinstance(key, str) else key[-1]
        assert sorted(_PLACE.findall(strings[-1])) == sorted(_PLACE.findall(english))
    with (FOLDER / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {
            message.id if isinstance(message.id, str) else message.id[0]: message.string
            for message in read_mo(file)
            if message.id
        }
    assert len(compiled) == len(found)


def test_traditional_chinese_is_made_from_the_simplified_catalogue() -> None:
    assert texts(hant.make(read("zh"))) == texts(read("zh_Hant")), "run `make messages`"


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("登录后预约", "登入後預約"),
        ("请在前台出示二维码", "請在前台出示QR Code"),
        ("每周六", "每週六"),
        ("里程碑在展馆里", "里程碑在展館裡"),
        ("保存联系人信息", "保存聯絡人資訊"),
        ("已保存。", "已儲存。"),
        ("%(day)s的“规则”", "%(day)s的「規則」"),
        ("{n}条记录", "{n}條記錄"),
    ],
)
def test_terms_of_traditional_chinese(simplified: str, traditional: str) -> None:
    assert hant.convert(simplified) == traditional


def test_traditional_chinese_can_be_printed() -> None:
    written = "".join(one for strings in texts(read("zh_Hant")).values() for one in strings)
    assert printing.find_unprintable(written) == ""


@pytest.mark.parametrize(
    ("wished", "offered", "language"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", ("zh", "en", "zh_Hant"), "zh_Hant"),
        ("zh-HK", ("zh", "en", "zh_Hant"), "zh_Hant"),
        ("zh-CN,zh;q=0.9", ("zh_Hant", "zh", "en"), "zh"),
        ("zh-Hant", ("zh", "en"), "zh"),
        ("zh-TW", ("en", "zh"), "zh"),
        ("zh", ("en", "zh_Hant"), "zh_Hant"),
        ("en-US,en;q=0.9", ("zh", "en"), "en"),
        ("fr,de;q=0.9", ("zh", "en"), "zh"),
        ("fr;q=0.9,en;q=0.1", ("zh", "en"), "en"),
        ("en;q=0", ("zh", "en"), "zh"),
        ("*", ("en", "zh"), "en"),
        ("x-nonsense, ,;;q", ("en", "zh"), "en"),
        ("", ("en", "zh"), "en"),
    ],
)
def test_language_of_a_browser(wished: str, offered: tuple[str, ...], language: str) -> None:
    assert _best_of(wished, offered) == language


@pytest.mark.parametrize(
    ("language", "preferred", "expected"),
    [
        ("fr", ("en",), "Bienvenue"),
        ("zh_Hant", ("en",), "欢迎"),  # another script of the same language
        ("de", ("en", "zh"), "Welcome"),  # the hall's first language
        ("de", (), "欢迎"),  # the first that there is
    ],
)
def test_text_of_a_hall_in_the_nearest_language(language: str, preferred: tuple[str, ...], expected: str) -> None:
    known = Texts({"zh": "欢迎", "en": "Welcome", "fr": "Bienvenue", "it": ""})
    assert known(language, preferred) == expected
    assert Texts()(language, preferred) == "" and "it" not in known


def test_texts_in_languages_that_are_not_offered_stay() -> None:
    known = Texts({"zh": "欢迎", "fr": "Bienvenue"})
    assert known.replaced({"zh": "", "en": "Welcome"}, ("zh", "en")) == {"en": "Welcome", "fr": "Bienvenue"}


# The language of the tests


@pytest.fixture
def pseudo(app: Flask, tmp_path: Path) -> Iterator[None]:
    """A catalogue in a directory of its own: each text is its message id in brackets, its places too."""
    made = Catalog(locale=PSEUDO)
    for message in read("zh"):
        if message.id:
            made.add(message.id, string=_bracketed(message.id))
    folder = tmp_path / PSEUDO / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, made)
    babel = get_babel(app)
    before = babel.translation_directories
    babel.translation_directories = [*before, str(tmp_path)]
    i18n.install_languages(app, babel.translation_directories)
    try:
        yield
    finally:
        babel.translation_directories = before
        babel.instance.domain_instance.cache.pop((PSEUDO, "messages"), None)
        i18n.install_languages(app, before)


def _bracketed(message: str | tuple[str, ...] | list[str]) -> str | tuple[str, str]:
    if isinstance(message, str):
        return f"⟦{message}⟧"
    return f"⟦{message[0]}⟧", f"⟦{message[1]}⟧"


def test_language_is_known_by_its_directory_alone(app: Flask, pseudo: None) -> None:
    assert i18n.installed() == ("zh", "en", PSEUDO, "zh_Hant")
    assert (i18n.name_of(PSEUDO), i18n.lang_tag("zh_Hant"), i18n.direction("ar")) == ("Deutsch", "zh-Hant", "rtl")
    with force_locale(PSEUDO):
        assert formats.number(12345) == "12.345"


def test_no_text_of_the_journey_passes_by_the_catalogue(app: Flask, client: CheckingClient, pseudo: None) -> None:
    own = {"name_zh": "", "name_en": "HALL", "address_zh": "", "address_en": "ROAD", "languages": f"{PSEUDO},zh_Hant"}
    hall = factories.make(factories.hall, **own, slots_until=MADE, country="DE", time_zone="Europe/Berlin")
    tour = factories.make(factories.programme, hall=hall, slug="tour", name_en="TOUR", name_zh="", guides=0)
    slot = factories.make(factories.slot, programme=tour, day=date(2099, 12, 4))
    booking = factories.make(
        factories.booking, slot=slot, organisation="ORGANISATION", contact_name="CONTACT", language=PSEUDO
    )
    visit = f"/visits/{booking.key}"
    found = {}
    for path in ("/", "/book", "/find", "/sign-in", visit, f"{visit}/pass", "/nowhere"):
        answer = client.get(path, headers={"Accept-Language": PSEUDO})
        text = answer.get_data(as_text=True)
        assert f'<html lang="{PSEUDO}" dir="ltr"' in text, path
        if bare := _bare(text):
            found[path] = bare
    refused = client.submit("/book", typed(organisation="", phone="1", contact_name="CONTACT"))
    assert refused.status_code == 422
    if bare := _bare(refused.get_data(as_text=True)):
        found["POST /book"] = bare
    assert found == {}
    assert render(sheet_of(booking, qr_text="X", language="zh_Hant")).startswith(b"%PDF")


def _names(kind: str) -> list[str]:
    """The names of the months or days in the language of the tests, long and short."""
    forms = getattr(Locale(PSEUDO), kind)
    named = (forms[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated"))
    return sorted({re.escape(name) for names in named for name in names.values()}, key=len, reverse=True)


#: What a hall, its groups and CLDR say, and what is the same in each language.
_KNOWN = re.compile(
    r"HALL|ROAD|TOUR|ORGANISATION|CONTACT|Guangdong|hallapp|QR|PDF|PNG|WeChat|Google|Amap|Baidu|OpenStreetMap|Cookie"
    r"|Deutsch|中文|繁體中文|English|" + "|".join(name for kind in ("months", "days") for name in _names(kind))
)


def _bare(page: str) -> list[str]:
    """The texts of a page with letters that are in no brackets."""
    whole = "\n".join(_shown(markup.tree(page)))
    while whole != (less := re.sub(r"⟦[^⟦⟧]*⟧", "", whole)):
        whole = less
    lines = (_KNOWN.sub("", re.sub(r"\S+@\S+|[A-Z0-9]{4}-[A-Z0-9]{4}", "", line)) for line in whole.split("\n"))
    return [line for line in lines if re.search(r"[^\W\d_]{2}", line)]


def _shown(element: Element) -> Iterator[str]:
    if element.tag in ("script", "style", "option") or not isinstance(element.tag, str):  # places of origin are data
        return
    for name in ("aria-label", "alt", "placeholder", "title"):
        yield " ".join((element.get(name) or "").split())
    if element.get("lang") is None or element.tag == "html":
        yield " ".join("".join(_own(element)).split())
        for inner in element:
            yield from _shown(inner)


def _own(element: Element) -> Iterator[str]:
    """The text of an element with that of what is written in its line, so that brackets close."""
    yield element.text or ""
    for inner in element:
        if inner.tag in ("a", "strong", "span", "em", "code", "time", "br", "abbr", "b"):
            yield "".join(_own(inner)) if inner.tag != "br" else " "
        yield inner.tail or ""
