"""The audience of online programmes in a period: beside the visitors, and never among them."""

from datetime import date

from hallapp.core import clock
from hallapp.online import queries
from hallapp.periods import Period
from hallapp.reports.figures.parts import AudienceFigures, AudiencePart, AudienceSession
from hallapp.schedule.models import Hall


def find(hall: Hall, period: Period) -> AudienceFigures | None:
    """Return the audience of a period by place of origin and by session; None where there is none."""
    sessions = queries.list_session_sums(hall.id, period.first, period.end)
    if not sessions:
        return None
    total = queries.sum_audience(hall.id, period.first, period.end)
    parts = queries.sum_divisions(hall.id, period.first, period.end)
    return AudienceFigures(
        people=total.people,
        minutes=total.minutes,
        divisions=tuple(
            AudiencePart(code=code, people=one.people, minutes=one.minutes)
            for code, one in sorted(parts.items(), key=lambda part: (-part[1].people, part[0]))
        ),
        sessions=tuple(
            AudienceSession(
                programme=one.programme,
                name=one.name,
                day=(local := clock.local(one.starts_at, hall.time_zone)).date(),
                starts=f"{local:%H:%M}",
                people=one.people,
                minutes=one.minutes,
                peak=one.peak,
            )
            for one in sessions
        ),
    )


def list_later(hall_id: int, first: date, end: date, filed: AudienceFigures | None) -> tuple[AudiencePart, ...]:
    """Return by how much the audience of a closed month has moved since its figures were filed, by place of origin.

    The moves may cancel out, such as where a list has replaced people of one place by those of another.
    """
    then = {one.code: (one.people, one.minutes) for one in filed.divisions} if filed else {}
    now = queries.sum_divisions(hall_id, first, end)
    moved = [
        AudiencePart(code=code, people=people - then.get(code, (0, 0))[0], minutes=minutes - then.get(code, (0, 0))[1])
        for code in sorted(then.keys() | now.keys())
        for people, minutes in [now.get(code, (0, 0))]
    ]
    return tuple(one for one in moved if one.people or one.minutes)
