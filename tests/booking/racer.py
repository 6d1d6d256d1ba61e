"""One of the processes of a race: its own application on the database that the environment names, and eight threads.

Reads a line of JSON with each thread's commands, answers `ready`, lets all threads go at the next line, and answers, as
JSON, for each command the key of its booking or the code of its refusal. Then the next race, until its input ends.

A command is a booking to place, or, with `then`, a booking by its key and what its organiser does with it: `cancel`,
`move` (to a slot) or `people` (so many come); `write`, as the desk does, a row of the hall while it holds the booking;
or `close`, as a manager does: a slot is closed or opened, and the bookings `leave` stay as they are.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import select

from hallapp import create_app
from hallapp.booking import closures, lifecycle, queries, service
from hallapp.booking.closures import Leave
from hallapp.booking.lifecycle import ORGANISER, SYSTEM
from hallapp.booking.models import Booking, OrganisationKind, Verb
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule.service import EditSlot


def command(values: dict[str, Any]) -> service.PlaceBooking:
    """A command out of JSON."""
    origins = tuple((str(division), int(visitors)) for division, visitors in values["origins"])
    known = {"kind": OrganisationKind(values["kind"]), "origins": origins, "by": ORGANISER}
    return service.PlaceBooking(**{**values, **known})


def run(app: Flask, hand: list[dict[str, Any]]) -> list[str]:
    """Do them one after the other, as one thread of a server does."""
    results = []
    with app.app_context():
        for values in hand:
            try:
                with transaction():
                    results.append(act(values).key)
            except DomainError as error:
                results.append(error.code)
        db.session.remove()
    return results


def act(values: dict[str, Any]) -> Booking:
    """Place a booking, or do with one what its organiser, the desk or a manager does."""
    if "then" not in values:
        return service.place(command(values))
    booking = queries.get_booking_by_key(values["key"])
    match values["then"]:
        case "cancel":
            service.cancel(booking)
        case "move":
            service.move(booking, values["slot"])
        case "people":
            service.change_people(booking, (("440000", values["people"]),))
        case "write":
            db.session.execute(select(Booking.id).where(Booking.id == booking.id).with_for_update())
            lifecycle.note(booking, Verb.LEFT, by=SYSTEM, before=booking.state)
        case "close":
            edit = EditSlot(
                hall_id=booking.hall_id,
                by=None,
                slot_id=values["slot"],
                open=values["open"],
                visitor_capacity=50,
                guide_capacity=4,
            )
            leave = dict.fromkeys(values["leave"], Leave())
            closures.carry_out(edit, decisions=leave, by=SYSTEM)
    return booking


def answer(line: str) -> None:
    """Send one line to the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Race until the input ends."""
    app = create_app()
    for line in sys.stdin:
        work = json.loads(line)
        with ThreadPoolExecutor(len(work)) as pool:
            answer("ready")
            sys.stdin.readline()
            futures = [pool.submit(run, app, hand) for hand in work]
        answer(json.dumps([result for future in futures for result in future.result()]))


if __name__ == "__main__":
    main()
