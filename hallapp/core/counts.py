"""A column of whole numbers by the number of another row, such as people by category."""

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


class CountsType(TypeDecorator[dict[int, int]]):
    """Numbers by number as JSON in a column of text, which is empty where there are none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[int, int] | None, dialect: Dialect) -> str:
        """Convert a value for the database."""
        return json.dumps(value) if value else ""

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[int, int]:
        """Convert a value from the database."""
        return {int(number): count for number, count in json.loads(value).items()} if value else {}
