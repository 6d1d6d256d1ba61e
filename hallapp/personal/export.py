"""Everything that is stored about a person as one ZIP: `data.json`, the passes and the files of answers.

The names in `data.json` are those of the columns, in English, so that programs can read the file in every hall.
Sources: Personal Information Protection Law of the PRC, article 45; General Data Protection Regulation of the EU,
articles 15 and 20.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, select

from hallapp.booking import answers, arrivals, blocks
from hallapp.booking import queries as bookings
from hallapp.booking.appeals import list_own_appeals
from hallapp.booking.models import Block, Booking
from hallapp.certificates import queries as certificates
from hallapp.core import clock, runtime
from hallapp.core.database import db
from hallapp.delegations import queries as delegations
from hallapp.feedback.queries import find_feedback
from hallapp.ledger.models import DeskEvent, WalkIn
from hallapp.namelist.models import Person
from hallapp.namelist.queries import list_people
from hallapp.notifications import kinds
from hallapp.notifications import queries as outbox
from hallapp.notifications.models import OutboxMessage
from hallapp.online.queries import list_own_questions
from hallapp.passes import codes, pdf
from hallapp.passes import service as passes
from hallapp.passes.queries import get_current_pass
from hallapp.passes.sheet import sheet_of
from hallapp.questions.queries import find_file
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall
from hallapp.talks.models import Talk

_BOOKING = (
    *("reference", "state", "source", "organisation", "kind", "contact_name", "phone", "email", "note"),
    *("language", "tour_language", "visitors", "guides", "consented_at", "privacy", "created_at", "cancelled_at"),
    *("reply", "guide_note", "over_limit", "network", "categories", "resources", "party", "series"),
)
_MESSAGE = ("kind", "channel", "recipient", "subject", "body", "state", "created_at", "sent_at")
_DELEGATION = ("level", "leader", "hosts", "welcome", "welcome_agreed", "vehicles")
_FEEDBACK = ("stars_visit", "stars_guide", "line", "given_at")
_QUESTION = ("text", "answer", "asked_at")
_APPEAL = ("words", "made_at", "state", "answer", "answered_at")
_TALK = (
    *("number", "state", "mode", "language", "starts_at", "ends_at", "division", "guest", "phone", "email", "wish"),
    *("reason", "stars", "comment", "made_at", "privacy"),
)
_PAUSE = ("consequence", "absences", "since", "until", "forgiven", "lifted_at", "lift_reason")
_BLOCK = ("number", "phone", "organisation", "reason", "made_at", "until", "lifted_at")
_CERTIFICATE = ("code", "day", "organisation", "people", "issued_at", "replaced_at")
_DESK_EVENT = ("kind", "occurred_at", "override", "reason")
_EVENT = ("at", "verb", "actor", "before", "after", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of a hall about one person: as the contact, on lists of names, and as individuals without a booking.

    `talks` are those that the person has booked as a guest, `blocks` entries of the block list,
    and `messages` those that went to an address of the person about somebody's booking, or about none.
    """

    bookings: Sequence[Booking] = ()
    people: Sequence[Person] = ()
    walk_ins: Sequence[WalkIn] = ()
    talks: Sequence[Talk] = ()
    blocks: Sequence[Block] = ()
    messages: Sequence[OutboxMessage] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def write(hall: Hall, found: Found) -> bytes:
    """Return the ZIP of what was found about a person."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(_content(hall, found), ensure_ascii=False, indent=1, default=_plain))
        for booking in found.bookings:
            for name, content in _files(booking):
                file.writestr(name, content)
    return archive.getvalue()


def _content(hall: Hall, found: Found) -> dict[str, Any]:
    arrived = arrivals.count_arrived([booking.id for booking in found.bookings])
    lines = answers.list_lines(found.bookings)
    return {
        "format": 1,
        "exported_at": clock.now(),
        "hall": {"name": dict(hall.name), "address": dict(hall.address), "phone": hall.phone},
        "bookings": [
            _values(one, _BOOKING)
            | _parts(one)
            | {
                "arrived": arrived.get(one.id, 0),
                "answers": [{"question": line.question, "answer": line.answer} for line in lines[one.id]],
            }
            for one in found.bookings
        ],
        "list_entries": [_visit(db.session.get_one(Booking, one.booking_id)) | _person(one) for one in found.people],
        "walk_ins": [
            _values(one, ("id", "kind", "organisation")) | {"arrivals": _arrivals(DeskEvent.walk_in_id == one.id)}
            for one in found.walk_ins
        ],
        # The note belongs to guest and host, so it is on the page of the talk only.
        "talks": [_values(one, _TALK) | {"host": one.host.name} for one in found.talks],
        "messages": [_message(one) for one in found.messages],
        "blocks": [_values(one, _BLOCK) for one in _blocks(hall, found)],
    }


def _parts(booking: Booking) -> dict[str, Any]:
    """Return what other tables have about a booking."""
    delegation, feedback = delegations.find(booking), find_feedback(booking.id)
    return {
        "visit": _visit(booking),
        "origins": {origin.division: origin.visitors for origin in booking.origins},
        "access": json.loads(booking.access.to_json() or "{}"),
        "people": [_person(person) for person in list_people(booking.id)],
        "delegation": delegation and _values(delegation, _DELEGATION),
        "feedback": feedback and _values(feedback, _FEEDBACK),
        "online_questions": [_values(one, _QUESTION) for one in list_own_questions(booking)],
        "appeals": [_values(appeal, _APPEAL) for appeal in list_own_appeals(booking)],
        "arrivals": _arrivals(DeskEvent.booking_id == booking.id),
        "certificates": [_values(one, _CERTIFICATE) for one in certificates.list_of_booking(booking)],
        "pauses": [_values(one, _PAUSE) for one in bookings.list_pauses_after(booking.id)],
        "history": [_values(event, _EVENT) for event in bookings.list_events(booking)],
        "messages": [_message(one) for one in outbox.list_of_booking(booking.hall_id, booking.id)],
    }


def _arrivals(of_group: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Return what a desk recorded about a group, with the number of people; fewer than none were taken back."""
    events = db.session.scalars(select(DeskEvent).where(of_group).order_by(DeskEvent.id))
    return [_values(one, _DESK_EVENT) | {"people": sum(row.visitors for row in one.arrivals)} for one in events]


