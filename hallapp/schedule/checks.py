"""Checks on a manager's numbers, texts and policies; a bad combination is refused with its reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from hallapp.core.clock import months_before
from hallapp.core.i18n import installed
from hallapp.core.texts import LONG, Texts
from hallapp.schedule import errors, no_show_errors, queries
from hallapp.schedule.models import DayRule, Hall, Mode, Programme, WeekTemplate
from hallapp.schedule.no_shows import MOST_TIERS, Consequence, Tier, Tiers, Unit
from hallapp.schedule.policy import Policy

PEOPLE_MOST = 100_000
GUIDES_MOST = 1_000
MINUTES_MOST = 24 * 60
POSITION_MOST = 10_000
DAYS_AHEAD_MOST = 365
HOURS_MOST = DAYS_AHEAD_MOST * 24
OFFER_HOURS_MOST = 30 * 24
RETENTION_MONTHS_MOST = 120
NO_SHOWS_MOST = 100
PAUSE_DAYS_MOST = 3_650
PERCENT_MOST = 1_000
BOOKINGS_MOST = 10_000
BRAKE_HOURS_MOST = 14 * 24
NETWORK_PLACES_MOST = 1_000_000
LINE_A_MINUTE_MOST = 10_000
PLAN_DAYS_MOST = 2 * 366
#: No hall is older; a year such as 217 is a slip.
FIRST_OPENING = date(1500, 1, 1)

_CONTRAST_LEAST = 4.5
_DAYS_A_MONTH = 365 / 12
_PERIOD_MOST = {Unit.DAYS: 31 * RETENTION_MONTHS_MOST, Unit.MONTHS: RETENTION_MONTHS_MOST}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_POLICY_RANGES = {
    "group_min": (1, PEOPLE_MOST),
    "group_max": (1, PEOPLE_MOST),
    "notice_hours": (0, HOURS_MOST),
    "days_ahead": (0, DAYS_AHEAD_MOST),
    "change_hours": (0, HOURS_MOST),
    "offer_hours": (1, OFFER_HOURS_MOST),
}
_HALL_RANGES = _POLICY_RANGES | {
    "large_group_max": (0, PEOPLE_MOST),
    "retention_months": (1, RETENTION_MONTHS_MOST),
    "inside_capacity": (1, PEOPLE_MOST),
    "guides_on_duty": (0, GUIDES_MOST),
    "early_minutes": (0, MINUTES_MOST),
    "late_minutes": (0, MINUTES_MOST),
    "ask_over_percent": (0, PERCENT_MOST),
    "ask_over_people": (0, PEOPLE_MOST),
    "ask_walk_in": (1, PEOPLE_MOST),
    "open_per_phone": (0, BOOKINGS_MOST),
    "open_per_organisation": (0, BOOKINGS_MOST),
    "brake_per_hour": (0, BOOKINGS_MOST),
    "brake_hold_hours": (1, BRAKE_HOURS_MOST),
    "network_places": (0, NETWORK_PLACES_MOST),
    "line_per_minute": (1, LINE_A_MINUTE_MOST),
}
_PROGRAMME_RANGES = _POLICY_RANGES | {
    "minutes": (1, MINUTES_MOST),
    "guides": (0, GUIDES_MOST),
    "position": (0, POSITION_MOST),
}


def check_number(field: str, value: int | None, *, least: int, most: int) -> None:
    """Raise NumberOutOfRange; None is no number and passes."""
    if value is not None and not least <= value <= most:
        raise errors.NumberOutOfRange(field, least=least, most=most)


def check_places(visitor_capacity: int, guide_capacity: int) -> None:
    """Check the places and guides of a slot. Raises NumberOutOfRange."""
    check_number("visitor_capacity", visitor_capacity, least=0, most=PEOPLE_MOST)
    check_number("guide_capacity", guide_capacity, least=0, most=GUIDES_MOST)


def check_limits(inside_capacity: int | None, guides_on_duty: int | None) -> None:
    """Check the limits of a hall or of one day. Raises NumberOutOfRange."""
    check_number("inside_capacity", inside_capacity, least=1, most=PEOPLE_MOST)
    check_number("guides_on_duty", guides_on_duty, least=0, most=GUIDES_MOST)


def check_day(hall: Hall, day: date, *, field: str = "day") -> None:
    """Check that a day can be planned. Raises DayPast, DayTooFar."""
    today = hall.today()
    if day < today:
        raise errors.DayPast(field)
    if day > (last := today + timedelta(days=PLAN_DAYS_MOST)):
        raise errors.DayTooFar(last=last, field=field)


def check_opening_day(opened_on: date, today: date) -> None:
    """Check that a hall can have this opening day. Raises DayTooEarly, DayTooFar."""
    if opened_on < FIRST_OPENING:
        raise errors.DayTooEarly(first=FIRST_OPENING)
    if opened_on > (last := today + timedelta(days=PLAN_DAYS_MOST)):
        raise errors.DayTooFar(last=last, field="opened_on")


def check_texts(model: type, values: Mapping[str, Any]) -> None:
    """Texts fit their columns and can be stored. Raises TextTooLong, TextUnreadable."""
    for name, value in values.items():
        if isinstance(value, Texts):
            for language, words in value.items():
                _check_text(f"{name}_{language}", words, most=model.__table__.c[name].type.most)  # type: ignore[attr-defined]
        elif isinstance(value, str):
            most = getattr(model.__table__.c[name].type, "length", None)  # type: ignore[attr-defined]
            _check_text(name, value, most=most or LONG)


def _check_text(name: str, value: str, *, most: int) -> None:
    if len(value) > most:
        raise errors.TextTooLong(name, most=most)
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise errors.TextUnreadable(name)


def check_start(starts: time, *, minutes: int, field: str = "starts") -> None:
    """Check that a visit ends on its day. Raises PassesMidnight."""
    if starts.hour * 60 + starts.minute + minutes > MINUTES_MOST:
        raise errors.PassesMidnight(starts=starts, minutes=minutes, field=field)


def check_hall(values: Mapping[str, Any], programmes: Sequence[Programme]) -> None:
    """Check a hall's policy, by itself and with its programmes' policies. Raises as `save_policy`."""
    _check_ranges(values, _HALL_RANGES)
    _check_languages(values)
    _check_accent(values["accent"])
    _check_days(values)
    check_tiers(values["no_show_tiers"], retention_months=values["retention_months"])
    _check_policy(_policy(values, None))
    if 0 < values["large_group_max"] <= values["group_max"]:
        raise errors.LargeGroupTooSmall(most=values["group_max"])
    for programme in programmes:
        if programme.active:
            _check_policy(_policy(values, programme), programme=programme)
            check_against_limits(values, programme)
    inside = values["inside_capacity"]
    if inside is not None and values["group_min"] > inside:
        raise errors.InsideTooSmall(people=values["group_min"])


def check_programme(hall: Hall, programme: Programme) -> None:
    """Check a programme's new values against its hall. Raises the refusals of `save_programme`."""
    _check_ranges(vars(programme), _PROGRAMME_RANGES)
    for language in hall.language_codes:
        if not programme.name.get(language):
            raise errors.NameMissing(f"name_{language}")
    if not programme.active:
        return
    limits = {"inside_capacity": hall.inside_capacity, "guides_on_duty": hall.guides_on_duty}
    _check_policy(_policy(_hall_policy(hall), programme))
    check_against_limits(limits | _hall_policy(hall), programme, guides_field="guides", inside_field="group_min")
    _check_templates(hall, programme)


