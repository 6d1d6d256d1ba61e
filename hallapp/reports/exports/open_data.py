"""Files for publication: visitors and online audience of closed months by several facets, rounded (see `rounding`)."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.kinds.queries import list_kinds
from hallapp.periods import Period, Span
from hallapp.reports import words
from hallapp.reports.audience_publishing import AudienceCells
from hallapp.reports.exports.cells import Cell, guarded
from hallapp.reports.models import AudienceFacet, PublishedFacet
from hallapp.reports.publishing import NO_DAY, Published, Revision
from hallapp.reports.rounding import BASE, Cells
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall


class OpenFormat(StrEnum):
    """A file that figures are published as; the value is its extension."""

    CSV = "csv"
    JSON = "json"

    @property
    def mimetype(self) -> str:
        """Return the media type by which it is served."""
        return {OpenFormat.CSV: "text/csv; charset=utf-8", OpenFormat.JSON: "application/json"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCell:
    """Published people of one part."""

    code: str
    name: str
    visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """People by one facet; the cells add up to the total."""

    code: PublishedFacet | AudienceFacet
    title: str
    cells: tuple[OpenCell, ...]


def to_file(data: Published, form: OpenFormat) -> bytes:
    """Return the published figures as the bytes of a file, in the language in force."""
    makers = {OpenFormat.CSV: _to_csv, OpenFormat.JSON: _to_json}
    return makers[form](data)


def file_name(hall: Hall, period: Period, form: OpenFormat) -> str:
    """Return the name under which a file is saved: `lingnan-2026-11-open.csv`."""
    return f"{hall.slug}-{period}-open.{form}"


def list_tables(data: Published) -> list[OpenTable]:
    """Return the tables of a period in the language in force, zeros included."""
    found = (
        (PublishedFacet.DIVISIONS, _(data.hall.origins.words.many), _divisions(data, data.divisions)),
        (PublishedFacet.TIMES, words.parts_title(data.period), _times(data, data.times, undated=True)),
        (PublishedFacet.KINDS, _("Kinds of organisation"), _kinds(data)),
        (PublishedFacet.PROGRAMMES, _("Programmes"), _programmes(data, data.programmes)),
    )
    return [OpenTable(code=code, title=title, cells=tuple(cells)) for code, title, cells in found]


def list_audience_tables(audience: AudienceCells, data: Published) -> list[OpenTable]:
    """Return the tables of the published online audience in the language in force, zeros included."""
    found = (
        (AudienceFacet.DIVISIONS, _("Online audience by place of origin"), _divisions(data, audience.divisions)),
        (AudienceFacet.TIMES, _("Online audience by time"), _times(data, audience.times, undated=False)),
        (AudienceFacet.PROGRAMMES, _("Online audience by programme"), _programmes(data, audience.programmes)),
    )
    return [OpenTable(code=code, title=title, cells=tuple(cells)) for code, title, cells in found]


def _divisions(data: Published, numbers: Cells) -> Iterator[OpenCell]:
    for code, division in data.hall.origins.divisions.items():
        yield OpenCell(code=code, name=division.name(language()), visitors=numbers.get(code, 0))


def _times(data: Published, numbers: Cells, *, undated: bool) -> Iterator[OpenCell]:
    by_day = data.period.part is Span.DAY
    for first in _days(data.period):
        if by_day or first.day == 1:
            code = first.isoformat()[: 10 if by_day else 7]
            yield OpenCell(code=code, name=words.part_name(first, data.period), visitors=numbers.get(code, 0))
    if by_day and undated:
        yield OpenCell(code=NO_DAY, name=_("Unknown day"), visitors=numbers.get(NO_DAY, 0))


def _days(period: Period) -> Iterable[date]:
    return (period.first + timedelta(days=number) for number in range((period.end - period.first).days))


def _kinds(data: Published) -> Iterator[OpenCell]:
    kinds = list_kinds(data.hall.id)
    shown = [kind.code for kind in kinds.values() if kind.active or data.kinds.get(kind.code)]
    for code in (*shown, *sorted(data.kinds.keys() - kinds.keys())):
        yield OpenCell(code=code, name=kinds.name(code), visitors=data.kinds.get(code, 0))


def _programmes(data: Published, numbers: Cells) -> Iterator[OpenCell]:
    """Yield the programmes that are offered, those that people came for, and codes that no programme has any more."""
    known = {programme.slug: programme for programme in schedule.list_all_programmes(data.hall.id)}
    for code, programme in known.items():
        if programme.active or numbers.get(code):
            yield OpenCell(code=code, name=programme.name(language()), visitors=numbers.get(code, 0))
    for code, visitors in sorted(numbers.items()):
        if code not in known and visitors:
            yield OpenCell(code=code, name=code, visitors=visitors)


def _about(data: Published) -> list[tuple[str, str, str]]:
    """Return the notes on the figures: a word for programs, one for people, and the text."""
    hall = data.hall
    contact = words.listed(filter(None, (hall.text("address", language()), hall.phone)))
    return [
        ("publisher", _("Publisher"), hall.text("name", language())),
        ("contact", _("Contact the publisher"), contact),
        ("period", _("Period"), words.period_name(data.period)),
        ("published_on", _("Published on"), clock.local_day(data.published_at, hall.time_zone).isoformat()),
        ("use", _("Use"), _("Free to use and to pass on. Name the publisher and the period.")),
        *(("method", _("Method"), line) for line in method(data)),
    ]


def method(data: Published) -> list[str]:
    """Return the meaning of the numbers and their rounding, in sentences."""
    return [
        _("These are not exact numbers: all of them are rounded, so that no person can be identified."),
        _(
            "Each month's counts were rounded up or down to a multiple of %(base)s at random (controlled random"
            " rounding, Fellegi 1975). In a month published once, a number is less than %(base)s away from the true"
            " one: 0 stands for 0 to %(most)s people. The rounding was drawn once and does not change.",
            base=BASE,
            most=BASE - 1,
        ),
        _("Quarters, years and longer times are sums of the published months. Each table adds up to the total."),
        _(
            "People are counted when they arrive, once on each day on which they come. Only closed "
            "months are published."
        ),
        *_method_of_audience(data),
        *(_revised(revision, data.hall) for revision in data.revisions),
    ]


def _method_of_audience(data: Published) -> Iterator[str]:
    if data.audience:
        yield _(
            "The online audience counts people who followed online programmes, once for each session. It is rounded in "
            "the same way, and no number of visitors includes it. Months that were closed without it have none."
        )


def _revised(revision: Revision, hall: Hall) -> str:
    month = words.period_name(Period.month(revision.month.year, revision.month.month))
    day = words.long_day(clock.local_day(revision.published_at, hall.time_zone))
    if not revision.changed:
        return _(
            "%(month)s was reopened, closed again and published again on %(day)s; no published number changed.",
            month=month,
            day=day,
        )
    return ngettext(
        "Revised: %(month)s was reopened, closed again and published again on %(day)s. %(num)s published number"
        " changed; the change was rounded in the same way and added.",
        "Revised: %(month)s was reopened, closed again and published again on %(day)s. %(num)s published numbers"
        " changed; the changes were rounded in the same way and added.",
        revision.changed,
        month=month,
        day=day,
    )


def _to_json(data: Published) -> bytes:
    about = _about(data)
    body = {
        **{key: text for key, _name, text in about if key != "method"},
        "method": [text for key, _name, text in about if key == "method"],
        "period": str(data.period),
        "rounded_to": BASE,
        "revisions": [_revision(revision) for revision in data.revisions],
        "visitors": data.visitors,
        **{
            table.code.value: [
                {"code": cell.code, "name": cell.name, "visitors": cell.visitors} for cell in table.cells
            ]
            for table in list_tables(data)
        },
        **_audience(data),
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def _audience(data: Published) -> dict[str, Any]:
    """Return the published audience; nothing where there is none."""
    if data.audience is None:
        return {}
    tables = {
        table.code.value: [{"code": cell.code, "name": cell.name, "people": cell.visitors} for cell in table.cells]
        for table in list_audience_tables(data.audience, data)
    }
    return {"audience": {"people": data.audience.people, **tables}}


def _revision(revision: Revision) -> dict[str, str | int]:
    return {
        "month": f"{revision.month:%Y-%m}",
        "revision": revision.number,
        "published_at": revision.published_at.isoformat(),
        "numbers_changed": revision.changed,
    }


def _to_csv(data: Published) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    for row in _csv_rows(data):
        writer.writerow([guarded(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def _csv_rows(data: Published) -> Iterator[tuple[Cell, ...]]:
    """Yield one plain table; its description and method are in its last rows."""
    yield _("Table"), _("Code"), _("Name"), _("People, rounded to multiples of %(base)s", base=BASE)
    yield _("Total"), str(data.period), words.period_name(data.period), data.visitors
    for table in list_tables(data):
        for cell in table.cells:
            yield table.title, cell.code, cell.name, cell.visitors
    if data.audience:
        yield _("Online audience"), str(data.period), words.period_name(data.period), data.audience.people
        for table in list_audience_tables(data.audience, data):
            for cell in table.cells:
                yield table.title, cell.code, cell.name, cell.visitors
    for _key, name, text in _about(data):
        yield name, "", text, ""
