"""Published figures of closed months: rounded once, stored, and summed for longer periods.

The files for publication, the home page and the big screen read nothing else of the months: see `rounding`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, insert, or_, select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger import closes
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import DIVISION, KIND, PROGRAMME
from hallapp.ledger.models import MonthClose
from hallapp.origins.values import APART, OriginSet
from hallapp.periods import SINCE_OPENING, Period, Span, Unit
from hallapp.reports import audience_publishing
from hallapp.reports.audience_publishing import AudienceCells
from hallapp.reports.errors import MonthsNotClosed, NoMonthYet, NotForPublication
from hallapp.reports.figures import filing
from hallapp.reports.figures.parts import Figures
from hallapp.reports.figures.service import check_period
from hallapp.reports.models import Publication, PublishedCell, PublishedFacet
from hallapp.reports.rounding import CHANCE, Cells, difference, publish
from hallapp.schedule.models import Hall

#: The part of `PublishedFacet.TIMES` that holds people of whom only the month is known.
NO_DAY = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A month that was published again after it had been reopened; `changed` is how many numbers then changed."""

    month: date
    number: int
    published_at: datetime
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The published numbers of a period of closed months; codes without people may be missing.

    `times` holds days, or months where the period is shown by months. `published_at` is when its last month was.
    `audience` is that of online programmes, which no other number includes; None where nothing is published of it.
    """

    hall: Hall
    period: Period
    visitors: int
    divisions: Cells
    times: Cells
    kinds: Cells
    programmes: Cells
    audience: AudienceCells | None
    published_at: datetime
    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The people received in the published months from `first` to `last`, without a gap between them."""

    origins: OriginSet
    first: date
    last: date
    divisions: Cells
    revision: Revision | None

    @property
    def visitors(self) -> int:
        """Return all people: each is of one division."""
        return sum(self.divisions.values())

    @property
    def places(self) -> int:
        """Return how many of the places people came from."""
        return sum(1 for code, people in self.divisions.items() if people and code not in APART)


def list_due(hall_id: int) -> Sequence[MonthClose]:
    """Return the valid closes that have not been published, or not with their online audience, by month."""
    return db.session.scalars(
        select(MonthClose)
        .outerjoin(Publication, Publication.close_id == MonthClose.id)
        .where(MonthClose.hall_id == hall_id, MonthClose.reopened_at.is_(None))
        .where(or_(Publication.close_id.is_(None), ~Publication.has_audience))
        .order_by(MonthClose.month)
    ).all()


def publish_due(hall_id: int, *, chance: Random = CHANCE) -> None:
    """Publish every closed month whose present close has not been published. Needs a transaction."""
    closes.hold(hall_id)
    for close in list_due(hall_id):
        made = db.session.scalar(select(Publication).where(Publication.close_id == close.id))
        audience_publishing.publish_with(made or _publish(close, chance), chance=chance)


def get_published(hall: Hall, period: Period) -> Published:
    """Return the published numbers of a period; since the opening it ends with the last closed month.

    Raises:
        NotForPublication: the period is not made of whole months.
        PeriodNotBegun, PeriodBeforeOpening: the hall was not open in it.
        MonthsNotClosed: some of its months are not closed. NoMonthYet: the hall opened in this month.
    """
    if period.unit is Unit.RANGE:
        raise NotForPublication
    closed = {each.month for each in closes.list_closed(hall.id)}
    if period == SINCE_OPENING:
        period = _since_opening(hall, last=max(closed, default=None))
    check_period(hall, period)
    first = ledger.find_first_day(hall).replace(day=1)
    months = [month for month in _months(period) if month >= first]
    missing = [month for month in months if month not in closed]
    if missing:
        raise MonthsNotClosed([f"{month:%Y-%m}" for month in missing])
    return _published(hall, period)


def find_received(hall: Hall) -> Received | None:
    """Return the received people, or None where nothing is published.

    It counts the last published month and those before it, back to the first one that was never published.
    """
    published = set(db.session.scalars(select(Publication.month).where(Publication.hall_id == hall.id)))
    if not published:
        return None
    first = last = max(published)
    while (before := (first - timedelta(days=1)).replace(day=1)) in published:
        first = before
    period = _whole_months(first, last)
    changed = [revision for revision in _list_revisions(hall.id, period) if revision.changed]
    return Received(
        origins=hall.origins,
        first=first,
        last=last,
        divisions=_cells(hall.id, period, [PublishedFacet.DIVISIONS])[PublishedFacet.DIVISIONS],
        revision=max(changed, key=lambda revision: revision.published_at, default=None),
    )


def _publish(close: MonthClose, chance: Random) -> Publication:
    """Publish the visitors of a month."""
    before = _find_last(close.hall_id, close.month)
    true, old = _counts(filing.read(close.figures)), _counts(filing.read(before.close.figures)) if before else {}
    shown = _cells(close.hall_id, Period.month(close.month.year, close.month.month))
    changes = {facet: difference(true[facet], old.get(facet, {})) for facet in PublishedFacet}
    new = publish(changes, shown, chance=chance)
    key = {"hall_id": close.hall_id, "month": close.month, "revision": before.revision + 1 if before else 1}
    made = Publication(**key, close_id=close.id, published_at=clock.now(), has_audience=False)
    db.session.add(made)
    db.session.flush()
    rows = [
        {**key, "facet": facet, "part": part, "visitors": visitors}
        for facet in PublishedFacet
        for part, visitors in difference(new[facet], shown[facet]).items()
        if visitors
    ]
    if rows:
        db.session.execute(insert(PublishedCell), rows)
    return made


