"""Documents about files that are written in the background."""

from marshmallow import fields, validate

from hallapp.api.web.schemas.common import SLUG, Answer, Sent, one_of, text
from hallapp.kinds.models import CODE_LENGTH
from hallapp.reports.lists.jobs import FORMS
from hallapp.reports.lists.streams import What


class NewExport(Sent):
    """A long list to be written as a file."""

    what = one_of(What, required=True)
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    division = text(8, 1)
    programme = fields.String(validate=validate.Regexp(SLUG))
    kind = text(CODE_LENGTH, 1)
    form = one_of([form.value for form in FORMS], load_default="csv", dump_default="csv")


class Export(Answer):
    """An export; its file can be taken when its state is `done`."""

    number = fields.Integer(required=True)
    state = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
