"""Problems of a row, and reasons to leave it out: a stable code, and a message for the reader.

A cell that can be read in two ways is never guessed: it is `Unclear`, a problem that a person settles by choosing one
of its readings. A program that doesn't know about readings refuses it as any other problem.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from hallapp.core.errors import N_


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` is a message id with a placeholder `%(text)s` for the text of the cell; `short` names many of them."""

    code: str
    message: str
    short: str = ""


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """One way to read a cell: a stable name (a key of `READING_NAMES`), and the value that it gives."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Unclear(Problem, Generic[Value]):
    """A cell that a person must decide about: `readings` are the possible values, the most likely first.

    There may be one reading only, which needs a confirmation, or none. Cells with the same `code` and a reading of the
    same name can be settled together, such as all dates of a file by "the day comes first".
    """

    readings: tuple[Reading[Value], ...] = ()

    def value(self, name: str) -> Value | None:
        """Return the value of the reading of this name; None where this cell has no such reading."""
        return next((reading.value for reading in self.readings if reading.name == name), None)


def ask(question: Problem, **readings: Value) -> Unclear[Value]:
    """Return the question with its readings by their names, in this order."""
    found = tuple(Reading(name, value) for name, value in readings.items())
    return Unclear(question.code, question.message, question.short, found)


DATE_MISSING = Problem("date_missing", N_("There is no date."), N_("no date"))
DATE_UNKNOWN = Problem(
    "date_unknown",
    N_("“%(text)s” is not a date that can be read. Write 2019-03-05, or 2019-03 for a whole month."),
    N_("a date that we cannot read"),
)
DATE_IMPOSSIBLE = Problem("date_impossible", N_("There is no such day: “%(text)s”."), N_("a day that does not exist"))
DATE_ORDER = Problem(
    "date_order",
    N_("“%(text)s”: which is the day, which the month? Write the year first: 2019-03-05."),
    N_("day and month cannot be told apart"),
)
DATE_SHORT_YEAR = Problem(
    "date_short_year",
    N_("“%(text)s”: which of the numbers is the year? Write it with four digits: 2019-03-05."),
    N_("a year of two digits"),
)
DATE_TENTH = Problem(
    "date_tenth",
    N_("“%(text)s”: spreadsheets drop the last zero of a number, so 2019.1 may be January or October. Write 2019-10."),
    N_("the last zero of a date may be missing"),
)
DATE_NUMBER = Problem(
    "date_number",
    N_("“%(text)s” is a number. Is it the serial number of a day in a spreadsheet? Write 2019-03-05."),
    N_("a number where a date should be"),
)
DATE_PERIOD = Problem(
    "date_period",
    N_("“%(text)s” covers several days or months. Figures are kept by day or by month: which one is it?"),
    N_("several days or months in one row"),
)
DATE_MIDNIGHT = Problem(
    "date_midnight",
    N_("“%(text)s”: is 24:00 the end of this day, or the beginning of the next one?"),
    N_("midnight at the end of a day"),
)
DATE_SWAPPED = Problem(
    "date_swapped",
    N_(
        "“%(text)s”: other dates of the file are texts such as 13/5/2019, which the spreadsheet program did not "
        "understand. It may have swapped the day and the month of this one."
    ),
    N_("day and month may be swapped"),
)
DATE_MINGUO = Problem(
    "date_minguo",
    N_("“%(text)s”: are the years counted from 1912 (Minguo)? Write 2019-03-05."),
    N_("a year of three digits"),
)
DATE_MONTH_YEAR = Problem(
    "date_month_year",
    N_("“%(text)s”: is the number a year or a day? Write 2019-03, or 2019-03-05."),
    N_("a month with a number of two digits"),
)
DATE_YEAR_HIDDEN = Problem(
    "date_year_hidden",
    N_("“%(text)s”: the sheet does not show the year of this date, so it may be a wrong one."),
    N_("a date whose year the sheet does not show"),
)
DATE_LUNAR = Problem(
    "date_lunar",
    N_("“%(text)s” is a date of the lunar calendar. Write 2019-03-05."),
    N_("a date of the lunar calendar"),
)
DATE_ZONE = Problem(
    "date_zone",
    N_("“%(text)s”: this time zone is not known. Write the date at the hall: 2019-03-05."),
    N_("an unknown time zone"),
)
DATE_YEAR = Problem(
    "date_year", N_("Only a year is given: “%(text)s”. Add the month, as in 2019-03."), N_("a year only")
)
DATE_YEARLESS = Problem(
    "date_yearless",
    N_("“%(text)s” has no year. Write the year first: 2019-03-05, or 2019-03 for a whole month."),
    N_("a date without a year"),
)
BEFORE_OPENING = Problem("before_opening", N_("“%(text)s” is before the hall opened."), N_("before the hall opened"))
IN_FUTURE = Problem("in_future", N_("“%(text)s” is in the future."), N_("in the future"))
PEOPLE_MISSING = Problem("people_missing", N_("The number of people is missing."), N_("no number of people"))
PEOPLE_UNCLEAR = Problem(
    "people_unclear",
    N_("“%(text)s” is not a number of people. Write a whole number in digits."),
    N_("a number of people that we cannot read"),
)
PEOPLE_NEGATIVE = Problem(
    "people_negative", N_("“%(text)s”: a number of people cannot be below zero."), N_("people below zero")
)
PEOPLE_MANY = Problem(
    "people_many", N_("“%(text)s” people are too many for one row."), N_("more people than one row can mean")
)
PEOPLE_ABOUT = Problem(
    "people_about",
    N_("“%(text)s” is not an exact number of people. How many were there?"),
    N_("an approximate number of people"),
)
PEOPLE_RANGE = Problem(
    "people_range", N_("“%(text)s”: this is a range of numbers. How many people were there?"), N_("a range of people")
)
PEOPLE_SUM = Problem(
    "people_sum",
    N_("“%(text)s”: do these numbers of people add up, or does only the first one count?"),
    N_("several numbers of people added up"),
)
PEOPLE_PAIR = Problem(
    "people_pair", N_("“%(text)s”: which of these numbers of people counts?"), N_("two numbers of people")
)
PEOPLE_BRACKETS = Problem(
    "people_brackets",
    N_("“%(text)s”: are the people in brackets already included in the number before them?"),
    N_("more people in brackets"),
)
PEOPLE_DOT = Problem(
    "people_dot",
    N_("“%(text)s”: does the dot separate thousands? Write a whole number without it."),
    N_("a dot before three digits"),
)
PEOPLE_ROUNDED = Problem(
    "people_rounded",
    N_("“%(text)s” seems to be rounded. Is it exact? Write all digits of the number."),
    N_("a number of people that seems to be rounded"),
)
PEOPLE_WORDS = Problem(
    "people_words",
    N_("“%(text)s” has words beside the number. Is it the number of people?"),
    N_("words beside the number of people"),
)
FORMULA = Problem(
    "formula",
    N_(
        "This cell is a formula whose result is not in the file. Open the file in Excel or WPS, "
        "save it, and upload it again."
    ),
    N_("a formula without its result"),
)
GROUPS_UNCLEAR = Problem(
    "groups_unclear",
    N_("“%(text)s” is not a number of groups. Write a whole number in digits."),
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

PLACE_UNKNOWN = Problem("place_unknown", N_("“%(text)s” is not a known place."))
PLACE_SEVERAL = Problem("place_several", N_("“%(text)s” may be several places."))
PLACE_OUTSIDE = Problem("place_outside", N_("“%(text)s” does not say where the people come from."))
PLACE_BESIDE = Problem("place_beside", N_("“%(text)s” contains more than a known place."))

TOTAL = Problem("total", N_("a total"))
HEADING = Problem("heading", N_("the heading once more"))
NOBODY = Problem("nobody", N_("no one came"))
AVERAGE = Problem("average", N_("an average or a share"))
COMPARISON = Problem("comparison", N_("a comparison with another period"))
REMARK = Problem("remark", N_("a remark: it has neither a date nor a number"))

#: The names of the readings of a cell, by their codes, as message ids.
READING_NAMES: dict[str, str] = {
    "day_first": N_("The day comes first"),
    "month_first": N_("The month comes first"),
    "year_first": N_("The year comes first"),
    "as_shown": N_("The date as it is shown"),
    "swapped": N_("Day and month the other way round"),
    "as_written": N_("Exactly as written"),
    "with_zero": N_("With a zero at its end"),
    "serial": N_("A day as spreadsheets count days"),
    "as_date": N_("A date"),
    "that_day": N_("That day"),
    "next_day": N_("The day after it"),
    "month": N_("The whole month"),
    "first_day": N_("The first day"),
    "last_day": N_("The last day"),
    "first_month": N_("The first month"),
    "last_month": N_("The last month"),
    "number": N_("Only this number"),
    "least": N_("The smaller number"),
    "most": N_("The larger number"),
    "first": N_("The first number"),
    "second": N_("The second number"),
    "sum": N_("Their sum"),
    "thousands": N_("The dot separates thousands"),
}

#: Every problem by its code.
PROBLEMS: dict[str, Problem] = {one.code: one for one in list(globals().values()) if isinstance(one, Problem)}
