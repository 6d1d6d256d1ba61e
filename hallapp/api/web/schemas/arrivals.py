"""Documents about arrivals and people inside."""

from enum import StrEnum

from marshmallow import fields, validate

from hallapp.api.web.schemas.common import (
    Answer,
    Problem,
    Sent,
    YesNo,
    one_of,
    people,
    people_by_category,
    people_by_place,
    text,
)
from hallapp.booking.models import BookingState
from hallapp.desk import service as desk
from hallapp.kinds.models import CODE_LENGTH
from hallapp.presence import service as presence


class NewArrival(Sent):
    """People who arrive: everyone still to come, or `counts` by place of origin.

    `categories` are people by category; without them those of the booking hold where all of its people come at once.

    `event_id` is a UUID made by the program: the same one again changes nothing. `code` is the text of the QR code, the
    code of the pass or the reference.
    """

    event_id = fields.UUID(required=True)
    code = text(300, 1, required=True)
    counts = people_by_place()
    known_to_come = people_by_place()
    categories = people_by_category()
    sure = people()
    occurred_at = fields.AwareDateTime(format="iso")
    reason = text(200)
    anyway = YesNo()


class TakeBack(Sent):
    """An arrival that is taken back, with the UUID of this act if the program wants to choose it."""

    event_id = fields.UUID()


class NewWalkIn(Sent):
    """People who come without a booking: `counts` by place of origin.

    Individuals have no `organisation`. Without a `programme` it is the first one that needs no guide, else the first.
    """

    event_id = fields.UUID(required=True)
    counts = people_by_place(required=True, validate=validate.Length(min=1, max=50))
    organisation = text(400)
    kind = text(CODE_LENGTH)
    programme = text(40)
    categories = people_by_category()
    sure = people()
    block_accepted = YesNo()
    occurred_at = fields.AwareDateTime(format="iso")


class NewDeparture(Sent):
    """People who leave: so many `visitors`, or with a `code` all people of a group who are still inside, or some."""

    event_id = fields.UUID(required=True)
    code = text(300)
    visitors = people()
    occurred_at = fields.AwareDateTime(format="iso")


class Departure(Answer):
    """The outcome of a departure, with the people inside after it."""

    outcome = one_of(presence.Outcome, required=True)
    event_id = fields.String(required=True)
    visitors = fields.Integer(required=True)
    inside = fields.Nested(lambda: Inside(), required=True)


class Code(Sent):
    """The text of a QR code, the code of a pass, or a reference."""

    code = text(300, 1, required=True)


class Verb(StrEnum):
    """The kind of an event of a batch."""

    ADMIT = "admit"
    WALK_IN = "walk_in"
    TAKE_BACK = "take_back"
    LEAVE = "leave"
    LEAVE_BACK = "leave_back"


class BatchEvent(NewArrival):
    """One event of a batch: without a `type` it is an arrival, or with `undoes` the taking back of one.

    The other types have the fields of their own operations; `leave_back` takes back the departure that it `undoes`.
    """

    type = one_of(Verb)
    code = text(300)
    undoes = fields.UUID()
    organisation = text(400)
    kind = text(CODE_LENGTH)
    programme = text(40)
    block_accepted = YesNo()
    visitors = people()


class Batch(Sent):
    """Events in their order; each is answered by itself."""

    events = fields.List(fields.Nested(BatchEvent), required=True, validate=validate.Length(min=1, max=100))


class GroupPlace(Answer):
    """People of a group from one place of origin."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    booked = fields.Integer(required=True)
    arrived = fields.Integer(required=True)
    to_come = fields.Integer(required=True)


class Group(Answer):
    """A group as the desk sees it, with its numbers; people without a booking have no `reference` and no time.

    Names are in the language of `Accept-Language`.
    """

    reference = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True)
    kind = fields.String(required=True)
    programme = fields.String(required=True)
    booked = fields.Integer(required=True)
    arrived = fields.Integer(required=True)
    to_come = fields.Integer(required=True)
    divisions = fields.List(fields.Nested(GroupPlace), required=True)
    state = one_of(BookingState)
    day = fields.Date()
    starts_at = fields.DateTime()
    ends_at = fields.DateTime()
    tour_language = fields.String(allow_none=True)
    note = fields.String()
    guide_note = fields.String()
    access = fields.String()
    resources = fields.String()
    categories_to_come = fields.Dict(keys=fields.String(), values=fields.Integer())


class Timing(Answer):
    """The minutes by which a group is `early` or `late`: `beyond` the rule of the hall, or worth a word (`news`)."""

    early = fields.Integer(required=True)
    late = fields.Integer(required=True)
    beyond = fields.Boolean(required=True)
    news = fields.Boolean(required=True)


class Arrival(Answer):
    """The outcome of an arrival, with the numbers of its group after it.

    `unsettled` people were stored and are not counted until a manager decides on the `conflict`.
    """

    outcome = one_of(desk.Outcome, required=True)
    reason = fields.String(required=True, allow_none=True)
    event_id = fields.String(required=True)
    occurred_at = fields.DateTime(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    timing = fields.Nested(Timing, required=True, allow_none=True)
    group = fields.Nested(Group, required=True)
    conflict = fields.String()
    unsettled = fields.Dict(keys=fields.String(), values=fields.Integer())


class KnownGroup(Answer):
    """A group, and the problem that admitting it would have at this moment, or null."""

    group = fields.Nested(Group, required=True)
    problem = fields.Nested(Problem, required=True, allow_none=True)


class BatchAnswers(Answer):
    """The answer to each event, in their order: an arrival, or a problem."""

    answers = fields.List(fields.Dict(), required=True)


class Inside(Answer):
    """People inside now; estimated where the hall does not record departures."""

    people = fields.Integer(required=True)
    today = fields.Integer(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    crowd = fields.String(required=True)
    estimated = fields.Boolean(required=True)
