"""The documents of the API, as the OpenAPI document describes them; requests are checked against theirs.

The rules of the hall are not here: forms and services have them. A request schema says what type each value has, and
refuses names that it does not know.
"""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from hallapp.booking.models import BookingState, TourLanguage
from hallapp.kinds.models import CODE_LENGTH
from hallapp.reports.lists.jobs import FORMS
from hallapp.reports.lists.streams import What
from hallapp.resources.models import AskedBy, Scope
from hallapp.schedule.policy import AccessNeed

MOST_ROWS = 200
_LARGEST = 2**31 - 1
_SLUG = r"^[A-Za-z0-9_-]{1,40}$"


class Whole(fields.Integer):
    """A whole number as JSON writes it: not a text, and not true or false."""

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class YesNo(fields.Boolean):
    """True or false as JSON writes them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


def one_of(names: Any, **kwargs: Any) -> fields.String:
    """Return a field with one of these words."""
    return fields.String(validate=validate.OneOf([str(name) for name in names]), **kwargs)


def text(most: int, least: int = 0, **kwargs: Any) -> fields.String:
    """Return a field of text. The length is generous: the form knows what fits."""
    return fields.String(validate=validate.Length(min=least, max=most), **kwargs)


class Sent(Schema):
    """A document that a program sends: unknown names are refused."""

    class Meta:
        """Refuse unknown names."""

        unknown = RAISE


class FieldProblem(Schema):
    """An error of one value of the request."""

    pointer = fields.String(required=True, metadata={"description": "A JSON pointer into the request (RFC 6901)"})
    detail = fields.String(required=True)


class Problem(Schema):
    """An error (RFC 9457). Programs decide by `code`; `detail` is for people, in the language of Accept-Language."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem), required=True)
    request_id = fields.String(required=True)
    overridable = fields.Boolean()
    confirm = fields.Dict()


class Kind(Schema):
    """A kind of organisation, whose code bookings hold; only `active` ones can be booked."""

    code = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    active = fields.Boolean(required=True)


class Hall(Schema):
    """A hall; texts by language."""

    slug = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    time_zone = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    opened_on = fields.Date(required=True)
    kinds = fields.List(fields.Nested(Kind), required=True)


class Halls(Schema):
    """The halls of the key: one."""

    items = fields.List(fields.Nested(Hall), required=True)


class Programme(Schema):
    """A programme, with the rules for its bookings."""

    slug = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    about = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    minutes = fields.Integer(required=True)
    guides = fields.Integer(required=True)
    mode = fields.String(required=True)
    active = fields.Boolean(required=True)
    group_min = fields.Integer(required=True)
    group_max = fields.Integer(required=True)


class Programmes(Schema):
    """The programmes of a hall."""

    items = fields.List(fields.Nested(Programme), required=True)


