"""Fields of forms that several rooms share: numbers, times, days and choices in the forms in which people type them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from functools import cache
from gettext import NullTranslations, translation
from typing import Any, ClassVar

import wtforms
from wtforms import (
    Field,
    FieldList,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.i18n import messages_path
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import installed, language, name_of, region
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.regions import Clock
from hallapp.core.text import clean, plain, read_whole, visible

_DIGITS_MOST = 9  # fits into a database's integer, and is far larger than any real value
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])(:00)?")
#: On a clock of 12 hours: 9:30 AM, 930am, 9 a.m. or 上午9:30.
_TIME_12 = re.compile(r"(上午|下午)? ?(0?[1-9]|1[0-2])(?:[:.]?([0-5][0-9]))? ?([ap]\.?m\.?)?", re.IGNORECASE)


def without_controls(_form: Any, field: Field) -> None:
    """Refuse control characters, and remove them from the value that is shown again; line breaks are allowed.

    Raises:
        ValidationError: for a control character or half of a surrogate pair.
    """
    cleaned = "".join(c for c in field.data or "" if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if cleaned != (field.data or ""):
        field.data = cleaned
        raise ValidationError(_("Invisible characters were removed. Please check the text again."))


class Described:
    """A form that reads clean text, and links refused fields to their messages for screen readers."""

    class Meta:
        """The binding and the rendering of fields, and the language of WTForms' own messages."""

        def get_translations(self, _form: Any) -> NullTranslations:
            """Return WTForms' own messages in the reader's language."""
            return _messages_of_wtforms(language())

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Bind a field; every text but a password is cleaned before the field's own filters and validators."""
            field = super().bind_field(form, unbound_field, options)  # type: ignore[misc]
            if isinstance(field, StringField) and not isinstance(field, PasswordField):
                field.filters = [_cleaned, *field.filters]
            return field

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            """Return the field's element with its state."""
            if field.errors and not isinstance(field, HiddenField):
                hint = render_kw.get("aria-describedby", "")
                render_kw = {
                    **render_kw,
                    "aria-invalid": "true",
                    "aria-describedby": f"{field.id}-error {hint}".strip(),
                }
            return super().render_field(field, render_kw)  # type: ignore[misc]


@cache  # Flask-WTF reads the file again for every request with a form, which takes milliseconds
def _messages_of_wtforms(language: str) -> NullTranslations:
    wanted = [{"zh_Hant": "zh_TW"}.get(language, language), language.partition("_")[0]]
    return translation("wtforms", messages_path(), wanted, fallback=True)


class SelectField(wtforms.SelectField):  # type: ignore[misc]
    """A choice from a list; a known value is recognised without a look at each choice."""

    def _invoke_choices_callback(self, find: Callable[[], Any]) -> Any:
        # None of ours takes arguments; WTForms would look at its signature for every form.
        return find()

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for a value that is not among the choices."""
        if not self.validate_choice or self.data not in {choice.value for choice in self.choices or ()}:
            super().pre_validate(form)


class NumberField(StringField):  # type: ignore[misc]
    """A whole number of 0 or more, also in full-width digits, in groups of three, or as 1.2万.

    `required=False` reads an empty field as None.

    The field is a text input, because a browser's number input discards text that it cannot parse.
    """

    data: Any  # the parsed value; a valid form always has it
    _wrong: ClassVar[Any] = _l("Enter a whole number in digits, such as 20.")

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.required = required

    def _value(self) -> str:
        if self.raw_data:
            return visible(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a whole number. Raises ValueError for anything else."""
        typed = read_whole(valuelist[0]) if valuelist else ""
        self.data = None
        if not typed:
            return
        if not (typed.isascii() and typed.isdecimal()):
            raise ValueError(self._wrong)
        if len(typed.lstrip("0")) > _DIGITS_MOST:
            raise ValueError(_("This number is too large."))
        self.data = int(typed)

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError where a number is needed and none was given."""
        if self.required and self.data is None and not self.process_errors:
            raise ValidationError(self._wrong)


class TimeOfDayField(StringField):  # type: ignore[misc]
    """A time on the wall clock, such as 09:30, 9.30 or 930; full-width characters are read too.

    At a hall with a clock of 12 hours also 9:30 AM; there 9:30 alone could be either half of the day and is refused.

    Its element is a text field: a time field shows 2 PM for 14:00 where the browser was installed in such a language.
    """

    data: Any  # the parsed value; a valid form always has it

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.required = required

    def _value(self) -> str:
        if self.raw_data:
            return visible(self.raw_data[0])
        return _typed_time(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read hours and minutes. Raises ValueError for anything else."""
        typed = plain(valuelist[0]) if valuelist else ""
        self.data = None
        if typed:
            self.data = _read_time_12(typed) if region().clock is Clock.HOURS_12 else _read_time(typed)

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError where a time is needed and none was given."""
        if self.required and self.data is None and not self.process_errors:
            raise ValidationError(_time_wanted())


def _typed_time(value: time) -> str:
    if region().clock is Clock.HOURS_24:
        return f"{value:%H:%M}"
    return f"{value.hour % 12 or 12}:{value:%M} {'AM' if value.hour < 12 else 'PM'}"


def _read_time(typed: str) -> time:
    found = _TIME.fullmatch(typed)
    if not found:
        raise ValueError(_time_wanted())
    return time(int(found[1]), int(found[2]))


def _read_time_12(typed: str) -> time:
    found = _TIME_12.fullmatch(typed)
    half = (found[1] or found[4] or "") if found else ""
    if found and half:
        after_noon = half[0] in "pP下"
        if found[1] and found[4] and after_noon != (found[4][0] in "pP"):
            raise ValueError(_time_wanted())  # 上午9:30 PM
        return time(int(found[2]) % 12 + 12 * after_noon, int(found[3] or 0))
    read = _read_time(typed)
    if 1 <= read.hour <= 12:
        raise ValueError(_("Add AM or PM, such as 9:30 AM."))
    return read


def _time_wanted() -> str:
    """Return how to write a time of day at this hall."""
    wanted: str = _("Enter a time such as 9:30 AM.")
    return wanted if region().clock is Clock.HOURS_12 else _("Enter a time such as 09:30.")


class DayField(StringField):  # type: ignore[misc]
    """A day such as 2026-12-05; full-width digits are digits."""

    data: Any  # the parsed value; a valid form always has it
    widget = DateInput()

    def _value(self) -> str:
        if self.raw_data:
            return visible(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read year, month and day. Raises ValueError for anything else."""
        typed = plain(valuelist[0]) if valuelist else ""
        self.data = None
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
                self.data = date.fromisoformat(typed)
        except ValueError:
            pass
        if typed and self.data is None:
            raise ValueError(_("Enter a day such as 2026-12-05."))

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError where no day was given."""
        if self.data is None and not self.process_errors:
            raise ValidationError(_("Enter a day such as 2026-12-05."))


class EnumField(RadioField):  # type: ignore[misc]
    """A choice of an enum's values by radio buttons; `none` is the label of a first choice that means None."""

    data: Any  # the parsed value; a valid form always has it

    def __init__(
        self, label: Any = None, *, enum: type[StrEnum], names: dict[Any, Any], none: Any = None, **kwargs: Any
    ) -> None:
        choices = [SelectChoice(one.value, names[one]) for one in enum]
        if none is not None:
            choices.insert(0, SelectChoice("", none))
        super().__init__(label, choices=choices, coerce=_reader(enum), validate_choice=False, **kwargs)
        self.optional = none is not None
        self.unknown = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the chosen value."""
        try:
            self.data = self.coerce(valuelist[0]) if valuelist else None
        except ValueError:
            self.data, self.unknown = None, True

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError where nothing, or nothing known, was chosen."""
        if self.unknown or (self.data is None and not self.optional):
            raise ValidationError(_("Please choose one of these."))


