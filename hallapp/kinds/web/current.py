"""The kinds of organisation of a request's hall, for forms and templates."""

from typing import cast

from flask import Flask, g

from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kinds, is_individual
from hallapp.schedule.web.current_hall import get_facts_version


def init_app(app: Flask) -> None:
    """Let templates name a kind by its code, and list the kinds."""
    app.jinja_env.globals.update(organisation_kind=name_kind, organisation_kinds=get_kinds)
    app.jinja_env.globals.update(is_individual=is_individual)


def get_kinds() -> Kinds:
    """Return the kinds of this request's hall."""
    if "kinds" not in g:
        version = get_facts_version()  # the hall of the request is known then
        g.kinds = list_kinds(g.hall_id, version=version)
    return cast(Kinds, g.kinds)


def name_kind(code: str) -> str:
    """Return the name of a kind in the language in force."""
    return get_kinds().name(code)


def list_options() -> list[tuple[str, str]]:
    """Return the kinds that new groups can be of, with their names."""
    return [(kind.code, name_kind(kind.code)) for kind in get_kinds().offered]


def list_all_options() -> list[tuple[str, str]]:
    """Return all kinds with their names, for what groups came in the past."""
    return [(code, name_kind(code)) for code in get_kinds()]
