"""Book talks, cancel them, record what became of them, and erase them after the promised time."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from hallapp.booking import groups
from hallapp.booking.errors import NotOnline
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk import service as desk
from hallapp.desk.errors import AlreadyTakenBack
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.notifications import service as notifications
from hallapp.privacy.notice import get_notice, keep
from hallapp.schedule.errors import TimesWouldMeet
from hallapp.schedule.models import Hall, Programme
from hallapp.schedule.regions import keep_clock, zone_changing
from hallapp.talks import queries
from hallapp.talks.errors import NoTalks, NoteChanged, PlaceNeeded, TalkClosed, TalkPaused, TalkTaken, TooManyTalks
from hallapp.talks.messages import tell_booked, tell_cancelled, tell_held
from hallapp.talks.models import Talk, TalkMode, TalkSetting, TalkState
from hallapp.talks.times import Opening

#: The number of days after the talk in which feedback is accepted.
FEEDBACK_DAYS = 30


class By(StrEnum):
    """The people who can cancel a talk."""

    GUEST = "guest"
    HOST = "host"
    HALL = "hall"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTalk:
    """The command that books a talk; `host` is None where the guest takes whoever is free at that time."""

    hall: Hall
    submission: str
    starts_at: datetime
    host: int | None
    mode: TalkMode
    language: str
    page_language: str
    guest: str
    phone: str
    email: str | None
    division: str
    wish: str


def book(command: BookTalk) -> Talk:
    """Book a talk; needs a transaction. The same form sent twice is one talk.

    All bookings of talks of a hall follow one another on the row of its rules, so that no host is booked twice.

    Raises:
        NoTalks: the hall offers none. PlaceNeeded: a guest at the hall did not say where from.
        NotOnline: the phone number is on the block list. TalkPaused, TooManyTalks: it may not book now.
        TalkTaken: nobody is free at that time.
    """
    hall = command.hall
    setting = _hold(hall.id)
    same = (Talk.hall_id == hall.id, Talk.submission == command.submission)
    present = db.session.scalar(select(Talk).where(*same))
    if present is not None:
        return present
    _check(command, setting)
    found, notice = _find_opening(command, setting), get_notice(hall.id)
    keep(notice)
    talk = Talk(
        hall_id=hall.id,
        number=(db.session.scalar(select(func.max(Talk.number)).where(Talk.hall_id == hall.id)) or 0) + 1,
        key=secrets.token_urlsafe(32),
        submission=command.submission,
        host_number=found.host,
        chosen=command.host is not None,
        mode=command.mode,
        language=command.language,
        page_language=command.page_language,
        day=found.day,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        division=command.division,
        guest=command.guest,
        phone=command.phone,
        email=command.email,
        wish=command.wish,
        made_at=clock.now(),
        privacy=notice.digest,
    )
    db.session.add(talk)
    db.session.flush()
    tell_booked(talk)
    return talk


def cancel(talk: Talk, *, reason: str = "", by: By = By.GUEST) -> None:
    """Cancel a talk before it begins; its time is free again. The others of guest and host are told.

    Raises:
        TalkClosed: it has begun, or is not booked any more.
    """
    _hold(talk.hall_id)
    db.session.refresh(talk)
    if talk.state is not TalkState.BOOKED or talk.starts_at <= clock.now():
        raise TalkClosed
    talk.state, talk.reason = TalkState.CANCELLED, reason
    db.session.flush()
    tell_cancelled(talk, guest=by is not By.GUEST, host=by is not By.HOST)


def record_held(talk: Talk, *, staff_id: int) -> None:
    """Record that a talk took place; a guest at the hall is counted as a visitor of that day.

    Raises:
        TalkClosed: it has not begun, was cancelled, or is recorded as held already.
        desk.errors.Refusal: the visitor cannot be counted any more.
    """
    _hold(talk.hall_id)
    db.session.refresh(talk)
    if talk.state not in (TalkState.BOOKED, TalkState.MISSED) or talk.starts_at > clock.now():
        raise TalkClosed
    talk.state = TalkState.HELD
    if may_rate(talk):
        tell_held(talk)
    if talk.mode is TalkMode.ON_SITE:
        talk.event_id = str(uuid4())
        desk.admit_walk_in(
            desk.AdmitWalkIn(
                hall_id=talk.hall_id,
                staff_id=staff_id,
                event_id=talk.event_id,
                occurred_at=talk.starts_at,
                is_dated=True,
                programme=_programme_of(talk).slug,
                counts={talk.division: 1},
            )
        )
    db.session.flush()


def record_missed(talk: Talk, *, staff_id: int) -> None:
    """Record that the guest did not come or answer; a visitor who was counted by mistake is taken back.

    Raises:
        TalkClosed: it has not begun, was cancelled, or is recorded as missed already.
    """
    _hold(talk.hall_id)
    db.session.refresh(talk)
    if talk.state not in (TalkState.BOOKED, TalkState.HELD) or talk.starts_at > clock.now():
        raise TalkClosed
    if talk.event_id:
        with suppress(AlreadyTakenBack):  # by the desk
            desk.take_back(desk.TakeBack(hall_id=talk.hall_id, staff_id=staff_id, event_id=talk.event_id))
    talk.state, talk.event_id, talk.stars, talk.comment = TalkState.MISSED, None, None, ""
    db.session.flush()


@zone_changing.connect
def keep_times(hall: Hall, *, time_zone: str, dry: bool) -> int:
    """Give the talks to come the moment at which the clock of another time zone shows their time; return their number.

    If `dry`, only count them. Raises TimesWouldMeet where a host would have two talks at one moment.
    """
    to_come = (Talk.hall_id == hall.id, Talk.state == TalkState.BOOKED, Talk.starts_at > clock.now())
    if dry:
        return db.session.scalar(select(func.count()).where(*to_come)) or 0
    db.session.scalar(select(TalkSetting).where(TalkSetting.hall_id == hall.id).with_for_update())
    talks = list(db.session.scalars(select(Talk).where(*to_come).order_by(Talk.starts_at)))
    moved = [keep_clock(hall, time_zone, talk.starts_at, talk.ends_at) for talk in talks]
    pairs = list(zip(talks, moved, strict=True))
    if pairs and pairs[0][1]["starts_at"] > pairs[0][0].starts_at:  # so that none meets one that has not moved
        pairs.reverse()
    try:
        for talk, moments in pairs:
            talk.starts_at, talk.ends_at = moments["starts_at"], moments["ends_at"]
            db.session.flush()
    except IntegrityError:  # it meets one that has begun, which stays
        raise TimesWouldMeet from None
    return len(talks)


def write_note(talk: Talk, note: str, *, seen: str = "") -> None:
    """Store the note that host and guest share; `seen` is the mark of the note that the writer has seen, if known.

    Raises:
        TalkClosed: the talk was cancelled. NoteChanged: the other one has changed the note since.
    """
    _lock(talk)
    if talk.state is TalkState.CANCELLED:
        raise TalkClosed
    if seen and talk.note not in ("", note) and talk.note_mark != seen:
        raise NoteChanged(talk.note)
    talk.note = note
    db.session.flush()


def may_rate(talk: Talk) -> bool:
    """Return whether a guest may give feedback now: once, after a talk that was held, for some weeks."""
    is_recent = talk.hall.today() <= talk.day + timedelta(days=FEEDBACK_DAYS)
    return talk.state is TalkState.HELD and talk.stars is None and is_recent


def rate(talk: Talk, *, stars: int, comment: str) -> None:
    """Store a guest's feedback. Raises TalkClosed where it cannot be given, or has been given."""
    _lock(talk)
    if not may_rate(talk):
        raise TalkClosed
    talk.stars, talk.comment = stars, comment
    db.session.flush()


