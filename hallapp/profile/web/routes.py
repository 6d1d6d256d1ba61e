"""The pictures of a hall: the files for everybody, and the manager's pages."""

import re
from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.web.access import allow, open_in_draft, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import csrf, http_error
from hallapp.core.web.static_files import FOR_EVER
from hallapp.profile import queries, service
from hallapp.profile.cropping import BYTES_MOST, Shape, crop
from hallapp.profile.errors import PictureTooLarge
from hallapp.profile.models import Picture
from hallapp.profile.service import HALL, MAP, PROGRAMME, SavePicture
from hallapp.profile.web.forms import PictureForm
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version

blueprint = Blueprint("profile", __name__)


@blueprint.app_context_processor
def _pictures() -> dict[str, object]:
    return {"hall_picture": lambda hall: queries.find_shown(hall.id, HALL, version=get_facts_version())}


_DIGEST = re.compile(r"[0-9a-f]{64}")
_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
_TAKEN_IN = BYTES_MOST + 64 * 1024  # the other fields of the form


@dataclass(frozen=True, slots=True)
class Place:
    """A place that may have a picture: its name for the manager, and where visitors see it."""

    key: str
    title: str
    shown: str
    picture: Picture | None

    @property
    def shape(self) -> Shape:
        """Return the shape of its pictures."""
        return service.shape_of(self.key)


@blueprint.get("/pictures/<digest>/<int:width>.<any(webp,jpg):kind>")
@public
@open_in_draft
def file(digest: str, width: int, kind: str) -> ResponseReturnValue:
    """Show one size of a picture; its address changes with its content, so browsers keep it for ever."""
    content = queries.find_content(digest, width, kind) if _DIGEST.fullmatch(digest) and width < 10_000 else None
    if content is None:
        abort(404)
    response = make_response(content)
    response.content_type = _TYPES[kind]
    response.headers["Cache-Control"] = FOR_EVER
    response.set_etag(f"{digest[:16]}-{width}-{kind}")
    return response.make_conditional(request)


@blueprint.get("/admin/pictures")
@allow(Permission.SETTINGS_CHANGE)
def pictures() -> ResponseReturnValue:
    """Show each place that may have a picture."""
    hall = get_current_hall()
    return render_template("profile/pictures.html", places=_list_places(hall))


@blueprint.get("/admin/pictures/<place>")
@allow(Permission.SETTINGS_CHANGE)
def picture(place: str) -> ResponseReturnValue:
    """Show the picture of a place, and the form for another one."""
    found = _get_place(place)
    return _picture_page(found, PictureForm(formdata=None, obj=found.picture))


@blueprint.post("/admin/pictures/<place>")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: only here it is known how much is taken in
@allow(Permission.SETTINGS_CHANGE)
def save_picture(place: str) -> ResponseReturnValue:
    """Take a picture, or another description of the present one."""
    request.max_content_length = _TAKEN_IN
    found, form, staff = _get_place(place), PictureForm(), get_staff()

    def save() -> ResponseReturnValue:
        content = form.content
        cropped = None if content is None else crop(content, found.shape, form.point)
        with transaction():
            service.save_picture(
                SavePicture(
                    hall_id=staff.hall_id,
                    by=staff.id,
                    place=place,
                    cropped=cropped,
                    alt=form.alt.data,
                )
            )
        return redirect(url_for(".pictures", saved=1), 303)

    return submit_form(form, save, lambda: _picture_page(_get_place(place), form))


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond the upload limit beside its field, like one that is a little too large."""
    if request.endpoint != f"{blueprint.name}.{save_picture.__name__}":
        return http_error(error)
    found = _get_place(str((request.view_args or {})["place"]))
    form = PictureForm(formdata=None, obj=found.picture)
    form.refuse(PictureTooLarge(most=BYTES_MOST // 1024**2))
    return _picture_page(found, form), 422


@blueprint.post("/admin/pictures/<place>/delete")
@allow(Permission.SETTINGS_CHANGE)
def delete_picture(place: str) -> ResponseReturnValue:
    """Delete the picture of a place."""
    staff = get_staff()
    _get_place(place)
    with transaction():
        service.delete_picture(staff.hall_id, place, staff.id)
    return redirect(url_for(".pictures", saved=1), 303)


def _list_places(hall: Hall) -> list[Place]:
    found = queries.list_pictures(hall.id)
    places = [
        Place(HALL, _("The hall"), _("At the top of the home page, and where its link is shared."), found.get(HALL)),
        Place(MAP, _("Map"), _("On the home page, under “How to get there”."), found.get(MAP)),
    ]
    for programme in schedule.list_all_programmes(hall.id):
        key = PROGRAMME + programme.slug
        places.append(
            Place(key, programme.name(language()), _("Beside the programme on the home page."), found.get(key))
        )
    return places


def _get_place(key: str) -> Place:
    place = next((one for one in _list_places(get_current_hall()) if one.key == key), None)
    return place or abort(404)


def _picture_page(place: Place, form: PictureForm) -> str:
    return render_template("profile/picture.html", place=place, form=form, most=BYTES_MOST // 1024**2)
