"""The measures: how an index is counted from what people did. They are pure; a threshold comes from the index."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any

from hallapp.booking.models import TourLanguage
from hallapp.core.errors import N_
from hallapp.points.records import Act, Acts
from hallapp.points.values import Record

_SATURDAY = 5
_LOW = (1, 2)
_HALF_HOUR = 30


class Per(Enum):
    """The meaning of one record of a statement."""

    ACT = auto()  # one act, such as a tour
    DAY = auto()  # all acts of a day
    FULL_DAY = auto()  # a day on which the acts reach the threshold, which counts 1
    KIND = auto()  # acts of the same kind, such as of one language, which count 1 in the quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure of acts.

    Attributes:
        acts: the attribute of `Acts` that holds them.
        amount: the units of an act, given the threshold of the index; 0 leaves it out.
        per: the unit that one record of a statement counts.
        kind: what names the kind of an act, with `Per.KIND`.
        threshold: what the threshold is, as a message id; None if there is none.
    """

    acts: str
    amount: Callable[[Any, int], int] = lambda act, threshold: 1
    per: Per = Per.ACT
    kind: Callable[[Any], str] = lambda act: act.what
    threshold: str | None = None

    def count(self, acts: Acts, threshold: int | None) -> dict[int, list[Record]]:
        """Return the records of each person."""
        least = threshold or 1
        found: dict[int, list[Record]] = {}
        amounts = [(act, int(self.amount(act, least))) for act in getattr(acts, self.acts)]
        for staff_id, record in _BY[self.per](self, [pair for pair in amounts if pair[1]], least):
            found.setdefault(staff_id, []).append(record)
        return found


_Amounts = Iterable[tuple[Act, int]]
_Found = Iterable[tuple[int, Record]]


def _by_act(_measure: Measure, amounts: _Amounts, _least: int) -> _Found:
    return [(act.staff_id, Record(act.day, act.what, amount)) for act, amount in amounts]


def _by_day(_measure: Measure, amounts: _Amounts, _least: int) -> _Found:
    days: dict[tuple[int, date], int] = {}
    for act, amount in amounts:
        days[act.staff_id, act.day] = days.get((act.staff_id, act.day), 0) + amount
    return [(staff_id, Record(day, "day", amount)) for (staff_id, day), amount in days.items()]


def _by_full_day(measure: Measure, amounts: _Amounts, least: int) -> _Found:
    days = _by_day(measure, amounts, least)
    return [(staff_id, Record(one.day, one.what, 1)) for staff_id, one in days if one.count >= least]


def _by_kind(measure: Measure, amounts: _Amounts, _least: int) -> _Found:
    first: dict[tuple[int, str], date] = {}
    for act, _amount in amounts:
        key = act.staff_id, measure.kind(act)
        first[key] = min(first.get(key, act.day), act.day)
    return [(staff_id, Record(day, kind, 1)) for (staff_id, kind), day in first.items()]


_BY: dict[Per, Callable[[Measure, _Amounts, int], _Found]] = {
    Per.ACT: _by_act,
    Per.DAY: _by_day,
    Per.FULL_DAY: _by_full_day,
    Per.KIND: _by_kind,
}


def _led(amount: Callable[[Any, int], int] = lambda tour, n: 1, **more: Any) -> Measure:
    """Return a measure of the tours whose group came."""
    return Measure(acts="tours", amount=lambda tour, n: tour.came and int(amount(tour, n)), **more)


def _held(amount: Callable[[Any, int], int] = lambda talk, n: 1, **more: Any) -> Measure:
    """Return a measure of the talks that were held."""
    return Measure(acts="talks", amount=lambda talk, n: talk.held and int(amount(talk, n)), **more)


def _weekend(act: Act, _threshold: int) -> int:
    return act.day.weekday() >= _SATURDAY


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


