"""Reads of online sessions and of the ledger of the audience."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from hallapp.booking.models import AGREED, Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.i18n import gettext as _
from hallapp.core.texts import Texts
from hallapp.online.models import Audience, OnlineBeat, OnlineQuestion, OnlineSession, OnlineViewer, QuestionState
from hallapp.origins.values import division_in_sql
from hallapp.privacy.notice import tells
from hallapp.schedule.models import Hall, Mode, Programme, Slot


class Sum(NamedTuple):
    """People of an audience, each once for each session, and their minutes."""

    people: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSum:
    """The audience of one session; `peak` is 0 where only a list was imported."""

    programme: str
    name: Texts
    starts_at: datetime
    people: int
    minutes: int
    peak: int


def sum_audience(hall_id: int, first: date, end: date) -> Sum:
    """Return the audience of the days from `first` up to `end`."""
    return Sum(*map(int, db.session.execute(_sums(hall_id, first, end)).one()))


def sum_divisions(hall_id: int, first: date, end: date) -> dict[str, Sum]:
    """Return the audience of some days by division."""
    division = division_in_sql(Audience.division)
    rows = db.session.execute(_sums(hall_id, first, end).add_columns(division).group_by(division).order_by(division))
    return {code: Sum(int(people), int(minutes)) for people, minutes, code in rows}


def list_session_sums(hall_id: int, first: date, end: date) -> list[SessionSum]:
    """Return the audience of each session of some days, by time."""
    rows = db.session.execute(
        _sums(hall_id, first, end)
        .add_columns(Programme.slug, Programme.name, Slot.starts_at, func.coalesce(func.max(OnlineSession.peak), 0))
        .join(Slot, Slot.id == Audience.slot_id)
        .join(Programme, Programme.id == Audience.programme_id)
        .outerjoin(
            OnlineSession, (OnlineSession.hall_id == Audience.hall_id) & (OnlineSession.slot_id == Audience.slot_id)
        )
        .group_by(Slot.id, Slot.starts_at, Programme.slug, Programme.name)
        .order_by(Slot.starts_at, Slot.id)
    )
    return [
        SessionSum(programme=slug, name=name, starts_at=at, people=int(people), minutes=int(minutes), peak=int(peak))
        for people, minutes, slug, name, at, peak in rows
    ]


def _sums(hall_id: int, first: date, end: date) -> Select[int, int]:
    return select(func.coalesce(func.sum(Audience.people), 0), func.coalesce(func.sum(Audience.minutes), 0)).where(
        Audience.hall_id == hall_id, Audience.day >= first, Audience.day < end
    )


def find_session(hall_id: int, slot_id: int) -> OnlineSession:
    """Return the settings of a session; a new row where the hall has set nothing yet."""
    found = db.session.get(OnlineSession, (hall_id, slot_id))
    return found or OnlineSession(hall_id=hall_id, slot_id=slot_id, stream="", recording="", peak=0)


def get_slot(hall_id: int, slot_id: int) -> Slot:
    """Return a session of an online programme of this hall. Raises NoResultFound."""
    query = select(Slot).join(Slot.programme).options(contains_eager(Slot.programme).joinedload(Programme.hall))
    return db.session.scalars(
        query.where(Slot.hall_id == hall_id, Slot.id == slot_id, Programme.mode == Mode.ONLINE)
    ).one()


def count_waiting(hall_id: int, first: date, end: date) -> int:
    """Return how many sessions of some days have screens whose presence has not been counted yet."""
    waiting = select(func.count(OnlineViewer.slot_id.distinct())).join(Slot, Slot.id == OnlineViewer.slot_id)
    return db.session.scalar(waiting.where(OnlineViewer.hall_id == hall_id, Slot.day >= first, Slot.day < end)) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session as the hall's list shows it: registered people, and those of the ledger."""

    slot: Slot
    session: OnlineSession | None
    registered: int
    people: int


def list_sessions(hall_id: int, first: date, last: date) -> list[SessionLine]:
    """Return the open sessions, and those with registrations, of the days `first` to `last`, by time."""
    return _list_lines(Slot.hall_id == hall_id, Slot.day.between(first, last), Slot.open | (Slot.visitors_booked > 0))


def get_line(slot: Slot) -> SessionLine:
    """Return a session as the list shows it, also one that is closed and has no registrations."""
    return _list_lines(Slot.hall_id == slot.hall_id, Slot.id == slot.id)[0]


