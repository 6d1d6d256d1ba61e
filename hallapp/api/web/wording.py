"""The words of marshmallow for values that cannot be read, in the reader's language."""

import re

from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _

_FIXED = frozenset(
    (
        N_("Missing data for required field."),
        N_("Field may not be null."),
        N_("Unknown field."),
        N_("Invalid value."),
        N_("Invalid type."),
        N_("Invalid input type."),
        N_("Not a valid string."),
        N_("Not a valid utf-8 string."),
        N_("Not a valid number."),
        N_("Not a valid integer."),
        N_("Number too large."),
        N_("Not a valid boolean."),
        N_("Not a valid list."),
        N_("Not a valid mapping type."),
        N_("Not a valid date."),
        N_("Not a valid aware datetime."),
        N_("Not a valid datetime."),
        N_("Not a valid UUID."),
        N_("String does not match expected pattern."),
    )
)
_WITH_VALUES = tuple(
    (re.compile(pattern, re.DOTALL), text)
    for pattern, text in (
        (r"Longer than maximum length (?P<max>.+)\.", N_("Longer than maximum length %(max)s.")),
        (r"Shorter than minimum length (?P<min>.+)\.", N_("Shorter than minimum length %(min)s.")),
        (r"Length must be between (?P<min>.+) and (?P<max>.+)\.", N_("Length must be between %(min)s and %(max)s.")),
        (r"Must be one of: (?P<choices>.+)\.", N_("Must be one of: %(choices)s.")),
        (r"Must be greater than or equal to (?P<min>\S+)\.", N_("Must be greater than or equal to %(min)s.")),
        (r"Must be less than or equal to (?P<max>\S+)\.", N_("Must be less than or equal to %(max)s.")),
        (
            r"Must be greater than or equal to (?P<min>\S+) and less than or equal to (?P<max>\S+)\.",
            N_("Must be greater than or equal to %(min)s and less than or equal to %(max)s."),
        ),
    )
)


def in_words(message: str) -> str:
    """Return a message of marshmallow in the language in force; one that is not known stays as it is."""
    if message in _FIXED:
        return _(message)
    for pattern, text in _WITH_VALUES:
        found = pattern.fullmatch(message)
        if found:
            return _(text, **found.groupdict())
    return message
