"""The talks of guests with hosts in a period: beside the visitors, of whom only guests at the hall are some."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from hallapp.periods import Period
from hallapp.reports.figures.parts import HostFigure, TalkFigures, TalkNumbers
from hallapp.talks import queries
from hallapp.talks.models import TalkState
from hallapp.talks.queries import HostSum


def find(hall_id: int, period: Period) -> TalkFigures | None:
    """Return the talks of a period in total and by host; None where there is none."""
    sums = [one for one in queries.sum_by_host(hall_id, period.first, period.end) if _column(one)]
    if not sums:
        return None
    return TalkFigures(
        total=TalkNumbers(**_count(sums)),
        hosts=tuple(
            HostFigure(host=host, name=name, **_count(mine))
            for (host, name), mine in groupby(sums, key=lambda one: (one.host, one.name))
        ),
        visitors=queries.sum_visitors(hall_id, period.first, period.end),
    )


def count_later(hall_id: int, first: date, end: date, filed: TalkFigures | None) -> int:
    """Return by how many the held talks of a closed month have changed since its figures were filed."""
    return queries.sum_held(hall_id, first, end) - (filed.total.held if filed else 0)


def _count(sums: Iterable[HostSum]) -> Counter[str]:
    found = Counter[str]()
    for one in sums:
        found[_column(one)] += one.talks
    return found


def _column(one: HostSum) -> str:
    """Return the number of `TalkNumbers` to which talks belong; empty for talks whose result is not recorded."""
    if one.state is TalkState.HELD:
        return one.mode.value
    return one.state.value if one.state is not TalkState.BOOKED else ""