def _list_lines(*conditions: ColumnElement[bool]) -> list[SessionLine]:
    registered = (
        select(func.coalesce(func.sum(Booking.visitors), 0))
        .where(Booking.slot_id == Slot.id, Booking.state.in_(AGREED))
        .scalar_subquery()
    )
    counted = select(func.coalesce(func.sum(Audience.people), 0)).where(Audience.slot_id == Slot.id).scalar_subquery()
    rows = db.session.execute(
        select(Slot, OnlineSession, registered, counted)
        .join(Slot.programme)
        .outerjoin(OnlineSession, (OnlineSession.hall_id == Slot.hall_id) & (OnlineSession.slot_id == Slot.id))
        .options(contains_eager(Slot.programme))
        .where(Programme.mode == Mode.ONLINE, *conditions)
        .order_by(Slot.starts_at, Slot.id)
    )
    return [
        SessionLine(slot=slot, session=session, registered=int(people), people=int(audience))
        for slot, session, people, audience in rows
    ]


def list_viewers(booking: Booking) -> Sequence[OnlineViewer]:
    """Return the screens of a booking that follow its session."""
    return db.session.scalars(
        select(OnlineViewer).where(
            OnlineViewer.hall_id == booking.hall_id,
            OnlineViewer.booking_id == booking.id,
            OnlineViewer.slot_id == booking.slot_id,
        )
    ).all()


def list_questions(hall_id: int, slot_id: int) -> Sequence[OnlineQuestion]:
    """Return the questions of a session, the oldest first."""
    return db.session.scalars(
        select(OnlineQuestion)
        .where(OnlineQuestion.hall_id == hall_id, OnlineQuestion.slot_id == slot_id)
        .options(joinedload(OnlineQuestion.booking))
        .order_by(OnlineQuestion.asked_at, OnlineQuestion.number)
    ).all()


def list_own_questions(booking: Booking) -> list[OnlineQuestion]:
    """Return the questions that a booking has asked, of any session, the oldest first."""
    query = select(OnlineQuestion).where(
        OnlineQuestion.hall_id == booking.hall_id, OnlineQuestion.booking_id == booking.id
    )
    return list(db.session.scalars(query.order_by(OnlineQuestion.asked_at, OnlineQuestion.number)))


@tells
def tell_notice(hall: Hall) -> list[tuple[str, str]]:
    """Return what the privacy notice says of online programmes, where the hall has one."""
    query = select(Programme.id).where(Programme.hall_id == hall.id, Programme.active, Programme.mode == Mode.ONLINE)
    if db.session.scalar(query.limit(1)) is None:
        return []
    return [
        (
            _("That a screen follows an online programme: a random number of it, until the programme is counted"),
            _("To count the audience and its minutes by place of origin"),
        ),
        (_("Questions to the host of an online programme"), _("To answer them; the audience sees no name")),
    ]


def list_shown_questions(booking: Booking) -> list[OnlineQuestion]:
    """Return the questions that the audience sees, and those of this booking."""
    public = (QuestionState.SHOWN, QuestionState.ANSWERED)
    found = list_questions(booking.hall_id, booking.slot_id)
    return [one for one in found if one.state in public or one.booking_id == booking.id]


def count_present(slot: Slot) -> int:
    """Return the screens that have followed a session in the last two minutes; before its start, those that joined."""
    minute = int((clock.now() - slot.starts_at).total_seconds() // 60)
    if minute < 0:
        joined = select(func.count()).where(OnlineViewer.hall_id == slot.hall_id, OnlineViewer.slot_id == slot.id)
        return db.session.scalar(joined) or 0
    return int(
        db.session.scalar(
            select(func.count(OnlineBeat.device.distinct())).where(
                OnlineBeat.hall_id == slot.hall_id,
                OnlineBeat.slot_id == slot.id,
                OnlineBeat.minute.between(minute - 1, minute),
            )
        )
        or 0
    )


def list_of_session(hall_id: int, slot_id: int) -> dict[str, Sum]:
    """Return the audience of one session by division."""
    division = division_in_sql(Audience.division)
    rows = db.session.execute(
        select(division, func.sum(Audience.people), func.sum(Audience.minutes))
        .where(Audience.hall_id == hall_id, Audience.slot_id == slot_id)
        .group_by(division)
        .order_by(func.sum(Audience.people).desc(), division)
    )
    return {code: Sum(int(people), int(minutes)) for code, people, minutes in rows}
