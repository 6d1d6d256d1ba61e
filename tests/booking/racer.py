"""One of the processes of a race: its own application on the database that the environment names, and eight threads.

Reads a line of JSON with each thread's commands, answers `ready`, lets all threads go at the next line, and answers, as
JSON, for each command the key of its booking or the code of its refusal. Then the next race, until its input ends.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from hallapp import create_app
from hallapp.booking import service
from hallapp.booking.models import OrganisationKind
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError


def command(values: dict[str, Any]) -> service.PlaceBooking:
    """A command out of JSON."""
    origins = tuple((str(division), int(visitors)) for division, visitors in values["origins"])
    return service.PlaceBooking(**{**values, "kind": OrganisationKind(values["kind"]), "origins": origins})


def run(app: Flask, commands: list[service.PlaceBooking]) -> list[str]:
    """Place them one after the other, as one thread of a server does."""
    results = []
    with app.app_context():
        for one in commands:
            try:
                with transaction():
                    results.append(service.place(one).key)
            except DomainError as error:
                results.append(error.code)
        db.session.remove()
    return results


def answer(line: str) -> None:
    """Send one line to the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Race until the input ends."""
    app = create_app()
    for line in sys.stdin:
        work = [[command(values) for values in thread] for thread in json.loads(line)]
        with ThreadPoolExecutor(len(work)) as pool:
            answer("ready")
            sys.stdin.readline()
            futures = [pool.submit(run, app, commands) for commands in work]
        answer(json.dumps([result for future in futures for result in future.result()]))


if __name__ == "__main__":
    main()
