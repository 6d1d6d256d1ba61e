"""Dates as people write them: the day or month of a text, or a question with the possible readings."""

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from hallapp.history import daytext, problems
from hallapp.history.daytext import Written
from hallapp.history.problems import Problem, Unclear, ask
from hallapp.ledger.models import Span
from hallapp.sheets.cells import Moment

_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)  # 2000 to 2099, as Excel's serial numbers of days
_CENTURY = range(2000, 2100)  # the range of a two-digit year
_MINGUO = 1911
_MONTH_NAMES = [name.casefold() for name in calendar.month_name[1:]]

#: A date as programs write it, with or without a time; it is never ambiguous.
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.0+)?)?)?")
_YEAR = r"(?:公元)?(民国|')?\s*(\d{2,4})"
_Y_M_D = re.compile(rf"{_YEAR}\s*年\s*(\d{{1,2}})\s*[月./]\s*(\d{{1,2}})\s*[日号]?")
_Y_M_D_SIGNS = re.compile(r"(民国|')?(\d{2,4})\s*([/.\-,_、]|\s)\s*(\d{1,2})\s*\3\s*(\d{1,2})\s*[日号]?")
_Y_M_D_MIXED = re.compile(r"(')?(\d{4})\s*[/.\-]\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_D_M_Y = re.compile(r"(\d{1,2})\s*([/.\-])\s*(\d{1,2})\s*\2\s*(\d{2}|\d{4})")
_Y_M = re.compile(rf"{_YEAR}\s*年\s*(\d{{1,2}})\s*(?:月份?)?")
_Y_M_SIGNS = re.compile(r"(')?(\d{4})\s*(?:[/\-]\s*(\d{1,2})|\.\s*(\d{1,2})(?=\s*月))\s*(?:月份?)?")
_DOTTED = re.compile(r"(\d{1,4})\.(\d{1,2})")
_NOISE = re.compile(r"\d{4}\.\d{8,}")  # 2019.1 as binary fractions give it: 2019.0999999999999
_M_D = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_M_D_SIGNS = re.compile(r"(\d{1,2})\s*[/\-]\s*(\d{1,2})\s*[日号]?")
_M = re.compile(r"(\d{1,2})\s*月份?")
_MONTH_THEN_YEAR = re.compile(r"(\d{1,2})\s*[/\-.]\s*(\d{4})")  # 3/2024; only a month can stand before a year
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?")
_NUMBER = re.compile(r"\d+(\.0*)?")

_OF_YEAR = r"(?:(\d{4}|\d{2})\s*(?:年度?|[-/.\s])?\s*)?"
_TEN_DAYS = re.compile(rf"{_OF_YEAR}(\d{{1,2}})\s*月?份?\s*([上中下])旬")
_PART_OF_MONTH = re.compile(rf"{_OF_YEAR}(\d{{1,2}})\s*月份?[初中末底]")
_QUARTER = re.compile(rf"{_OF_YEAR}(?:第?\s*([1-4])\s*季度?|q([1-4]))")
_QUARTER_FIRST = re.compile(r"q([1-4])[\s/\-]*(\d{4})")
_HALF = re.compile(rf"{_OF_YEAR}(?:([上下])半年|h([12]))")
_WHOLE_YEAR = re.compile(r"(\d{4}|\d{2})\s*(?:年|年度|年?全年)")
_BETWEEN = re.compile(r"\s*(?:-+|~|至|到|、|,|和|及|与|&|/|\+)\s*")

_DAYS_OF_MONTH = re.compile(r"([a-z]+)\.? (\d{1,2}) ?- ?(\d{1,2}),? (\d{4})")
_DAYS_THEN_MONTH = re.compile(r"(\d{1,2}) ?- ?(\d{1,2}) ([a-z]+)\.?,? (\d{4})")
_MONTH_DASH_YEAR = re.compile(r"[a-z]+\.?-(\d{2})")  # Mar-19: a month as spreadsheets write it


@dataclass(frozen=True, slots=True)
class When:
    """A day, or a month by its first day."""

    span: Span
    first: date


Found = When | Problem | Unclear[When]


def read_moment(moment: Moment, *, year: int | None = None) -> Found:
    """Return the day of a cell with a date in it; its month where the cell shows no day.

    `year` replaces a year that the cell doesn't show; without it, such a date is asked about. A cell that shows a year
    only has a month by chance.
    """
    first = moment.day
    if not getattr(moment, "shows_month", True):
        return ask(problems.DATE_YEAR_HIDDEN, as_date=When(Span.DAY, first)) if moment.shows_day else problems.DATE_YEAR
    hidden = not getattr(moment, "shows_year", True)
    if hidden and year is not None:
        try:
            first = first.replace(year=year)
        except ValueError:
            return problems.DATE_IMPOSSIBLE
    when = When(Span.DAY, first) if moment.shows_day else When(Span.MONTH, first.replace(day=1))
    return ask(problems.DATE_YEAR_HIDDEN, as_date=when) if hidden and year is None else when


def may_be_swapped(day: date) -> Found:
    """Return the question about a date in which a spreadsheet program may have swapped the day and the month."""
    if day.day > 12 or day.day == day.month:
        return When(Span.DAY, day)
    swapped = date(day.year, day.day, day.month)
    return ask(problems.DATE_SWAPPED, as_shown=When(Span.DAY, day), swapped=When(Span.DAY, swapped))


def month_of(found: Found) -> Found:
    """Return the month of a day; several days of one month give that month."""
    if isinstance(found, When):
        return _month(found.first.year, found.first.month)
    if not isinstance(found, Unclear):
        return found
    months = {reading.name: _month(reading.value.first.year, reading.value.first.month) for reading in found.readings}
    one = set(months.values())
    if len(one) == 1 and found.code in (problems.DATE_PERIOD.code, problems.DATE_ORDER.code):
        return one.pop()
    return Unclear(found.code, found.message, found.short, ask(found, **months).readings)


@lru_cache(maxsize=20_000)
def read_day(text: str, *, year: int | None = None, zone: tzinfo | None = None) -> Found:
    """Return the day or the month that a text names.

    `year` is the year of dates that name none, as a person has given it. `zone` is the hall's time zone: the day of an
    instant that has a time zone of its own is the hall's.
    """
    if not text.strip():
        return problems.DATE_MISSING
    if len(text) > daytext.LONGEST:
        return problems.DATE_UNKNOWN
    try:
        if iso := _ISO.fullmatch(text):
            return When(Span.DAY, date.fromisoformat(iso[1]))
        if daytext.is_lunar(text):
            return problems.DATE_LUNAR
        written = daytext.strip(text)
        return _at(written, _Dates(year).read(written.text), zone)
    except (ValueError, OverflowError):
        return problems.DATE_IMPOSSIBLE


@lru_cache(maxsize=20_000)
def read_parts(year_text: str, month: str, day: str, *, year: int | None = None, zone: tzinfo | None = None) -> Found:
    """Return the day or the month that a year, a month and perhaps a day name, each in a cell of its own.

    A cell of the month may name the whole date. `year` and `zone` are as for `read_day`.
    """
    named_year, month, day = (_part(year_text, "年"), _part(month, "月"), _part(day, "日号"))
    if not month:
        if not named_year:
            return problems.DATE_MISSING if not day else problems.DATE_UNKNOWN
        return problems.DATE_YEAR
    if named_year and not (named_year.isascii() and named_year.isdecimal()):
        return problems.DATE_UNKNOWN
    behind = f"{day}日" if day else ""
    if month.isascii() and month.isdecimal() and len(month) < 3:
        return read_day(
            f"{named_year}年{month}月{behind}" if named_year else f"{month}月{behind}", year=year, zone=zone
        )
    of_year = int(named_year) if len(named_year) == 4 else year
    if day:
        month = f"{day} {month}" if month.isascii() and month.isalpha() else f"{month}月{behind}"
    whole = read_day(month, year=of_year, zone=zone)
    if isinstance(whole, When) and len(named_year) == 4 and whole.first.year != int(named_year):
        return problems.DATE_UNKNOWN
    return whole


def _part(cell: str, marks: str) -> str:
    """Return a cell that holds a part of a date, in digits and without its mark: 2019年, 3.0, 五日."""
    text = re.sub(r"(?<=\d)\.0*$", "", daytext.in_digits(cell.strip()[: daytext.LONGEST]).strip())
    return re.sub(rf"\s*[{marks}]$", "", text)


def _at(written: Written, found: Found | None, zone: tzinfo | None) -> Found:
    """Return the day of a date with the time and time zone behind it."""
    if written.minutes is None or (isinstance(found, Problem) and not isinstance(found, Unclear)):
        return found or problems.DATE_UNKNOWN
    if not isinstance(found, When) or found.span is not Span.DAY:
        odd = written.zone is not None or written.zone_unknown or written.minutes == 24 * 60
        return found if isinstance(found, Unclear) and not odd else problems.DATE_UNKNOWN
    if written.zone_unknown or (written.zone is not None and zone is None):
        return problems.DATE_ZONE
    start = datetime(found.first.year, found.first.month, found.first.day, tzinfo=written.zone or UTC)
    instant = start + timedelta(minutes=written.minutes)
    if written.zone is not None:
        return When(Span.DAY, instant.astimezone(zone).date())
    if written.minutes == 24 * 60:
        return ask(problems.DATE_MIDNIGHT, that_day=found, next_day=When(Span.DAY, instant.date()))
    return found


def _day(year: int, month: int, day: int) -> When:
    return When(Span.DAY, date(year, month, day))


def _month(year: int, month: int) -> When:
    return When(Span.MONTH, date(year, month, 1))


def _last_of(when: When) -> date:
    """Return the last day of a day or a month."""
    if when.span is Span.DAY:
        return when.first
    return (when.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _valid(**days: tuple[int, int, int]) -> dict[str, When]:
    """Return the readings that name a day which there is; of two that name the same one, the first."""
    found: dict[str, When] = {}
    for name, (year, month, day) in days.items():
        try:
            when = _day(year, month, day)
        except ValueError:
            continue
        if when not in found.values():
            found[name] = when
    if not found:
        raise ValueError(days)
    return found


def _full_year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _period(first: date, last: date) -> Found | None:
    """Return the range between two days as a day, a month, or a question."""
    if last < first:
        return None
    if first == last:
        return When(Span.DAY, first)
    one_month = (first.year, first.month) == (last.year, last.month)
    if one_month and first.day == 1 and last == _last_of(_month(first.year, first.month)):
        return _month(first.year, first.month)
    if one_month:
        ends = {"first_day": When(Span.DAY, first), "last_day": When(Span.DAY, last)}
        return ask(problems.DATE_PERIOD, month=_month(first.year, first.month), **ends)
    return ask(
        problems.DATE_PERIOD, first_month=_month(first.year, first.month), last_month=_month(last.year, last.month)
    )


class _Dates:
    """Reads dates that have nothing around them; `year` is that of dates which name none."""

    def __init__(self, year: int | None) -> None:
        self._year = year

    def read(self, text: str) -> Found | None:
        """Read a date; None where the text is no date. Raises ValueError for a day that does not exist."""
        if re.search("[a-z]", text):
            return self._words(text) or self._part_of_year(text) or self._range(text)
        return (
            self._with_year(text)
            or self._order(text)
            or self._number(text)
            or self._without_year(text)
            or self._part_of_month(text)
            or self._part_of_year(text)
            or self._range(text)
        )

    def _with_year(self, text: str) -> Found | None:
        """Return the year, the month and perhaps the day, in this order."""
        for pattern in (_Y_M_D, _Y_M_D_MIXED):
            if found := pattern.fullmatch(text):
                return self._counted(found[1], found[2], int(found[3]), int(found[4]))
        if (found := _Y_M_D_SIGNS.fullmatch(text)) and (found[1] or len(found[2]) > 2):
            return self._counted(found[1], found[2], int(found[4]), int(found[5]))
        if found := _Y_M.fullmatch(text):
            return self._counted(found[1], found[2], int(found[3]), None)
        if found := _Y_M_SIGNS.fullmatch(text):
            return self._counted(found[1], found[2], int(found[3] or found[4]), None)
        if found := _MONTH_THEN_YEAR.fullmatch(text):
            return _month(int(found[2]), int(found[1]))
        return None

    @staticmethod
    def _counted(era: str | None, year: str, month: int, day: int | None) -> Found:
        """Return a date by its year, which is counted from 1912 where it has three digits or a mark."""
        minguo = len(year) == 3 or era == "民国"
        full = int(year) + _MINGUO if minguo else _full_year(year)
        when = _day(full, month, day) if day is not None else _month(full, month)
        return ask(problems.DATE_MINGUO, as_date=when) if minguo else when

    @staticmethod
    def _order(text: str) -> Found | None:
        """Read three numbers whose order is not known."""
        found = _D_M_Y.fullmatch(text) or re.fullmatch(r"(\d{2})([/.\-])(\d{1,2})\2(\d{1,2})", text)
        if not found:
            return None
        one, two, three = int(found[1]), int(found[3]), int(found[4])
        if len(found[4]) == 4:
            days = _valid(day_first=(three, two, one), month_first=(three, one, two))
            return next(iter(days.values())) if len(days) == 1 else ask(problems.DATE_ORDER, **days)
        orders = {}
        if len(found[1]) == 2:
            orders["year_first"] = (2000 + one, two, three)
        if len(found[4]) == 2:
            orders |= {"day_first": (2000 + three, two, one), "month_first": (2000 + three, one, two)}
        return ask(problems.DATE_SHORT_YEAR, **_valid(**orders))

    def _number(self, text: str) -> Found | None:
        """2019.3, 20190305, 201903, or a day as Excel counts days."""
        if _NOISE.fullmatch(text):
            text = f"{float(text):.2f}".removesuffix("0")
        if (found := _DOTTED.fullmatch(text)) and len(found[1]) == 4 and found[2].strip("0"):
            return self._dotted(int(found[1]), found[2])
        if not (_NUMBER.fullmatch(text) or re.fullmatch(r"\d{5}\.\d+", text)):
            return None
        digits = text.partition(".")[0]
        if found := _COMPACT.fullmatch(digits):
            return _day(int(found[1]), int(found[2]), int(found[3]))
        if len(digits) == 6:
            return self._six_digits(digits)
        if len(digits) == 5 and int(digits) in _SERIALS:
            return ask(problems.DATE_NUMBER, serial=When(Span.DAY, _EXCEL_EPOCH + timedelta(days=int(digits))))
        return problems.DATE_YEAR if len(digits) == 4 and 1900 <= int(digits) <= 2100 else None

    @staticmethod
    def _dotted(year: int, month: str) -> Found:
        if month == "1":
            return ask(problems.DATE_TENTH, as_written=_month(year, 1), with_zero=_month(year, 10))
        return _month(year, int(month))

    @staticmethod
    def _six_digits(digits: str) -> Found:
        """201903; 190305 has a year of two digits, and 201012 may be either."""
        found: dict[str, When] = {}
        if int(digits[:4]) in _CENTURY and 1 <= int(digits[4:]) <= 12:
            found["month"] = _month(int(digits[:4]), int(digits[4:]))
        try:
            found["year_first"] = _day(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        except ValueError:
            if found:
                return found["month"]
            raise
        return ask(problems.DATE_SHORT_YEAR, **found)

    def _without_year(self, text: str) -> Found | None:
        """3月5日, 3月, 3/5 and 3.5."""
        if found := _M_D.fullmatch(text):
            return self._of_year(int(found[1]), int(found[2]))
        if found := _M.fullmatch(text):
            return self._of_year(int(found[1]), None)
        signs, dotted = _M_D_SIGNS.fullmatch(text), _DOTTED.fullmatch(text)
        if not (signs or (dotted and len(dotted[1]) < 3)):
            return None
        if self._year is None:
            return problems.DATE_YEARLESS
        if signs:
            return self._two_numbers(signs[1], signs[2])
        assert dotted
        month, day = int(dotted[1]), dotted[2]
        if len(day) == 1 and int(day) < 4:  # 3.10 typed as a number is 3.1
            days = _valid(as_written=(self._year, month, int(day)), with_zero=(self._year, month, int(day) * 10))
            return ask(problems.DATE_TENTH, **days)
        return _day(self._year, month, int(day))

    def _two_numbers(self, one: str, two: str) -> Found:
        """Return two numbers with a stroke or a dash: a day and a month in either order, or a month and a year."""
        assert self._year is not None
        short = self._year % 100
        readings: dict[str, When] = {}
        for month, year in ((one, two), (two, one)):
            if len(year) == 2 and int(year) == short and 1 <= int(month) <= 12:
                readings.setdefault("month", _month(self._year, int(month)))
        days = {"month_first": (self._year, int(one), int(two)), "day_first": (self._year, int(two), int(one))}
        try:
            readings = _valid(**days) | readings
        except ValueError:
            if not readings:
                raise
        return next(iter(readings.values())) if len(readings) == 1 else ask(problems.DATE_ORDER, **readings)

    def _of_year(self, month: int, day: int | None) -> Found:
        """Return a month or a day of the year that was chosen."""
        date(2020, month, day or 1)  # the day must exist in every possible year
        if self._year is None:
            return problems.DATE_YEARLESS
        return _month(self._year, month) if day is None else _day(self._year, month, day)

    def _part_of_month(self, text: str) -> Found | None:
        """上旬, 月底 and the like."""
        if found := _TEN_DAYS.fullmatch(text):
            if (year := self._year_of(found[1])) is None:
                return problems.DATE_YEARLESS
            month, part = _month(year, int(found[2])), "上中下".index(found[3])
            last = month.first.replace(day=part * 10 + 10) if part < 2 else _last_of(month)
            return _period(month.first.replace(day=part * 10 + 1), last)
        if found := _PART_OF_MONTH.fullmatch(text):
            if (year := self._year_of(found[1])) is None:
                return problems.DATE_YEARLESS
            return ask(problems.DATE_PERIOD, month=_month(year, int(found[2])))
        return None

    def _part_of_year(self, text: str) -> Found | None:
        """Return a quarter, half a year or a whole one."""
        if found := _QUARTER_FIRST.fullmatch(text):
            return self._months(found[2], int(found[1]) * 3 - 2, 3)
        if found := _QUARTER.fullmatch(text):
            return self._months(found[1], int(found[2] or found[3]) * 3 - 2, 3)
        if found := _HALF.fullmatch(text):
            return self._months(found[1], 1 if (found[2] or found[3]) in "上1" else 7, 6)
        if found := _WHOLE_YEAR.fullmatch(text):
            return self._months(found[1], 1, 12)
        return None

    def _months(self, year_text: str | None, first: int, count: int) -> Found | None:
        if (year := self._year_of(year_text)) is None:
            return problems.DATE_YEARLESS
        return _period(date(year, first, 1), _last_of(_month(year, first + count - 1)))

    def _year_of(self, digits: str | None) -> int | None:
        return _full_year(digits) if digits else self._year

    def _range(self, text: str) -> Found | None:
        """Read a range of days or months: 2019.3.5-3.7, 3月5日至7日, 2019年3-4月."""
        for found in _BETWEEN.finditer(text):
            left = self._end(text[: found.start()])
            if left is None:
                continue
            if isinstance(left, Problem):
                return left
            right = self._other_end(text[found.end() :], left)
            if right and (period := _period(left.first, _last_of(right))):
                return period
        return None

    def _end(self, text: str) -> When | Problem | None:
        """Return one end of a range, which must be clear."""
        written = daytext.without_time(text)
        if written.zone or written.zone_unknown or not written.text:
            return None
        if dotted := re.fullmatch(r"(\d{4})\.(\d{1,2})", written.text):
            return _month(int(dotted[1]), int(dotted[2]))
        if re.fullmatch(r"\d{1,2}", written.text):
            return None
        if (dotted := _DOTTED.fullmatch(written.text)) and self._year is not None and len(dotted[1]) < 3:
            return _day(self._year, int(dotted[1]), int(dotted[2]))
        found = (
            self._words(written.text)
            if re.search("[a-z]", written.text)
            else self._with_year(written.text) or self._without_year(written.text)
        )
        return found if isinstance(found, When) or found is problems.DATE_YEARLESS else None

    def _other_end(self, text: str, left: When) -> When | None:
        """Return the second end of a range; parts that it lacks are those of the first."""
        text = daytext.without_time(text).text
        year, month = left.first.year, left.first.month
        if left.span is Span.DAY and (found := re.fullmatch(r"(\d{1,2})\s*[日号]?", text)):
            return _day(year, month, int(found[1]))
        if left.span is Span.MONTH and (found := re.fullmatch(r"(\d{1,2})\s*(?:月份?)?", text)):
            return _month(year + (int(found[1]) < month), int(found[1]))
        if found := re.fullmatch(r"(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*[日号]?", text):
            return _day(year + (int(found[1]) < month), int(found[1]), int(found[2]))
        right = self._end(text)
        return right if isinstance(right, When) and right.span is left.span else None

    def _words(self, text: str) -> Found | None:
        """Mar 2019, March 5, 2019, 5 Mar 2019, 5-7 March 2019 and Mar-19."""
        if (found := _DAYS_OF_MONTH.fullmatch(text)) and (month := _month_number(found[1])):
            return _period(*(date(int(found[4]), month, int(found[at])) for at in (2, 3)))
        if (found := _DAYS_THEN_MONTH.fullmatch(text)) and (month := _month_number(found[3])):
            return _period(*(date(int(found[4]), month, int(found[at])) for at in (1, 2)))
        parts = [part for part in re.split(r"[\s,./\-]+", text) if part not in ("", "of", "the")]
        months = [number for part in parts if (number := _month_number(part))]
        numbers = [re.sub(r"(?<=\d)(st|nd|rd|th)$", "", part) for part in parts if not _month_number(part)]
        if len(months) != 1 or not all(re.fullmatch(r"\d{1,2}|'\d{2}|\d{4}", number) for number in numbers):
            return None
        return self._named_month(text, months[0], numbers)

    def _named_month(self, text: str, month: int, numbers: list[str]) -> Found | None:
        years = [number for number in numbers if len(number) > 2]
        days = [int(number) for number in numbers if len(number) < 3]
        if len(years) == 1 and len(days) < 2:
            year = _full_year(years[0].removeprefix("'"))
            return _day(year, month, days[0]) if days else _month(year, month)
        if years or len(days) > 2:
            return None
        if not days:
            return self._of_year(month, None)
        if len(days) == 2:
            orders = {"day_first": (2000 + days[1], month, days[0])}
            if text[0].isdigit():
                orders["year_first"] = (2000 + days[0], month, days[1])
            return ask(problems.DATE_SHORT_YEAR, **_valid(**orders))
        return self._month_and_number(text, month, days[0])

    def _month_and_number(self, text: str, month: int, number: int) -> Found:
        """Mar-19, which may be a month of 2019, or the 19th; 19 March where the year is 2019."""
        of_this_year = self._year is not None and number == self._year % 100
        if not of_this_year and not _MONTH_DASH_YEAR.fullmatch(text):
            return self._of_year(month, number)
        readings = {"month": _month(2000 + number, month)}
        if self._year is not None:
            with suppress(ValueError):
                readings["as_date"] = _day(self._year, month, number)
        return ask(problems.DATE_MONTH_YEAR, **readings)


def _month_number(word: str) -> int | None:
    """Return the number of a month by its English name or the first letters of it."""
    word = "sep" if word == "sept" else word
    return next((n for n, name in enumerate(_MONTH_NAMES, 1) if len(word) > 2 and name.startswith(word)), None)
