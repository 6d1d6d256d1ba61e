"""A period in an address."""

from werkzeug.routing import BaseConverter, ValidationError

from hallapp.periods import Period, PeriodUnknown


class PeriodConverter(BaseConverter):
    """A period in an address: `2026-11`, `2026-Q4`, `2026`, `2026-10-01..2026-10-07`, `since-opening`."""

    regex = r"since-opening|\d{4}-\d{2}-\d{2}(?:\.\.\d{4}-\d{2}-\d{2})?|\d{4}(?:-\d{2}|-Q[1-4])?"

    def to_python(self, value: str) -> Period:
        """Return the period of a name; answer 404 where there is none."""
        try:
            return Period.parse(value)
        except PeriodUnknown:
            raise ValidationError from None

    def to_url(self, value: Period | str) -> str:
        """Return the name of a period."""
        return str(value)


class MonthConverter(PeriodConverter):
    """A month in an address, for the pages of its close."""

    regex = r"\d{4}-\d{2}"


class QuarterConverter(PeriodConverter):
    """A quarter of a year in an address, such as `2026-Q4`."""

    regex = r"\d{4}-Q[1-4]"
