"""Marks of the API's views: who may open them, and what the document says about them."""

from collections.abc import Callable
from typing import Any, TypeVar

from hallapp.accounts.roles import Permission
from hallapp.core.errors import DomainError
from hallapp.core.web.access import allow, for_keys, public

View = TypeVar("View", bound=Callable[..., Any])
Errors = tuple[type[DomainError], ...]


def scope(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to keys with a scope."""
    return lambda view: for_keys(allow(permission)(view))


def any_key(view: View) -> View:
    """Mark a view as open to every key."""
    return for_keys(public(view))


def refuses(*errors: type[DomainError]) -> Callable[[View], View]:
    """Name the refusals that are special to a view, for the document."""
    return lambda view: _mark(view, refusals=errors)


def repeatable(view: View) -> View:
    """Mark a view whose act is carried out by `answers.act`, so that a repeated request gets the same answer."""
    return _mark(view, repeatable=True)


def guarded(view: View) -> View:
    """Mark a view that changes what a program has read before, and that heeds `If-Match`."""
    return _mark(view, guarded=True)


def refusals_of(view: Callable[..., Any]) -> Errors:
    """Return the refusals that are special to a view."""
    return getattr(view, "refusals", ())


def is_repeatable(view: Callable[..., Any]) -> bool:
    """Return whether a view accepts an idempotency key."""
    return getattr(view, "repeatable", False)


def is_guarded(view: Callable[..., Any]) -> bool:
    """Return whether a view accepts the entity tag of what it changes."""
    return getattr(view, "guarded", False)


def _mark(view: View, **marks: object) -> View:
    vars(view).update(marks)
    return view
