"""Every key of a hall's table holds `hall_id`, so that a distributed PostgreSQL could divide the tables by hall.

The tables of earlier versions do not yet (docs/scaling.md has the plan); they are named here, and the lists may only
get shorter. A new table follows the rule.
"""

import pytest
from sqlalchemy import Table, UniqueConstraint

from hallapp.core.database import db

pytestmark = [pytest.mark.on_database("sqlite"), pytest.mark.usefixtures("migrated_app")]  # all tables are known then

#: Tables of the service, which belong to no hall.
SHARED = {"hall", "rate_counter", "service_key", "setup_code", "worker_process"}
#: Tables of halls without a `hall_id` of their own.
WITHOUT = {"outbox_attachment"}
#: Tables whose primary key lacks it.
PRIMARY = {
    "adjustment",
    "arrival",
    "audit_entry",
    "badge",
    "badge_arrival",
    "booking",
    "booking_code",
    "booking_event",
    "departure",
    "desk_conflict",
    "desk_event",
    "device",
    "feedback",
    "file_chunk",
    "group_list",
    "guide",
    "guide_assignment",
    "guide_duty",
    "guide_leave",
    "guide_programme",
    "history_chunk",
    "history_draft",
    "history_import",
    "history_month",
    "history_row",
    "history_text",
    "job",
    "month_close",
    "opening",
    "origin",
    "outbox_file",
    "outbox_message",
    "pass",
    "pause",
    "person",
    "programme",
    "recovery_code",
    "report_recipient",
    "saved_search",
    "slot",
    "staff",
    "staff_link",
    "staff_session",
    "used_proof",
    "walk_in",
    "week_template",
}
#: Unique keys that lack it: table and columns.
UNIQUE = {
    "adjustment event_id",
    "badge person_id version",
    "badge token",
    "booking key",
    "booking reference",
    "departure undoes_id",
    "desk_conflict event_id division",
    "desk_event undoes_id",
    "device digest",
    "feedback booking_id",
    "guide staff_id",
    "guide_assignment booking_id guide_id",
    "job key",
    "opening template_id weekday starts",
    "outbox_message message_id",
    "pass booking_id version",
    "pass token",
    "person booking_id position",
    "publication close_id",
    "slot programme_id starts_at",
    "staff name",
    "staff_link digest",
    "staff_session digest",
}


def tables() -> list[Table]:
    return [table for table in db.metadata.sorted_tables if table.name not in SHARED]


def of_halls() -> list[Table]:
    return [table for table in tables() if "hall_id" in table.c]


def test_new_tables_of_a_hall_have_its_id() -> None:
    assert {table.name for table in tables() if "hall_id" not in table.c} == WITHOUT


def test_new_primary_keys_hold_the_hall() -> None:
    assert {table.name for table in of_halls() if "hall_id" not in table.primary_key.columns} == PRIMARY


def test_new_unique_keys_hold_the_hall() -> None:
    found = set()
    for table in of_halls():
        constraints = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
        for columns in (*constraints, *(index.columns for index in table.indexes if index.unique)):
            if "hall_id" not in columns:
                found.add(" ".join([table.name, *(column.name for column in columns)]))
    assert found == UNIQUE


def test_rows_refer_to_rows_by_their_primary_keys() -> None:
    """As long as that is so, a foreign key gets `hall_id` together with the primary key that it names."""
    for table in of_halls():
        for constraint in table.foreign_key_constraints:
            referred = constraint.referred_table
            assert {element.column for element in constraint.elements} == set(referred.primary_key.columns), table
