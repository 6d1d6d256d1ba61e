"""What people type is composed, and loses what nobody can see; spelling stays."""

import unicodedata
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField, SearchField, StringField, TextAreaField

from hallapp.core.regions import Clock, Region
from hallapp.core.text import clean, file_name, read_whole, tidy
from hallapp.core.web import fields
from hallapp.core.web.fields import Described, NumberField, TimeOfDayField

NAMES = [
    *("Müller", "Français", "Nguyễn Văn Ánh", "José", "Łukasz Dvořák", "Ștefan", "Bērziņš", "Ŵyn", "Їжак", "Йосип"),
    *("Σωκράτης", "김철수", "がく", "ञ", "שָׁלוֹם", "བོད", "﨑本﨟﨎", "神"),
]


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("岭南展览馆", "岭南展览馆"),
        ("A/B \\ C: “D”? <E>|*", "A-B - C- “D”- -E"),
        ("../../etc/passwd", "etc-passwd"),
        ("two\r\nlines\x00\t", "two lines"),
        ("\u202egnp.exe", "gnp.exe"),
        ("馆" * 50, "馆" * 40),
        ("نیک\u200cنام", "نیک\u200cنام"),
        (" . ", ""),
    ],
)
def test_part_of_a_file_name_is_safe_on_every_system(typed: str, saved: str) -> None:
    assert file_name(typed) == saved


@pytest.mark.parametrize("name", NAMES)
def test_decomposed_letters_are_composed(name: str) -> None:
    assert clean(unicodedata.normalize("NFD", name)) == unicodedata.normalize("NFC", name)


def test_compatibility_ideographs_stay() -> None:
    """NFC would turn these characters of names into others that look different."""
    assert clean("神\ufa19 﨑\u0301 e\u0301") == "神\ufa19 﨑\u0301 é"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("\ufeff张\u200b三\u2060", "张三"),
        ("\u202aJosé\u202c\u200e\u200f\u061c", "José"),
        ("Ma\u00adria", "Maria"),
        ("张\u2028三\u3164李", "张 三 李"),
        ("葛\U000e0100城 ❤\ufe0f", "葛城 ❤"),
        ("An\u200dna\u200c", "Anna"),
        ("نیک\u200cنام", "نیک\u200cنام"),  # a Persian name: the joiner is spelling
        ("क्\u200dष", "क्\u200dष"),
        ("\u200cعلی\u200c", "علی"),
        ("ᠮᠣᠩ\u180bᠭᠣᠯ\u180eᠠ", "ᠮᠣᠩ\u180bᠭᠣᠯ\u180eᠠ"),
    ],
)
def test_invisible_characters_are_removed(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@given(st.text())
def test_clean_text_is_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_every_text_of_a_form_is_clean_before_it_is_checked() -> None:
    class Probe(Described, Form):  # type: ignore[misc]
        line = StringField()
        lines = TextAreaField(filters=[tidy])
        find = SearchField()
        number = NumberField()
        time = TimeOfDayField()
        password = PasswordField()

    e = "Cafe\u0301\u200b"
    sent = {"line": e, "lines": e, "find": e, "number": "\u202d20\u202c", "time": "\ufeff09:30", "password": e}
    form = Probe(MultiDict(sent))
    assert (form.line.data, form.lines.data, form.find.data) == ("Café", "Café", "Café")
    assert (form.number.data, form.time.data.isoformat()) == (20, "09:30:00")
    assert form.password.data == e  # a password is compared as it was typed when it was chosen
    assert form.validate()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("下午9:30", "21:30"),
        ("9:30 p.m.", "21:30"),
        ("上午9:30 AM", "09:30"),
        ("下午 930pm", "21:30"),
        ("上午9:30 PM", None),  # one of the halves is wrong, and nobody can know which
        ("下午9:30 AM", None),
        ("9:30", None),
    ],
)
def test_half_of_the_day_is_read_where_it_is_clear(
    monkeypatch: pytest.MonkeyPatch, typed: str, read: str | None
) -> None:
    monkeypatch.setattr(fields, "region", lambda: Region(clock=Clock.HOURS_12))

    class TimeForm(Form):
        time = TimeOfDayField()

    form = TimeForm(MultiDict({"time": typed}))
    assert form.validate() is (read is not None)
    assert form.time.data == (time.fromisoformat(read) if read else None)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12000", "12000"),
        (" 12,000 ", "12000"),
        ("１２，０００", "12000"),
        ("1,234,567", "1234567"),
        ("12 000", "12000"),
        ("12\u202f000", "12000"),
        ("12'000", "12000"),
        ("1.2万", "12000"),
        ("3 万", "30000"),
        ("0.5萬", "5000"),
        ("1.20000万", "12000"),
        # In two ways, or not at all: these stay as they are, and the form refuses them.
        *(
            (text, text)
            for text in ("12.000", "12,00", "1,2345", "12,000 000", "1.23456万", "1,2万", "12 00", "-5", "万")
        ),
    ],
)
def test_whole_numbers_are_read_as_they_are_written(typed: str, read: str) -> None:
    assert read_whole(typed) == read

    class NumberForm(Form):
        number = NumberField()

    form = NumberForm(MultiDict({"number": typed}))
    assert form.validate() is read.isdecimal()
    assert not read.isdecimal() or form.number.data == int(read)
