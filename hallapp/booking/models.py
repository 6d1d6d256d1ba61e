"""Bookings: group, size and origins; states and history; pauses after no-shows; the block list."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.access import NOTHING, AccessNeeds, AccessNeedsType
from hallapp.booking.pseudonyms import is_pseudonym
from hallapp.core.counts import CountsType
from hallapp.core.database import Model, UtcDateTime, enum_type, index_where_set
from hallapp.core.errors import N_
from hallapp.kinds.models import CODE_LENGTH
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.no_shows import Consequence


class BookingState(StrEnum):
    """The state of a booking. The ledger holds who arrived; `ARRIVED` only means that someone did."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    ABSENT = "absent"


#: The only ways from one state to another. docs/architecture.md shows this table; a test holds the two together.
TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.REQUESTED: frozenset(
        {
            BookingState.CONFIRMED,
            BookingState.DECLINED,
            BookingState.CANCELLED,
            BookingState.LAPSED,
            BookingState.ARRIVED,
        }
    ),
    BookingState.CONFIRMED: frozenset({BookingState.CANCELLED, BookingState.ARRIVED, BookingState.ABSENT}),
    BookingState.WAITLISTED: frozenset(
        {
            BookingState.OFFERED,
            BookingState.CONFIRMED,  # moved to a free time, or taken in by a manager over the limit
            BookingState.REQUESTED,
            BookingState.CANCELLED,
            BookingState.LAPSED,
        }
    ),
    BookingState.OFFERED: frozenset(
        {BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.CANCELLED, BookingState.LAPSED}
    ),
    BookingState.ARRIVED: frozenset({BookingState.CONFIRMED}),  # all of it was taken back
    BookingState.ABSENT: frozenset({BookingState.ARRIVED, BookingState.CONFIRMED}),  # came late; set right by hand
    BookingState.DECLINED: frozenset(),
    BookingState.LAPSED: frozenset(),
    BookingState.CANCELLED: frozenset(),
}

#: The states in which a booking holds its places.
HOLDING = frozenset(
    {
        BookingState.REQUESTED,
        BookingState.CONFIRMED,
        BookingState.OFFERED,
        BookingState.ARRIVED,
        BookingState.ABSENT,
    }
)
#: The states in which the hall has said yes, so that there is a pass.
AGREED = frozenset({BookingState.CONFIRMED, BookingState.ARRIVED, BookingState.ABSENT})
#: The states in which an organiser may still change the booking.
OPEN_STATES = frozenset({BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.OFFERED})

#: The names of the states, as message ids.
STATE_NAMES: dict[BookingState, str] = {
    BookingState.REQUESTED: N_("Waiting for an answer"),
    BookingState.CONFIRMED: N_("Booked"),
    BookingState.DECLINED: N_("Declined"),
    BookingState.WAITLISTED: N_("On the waiting list"),
    BookingState.OFFERED: N_("A place is available: please confirm"),
    BookingState.LAPSED: N_("Lapsed"),
    BookingState.CANCELLED: N_("Cancelled"),
    BookingState.ARRIVED: N_("Arrived"),
    BookingState.ABSENT: N_("Did not arrive"),
}


class Source(StrEnum):
    """The channel through which a booking was made."""

    ONLINE = "online"
    PHONE = "phone"
    WINDOW = "window"
    STAFF = "staff"
    API = "api"


#: The names of the sources, as message ids.
SOURCE_NAMES: dict[Source, str] = {
    Source.ONLINE: N_("Online"),
    Source.PHONE: N_("By telephone"),
    Source.WINDOW: N_("At the counter"),
    Source.STAFF: N_("By staff"),
    Source.API: N_("Another system (API)"),
}


