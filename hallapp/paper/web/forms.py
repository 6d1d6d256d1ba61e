"""The paper typed in: a row for each group of the day, and rows for those without a booking."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, StringField
from wtforms.validators import Length, ValidationError

from hallapp.accounts.web.session import SignedIn
from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import Described, NumberField, TimeOfDayField, without_controls
from hallapp.desk.service import CLOCK_AHEAD, MOST_PEOPLE, OLDEST
from hallapp.desk.web.forms import NAME_LENGTH
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.kinds.web.current import get_kinds, list_options
from hallapp.ledger.models import DeskEvent
from hallapp.paper import queries, service
from hallapp.paper.queries import PaperDay, PaperLine, WalkInLine
from hallapp.paper.service import Noted
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_origins, name_origin

WALK_IN_ROWS = 6
_FROM = "from_"  # before a division's code in the name of its field


class RowForm(Described, Form):  # type: ignore[misc]
    """The common part of every row: the time on the paper; and errors of the row as a whole."""

    time = TimeOfDayField(_l("Time on paper"), required=False)

    def __init__(self, *args: Any, day: date, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.zone = day, zone
        self.refusals: list[str] = []

    @property
    def touched(self) -> bool:
        """Return whether anything is typed here."""
        return any(typed.raw_data and plain_text(typed) for typed in self.numbers())

    def numbers(self) -> Iterator[Field]:
        """Yield the fields that make a row count; the time alone does so too."""
        yield self.time

    @property
    def occurred_at(self) -> datetime:
        """Return the noted time as an instant."""
        return clock.at(self.day, self.time.data, self.zone)

    def validate_time(self, typed: Field) -> None:
        """Raise ValidationError where the time is missing, is still to come, or is too long ago to be counted."""
        if typed.data is None:
            if self.touched and not typed.process_errors:
                raise ValidationError(_("Enter the time on the paper, such as 09:30."))
            return
        if self.occurred_at > clock.now() + CLOCK_AHEAD:
            raise ValidationError(_("This time is in the future. Correct it, or choose the day before."))
        if self.occurred_at < clock.now() - OLDEST:
            raise ValidationError(
                _("This happened more than 7 days ago, so it can no longer be counted here. Please tell your manager.")
            )

    def check_number(self, typed: Field, people: int | None) -> None:
        """Refuse a time without people, and an impossible number of people. Raises ValidationError."""
        if people is not None and people > MOST_PEOPLE:
            raise ValidationError(_("Enter 1 to %(most)s people.", most=MOST_PEOPLE))
        if self.touched and not people and not any(one.process_errors for one in self.numbers()):
            raise ValidationError(_("Enter how many people came."))


class GroupRow(RowForm):
    """A group that was expected: the number in all, or by division where it comes from several."""

    total = NumberField(_l("People in all"), required=False)

    def __init__(self, *args: Any, line: PaperLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line

    def numbers(self) -> Iterator[Field]:
        """Yield every field of the row."""
        yield from self

    def parts(self) -> list[tuple[str, Field]]:
        """Return the fields by division, with its code."""
        return [(name.removeprefix(_FROM), typed) for name, typed in self._fields.items() if name.startswith(_FROM)]

    def validate_total(self, typed: Field) -> None:
        """Raise ValidationError where no number is given, or the two ways of giving it differ."""
        given = [part.data for _code, part in self.parts() if part.data is not None]
        people = sum(given) if given else typed.data
        self.check_number(typed, people)
        if given and typed.data is not None and typed.data != people:
            raise ValidationError(_("The number in all and the numbers by place differ. Correct one of them."))

    def counts(self) -> dict[str, int]:
        """Return people by division, as they would be counted."""
        given = {code: part.data for code, part in self.parts() if part.data}
        return given or service.share(self.total.data or 0, self.line)


class WalkInRow(RowForm):
    """People without a booking."""

    visitors = NumberField(_l("People"), required=False)
    division = SelectField(_l("From"), choices=[], validate_choice=False)
    kind = SelectField(_l("Kind of group"), choices=[], validate_choice=False)
    organisation = StringField(
        _l("Organisation"),
        filters=[tidy],
        validators=[
            Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
            without_controls,
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.division.choices = [(one.code, one.name) for one in get_origins().choices(language())]
        self.kind.choices = list_options()

    def numbers(self) -> Iterator[Field]:
        """Time, number and name: the choices have a value always."""
        yield from (self.time, self.visitors, self.organisation)

    def validate_visitors(self, typed: Field) -> None:
        """Raise ValidationError where no number is given."""
        self.check_number(typed, typed.data)

    def validate_division(self, typed: Field) -> None:
        """Raise ValidationError for a place that there is not."""
        if typed.data not in get_origins():
            raise ValidationError(_("Please choose one of these."))

    def validate_kind(self, typed: Field) -> None:
        """Raise ValidationError for a kind that there is not."""
        if not get_kinds().is_offered(typed.data):
            raise ValidationError(_("Please choose one of these."))

    def counts(self) -> dict[str, int]:
        """Return people by division, as they would be counted."""
        return {self.division.data: self.visitors.data}


@dataclass(slots=True, kw_only=True)
class PaperRow:
    """A row of the form with its result: `event` is set once it has been counted, now or earlier.

    `walk_ins` are those of the day that are counted, of which a walk-in may be one that somebody enters again.
    """

    key: str
    form: GroupRow | WalkInRow
    event_id: str
    event: DeskEvent | None = None
    fine: bool = True
    walk_ins: frozenset[WalkInLine] = frozenset()

    @property
    def line(self) -> PaperLine | None:
        """Return the group of the row; None for a walk-in."""
        return getattr(self.form, "line", None)

    @property
    def ready(self) -> bool:
        """Return whether it would be counted."""
        return self.fine and self.form.touched and self.event is None

    @property
    def counts(self) -> dict[str, int]:
        """Return people by division, as they would be counted."""
        return self.form.counts()

    @property
    def may_be_counted(self) -> bool:
        """Return whether a walk-in of this time, number and place is counted already, perhaps from the same paper."""
        if not self.ready or self.line:
            return False
        return (self.form.occurred_at, frozenset(self.counts.items())) in self.walk_ins

    def to_noted(self, staff: SignedIn) -> Noted:
        """Return the command of the row."""
        walk_in = self.form if isinstance(self.form, WalkInRow) else None
        return Noted(
            hall_id=staff.hall_id,
            staff_id=staff.id,
            role=staff.role,
            event_id=self.event_id,
            occurred_at=self.form.occurred_at,
            counts=self.counts,
            booking_id=self.line.booking.id if self.line else None,
            known_to_come=self.line.known_to_come if self.line else None,
            kind=walk_in.kind.data if walk_in else INDIVIDUAL,
            organisation=walk_in.organisation.data if walk_in else "",
        )


@dataclass(slots=True, kw_only=True)
class PaperEntry:
    """The whole form: its own number, from which the events' ids follow, and its rows."""

    number: UUID
    day: date
    rows: list[PaperRow] = field(default_factory=list)

    @classmethod
    def of(cls, hall: Hall, day: date, found: PaperDay, sent: MultiDict[str, str] | None = None) -> "PaperEntry":
        """Return the form of a day, empty or as it was sent; rows that were counted before know it."""
        entry = cls(number=_number(sent.get("number", "") if sent else ""), day=day)
        shared: dict[str, Any] = {"day": day, "zone": hall.time_zone}
        for line in found.lines:
            key = line.booking.reference
            entry._add(key, _group_form(line)(sent, prefix=f"{key}-", line=line, **shared))
        for number in range(WALK_IN_ROWS):
            key = f"walk-{number}"
            default = {"division": hall.home_division, "kind": INDIVIDUAL}
            entry._add(key, WalkInRow(sent, prefix=f"{key}-", data=default, **shared))
        events = queries.find_events(hall.id, [row.event_id for row in entry.rows]) if sent else {}
        walk_ins = queries.list_walk_ins(hall.id, day) if sent else frozenset()
        for row in entry.rows:
            row.event, row.walk_ins = events.get(row.event_id), walk_ins
        return entry

    def _add(self, key: str, form: GroupRow | WalkInRow) -> None:
        self.rows.append(PaperRow(key=key, form=form, event_id=service.event_id_of(self.number, key)))

    def validate(self) -> bool:
        """Return whether every filled row that is not counted yet can be counted."""
        for row in self.rows:
            row.fine = row.event is not None or not row.form.touched or row.form.validate()
        return all(row.fine for row in self.rows)

    @property
    def ready(self) -> Sequence[PaperRow]:
        """Return the rows that would be counted."""
        return [row for row in self.rows if row.ready]

    @property
    def counted(self) -> Sequence[PaperRow]:
        """Return the rows that are counted."""
        return [row for row in self.rows if row.event]

    @property
    def digest(self) -> str:
        """Return a digest of the counts that would be entered: a person who confirms it has seen them."""
        seen = [
            (
                row.key,
                sorted(row.counts.items()),
                row.form.occurred_at.isoformat(),
                sorted(row.line.arrived.items()) if row.line else row.may_be_counted,
            )
            for row in self.ready
        ]
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def plain_text(typed: Field) -> str:
    """Return the text of a field, trimmed."""
    return tidy(typed.raw_data[0]) if typed.raw_data else ""


def _group_form(line: PaperLine) -> type[GroupRow]:
    """Return the form of a group's row: fields by division only where there are several."""
    if len(line.divisions) < 2:
        return GroupRow
    parts: Mapping[str, Any] = {
        f"{_FROM}{code}": NumberField(name_origin(code), required=False) for code in line.divisions
    }
    return type("GroupRowByDivision", (GroupRow,), dict(parts))


def _number(sent: str) -> UUID:
    try:
        return UUID(sent)
    except (ValueError, AttributeError):
        return uuid4()