def check_against_limits(
    hall: Mapping[str, Any],
    programme: Programme,
    *,
    guides_field: str = "guides_on_duty",
    inside_field: str = "inside_capacity",
) -> None:
    """Check that the hall's limits admit a programme's smallest group. Raises GuidesTooFew, InsideTooSmall."""
    on_duty, inside = hall["guides_on_duty"], hall["inside_capacity"]
    if on_duty is not None and programme.guides > on_duty:
        raise errors.GuidesTooFew(programme=called(programme), guides=programme.guides, field=guides_field)
    smallest = _policy(hall, programme).group_min
    if inside is not None and programme.mode is Mode.ON_SITE and smallest > inside:
        raise errors.InsideTooSmall(people=smallest, field=inside_field)


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a colour `#rrggbb` with white, from 1 to 21. Source: WCAG 2.2, relative luminance."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def called(programme: Programme) -> str:
    """Return a programme's name in a refusal, whose reader's language is not known here."""
    return " / ".join(dict.fromkeys(programme.name.values()))


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _check_ranges(values: Mapping[str, Any], ranges: Mapping[str, tuple[int, int]]) -> None:
    for name, (least, most) in ranges.items():
        check_number(name, values.get(name), least=least, most=most)


def _check_languages(values: Mapping[str, Any]) -> None:
    chosen = [language for language in values["languages"].split(",") if language]
    if not chosen or not set(chosen) <= set(installed()):
        raise errors.LanguagesMissing
    for language in chosen:
        if not values["name"].get(language):
            raise errors.LanguageWithoutName(f"name_{language}")


def _check_accent(accent: str) -> None:
    if not _COLOUR.fullmatch(accent):
        raise errors.AccentInvalid
    if (contrast := contrast_with_white(accent)) < _CONTRAST_LEAST:
        raise errors.AccentTooPale(contrast=contrast)


