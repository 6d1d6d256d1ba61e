"""The figures of several halls as CSV and as PDF, in the language in force."""

import csv
import io

from hallapp.core import clock, formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext, region
from hallapp.periods import Unit
from hallapp.reports import layout, words
from hallapp.reports.exports.cells import guarded
from hallapp.reports.network.service import HallSum, Network, SummedPlaces
from hallapp.reports.pdf.sheet import INNER, MARGIN, PaperSheet, height_of
from hallapp.reports.pdf.table import PdfColumn, PdfLine, Table, number_column
from hallapp.reports.pictures import sentences
from hallapp.reports.pictures.tile_map import tile_map

_MAP_WIDTH = INNER * 0.75


def name_of(one: HallSum) -> str:
    """Return the name of a hall in the language in force."""
    return one.hall.text("name", language())


def period_of(network: Network) -> str:
    """Return the name of the period, marked while it runs."""
    name = words.period_name(network.period)
    return _("%(period)s (so far)", period=name) if network.running else name


def before_of(network: Network) -> str:
    """Return the heading of the people of the whole period before."""
    return _("Before") if network.period.unit is Unit.RANGE else words.period_name(network.period.previous())


def notes(network: Network) -> list[str]:
    """Return what the figures are, beside the signed reports of closed months, and whose days they count."""
    told = [
        _(
            "All figures are those of the present ledger. In closed months the report of a hall shows what was signed, "
            "and lists later changes beside it."
        )
    ]
    if network.has_time_zones:
        told.append(_("The halls have different time zones: days, months and years begin at each hall's own midnight."))
    return told


def note_on_before(network: Network) -> str:
    """Return which halls were not open for all of the period before; nothing where all of them were."""
    opened = [
        _("%(hall)s (opened on %(day)s)", hall=hall.text("name", language()), day=words.long_day(hall.opened_on))
        for hall in network.opened_since
    ]
    if network.before is None or not opened:
        return ""
    halls, name = words.listed(opened), words.period_name(network.period.previous())
    return _("Not open for all of %(period)s, so the totals cannot be compared: %(halls)s.", period=name, halls=halls)


def title_of(origins: SummedPlaces, network: Network) -> str:
    """Return the title of places of origin, with the halls that count by them where others count by other places."""
    if len(network.origins) == 1:
        return _("Places of origin")
    halls = words.listed(hall.text("name", language()) for hall in origins.halls)
    return _("Places of origin: %(halls)s", halls=halls)


def say(network: Network) -> str:
    """Return the period in one sentence: people, groups, halls."""
    return _(
        "%(period)s: %(people)s in %(groups)s, in %(halls)s.",
        period=period_of(network),
        people=words.people(network.visitors),
        groups=words.groups(network.groups),
        halls=ngettext("%(num)s hall", "%(num)s halls", len(network.halls)),
    )


