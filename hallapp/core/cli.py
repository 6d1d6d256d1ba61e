"""The base of all commands: wrong options and refusals become one line on standard error and a non-zero exit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError, ProgrammingError

from hallapp.core.database import DatabaseAway, is_away
from hallapp.core.errors import DomainError
from hallapp.core.patience import be_patient

#: The range of integers that every database accepts.
NUMBER = click.IntRange(1, 2**31 - 1)


class Group(AppGroup):
    """A command group that reports wrong options in one line, without the usage text."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        be_patient()
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise click.ClickException(" ".join(error.format_message().split())) from None


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into one line; place it below `@group.command()` and above the options."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(error.message % error.params) from None
        except (DBAPIError, DatabaseAway) as error:
            if not (is_away(error) or isinstance(error, ProgrammingError)):
                raise
            cause = " ".join(str(getattr(error, "orig", None) or error).split())
            raise click.ClickException(f"the database does not answer as expected: {cause}; try `hall setup`") from None

    return run
