"""The halls of a command: the one that `--hall` names, or all of them."""

from collections.abc import Sequence

import click

from hallapp.schedule import queries
from hallapp.schedule.models import Hall


def list_halls(slug: str | None) -> Sequence[Hall]:
    """Return the hall of that name, or all halls. Raises ClickException where there is none."""
    halls = [each for each in queries.list_halls() if slug in (None, each.slug)]
    if not halls:
        raise click.ClickException(
            f"there is no hall named {slug}" if slug else "there is no hall yet; try `hall setup`"
        )
    return halls


def get_hall(slug: str | None) -> Hall:
    """Return the hall of that name, or the only one. Raises ClickException where there is none, or several."""
    halls = list_halls(slug)
    if len(halls) > 1:
        raise click.ClickException(f"say which hall by --hall: {', '.join(each.slug for each in halls)}")
    return halls[0]
