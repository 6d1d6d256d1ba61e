"""What all commands share: options that are wrong, and refusals, are one line on standard error and a non-zero exit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from hallapp.core.errors import DomainError

#: A number that every database takes.
NUMBER = click.IntRange(1, 2**31 - 1)


class Group(AppGroup):
    """A group whose commands say what is wrong with their options in one line, without the usage above it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise click.ClickException(" ".join(error.format_message().split())) from None


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into one line; stands below `@group.command()`, above the options."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(error.message % error.params) from None
        except (OperationalError, ProgrammingError) as error:
            cause = " ".join(str(error.orig).split())
            raise click.ClickException(f"the database does not answer as expected: {cause}; try `hall setup`") from None

    return run