#: The measures by the names that the schemes of halls use. A name never changes its meaning.
MEASURES: dict[str, Measure] = {
    "tours_led": _led(),
    "people_led": _led(lambda tour, n: tour.people),
    "tour_half_hours": _led(lambda tour, n: tour.minutes // _HALF_HOUR),
    "tours_large": _led(lambda tour, n: tour.people >= n, threshold=N_("people or more")),
    "tours_other_language": _led(lambda tour, n: tour.is_other_language),
    "tours_sign_language": _led(lambda tour, n: tour.language == TourLanguage.SIGN),
    "tour_languages": _led(
        lambda tour, n: tour.language is not None, per=Per.KIND, kind=lambda tour: f"language {tour.language}"
    ),
    "tour_programmes": _led(per=Per.KIND, kind=lambda tour: f"programme {tour.programme}"),
    "tours_weekend": _led(_weekend),
    "tours_late": _led(lambda tour, n: tour.hour >= n, threshold=N_("o’clock or later")),
    "tour_days": _led(per=Per.FULL_DAY),
    "tour_busy_days": _led(per=Per.FULL_DAY, threshold=N_("tours or more on a day")),
    "tours_short_notice": _led(
        lambda tour, n: tour.notice <= _hours(n), threshold=N_("hours or less before the start")
    ),
    "groups_waited_for": Measure(acts="tours", amount=lambda tour, n: not tour.came),
    "given_back_late": Measure(
        acts="given_back",
        amount=lambda act, n: act.notice <= _hours(n),
        threshold=N_("hours or less before the start"),
    ),
    "guide_answers": Measure(acts="answers", amount=lambda answer, n: answer.guide is not None),
    "guide_five_stars": Measure(acts="answers", amount=lambda answer, n: answer.guide == 5),
    "guide_four_stars": Measure(acts="answers", amount=lambda answer, n: answer.guide == 4),
    "guide_low_stars": Measure(acts="answers", amount=lambda answer, n: answer.guide in _LOW),
    "visit_five_stars": Measure(acts="answers", amount=lambda answer, n: answer.visit == 5),
    "talks_held": _held(),
    "talks_chosen": _held(lambda talk, n: talk.chosen),
    "talks_remote": _held(lambda talk, n: talk.remote),
    "talks_other_language": _held(lambda talk, n: talk.is_other_language),
    "talk_days": _held(per=Per.FULL_DAY),
    "talk_answers": _held(lambda talk, n: talk.stars is not None),
    "talk_five_stars": _held(lambda talk, n: talk.stars == 5),
    "talk_low_stars": _held(lambda talk, n: talk.stars in _LOW),
    "talk_guests_missing": Measure(acts="talks", amount=lambda talk, n: not talk.held),
    "shifts": Measure(acts="shifts"),
    "duty_half_hours": Measure(acts="shifts", amount=lambda shift, n: shift.minutes // _HALF_HOUR),
    "shifts_weekend": Measure(acts="shifts", amount=_weekend),
    "groups_admitted": Measure(acts="admissions", amount=lambda one, n: not (one.walk_in or one.again), per=Per.DAY),
    "people_admitted": Measure(acts="admissions", amount=lambda one, n: one.people, per=Per.DAY),
    "walk_ins_admitted": Measure(acts="admissions", amount=lambda one, n: one.walk_in, per=Per.DAY),
    "desk_days": Measure(acts="admissions", per=Per.FULL_DAY),
    "admissions_offline": Measure(acts="admissions", amount=lambda one, n: one.offline, per=Per.DAY),
    "departures_recorded": Measure(acts="departures", per=Per.DAY),
    "bookings_taken": Measure(acts="bookings_taken"),
    "requests_answered": Measure(acts="replies"),
    "requests_answered_soon": Measure(
        acts="replies",
        amount=lambda reply, n: reply.after <= _hours(n),
        threshold=N_("hours or less after the request"),
    ),
    "conflicts_settled": Measure(acts="conflicts", per=Per.DAY),
    "months_closed": Measure(
        acts="closes", amount=lambda close, n: close.after_days <= n, threshold=N_("days or less after the month")
    ),
}
