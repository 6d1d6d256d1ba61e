"""Access rules of routes: every view declares its rule; a view without one cannot be opened."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def allow(permission: str) -> Callable[[View], View]:
    """Mark a view as open to people who have a permission."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everyone."""
    return allow(PUBLIC)(view)


def open_in_draft(view: View) -> View:
    """Mark a public view as open to strangers even while its hall is a draft, such as the sign-in."""
    view.open_in_draft = True  # type: ignore[attr-defined]
    return view


def is_open_in_draft(view: Callable[..., Any]) -> bool:
    """Return whether strangers may open a public view while its hall is a draft."""
    return getattr(view, "open_in_draft", False)


def allow_device(kind: str) -> Callable[[View], View]:
    """Mark a view as open to a kind of device too, such as a kiosk; a device opens no other views."""

    def mark(view: View) -> View:
        view.device = kind  # type: ignore[attr-defined]
        return view

    return mark


def for_keys(view: View) -> View:
    """Mark a view as one of the API: only keys open it, sessions do not; `@public` then means any key."""
    view.for_keys = True  # type: ignore[attr-defined]
    return view


def is_for_keys(view: Callable[..., Any]) -> bool:
    """Return whether a view belongs to the API, so that only keys open it."""
    return getattr(view, "for_keys", False)


def device_of(view: Callable[..., Any]) -> str | None:
    """Return the kind of device that may open a view, or None."""
    return getattr(view, "device", None)


def access_of(view: Callable[..., Any]) -> str | None:
    """Return the access rule of a view, or None where it has none."""
    return getattr(view, "access", None)