class Resource(Schema):
    """A resource beside places; a group may have `per_booking` of it, for each `people_each` people if that is set."""

    number = fields.Integer(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    unit = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    quantity = fields.Integer(required=True)
    scope = one_of(Scope, required=True)
    asked_by = one_of(AskedBy, required=True)
    per_booking = fields.Integer(required=True)
    people_each = fields.Integer(required=True, allow_none=True)


class Resources(Schema):
    """The resources of a hall."""

    items = fields.List(fields.Nested(Resource), required=True)


class Slot(Schema):
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
    resources_left = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Page(Schema):
    """A page of a list: `next` is the cursor of the page that follows, or null."""

    next = fields.String(required=True, allow_none=True)


class Slots(Page):
    """A page of slots."""

    items = fields.List(fields.Nested(Slot), required=True)


class Origin(Sent):
    """A number of people from one place of origin, which has a code."""

    division = text(8, 1, required=True)
    visitors = Whole(required=True, validate=validate.Range(min=1, max=9999))


class Category(Schema):
    """A category of people."""

    number = fields.Integer(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    active = fields.Boolean(required=True)


class Family(Schema):
    """A family of categories, such as ages.

    If it `adds_up`, nobody is in two of its categories, and those in none have the name `rest`. A `required` family is
    asked of every organiser.
    """

    number = fields.Integer(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    rest = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    adds_up = fields.Boolean(required=True)
    required = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    categories = fields.List(fields.Nested(Category), required=True)


class Families(Schema):
    """The families of categories of a hall."""

    items = fields.List(fields.Nested(Family), required=True)


def people_by_category(**kwargs: Any) -> fields.Dict:
    """Return the field with numbers of people by the number of their category."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp("^[1-9][0-9]{0,5}$")),
        values=Whole(validate=validate.Range(min=0, max=9999)),
        **kwargs,
    )


class Booking(Schema):
    """A booking."""

    reference = fields.String(required=True)
    state = one_of(BookingState, required=True)
    slot = fields.Integer(required=True)
    programme = fields.String(required=True)
    day = fields.Date(required=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    visitors = fields.Integer(required=True)
    origins = fields.List(fields.Nested(Origin), required=True)
    categories = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    organisation = fields.String(required=True)
    kind = text(CODE_LENGTH, 1, required=True)
    contact_name = fields.String(required=True)
    phone = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    language = fields.String(required=True)
    tour_language = fields.String(required=True, allow_none=True)
    wheelchairs = fields.Integer(required=True)
    access_needs = fields.List(fields.String(), required=True)
    access_remark = fields.String(required=True)
    resources = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    source = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    party = fields.String(required=True, allow_none=True)
    series = fields.String(required=True, allow_none=True)


class Bookings(Page):
    """A page of bookings."""

    items = fields.List(fields.Nested(Booking), required=True)


_RULES = ("organiser", "staff")


def rules() -> fields.String:
    """Return the field that says by whose rules an act is done; the organiser's are the stricter ones."""
    return one_of(_RULES, load_default="organiser", dump_default="organiser")


def asked_resources() -> fields.Dict:
    """Return the field of the resources that a group asks for: quantities by the numbers of the resources."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[1-9][0-9]{0,5}\Z")),
        values=Whole(validate=validate.Range(min=0, max=9999)),
        validate=validate.Length(max=50),
    )


class Contact(Sent):
    """The group and its contact, as far as it is changed."""

    organisation = text(400, 1)
    kind = text(CODE_LENGTH, 1)
    contact_name = text(200, 1)
    phone = text(60, 1)
    email = text(254, allow_none=True)
    note = text(1000)
    tour_language = one_of(TourLanguage)
    wheelchairs = Whole(validate=validate.Range(min=0, max=9999))
    access_needs = fields.List(one_of([need for need in AccessNeed if need is not AccessNeed.WHEELCHAIRS]))
    access_remark = text(400)
    access_consent = YesNo()


class NewBooking(Contact):
    """A booking to be placed. `consent` states that the contact person has agreed to the privacy notice.

    With `block_accepted` the rules of the staff let a group on the block list book.
    """

    slot = Whole(required=True, validate=validate.Range(min=1, max=_LARGEST))
    organisation = text(400, 1, required=True)
    kind = text(CODE_LENGTH, 1, required=True)
    contact_name = text(200, 1, required=True)
    phone = text(60, 1, required=True)
    origins = fields.List(fields.Nested(Origin), required=True, validate=validate.Length(min=1, max=20))
    categories = people_by_category()
    resources = asked_resources()
    consent = YesNo(required=True)
    language = text(8, 2)
    wait = YesNo()
    duplicate_accepted = YesNo()
    block_accepted = YesNo()
    over_limit = text(200, 1)
    rules = rules()


class ChangedBooking(Contact):
    """Changes of a booking: of its time (`slot`), its people (`origins`), its resources, its contact."""

    slot = Whole(validate=validate.Range(min=1, max=_LARGEST))
    origins = fields.List(fields.Nested(Origin), validate=validate.Length(min=1, max=20))
    resources = asked_resources()
    over_limit = text(200, 1)
    rules = rules()


class Cancellation(Sent):
    """A cancellation; `scope` says how much of a large group or a series it concerns."""

    scope = one_of(("this", "parts", "later"))
    reply = text(500)
    rules = rules()


class Confirmation(Sent):
    """A confirmation of a request, or of a waiting group, which may need a reason to exceed the limits."""

    over_limit = text(200, 1)


class Decline(Sent):
    """A decline, with the message that the organiser reads."""

    reply = text(400, 1, required=True)


class NewArrival(Sent):
    """People who arrive: everyone still to come, or `counts` by place of origin.

    `categories` are people by category; without them those of the booking hold where all of its people come at once.

    `event_id` is a UUID made by the program: the same one again changes nothing. `code` is the text of the QR code, the
    code of the pass or the reference.
    """

    event_id = fields.UUID(required=True)
    code = text(300, 1, required=True)
    counts = fields.Dict(keys=fields.String(), values=Whole(validate=validate.Range(min=0, max=9999)))
    known_to_come = fields.Dict(keys=fields.String(), values=Whole(validate=validate.Range(min=0, max=9999)))
    categories = people_by_category()
    sure = Whole(validate=validate.Range(min=0, max=9999))
    occurred_at = fields.AwareDateTime(format="iso")
    reason = text(200)
    anyway = YesNo()


class TakeBack(Sent):
    """An arrival that is taken back, with the UUID of this act if the program wants to choose it."""

    event_id = fields.UUID()


class BatchEvent(NewArrival):
    """One event of a batch: an arrival, or with `undoes` the taking back of one."""

    code = text(300)
    undoes = fields.UUID()


class Batch(Sent):
    """Events in their order; each is answered by itself."""

    events = fields.List(fields.Nested(BatchEvent), required=True, validate=validate.Length(min=1, max=100))


class Arrival(Schema):
    """The outcome of an arrival, with the numbers of its group after it."""

    outcome = fields.String(required=True)
    event_id = fields.String(required=True)
    occurred_at = fields.DateTime(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    group = fields.Dict(required=True)


class BatchAnswers(Schema):
    """The answer to each event, in their order: an arrival, or a problem."""

    answers = fields.List(fields.Dict(), required=True)


class Inside(Schema):
    """People inside now; estimated where the hall does not record departures."""

    people = fields.Integer(required=True)
    today = fields.Integer(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    crowd = fields.String(required=True)
    estimated = fields.Boolean(required=True)


class NewExport(Sent):
    """A long list to be written as a file."""

    what = one_of(What, required=True)
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    division = text(8, 1)
    programme = fields.String(validate=validate.Regexp(_SLUG))
    kind = text(CODE_LENGTH, 1)
    form = one_of([form.value for form in FORMS], load_default="csv", dump_default="csv")


class Export(Schema):
    """An export; its file can be taken when its state is `done`."""

    number = fields.Integer(required=True)
    state = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)


class PageQuery(Schema):
    """The arguments of a list."""

    cursor = text(1000, 1)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST_ROWS))


class BookingQuery(PageQuery):
    """The filters of the list of bookings."""

    state = one_of(BookingState)
    first = fields.Date()
    last = fields.Date()


class SlotQuery(PageQuery):
    """The filters of the list of slots: from today, for a week, unless days are given."""

    first = fields.Date()
    last = fields.Date()
    programme = fields.String(validate=validate.Regexp(_SLUG))
