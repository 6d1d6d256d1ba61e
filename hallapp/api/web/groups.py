"""Views of the API: large groups that come in parts, and series of visits."""

from typing import Any

from flask import Response

from hallapp.accounts.roles import Permission
from hallapp.api.web import placing, refusals, resources
from hallapp.api.web.answers import Content, create, send
from hallapp.api.web.blueprints import bookings
from hallapp.api.web.marks import any_key, refuses, repeatable, scope
from hallapp.api.web.schemas import bookings as schemas
from hallapp.booking import series, service, splitting
from hallapp.booking.choices import can_be_booked_online
from hallapp.booking.managing.errors import NoDateChosen
from hallapp.booking.managing.facts import can_be_booked
from hallapp.booking.web import limiting
from hallapp.core.errors import DomainError
from hallapp.core.i18n import language
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall


@bookings.route("/parties/proposals")
@bookings.arguments(schemas.ProposalQuery, location="query")
@bookings.response(200, schemas.Proposals)
@any_key
def list_party_proposals(query: dict[str, Any]) -> Response:
    """List in which parts a large group could come on a day, by the room that there is now."""
    hall, people = get_current_hall(), query["visitors"]
    programmes = {one.slug: one for one in hall.programmes if one.active}
    programme = programmes.get(query["programme"])
    if programme is None or not programme.policy.group_max < people <= hall.large_group_max:
        return send({"items": []})
    found = splitting.propose(
        schedule.list_slots_of_days(hall.id, {query["day"]})[query["day"]],
        programme,
        people,
        wanted=None,
        is_offered=can_be_booked if query["rules"] == "staff" else can_be_booked_online,
    )
    return send({"items": [resources.proposal(one) for one in found]})


@bookings.route("/parties", methods=["POST"])
@bookings.arguments(schemas.NewParty)
@bookings.response(201, schemas.Party)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@refuses(*refusals.PLACING_PARTY)
def place_party(body: dict[str, Any]) -> Response:
    """Place a large group in several parts on one day: each part becomes a booking, all of them or none."""
    command = placing.to_command(body)

    def do() -> Content:
        if command.is_online:
            limiting.hit_messages(command)
        try:
            return placing.party_of(service.place(command))
        except DomainError as error:
            error.field = "parts" if error.field == "slot" else error.field
            raise

    return create(do, place=lambda made: f"/bookings?party={made['party']}")


@bookings.route("/series/dates", methods=["POST"])
@bookings.arguments(schemas.SeriesWish)
@bookings.response(200, schemas.SeriesDates)
@scope(Permission.BOOKINGS_CHANGE)
@refuses(*refusals.LOOKING_AT_DATES)
def list_series_dates(body: dict[str, Any]) -> Response:
    """List the dates of a series with what each has to offer; nothing is booked."""
    command, rule = placing.to_series(body)
    found = series.preview(command, rule, language=language())
    return send({"items": [resources.series_date(one, command) for one in found]})


@bookings.route("/series", methods=["POST"])
@bookings.arguments(schemas.NewSeries)
@bookings.response(201, schemas.Series)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@refuses(*refusals.PLACING_SERIES)
def place_series(body: dict[str, Any]) -> Response:
    """Place the chosen dates of a series by the rules of the staff: each becomes a booking, all of them or none."""
    slots, accepted = set(body.pop("slots")), body.pop("duplicates_accepted", ())
    command, rule = placing.to_series(body)

    def do() -> Content:
        dates = series.preview(command, rule, language=language())
        known = {one.slot.id: one.slot for one in dates if one.slot and one.can_be_booked(command)}
        if not known.keys() >= slots:
            raise NoDateChosen(field="slots")
        chosen = [slot for number, slot in known.items() if number in slots]
        placed = series.place(command, chosen, accepted=accepted)
        return {"series": str(placed[0].series), "items": resources.bookings(placed)}

    return create(do, place=lambda made: f"/bookings?series={made['series']}")
