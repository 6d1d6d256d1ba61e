"""The place of a hall: its country's conventions and holidays, another time zone, another opening day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock, formats
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import force_locale, in_region_of
from hallapp.core.regions import Clock, Paper, Region, countries, usual
from hallapp.schedule import errors, queries, regions, service, starter
from hallapp.schedule.holidays import is_calendar, list_calendars, list_holidays
from hallapp.schedule.models import CalendarDay, DayKind, Hall, Slot
from hallapp.schedule.planning import carry_out
from hallapp.schedule.regions import SaveRegion
from tests import factories
from tests.conftest import tried

BEFORE_CHRISTMAS = datetime(2026, 12, 1, 2, tzinfo=UTC)
BERLIN = {"country": "DE", "holiday_calendar": "DE-BE", "time_zone": "Europe/Berlin"}
BOSTON = {"country": "US", "holiday_calendar": "US-MA", "time_zone": "America/New_York"}


def move(hall: Hall, **changes: object) -> None:
    with transaction():
        carry_out(regions.save_region(SaveRegion.of(hall, by=None, **changes)))


def made(**facts: str) -> Hall:
    with transaction():
        hall = starter.create_hall(starter.CreateHall(slug="made", name={"en": "Hall"}, **facts))
        service.extend_slots(hall)
        return hall


@pytest.mark.parametrize(
    ("country", "first_weekday", "hours", "paper"),
    [
        ("CN", 0, Clock.HOURS_24, Paper.A4),
        ("DE", 0, Clock.HOURS_24, Paper.A4),
        ("US", 6, Clock.HOURS_12, Paper.LETTER),
        ("CA", 6, Clock.HOURS_12, Paper.LETTER),
        ("SA", 6, Clock.HOURS_12, Paper.A4),
        ("JP", 6, Clock.HOURS_24, Paper.A4),
        ("AQ", 0, Clock.HOURS_24, Paper.A4),  # Antarctica has no language of its own
    ],
)
def test_conventions_of_a_country(country: str, first_weekday: int, hours: Clock, paper: Paper) -> None:
    expected = Region(country=country, first_weekday=first_weekday, clock=hours, paper=paper)
    assert usual(country) == expected


def test_every_country_has_conventions() -> None:
    assert all(usual(country).country == country for country in countries())
    assert len(countries()) > 240


@pytest.mark.parametrize(
    ("facts", "language", "day", "moment", "number"),
    [
        ({}, "en", "Sat 5 Dec 2026", "Sat 5 Dec, 09:30", "12,345"),
        ({}, "zh", "2026年12月5日 周六", "12月5日 周六 09:30", "12,345"),
        (BERLIN, "en", "Sat, 5 Dec 2026", "Sat, 5 Dec, 02:30", "12,345"),
        (BERLIN, "de", "Sa., 5. Dez. 2026", "Sa., 5. Dez., 02:30", "12,345"),
        (BOSTON, "en", "Sat, Dec 5, 2026", "Fri, Dec 4, 8:30 PM", "12,345"),
        (BOSTON, "zh", "2026年12月5日 周六", "12月4日 周五 下午8:30", "12,345"),
    ],
)
def test_dates_times_and_numbers(
    app: Flask, facts: dict[str, str], language: str, day: str, moment: str, number: str
) -> None:
    hall = factories.make(factories.hall, **facts)
    at = datetime(2026, 12, 5, 1, 30, tzinfo=clock.UTC)
    with in_region_of(hall.id), force_locale(language):
        assert formats.day(date(2026, 12, 5), language, year=True) == day
        assert formats.moment(at, hall.time_zone, language) == moment
        assert formats.number(12345) == number


def test_hall_may_choose_otherwise_than_its_country(app: Flask) -> None:
    chosen = {"first_weekday": 0, "clock": Clock.HOURS_24, "paper": Paper.A4}
    hall = factories.make(factories.hall, **BOSTON, **chosen)
    assert hall.region == Region(country="US", **chosen)
    with in_region_of(hall.id):
        assert formats.week("en")[0] == "Mon"
        assert formats.clock_time(time(14, 5)) == "14:05"


def test_holidays_of_the_world() -> None:
    berlin = {one.day: one.names["en"] for one in list_holidays("DE-BE", 2026, ("en", "zh"))}
    assert (berlin[date(2026, 3, 8)], berlin[date(2026, 10, 3)]) == ("Women's Day", "German Unity Day")
    boston = {one.day: one.names["en"] for one in list_holidays("US-MA", 2026, ("en",))}
    assert boston[date(2026, 4, 20)] == "Patriots' Day"
    assert list(list_holidays("", 2026, ("en",))) == []
    assert {one.kind for one in list_holidays("CN", 2026, ("zh",))} == {DayKind.HOLIDAY, DayKind.MAKEUP}
    assert is_calendar("") and is_calendar("FR") and not is_calendar("DE-XX") and not is_calendar("XX")
    assert all(len(one) <= 10 for country in countries() for one in list_calendars(country))


@time_machine.travel(BEFORE_CHRISTMAS)
def test_new_hall_elsewhere_has_its_country_s_holidays(app: Flask) -> None:
    hall = made(**BERLIN)
    rows = {row.day: row for row in queries.list_calendar_days(hall.id, first=hall.today(), last=date(2027, 12, 31))}
    assert rows[date(2026, 12, 25)].text("name", "en") == "Christmas Day"
    assert DayKind.MAKEUP not in {row.kind for row in rows.values()}
    slot = db.session.query(Slot).filter_by(hall_id=hall.id).order_by(Slot.starts_at).first()
    assert clock.local(slot.starts_at, "Europe/Berlin").date() == slot.day


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"country": "XX"}, errors.CountryUnknown),
        ({"country": "US"}, errors.TimeZoneMissing),
        ({"country": "FR", "holiday_calendar": "FR-XYZ"}, errors.HolidaysUnknown),
        ({"country": "FR", "time_zone": "Europe/Nowhere"}, errors.TimeZoneUnknown),
    ],
)
def test_new_hall_elsewhere_names_what_cannot_be_told(
    app: Flask, facts: dict[str, str], error: type[DomainError]
) -> None:
    with pytest.raises(error), transaction():
        starter.create_hall(starter.CreateHall(slug="made", name={"en": "Hall"}, **facts))


@time_machine.travel(BEFORE_CHRISTMAS)
def test_other_holidays_replace_the_coming_ones_and_leave_what_people_wrote(app: Flask) -> None:
    hall = made(**BERLIN)
    with transaction():
        kept = db.session.get_one(CalendarDay, (hall.id, date(2026, 12, 26)))
        kept.open, kept.reason = False, {"en": "Stocktaking"}
    move(hall, **BOSTON)
    rows = {row.day: row for row in queries.list_calendar_days(hall.id, first=hall.today(), last=date(2027, 1, 31))}
    assert [day for day, row in rows.items() if row.kind] == [date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 18)]
    assert rows[date(2027, 1, 18)].text("name", "en") == "Martin Luther King Jr. Day"
    assert rows[date(2026, 12, 26)].reason.get("en", "") == "Stocktaking"
    assert hall.holiday_years == "2026,2027"
    move(hall, holiday_calendar="")
    assert not any(row.kind for row in queries.list_calendar_days(hall.id, first=hall.today(), last=date(2027, 1, 31)))


@pytest.mark.either_database
@pytest.mark.parametrize("zone", tried(["America/New_York", "Pacific/Auckland", "Europe/Berlin", "Asia/Kathmandu"], 2))
def test_another_time_zone_keeps_the_clock_of_coming_visits_and_the_moment_of_past_ones(app: Flask, zone: str) -> None:
    hall = made()
    today, wall = hall.today(), time(9, 30)
    with transaction():
        programme = queries.list_programmes(hall.id)[0]
        past = factories.slot(programme=programme, day=today - timedelta(days=3), starts=wall)
        coming = factories.slot(programme=programme, day=today + timedelta(days=90), starts=wall)
        factories.booking(slot=past)
        factories.booking(slot=coming)
        then = past.starts_at
    before = {one.id: (one.day, clock.local(one.starts_at, hall.time_zone).time()) for one in _coming(hall)}
    moves = regions.preview(hall, zone)
    assert (moves.coming, moves.past) == (1, 1)
    move(hall, time_zone=zone)
    assert db.session.get_one(Slot, past.id).starts_at == then
    after = {one.id: (one.day, clock.local(one.starts_at, zone).time()) for one in _coming(hall) if one.id in before}
    changed = {number for number in after if after[number] != before[number]}
    assert not changed
    assert clock.local(db.session.get_one(Slot, coming.id).starts_at, zone).time() == wall


@pytest.mark.either_database
def test_another_time_zone_moves_no_visit_onto_one_that_has_begun(app: Flask) -> None:
    hall = made()
    with transaction():
        programme = factories.programme(hall=hall, slug="hourly")
        for hour in (9, 10, 11):
            factories.slot(programme=programme, day=hall.today() + timedelta(days=60), starts=time(hour))
    day = hall.today() + timedelta(days=60)
    with time_machine.travel(clock.at(day, time(9, 30), hall.time_zone), tick=False):
        with pytest.raises(errors.TimesWouldMeet):
            move(hall, time_zone="Asia/Tokyo")  # there it is an hour later
        db.session.rollback()
        assert regions.preview(hall, "Asia/Tokyo").talks == 0
        move(hall, time_zone="Asia/Bangkok")
    assert hall.time_zone == "Asia/Bangkok"


def _coming(hall: Hall) -> list[Slot]:
    return db.session.query(Slot).filter(Slot.hall_id == hall.id, Slot.starts_at > clock.now()).all()


def test_opening_day_cannot_pass_a_visit(app: Flask) -> None:
    hall = made()
    with transaction():
        slot = factories.slot(programme=queries.list_programmes(hall.id)[0], day=hall.today() + timedelta(days=3))
        factories.booking(slot=slot)
    with pytest.raises(errors.OpeningAfterVisits):
        move(hall, opened_on=slot.day + timedelta(days=1))
    db.session.rollback()
    move(hall, opened_on=slot.day)
    move(hall, opened_on=date(2017, 6, 29))
    assert hall.opened_on == date(2017, 6, 29)
    with pytest.raises(errors.DayTooEarly):  # one digit of the year is missing
        move(hall, opened_on=date(217, 6, 29))
