"""The form for a family of categories."""

from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, Form, FormField, HiddenField, RadioField, SelectChoice
from wtforms.validators import Length

from hallapp.categories.models import NAME_LENGTH
from hallapp.categories.service import CategoryInput, SaveFamily
from hallapp.categories.values import Family
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import Described, LineList, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts

_SPARE = 3
_MOST = 20


def _texts(label: Any) -> TextsField:
    too_long = Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters."))
    return TextsField(label, validators=[without_controls, too_long])


class CategoryLine(WithTexts, Described, Form):  # type: ignore[misc]
    """One category; a line without a name does not count."""

    number = HiddenField()
    name: Any = _texts(_l("Name"))
    hidden = BooleanField(_l("Hide"))


class FamilyForm(WithTexts, RefusableForm):
    """The form for a family with its categories, a line each."""

    name: Any = _texts(_l("Name"))
    adds_up = RadioField(
        _l("How the numbers relate to the group"),
        choices=[
            SelectChoice(
                "", _l("“Of whom”: each number is a part of the group; a person may be in several categories")
            ),
            SelectChoice("y", _l("Adding up: each person is in one category, and the rest is shown by name")),
        ],
        default="",
    )
    rest: Any = _texts(_l("Name of the rest"))
    required = BooleanField(_l("Every group that books online has to give these numbers"))
    hidden = BooleanField(_l("Do not ask for these numbers any more"))
    categories = LineList(FormField(CategoryLine), max_entries=_MOST)

    @classmethod
    def of(cls, family: Family | None) -> "FamilyForm":
        """Return the form with the present values of a family, or empty."""
        if family is None:
            return cls(formdata=None).with_spare_lines()
        return cls(
            formdata=None,
            data={
                "name": family.names,
                "rest": family.rest,
                "adds_up": "y" if family.adds_up else "",
                "required": family.required,
                "hidden": family.hidden,
                "categories": [
                    {
                        "number": str(one.number),
                        **{f"name_{language}": name for language, name in one.names.items()},
                        "hidden": one.hidden,
                    }
                    for one in family.categories
                ],
            },
        ).with_spare_lines()

    def with_spare_lines(self) -> "FamilyForm":
        """Return the form with some empty lines at its end."""
        for _number in range(min(_SPARE, _MOST - len(self.categories))):
            self.categories.append_entry()
        return self

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of its element, also those of the lines."""
        yield from super().problems()
        for line in self.categories:
            for field in line.form:
                yield from ((field.id, str(message)) for message in field.errors)

    def to_command(self, *, hall_id: int, staff_id: int, number: int | None) -> SaveFamily:
        """Return the command for the service. The form must have been found valid."""
        return SaveFamily(
            hall_id=hall_id,
            staff_id=staff_id,
            number=number,
            languages=self.languages,
            names=self.name.data,
            rest=self.rest.data,
            adds_up=self.adds_up.data == "y",
            required=self.required.data,
            hidden=self.hidden.data,
            categories=tuple(
                CategoryInput(
                    number=int(line.form.number.data) if (line.form.number.data or "").isdecimal() else None,
                    names=line.form.name.data,
                    hidden=line.form.hidden.data,
                )
                for line in self.categories
                if line.form.name.data
            ),
        )
