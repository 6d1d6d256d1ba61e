"""Documents about what can be booked."""

from marshmallow import Schema, fields, validate

from hallapp.api.keys import SCOPES
from hallapp.api.web.schemas.common import SLUG, Answer, Page, PageQuery, one_of, texts
from hallapp.questions.models import QuestionKind
from hallapp.resources.models import AskedBy, Scope
from hallapp.schedule.policy import Confirmation


class Key(Answer):
    """The key of the request, with its scopes and its end; null if it has none."""

    name = fields.String(required=True)
    hall = fields.String(required=True)
    scopes = fields.List(one_of(SCOPES), required=True)
    made_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True, allow_none=True)


class Kind(Answer):
    """A kind of organisation, whose code bookings hold; only `active` ones can be booked."""

    code = fields.String(required=True)
    name = texts()
    active = fields.Boolean(required=True)


class Hall(Answer):
    """A hall; texts by language."""

    slug = fields.String(required=True)
    name = texts()
    time_zone = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    opened_on = fields.Date(required=True)
    large_group_max = fields.Integer(
        required=True, metadata={"description": "People of the largest group that comes in parts; 0: none does"}
    )
    access_needs = fields.List(fields.String(), required=True)
    page = fields.Url(required=True, metadata={"description": "The home page of the hall"})
    privacy = fields.Url(required=True, metadata={"description": "The privacy notice, to which `consent` refers"})
    kinds = fields.List(fields.Nested(Kind), required=True)


class Halls(Answer):
    """The halls of the key: one."""

    items = fields.List(fields.Nested(Hall), required=True)


class Programme(Answer):
    """A programme, with the rules for its bookings.

    A group books at least `notice_hours` and at most `days_ahead` ahead, and can change until `change_hours` before.
    """

    slug = fields.String(required=True)
    name = texts()
    about = texts()
    minutes = fields.Integer(required=True)
    guides = fields.Integer(required=True)
    mode = fields.String(required=True)
    active = fields.Boolean(required=True)
    group_min = fields.Integer(required=True)
    group_max = fields.Integer(required=True)
    days_ahead = fields.Integer(required=True)
    notice_hours = fields.Integer(required=True)
    change_hours = fields.Integer(required=True)
    confirmation = one_of(Confirmation, required=True)
    tour_languages = fields.List(fields.String(), required=True)


class Programmes(Answer):
    """The programmes of a hall."""

    items = fields.List(fields.Nested(Programme), required=True)


class Resource(Answer):
    """A resource beside places; a group may have `per_booking` of it, for each `people_each` people if that is set."""

    number = fields.Integer(required=True)
    name = texts()
    unit = texts()
    quantity = fields.Integer(required=True)
    scope = one_of(Scope, required=True)
    asked_by = one_of(AskedBy, required=True)
    per_booking = fields.Integer(required=True)
    people_each = fields.Integer(required=True, allow_none=True)


class Resources(Answer):
    """The resources of a hall."""

    items = fields.List(fields.Nested(Resource), required=True)


class Category(Answer):
    """A category of people."""

    number = fields.Integer(required=True)
    name = texts()
    active = fields.Boolean(required=True)


class Family(Answer):
    """A family of categories, such as ages.

    If it `adds_up`, nobody is in two of its categories, and those in none have the name `rest`. A `required` family is
    asked of every organiser.
    """

    number = fields.Integer(required=True)
    name = texts()
    rest = texts()
    adds_up = fields.Boolean(required=True)
    required = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    categories = fields.List(fields.Nested(Category), required=True)


class Families(Answer):
    """The families of categories of a hall."""

    items = fields.List(fields.Nested(Family), required=True)


class Slot(Answer):
    """A time that can be booked; `free` are the places that a group can still have.

    `resources_left` has how many of each resource are left, by the resource's number.
    """

    id = fields.Integer(required=True)
    programme = fields.String(required=True)
    day = fields.Date(required=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    open = fields.Boolean(required=True)
    places = fields.Integer(required=True)
    free = fields.Integer(required=True)
    bookable = fields.Boolean(
        required=True, metadata={"description": "Whether organisers may book this time now, if it has room"}
    )
    resources_left = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Slots(Page):
    """A page of slots."""

    items = fields.List(fields.Nested(Slot), required=True)


class SlotQuery(PageQuery):
    """The filters of the list of slots: from today, for a week, unless days are given."""

    first = fields.Date()
    last = fields.Date()
    programme = fields.String(validate=validate.Regexp(SLUG))


class Option(Answer):
    """An option of a question: `value` is what an answer sends."""

    value = fields.String(required=True)
    name = texts()


class Question(Answer):
    """A question that a programme puts to its groups. A required one is required of organisers only.

    An answer is a text, a number in digits, or the `value` of an option. Groups send files (`file`) on their own page.
    """

    number = fields.Integer(required=True)
    programme = fields.String(required=True)
    kind = one_of(QuestionKind, required=True)
    question = texts()
    options = fields.List(fields.Nested(Option), required=True)
    required = fields.Boolean(required=True)


class Questions(Answer):
    """The questions of a hall."""

    items = fields.List(fields.Nested(Question), required=True)


class Division(Answer):
    """A place of origin; `part_of` is the division of a smaller area, which can be chosen instead of it."""

    code = fields.String(required=True)
    name = texts()
    part_of = fields.String(required=True, allow_none=True)


class Divisions(Answer):
    """The places of origin of a hall, in the order of its lists."""

    items = fields.List(fields.Nested(Division), required=True)


class Closure(Answer):
    """Days on which the hall is closed, from the first to the last, with the reason if one was given."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)
    reason = texts()


class Closures(Answer):
    """The closed days of a span. Weekdays on which the hall is always closed are among them."""

    items = fields.List(fields.Nested(Closure), required=True)


class SpanQuery(Schema):
    """A span of days: from today, for 62 days, unless days are given."""

    first = fields.Date()
    last = fields.Date()
