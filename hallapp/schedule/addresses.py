"""The address at which visitors reach a hall."""

from hallapp.core import runtime
from hallapp.schedule.models import Hall


def base_url(hall: Hall) -> str:
    """Return where visitors reach this hall, without a trailing slash: its own host, or the deployment's address."""
    settings = runtime.settings()
    if hall.host:
        return f"{'https' if settings.secure else 'http'}://{hall.host}"
    return settings.base_url