def _check_days(values: Mapping[str, Any]) -> None:
    if len(set(values["closed_weekdays"])) == 7 and values["holidays"] is not DayRule.OPEN:
        raise errors.NeverOpen


def check_tiers(tiers: Tiers, *, retention_months: int) -> None:
    """Check the rule for no-shows as one table: each tier by itself, and against the one before it.

    Raises:
        NumberOutOfRange, TierLengthMissing, TierLengthUnused, NoShowPeriodTooLong: for one tier.
        TooManyTiers, TierCountNotHigher, TierPeriodShorter, TierNotStricter: for the table.
    """
    if len(tiers) > MOST_TIERS:
        raise no_show_errors.TooManyTiers(most=MOST_TIERS)
    for number, tier in enumerate(tiers):
        _check_tier(tier, number, retention_months=retention_months)
        if number:
            _check_against_lower(tier, tiers[number - 1], number)


def _check_tier(tier: Tier, number: int, *, retention_months: int) -> None:
    check_number(no_show_errors.tier_field(number, "count"), tier.count, least=1, most=NO_SHOWS_MOST)
    check_number(no_show_errors.tier_field(number, "within"), tier.within, least=1, most=_PERIOD_MOST[tier.unit])
    check_number(no_show_errors.tier_field(number, "days"), tier.days, least=0, most=PAUSE_DAYS_MOST)
    if tier.consequence is Consequence.REMIND and tier.days:
        raise no_show_errors.TierLengthUnused(number)
    if tier.consequence is not Consequence.REMIND and not tier.days:
        raise no_show_errors.TierLengthMissing(number)
    if _exceeds(tier, retention_months):
        raise no_show_errors.NoShowPeriodTooLong(number, months=retention_months)


def _check_against_lower(tier: Tier, lower: Tier, number: int) -> None:
    """Check that a tier needs more no-shows than the one before it, within no shorter period, and is stricter."""
    if tier.count <= lower.count:
        raise no_show_errors.TierCountNotHigher(number)
    if _average_days(tier) < _average_days(lower):
        raise no_show_errors.TierPeriodShorter(number)
    order = list(Consequence)
    if order.index(tier.consequence) < order.index(lower.consequence):
        raise no_show_errors.TierNotStricter(number)
    if tier.consequence is lower.consequence and tier.days <= lower.days:
        raise no_show_errors.TierNotLonger(number)


def _average_days(tier: Tier) -> float:
    return tier.within if tier.unit is Unit.DAYS else tier.within * _DAYS_A_MONTH


def _exceeds(tier: Tier, months: int) -> bool:
    """Return whether a period may reach back further than so many months, also where these are short ones."""
    if tier.unit is Unit.MONTHS:
        return tier.within > months
    starts = (date(2027, month, 1) for month in range(1, 13))
    return any(tier.first_day(start) < months_before(start, months) for start in starts)


def _check_policy(policy: Policy, *, programme: Programme | None = None) -> None:
    """Check that the rules of booking agree with one another."""
    if policy.group_min > policy.group_max:
        raise errors.GroupSizeCrossed(programme=called(programme) if programme else "")
    most = max(policy.days_ahead * 24, 23)  # of a window of today only, some hours are left
    if policy.notice_hours > most:
        raise errors.NoticeBeyondWindow(most=most)
    if policy.change_hours > most:
        raise errors.ChangeBeyondWindow(most=most)


def _policy(hall: Mapping[str, Any], programme: Programme | None) -> Policy:
    own = {name: getattr(programme, name, None) for name in Policy.__dataclass_fields__}
    return Policy(**{name: hall[name] if value is None else value for name, value in own.items()})


def _hall_policy(hall: Hall) -> dict[str, Any]:
    return {name: getattr(hall, name) for name in Policy.__dataclass_fields__}


def _check_templates(hall: Hall, programme: Programme) -> None:
    """Check that no line that a programme follows from today on runs past midnight."""
    for template in list_followed(programme, queries.list_templates(hall.id), since=hall.today()):
        for line in template.openings:
            check_start(line.starts, minutes=programme.minutes, field="minutes")


def list_followed(programme: Programme, templates: Iterable[WeekTemplate], *, since: date) -> list[WeekTemplate]:
    """Return the templates, given the latest first, that a programme follows on some day from `since` on."""
    own = [template for template in templates if template.programme_id == programme.id]
    until = min((template.valid_from for template in own), default=None)
    halls = [
        template
        for template in templates
        if template.programme_id is None and (until is None or template.valid_from < until)
    ]
    followed: list[WeekTemplate] = []
    for template in [*own, *halls]:
        followed.append(template)
        if template.valid_from <= since:
            break
    return followed
