"""The tables of the online audience in the language in force, for the page, the PDF and the spreadsheets."""

from collections.abc import Iterator
from dataclasses import dataclass

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.reports.figures.service import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRow:
    """The audience of one place, or of one session; `peak` is None where it has no meaning or is not known."""

    code: str
    name: str
    people: int
    minutes: int
    peak: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceTable:
    """Rows under one title; `of` is the kind of a row."""

    title: str
    of: str
    rows: tuple[AudienceRow, ...]
    has_peaks: bool = False


def list_tables(report: Report) -> Iterator[AudienceTable]:
    """Yield the audience by place of origin and by session; nothing where a period has none."""
    audience = report.audience
    if audience is None:
        return
    yield AudienceTable(
        title=_("Online audience by place of origin"),
        of=_("Place of origin"),
        rows=tuple(
            AudienceRow(
                code=one.code,
                name=report.origins.division(one.code).name(language()),
                people=one.people,
                minutes=one.minutes,
            )
            for one in audience.divisions
        ),
    )
    yield AudienceTable(
        title=_("Online audience by session"),
        of=_("Session"),
        rows=tuple(
            AudienceRow(
                code=f"{one.day.isoformat()} {one.starts}",
                name=f"{formats.day(one.day, language())} {one.starts} · {one.name(language())}",
                people=one.people,
                minutes=one.minutes,
                peak=one.peak or None,
            )
            for one in audience.sessions
        ),
        has_peaks=True,
    )


def sentence(report: Report) -> str:
    """Return the audience in one sentence; empty where there is none."""
    audience = report.audience
    if audience is None:
        return ""
    sessions = len(audience.sessions)
    told = ngettext("%(num)s online session", "%(num)s online sessions", sessions)
    return _(
        "%(sessions)s with an audience of %(people)s people and %(minutes)s minutes watched. They are counted apart: "
        "no number of visitors includes them.",
        sessions=told,
        people=formats.number(audience.people),
        minutes=formats.number(audience.minutes),
    )


def later(report: Report) -> str:
    """Return how the audience of a closed month has moved since; empty where it has not."""
    if not report.later_audience:
        return ""
    return _(
        "Since the close, the online audience has changed by %(people)s people.", people=f"{report.later_audience:+}"
    )
