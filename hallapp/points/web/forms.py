"""The forms of service points: entries, appeals, answers, and the scheme of a hall."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from wtforms import BooleanField, Field, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.accounts.models import Staff
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import plain, tidy, visible
from hallapp.core.web.fields import DayField, EnumField, NumberField, SelectField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.points import models
from hallapp.points.measures import MEASURES
from hallapp.points.models import GROUP_NAMES, PointGroup, PointIndex
from hallapp.points.service import Enter
from hallapp.points.setup import SINCE_NAMES, SaveIndex, Since
from hallapp.points.values import HUNDREDTHS, Index
from hallapp.schedule.models import Hall

_POINTS = re.compile(r"(-?)([0-9]{1,5})(?:\.([0-9]{1,2}))?", re.ASCII)
_MOST_TIMES = 1000
_CHOOSE = _l("Please choose one of these.")


def _shown(names: Mapping[Any, str]) -> dict[Any, Any]:
    """Return names that are translated when they are shown."""
    return {value: _l(name) for value, name in names.items()}


def _words(label: Any, *, required: Any = None) -> TextAreaField:
    needed = [] if required is None else [DataRequired(required)]  # its truth would translate it
    length = Length(max=models.WORDS_LENGTH, message=_l("Please shorten this to %(max)d characters."))
    return TextAreaField(label, filters=[tidy], validators=[*needed, without_controls, length])


class PointsField(StringField):  # type: ignore[misc]
    """Points with at most two decimals, such as 0.25 or -1; the value is in hundredths. Empty is None."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return visible(self.raw_data[0])
        if self.data is None:
            return ""
        whole, rest = divmod(abs(self.data), HUNDREDTHS)
        return f"{'-' if self.data < 0 else ''}{whole}" + (f".{rest:02}" if rest else "")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read points. Raises ValueError for anything else."""
        typed = plain(valuelist[0]).replace("−", "-") if valuelist else ""
        self.data = None
        if not typed:
            return
        found = _POINTS.fullmatch(typed)
        if not found:
            raise ValueError(_("Enter points with at most two decimals, such as 2 or 0.25."))
        hundredths = int(found[2]) * HUNDREDTHS + int((found[3] or "").ljust(2, "0"))
        self.data = -hundredths if found[1] else hundredths


class EntryForm(RefusableForm):
    """An act of a person that no record shows, with its evidence."""

    code = SelectField(_l("Index"), choices=[], default="")
    day = DayField(_l("Day"))
    times = NumberField(_l("How many"), default=1)
    evidence = _words(_l("Evidence"), required=_l("Enter what shows it, such as the number of a certificate."))

    def offer(self, indexes: Iterable[Index]) -> Self:
        """Offer these indexes; return the form."""
        choices = [SelectChoice(one.code, one.name(language()), optgroup=_(GROUP_NAMES[one.group])) for one in indexes]
        self.code.choices = [SelectChoice("", _("Choose an index")), *choices]
        return self

    def validate_code(self, field: Field) -> None:
        """Require an index. Raises ValidationError."""
        if not field.data:
            raise ValidationError(_CHOOSE)

    def validate_times(self, field: Field) -> None:
        """Require a number from 1 on. Raises ValidationError."""
        if field.data is not None and not 1 <= field.data < _MOST_TIMES:
            raise ValidationError(_("Enter a number from %(least)s to %(most)s.", least=1, most=_MOST_TIMES - 1))

    def to_command(self, hall: Hall, *, by: int, staff_id: int) -> Enter:
        """Return the command for the service. The form must have been found valid."""
        return Enter(
            hall=hall,
            by=by,
            staff_id=staff_id,
            code=self.code.data,
            day=self.day.data,
            times=self.times.data,
            evidence=self.evidence.data,
        )


class AppealForm(RefusableForm):
    """The words of an appeal."""

    shown_last = "words"
    words = _words(_l("What is wrong?"), required=_l("Enter what is wrong with this line."))


class AnswerForm(RefusableForm):
    """The answer to an appeal."""

    shown_last = "answer"
    answer = _words(_l("Your reply"), required=_l("Enter an answer. The person reads it."))


class DecisionForm(RefusableForm):
    """The decision on an entry; words are needed if it is rejected."""

    shown_last = "answer"
    answer = _words(_l("Your reply"))


class PersonForm(RefusableForm):
    """An account to be added to the people with service points."""

    shown_last = "account"
    account = SelectField(_l("Account"), choices=[], default="")

    def offer(self, accounts: Iterable[Staff]) -> Self:
        """Offer these accounts; return the form."""
        self.account.choices = [
            SelectChoice("", _("Choose an account")),
            *(SelectChoice(str(one.id), one.name) for one in accounts),
        ]
        return self

    def validate_account(self, field: Field) -> None:
        """Require an account. Raises ValidationError."""
        if not field.data:
            raise ValidationError(_CHOOSE)


class SettingForm(RefusableForm):
    """The switch by which a hall gives service points."""

    open = BooleanField(_l("This hall gives service points"))


class IndexForm(WithTexts, RefusableForm):
    """An index of a hall's scheme; `measured` is set where it is counted from records."""

    holds = EnumField(_l("Takes effect"), enum=Since, names=_shown(SINCE_NAMES))
    group = EnumField(_l("Group"), enum=PointGroup, names=_shown(GROUP_NAMES))
    name: Any = TextsField(
        _l("Name"),
        validators=[
            without_controls,
            Length(max=models.NAME_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
        ],
    )
    weight = PointsField(_l("Points for each"))
    most = PointsField(_l("Limit of a quarter"))
    threshold = NumberField(_l("Threshold"), required=False)
    active = BooleanField(_l("Counts"))
    measure: str | None = None

    @classmethod
    def of(cls, row: PointIndex | None) -> Self:
        """Return the form with an index as it is, or for a new one."""
        if row is None:
            return cls(formdata=None, data={"holds": Since.RUNNING, "group": PointGroup.CONTRIBUTION, "active": True})
        return cls(formdata=None, obj=row, data={"holds": Since.RUNNING}).counted_by(row)

    def counted_by(self, row: PointIndex | None) -> Self:
        """Take the measure of the index, which no form changes; return the form."""
        self.measure = row.measure if row else None
        return self

    @property
    def threshold_name(self) -> str | None:
        """Return what the threshold is, as a message id; None where the measure has none."""
        return MEASURES[self.measure].threshold if self.measure in MEASURES else None

    def validate_weight(self, field: Field) -> None:
        """Require points. Raises ValidationError."""
        if not field.data and not field.process_errors:
            raise ValidationError(_("Enter the points for each one. They may be negative, but not 0."))

    def validate_most(self, field: Field) -> None:
        """Accept no limit, or one above 0. Raises ValidationError."""
        if field.data is not None and field.data <= 0:
            raise ValidationError(_("A limit is more than 0. Leave the field empty for no limit."))

    def validate_threshold(self, field: Field) -> None:
        """Require a threshold where the measure needs one. Raises ValidationError."""
        if self.threshold_name and not field.data:
            raise ValidationError(_("Enter a whole number from 1."))

    def to_command(self, hall: Hall, *, by: int, code: str | None) -> SaveIndex:
        """Return the command for the service. The form must have been found valid."""
        return SaveIndex(
            hall=hall,
            by=by,
            code=code,
            since=self.holds.data,
            group=self.group.data,
            name=self.name.data,
            threshold=self.threshold.data if self.threshold_name else None,
            weight=self.weight.data,
            most=self.most.data,
            active=self.active.data,
        )
