"""Phone numbers as people of the hall's country, and people abroad, type them.

Numbers without a country code are of the country of the region in force (`i18n.region`).
"""

import re
import unicodedata

import phonenumbers

from hallapp.core.i18n import country_name, region
from hallapp.core.i18n import gettext as _

#: Mainland mobile numbers: in China nearly all numbers are of this kind and are written alike. The library takes
#: 0.2 ms for each, a third of the time of a desk's list of a day.
_MOBILE = re.compile(r"\+86(1[3-9]\d)(\d{4})(\d{4})", re.ASCII)


def parse(typed: str) -> str:
    """Return a phone number in E.164, as in `+8619900001001`.

    Without a country code it is a number of the hall's country; full-width digits are read as digits.

    Raises:
        ValueError: when it is no number that can be dialled, or has an extension, which E.164 cannot hold.
    """
    home = region().country
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", typed), home)
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from None
    # The plan of the hall's country is known well enough to find a missing digit. Of others only the length is
    # checked: their newest ranges are younger than the library's table, and a group from abroad must not be turned
    # away for that.
    if number.country_code == code_of(home):
        acceptable = phonenumbers.is_valid_number(number)
    else:
        acceptable = phonenumbers.is_possible_number(number)
    if not acceptable or number.extension:
        raise ValueError("not a number that can be dialled")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display(e164: str) -> str:
    """Return a stored number as people write it: those of the hall's country as at home, others with `+` and a code."""
    here = region()
    mobile = _MOBILE.fullmatch(e164) if here.in_china else None
    if mobile:
        return " ".join(mobile.groups())
    number = phonenumbers.parse(e164)
    home = number.country_code == code_of(here.country)
    wanted = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, wanted)


def code_of(country: str) -> int:
    """Return the dialling code of a country, such as 49; 0 for the few places that have none."""
    return phonenumbers.country_code_for_region(country)


def example() -> str:
    """Return a landline number of the hall's country as people there write it; empty where none is known."""
    number = phonenumbers.example_number_for_type(region().country, phonenumbers.PhoneNumberType.FIXED_LINE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL) if number else ""


def hint() -> str:
    """Return how to write a phone number at this hall."""
    here = region()
    if here.in_china:
        return _(
            "A mobile number, or a landline with its area code. From outside the Chinese mainland, start "
            "with + and the country code, such as +852."
        )
    return _(
        "With its area code, such as %(example)s. From outside %(country)s (+%(code)s), start with + and the country "
        "code.",
        **_facts(),
    )


def correction() -> str:
    """Return what to check in a phone number that cannot be dialled."""
    if region().in_china:
        return _(
            "Please check this number. Write a landline with its area code. From outside the Chinese "
            "mainland, start with + and the country code, such as +852 2345 6789. Write an extension "
            "in the note."
        )
    return _(
        "Please check this number. Write it with its area code, such as %(example)s. From outside %(country)s "
        "(+%(code)s), start with + and the country code. Write an extension in the note.",
        **_facts(),
    )


def _facts() -> dict[str, str]:
    country = region().country
    return {"example": example(), "country": country_name(country), "code": str(code_of(country))}
