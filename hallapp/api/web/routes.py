"""The API as a whole: its views, its OpenAPI document, and the page that shows the document."""

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from markupsafe import Markup, escape

from hallapp.api.web import access, arrivals, bookings, groups, halls, passes, reports, staff
from hallapp.api.web.answers import refuse
from hallapp.api.web.blueprints import ALL
from hallapp.api.web.spec import PREFIX, make_document, to_dict
from hallapp.core.errors import DomainError
from hallapp.core.web.access import open_in_draft, public

__all__ = ["arrivals", "bookings", "groups", "halls", "passes", "reports", "staff"]

pages = Blueprint("api", __name__, url_prefix=PREFIX)
_DOCUMENT = "hallapp_openapi"
for _views in ALL:
    _views.register_error_handler(DomainError, refuse)


def init_app(app: Flask) -> None:
    """Add the API to the application."""
    access.init_app(app)
    document = make_document(app)
    for views in ALL:
        document.register_blueprint(views)
    app.register_blueprint(pages)
    app.extensions[_DOCUMENT] = to_dict(app, document)


@pages.get("/openapi.json")
@public
@open_in_draft
def openapi() -> Response:
    """Send the OpenAPI document; it is the same for everybody and names no hall."""
    response = jsonify(current_app.extensions[_DOCUMENT])
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/docs")
@public
@open_in_draft
def docs() -> str:
    """Show the OpenAPI document as a page, without scripts."""
    return render_template("api/docs.html", document=current_app.extensions[_DOCUMENT], marked=_mark_code)


def _mark_code(text: str) -> Markup:
    """Return a text of the document with its code, which stands between backticks, marked as such."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))
