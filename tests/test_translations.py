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
_HAN = r"[\u3400-\u9fff\u3001-\u303f\uff01-\uff60]"
#: A space between Chinese and Latin letters, digits or a placeholder. No such space is written: browsers set their own
#: distance, and a placeholder may hold Chinese as well as digits. A space separates two things, as a day and its time.
_SPACED = re.compile(rf"{_HAN} [A-Za-z0-9%{{+<`]|[A-Za-z0-9%}}>`] {_HAN}|%\(\w+\)[a-z] {_HAN}")
_CODE = re.compile(r"^```.*?^```|(?<=`)[^`\n]+(?=`)|^\s*\d+\. |\]\(\S+\)", re.DOTALL | re.MULTILINE)
#: Words that the pages no longer use, with the words that replace them.
_RETIRED: dict[str, str] = {
    "核销": "入馆",  # for vouchers, not for people
    "月结": "归档",
    "境外": "国外",  # 境外 includes Hong Kong, Macao and Taiwan
    "海外": "国外",
    "又来了人": "补录入馆",
    "访客": "观众, 来访者",
    "账户": "账号",
    "帐号": "账号",
    "动态码": "动态验证码",
    "两步验证": "动态验证码",
    "服务台": "前台",
    "管理人员": "主管",
    "经理": "主管",
    "自助终端": "自助机",
    "如何到达": "交通指引",
    "需携带": "携带物品",
    "短名": "网址标识",
    "标志": "馆标",
    "落入他人之手": "遗失或外泄",
    "手工闭馆": "临时闭馆",
    "什么都不改": "返回，不作更改",
}
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


def test_the_catalogue_has_exactly_the_messages_of_the_code(extracted: Catalog, catalogue: Catalog) -> None:
    assert len(ids(extracted)) > 100
    assert ids(extracted) - ids(catalogue) == set()
    assert ids(catalogue) - ids(extracted) == set()
    assert list(catalogue.obsolete) == []


def test_every_message_has_a_translation_that_is_not_fuzzy(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert [english for english, chinese in pairs(catalogue) if not chinese.strip()] == []


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    wrong = [(e, c) for e, c in pairs(catalogue) if sorted(_PLACE.findall(e)) != sorted(_PLACE.findall(c))]
    assert wrong == []


def test_translations_are_chinese_with_its_own_punctuation(catalogue: Catalog) -> None:
    texts = list(pairs(catalogue))
    assert [chinese for _, chinese in texts if _HALF_WIDTH.search(chinese)] == []
    without = [
        e for e, c in texts if not re.search(r"[\u4e00-\u9fff]", c) and re.search(r"[a-z]{3}", _PLACE.sub("", c))
    ]
    assert without == []


def test_catalogue_has_no_space_between_chinese_and_latin(catalogue: Catalog) -> None:
    """Scripts take their words from the catalogue too, with `{n}` where a number goes."""
    assert [chinese for _, chinese in pairs(catalogue) if _SPACED.search(chinese)] == []


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("static/js/*.js"), *ROOT.glob("static/*.html")]), ids=lambda path: path.name
)
def test_scripts_have_no_space_between_chinese_and_latin(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if _SPACED.search(line)] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/*.zh.md")), ids=lambda path: path.name)
def test_chinese_docs_have_no_space_between_chinese_and_latin(path: Path) -> None:
    text = _CODE.sub("", path.read_text(encoding="utf-8").replace("`", "``"))
    assert [line for line in text.splitlines() if _SPACED.search(line)] == []


@pytest.mark.parametrize(
    "text", ["第 3 页", "共 %(num)s人", "共%(num)s 人", "已入馆{n} 人", "用 Excel 打开", "%(day)s 起", "每团至少 8人"]
)
def test_rule_on_spaces_finds_each_kind(text: str) -> None:
    assert _SPACED.search(text)


def test_retired_words_do_not_come_back(catalogue: Catalog) -> None:
    found = [(word, chinese) for _, chinese in pairs(catalogue) for word in _RETIRED if word in chinese]
    assert found == []


def test_english_messages_have_no_chinese(catalogue: Catalog) -> None:
    allowed = set(string.printable) | set("–—…’“”·×−←→↑↓✓ä")
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
        ("zh-CN", " Too many attempts. Please try\n again later. ", True),
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


_SAID = re.compile(r"""\b(?:_|ngettext)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
#: A message of a template, then a blank, perhaps with the end or the beginning of an element, then more of its line.
_JOINED = re.compile(
    r"\{\{-?\s*((?:_|ngettext)\((?:(?!\}\}).)*?)\s*-?\}\}"
    r"((?:</(?:strong|span|b|em)>|\{% if [^%]*%\}|\{% endif %\})*\s)"
    r"\s*(?:\{% if [^%]*%\})?(?=\{\{-? ?(?:_\(|ngettext\(|[a-z_.]+ ?(?:\}\}|\|))|<(?:a|strong|code)[ >])",
    re.DOTALL,
)
_FULL_WIDTH = tuple("：，。；！？、）」”")


def spaced(template: str, catalogue: Catalog) -> list[str]:
    """The messages of a template behind whose full-width punctuation a blank is shown."""
    found = []
    for joined in _JOINED.finditer(template):
        said = [(one or other).replace("\\'", "'") for one, other in _SAID.findall(joined[1])]
        chinese = [translation for message in said for translation in _translations(catalogue, message)]
        if any(text.endswith(_FULL_WIDTH) for text in chinese):
            found.append(joined[0])
    return found


def _translations(catalogue: Catalog, message: str) -> list[str]:
    found = catalogue.get(message)
    string = found.string if found else ""
    return [string] if isinstance(string, str) else list(string)


def test_no_blank_is_shown_behind_full_width_punctuation(catalogue: Catalog) -> None:
    """Between two sentences `blank()` is a blank in English and nothing in Chinese."""
    found = {
        str(path.relative_to(ROOT)): spaced(path.read_text(), catalogue)
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }
    assert {path: places for path, places in found.items() if places} == {}
    for message in catalogue:
        strings = [message.string] if isinstance(message.string, str) else message.string
        assert not [text for text in strings if re.search(r"[：，。；！？、）」”] (?!$)", text)], message.id


def test_templates_have_no_full_width_colons_and_commas_of_their_own() -> None:
    """`formats.colon` and `formats.comma` give that of the reader's language, of which there may be more than two."""
    paths = sorted((ROOT / "templates").rglob("*.html"))
    assert [str(path) for path in paths if re.search("[：、，]", path.read_text())] == []


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("{{ _('For the guide:') }} {{ booking.guide_note }}", True),
        ("<strong>{{ _('For the guide:') }}</strong>\n  {{ booking.guide_note }}", True),
        ("{{ _('None yet.') }} <a href='/'>", True),
        ("{{ _('None yet.') if x else _('For the guide:') }}{% if y %} {{ _('None yet.') }}{% endif %}", True),
        ("{{ _('For the guide:') }}{{ blank() }}{{ booking.guide_note }}", False),
        ("{{ _('For the guide:') }}{{ blank() -}}\n  {{ booking.guide_note }}", False),
        ("{{ _('Today') }} {{ booking.guide_note }}", False),
        ("<p>{{ _('None yet.') }}</p> <a href='/'>", False),
    ],
)
def test_rule_on_blanks_finds_each_kind(catalogue: Catalog, template: str, wrong: bool) -> None:
    assert bool(spaced(template, catalogue)) == wrong
