"""Tables in plain text: in which encoding they are, what parts their cells, and when a person must be asked."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallapp.sheets.errors import FileRefused, TextUnsure
from hallapp.sheets.texts import find_delimiter
from tests.sheets.kit import cells_of

FIGURES = "日期,来源地,人数\r\n2019-03-05,广东,33\r\n2019-03-06,湖南,12\r\n"
FIGURES_TRADITIONAL = "日期,來源地,人數\n2019-03-05,廣東省,33\n2019-03-06,臺北市,12\n"
NAMES = "姓名\n何秀珍\n罗小龙\n阿卜杜拉·买买提\n"
SURE = [
    (FIGURES, ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk", "gb2312"]),
    (FIGURES_TRADITIONAL, ["utf-8", "utf-16-be", "big5", "big5hkscs", "cp950", "gb18030"]),
    (NAMES, ["utf-8", "utf-16-le", "gb18030"]),
    ("姓名\n𠮷川龑\n王㛃\n李堃\n", ["utf-8", "gb18030", "utf-16-be"]),
    ("陳大文\n李小明\n黃美玲\n", ["big5", "gb18030", "utf-8"]),
    ("Name\nJosé García\nJörg Müller\nZoë Brontë\nFrançois\n", ["cp1252", "utf-8", "utf-16-le"]),
    ("Nom,Prénom\nLefèvre,Hélène\nGauthier,Françoise\n", ["cp1252", "utf-8"]),
    ("Nombre\nBegoña Muñoz Ibáñez\nJosé Peña\n", ["cp1252", "utf-8"]),
    ("Name\nMüller\nGroß\nJäger\n‘Köhler’ – 5 €\n", ["cp1252"]),
    ("Imię\nPaweł Wójcik\nŁukasz Dąbrowski\nStanisław Żak\n", ["cp1250", "utf-8"]),
    ("Имя\nИванов Иван\nПетрова Мария\n", ["cp1251", "koi8_r", "utf-8"]),
    ("日期,来源,人数\n" * 1, ["gb18030"]),
    ("Date,People\n2019-03-05,33\n", ["ascii", "utf-16-le", "utf-16-be"]),
]


@pytest.mark.parametrize(("text", "encoding"), [(text, encoding) for text, encodings in SURE for encoding in encodings])
def test_certain_encodings_are_recognised(tmp_path: Path, text: str, encoding: str) -> None:
    expected = [line.split(",") for line in text.splitlines()]
    assert cells_of(tmp_path, text.encode(encoding), "a.csv") == expected


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("王\n", "gb18030"), ("Hélène\n", "cp1252"), ("İsim\nŞahin\nGüneş\n", "cp1254"), ("이름\n김철수\n", "cp949"),
     ("Όνομα\nΓιώργος\n", "cp1253")],
)  # fmt: skip
def test_uncertain_encodings_are_questions(tmp_path: Path, text: str, encoding: str) -> None:
    content = text.encode(encoding)
    with pytest.raises(TextUnsure) as asked:
        cells_of(tmp_path, content, "a.csv")
    right = [one for one in asked.value.candidates if [*one.lines] == text.splitlines()]
    assert right and len(asked.value.candidates) > 1
    assert cells_of(tmp_path, content, "a.csv", encoding=right[0].encoding) == [[line] for line in text.splitlines()]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp1252", "cp932", "cp949", "utf-8", "utf-16-le"])
def test_no_list_of_names_is_read_wrong_without_a_question(tmp_path: Path, encoding: str) -> None:
    """Short lists of names, by chance: each is read right, or asked about."""
    chance = random.Random(11)
    words = {
        "gb18030": "王伟 李娜 张秀英 刘洋 陈静 杨敏 欧阳娜娜 广州市第三中学 湖南省 总工会 何嘉豪 佟大庆 尉迟恭 仡佬族",
        "big5": "陳大文 李小明 黃美玲 張學友 廣東省 臺灣大學 香港 澳門 總工會 林志玲 歐陽震華",
        "cp1252": "José García Müller Zoë François Jörg Peña Bjørn Åsa Grüß",
        "cp932": "山田太郎 佐藤花子さん 東京都 鈴木 アンナ",
        "cp949": "김철수 박영희 이민호 서울특별시 대한민국",
    }
    words |= {"utf-8": words["gb18030"], "utf-16-le": words["big5"]}
    wrong = []
    for lines in (1, 2, 3, 8) * 15:
        text = "".join(f"{chance.choice(words[encoding].split())}\n" for _ in range(lines))
        try:
            found = cells_of(tmp_path, text.encode(encoding), "a.csv")
        except TextUnsure:
            continue
        if found != [[line] for line in text.splitlines()]:
            wrong.append((text, found))
    assert not wrong


def test_characters_far_down_decide_too(tmp_path: Path) -> None:
    text = "Name\n" + "Anna\n" * 200_000 + "何秀珍\n罗小龙\n"
    assert cells_of(tmp_path, text.encode("gb18030"), "a.csv")[-2:] == [["何秀珍"], ["罗小龙"]]


@pytest.mark.parametrize("encoding", ["no-such", "utf-7", "rot13", "base64", "idna", "\0", "unicode_escape"])
def test_an_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, NAMES.encode("gbk"), "a.csv", encoding=encoding)
    assert refused.value.code == "text_unreadable"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "，"])
def test_quoted_cells_are_read(tmp_path: Path, mark: str) -> None:
    content = f'单位{mark}人数\n"广州{mark}""一中""\n高一"{mark}33\n'.encode()
    assert cells_of(tmp_path, content, "a.csv") == [
        ["单位", "人数"],
        [f'广州{mark}"一中"\n高一'.replace("\t", " "), "33"],
    ]


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        ("参观日期\t,人数\t\n2019-03-05\t,33\t\n", [["参观日期", "人数"], ["2019-03-05", "33"]]),
        ("日期\t,人数\t,\n2019-03-05\t,33\t,\n", [["日期", "人数"], ["2019-03-05", "33"]]),
        ('="2019-03-05",="0033",="广""东"""\n', [["2019-03-05", "0033", '广"东"']]),
        ("sep=;\n日期;人数\n2019-03-05;1,5\n", [["日期", "人数"], ["2019-03-05", "1,5"]]),
        ("SEP=|\r\na|b\r\n", [["a", "b"]]),
        ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb, c\n1\t2\n", [["a", "b, c"], ["1", "2"]]),
        ("日期,人数\r2019-03-05,33\r", [["日期", "人数"], ["2019-03-05", "33"]]),
        ("何_x000D_,\u202a33\u202c\n", [["何", "33"]]),
    ],
)
def test_texts_written_by_programs_are_read(tmp_path: Path, content: str, cells: list[list[str]]) -> None:
    assert cells_of(tmp_path, content.encode(), "a.csv") == cells


def test_text_without_a_delimiter_has_one_column() -> None:
    assert find_delimiter("") == find_delimiter("abc") == ","


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_a_character_that_was_cut_through_makes_no_other_encoding(tmp_path: Path, encoding: str) -> None:
    """Programs cut texts by bytes. No other encoding may take the file over, as Cyrillic or Greek would."""
    text = "日期,人數\n2019-03-05,33\n廣東省,12\n" * 8
    half = "廣".encode(encoding)[:-1]
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, text.encode(encoding) + half + b",5\n" + text.encode(encoding), "a.csv")
    assert refused.value.code == "text_unreadable"


@given(st.binary(min_size=1, max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_bytes_are_read_asked_about_or_refused(tmp_path: Path, content: bytes) -> None:
    with suppress(FileRefused):
        cells_of(tmp_path, content, "a.csv")
