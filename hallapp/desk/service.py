"""Admit groups and take admissions back: load once, decide without the database, store once.

`load` reads all that the acts need and locks their groups, `decide` is a pure function of that, and `store` writes what
it decided. Scans, the kiosk, paper, badges and the batches of devices all come this way. The transaction is the
caller's.
"""

from collections.abc import Callable, Sequence
from functools import partial

from hallapp.desk import errors
from hallapp.desk.checks import CLOCK_AHEAD, MOST_PEOPLE, OLDEST, OLDEST_OFFLINE
from hallapp.desk.commands import Admit, AdmitWalkIn, Command, Done, Outcome, TakeBack
from hallapp.desk.decide import Changes, apply, decide
from hallapp.desk.facts import Facts
from hallapp.desk.load import load, load_again
from hallapp.desk.store import store
from hallapp.ledger.ledger import EventExists

__all__ = [
    "CLOCK_AHEAD", "MOST_PEOPLE", "OLDEST", "OLDEST_OFFLINE", "Admit", "AdmitWalkIn", "Done", "Outcome", "TakeBack",
    "admit", "admit_walk_in", "carry_out", "carry_out_all", "take_back",
]  # fmt: skip


def admit(command: Admit, *, keys: Sequence[str]) -> Done:
    """Admit a group; the same event id again answers `repeated` with the numbers as they were then.

    `keys` are the deployment's secrets, newest first.

    Raises:
        Unreadable: code, counts or time cannot be read, in one of its kinds.
        Unknown, OtherHall, Replaced: the pass or reference names no booking here.
        Cancelled, NotAgreed, AnotherDay: unless a manager gives a reason. ManagerNeeded: somebody else gave one.
        TooEarly, TooLate: unless a manager gives a reason, or the hall leaves it to the desk and it says `anyway`.
        AlreadyArrived: nobody is still to come, and no counts were given.
        Question: the number of people has to be confirmed first, in one of its kinds.
        EventIdUsed: the id belongs to another act, of another group or kind.
    """
    return carry_out(command, load(command.hall_id, [command], keys=keys))


def admit_walk_in(command: AdmitWalkIn) -> Done:
    """Admit people without a booking; the same event id again answers `repeated`.

    Raises:
        Unreadable: programme, counts or time cannot be read, in one of its kinds.
        TooManyWalkIns: the number has to be confirmed first. BlockedWalkIn: so has a group on the block list.
        EventIdUsed: the id belongs to another kind of act.
    """
    return carry_out(command, load(command.hall_id, [command]))


def take_back(command: TakeBack) -> Done:
    """Take back one whole admission, on the day on which it was counted; a repeat answers `repeated`.

    Raises:
        UnknownEvent: this hall has no such event.
        NotAnAdmission: it is a take-back itself.
        AlreadyTakenBack: by another act. EventIdUsed: the take-back's own id is taken.
        MonthClosed: the month is closed, and no reason was given; what was done offline is done.
    """
    return carry_out(command, load(command.hall_id, [command]))


def carry_out(command: Command, facts: Facts) -> Done:
    """Do one act for which all has been loaded; a room that wants to know more decides between the two.

    Raises:
        errors.Refusal: why it is not done, as `admit`, `admit_walk_in` and `take_back` list them.
    """
    changes = decide(command, facts)
    try:
        store([changes], facts)
    except EventExists:  # another desk has stored an event with this id since it was loaded
        return decide(command, load_again([command], facts)).done
    return changes.done


def carry_out_all(commands: Sequence[Command], *, keys: Sequence[str]) -> list[Done | errors.Refusal]:
    """Do several acts of one device in their order, all in this transaction; a refused one does not affect the others.

    Raises:
        EventExists: another desk has stored one of several events since they were loaded; nothing was stored.
    """
    facts = load(commands[0].hall_id, commands, keys=keys)
    if len(commands) == 1:
        return [_answer(lambda: carry_out(commands[0], facts))]
    decided: list[Changes] = []

    def decide_next(command: Command) -> Done:
        changes = decide(command, facts)
        apply(changes, facts)
        decided.append(changes)
        return changes.done

    answers = [_answer(partial(decide_next, command)) for command in commands]
    store(decided, facts)
    return answers


def _answer(act: Callable[[], Done]) -> Done | errors.Refusal:
    try:
        return act()
    except errors.Refusal as refusal:
        return refusal
