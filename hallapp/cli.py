"""Commands: thin, over the services of the rooms. Errors are one line on standard error and a non-zero exit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from hallapp.core.errors import DomainError

hall = AppGroup("hall", help="Set up a hall.")
staff = AppGroup("staff", help="Staff accounts.")
slots = AppGroup("slots", help="Slots made from the weekly opening template.")
reports = AppGroup("reports", help="Figures from the arrival ledger.")
outbox = AppGroup("outbox", help="Messages that wait to be sent.")


def init_app(app: Flask) -> None:
    """Register the command groups."""
    for group in (hall, staff, slots, reports, outbox):
        app.cli.add_command(group)


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into one line; stands below `@group.command()`, above the options."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(error.message % error.params) from None
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(
                f"the database does not answer as expected: {error.orig}; try `hall setup`"
            ) from None

    return run
