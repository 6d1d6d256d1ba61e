"""The fields of resources in the forms of other rooms: one number for each resource."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import translate
from hallapp.core.text import plain
from hallapp.resources.errors import ResourceRefused
from hallapp.resources.values import Quantities, ResourceFacts

_NAME = re.compile(r"resources-([0-9]{1,6})")
_DIGITS = 5


class ResourcesField(Field):  # type: ignore[misc]
    """The numbers of all resources: `data` holds those that were typed, `typed` the texts, also wrong ones.

    Errors are shown beside the number that they are about: `wrong` has them by the number of the resource.
    """

    data: dict[int, int]
    errors: list[str]
    process_errors: list[str]

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.typed: dict[int, str] = {}
        self.wrong: dict[int, str] = {}
        self.offered: tuple[ResourceFacts, ...] = ()
        self.left: Quantities = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the numbers of a form, else those of `data`."""
        self.process_errors = []
        self.data = dict(data) if isinstance(data, Mapping) else {}
        self.typed = {number: str(count) for number, count in self.data.items()}
        if not formdata:
            return
        self.data, self.typed = {}, {}
        for name in formdata:
            if found := _NAME.fullmatch(name):
                self._read(int(found[1]), str(formdata[name]))

    def _read(self, number: int, text: str) -> None:
        typed = plain(text)
        self.typed[number] = text
        if not typed:
            return
        if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS:
            self.data[number] = int(typed)
        else:
            self.wrong[number] = _("Enter a whole number in digits, such as 20.")
            self.process_errors.append(self.wrong[number])

    @property
    def asked(self) -> dict[int, int] | None:
        """Return the numbers, or None where the form had no field of a resource."""
        return self.data if self.typed else None

    def offer(
        self,
        resources: Iterable[ResourceFacts],
        *,
        by_staff: bool,
        programme_id: int | None = None,
        left: Quantities | None = None,
    ) -> None:
        """Show the resources that may be asked for, of one programme or of all, with what is left at the time.

        What was typed for another one, such as of the programme before, is shown with its error until it is emptied.
        """
        self.offered = tuple(
            one
            for one in resources
            if (one.is_asked(by_staff=by_staff) and (programme_id is None or one.is_for(programme_id)))
            or one.number in self.wrong
        )
        self.left = left or {}

    def refuse(self, error: ResourceRefused) -> None:
        """Show a refusal beside the number of its resource."""
        self.wrong[error.number] = translate(error)
        self.errors = [*self.errors, self.wrong[error.number]]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of its element."""
        yield from ((f"resources-{number}", message) for number, message in self.wrong.items())
