"""The form for a family of categories."""

from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, Form, FormField, HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import Length

from hallapp.categories.service import CategoryInput, SaveFamily
from hallapp.categories.values import Family
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.fields import Described, LineList
from hallapp.core.web.forms import RefusableForm

NAME_LENGTH = 40
_SPARE = 3
_MOST = 20


def _text(label: Any) -> StringField:
    return StringField(
        label,
        filters=[tidy, visible],
        validators=[Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters."))],
    )


class CategoryLine(Described, Form):  # type: ignore[misc]
    """One category; a line without a name does not count."""

    number = HiddenField()
    name_zh = _text(_l("Name in Chinese"))
    name_en = _text(_l("Name in English"))
    hidden = BooleanField(_l("Hide"))

    @property
    def names(self) -> dict[str, str]:
        """Return the typed names by language."""
        typed = {"zh": self.name_zh.data, "en": self.name_en.data}
        return {language: name for language, name in typed.items() if name}


class FamilyForm(RefusableForm):
    """The form for a family with its categories, a line each."""

    name_zh = _text(_l("Name in Chinese"))
    name_en = _text(_l("Name in English"))
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
    rest_zh = _text(_l("Name of the rest in Chinese"))
    rest_en = _text(_l("Name of the rest in English"))
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
                **{f"name_{language}": name for language, name in family.names.items()},
                **{f"rest_{language}": name for language, name in family.rest.items()},
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
            names=_names(self.name_zh, self.name_en),
            rest=_names(self.rest_zh, self.rest_en),
            adds_up=self.adds_up.data == "y",
            required=self.required.data,
            hidden=self.hidden.data,
            categories=tuple(
                CategoryInput(
                    number=int(line.form.number.data) if (line.form.number.data or "").isdecimal() else None,
                    names=line.form.names,
                    hidden=line.form.hidden.data,
                )
                for line in self.categories
                if line.form.names
            ),
        )


def _names(zh: StringField, en: StringField) -> dict[str, str]:
    return {language: field.data for language, field in (("zh", zh), ("en", en)) if field.data}
