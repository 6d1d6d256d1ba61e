"""The steps of the first run as they are typed."""

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from wtforms import Field, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from hallapp.accounts.web.forms import NameForm, NewPasswordForm
from hallapp.booking.web.forms import printable
from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, WeekdaysField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.first_run import errors
from hallapp.origins.china import DIVISIONS
from hallapp.schedule.models import Hall
from hallapp.schedule.starter import STARTERS, CreateHall

_EARLIEST = date(1800, 1, 1)


class CodeForm(RefusableForm):
    """The one-time code that the terminal shows."""

    code = StringField(
        _l("Setup code"), [InputRequired(_l("Enter the code that was printed in the terminal.")), without_controls]
    )


class StepForm(RefusableForm):
    """A step whose typed texts the browser's session keeps until the last one."""

    def typed(self) -> dict[str, list[str]]:
        """Return the typed texts by field, none longer than its column, to fill the form again."""
        fields = (field for field in self if field.name != "csrf_token")
        return {field.name: [text[: _most_of(field.name)] for text in field.raw_data or ()] for field in fields}


def _most_of(name: str) -> int:
    """Return the number of characters of a field, which may be that of a text in one language, such as `name_en`."""
    columns: Any = Hall.__table__.c
    column = columns.get(name)
    if column is None or name.partition("_")[0] in _TEXTS:
        column = columns.get(name.partition("_")[0])
    kind = getattr(column, "type", None)
    return getattr(kind, "most", None) or getattr(kind, "length", None) or 64


_TEXTS = ("name", "address")


def _limits(name: str) -> dict[str, Any]:
    most = _most_of(name)
    return {"validators": [printable, Length(max=most)], "render_kw": {"maxlength": most}}


def _list_divisions() -> list[SelectChoice]:
    return [SelectChoice(one.code, one.name(language())) for one in DIVISIONS.values() if one.is_place]


@cache
def _list_zones() -> list[SelectChoice]:
    return [SelectChoice(name, name) for name in sorted(available_timezones())]


class HallForm(WithTexts, StepForm):
    """The name of the hall, and where it is."""

    name: Any = TextsField(_l("Name"), **_limits("name"))
    address: Any = TextsField(_l("Address"), **_limits("address"))
    phone = StringField(_l("Phone"), filters=[tidy], **_limits("phone"))
    home_division = SelectField(_l("Place of the hall"), choices=_list_divisions, default="440000")
    time_zone = SelectField(_l("Time zone"), choices=_list_zones, default="Asia/Shanghai")

    def validate_name_zh(self, _field: Field) -> None:
        """Refuse a hall without any name."""
        if not self.name.data:
            raise ValidationError(_("Enter the name of the hall in one language at least."))


class ProgrammesField(SelectMultipleField):  # type: ignore[misc]
    """The programmes that a hall may begin with, as check boxes."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, _form: Any) -> None:
        """Refuse a list without any known programme."""
        self.data = [one.slug for one in STARTERS if one.slug in (self.data or ())]
        if not self.data:
            raise ValidationError(_(errors.NoProgramme.message))


class OpeningForm(StepForm):
    """The first open day, the closing days of the week, and the programmes."""

    opened_on = DayField(_l("First open day"))
    closed_weekdays = WeekdaysField(_l("Closing days of the week"))
    programmes = ProgrammesField(
        _l("Programmes"), choices=[SelectChoice(one.slug, one.slug) for one in STARTERS], validate_choice=False
    )

    def check_day(self, today: date) -> None:
        """Refuse a first day that is closed or out of range; past days may be of any weekday.

        Raises:
            FirstDayFar, FirstDayClosed.
        """
        day = self.opened_on.data
        if not _EARLIEST <= day <= clock.months_before(today, -12):
            raise errors.FirstDayFar
        if day >= today and day.weekday() in self.closed_weekdays.chosen:
            raise errors.FirstDayClosed


class AccountForm(NewPasswordForm, NameForm, StepForm):
    """The name and the password of the first administrator."""

    shown_last = "name"


def to_command(hall: HallForm, opening: OpeningForm) -> CreateHall:
    """Return the command for the hall of these valid steps."""
    return CreateHall(
        slug="hall",
        **hall.fold({field.name: field.data for field in hall if field.name != "csrf_token"}),
        opened_on=opening.opened_on.data,
        closed_weekdays="".join(str(day) for day in sorted(opening.closed_weekdays.chosen)),
        programmes=tuple(opening.programmes.data),
    )
