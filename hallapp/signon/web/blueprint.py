"""The blueprint of single sign-on, and what templates of other rooms ask of it."""

from collections.abc import Sequence

from flask import Blueprint, Flask, g
from sqlalchemy import select

from hallapp.core.database import db
from hallapp.core.i18n import gettext as _
from hallapp.schedule.web.current_hall import find_current_hall, get_facts_version
from hallapp.signon import queries
from hallapp.signon.errors import MESSAGES
from hallapp.signon.models import SignOnIdentity
from hallapp.signon.queries import Offered

blueprint = Blueprint("sign_on", __name__)


def init_app(app: Flask) -> None:
    """Let templates ask for the providers of the hall, and for what a refusal means."""
    app.jinja_env.globals.update(sign_on_providers=list_providers_here, sign_on_refusal=get_refusal)
    app.jinja_env.globals.update(sign_on_owners=list_owners)


def list_providers_here() -> Sequence[Offered]:
    """Return the providers of the hall of this request."""
    hall = find_current_hall()
    return queries.list_offered(hall.id, version=get_facts_version()) if hall else ()


def get_refusal(code: str | None) -> str | None:
    """Return the message of a refusal by its code in an address; None for any other text."""
    return _(MESSAGES[code]) if code in MESSAGES else None


def list_owners() -> set[int]:
    """Return the ids of those staff of the hall who have an account at a provider; asked once for each page."""
    if "sign_on_owners" not in g:
        hall = find_current_hall()
        wanted = select(SignOnIdentity.staff_id).where(SignOnIdentity.hall_id == (hall.id if hall else None))
        g.sign_on_owners = set(db.session.scalars(wanted))
    return set(g.sign_on_owners)
