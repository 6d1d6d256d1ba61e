"""The fields of categories in the forms of other rooms: one number for each category."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from hallapp.categories.values import Family, list_asked
from hallapp.core.i18n import gettext as _
from hallapp.core.text import plain

_NAME = re.compile(r"category-([0-9]{1,6})")
_DIGITS = 4


def read(texts: Iterable[tuple[str, Any]]) -> dict[int, int] | None:
    """Return the numbers of the fields `category-…` in which something was typed; None where one is no number."""
    found = {}
    for name, text in texts:
        number = _NAME.fullmatch(name)
        typed = plain(text) if number and isinstance(text, str) else ""
        if not number or not typed:
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS):
            return None
        found[int(number[1])] = int(typed)
    return found


class CategoriesField(Field):  # type: ignore[misc]
    """The numbers of all categories: `data` holds those that were typed, `typed` the texts, also wrong ones."""

    data: dict[int, int]

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.typed: dict[int, str] = {}
        self.families: tuple[Family, ...] = ()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the numbers of a form, else those of `data`."""
        self.process_errors = []
        self.data = dict(data) if isinstance(data, Mapping) else {}
        self.typed = {number: str(people) for number, people in self.data.items()}
        if not formdata:
            return
        texts = [(name, formdata[name]) for name in formdata if _NAME.fullmatch(name)]
        self.typed = {int(name[len("category-") :]): str(text) for name, text in texts}
        found = read(texts)
        self.data = found or {}
        if found is None:
            self.process_errors.append(_("Enter a whole number in digits, such as 20."))

    def offer(self, families: Iterable[Family]) -> None:
        """Show these families."""
        self.families = tuple(list_asked(families))
