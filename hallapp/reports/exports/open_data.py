"""Figures for publication: people by place, time, kind and programme, without any cell that could point at a person."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from hallapp.core import clock
from hallapp.core.i18n import language
from hallapp.ledger.models import Span
from hallapp.reports import signing, tables, words
from hallapp.reports.exports.cells import Cell, guarded
from hallapp.reports.exports.suppression import protect, withholds_whole
from hallapp.reports.figures import Report
from hallapp.reports.tables import Row

#: The smallest number of people that is shown, unless another one is asked for.
LEAST, LEAST_OF_ALL, MOST = 5, 3, 50
_LENGTHS = {Span.DAY: 10, Span.MONTH: 7, Span.YEAR: 4}


class OpenFormat(StrEnum):
    """A file that figures are published as; the value is its extension."""

    CSV = "csv"
    JSON = "json"

    @property
    def mimetype(self) -> str:
        """The media type by which it is served."""
        return {OpenFormat.CSV: "text/csv; charset=utf-8", OpenFormat.JSON: "application/json"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCell:
    """People of one part; None where they are withheld."""

    code: str
    name: str
    visitors: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """People told apart in one way; the cells, withheld ones too, add up to the whole."""

    code: str
    title: str
    cells: tuple[OpenCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenData:
    """All tables of a period, and what they add up to; None where even that is withheld."""

    report: Report
    least: int
    whole: int | None
    tables: tuple[OpenTable, ...]


def open_data(report: Report, *, least: int = LEAST) -> OpenData:
    """What of a report can be published. Groups, guides, organisations and hours cannot."""
    whole = report.totals.visitors
    found = (
        ("divisions", tables.of_divisions(report).title, _rows(tables.of_divisions(report).rows)),
        ("times", words.parts_title(report.period), _times(report)),
        ("kinds", tables.of_kinds(report).title, _rows(tables.of_kinds(report).rows)),
        ("programmes", tables.of_programmes(report).title, _rows(tables.of_programmes(report).rows)),
    )
    return OpenData(
        report=report,
        least=least,
        whole=None if withholds_whole(whole, least=least) else whole,
        tables=tuple(_table(code, title, list(rows), whole=whole, least=least) for code, title, rows in found),
    )


def to_file(report: Report, form: OpenFormat, *, least: int = LEAST) -> bytes:
    """The figures for publication as the bytes of a file, in the language in force."""
    makers = {OpenFormat.CSV: _to_csv, OpenFormat.JSON: _to_json}
    return makers[form](open_data(report, least=least))


def file_name(report: Report, form: OpenFormat) -> str:
    """The name under which it is saved: `lingnan-2026-11-open.csv`."""
    return words.file_name(report, form).removesuffix(f".{form}") + f"-open.{form}"


_Named = tuple[str, str, int]


def _table(code: str, title: str, rows: Sequence[_Named], *, whole: int, least: int) -> OpenTable:
    numbers = [visitors for _code, _name, visitors in rows]
    shown = protect(numbers, least=least) if sum(numbers) == whole else [None] * len(numbers)
    cells = (
        OpenCell(code=row_code, name=name, visitors=visitors)
        for (row_code, name, _visitors), visitors in zip(rows, shown, strict=True)
    )
    return OpenTable(code=code, title=title, cells=tuple(cells))


def _rows(rows: Iterable[Row]) -> Iterator[_Named]:
    return ((str(row.code), row.name, row.visitors) for row in rows)


def _times(report: Report) -> Iterator[_Named]:
    length = _LENGTHS[report.period.part]
    for part in report.parts:
        yield part.first.isoformat()[:length], words.part_name(part.first, report.period), part.visitors
    yield "unknown", _("Day not known"), report.undated.visitors


def _about(data: OpenData) -> list[tuple[str, str, str]]:
    """What stands with the figures: a word for programs, one for people, and what it says."""
    report, hall = data.report, data.report.hall
    contact = words.listed(filter(None, (hall.text("address", language()), hall.phone)))
    made_on = clock.local_day(report.made_at, hall.time_zone)
    return [
        ("publisher", _("Publisher"), hall.text("name", language())),
        ("contact", _("Contact the publisher"), contact),
        ("period", _("Period"), words.period_name(report.period)),
        ("made_on", _("Date of making"), made_on.isoformat()),
        ("state", _("State"), signing.state(report)),
        ("use", _("Use"), _("Free to use and to pass on. Name the publisher and the period.")),
        *(("method", _("Method"), line) for line in _method(data)),
    ]


def _method(data: OpenData) -> list[str]:
    return [
        _("People who arrived are counted, each once on each day on which they came."),
        _(
            "Numbers of 1 to %(most)s people are withheld, and with them as many larger ones as it takes to keep them"
            " from being worked out. A withheld cell is empty and marked as withheld; a zero is a zero. Where fewer"
            " than %(few)s people came, everything is withheld.",
            most=data.least - 1,
            few=2 * data.least,
        ),
        _(
            "Each table adds up to the total, with its withheld cells. Groups, guides, organisations and hours are not"
            " published."
        ),
        _(
            "This file is protected by itself. Files of periods that overlap, such as a year and its months, or files"
            " of one period with different limits, are better not published side by side: their differences could"
            " tell what each of them withholds."
        ),
    ]


def _to_json(data: OpenData) -> bytes:
    about = _about(data)
    body = {
        **{key: told for key, _name, told in about if key != "method"},
        "method": [told for key, _name, told in about if key == "method"],
        "period": str(data.report.period),
        "least": data.least,
        "visitors": data.whole,
        "withheld": data.whole is None,
        **{
            table.code: [
                {
                    "code": cell.code,
                    "name": cell.name,
                    "visitors": cell.visitors,
                    "withheld": cell.visitors is None,
                }
                for cell in table.cells
            ]
            for table in data.tables
        },
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def _to_csv(data: OpenData) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    for row in _csv_rows(data):
        writer.writerow([guarded(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def _csv_rows(data: OpenData) -> Iterator[tuple[Cell, ...]]:
    """One plain table; what it is and how it was made stand in its last rows."""
    withheld = _("withheld")

    def number(visitors: int | None) -> tuple[Cell, Cell]:
        return ("", withheld) if visitors is None else (visitors, "")

    yield _("Table"), _("Code"), _("Name"), _("People"), _("Mark")
    yield (_("Total"), str(data.report.period), words.period_name(data.report.period), *number(data.whole))
    for table in data.tables:
        for cell in table.cells:
            yield (table.title, cell.code, cell.name, *number(cell.visitors))
    for _key, name, told in _about(data):
        yield name, "", told, "", ""
