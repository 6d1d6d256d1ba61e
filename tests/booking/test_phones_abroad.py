"""Phone numbers as people of Germany, the United States and other countries of a hall type them."""

import pytest
from flask import Flask

from hallapp.booking import phones
from hallapp.core.i18n import force_locale, in_region_of
from hallapp.core.regions import countries
from tests import factories


@pytest.mark.parametrize(
    ("country", "typed", "stored", "shown"),
    [
        ("DE", "030 901820", "+4930901820", "030 901820"),
        ("DE", "(0151) 2345 6789", "+4915123456789", "01512 3456789"),
        ("DE", "0049 30 901820", "+4930901820", "030 901820"),
        ("DE", "+86 199 0000 1001", "+8619900001001", "+86 199 0000 1001"),
        ("DE", "+1 617-267-9300", "+16172679300", "+1 617-267-9300"),
        ("US", "617-267-9300", "+16172679300", "(617) 267-9300"),
        ("US", "(617) 267 9300", "+16172679300", "(617) 267-9300"),
        ("US", "1 617 267 9300", "+16172679300", "(617) 267-9300"),
        ("US", "011 49 30 901820", "+4930901820", "+49 30 901820"),
        ("GB", "020 7946 0018", "+442079460018", "020 7946 0018"),
        ("HK", "2345 6789", "+85223456789", "2345 6789"),
    ],
)
def test_numbers_of_the_hall_s_country(app: Flask, country: str, typed: str, stored: str, shown: str) -> None:
    with in_region_of(factories.make(factories.hall, country=country).id):
        assert phones.parse(typed) == stored
        assert phones.display(stored) == shown


@pytest.mark.parametrize(("country", "typed"), [("DE", "19900001001"), ("US", "267-9300"), ("US", "199 0000 1001")])
def test_incomplete_numbers_and_those_of_other_countries_without_a_code(app: Flask, country: str, typed: str) -> None:
    with in_region_of(factories.make(factories.hall, country=country).id), pytest.raises(ValueError):
        phones.parse(typed)


def test_hints_name_the_hall_s_country_and_china_only_in_china(app: Flask) -> None:
    with in_region_of(factories.make(factories.hall, country="DE").id), force_locale("en"):
        assert "Germany (+49)" in phones.hint() and phones.example() in phones.correction()
        assert "mainland" not in phones.hint() + phones.correction()
    with in_region_of(factories.make(factories.hall).id), force_locale("en"):
        assert "+852" in phones.hint() and "mainland" in phones.correction()


def test_every_country_has_a_hint(app: Flask) -> None:
    for country in sorted(countries())[::5]:
        with in_region_of(factories.make(factories.hall, country=country).id), force_locale("en"):
            assert phones.hint() and phones.correction()
