"""The managers' page of the privacy notice: the hall's own words, and the versions."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import Length

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.texts import LONG
from hallapp.core.web.access import allow
from hallapp.core.web.fields import without_controls
from hallapp.core.web.forms import RefusableForm, submit_form
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.privacy import service
from hallapp.privacy.notice import list_versions
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("privacy_settings", __name__)


class WordsForm(WithTexts, RefusableForm):
    """The hall's own words in each language."""

    text: Any = TextsField(_l("The hall’s own words"), long=True, validators=[without_controls, Length(max=LONG)])


@blueprint.get("/admin/privacy")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the hall's own words, and the versions that were accepted."""
    return _page(WordsForm(formdata=None, obj=service.find_words(get_staff().hall_id)))


@blueprint.post("/admin/privacy")
@allow(Permission.SETTINGS_CHANGE)
def save() -> ResponseReturnValue:
    """Set the hall's own words: from then on the notice is a new version."""
    form, staff = WordsForm(request.form), get_staff()

    def save_words() -> ResponseReturnValue:
        with transaction():
            service.save_words(staff.hall_id, form.text.data, by=staff.id)
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save_words, lambda: _page(form))


def _page(form: WordsForm) -> str:
    hall = get_current_hall()
    versions = {one.digest: clock.local_day(one.since, hall.time_zone) for one in list_versions(hall.id)}
    return render_template("privacy/settings.html", form=form, versions=versions)