class WeekdaysField(SelectMultipleField):  # type: ignore[misc]
    """Weekdays by check boxes; the data are their numbers, 0 is Monday."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            choices=[SelectChoice(str(day), str(day)) for day in range(7)],
            coerce=str,
            validate_choice=False,
            **kwargs,
        )

    @property
    def chosen(self) -> frozenset[int]:
        """Return the numbers of the ticked weekdays; values that are no weekday are ignored."""
        return frozenset(int(day) for day in self.data or () if day in "0123456" and len(day) == 1)


class LanguagesField(SelectMultipleField):  # type: ignore[misc]
    """Languages of the catalogues by check boxes, in the order in which the application lists them."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    @property
    def names(self) -> dict[str, str]:
        """Return the languages with their names in themselves."""
        return {code: name_of(code) for code in installed()}

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the codes of the ticked languages; others are ignored."""
        return tuple(code for code in installed() if code in (self.data or ()))

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError where no language was ticked."""
        if not self.chosen:
            raise ValidationError(_("Tick at least one language."))
        self.data = list(self.chosen)


class TicksField(SelectMultipleField):  # type: ignore[misc]
    """Some of an enum's values by check boxes, with a label for each; `one_at_least` refuses an empty choice."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(
        self, label: Any = None, *, names: Mapping[Any, str], one_at_least: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(
            label, choices=[SelectChoice(one.value, one.value) for one in names], validate_choice=False, **kwargs
        )
        self.names = names
        self.one_at_least = one_at_least

    def process_data(self, value: Any) -> None:
        """Take values, or the text of a column in which they are separated by commas."""
        super().process_data([one for one in value.split(",") if one] if isinstance(value, str) else value)

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError for a value that is unknown, or where none is ticked and one is needed."""
        if set(self.data or ()) - set(self.names) or (self.one_at_least and not self.data):
            raise ValidationError(_("Please choose one of these."))

    @property
    def chosen(self) -> tuple[Any, ...]:
        """Return the values that are ticked, in the order of the names; unknown ones are left out."""
        return tuple(one for one in self.names if one in (self.data or ()))


class LineList(FieldList):  # type: ignore[misc]
    """Lines of a form by the number in their names; WTForms would trip over `²`, or over 5,000 digits."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        line = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,9}})-")
        return (int(found[1]) for name in formdata if (found := line.match(name)))


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _reader(enum: type[StrEnum]) -> Callable[[Any], StrEnum | None]:
    def read(value: Any) -> StrEnum | None:
        return enum(value) if value not in (None, "") else None

    return read
