"""The equipment and rooms of the demonstration hall, and what each of its groups has of them."""

from hallapp.demo.groups import Request
from hallapp.resources import claims
from hallapp.resources.errors import NoResourceLeft, ResourceTaken
from hallapp.resources.models import AskedBy
from hallapp.resources.queries import list_resources
from hallapp.resources.service import SaveResource, save_resource
from hallapp.resources.values import Quantities, settle
from hallapp.schedule.models import Hall, Slot

_COACH = 30  # people, from which on a group comes by coach
_TWO_COACHES = "两辆大巴"
_HEADSETS, _COACHES = 1, 2


def define(hall: Hall, *, by: int) -> None:
    """Define headsets, coach places, and a room for each themed session."""
    sessions = {one.id for one in hall.programmes if one.slug == "themed-session"}
    tours = {one.id for one in hall.programmes if one.slug == "guided-tour"}
    commands = (
        SaveResource(
            hall_id=hall.id,
            staff_id=by,
            names={"zh": "讲解耳机", "en": "Headsets"},
            units={"zh": "台"},
            quantity=200,
            people_each=1,
            programmes=tours,
        ),
        SaveResource(
            hall_id=hall.id,
            staff_id=by,
            names={"zh": "大巴车位", "en": "Coach places"},
            units={"zh": "个"},
            quantity=12,
            per_booking=2,
        ),
        SaveResource(
            hall_id=hall.id,
            staff_id=by,
            names={"zh": "主题教室", "en": "Session room"},
            units={"zh": "间"},
            quantity=3,
            asked_by=AskedBy.RULE,
            programmes=sessions,
        ),
    )
    for command in commands:
        save_resource(command)


def claim(slot: Slot, request: Request) -> Quantities:
    """Claim the places and the guide of a group with its equipment, and return it; none where too little is left."""
    wanted, guides = of_group(slot, request), slot.programme.guides
    try:
        claims.claim(slot, visitors=request.visitors, guides=guides, resources=wanted)
    except (NoResourceLeft, ResourceTaken):
        claims.claim(slot, visitors=request.visitors, guides=guides)
        return {}
    return wanted


def of_group(slot: Slot, request: Request) -> Quantities:
    """Return what a group asks for, with what it gets by the rules of the programme."""
    known, programme_id = list_resources(slot.hall_id), slot.programme_id
    coaches = 2 if _TWO_COACHES in request.note else int(request.visitors >= _COACH)
    wishes = {_HEADSETS: request.visitors, _COACHES: coaches}
    asked = {one.number: wishes[one.number] for one in known if one.number in wishes and one.is_for(programme_id)}
    return settle(known, asked, people=request.visitors, programme_id=programme_id, by_staff=False)
