"""Open tasks for the demonstration's manager: requests to answer, a waiting list, an open offer."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hallapp.booking import service
from hallapp.booking.commands import Origins
from hallapp.booking.lifecycle import ORGANISER, By, by_staff
from hallapp.booking.models import Booking, Source
from hallapp.core.database import db
from hallapp.demo.groups import Request
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.policy import Confirmation

_PROGRAMME = "themed-session"
_DAYS_AWAY = 15  # beyond the days of the story


def fill(hall: Hall, requests: Sequence[Request], *, manager: int) -> None:
    """Let the hall review one programme, and let groups ask for it, wait for it, and be offered a place in it."""
    programme = next(one for one in hall.programmes if one.slug == _PROGRAMME)
    programme.confirmation = Confirmation.REVIEW
    db.session.flush()
    slots = iter(_slots(programme))
    groups = (request for request in requests if 10 <= request.visitors <= 60)
    staff = by_staff(manager)
    full, freed = next(slots), next(slots)
    _ask(next(slots), next(groups))
    _ask(next(slots), next(groups))
    service.decline(_ask(next(slots), next(groups)), by=staff, reply="当天主题教室有接待任务，请改约其他日期。")
    _book_out(full, next(groups), by=staff)
    _ask(full, next(groups), wait=True)
    _ask(full, next(groups), wait=True)
    goes = _book_out(freed, next(groups), by=staff)
    _ask(freed, next(groups), wait=True)
    service.cancel(goes, by=staff, reply="")


def _slots(programme: Programme) -> Iterator[Slot]:
    first = programme.hall.today() + timedelta(days=_DAYS_AWAY)
    query = (
        select(Slot)
        .where(Slot.programme_id == programme.id, Slot.day >= first, Slot.open)
        .options(joinedload(Slot.programme))
        .order_by(Slot.starts_at)
    )
    yield from db.session.scalars(query)


def _ask(slot: Slot, request: Request, *, wait: bool = False) -> Booking:
    return _place(slot, request, tuple(request.origins.items()), by=ORGANISER, wait=wait)


def _book_out(slot: Slot, request: Request, *, by: By) -> Booking:
    """Return a group that takes every place."""
    return _place(slot, request, (("440000", slot.visitor_capacity),), by=by)


def _place(slot: Slot, request: Request, origins: Origins, *, by: By, wait: bool = False) -> Booking:
    return service.place(
        service.PlaceBooking(
            hall_id=slot.hall_id,
            slot_id=slot.id,
            organisation=request.organisation,
            kind=request.kind,
            contact_name=request.contact,
            phone=request.phone,
            email=request.email,
            origins=origins,
            note=request.note,
            language=request.language,
            submission=secrets.token_hex(16),
            consented=True,
            source=Source.ONLINE if by is ORGANISER else Source.PHONE,
            by=by,
            wait=wait,
            duplicate_accepted=True,
        )
    )
