"""What may be wrong with a row of a file, and why a row is left out: a stable code, and a message for the reader."""

from dataclasses import dataclass

from hallapp.core.errors import N_


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` is a message id; its place `%(text)s` is filled with what the cell says. `short` names many such."""

    code: str
    message: str
    short: str = ""


DATE_MISSING = Problem("date_missing", N_("There is no date."), N_("no date"))
DATE_UNKNOWN = Problem(
    "date_unknown",
    N_("“%(text)s” is no date that we can read. Write 2019-03-05, or 2019-03 for a whole month."),
    N_("a date that we cannot read"),
)
DATE_IMPOSSIBLE = Problem("date_impossible", N_("There is no such day: “%(text)s”."), N_("a day that there is not"))
DATE_ORDER = Problem(
    "date_order",
    N_("“%(text)s”: which is the day, which the month? Write the year first: 2019-03-05."),
    N_("day and month cannot be told apart"),
)
DATE_TENTH = Problem(
    "date_tenth",
    N_("“%(text)s” may be January or October: spreadsheets drop the last zero. Write 2019-01 or 2019-10."),
    N_("January or October"),
)
DATE_YEAR = Problem(
    "date_year", N_("There is a year only: “%(text)s”. Write the month too, as in 2019-03."), N_("a year only")
)
DATE_YEARLESS = Problem(
    "date_yearless",
    N_("“%(text)s” names no year. Write the year first: 2019-03-05, or 2019-03 for a whole month."),
    N_("a date without a year"),
)
BEFORE_OPENING = Problem("before_opening", N_("“%(text)s” lies before the hall opened."), N_("before the hall opened"))
IN_FUTURE = Problem("in_future", N_("“%(text)s” is still to come."), N_("in the future"))
PEOPLE_MISSING = Problem("people_missing", N_("The number of people is missing."), N_("no number of people"))
PEOPLE_UNCLEAR = Problem(
    "people_unclear",
    N_("“%(text)s” is no number of people. Write a whole number in digits."),
    N_("a number of people that we cannot read"),
)
PEOPLE_NEGATIVE = Problem(
    "people_negative", N_("“%(text)s”: a number of people cannot be below zero."), N_("people below zero")
)
PEOPLE_MANY = Problem(
    "people_many", N_("“%(text)s” people are more than one row can mean."), N_("more people than one row can mean")
)
GROUPS_UNCLEAR = Problem(
    "groups_unclear",
    N_("“%(text)s” is no number of groups. Write a whole number in digits."),
    N_("a number of groups that we cannot read"),
)
GROUPS_MANY = Problem(
    "groups_many", N_("“%(text)s” groups are more than the people of this row."), N_("more groups than people")
)
TEXTS_MANY = Problem(
    "texts_many",
    N_("“%(text)s”: there are too many different places, kinds or programmes. Is it the right column?"),
    N_("too many different names"),
)

TOTAL = Problem("total", N_("a total"))
HEADING = Problem("heading", N_("the heading once more"))
NOBODY = Problem("nobody", N_("nobody came"))
REMARK = Problem("remark", N_("a remark: it has neither a date nor a number"))

#: Every problem by its code.
PROBLEMS: dict[str, Problem] = {one.code: one for one in list(globals().values()) if isinstance(one, Problem)}