class Verb(StrEnum):
    """The events that can happen to a booking."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    OFFERED = "offered"
    TAKEN = "taken"  # the offer, by its organiser
    LAPSED = "lapsed"
    CHANGED = "changed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    ABSENT = "absent"
    SET_RIGHT = "set_right"
    LEFT = "left"  # kept by a manager although the hall closed or made room smaller
    PROVED = "proved"  # its organiser typed the code that was sent to them
    REISSUED = "reissued"  # its pass: the one before is void
    RELINKED = "relinked"  # its page has a new address: the one before is unknown


#: The names of the events, as message ids.
VERB_NAMES: dict[Verb, str] = {
    Verb.PLACED: N_("Booked"),
    Verb.CONFIRMED: N_("Confirmed"),
    Verb.DECLINED: N_("Declined"),
    Verb.OFFERED: N_("Place offered from the waiting list"),
    Verb.TAKEN: N_("The offer was taken"),
    Verb.LAPSED: N_("Lapsed"),
    Verb.CHANGED: N_("Changed"),
    Verb.MOVED: N_("Moved to another time"),
    Verb.CANCELLED: N_("Cancelled"),
    Verb.ARRIVED: N_("Arrived"),
    Verb.ABSENT: N_("Did not arrive"),
    Verb.SET_RIGHT: N_("No-show corrected"),
    Verb.LEFT: N_("Left unchanged"),
    Verb.PROVED: N_("Confirmed with the code"),
    Verb.REISSUED: N_("A new pass was issued"),
    Verb.RELINKED: N_("New private link"),
}


class Actor(StrEnum):
    """The kind of actor of an event."""

    ORGANISER = "organiser"
    STAFF = "staff"
    SYSTEM = "system"


class TourLanguage(StrEnum):
    """A language in which a tour is led; ISO 639, the shortest code that there is."""

    MANDARIN = "zh"
    CANTONESE = "yue"
    ENGLISH = "en"
    JAPANESE = "ja"
    KOREAN = "ko"
    FRENCH = "fr"
    GERMAN = "de"
    SPANISH = "es"
    RUSSIAN = "ru"
    SIGN = "csl"


TOUR_LANGUAGE_NAMES = {
    TourLanguage.MANDARIN: N_("Mandarin"),
    TourLanguage.CANTONESE: N_("Cantonese"),
    TourLanguage.ENGLISH: N_("English"),
    TourLanguage.JAPANESE: N_("Japanese"),
    TourLanguage.KOREAN: N_("Korean"),
    TourLanguage.FRENCH: N_("French"),
    TourLanguage.GERMAN: N_("German"),
    TourLanguage.SPANISH: N_("Spanish"),
    TourLanguage.RUSSIAN: N_("Russian"),
    TourLanguage.SIGN: N_("Chinese sign language"),
}


class Booking(Model):
    """One group's claim on one slot.

    `key` opens the organiser's page and is a secret of 128 bits or more. `reference` is short, has a check
    character and can be read out. `submission` is the digest that makes the same submit, sent twice, one booking.
    `visitors` is the sum of the origins. It holds its places in the states of `HOLDING`. `organisation_key` is the
    name as names are compared. `offered_until` is set while it is offered; `over_limit` is a manager's reason for
    letting it in over a limit of capacity, and then its places count as forced. `reply` is the hall's last word to the
    organiser, such as why it declined. `note` is the organiser's, `guide_note` the desk's for the guide, since
    `guide_note_at`. `access` are the group's access needs. `resources` are the numbers of the hall's resources that it
    asks for, and holds together with its places.

    `language` is that of its pages and letters. `tour_language` is the one in which its guide speaks: NULL until a
    programme with a guide is booked.

    `held_until` is set while a request holds its places for a limited time only: until its code is typed, or until the
    hall answers while the brake is on. `network` is a keyed digest of the client network from which it was booked
    online, never the address; it is erased with the contact details.

    `pinyin` is that of both names for the search: NULL until the worker has stored it, and empty once they are erased.

    `privacy` is the version of the privacy notice that was accepted at `consented_at`.

    The parts of a large group's visit, each a booking, have the same random number as their `party`. The dates of a
    series that the staff booked in one act have the same `series`.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("hall_id", "submission"),
        CheckConstraint("visitors > 0", name="visitors"),
        Index(None, "hall_id", "created_at"),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offer"),
        Index(None, "hall_id", "phone_tail"),
        Index(None, "hall_id", "phone"),
        Index(None, "hall_id", "organisation_key"),
        Index(None, "hall_id", "state", "slot_id"),
        Index(None, "slot_id"),
        index_where_set("party"),
        index_where_set("series"),
        Index(
            "ix_booking_pinyin_missing",
            "hall_id",
            sqlite_where=text("pinyin IS NULL"),
            postgresql_where=text("pinyin IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    party: Mapped[int | None] = mapped_column(BigInteger)
    series: Mapped[int | None] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    submission: Mapped[str] = mapped_column(String(64))
    state: Mapped[BookingState] = mapped_column(enum_type(BookingState), default=BookingState.CONFIRMED)
    source: Mapped[Source] = mapped_column(enum_type(Source), default=Source.ONLINE)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    tour_language: Mapped[TourLanguage | None] = mapped_column(enum_type(TourLanguage, length=8))
    organisation: Mapped[str] = mapped_column(String(200))
    organisation_key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(CODE_LENGTH))
    contact_name: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str | None] = mapped_column(Text, deferred=True)
    phone: Mapped[str] = mapped_column(String(24))
    phone_tail: Mapped[str] = mapped_column(String(4))
    email: Mapped[str | None] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(Text, default="")
    categories: Mapped[dict[int, int]] = mapped_column(CountsType, default={}, server_default=text("''"))
    resources: Mapped[dict[int, int]] = mapped_column(CountsType, default={}, server_default=text("''"))
    access: Mapped[AccessNeeds] = mapped_column(AccessNeedsType, default=NOTHING, server_default=text("''"))
    visitors: Mapped[int]
    guides: Mapped[int] = mapped_column(default=0)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    privacy: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    network: Mapped[str | None] = mapped_column(String(32))
    over_limit: Mapped[str | None] = mapped_column(String(200))
    reply: Mapped[str] = mapped_column(String(500), default="")
    guide_note: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    guide_note_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    hall: Mapped[Hall] = relationship()
    slot: Mapped[Slot] = relationship()
    origins: Mapped[list["Origin"]] = relationship(
        back_populates="booking", order_by="Origin.division", cascade="all, delete-orphan"
    )


