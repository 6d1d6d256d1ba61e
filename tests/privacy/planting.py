"""A marker in every personal column of a booking and of all that belongs to it, and the search for what is left."""

import itertools
import json
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, Enum, Integer, LargeBinary, String, Table, Time, Uuid, insert
from sqlalchemy.sql.schema import Column

from hallapp.accounts import vault
from hallapp.booking import bigrams
from hallapp.booking.access import AccessNeeds
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import UtcDateTime, db
from hallapp.jobs.models import JobState
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.schedule.models import Hall
from tests import factories
from tests.conftest import SECRET
from tests.privacy.columns import BRIEFLY, VISITORS

VISIT = date(2026, 3, 10)
#: Tables to whose rows others refer.
_NUMBERED = ("outbox_message", "outbox_file", "history_draft")
#: Tables whose rows belong to a row of another one of them.
_WEBHOOKS = ("webhook_event", "webhook_attempt")
#: Tables with rows of several kinds; and the booking itself, with the index of its names.
_BY_HAND = {*_NUMBERED, *_WEBHOOKS, "booking", "gram", "walk_in", "desk_event", "pause", "block", "talk"}
_numbers = itertools.count(100)


class Planted:
    """A past visit of an individual, with markers; `markers` maps each to the column that has it."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.markers = hall, dict[str, str]()
        self.booking = self._book()
        self.known: dict[str, Any] = {"hall_id": hall.id, "booking_id": self.booking.id}
        self._plant_others()
        db.session.flush()

    def marker(self, table: str, column: str, *, length: int | None = None) -> str:
        made = f"Zq{len(self.markers) + 10}x"[: length or 99]
        made = made if length and length < 9 else f"{made}{table[:2]}"
        self.markers[made] = f"{table}.{column}"
        return made

    def _book(self) -> Booking:
        texts = {name: self.marker("booking", name) for name in VISITORS["booking"].split()}
        texts["phone_tail"] = self.marker("booking", "phone_tail", length=4)
        slot = factories.slot(programme=factories.programme(hall=self.hall), day=VISIT)
        access = AccessNeeds(remark=texts.pop("access"))
        return factories.booking(slot=slot, kind=INDIVIDUAL, access=access, **texts)

    def _plant_others(self) -> None:
        tables = {table.name: table for table in db.metadata.sorted_tables}
        staff = factories.staff(hall=self.hall)
        self.known |= {"staff_id": staff.id, "made_by": staff.id, "programme_id": self.booking.slot.programme_id}
        self.known["slot_id"] = self.booking.slot_id
        self.known["question"] = self.put(tables["question"], number=1, words={}, options=[])["number"]
        self.known["key_number"] = self.put(tables["api_key"], number=1)["number"]
        job = {"kind": "report_export", "state": JobState.DONE, "key": "k" * 32, "finished_at": clock.now()}
        wanted = {"what": "arrivals", "first": "2026-03-01", "last": "2026-03-31"}
        wanted |= {"division": None, "programme": None, "kind": None}
        self.put(tables["job"], **job, params=wanted)
        self.known |= {"key": "k" * 32, "day": VISIT}
        message, file, draft = (self.plant(tables[name])["id"] for name in _NUMBERED)
        walk_in = self.plant(tables["walk_in"], kind=INDIVIDUAL)["id"]
        self.plant(tables["pause"], until=VISIT, lifted_at=clock.now())
        pause = self.plant(tables["pause"], until=date(2026, 12, 31), lift_reason=None, lifted_at=None)["id"]
        self.known |= {"message_id": message, "file_id": file, "draft_id": draft, "pause_id": pause}
        for table in db.metadata.sorted_tables:
            if table.name in (VISITORS.keys() | BRIEFLY.keys()) - _BY_HAND:
                self.plant(table)
        self.put(tables["talk_host"], number=1)
        self.plant(tables["talk"], number=1, email=self.booking.email)
        self._plant_webhook(tables)
        event = tables["desk_event"]
        self.plant(event, walk_in_id=None)
        self.plant(event, walk_in_id=walk_in, booking_id=None)
        phone = self.booking.phone
        self.plant(tables["block"], number=1, phone=phone, until=VISIT)
        in_force = {"until": date(2026, 12, 31), "organisation": None, "organisation_key": None}
        self.plant(tables["block"], number=2, phone=phone, **in_force)

    def _plant_webhook(self, tables: dict[str, Table]) -> None:
        event = self.plant(tables["webhook_event"])["id"]
        keys = {"webhook_number": self.put(tables["webhook"], number=1)["number"], "event_id": event}
        self.put(tables["webhook_delivery"], **keys)
        self.plant(tables["webhook_attempt"], **keys)

    def plant(self, table: Table, **values: Any) -> dict[str, Any]:
        """Add a row with a marker in each personal column that is not given."""
        columns = f"{VISITORS.get(table.name, '')} {BRIEFLY.get(table.name, '')}".split()
        markers = {name: self._in(table, name) for name in columns if name not in values}
        return self.put(table, **markers, **values)

    def _in(self, table: Table, name: str) -> Any:
        marker, kind = self.marker(table.name, name), table.c[name].type
        if table.name == "api_answer":
            return vault.close(json.dumps({"reference": self.booking.reference, "contact": marker}), [SECRET])
        if isinstance(kind, JSON):
            return {"reason": marker}
        return marker.encode() if isinstance(kind, LargeBinary) else marker

    def put(self, table: Table, **values: Any) -> dict[str, Any]:
        """Add a row, with any value where a column needs one."""
        needed = {column.name: self._any(column) for column in table.columns if not _is_free(column)}
        row = needed | {name: value for name, value in self.known.items() if name in table.c} | values
        made = db.session.execute(insert(table).values(row)).inserted_primary_key
        return row | dict(zip(table.primary_key.columns.keys(), made, strict=True))

    def _any(self, column: Column[Any]) -> Any:
        kind = column.type
        for one, value in (
            (Enum, kind.enums[0] if isinstance(kind, Enum) else None),
            (Boolean, False),
            (Integer, 1),
            (Uuid, f"00000000-0000-4000-8000-{next(_numbers):012}"),
            (JSON, {}),
            (LargeBinary, b""),
            (Date, VISIT),
            (UtcDateTime | DateTime, datetime(2026, 3, 10, 2, tzinfo=UTC)),
            (Time, time(9)),
        ):
            if isinstance(kind, one):
                return value
        return str(next(_numbers)) if isinstance(kind, String) else ""


def _is_free(column: Column[Any]) -> bool:
    """Return whether a row needs no value of this column."""
    numbered = column.primary_key and isinstance(column.type, Integer) and column.autoincrement is not False
    alone = len(column.table.primary_key.columns) == 1
    return column.nullable or column.server_default is not None or (numbered and alone and not column.foreign_keys)


def dump() -> str:
    """Return all rows of the database as one text; encrypted answers of the API are decrypted, bytes are shown."""
    found = []
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(table.select()).mappings():
            for name, value in row.items():
                if (table.name, name) == ("api_answer", "body") and value:
                    value = vault.open_(value, [SECRET])
                found.append(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value))
    return "\n".join(found)


def left(planted: Planted, text: str) -> list[str]:
    """Return the columns whose markers are in a text."""
    return sorted(column for marker, column in planted.markers.items() if marker in text)


def foreign_grams(booking: Booking) -> set[str]:
    """Return the bigrams in the index of names that are not those of the booking's present organisation."""
    gram = db.metadata.tables["gram"]
    rows = db.session.scalars(gram.select().with_only_columns(gram.c.gram).where(gram.c.booking_id == booking.id))
    return set(rows) - bigrams.bigrams(booking.organisation)
