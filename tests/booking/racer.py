"""What each process of a race does: its application has eight threads.

The process receives each thread's commands, answers `ready`, lets all threads go at the next message, and answers, for
each command, the key of its booking or the code of its refusal. Then the next race, until its connection is closed.

A command is a booking to place, or a dictionary with `then`, a booking by its key and what its organiser does with it:
`cancel`, `move` (to a slot) or `people` (so many come); `write`, as the desk does, a row of the hall while it holds the
booking; or `close`, as a manager does: a slot is closed or opened, and the bookings `leave` stay as they are.
"""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy import select

from hallapp.booking import closures, lifecycle, queries, service
from hallapp.booking.closures import Leave
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import Booking, Verb
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule.service import EditSlot

Command = service.PlaceBooking | dict[str, Any]


def run(app: Flask, hand: list[Command]) -> list[str]:
    """Do them one after the other, as one thread of a server does."""
    results = []
    with app.app_context():
        for one in hand:
            try:
                with transaction():
                    results.append(act(one).key)
            except DomainError as error:
                results.append(error.code)
        db.session.remove()
    return results


def act(command: Command) -> Booking:
    """Place a booking, or do with one what its organiser, the desk or a manager does."""
    if isinstance(command, service.PlaceBooking):
        return service.place(command)
    booking = queries.get_booking_by_key(command["key"])
    match command["then"]:
        case "cancel":
            service.cancel(booking)
        case "move":
            service.move(booking, command["slot"])
        case "people":
            service.change_people(booking, (("440000", command["people"]),))
        case "write":
            db.session.execute(select(Booking.id).where(Booking.id == booking.id).with_for_update())
            lifecycle.note(booking, Verb.LEFT, by=SYSTEM, before=booking.state)
        case "close":
            edit = EditSlot(
                hall_id=booking.hall_id,
                by=None,
                slot_id=command["slot"],
                open=command["open"],
                visitor_capacity=50,
                guide_capacity=4,
            )
            leave = dict.fromkeys(command["leave"], Leave())
            closures.carry_out(edit, decisions=leave, by=SYSTEM)
    return booking


def work(app: Flask, connection: Connection) -> None:
    """Race until the connection is closed."""
    while True:
        hands: list[list[Command]] = connection.recv()
        with ThreadPoolExecutor(len(hands)) as pool:
            connection.send("ready")
            connection.recv()
            futures = [pool.submit(run, app, hand) for hand in hands]
        connection.send([result for future in futures for result in future.result()])
