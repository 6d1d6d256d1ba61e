"""Documents about bookings."""

from marshmallow import Schema, fields, validate

from hallapp.api.web.schemas.common import (
    LARGEST,
    SLUG,
    Answer,
    Page,
    PageQuery,
    Sent,
    Whole,
    YesNo,
    one_of,
    people,
    people_by_category,
    rules,
    slot_id,
    text,
    words,
)
from hallapp.booking.models import BookingState, TourLanguage
from hallapp.booking.series import MOST_DATES, Repeat, Standing
from hallapp.booking.splitting import MOST_PARTS
from hallapp.kinds.models import CODE_LENGTH
from hallapp.schedule.policy import AccessNeed

_GROUP_ID = r"^[0-9]{1,19}$"  # of a large group or a series


class Origin(Sent):
    """A number of people from one place of origin, which has a code."""

    division = text(8, 1, required=True)
    visitors = people(least=1, required=True)


class Booking(Answer):
    """A booking."""

    reference = fields.String(required=True)
    state = one_of(BookingState, required=True)
    offered_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Until when a waiting group can accept offered places"}
    )
    slot = fields.Integer(required=True)
    programme = fields.String(required=True)
    day = fields.Date(required=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    visitors = fields.Integer(required=True)
    origins = fields.List(fields.Nested(Origin), required=True)
    categories = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "The answers by the numbers of the questions"},
    )
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
    party = fields.String(
        required=True, allow_none=True, metadata={"description": "The large group of which this is a part"}
    )
    series = fields.String(required=True, allow_none=True)
    page = fields.Url(
        required=True,
        metadata={"description": "The organiser's page. Whoever has this address can change the booking"},
    )


class Bookings(Page):
    """A page of bookings."""

    items = fields.List(fields.Nested(Booking), required=True)


def asked_resources() -> fields.Dict:
    """Return the field of the resources that a group asks for: quantities by the numbers of the resources."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[1-9][0-9]{0,5}\Z")),
        values=people(),
        validate=validate.Length(max=50),
    )


def given_answers() -> fields.Dict:
    """Return the field of the answers to the questions of the programme, by the numbers of the questions."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[1-9][0-9]{0,5}\Z")),
        values=text(2000),
        validate=validate.Length(max=100),
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
    wheelchairs = people()
    access_needs = fields.List(one_of([need for need in AccessNeed if need is not AccessNeed.WHEELCHAIRS]))
    access_remark = text(400)
    access_consent = YesNo()


class _Group(Contact):
    """The group that comes, in whatever way it is booked."""

    organisation = text(400, 1, required=True)
    kind = text(CODE_LENGTH, 1, required=True)
    contact_name = text(200, 1, required=True)
    phone = text(60, 1, required=True)
    origins = fields.List(fields.Nested(Origin), required=True, validate=validate.Length(min=1, max=20))
    resources = asked_resources()
    answers = given_answers()
    consent = YesNo(required=True)
    language = text(8, 2)
    block_accepted = YesNo()
    over_limit = words(200, 1)


class NewBooking(_Group):
    """A booking to be placed. `consent` states that the contact person has agreed to the privacy notice.

    With `block_accepted` the rules of the staff let a group on the block list book.
    """

    slot = slot_id(required=True)
    categories = people_by_category()
    wait = YesNo()
    duplicate_accepted = YesNo()
    rules = rules()


class Part(Sent):
    """A part of a large group."""

    slot = slot_id(required=True)
    visitors = people(least=1, required=True)


class NewParty(_Group):
    """A large group that comes in parts on one day, each of them a booking. The parts add up to the group."""

    parts = fields.List(fields.Nested(Part), required=True, validate=validate.Length(min=2, max=MOST_PARTS))
    duplicate_accepted = YesNo()
    rules = rules()


class Party(Answer):
    """The parts of a large group, by time."""

    party = fields.String(required=True)
    items = fields.List(fields.Nested(Booking), required=True)


class ProposalQuery(Schema):
    """A day, and the number of people of a large group; by the rules of an organiser, or of the staff."""

    day = fields.Date(required=True)
    programme = fields.String(required=True, validate=validate.Regexp(SLUG))
    visitors = fields.Integer(required=True, validate=validate.Range(min=2, max=9999))
    rules = rules()


class Proposal(Answer):
    """Parts in which a large group could come."""

    parts = fields.List(fields.Nested(Part), required=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)


class Proposals(Answer):
    """The proposals for a day; none where the group is not large, or there is too little room."""

    items = fields.List(fields.Nested(Proposal), required=True)


class SeriesWish(_Group):
    """The visits of one group that repeat: from `slot` on, so many `visits` or `until` a day.

    The rules of the staff apply.
    """

    slot = slot_id(required=True)
    categories = people_by_category()
    repeat = one_of(Repeat, required=True)
    visits = Whole(validate=validate.Range(min=2, max=MOST_DATES))
    until = fields.Date()
    wait = YesNo()


class NewSeries(SeriesWish):
    """A series: the chosen `slots` are booked, all or none.

    `duplicates_accepted` are those of them on whose day the group has another booking (`taken`) and shall have both.
    """

    slots = fields.List(slot_id(), required=True, validate=validate.Length(min=1, max=MOST_DATES))
    duplicates_accepted = fields.List(slot_id(), validate=validate.Length(max=MOST_DATES))


class SeriesDate(Answer):
    """A date of a series as it is now; it can be chosen if it is `bookable`."""

    day = fields.Date(required=True)
    state = one_of(Standing, required=True)
    slot = fields.Integer(required=True, allow_none=True)
    free = fields.Integer(required=True)
    bookable = fields.Boolean(required=True)
    reason = fields.String(required=True, metadata={"description": "Why the hall is closed; may be empty"})


class SeriesDates(Answer):
    """The dates of a series, before anything is booked."""

    items = fields.List(fields.Nested(SeriesDate), required=True)


class Series(Answer):
    """The bookings of a series, by time."""

    series = fields.String(required=True)
    items = fields.List(fields.Nested(Booking), required=True)


class ChangedBooking(Contact):
    """Changes of a booking: of its time (`slot`), its people (`origins`), its resources, its answers, its contact.

    What concerns the contact and the answers of a large group is changed for all of its parts.
    """

    slot = slot_id()
    origins = fields.List(fields.Nested(Origin), validate=validate.Length(min=1, max=20))
    resources = asked_resources()
    answers = given_answers()
    over_limit = words(200, 1)
    rules = rules()


class MovedParty(Sent):
    """The day to which all parts of a large group move, each at its own time."""

    day = fields.Date(required=True)
    rules = rules()


class Cancellation(Sent):
    """A cancellation; `scope` says how much of a large group or a series it concerns."""

    scope = one_of(("this", "parts", "later"))
    reply = words(500)
    rules = rules()


class Confirmation(Sent):
    """A confirmation of a request, or of a waiting group, which may need a reason to exceed the limits."""

    over_limit = words(200, 1)


class Decline(Sent):
    """A decline, with the message that the organiser reads."""

    reply = words(400, 1, required=True)


class BookingQuery(PageQuery):
    """The filters of the list of bookings."""

    state = one_of(BookingState)
    first = fields.Date()
    last = fields.Date()
    slot = fields.Integer(validate=validate.Range(min=1, max=LARGEST))
    party = fields.String(validate=validate.Regexp(_GROUP_ID))
    series = fields.String(validate=validate.Regexp(_GROUP_ID))
