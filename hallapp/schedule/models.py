"""Halls and their policy, programmes, weekly templates, the calendar, and the slots made from them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column, relationship

from hallapp.core import clock, facts
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.regions import CHINA, Clock, Paper, Region, usual
from hallapp.core.texts import Former, Texts, former_texts, mirror, texts_column
from hallapp.origins import china
from hallapp.origins import queries as origins
from hallapp.origins.values import OriginSet
from hallapp.schedule import no_shows
from hallapp.schedule.no_shows import NoShowScope
from hallapp.schedule.policy import (
    ACCESS_DEFAULT,
    OVERRIDABLE,
    AccessNeed,
    Confirmation,
    Crowd,
    Door,
    DoorRule,
    LineRule,
    NameList,
    Policy,
    ProofOfWork,
)


class Mode(StrEnum):
    """The place of a programme: on site or online."""

    ON_SITE = "on_site"
    ONLINE = "online"


class DayRule(StrEnum):
    """The effect of a special day (a statutory holiday, a make-up working day) on the weekly template."""

    AS_USUAL = "as_usual"  # nothing: the weekday decides
    OPEN = "open"  # open even where that weekday is a closing day
    CLOSED = "closed"


class DayKind(StrEnum):
    """The official kind of a day. Only China has make-up days."""

    HOLIDAY = "holiday"
    MAKEUP = "makeup"  # a weekend day that is worked for a holiday


class Hall(Model):
    """One exhibition hall: its facts and its policy, in rows, never in code.

    `host` is the name by which visitors reach this hall where several share one service; NULL answers to any. `accent`
    is a colour as `#rrggbb`. Notices are in hours, days and months as their names say. `policy.py` reads the policy and
    knows the values that a programme may override; this table only stores them. Groups above the largest of a programme
    and up to `large_group_max` (0: none) book several parts. `closed_weekdays` holds their digits, 0
    is Monday. `inside_capacity` and `guides_on_duty` are limits at any one moment, NULL is none. From `early_minutes`
    before its time to `late_minutes` after its start a group is let in as usual, NULL is no limit; `door_rule` is the
    desk's way to treat other groups. The desk asks before it counts more people than a booking has by more than
    `ask_over_percent` per cent and `ask_over_people`, or a walk-in beyond `ask_walk_in` (NULL: beyond the largest group
    of its programme). Against floods, 0 is no limit: `open_per_phone` and `open_per_organisation` limit the bookings
    that are open at one time; after `brake_per_hour` online bookings within an hour a new booking is a request that
    holds its places for `brake_hold_hours`; `network_places` limits what one client network books in a day. With
    `line_on` visitors of the booking page wait in a line around `line_opens` each day, and `line_per_minute` of them
    are let in a minute. `holiday_years` are the years, such as `2026,2027`, whose statutory holidays are in its
    calendar already, and `holiday_calendar` names the calendar they come from (`holidays.py`). `country` is a code of
    ISO 3166-1; `first_weekday`, `clock` and `paper` are the hall's choice, NULL is as usual there (`region`).
    `access_needs` holds those for which a booking is asked, separated by commas. `slots_until` is the last day for
    which slots have been made. The public pages of a `draft` are open to its staff only, until a manager publishes it.
    """

    __tablename__ = "hall"
    __table_args__ = (
        CheckConstraint("group_min >= 1 AND group_min <= group_max", name="group_size"),
        CheckConstraint("inside_capacity > 0", name="inside_capacity"),
        CheckConstraint("guides_on_duty >= 0", name="guides_on_duty"),
        CheckConstraint("early_minutes >= 0", name="early_minutes"),
        CheckConstraint("late_minutes >= 0", name="late_minutes"),
        CheckConstraint("ask_over_percent >= 0", name="ask_over_percent"),
        CheckConstraint("ask_over_people >= 0", name="ask_over_people"),
        CheckConstraint("ask_walk_in >= 1", name="ask_walk_in"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    host: Mapped[str | None] = mapped_column(String(253), unique=True)
    name: Mapped[Texts] = texts_column(120)
    address: Mapped[Texts] = texts_column(200)
    directions: Mapped[Texts] = texts_column()
    bring: Mapped[Texts] = texts_column()
    late: Mapped[Texts] = texts_column()
    notice: Mapped[Texts] = texts_column()
    pass_note: Mapped[Texts] = texts_column()
    appeal: Mapped[Texts] = texts_column()
    intro: Mapped[Texts] = texts_column()
    coach: Mapped[Texts] = texts_column()
    access: Mapped[Texts] = texts_column()
    languages: Mapped[str] = mapped_column("offered_languages", String(200), default="zh,en", server_default="zh,en")
    phone: Mapped[str] = mapped_column(String(32), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    opened_on: Mapped[date]
    accent: Mapped[str] = mapped_column(String(7), default="#b3261e")
    home_division: Mapped[str] = mapped_column(String(8), default="440000")
    origin_set: Mapped[str] = mapped_column(String(16), default="cn", server_default="cn")
    origin_cities: Mapped[bool] = mapped_column(default=False, server_default=false())
    origin_countries: Mapped[bool] = mapped_column(default=False, server_default=false())
    group_min: Mapped[int] = mapped_column(default=8)
    group_max: Mapped[int] = mapped_column(default=50)
    large_group_max: Mapped[int] = mapped_column(default=0, server_default="0")
    notice_hours: Mapped[int] = mapped_column(default=2)
    days_ahead: Mapped[int] = mapped_column(default=60)
    release_time: Mapped[time] = mapped_column(default=time.min)
    change_hours: Mapped[int] = mapped_column(default=0)
    offer_hours: Mapped[int] = mapped_column(default=24)
    confirmation: Mapped[Confirmation] = mapped_column(enum_type(Confirmation), default=Confirmation.AT_ONCE)
    name_list: Mapped[NameList] = mapped_column(enum_type(NameList), default=NameList.NONE)
    access_needs: Mapped[str] = mapped_column(String(120), default=ACCESS_DEFAULT, server_default=ACCESS_DEFAULT)
    retention_months: Mapped[int] = mapped_column(default=6)
    no_show_tiers: Mapped[no_shows.Tiers] = mapped_column(no_shows.TiersType, default=(), server_default=text("'[]'"))
    no_show_scope: Mapped[NoShowScope] = mapped_column(enum_type(NoShowScope), default=NoShowScope.PHONE)
    inside_capacity: Mapped[int | None]
    guides_on_duty: Mapped[int | None]
    early_minutes: Mapped[int | None]
    late_minutes: Mapped[int | None]
    door_rule: Mapped[DoorRule] = mapped_column(
        enum_type(DoorRule), default=DoorRule.WARN, server_default=DoorRule.WARN.value
    )
    ask_over_percent: Mapped[int] = mapped_column(default=20, server_default="20")
    ask_over_people: Mapped[int] = mapped_column(default=5, server_default="5")
    ask_walk_in: Mapped[int | None]
    open_per_phone: Mapped[int] = mapped_column(default=6, server_default="6")
    open_per_organisation: Mapped[int] = mapped_column(default=12, server_default="12")
    brake_per_hour: Mapped[int] = mapped_column(default=60, server_default="60")
    brake_hold_hours: Mapped[int] = mapped_column(default=48, server_default="48")
    network_places: Mapped[int] = mapped_column(default=600, server_default="600")
    proof_of_work: Mapped[ProofOfWork] = mapped_column(
        enum_type(ProofOfWork), default=ProofOfWork.BUSY, server_default=ProofOfWork.BUSY.value
    )
    confirm_by_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    line_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    line_opens: Mapped[time] = mapped_column(default=time(8), server_default="08:00:00.000000")
    line_per_minute: Mapped[int] = mapped_column(default=60, server_default="60")
    closed_weekdays: Mapped[str] = mapped_column(String(7), default="")
    holidays: Mapped[DayRule] = mapped_column(enum_type(DayRule), default=DayRule.AS_USUAL)
    makeup_days: Mapped[DayRule] = mapped_column(enum_type(DayRule), default=DayRule.AS_USUAL)
    holiday_years: Mapped[str] = mapped_column(String(200), default="")
    holiday_calendar: Mapped[str] = mapped_column(String(10), default=CHINA, server_default=CHINA)
    country: Mapped[str] = mapped_column(String(2), default=CHINA, server_default=CHINA)
    first_weekday: Mapped[int | None]
    clock: Mapped[Clock | None] = mapped_column(enum_type(Clock))
    paper: Mapped[Paper | None] = mapped_column(enum_type(Paper))
    slots_until: Mapped[date | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    draft: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programmes: Mapped[list["Programme"]] = relationship(back_populates="hall", order_by="Programme.position")

    @property
    def language_codes(self) -> tuple[str, ...]:
        """Return the languages of the hall's pages; the first is for readers who accept none of them."""
        return tuple(self.languages.split(","))

    @property
    def access_offered(self) -> tuple[AccessNeed, ...]:
        """Return the access needs for which a booking is asked; none where the hall does not ask."""
        chosen = set(self.access_needs.split(","))
        return tuple(need for need in AccessNeed if need.value in chosen)

    @property
    def region(self) -> Region:
        """Return the conventions that the hall follows: its own choices, else the usual ones of its country."""
        found = usual(self.country)
        chosen = {"first_weekday": self.first_weekday, "clock": self.clock, "paper": self.paper}
        return replace(found, **{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]

    @property
    def origins(self) -> OriginSet:
        """Return the places by which the hall counts its visitors."""
        code = self.origin_set or china.CODE  # a hall that is not stored yet has no defaults
        asked = {"cities": self.origin_cities, "countries": self.origin_countries}
        return origins.get_set(self.id, code, self.home_division, country=self.country or "", **asked)

    @property
    def door(self) -> Door:
        """Return the rule for early and late groups."""
        return Door(early_minutes=self.early_minutes, late_minutes=self.late_minutes, rule=self.door_rule)

    @property
    def line(self) -> LineRule | None:
        """The line before the booking page; None where the hall has none."""
        if not self.line_on:
            return None
        return LineRule(
            hall_id=self.id, opens=self.line_opens, per_minute=self.line_per_minute, time_zone=self.time_zone
        )

    @property
    def crowd(self) -> Crowd:
        """Return the numbers above which the desk asks first."""
        return Crowd(over_percent=self.ask_over_percent, over_people=self.ask_over_people, walk_in=self.ask_walk_in)

    def text(self, name: str, language: str) -> str:
        """Return a text of the hall (`name`, `address`, …) in a reader's language, else in the nearest of its own."""
        return str(getattr(self, name)(language, self.language_codes))

    def today(self) -> date:
        """Return the hall's local day, now."""
        return clock.today(self.time_zone)


def on_own_day(halls: Iterable[Hall], hall_id: Any, day: Any) -> ColumnElement[bool]:
    """Return the condition that rows of several halls are of the present day of their own hall."""
    days: dict[date, list[int]] = {}
    for hall in halls:
        days.setdefault(hall.today(), []).append(hall.id)
    return or_(false(), *(and_(hall_id.in_(numbers), day == one) for one, numbers in days.items()))


class Logo(Model):
    """A hall's logo as it was uploaded: a PNG or a JPEG; `digest` is the hash of its bytes, for its address."""

    __tablename__ = "logo"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Programme(Model):
    """A programme that groups can book: it takes `minutes` and `guides` guides (0 and up).

    The columns that may be NULL set the hall's policy aside for this programme; read them through `policy.py`.
    """

    __tablename__ = "programme"
    __table_args__ = (
        UniqueConstraint("hall_id", "slug"),
        CheckConstraint("group_min >= 1 AND group_max >= 1", name="group_size"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("guides >= 0", name="guides"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[Texts] = texts_column(60)
    about: Mapped[Texts] = texts_column()
    minutes: Mapped[int]
    group_min: Mapped[int | None]
    group_max: Mapped[int | None]
    notice_hours: Mapped[int | None]
    days_ahead: Mapped[int | None]
    release_time: Mapped[time | None]
    change_hours: Mapped[int | None]
    offer_hours: Mapped[int | None]
    confirmation: Mapped[Confirmation | None] = mapped_column(enum_type(Confirmation))
    name_list: Mapped[NameList | None] = mapped_column(enum_type(NameList))
    no_shows_count: Mapped[bool] = mapped_column(default=True)
    educational: Mapped[bool] = mapped_column(default=False, server_default=false())
    guides: Mapped[int] = mapped_column(default=0)
    mode: Mapped[Mode] = mapped_column(enum_type(Mode), default=Mode.ON_SITE)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    hall: Mapped[Hall] = relationship(back_populates="programmes")

    @property
    def is_online(self) -> bool:
        """Return whether nobody comes to the hall for it: no pass, no way to the hall, no visitors."""
        return self.mode is Mode.ONLINE

    @property
    def policy(self) -> Policy:
        """Return the policy for bookings of this programme."""
        own = {name: getattr(self, name) for name in OVERRIDABLE}
        return Policy(**{name: getattr(self.hall, name) if value is None else value for name, value in own.items()})


class WeekTemplate(Model):
    """The opening times of a week, in force from a day on until a later template of the same programme.

    `programme_id` NULL is the hall's own: it holds for each programme that has no template of its own on that day. A
    template without lines means that nothing is offered.
    """

    __tablename__ = "week_template"
    __table_args__ = (UniqueConstraint("hall_id", "programme_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    valid_from: Mapped[date]

    openings: Mapped[list["Opening"]] = relationship(
        back_populates="template", order_by="(Opening.weekday, Opening.starts)", cascade="all, delete-orphan"
    )


class Opening(Model):
    """One line of a template: a weekday (0 is Monday), a local time, and the number of places and guides."""

    __tablename__ = "opening"
    __table_args__ = (
        UniqueConstraint("template_id", "weekday", "starts"),
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint("visitor_capacity > 0 AND guide_capacity >= 0", name="capacity"),
        Index(None, "hall_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    template_id: Mapped[int] = mapped_column(ForeignKey("week_template.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    visitor_capacity: Mapped[int]
    guide_capacity: Mapped[int] = mapped_column(default=0)

    template: Mapped[WeekTemplate] = relationship(back_populates="openings")


class PastDayRules(Model):
    """The rules by which the days of a hall were open up to the day `until`, where they have changed since."""

    __tablename__ = "past_day_rules"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    closed_weekdays: Mapped[str] = mapped_column(String(7))
    holidays: Mapped[DayRule] = mapped_column(enum_type(DayRule))
    makeup_days: Mapped[DayRule] = mapped_column(enum_type(DayRule))


class CalendarDay(Model):
    """The exceptions of one day of a hall: the official kind, and the hall's own decision.

    `open` NULL leaves it to the rules. A day opened by hand may follow another weekday's times (`like_weekday`).
    `inside_capacity` and `guides_on_duty`, where given, replace the hall's on this day.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("like_weekday >= 0 AND like_weekday <= 6", name="like_weekday"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind | None] = mapped_column(enum_type(DayKind))
    name: Mapped[Texts] = texts_column(60)
    open: Mapped[bool | None]
    like_weekday: Mapped[int | None]
    reason: Mapped[Texts] = texts_column(200)
    inside_capacity: Mapped[int | None]
    guides_on_duty: Mapped[int | None]

    def text(self, name: str, language: str) -> str:
        """Return the day's `name` or the `reason` of its closure in a reader's language, else in the nearest one."""
        return str(getattr(self, name)(language))


class Slot(Model):
    """A time on a day, with its places and guides, and the counters of those in use at its start.

    `visitors_booked` and `guides_booked` are of this slot's own bookings. `inside_booked` and `guides_busy` are people
    and guides of all bookings of the hall whose visit covers the start of this slot, its own among them: people inside
    are most at the start of some visit, so a limit that holds at every start holds always. The `…_forced` columns are
    the part of them that a manager let in over a limit. All eight are moved by `capacity.py` only.

    `inside_capacity` and `guides_on_duty` are the hall's limits at that moment, NULL is none. `open_by_hand` is the
    decision of a person who changed or added this slot: templates no longer change such a slot. NULL means that no
    person did.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("programme_id", "starts_at"),
        CheckConstraint(
            "visitors_booked >= visitors_forced AND visitors_booked <= visitor_capacity + visitors_forced",
            name="visitors",
        ),
        CheckConstraint(
            "guides_booked >= guides_forced AND guides_booked <= guide_capacity + guides_forced", name="guides"
        ),
        CheckConstraint(
            "inside_booked >= inside_forced AND inside_booked <= inside_capacity + inside_forced", name="inside"
        ),
        CheckConstraint("guides_busy >= busy_forced AND guides_busy <= guides_on_duty + busy_forced", name="busy"),
        CheckConstraint(
            "visitors_forced >= 0 AND guides_forced >= 0 AND inside_forced >= 0 AND busy_forced >= 0", name="forced"
        ),
        CheckConstraint("visitor_capacity >= 0 AND guide_capacity >= 0", name="capacity"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "hall_id", "day"),
        Index(None, "hall_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    day: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visitor_capacity: Mapped[int]
    guide_capacity: Mapped[int]
    visitors_booked: Mapped[int] = mapped_column(default=0)
    guides_booked: Mapped[int] = mapped_column(default=0)
    visitors_forced: Mapped[int] = mapped_column(default=0)
    guides_forced: Mapped[int] = mapped_column(default=0)
    inside_capacity: Mapped[int | None]
    guides_on_duty: Mapped[int | None]
    inside_booked: Mapped[int] = mapped_column(default=0)
    guides_busy: Mapped[int] = mapped_column(default=0)
    inside_forced: Mapped[int] = mapped_column(default=0)
    busy_forced: Mapped[int] = mapped_column(default=0)
    open: Mapped[bool] = mapped_column(default=True)
    open_by_hand: Mapped[bool | None]

    programme: Mapped[Programme] = relationship()

    if TYPE_CHECKING:
        #: Room among the people inside, and guides free, at the fullest moment of a visit of this slot; None: no limit.
        inside_free: Mapped[int | None]
        guides_free: Mapped[int | None]

    @property
    def visitors_free(self) -> int:
        """Places that a group can still have here; none where too few guides are free for it. Never negative."""
        if not self.has_guides:
            return 0
        places = self.visitor_capacity - self.visitors_booked
        # The limits of one day are the same on all its slots, so one without a limit need not ask the others.
        if self.inside_capacity is not None and self.programme.mode is Mode.ON_SITE:
            places = min(places, self.inside_free or 0)
        return max(places, 0)

    @property
    def has_guides(self) -> bool:
        """Return whether as many guides as a group of this programme takes are free for the whole visit."""
        needed = self.programme.guides
        if needed == 0:
            return True
        own = self.guide_capacity - self.guides_booked
        return own >= needed and (self.guides_on_duty is None or (self.guides_free or 0) >= needed)

    def could_hold(self, people: int) -> bool:
        """Return whether a group of this size would have room here if no one else came; if not, waiting is useless."""
        inside = self.inside_capacity if self.programme.mode is Mode.ON_SITE else None
        places = self.visitor_capacity if inside is None else min(self.visitor_capacity, inside)
        guides = self.guide_capacity if self.guides_on_duty is None else min(self.guide_capacity, self.guides_on_duty)
        return places >= people and guides >= self.programme.guides


def _least(what: Any) -> Any:
    """Return the least of an expression over all slots that start while a visit of this slot lasts."""
    during = (_touched.hall_id == Slot.hall_id, _touched.starts_at >= Slot.starts_at, _touched.starts_at < Slot.ends_at)
    return select(func.min(what)).where(*during).correlate_except(_touched).scalar_subquery()


_touched = aliased(Slot)
# Deferred: who only looks at a booking's time does not pay for it; lists of free times ask for it by `undefer`.
Slot.inside_free = column_property(_least(_touched.inside_capacity - _touched.inside_booked), deferred=True)
Slot.guides_free = column_property(_least(_touched.guides_on_duty - _touched.guides_busy), deferred=True)


def _former_languages(codes: str) -> str:
    return codes if len(codes) <= 20 else codes[:20].rpartition(",")[0]


_LONG_TEXTS = ("directions", "bring", "late", "notice", "pass_note", "appeal")
mirror(
    Hall,
    (
        *former_texts(name=(80, 120), address=(200, 200), **dict.fromkeys(_LONG_TEXTS)),
        *former_texts(empty=text("''"), intro=None, coach=None, access=None),
        Former("languages", String(20), "languages", _former_languages),
        Former("no_show_count", Integer(), "no_show_tiers", no_shows.former_count),
        Former("no_show_months", Integer(), "no_show_tiers", no_shows.former_months),
        Former("no_show_pause_days", Integer(), "no_show_tiers", no_shows.former_days),
    ),
)
mirror(Programme, former_texts(name=(40, 60), about=None))
mirror(CalendarDay, former_texts(name=(40, 60), reason=(200, 200)))
facts.watch(Hall, hall="id")
facts.watch(Programme, Logo)
