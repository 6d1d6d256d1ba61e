"""The kiosk's actions: find a group by its scanned pass, and admit at most the people who are expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hallapp.accounts.roles import Role
from hallapp.desk import load, lookup
from hallapp.desk import service as desk
from hallapp.desk.commands import Admit, Done
from hallapp.desk.group import Group
from hallapp.kiosk import errors
from hallapp.passes import codes
from hallapp.passes.errors import CodeInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """A group's confirmation: people by division."""

    hall_id: int
    staff_id: int
    event_id: str
    code: str
    counts: Mapping[str, int]


def find_group(hall_id: int, code: str, *, today: date, keys: Sequence[str]) -> Group:
    """Return the group of a scanned pass with people still to come today; it only reads.

    Raises:
        NotScanned: it is not a code that this hall has signed; references and names are not accepted here.
        desk.errors.Refusal: the desk would refuse it, too.
    """
    _check_scanned(code, keys)
    found = lookup.look_up(hall_id=hall_id, text=code, today=today, keys=keys)
    if found.refusal is not None:
        raise found.refusal
    if found.group is None:
        raise errors.NotScanned
    return found.group


def let_in(command: LetIn, *, keys: Sequence[str]) -> Done:
    """Admit a group as confirmed; the same event id again answers `repeated`.

    Raises:
        NotScanned: as `find_group`. ForTheCounter: more people of a division than are still to come.
        desk.errors.Refusal: the desk would refuse it, too.
    """
    _check_scanned(command.code, keys)
    admit = Admit(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        event_id=command.event_id,
        code=command.code,
        role=Role.DESK,
        counts=command.counts,
    )
    facts = load.load(command.hall_id, [admit], keys=keys)
    meant = facts.bookings[admit.target]
    if isinstance(meant, int) and command.event_id not in facts.events:
        known = facts.groups[meant]
        to_come = Group.of(known.owner, known.ledger).known_to_come
        if any(people > to_come.get(division, 0) for division, people in command.counts.items()):
            raise errors.ForTheCounter
    return desk.carry_out(admit, facts)


def _check_scanned(code: str, keys: Sequence[str]) -> None:
    try:
        codes.token_of(code, keys)
    except CodeInvalid:
        raise errors.NotScanned from None
