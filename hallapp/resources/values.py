"""The resources of a hall as plain values, and the rules about how many of each a booking gets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hallapp.core.texts import Texts
from hallapp.resources.errors import ResourceNotOffered, TooManyResources
from hallapp.resources.models import AskedBy, Scope

#: How many of each resource, by its number.
Quantities = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFacts:
    """A resource, as `models.Resource` describes it."""

    number: int
    name: Texts
    unit: Texts
    quantity: int
    scope: Scope
    asked_by: AskedBy
    per_booking: int
    people_each: int | None
    programmes: frozenset[int]
    retired: bool

    def allowance(self, people: int) -> int:
        """Return how many a group of this size may have, or has by rule."""
        return self.per_booking * (-(-people // self.people_each) if self.people_each else 1)

    def is_for(self, programme_id: int) -> bool:
        """Return whether this programme uses the resource."""
        return not self.programmes or programme_id in self.programmes

    @property
    def by_rule(self) -> bool:
        """Return whether every booking gets it without being asked."""
        return self.asked_by is AskedBy.RULE and not self.retired

    def is_asked(self, *, by_staff: bool) -> bool:
        """Return whether forms ask for it: those of organisers, or those of the staff."""
        return not self.retired and (
            self.asked_by is AskedBy.ORGANISER or (by_staff and self.asked_by is AskedBy.STAFF)
        )


Resources = tuple[ResourceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """The limits of a booking: those of the `people` of its whole group, less what its `others` have.

    `others` are the other parts of a large group: all parts share what the group may have. What the booking `held` when
    its group had `before` people is not taken from it, unless a smaller group may have less: the staff may have given
    it more.
    """

    people: int
    others: Quantities = field(default_factory=dict)
    held: Quantities = field(default_factory=dict)
    before: int | None = None

    def most(self, one: ResourceFacts) -> int:
        """Return the limit of a resource."""
        allowance = one.allowance(self.people)
        limit = max(0, allowance - self.others.get(one.number, 0))
        if self.before is None or allowance < one.allowance(self.before):
            return limit
        return max(limit, self.held.get(one.number, 0))


def settle(
    resources: Resources,
    asked: Quantities,
    *,
    people: int,
    programme_id: int,
    by_staff: bool,
    entitlement: Entitlement | None = None,
) -> dict[int, int]:
    """Return what a booking claims: what was asked for, and what the rules give its own `people`.

    The staff may give a group more than it is entitled to. Without an `entitlement` there is no limit: that of a new
    part of a large group is checked by the caller, for the whole group.

    Raises:
        ResourceNotOffered: the hall does not offer one of them for this visit.
        TooManyResources: one is more than the group may have.
    """
    known = {one.number: one for one in resources}
    found = {number: count for number, count in asked.items() if count}
    for number, count in found.items():
        one = known.get(number)
        if one is None or not one.is_asked(by_staff=by_staff) or not one.is_for(programme_id):
            raise ResourceNotOffered(number=number, names=one.name if one else Texts())
        if entitlement and not by_staff and count > entitlement.most(one):
            others = entitlement.others.get(number, 0)
            raise TooManyResources(number=number, names=one.name, most=entitlement.most(one), others=others)
    return found | _by_rule(resources, people, programme_id)


def keep(
    resources: Resources, held: Quantities, *, people: int, programme_id: int, entitlement: Entitlement
) -> dict[int, int]:
    """Return what a booking still claims when its people or its programme have changed, and nobody was asked.

    What the rules give is counted anew. What was asked for stays, up to what a smaller group may have. Resources that
    the programme does not use are given back.
    """
    known = {one.number: one for one in resources if one.is_for(programme_id)}
    stays = {
        number: min(count, entitlement.most(known[number]))
        for number, count in held.items()
        if number in known and not known[number].by_rule
    }
    return {number: count for number, count in stays.items() if count} | _by_rule(resources, people, programme_id)


def share(asked: Quantities, sizes: Sequence[int]) -> list[dict[int, int]]:
    """Return what each part of a large group asks for: in proportion to its people, and all of it together."""
    whole, before, shares = sum(sizes), 0, []
    for size in sizes:
        after = before + size
        part = {number: count * after // whole - count * before // whole for number, count in asked.items()}
        shares.append({number: count for number, count in part.items() if count})
        before = after
    return shares


def sum_quantities(held: Iterable[Quantities]) -> dict[int, int]:
    """Return how many of each resource several bookings have together."""
    total: Counter[int] = Counter()
    for quantities in held:
        total.update(quantities)
    return dict(sorted(total.items()))


def difference(before: Quantities, after: Quantities) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many more of each resource are claimed after a change, and how many are given back."""
    moved = {number: after.get(number, 0) - before.get(number, 0) for number in before.keys() | after.keys()}
    return (
        {number: count for number, count in moved.items() if count > 0},
        {number: -count for number, count in moved.items() if count < 0},
    )


def _by_rule(resources: Iterable[ResourceFacts], people: int, programme_id: int) -> dict[int, int]:
    return {one.number: one.allowance(people) for one in resources if one.by_rule and one.is_for(programme_id)}
