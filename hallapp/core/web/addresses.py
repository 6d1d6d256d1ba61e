"""Days and weeks in addresses: a rule that uses one names it `<day:…>` or `<week:…>`."""

from datetime import date

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError


class DayConverter(BaseConverter):
    """A day: `2026-12-05`."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the day; answer 404 where there is none."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date | str) -> str:
        """Return the day as it is written in the address."""
        return str(value)


class WeekConverter(BaseConverter):
    """A week by its Monday: `2026-W49`, as ISO 8601 counts."""

    regex = r"[0-9]{4}-W[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the week's Monday; no page where there is no such week."""
        try:
            return date.fromisocalendar(int(value[:4]), int(value[6:]), 1)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        """Return the week of a day as it is written in the address."""
        year, week, _weekday = value.isocalendar()
        return f"{year:04}-W{week:02}"


def init_app(app: Flask) -> None:
    """Let rules name days and weeks."""
    app.url_map.converters.update(day=DayConverter, week=WeekConverter)
