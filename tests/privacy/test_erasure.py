"""What is personal is gone everywhere after an erasure: in all tables, in the file of the database, in a new backup."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.backups import service as backups
from hallapp.booking import groups, retention
from hallapp.booking.models import Block, Pause
from hallapp.booking.queries import find_pause
from hallapp.core import embedded
from hallapp.core.database import db, transaction
from hallapp.desk import retention as desk_retention
from hallapp.jobs import files
from hallapp.jobs import service as jobs
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.ledger.models import WalkIn
from hallapp.passes import service as passes
from hallapp.personal import export
from hallapp.personal.export import Found
from hallapp.schedule.models import Hall
from hallapp.talks.models import Talk
from hallapp.worker import bodies
from tests import factories
from tests.conftest import SECRET
from tests.privacy.columns import BRIEFLY
from tests.privacy.planting import VISIT, Planted, dump, foreign_grams, left

pytestmark = pytest.mark.either_database

SOON_AFTER = datetime(2026, 3, 12, 4, tzinfo=UTC)
LONG_AFTER = datetime(2027, 9, 12, 4, tzinfo=UTC)
#: Uploads cannot be searched for a person; they are deleted within a week, refused sign-ins within a month.
_BRIEF = {f"{table}.{column}" for table, columns in BRIEFLY.items() for column in columns.split()}
_UPLOADS = {name for name in _BRIEF if name.startswith(("history_", "refused_"))}


#: What the export leaves out: what is derived from the rest, what repeats it elsewhere, what
#: opens something, files (`test_requests.py` has them), and the note of a talk, which belongs to guest and host.
_NOT_EXPORTED = _BRIEF | {
    *("booking.organisation_key", "booking.phone_tail", "booking.pinyin", "pause.organisation_key", "pause.phone"),
    *("block.organisation_key", "answer.digest", "answer.content", "booking_code.email", "talk.note"),
    *("outbox_message.calendar", "outbox_message.html", "outbox_message.last_error", "outbox_message.values"),
    *("outbox_attachment.name", "outbox_file.content", "outbox_file.digest"),
    *("webhook_attempt.answer", "webhook_event.body"),
}


def exported(planted: Planted) -> str:
    found = Found(
        bookings=[planted.booking],
        walk_ins=db.session.scalars(select(WalkIn)).all(),
        talks=db.session.scalars(select(Talk)).all(),
        blocks=db.session.scalars(select(Block)).all(),
    )
    with zipfile.ZipFile(io.BytesIO(export.write(planted.hall, found))) as archive:
        return archive.read("data.json").decode()


def erase_on_request(planted: Planted) -> None:
    with transaction():
        assert retention.erase_bookings(planted.hall, [planted.booking]) == 1
        desk_retention.erase_walk_ins(planted.hall.id, db.session.scalars(WalkIn.__table__.select()).all())


def erase_by_the_clock(planted: Planted) -> None:
    assert bodies.erase(planted.hall).count == 1
    with transaction():
        jobs.sweep()
        files.discard_orphans()


@pytest.mark.parametrize(
    ("erase", "moment", "remains"),
    [(erase_on_request, SOON_AFTER, _UPLOADS), (erase_by_the_clock, LONG_AFTER, set())],
    ids=["on request", "by the clock"],
)
def test_nothing_personal_is_left_anywhere(
    app: Flask, tmp_path: Path, erase: Callable[[Planted], None], moment: datetime, remains: set[str]
) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    with time_machine.travel(SOON_AFTER, tick=False), transaction():
        planted = Planted(hall)
        passes.issue(planted.booking)
    assert set(left(planted, dump())) == set(planted.markers.values()), "what is looked for is found"
    assert set(left(planted, exported(planted))) == set(planted.markers.values()) - _NOT_EXPORTED

    with time_machine.travel(moment, tick=False):
        erase(planted)
        db.session.rollback()
        embedded.remove_traces()
        assert set(left(planted, dump())) == remains
        assert foreign_grams(planted.booking) == set()
        backups.back_up(tmp_path / "backup.zip", secret_keys=(SECRET,))
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        rows = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert set(left(planted, rows)) <= remains
    file = embedded.find_file()
    if file is not None:
        # By a process of its own: whoever closes the file here drops the locks of all connections of this process.
        content = subprocess.check_output(["cat", *embedded.list_files(file)])
        assert set(left(planted, content.decode("latin-1"))) - remains == set()


def test_erasure_of_one_person_leaves_the_others(app: Flask) -> None:
    hall: Hall = factories.make(factories.hall)
    with time_machine.travel(SOON_AFTER, tick=False), transaction():
        planted = Planted(hall)
        slot = planted.booking.slot
        other = factories.booking(slot=slot, contact_name="罗小龙", email="luo@example.org")
        retention.erase_bookings(hall, [planted.booking])
    db.session.expire_all()
    assert (other.contact_name, other.email, other.phone_tail) == ("罗小龙", "luo@example.org", "1050")
    assert (planted.booking.visitors, slot.visitors_booked) == (20, 40), "counts stay"


@pytest.mark.parametrize("times", [1, 2])  # an organiser can send the same request again
def test_a_pause_outlives_the_erasure_without_the_phone(app: Flask, times: int) -> None:
    hall = factories.make(factories.hall)
    with time_machine.travel(SOON_AFTER, tick=False):
        with transaction():
            slot = factories.slot(programme=factories.programme(hall=hall), day=VISIT)
            booking = factories.booking(slot=slot, kind=INDIVIDUAL)
            phone, name = booking.phone, booking.organisation_key
            pause = Pause(hall_id=hall.id, booking_id=booking.id, absences=3, since=VISIT, until=date(2026, 6, 1))
            pause.phone, pause.organisation_key = phone, name
            db.session.add(pause)
        for _time in range(times):
            with transaction():
                retention.erase_bookings(hall, [booking])
        today = hall.today()
        assert phone not in dump()
        assert find_pause(hall.id, phone=phone, organisation_key="", today=today) == pause
        assert find_pause(hall.id, phone="", organisation_key=name, today=today) == pause
        record = groups.read(hall, phone=phone, organisation_key="", kind=booking.kind)
        assert record.paused_until == date(2026, 6, 1), "who had their data erased books online no sooner"
        assert groups.read(hall, phone="+8613800000000", organisation_key="", kind=booking.kind).paused_until is None
