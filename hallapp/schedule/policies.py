"""A hall's policy, its programmes and its logo: set from the pages, checked together, written into the audit trail."""

import hashlib
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import time, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import exists, func, select

from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.schedule import capacity, checks, errors, queries
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.models import DayRule, Hall, Logo, Mode, PastDayRules, Programme, Slot
from hallapp.schedule.no_shows import NoShowScope, Tiers
from hallapp.schedule.planning import Plan, replan
from hallapp.schedule.policy import AccessNeed, Confirmation, DoorRule, NameList, ProofOfWork

LOGO_BYTES_MOST = 200 * 1024
LOGO_SIDE_MOST = 2_000  # pixels: what unpacks to more is no logo
_LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FACTS = ("hall_id", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePolicy:
    """The command for a hall's rules; `SavePolicy.of` fills it with the present ones."""

    hall_id: int
    by: int | None
    name: Mapping[str, str]
    address: Mapping[str, str]
    directions: Mapping[str, str]
    bring: Mapping[str, str]
    late: Mapping[str, str]
    notice: Mapping[str, str]
    pass_note: Mapping[str, str]
    appeal: Mapping[str, str]
    intro: Mapping[str, str]
    coach: Mapping[str, str]
    access: Mapping[str, str]
    languages: tuple[str, ...]
    phone: str
    accent: str
    group_min: int
    group_max: int
    large_group_max: int
    notice_hours: int
    days_ahead: int
    release_time: time
    change_hours: int
    offer_hours: int
    confirmation: Confirmation
    name_list: NameList
    access_needs: tuple[AccessNeed, ...]
    retention_months: int
    no_show_tiers: Tiers
    no_show_scope: NoShowScope
    inside_capacity: int | None
    guides_on_duty: int | None
    early_minutes: int | None
    late_minutes: int | None
    door_rule: DoorRule
    ask_over_percent: int
    ask_over_people: int
    ask_walk_in: int | None
    open_per_phone: int
    open_per_organisation: int
    brake_per_hour: int
    brake_hold_hours: int
    network_places: int
    proof_of_work: ProofOfWork
    confirm_by_code: bool
    line_on: bool
    line_opens: time
    line_per_minute: int
    closed_weekdays: frozenset[int]
    holidays: DayRule
    makeup_days: DayRule

    @classmethod
    def of(cls, hall: Hall, *, by: int | None, **changes: Any) -> "SavePolicy":
        """Return the command that changes only the given values."""
        now = {one.name: getattr(hall, one.name) for one in fields(cls) if one.name not in _FACTS}
        now |= {
            "languages": hall.language_codes,
            "access_needs": hall.access_offered,
            "closed_weekdays": frozenset(int(digit) for digit in hall.closed_weekdays),
        }
        return cls(hall_id=hall.id, by=by, **now | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """Some values of `SavePolicy` by name; all others stay as they are when the change is carried out."""

    hall_id: int
    by: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProgramme:
    """The command for a programme; None leaves a rule to the hall. `slug` identifies it and cannot change."""

    hall_id: int
    by: int | None
    slug: str
    name: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    minutes: int
    guides: int = 0
    mode: Mode = Mode.ON_SITE
    position: int = 0
    active: bool = True
    no_shows_count: bool = True
    educational: bool = False
    group_min: int | None = None
    group_max: int | None = None
    notice_hours: int | None = None
    days_ahead: int | None = None
    release_time: time | None = None
    change_hours: int | None = None
    offer_hours: int | None = None
    confirmation: Confirmation | None = None
    name_list: NameList | None = None

    @classmethod
    def of(cls, programme: Programme, *, by: int | None, **changes: Any) -> "SaveProgramme":
        """Return the command that changes only the given values."""
        now = {one.name: getattr(programme, one.name) for one in fields(cls) if one.name != "by"}
        return cls(by=by, **now | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProgramme(SaveProgramme):
    """A new programme under a short name of its own; with `position` None it comes last."""

    position: int | None = None  # type: ignore[assignment]


def save_policy(command: SavePolicy) -> Plan:
    """Change a hall's policy; returns the plan of its effect on the slots.

    Raises:
        NumberOutOfRange, TextTooLong, TextUnreadable: for single values.
        LanguagesMissing, LanguageWithoutName, AccentInvalid, AccentTooPale: for the pages.
        GroupSizeCrossed, NoticeBeyondWindow, ChangeBeyondWindow: for the hall or one of its programmes.
        LargeGroupTooSmall: the largest group in several parts would not exceed the largest group of one time.
        NeverOpen: no weekday would be open.
        TooManyTiers, TierCountNotHigher, TierPeriodShorter, TierNotStricter, TierNotLonger, TierLengthMissing,
        TierLengthUnused, NoShowPeriodTooLong: for the rule for no-shows.
        GuidesTooFew, InsideTooSmall: for limits that leave out a programme's smallest group.
    """
    hall = capacity.hold_hall(command.hall_id)
    for weekday in command.closed_weekdays:
        checks.check_number("closed_weekdays", weekday, least=0, most=6)
    values = _tidy(command, hall, command.languages) | {
        "accent": command.accent.strip().lower(),
        "languages": ",".join(dict.fromkeys(command.languages)),
        "access_needs": ",".join(need for need in AccessNeed if need in command.access_needs),
        "closed_weekdays": "".join(str(weekday) for weekday in sorted(command.closed_weekdays)),
    }
    checks.check_texts(Hall, {name: value for name, value in values.items() if name != "languages"})
    checks.check_hall(values, queries.list_all_programmes(hall.id))
    _keep_past_rules(hall, values)
    detail = apply(hall, values)
    note(hall_id=hall.id, by=command.by, action="policy_saved", subject=f"hall {hall.slug}", detail=detail)
    return replan(hall)


_DAY_RULES = ("closed_weekdays", "holidays", "makeup_days")


def _keep_past_rules(hall: Hall, values: Mapping[str, Any]) -> None:
    """Keep the rules of the days up to yesterday where they change, so that no past day opens or closes by it."""
    before = {name: getattr(hall, name) for name in _DAY_RULES}
    yesterday = hall.today() - timedelta(days=1)
    if before == {name: values[name] for name in _DAY_RULES}:
        return
    if db.session.get(PastDayRules, (hall.id, yesterday)) is None:  # the first change of a day knows what held before
        db.session.add(PastDayRules(hall_id=hall.id, until=yesterday, **before))


def change_policy(command: ChangePolicy) -> Plan:
    """Change some values of a hall's policy; raises the errors of `save_policy`."""
    hall = capacity.hold_hall(command.hall_id)
    return save_policy(SavePolicy.of(hall, by=command.by, **command.values))


def save_no_shows(hall_id: int, tiers: Tiers, scope: NoShowScope, *, by: int | None) -> None:
    """Change a hall's rule for no-shows, which concerns no slot. Raises as `checks.check_tiers`."""
    hall = capacity.hold_hall(hall_id)
    checks.check_tiers(tiers, retention_months=hall.retention_months)
    detail = apply(hall, {"no_show_tiers": tiers, "no_show_scope": scope})
    note(hall_id=hall.id, by=by, action="policy_saved", subject=f"hall {hall.slug}", detail=detail)


def save_programme(command: SaveProgramme) -> Plan:
    """Change a programme; returns the plan of its effect on the slots.

    Raises:
        NameMissing, NumberOutOfRange, TextTooLong, TextUnreadable: for single values.
        GroupSizeCrossed, NoticeBeyondWindow, ChangeBeyondWindow: against the other bound, its own or the hall's.
        GuidesTooFew, InsideTooSmall: its smallest group would not be let in.
        PassesMidnight: with these minutes a line of its template would.
        ModeFixed: it has been booked, and its mode would change.
        NoResultFound: there is no such programme.
    """
    hall = capacity.hold_hall(command.hall_id)
    programme = queries.get_programme(hall.id, command.slug)
    values = _tidy(command, programme, hall.language_codes)
    checks.check_texts(Programme, values)
    if command.mode is not programme.mode and _is_booked(programme):
        raise errors.ModeFixed
    with db.session.no_autoflush:  # check before the database is changed
        detail = apply(programme, values)
        checks.check_programme(hall, programme)
    note(hall_id=hall.id, by=command.by, action="programme_saved", subject=f"programme {command.slug}", detail=detail)
    return replan(hall)


def add_programme(command: AddProgramme) -> Plan:
    """Add a programme; it follows the hall's own template, where there is one, until it gets one itself.

    Raises:
        SlugInvalid, ProgrammeExists: for its short name.
        NameMissing, NumberOutOfRange, …: as `save_programme`.
    """
    hall = capacity.hold_hall(command.hall_id)
    if not _SLUG.fullmatch(command.slug) or len(command.slug) > 40:
        raise errors.SlugInvalid
    if queries.find_programme(hall.id, command.slug) is not None:
        raise errors.ProgrammeExists
    values = _tidy(command, None, hall.language_codes)
    if command.position is None:
        last = db.session.scalar(select(func.max(Programme.position)).where(Programme.hall_id == hall.id))
        values["position"] = 0 if last is None else min(last + 1, checks.POSITION_MOST)
    checks.check_texts(Programme, values)
    programme = Programme(hall_id=hall.id, **values)
    checks.check_programme(hall, programme)
    db.session.add(programme)
    db.session.flush()
    detail = compare({}, values)
    note(hall_id=hall.id, by=command.by, action="programme_added", subject=f"programme {command.slug}", detail=detail)
    return replan(hall)


def save_logo(hall_id: int, content: bytes, by: int | None) -> None:
    """Store a picture, unchanged, as the hall's logo.

    Raises:
        LogoEmpty, LogoTooLarge, LogoNotAnImage: for the file; its name does not matter.
    """
    content_type = _picture_type(content)
    capacity.hold_hall(hall_id)
    digest = hashlib.sha256(content).hexdigest()
    logo = queries.find_logo(hall_id) or Logo(hall_id=hall_id, digest="", content_type="")
    before = {"digest": logo.digest} if logo.digest else {}
    logo.content_type, logo.digest, logo.content = content_type, digest, content
    db.session.add(logo)
    detail = compare(before, {"digest": digest})
    note(hall_id=hall_id, by=by, action="logo_saved", subject="logo", detail=detail)


def delete_logo(hall_id: int, by: int | None) -> None:
    """Take the hall's logo away, if it has one."""
    capacity.hold_hall(hall_id)
    logo = queries.find_logo(hall_id)
    if logo is None:
        return
    detail = compare({"digest": logo.digest}, {})
    db.session.delete(logo)
    note(hall_id=hall_id, by=by, action="logo_deleted", subject="logo", detail=detail)


def _picture_type(content: bytes) -> str:
    too_large = errors.LogoTooLarge(most=LOGO_BYTES_MOST // 1024, side=LOGO_SIDE_MOST)
    if not content:
        raise errors.LogoEmpty
    if len(content) > LOGO_BYTES_MOST:
        raise too_large
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that unpacks to very much warns only
            with Image.open(io.BytesIO(content), formats=list(_LOGO_TYPES)) as picture:
                found, side = picture.format, max(picture.size)
                picture.verify()
    except Exception:  # for a broken file the library may raise any exception
        raise errors.LogoNotAnImage from None
    if side > LOGO_SIDE_MOST:
        raise too_large
    return _LOGO_TYPES[str(found)]


def _tidy(
    command: SavePolicy | SaveProgramme, row: Hall | Programme | None, languages: Sequence[str]
) -> dict[str, Any]:
    """Return the columns of a command, its texts without space around them.

    Texts in languages that the hall does not offer stay as they are in the row.
    """
    values = {one.name: getattr(command, one.name) for one in fields(command) if one.name not in _FACTS}
    return {name: _stripped(value, getattr(row, name, Texts()), languages) for name, value in values.items()}


def _stripped(value: Any, before: Any, languages: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return (before if isinstance(before, Texts) else Texts()).replaced(Texts(value).stripped(), languages)
    return value.strip() if type(value) is str else value


def _is_booked(programme: Programme) -> bool:
    return bool(db.session.scalar(select(exists().where(Slot.programme_id == programme.id, Slot.visitors_booked > 0))))
