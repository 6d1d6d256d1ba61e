"""The sections of a report beside visitors, in the language in force: the online audience, and talks with hosts.

Page, PDF and files show the sections and tables of this module alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.reports.figures.parts import AudienceFigures, TalkFigures, TalkNumbers
from hallapp.reports.figures.service import Report

Numbers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartRow:
    """The numbers of one part, in the order of the table's columns; None is a number that is not known."""

    code: str
    name: str
    numbers: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartTable:
    """Rows under one title; `of` is the kind of a row, `total` the numbers of all rows."""

    title: str
    of: str
    columns: tuple[str, ...]
    rows: tuple[ApartRow, ...]
    total: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartSection:
    """A section with its tables, one sentence, a second one about changes since the close, and a check."""

    key: str
    title: str
    sentence: str
    later: str
    tables: tuple[ApartTable, ...]
    agrees: bool
    verdict: str


def list_sections(report: Report) -> list[ApartSection]:
    """Return the sections of a report; none of what a period does not have."""
    return [one for one in (_audience(report), _talks(report)) if one.tables or one.later]


def list_tables(report: Report) -> Iterator[ApartTable]:
    """Yield the tables of all sections."""
    for section in list_sections(report):
        yield from section.tables


def _audience(report: Report) -> ApartSection:
    audience = report.audience
    agrees = audience is None or audience.agrees
    return ApartSection(
        key="audience",
        title=_("Online audience"),
        sentence=_say_audience(audience) if audience else "",
        later=_say_moves(report),
        tables=(_by_place(report, audience), _by_session(audience)) if audience else (),
        agrees=agrees,
        verdict=_("Places of origin, sessions and the ledger of the audience agree.")
        if agrees
        else _("Places of origin, sessions and the ledger of the audience differ."),
    )


def _say_audience(audience: AudienceFigures) -> str:
    told = ngettext("%(num)s online session", "%(num)s online sessions", len(audience.sessions))
    return _(
        "%(sessions)s with an audience of %(people)s people and %(minutes)s minutes watched. They are counted apart: "
        "no number of visitors includes them.",
        sessions=told,
        people=formats.number(audience.people),
        minutes=formats.number(audience.minutes),
    )


def _say_moves(report: Report) -> str:
    """Return by how much each place has moved since the close; empty where none has."""
    if not report.audience_moves:
        return ""
    moves = [
        _(
            "%(place)s: people %(people)s, minutes %(minutes)s",
            place=report.origins.division(one.code).name(language()),
            people=f"{one.people:+,}",
            minutes=f"{one.minutes:+,}",
        )
        for one in report.audience_moves
    ]
    return _("Since the close, the online audience has changed: %(moves)s.", moves=" · ".join(moves))


def _by_place(report: Report, audience: AudienceFigures) -> ApartTable:
    return ApartTable(
        title=_("Online audience by place of origin"),
        of=_("Place of origin"),
        columns=(_("People"), _("Minutes")),
        rows=tuple(
            ApartRow(
                code=one.code,
                name=report.origins.division(one.code).name(language()),
                numbers=(one.people, one.minutes),
            )
            for one in audience.divisions
        ),
        total=(audience.people, audience.minutes),
    )


def _by_session(audience: AudienceFigures) -> ApartTable:
    return ApartTable(
        title=_("Online audience by session"),
        of=_("Session"),
        columns=(_("People"), _("Minutes"), _("Most at the same minute")),
        rows=tuple(
            ApartRow(
                code=f"{one.day.isoformat()} {one.starts} {one.programme}",
                name=f"{formats.day(one.day, language())} {one.starts} · {one.name(language())}",
                numbers=(one.people, one.minutes, one.peak or None),
            )
            for one in audience.sessions
        ),
        total=(audience.people, audience.minutes, None),
    )


def _talks(report: Report) -> ApartSection:
    talks, moved = report.talks, report.later_talks
    agrees = talks is None or talks.agrees
    return ApartSection(
        key="talks",
        title=_("Talks with hosts"),
        sentence=_say_talks(talks) if talks else "",
        later=_("Since the close, the talks that were held have changed by %(number)s.", number=f"{moved:+}")
        if moved
        else "",
        tables=(_by_host(talks),) if talks else (),
        agrees=agrees,
        verdict=_("The hosts add up to all talks, and only guests at the hall are visitors.")
        if agrees
        else _("The hosts do not add up to all talks, or more guests are visitors than came to the hall."),
    )


def _say_talks(talks: TalkFigures) -> str:
    return _(
        "%(talks)s with a host. Of the %(on_site)s at the hall, %(visitors)s are also counted as visitors; those by "
        "phone and online are not.",
        talks=ngettext("%(num)s talk was held", "%(num)s talks were held", talks.total.held),
        on_site=formats.number(talks.total.on_site),
        visitors=formats.number(talks.visitors),
    )


def _by_host(talks: TalkFigures) -> ApartTable:
    return ApartTable(
        title=_("Talks by host"),
        of=_("Host"),
        columns=(
            *(_("Talks held"), _("At the hall"), _("By phone"), _("Online meeting")),
            *(_("Guest not there"), _("Cancelled")),
        ),
        rows=tuple(ApartRow(code=str(one.host), name=one.name, numbers=_numbers(one)) for one in talks.hosts),
        total=_numbers(talks.total),
    )


def _numbers(of: TalkNumbers) -> Numbers:
    return of.held, of.on_site, of.phone, of.online, of.missed, of.cancelled
