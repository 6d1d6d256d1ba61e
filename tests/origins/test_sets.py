"""The origin sets themselves: their places, names and maps, lists of a hall's own, places as people write them."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from hallapp.core.database import db
from hallapp.history.place import Place
from hallapp.history.places import read_place
from hallapp.history.problems import Unclear
from hallapp.origins import own, subdivisions, world
from hallapp.origins.errors import OriginsFileRefused
from hallapp.origins.queries import get_set
from hallapp.origins.values import APART, OriginSet, area_in_sql, area_of, division_in_sql, division_of

CHINA = get_set(1, "cn", "440000", cities=True, countries=True)
GERMANY, STATES = get_set(1, "DE", "DE-BE"), get_set(1, "US", "US-MA", countries=True)
WORLD = get_set(1, "world", "FR")
OWN = own.make_set(
    "own-1",
    "b",
    own.read_file(
        "code,name,name_zh,region,column,row\nb,Harbour,海港,City,0,0\na,Shore,,City,1,0\nc,Hill,,,2,1\n".encode()
    ),
)


def test_a_set_has_its_places_in_order_with_abroad_and_not_stated_last() -> None:
    assert [len(one.places) for one in (CHINA, GERMANY, STATES, WORLD, OWN)] == [34, 16, 57, 249, 3]
    assert [one.code for one in GERMANY.places][:3] == ["DE-BB", "DE-BE", "DE-BW"]
    assert list(OWN.divisions) == ["b", "a", "c", *APART] and list(GERMANY.divisions)[-2:] == list(APART)
    assert list(WORLD.divisions)[-1] == "unknown" and "overseas" not in WORLD.divisions
    assert CHINA.name("_440100", "en") == "Guangdong · Guangzhou" and CHINA.name("_DE", "zh") == "国外 · 德国"
    assert STATES.name("_GE", "de") == "Abroad · Georgien" or STATES.name("_GE", "de").endswith("Georgien")
    assert not {"_CN", "_HK", "_MO", "_TW"} & CHINA.areas.keys() and "_US" not in STATES.areas


@pytest.mark.parametrize(
    ("origins", "code", "language", "name"),
    [
        (GERMANY, "DE-BY", "de", "Bayern"),
        (GERMANY, "DE-BY", "en", "Bavaria"),
        (GERMANY, "DE-BY", "zh", "巴伐利亚"),
        (GERMANY, "DE-BY", "xx", "Bayern"),
        (STATES, "US-MA", "en", "Massachusetts"),
        (STATES, "US-CA", "zh", "加利福尼亚州"),
        (WORLD, "DE", "fr", "Allemagne"),
        (WORLD, "DE", "zh_Hant", "德國"),
        (OWN, "b", "zh", "海港"),
        (OWN, "b", "zh_Hant", "海港"),
        (OWN, "b", "fr", "Harbour"),
        (OWN, "a", "zh", "Shore"),
    ],
)
def test_names_are_in_the_readers_language_where_it_has_them(
    origins: OriginSet, code: str, language: str, name: str
) -> None:
    assert origins.division(code).name(language) == name


def test_every_country_has_a_usable_set() -> None:
    """Codes fit their columns, no place is missing a name, and no two tiles lie on each other."""
    found = [get_set(1, code, "") for code in subdivisions.list_countries()]
    assert len(found) > 190 and "CN" not in subdivisions.list_countries()
    for origins in (*found, CHINA, WORLD, OWN):
        codes = [*origins.divisions, *origins.areas]
        assert all(0 < len(code) <= 8 for code in codes), origins.code
        assert all(origins.division(code).name("en") for code in origins.divisions), origins.code
        tiles = [one.tile for one in origins.divisions.values() if one.tile]
        assert len(set(tiles)) == len(tiles) and len(tiles) in (0, len(origins.places)), origins.code
        assert sorted(code for codes in origins.by_region().values() for code in codes) == sorted(origins.divisions)
        assert [one.code for one in origins.choices("en") if not one.group] != []


@pytest.mark.both_databases
def test_an_area_adds_up_to_its_division_in_python_as_in_the_database(app: Flask) -> None:
    with app.app_context():
        for code in [*CHINA.divisions, *CHINA.areas, *STATES.divisions, *WORLD.divisions]:
            column = literal(code)
            row = db.session.execute(
                select(
                    division_in_sql(column),
                    area_in_sql(column, prefectures=True),
                    area_in_sql(column, prefectures=False),
                )
            ).one()
            assert row[0] == division_of(code) == CHINA.division(code).code, code
            assert (row[1] or row[2]) == area_of(code) and not (row[1] and row[2]), code


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [1]),
        ("name\nA\n", [1]),
        ("code\na\n", [1]),
        ("code,name,colour\na,A,red\n", [1]),
        ("code,name\n", [2]),
        ("code,name\na,A\nA,B\nb,B\n", [3, 4]),
        ("code,name\n_x,A\nunknown,B\ntoo-long-a-code,C\nd,\n", [2, 3, 4, 5]),
        ("code,name,column,row\na,A,0,0\nb,B,0,0\nc,C,,\nd,D,x,1\ne,E,1,99\n", [3, 4, 5, 6]),
        ("code,name\n" + "".join(f"c{n},N{n}\n" for n in range(301)), [302]),
        ("code,name\na,\x01\n", [2]),
        ('code,name\na,"A\n', [1]),
    ],
)
def test_each_fault_of_a_file_is_named_with_its_row(text: str, faults: list[int]) -> None:
    with pytest.raises(OriginsFileRefused) as refused:
        own.read_file(text.encode())
    assert [one.at for one in refused.value.faults] == faults


def test_a_file_is_read_as_spreadsheets_write_it() -> None:
    for text in ("code;name\r\na;A\r\n\r\n", "\ufeffCode,NAME\na,A\n", "code\tname-en\na\tA\n"):
        assert [one.code for one in own.read_file(text.encode())] == ["a"]
    for content in ("code,name\na,北".encode("gb18030"), "code,name\na,A".encode("utf-16"), b"x" * (own.FILE_MOST + 1)):
        with pytest.raises(OriginsFileRefused):
            own.read_file(content)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"code,name\n{text}".encode("utf-8", "replace")))
def test_any_file_gives_places_or_faults(content: bytes) -> None:
    try:
        places = own.read_file(content)
    except OriginsFileRefused as refused:
        assert refused.faults
    else:
        assert list(own.make_set("own-x", "", places).divisions) == [*(one.code for one in places), *APART]


@pytest.mark.parametrize(
    ("origins", "texts", "place"),
    [
        (GERMANY, "Bayern|DE-BY|by|Bavaria|bavière|巴伐利亚|Bayern (BY)|Bavaria / Bayern", "DE-BY"),
        (GERMANY, "NRW|Nordrhein Westfalen|nordrhein-westfalen|DE-NW|North Rhine-Westphalia", "DE-NW"),
        (GERMANY, "Lower Saxony|Niedersachsen|NI", "DE-NI"),
        (GERMANY, "THURINGEN|Thüringen|Thuringia", "DE-TH"),
        (GERMANY, "Ausland|France|Frankreich|abroad|China", "overseas"),
        (GERMANY, "| |unknown|unbekannt", "unknown"),
        (STATES, "MA|Massachusetts|us-ma|马萨诸塞州", "US-MA"),
        (STATES, "District of Columbia|DC", "US-DC"),
        (STATES, "Germany|Deutschland|DEU", "overseas/DE"),
        (WORLD, "DE|Germany|德国|DEU|Deutschland", "DE"),
        (OWN, "b|Harbour|海港|HARBOUR", "b"),
        (CHINA, "德国|Germany", "overseas/DE"),
        (CHINA, "海外", "overseas"),
    ],
)
def test_an_import_knows_the_places_of_the_halls_set(origins: OriginSet, texts: str, place: str) -> None:
    for text in texts.split("|"):
        found = read_place(text, origins)
        assert isinstance(found, Place) and str(found) == place, text
        assert Place.parse(str(found), origins) == found


@pytest.mark.parametrize(
    ("origins", "text", "places"),
    [
        (STATES, "Georgia", {"US-GA", "overseas/GE"}),
        (GERMANY, "Bayern, Sachsen", {"DE-BY", "DE-SN"}),
        (GERMANY, "München, Bayern", {"DE-BY"}),
        (GERMANY, "Germany", set()),
        (GERMANY, "广东", set()),
        (OWN, "Moon", set()),
    ],
)
def test_an_import_asks_where_a_text_is_no_single_place(origins: OriginSet, text: str, places: set[str]) -> None:
    found = read_place(text, origins)
    assert isinstance(found, Unclear)
    assert {reading.name for reading in found.readings} == places


def test_a_place_of_another_set_is_no_place_of_this_one() -> None:
    for origins, text in (
        (GERMANY, "440000"),
        (CHINA, "DE-BY"),
        (CHINA, "440000/DE"),
        (GERMANY, "DE-BY/DE"),
        (OWN, "x"),
    ):
        assert Place.parse(text, origins) is None
    assert world.list_codes() == sorted(set(world.list_codes()))