def to_csv(network: Network) -> bytes:
    """Return one row for each hall and period, then for each hall and month, then for each place of origin."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_("Table"), _("Code"), _("Name"), _("People"), _("Groups"), _("People in the period before")])
    rows: list[tuple[str | int | None, ...]] = [
        (_("Halls"), one.hall.slug, name_of(one), one.visitors, one.groups, one.before) for one in network.halls
    ]
    rows.append((_("Total"), str(network.period), "", network.visitors, network.groups, network.before))
    rows += [
        (first.isoformat()[:7], one.hall.slug, name_of(one), people[one.hall.id])
        for first, people in network.months.items()
        for one in network.halls
        if one.hall.id in people
    ]
    rows += [
        (title_of(each, network), one.code, each.places.origins.name(one.code, language()), one.visitors, one.groups)
        for each in network.origins
        for one in each.places.divisions
        if one.visitors or one.groups
    ]
    for row in rows:
        writer.writerow(["" if cell is None else guarded(cell) for cell in (*row, *[None] * (6 - len(row)))])
    return file.getvalue().encode("utf-8-sig")


def to_pdf(network: Network) -> bytes:
    """Return the ranking, the map and the months of the halls as a PDF."""
    title, period = _("All halls"), period_of(network)
    zone = network.halls[0].hall.time_zone
    when = words.moment(clock.now(), zone)
    made = _("Made on %(when)s", when=f"{when} ({zone})" if network.has_time_zones else when)
    sheet = PaperSheet(
        name=f"{title} · {period}",
        kind=_("Visitor report"),
        author=title,
        subject=say(network),
        made=made,
        paper=region().paper,
    )
    sheet.y -= 20
    with sheet.tagged("H1"):
        sheet.write(f"{title} · {period}", MARGIN, sheet.y, size=20, bold=True)
    sheet.y -= 10
    sheet.lines(say(network), size=11)
    for told in notes(network):
        sheet.lines(told)
    if told := note_on_before(network):
        sheet.lines(told)
    _ranking(sheet, network)
    for each in network.origins:
        if each.places.visitors:
            _places(sheet, each, title_of(each, network))
    _months(sheet, network)
    return sheet.finish(lambda: None)


def _ranking(sheet: PaperSheet, network: Network) -> None:
    sheet.heading(_("Halls"), room=60)
    cells = [formats.number(one.visitors) for one in network.halls]
    columns = [
        PdfColumn(heading=_("Hall")),
        number_column(_("People"), [*cells, formats.number(network.visitors)]),
        PdfColumn(width=120, bar=True),
        number_column(_("Share"), ["100.0%"]),
        number_column(_("Groups"), [formats.number(network.groups)]),
        number_column(before_of(network), [formats.number(network.before or 0)]),
    ]
    greatest = max(one.visitors for one in network.halls)
    lines = [
        PdfLine(
            cells=(
                name_of(one),
                formats.number(one.visitors),
                "",
                words.percent(one.share, one.visitors),
                formats.number(one.groups),
                "–" if one.before is None else formats.number(one.before),
            ),
            bar=layout.bar(one.visitors, greatest),
        )
        for one in network.halls
    ]
    before = "–" if network.before is None else formats.number(network.before)
    total = (_("Total"), formats.number(network.visitors), "", "", formats.number(network.groups), before)
    Table(sheet, columns).draw([*lines, PdfLine(cells=total, bold=True, ruled=True)])


def _places(sheet: PaperSheet, origins: SummedPlaces, title: str) -> None:
    """Draw the map of the places, else the ranking of those from which people came."""
    places = origins.places
    drawing = tile_map(places) if places.origins.has_map else None
    sheet.heading(title, room=height_of(drawing, _MAP_WIDTH) + 30 if drawing else 60)
    told = sentences.of_map(places)
    sheet.lines(told)
    if drawing:
        sheet.y -= sheet.paint(drawing, alt=told, width=_MAP_WIDTH)
        return
    ranked = origins.ranking
    greatest = max(one.visitors for one in ranked)
    columns = [
        PdfColumn(heading=_(places.origins.words.one)),
        number_column(_("People"), [formats.number(one.visitors) for one in ranked]),
        PdfColumn(width=120, bar=True),
        number_column(_("Groups"), [formats.number(one.groups) for one in ranked]),
    ]
    lines = [
        PdfLine(
            cells=(
                places.origins.name(one.code, language()),
                formats.number(one.visitors),
                "",
                formats.number(one.groups),
            ),
            bar=layout.bar(one.visitors, greatest),
        )
        for one in ranked
    ]
    Table(sheet, columns).draw(lines)


def _months(sheet: PaperSheet, network: Network) -> None:
    sheet.heading(_("Months of %(year)s", year=network.period.last.year), room=60)
    heads = [formats.short_month(first, language()) for first in network.months]
    texts = [
        [formats.number(people.get(one.hall.id, 0)) for people in network.months.values()] for one in network.halls
    ]
    sums = [formats.number(sum(people.values())) for people in network.months.values()]
    columns = [
        PdfColumn(heading=_("Hall")),
        *(number_column(head, [total]) for head, total in zip(heads, sums, strict=True)),
    ]
    lines = [PdfLine(cells=(name_of(one), *row)) for one, row in zip(network.halls, texts, strict=True)]
    Table(sheet, columns).draw([*lines, PdfLine(cells=(_("Total"), *sums), bold=True, ruled=True)])