def _find_last(hall_id: int, month: date) -> Publication | None:
    """Return the last publication of a month, or None where there is none."""
    return db.session.scalars(
        select(Publication)
        .where(Publication.hall_id == hall_id, Publication.month == month)
        .order_by(Publication.revision.desc())
        .limit(1)
    ).one_or_none()


def _counts(figures: Figures) -> dict[PublishedFacet, Cells]:
    """Return the true counts of a month; each facet adds up to all people."""
    return {
        PublishedFacet.DIVISIONS: figures.people_of(DIVISION),
        PublishedFacet.TIMES: {
            **{one.first.isoformat(): one.visitors for one in figures.parts},
            NO_DAY: figures.undated.visitors,
        },
        PublishedFacet.KINDS: figures.people_of(KIND),
        PublishedFacet.PROGRAMMES: figures.people_of(PROGRAMME),
    }


def _published(hall: Hall, period: Period) -> Published:
    cells, by_month = _cells(hall.id, period), period.part is not Span.DAY
    published_at = db.session.scalars(
        select(func.max(Publication.published_at)).where(
            Publication.hall_id == hall.id, Publication.month >= period.first, Publication.month < period.end
        )
    ).one()
    return Published(
        hall=hall,
        period=period,
        visitors=sum(cells[PublishedFacet.DIVISIONS].values()),
        divisions=cells[PublishedFacet.DIVISIONS],
        times=_months_of(hall.id, period) if by_month else cells[PublishedFacet.TIMES],
        kinds=cells[PublishedFacet.KINDS],
        programmes=cells[PublishedFacet.PROGRAMMES],
        audience=audience_publishing.find_published(hall.id, period),
        published_at=published_at,
        revisions=tuple(_list_revisions(hall.id, period)),
    )


def _cells(
    hall_id: int, period: Period, facets: Collection[PublishedFacet] = tuple(PublishedFacet)
) -> Mapping[PublishedFacet, dict[str, int]]:
    """Return the published numbers of a period by facet and part."""
    found: dict[PublishedFacet, dict[str, int]] = {facet: {} for facet in PublishedFacet}
    rows = db.session.execute(
        select(PublishedCell.facet, PublishedCell.part, func.sum(PublishedCell.visitors))
        .where(PublishedCell.hall_id == hall_id, PublishedCell.month >= period.first, PublishedCell.month < period.end)
        .group_by(PublishedCell.facet, PublishedCell.part)
    )
    for facet, part, visitors in rows:
        found[facet][part] = int(visitors)
    return found


def _months_of(hall_id: int, period: Period) -> dict[str, int]:
    """Return the published people of each month."""
    rows = db.session.execute(
        select(PublishedCell.month, func.sum(PublishedCell.visitors))
        .where(
            PublishedCell.hall_id == hall_id,
            PublishedCell.facet == PublishedFacet.DIVISIONS,
            PublishedCell.month >= period.first,
            PublishedCell.month < period.end,
        )
        .group_by(PublishedCell.month)
    )
    return {f"{month:%Y-%m}": int(visitors) for month, visitors in rows}


def _list_revisions(hall_id: int, period: Period) -> list[Revision]:
    """Return the months of a period that were published again, each time, by month."""
    changed = (
        select(func.count())
        .where(
            PublishedCell.hall_id == hall_id,
            PublishedCell.facet.in_(tuple(PublishedFacet)),
            PublishedCell.month == Publication.month,
            PublishedCell.revision == Publication.revision,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Publication.month, Publication.revision, Publication.published_at, changed)
        .where(
            Publication.hall_id == hall_id,
            Publication.month >= period.first,
            Publication.month < period.end,
            Publication.revision > 1,
        )
        .order_by(Publication.month, Publication.revision)
    )
    of_audience = audience_publishing.count_changed(hall_id, period)
    return [
        Revision(month=month, number=number, published_at=at, changed=changed + of_audience.get((month, number), 0))
        for month, number, at, changed in rows
    ]


def _since_opening(hall: Hall, *, last: date | None) -> Period:
    """Return the months from the opening to the last closed one; if none is closed, to the last past month."""
    first, before = ledger.find_first_day(hall).replace(day=1), clock.months_before(hall.today().replace(day=1), 1)
    if before < first:
        raise NoMonthYet
    return _whole_months(first, last or before)


def _whole_months(first: date, last: date) -> Period:
    """Return the days from the beginning of one month to the end of another."""
    return Period.days(first, closes.end_of(last) - timedelta(days=1))


def _months(period: Period) -> Iterator[date]:
    month = period.first
    while month < period.end:
        yield month
        month = closes.end_of(month)