def _blocks(hall: Hall, found: Found) -> Sequence[Block]:
    """Return the chosen entries of the block list, and those with the phone of a chosen booking, by number."""
    phones = {booking.phone for booking in found.bookings if booking.phone}
    named = {one.number: one for phone in phones for one in blocks.find_of_person(hall.id, phone=phone)}
    return [one for _number, one in sorted((named | {one.number: one for one in found.blocks}).items())]


def _visit(booking: Booking) -> dict[str, Any]:
    slot = booking.slot
    return _values(slot, ("day", "starts_at", "ends_at")) | {"programme": dict(slot.programme.name)}


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name} | dict(person.extra)


def _message(message: OutboxMessage) -> dict[str, Any]:
    """Return a message; a text that opens something, such as a code, is left out."""
    kind = kinds.find_kind(message.kind)
    values = _values(message, _MESSAGE)
    return values | {"body": None} if kind is not None and kind.secret else values


def _files(booking: Booking) -> Iterator[tuple[str, bytes]]:
    if passes.entitles(booking):
        code = codes.sign(get_current_pass(booking.id).token, runtime.settings().secret_keys)
        text = codes.qr_text(code, base_url(booking.hall))
        yield f"pass-{booking.reference}.pdf", pdf.render(sheet_of(booking, qr_text=text, language=booking.language))
    for line in answers.list_lines([booking])[booking.id]:
        file = find_file(booking.hall_id, booking.id, line.number) if line.is_file else None
        if file is not None:
            kind, content = file
            yield f"answer-{booking.reference}-{line.number}.{kind}", content


def _values(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _plain(value: object) -> Any:
    """Return a value that JSON does not know as one that it knows."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value)} in an export")
