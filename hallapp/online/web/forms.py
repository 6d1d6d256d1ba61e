"""Forms of online sessions: who watches on a screen, a question to the host, and what the hall sets."""

import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length

from hallapp.accounts.web.forms import StaffForm
from hallapp.booking.models import Booking
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import without_controls
from hallapp.online import lists
from hallapp.online.errors import ListEmpty, ListTooLarge
from hallapp.online.lists import FILE_BYTES_MOST, Blanks, Choices, ParticipantList, Repeats
from hallapp.online.models import TEXT_LENGTH, URL_LENGTH, Relation
from hallapp.origins.values import OriginSet

_LONG = _l("Please shorten this to %(max)d characters.")
_HEADING = 80
E = TypeVar("E", bound=StrEnum)


class QuestionForm(StaffForm):
    """A question to the host."""

    shown_last = "text"
    text = StringField(
        _l("Your question to the host"),
        [without_controls, Length(max=TEXT_LENGTH, message=_LONG)],
        render_kw={"maxlength": TEXT_LENGTH, "autocomplete": "off"},
    )


class SessionForm(StaffForm):
    """The addresses of a session."""

    shown_last = "stream"
    stream = StringField(
        _l("Address of the stream"),
        [Length(max=URL_LENGTH, message=_LONG)],
        render_kw={"inputmode": "url", "maxlength": URL_LENGTH, "autocomplete": "off"},
    )
    recording = StringField(
        _l("Address of the recording"),
        [Length(max=URL_LENGTH, message=_LONG)],
        render_kw={"inputmode": "url", "maxlength": URL_LENGTH, "autocomplete": "off"},
    )
    following = BooleanField(_l("Use this stream for later sessions of the programme that have none"))


class ListForm(StaffForm):
    """A platform's list of participants, and the answers to its questions."""

    shown_last = "file"
    file = FileField(_l("List of participants (XLSX, XLS or CSV)"))
    person = StringField(_l("Heading of the column with the names"), [Length(max=_HEADING, message=_LONG)])
    minutes = StringField(_l("Heading of the column with the minutes"), [Length(max=_HEADING, message=_LONG)])
    place = StringField(_l("Heading of the column with the places of origin"), [Length(max=_HEADING, message=_LONG)])
    unknown = BooleanField(_l("Places that are missing or not known count as not stated"))
    without_minutes = BooleanField(_l("The list has no minutes: only its people are counted"))
    repeats = RadioField(_l("Rows with the same name"), validate_choice=False, default="")
    blanks = RadioField(_l("Rows without minutes"), validate_choice=False, default="")
    relation = RadioField(_l("People who are counted already"), validate_choice=False, default="")

    def offer(self) -> None:
        """Offer the answers."""
        self.repeats.choices = [
            (Repeats.ONE.value, _("One person, who joined again")),
            (Repeats.SEVERAL.value, _("Different people")),
        ]
        self.blanks.choices = [
            (Blanks.ABSENT.value, _("They registered only: they are left out")),
            (Blanks.PRESENT.value, _("They took part: they count without minutes")),
        ]
        self.relation.choices = [
            (Relation.INSTEAD.value, _("The same people: the list replaces them")),
            (Relation.BESIDES.value, _("Other people: the list is added")),
        ]

    def read(self, origins: OriginSet) -> ParticipantList:
        """Return what the file holds. Raises FileRefused, ListUnclear."""
        upload = self.file.data
        content = upload.read(FILE_BYTES_MOST + 1) if upload else b""
        if not content:
            raise ListEmpty
        if len(content) > FILE_BYTES_MOST:
            raise ListTooLarge
        choices = Choices(
            person=self.person.data or "",
            minutes=self.minutes.data or "",
            place=self.place.data or "",
            repeats=_member(Repeats, self.repeats.data),
            blanks=_member(Blanks, self.blanks.data),
            unknown=self.unknown.data,
            without_minutes=self.without_minutes.data,
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            return lists.read(Path(file.name), upload.filename or "", origins, choices)

    @property
    def chosen_relation(self) -> Relation | None:
        """Return the relation that was chosen, or None."""
        return _member(Relation, self.relation.data)


def _member(choices: type[E], text: str | None) -> E | None:
    return choices(text) if text in set(choices) else None


def read_people(booking: Booking, form: MultiDict[str, str]) -> Mapping[str, int]:
    """Return the people before a screen by place: the whole booking where it is one person, else the numbers typed.

    A number that cannot be read counts as less than nobody, which is refused.
    """
    if booking.visitors == 1:
        return {booking.origins[0].division: 1}
    return {origin.division: _number(form.get(f"people-{origin.division}", "")) for origin in booking.origins}


def _number(text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1
