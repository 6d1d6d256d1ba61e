"""Commands of the reports: thin, over the services of this room and of those below it."""

from collections.abc import Iterator
from typing import BinaryIO

import click

from hallapp.core.cli import Group, one_line_errors
from hallapp.core.database import read_snapshot
from hallapp.core.i18n import DEFAULT, force_locale, in_region_of, installed
from hallapp.core.text import counted
from hallapp.history import cli as history
from hallapp.periods import Period, Unit
from hallapp.reports.closing import digests
from hallapp.reports.closing import verify as proof
from hallapp.reports.closing.verify import Measure, Verdict
from hallapp.reports.exports import Format, export
from hallapp.reports.figures import service as figures
from hallapp.schedule.cli import get_hall, list_halls

reports = Group("reports", help="Figures from the arrival ledger.")
history.register(reports, one_line_errors=one_line_errors, one_hall=get_hall)


@reports.command("month")
@click.argument("month", metavar="YYYY-MM")
@click.option("--format", "form", type=click.Choice([each.value for each in Format]), default="csv", show_default=True)
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-", help="A file; - is standard output.")
@click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
@click.option("--language", default=DEFAULT, show_default=True, callback=lambda *given: _language(given[-1]))
@one_line_errors
def report_month(*, month: str, form: str, output: BinaryIO, slug: str | None, language: str) -> None:
    """Write the report of a month, such as 2026-11, or of a year, such as 2026."""
    hall = get_hall(slug)
    report = figures.get_report(hall, Period.parse(month))
    with in_region_of(hall.id), force_locale(language):
        output.write(export(report, Format(form)))


@reports.command("verify")
@click.option("--month", metavar="YYYY-MM", help="One month only.")
@click.option("--digest", metavar="HEX", help="The digest of a printed report, or at least its first 8 characters.")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def verify(*, month: str | None, digest: str | None, slug: str | None) -> None:
    """Check for each closed month whether its filed figures have their digest, and agree with the present ledger."""
    only = _month(month) if month else None
    typed = digests.read(digest) if digest else None
    read_snapshot()
    found = [
        (each.slug, verdict)
        for each in list_halls(slug)
        for verdict in proof.list_verdicts(each.id, period=only, digest=typed)
    ]
    for name, verdict in found:
        for line in _said(verdict):
            click.echo(f"{name} {verdict.close.month:%Y-%m} version {verdict.close.version}: {line}")
    if typed and not found:
        raise click.ClickException(
            "no closed month here has this digest: the paper is not a report that was closed here"
        )
    wrong = sum(not verdict.agrees for _name, verdict in found)
    click.echo(f"{counted(len(found), 'version')}, {wrong} of which do not agree")
    if wrong:
        raise click.ClickException("what was filed and the ledger do not agree")


def _language(code: str) -> str:
    """Return a language that has a catalogue. Raises BadParameter for any other one."""
    if code not in installed():
        raise click.BadParameter(f"{code!r} is not one of {', '.join(installed())}.")
    return code


def _month(text: str) -> Period:
    """Return a month. Raises ClickException for any other period."""
    period = Period.parse(text)
    if period.unit is not Unit.MONTH:
        raise click.ClickException("--month is a month such as 2026-11")
    return period


def _said(verdict: Verdict) -> Iterator[str]:
    """Return the result of a proof, with a line for each difference."""
    if not verdict.digest_agrees:
        yield f"the kept figures were changed: they do not have their digest {digests.short(verdict.close.digest)}"
    for one in verdict.deviations:
        part = one.part or "without a day"
        if one.measure is not Measure.VISITORS:
            part = f"{one.measure.value} {part}"
        yield f"{part}: filed {one.filed} and adjusted {one.adjusted:+}, ledger {one.in_ledger}"
    if verdict.agrees and verdict.close.reopened_at:
        yield f"reopened; {verdict.filed} people as filed, digest {digests.short(verdict.close.digest)} agrees"
    elif verdict.agrees:
        yield (
            f"filed {verdict.filed} and adjusted {verdict.adjusted:+}, ledger {verdict.in_ledger};"
            f" digest {digests.short(verdict.close.digest)} agrees"
        )
