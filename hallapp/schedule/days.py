"""Changes of the hall's days as values: frozen commands, and one function that plans their effect on the slots."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hallapp.schedule import closed_days, policies, regions, service
from hallapp.schedule.calendar import seed_holidays
from hallapp.schedule.capacity import hold_hall
from hallapp.schedule.closed_days import SetDays
from hallapp.schedule.planning import Plan, plan_days
from hallapp.schedule.policies import AddProgramme, ChangePolicy, SavePolicy, SaveProgramme
from hallapp.schedule.regions import SaveRegion
from hallapp.schedule.service import AddSlot, DeleteTemplate, EditSlot, ReleaseSlot, SetDay, SetTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDay:
    """Bring the slots of a day up to the rules, and settle the bookings that the rules hit there."""

    hall_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedHolidays:
    """Write the statutory holidays of a year into the calendar, once they are announced."""

    hall_id: int
    by: int | None
    year: int


_OfDays = SetDay | SetDays | SettleDay | SeedHolidays
_OfSlots = SetTemplate | DeleteTemplate | EditSlot | ReleaseSlot | AddSlot
_OfRules = SavePolicy | ChangePolicy | SaveRegion | SaveProgramme | AddProgramme
#: Everything by which the days of a hall change.
Change = _OfDays | _OfSlots | _OfRules


def plan(change: Change) -> Plan:
    """Write the rows of a change, and return the plan of its effect on the slots; needs a transaction.

    The slots are not changed yet, because they may have bookings. Raises the refusals of the change.
    """
    return _VERBS[type(change)](change)


def _settle_day(change: SettleDay) -> Plan:
    hall = hold_hall(change.hall_id)
    return plan_days(hall, first=change.day, last=change.day, add_until=hall.slots_until or change.day)


def _seed_holidays(change: SeedHolidays) -> Plan:
    """Raise HolidaysNotAnnounced, or bring the slots of the year up to the rules; a year may begin in late December."""
    hall = hold_hall(change.hall_id)
    seed_holidays(hall, change.year, by=change.by)
    first = max(hall.today(), date(change.year - 1, 12, 25))
    return plan_days(hall, first=first, last=date(change.year, 12, 31), add_until=hall.slots_until or hall.today())


_VERBS: Mapping[type, Callable[[Any], Plan]] = {
    SetDay: service.set_day,
    SetDays: closed_days.set_days,
    SettleDay: _settle_day,
    SeedHolidays: _seed_holidays,
    SetTemplate: service.set_template,
    DeleteTemplate: service.delete_template,
    EditSlot: service.edit_slot,
    ReleaseSlot: service.release_slot,
    AddSlot: service.add_slot,
    SavePolicy: policies.save_policy,
    ChangePolicy: policies.change_policy,
    SaveRegion: regions.save_region,
    SaveProgramme: policies.save_programme,
    AddProgramme: policies.add_programme,
}
