"""The questions of a file in words: for the page, and for the lines of the command."""

from collections.abc import Sequence

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.history import questions
from hallapp.history.candidates import Candidate
from hallapp.history.columns import HistoryColumn
from hallapp.history.findings import YEAR, Choice, Finding
from hallapp.history.models import HistoryDraft
from hallapp.history.problems import PROBLEMS, READING_NAMES
from hallapp.history.questions import QUESTIONS, WHY
from hallapp.history.spots import column_of, row_of, sheet_of
from hallapp.history.suggest import Suggestion
from hallapp.origins.china import DIVISIONS
from hallapp.sheets.model import letters_of

_KINDS = {"place": N_("places of origin"), "month": N_("months of a year"), "year": N_("years")}


def title(finding: Finding) -> str:
    """Return the finding as a sentence without a full stop."""
    if finding.code in QUESTIONS:
        return _(QUESTIONS[finding.code].title, **_params(finding))
    short = _(PROBLEMS[finding.code].short or PROBLEMS[finding.code].message)
    return short[:1].upper() + short[1:]


def about(finding: Finding) -> str:
    """Return the reason why the finding matters."""
    if finding.code in QUESTIONS:
        return _(QUESTIONS[finding.code].about, **_params(finding)) if QUESTIONS[finding.code].about else ""
    return _(PROBLEMS[finding.code].message, text=finding.sample)


def choice(finding: Finding, one: Choice) -> str:
    """Return the name of a choice."""
    if one.label:
        return one.label
    question = QUESTIONS.get(finding.code)
    if question and one.value in question.choices:
        return _(question.choices[one.value], **_params(finding))
    return _(READING_NAMES[one.value] if one.value in READING_NAMES else questions.ROWS.get(one.value, one.value))


def effect(finding: Finding, one: Choice) -> str:
    """Return the effect of a choice on the number of people."""
    if one.people is None or (not finding.people and not one.people):
        return ""
    if not one.people:
        return _("none of them counts")
    return ngettext("%(count)s person", "%(count)s people", one.people, count=formats.number(one.people))


def where(finding: Finding, sheets: Sequence[str]) -> str:
    """Return the rows of the finding, such as `rows 3, 5, 8 …`."""
    if not finding.rows or not finding.at:
        return ""
    comma = "、" if language().startswith("zh") else ", "
    spots = list(dict.fromkeys(spot(number, sheets) for number in finding.at))
    shown = comma.join(spots) + (" …" if finding.rows > len(finding.at) else "")
    return ngettext("%(count)s row: %(rows)s", "%(count)s rows: %(rows)s", finding.rows,
                    count=formats.number(finding.rows), rows=shown)  # fmt: skip


def spot(number: int, sheets: Sequence[str]) -> str:
    """Return the label by which people find a row: its number, and its column or sheet if needed."""
    column = column_of(number)
    row = f"{letters_of(column) if column >= 0 else ''}{row_of(number)}"
    at = sheet_of(number)
    return f"{sheets[at]}!{row}" if len(sheets) > 1 and at < len(sheets) else row


def wants_other_year(finding: Finding) -> bool:
    """Return whether any year may be typed as well."""
    return finding.code == YEAR


def across(suggestion: Suggestion) -> str:
    """Return the kind of columns of a table with places or months across."""
    return _(_KINDS[suggestion.across])


def candidates(draft: HistoryDraft, found: Sequence[Candidate]) -> str:
    """Return the possible columns, each with the meaning of its heading."""
    comma = "；" if language().startswith("zh") else "; "
    return comma.join(
        _("“%(heading)s” (%(why)s)", heading=draft.headings[one.at], why=_(WHY[one.why]))
        if one.why != "plain"
        else f"“{draft.headings[one.at]}”"
        for one in found
        if one.at < len(draft.headings)
    )


def suggested(draft: HistoryDraft, suggestion: Suggestion, column: HistoryColumn) -> str:
    """Return the suggested column, and the reason."""
    at = suggestion.places.get(column)
    why = next((one.why for one in suggestion.several[column] if one.at == at), "")
    if at is None or at >= len(draft.headings):
        return _("None of them is suggested: please choose.")
    if suggestion.plus and column is HistoryColumn.VISITORS:
        return _("Suggested: the columns together, since no column contains their total.")
    return _("Suggested: “%(heading)s” (%(why)s).", heading=draft.headings[at], why=_(WHY.get(why, WHY["plain"])))


def _params(finding: Finding) -> dict[str, str]:
    params = {name: str(value) for name, value in finding.params.items()}
    if finding.code == questions.PROVINCE_AND_CITIES:
        comma = "、" if language().startswith("zh") else ", "
        codes = params.get("names", "").split(",")
        params["names"] = comma.join(DIVISIONS[code].name(language()) for code in codes if code in DIVISIONS)
    if finding.code == questions.ACROSS:
        params["kind"] = _(_KINDS[params["kind"]])
    return params
