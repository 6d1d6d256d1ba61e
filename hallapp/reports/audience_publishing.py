"""The published online audience of closed months: rounded as the visitors are, in tables with a total of their own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import func, insert, select

from hallapp.core.database import db
from hallapp.ledger.models import MonthClose
from hallapp.periods import Period, Span
from hallapp.reports.figures import filing
from hallapp.reports.models import AudienceFacet, Publication, PublishedAudience
from hallapp.reports.rounding import Cells, difference, publish


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCells:
    """The published audience of a period by place, by day or month, and by programme; each adds up to `people`."""

    divisions: Cells
    times: Cells
    programmes: Cells

    @property
    def people(self) -> int:
        """Return all people: each is of one division."""
        return sum(self.divisions.values())


def publish_with(publication: Publication, *, chance: Random) -> None:
    """Publish the audience of a month with a publication of its visitors; needs a transaction.

    What was published with an earlier revision is not rounded again: only what has changed since.
    """
    earlier = db.session.scalars(
        select(Publication)
        .where(
            Publication.hall_id == publication.hall_id,
            Publication.month == publication.month,
            Publication.revision < publication.revision,
            Publication.has_audience,
        )
        .order_by(Publication.revision.desc())
        .limit(1)
    ).one_or_none()
    true, old = _counts(publication.close), _counts(earlier.close) if earlier else {}
    changes = {facet: difference(true.get(facet, {}), old.get(facet, {})) for facet in AudienceFacet}
    publication.has_audience = True
    db.session.flush()
    if any(any(cells.values()) for cells in changes.values()):
        _write(publication, changes, chance)


def _write(publication: Publication, changes: Mapping[AudienceFacet, Cells], chance: Random) -> None:
    month = publication.month
    shown = _cells(publication.hall_id, Period.month(month.year, month.month))
    new = publish(changes, shown, chance=chance)
    key = {"hall_id": publication.hall_id, "month": month, "revision": publication.revision}
    rows = [
        {**key, "facet": facet, "part": part, "people": people}
        for facet in AudienceFacet
        for part, people in difference(new[facet], shown[facet]).items()
        if people
    ]
    if rows:
        db.session.execute(insert(PublishedAudience), rows)


def find_published(hall_id: int, period: Period) -> AudienceCells | None:
    """Return the published audience of a period; None where nothing of it has been published."""
    cells = _cells(hall_id, period)
    if not any(any(numbers.values()) for numbers in cells.values()):
        return None
    times = cells[AudienceFacet.TIMES]
    if period.part is not Span.DAY:
        months = Counter[str]()
        for day, people in times.items():
            months[day[:7]] += people
        times = months
    return AudienceCells(
        divisions=cells[AudienceFacet.DIVISIONS], times=times, programmes=cells[AudienceFacet.PROGRAMMES]
    )


def count_changed(hall_id: int, period: Period) -> dict[tuple[date, int], int]:
    """Return how many published numbers of the audience each publication of a period has changed."""
    rows = db.session.execute(
        select(PublishedAudience.month, PublishedAudience.revision, func.count())
        .where(
            PublishedAudience.hall_id == hall_id,
            PublishedAudience.month >= period.first,
            PublishedAudience.month < period.end,
        )
        .group_by(PublishedAudience.month, PublishedAudience.revision)
    )
    return {(month, revision): count for month, revision, count in rows}


def _counts(close: MonthClose) -> dict[AudienceFacet, Cells]:
    """Return the true counts of a month; each facet adds up to all people of the audience."""
    audience = filing.read(close.figures).audience
    if audience is None:
        return {}
    times, programmes = Counter[str](), Counter[str]()
    for one in audience.sessions:
        times[one.day.isoformat()] += one.people
        programmes[one.programme] += one.people
    return {
        AudienceFacet.DIVISIONS: {one.code: one.people for one in audience.divisions},
        AudienceFacet.TIMES: times,
        AudienceFacet.PROGRAMMES: programmes,
    }


def _cells(hall_id: int, period: Period) -> dict[AudienceFacet, dict[str, int]]:
    found: dict[AudienceFacet, dict[str, int]] = {facet: {} for facet in AudienceFacet}
    rows = db.session.execute(
        select(PublishedAudience.facet, PublishedAudience.part, func.sum(PublishedAudience.people))
        .where(
            PublishedAudience.hall_id == hall_id,
            PublishedAudience.month >= period.first,
            PublishedAudience.month < period.end,
        )
        .group_by(PublishedAudience.facet, PublishedAudience.part)
    )
    for facet, part, people in rows:
        found[facet][part] = int(people)
    return found