def erase_own(talk: Talk) -> None:
    """Erase what names a guest, all words and the mails, on request. Raises TalkClosed for a talk still to come."""
    if talk.state is TalkState.BOOKED:
        raise TalkClosed
    notifications.erase_with(talk.hall_id, [talk.key])
    _erase(Talk.hall_id == talk.hall_id, Talk.number == talk.number)


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the talks for which the promised time has passed, or those of the contacts of these bookings on request.

    A booking can have the phone of somebody else, who must not lose a talk by it. So a talk belongs to the contact if
    it has the address of the booking, to which the code was sent; or without an address the phone. Needs a transaction.
    """
    if before is not None:
        _erase(Talk.hall_id == hall.id, Talk.day < before)
        return
    by_phone = Booking.email.is_(None) & (Booking.phone != "") & (Booking.phone == Talk.phone)
    same = or_(func.lower(Booking.email) == func.lower(Talk.email), by_phone)
    _erase_now(hall.id, exists().where(Booking.hall_id == hall.id, Booking.id.in_(bookings), same))


def erase_chosen(hall: Hall, numbers: Collection[int]) -> None:
    """Erase these talks, because a person asks the hall for it; needs a transaction."""
    _erase_now(hall.id, Talk.number.in_(numbers))


def _erase_now(hall_id: int, condition: ColumnElement[bool]) -> None:
    """Erase talks with their messages. Those still to come are cancelled, and their hosts told."""
    mine = (Talk.hall_id == hall_id, condition)
    to_come = db.session.scalars(
        select(Talk).where(*mine, Talk.state == TalkState.BOOKED, Talk.starts_at > clock.now())
    ).all()
    for talk in to_come:
        talk.state = TalkState.CANCELLED
        tell_cancelled(talk, guest=False, host=True)
    db.session.flush()
    notifications.erase_with(hall_id, db.session.scalars(select(Talk.key).where(*mine)).all())
    _erase(*mine)


_BLANK = {"guest": "", "phone": "", "email": None, "wish": "", "note": "", "reason": "", "comment": ""}


def _erase(*conditions: object) -> None:
    filled = or_(*(getattr(Talk, name).is_distinct_from(value) for name, value in _BLANK.items()))
    db.session.execute(
        update(Talk).where(*conditions, filled).values(**_BLANK),  # type: ignore[arg-type]
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()


def _hold(hall_id: int) -> TalkSetting:
    """Lock the talks of a hall for this transaction. Raises NoTalks where the hall has no rules for them."""
    setting = db.session.scalar(select(TalkSetting).where(TalkSetting.hall_id == hall_id).with_for_update())
    if setting is None:
        raise NoTalks
    return setting


def _lock(talk: Talk) -> None:
    """Lock one talk for this transaction, and read it again."""
    db.session.execute(select(Talk.number).where(Talk.hall_id == talk.hall_id, Talk.key == talk.key).with_for_update())
    db.session.refresh(talk)


def _check(command: BookTalk, setting: TalkSetting) -> None:
    if not setting.open:
        raise NoTalks
    if command.mode is TalkMode.ON_SITE and not command.division:
        raise PlaceNeeded
    if groups.read(command.hall, phone=command.phone, organisation_key="", kind=INDIVIDUAL).blocked:
        raise NotOnline
    paused_until = queries.find_pause(command.hall, setting, command.phone)
    if paused_until:
        raise TalkPaused(paused_until)
    if queries.count_open(command.hall.id, command.phone) >= setting.most_open:
        raise TooManyTalks


def _find_opening(command: BookTalk, setting: TalkSetting) -> Opening:
    openings = queries.find_openings(
        command.hall, setting, mode=command.mode, language=command.language, host=command.host
    )
    for one in openings:
        if one.starts_at == command.starts_at:
            return one
    raise TalkTaken


def _programme_of(talk: Talk) -> Programme:
    """Return the programme in which guests at the hall are counted. Raises NoTalks where the hall has none."""
    setting = queries.find_setting(talk.hall_id)
    if setting is None or setting.programme_id is None:
        raise NoTalks
    return db.session.get_one(Programme, setting.programme_id)
