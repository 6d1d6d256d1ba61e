"""Who may open a route: every view says so, and one that says nothing is open to nobody."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def allow(role: str) -> Callable[[View], View]:
    """Mark a view as open to a role, and to the roles that include it."""

    def mark(view: View) -> View:
        view.access = role  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everybody."""
    return allow(PUBLIC)(view)


def allow_device(kind: str) -> Callable[[View], View]:
    """Mark a view as open to a kind of device too, such as a kiosk: a device opens nothing else."""

    def mark(view: View) -> View:
        view.device = kind  # type: ignore[attr-defined]
        return view

    return mark


def device_of(view: Callable[..., Any]) -> str | None:
    """The kind of device that may open a view, or None."""
    return getattr(view, "device", None)


def access_of(view: Callable[..., Any]) -> str | None:
    """What a view is marked with, or None where nobody thought of it."""
    return getattr(view, "access", None)