class CodePurpose(StrEnum):
    """The purpose of a code that was sent to an organiser."""

    HOLD = "hold"  # that the booking is meant: its places are held for longer
    EMAIL = "email"  # that the new mail address is theirs
    DATA = "data"  # that the person who wants to export or erase the data is the contact


class BookingCode(Model):
    """A six-digit code that its organiser has not typed yet; `digest` is keyed, `email` the address to be confirmed."""

    __tablename__ = "booking_code"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    purpose: Mapped[CodePurpose] = mapped_column(enum_type(CodePurpose), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    digest: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    attempts: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Origin(Model):
    """A number of people of a booking who come from one division."""

    __tablename__ = "origin"
    __table_args__ = (
        CheckConstraint("visitors > 0", name="visitors"),
        Index(None, "hall_id", "division", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    visitors: Mapped[int]

    booking: Mapped[Booking] = relationship(back_populates="origins")


class BookingEvent(Model):
    """One line of a booking's history, which outlives the contact details.

    `detail` holds JSON values and no personal data but the staff's `reason` for a move, which is erased with them.
    """

    __tablename__ = "booking_event"
    __table_args__ = (Index(None, "booking_id"), Index(None, "hall_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    verb: Mapped[Verb] = mapped_column(enum_type(Verb))
    actor: Mapped[Actor] = mapped_column(enum_type(Actor))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    before: Mapped[BookingState | None] = mapped_column(enum_type(BookingState))
    after: Mapped[BookingState] = mapped_column(enum_type(BookingState))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    staff: Mapped[Staff | None] = relationship()


class Pause(Model):
    """A pause: until a day, no online booking with this phone or for this organisation, after too many no-shows.

    With the `consequence` REVIEW the group may book, but the staff confirm each of its online bookings.

    `phone` and `organisation_key` identify the group by the hall's rule, NULL where the rule does not use them; they
    are erased with the contact details. `absences` are the no-shows that led to the pause. A lifted pause keeps who
    lifted it, and why; `forgiven` is one that the staff lifted, so that no earlier no-show counts again.
    """

    __tablename__ = "pause"
    __table_args__ = (Index(None, "hall_id", "phone"), Index(None, "hall_id", "organisation_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    phone: Mapped[str | None] = mapped_column(String(24))
    organisation_key: Mapped[str | None] = mapped_column(String(200))
    consequence: Mapped[Consequence] = mapped_column(
        enum_type(Consequence), default=Consequence.PAUSE, server_default=Consequence.PAUSE.value
    )
    absences: Mapped[int]
    since: Mapped[date]
    until: Mapped[date]
    forgiven: Mapped[bool] = mapped_column(default=False, server_default=false())
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lift_reason: Mapped[str | None] = mapped_column(String(200))

    booking: Mapped[Booking] = relationship()
    lifted_by: Mapped[Staff | None] = relationship()


class AppealState(StrEnum):
    """The state of an appeal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Appeal(Model):
    """An organiser's appeal against a pause, at most one for each; `booking_id` is the missed booking.

    The organiser's `words` and the staff's `answer` are erased with the contact details.
    """

    __tablename__ = "appeal"
    __table_args__ = (Index(None, "hall_id", "state"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    pause_id: Mapped[int] = mapped_column(ForeignKey("pause.id"), primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    state: Mapped[AppealState] = mapped_column(enum_type(AppealState), default=AppealState.OPEN)
    words: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    pause: Mapped[Pause] = relationship()
    booking: Mapped[Booking] = relationship()


class Block(Model):
    """One entry of the block list; `until` is its last day, NULL until it is lifted.

    Phone (E.164), organisation and reason are erased some months after its end; on request the phone becomes a digest.
    """

    __tablename__ = "block"
    __table_args__ = (Index(None, "hall_id", "phone"), Index(None, "hall_id", "organisation_key"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phone: Mapped[str | None] = mapped_column(String(24))
    organisation: Mapped[str | None] = mapped_column(String(200))
    organisation_key: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    made_by: Mapped[Staff | None] = relationship(foreign_keys=made_by_id)
    lifted_by: Mapped[Staff | None] = relationship(foreign_keys=lifted_by_id)

    @property
    def known_phone(self) -> str | None:
        """Return the phone, or None where there is none, or a digest of it only."""
        return None if self.phone is None or is_pseudonym(self.phone) else self.phone


class Gram(Model):
    """A bigram of a booking's organisation or contact, for searches by parts of names.

    On PostgreSQL they are compared by their code points, so that an index finds all that begin with one character.
    """

    __tablename__ = "gram"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    gram: Mapped[str] = mapped_column(String(2).with_variant(String(2, collation="C"), "postgresql"), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)


class SavedSearch(Model):
    """A saved search over bookings; `terms` are its fields as they are written in an address.

    It is a list of the hall, or only of the person `staff_id`.
    """

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("hall_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(60))
    terms: Mapped[dict[str, str]] = mapped_column(JSON)
