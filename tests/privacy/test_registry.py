"""Each column is known to hold personal data or not, so that no new one is forgotten when data is erased."""

from collections import Counter

import pytest

from hallapp.core.database import db
from tests.privacy.columns import BRIEFLY, NOT_PERSONAL, STAFF, VISITORS

pytestmark = [pytest.mark.on_database("sqlite"), pytest.mark.usefixtures("migrated_app")]  # all tables are known then


def test_each_column_is_classified_once() -> None:
    listed = Counter(
        f"{table}.{column}"
        for registry in (VISITORS, BRIEFLY, STAFF, NOT_PERSONAL)
        for table, columns in registry.items()
        for column in columns.split()
    )
    there = {f"{table.name}.{column.name}" for table in db.metadata.sorted_tables for column in table.columns}
    assert there - listed.keys() == set(), "classify these new columns in tests/privacy/columns.py"
    assert listed.keys() - there == set(), "these columns are gone"
    assert [name for name, times in listed.items() if times > 1] == []
