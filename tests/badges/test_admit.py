"""One person at a time: admitted once, and the group's number still adds up."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.badges import codes, service
from hallapp.badges.errors import BadgeArrived, BadgeReplaced, BadgeUnknown
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.desk import errors as desk
from hallapp.desk.commands import Outcome
from hallapp.desk.merging import Offline
from hallapp.desk.models import DeskConflict
from hallapp.ledger.ledger import read_ledger
from hallapp.passes import codes as passes
from hallapp.passes.errors import CodeInvalid
from tests.badges.conftest import NAMES, admit, give_names, make, summaries
from tests.desk import conftest as counter_of
from tests.desk.conftest import KEYS, NOW, TODAY, make_counter, take_back


@pytest.mark.either_database
def test_badge_admits_one_and_says_when_it_is_seen_again(group: SimpleNamespace, clock: time_machine.Traveller) -> None:
    first = admit(group, group.badges["何秀珍"])
    assert (first.name, first.done.outcome, first.done.counts) == ("何秀珍", Outcome.ADMITTED, {"440000": 1})
    assert (first.done.group.arrived, first.done.group.booked) == (1, 40)
    clock.shift(600)
    with pytest.raises(BadgeArrived) as refused:
        admit(group, group.badges["何秀珍"])
    assert refused.value.code == "already_arrived"
    assert refused.value.group.last_admitted_at == NOW
    admit(group, group.badges["𠮷川龑"])
    rest = counter_of.admit(group)  # the group's own pass lets in all others
    assert sum(rest.counts.values()) == 38 and rest.group.arrived == 40
    with pytest.raises(desk.AlreadyArrived):
        admit(group, group.badges["Anna Schmidt"])
    assert summaries(group) == ({("11-21", "440000"): (38, 1), ("11-21", "430000"): (2, 1)}, {"11-21": (40, 1)})


@pytest.mark.either_database
def test_same_event_counts_once_and_no_other_act_may_use_its_id(group: SimpleNamespace) -> None:
    event = str(uuid4())
    assert admit(group, group.badges["何秀珍"], event_id=event).done.outcome is Outcome.ADMITTED
    make(group, renew=True)  # meanwhile the badge was replaced: what was counted stays so
    again = admit(group, group.badges["何秀珍"], event_id=event)
    assert (again.done.outcome, again.done.group.arrived) == (Outcome.REPEATED, 1)
    with pytest.raises(desk.EventIdUsed):
        admit(group, group.badges["𠮷川龑"], event_id=event)
    used = counter_of.admit(group, counts={"430000": 1}).event_id
    with pytest.raises(desk.EventIdUsed):
        admit(group, make(group)["𠮷川龑"], event_id=used)


def test_person_taken_back_may_come_again(group: SimpleNamespace) -> None:
    event = admit(group, group.badges["何秀珍"]).done.event_id
    assert take_back(group, event).group.arrived == 0
    assert admit(group, group.badges["何秀珍"]).done.group.arrived == 1
    with pytest.raises(BadgeArrived):
        admit(group, make(group, renew=True)["何秀珍"])  # a new badge does not let the same person in twice


def test_person_counts_for_the_place_on_the_list(group: SimpleNamespace) -> None:
    give_names(group, "何秀珍", "王", place="湖南省")
    made = make(group)
    assert admit(group, made["何秀珍"]).done.counts == {"430000": 1}
    give_names(group, "李", place="长沙")  # no division: the one from which most are still to come
    assert admit(group, make(group)["李"]).done.counts == {"440000": 1}


@pytest.mark.either_database
def test_person_of_an_unbooked_place_counts_once_offline_and_online(group: SimpleNamespace) -> None:
    give_names(group, "何秀珍", "王", "李", place="湖北省")
    made, ids = make(group), {"event_id": str(uuid4())}
    offline = {"occurred_at": NOW, "device": "门口平板", "offline": Offline(snapshot_at=NOW)}
    online = admit(group, made["何秀珍"]).done
    first = admit(group, made["王"], **ids, **offline).done
    for done in (online, first):
        assert (done.outcome, done.counts, done.unsettled) == (Outcome.ADMITTED, {"420000": 1}, {})
    again = admit(group, made["王"], **ids, **offline).done  # the answer had been lost
    assert (again.outcome, again.counts, again.group.arrived) == (Outcome.REPEATED, {"420000": 1}, 2)
    other = {**offline, "device": "后门平板", "known_to_come": {"440000": 1}}
    twice = admit(group, made["王"], **other).done
    assert (twice.outcome, twice.counts, twice.group.arrived) == (Outcome.REPEATED, {}, 2)
    third = admit(group, made["李"], **other).done
    lines = read_ledger(booking_id=group.booking.id).lines
    assert [(line.division, line.visitors, line.extra) for line in lines] == [("420000", 1, 1)] * 3
    assert summaries(group) == ({("11-21", "420000"): (3, 1)}, {"11-21": (3, 1)})
    take_back(group, third.event_id)
    take_back(group, first.event_id)
    assert summaries(group)[1] == {"11-21": (1, 1)}
    assert db.session.scalars(select(DeskConflict)).all() == []


@pytest.mark.either_database
def test_corrected_list_keeps_printed_badges_valid_until_new_ones_are_made(group: SimpleNamespace) -> None:
    give_names(group, "何秀珠")  # a slip in a name was mended, and the organiser's others left out
    admitted = admit(group, group.badges["何秀珍"])
    assert (admitted.name, admitted.done.group.arrived) == ("", 1)
    made = make(group)
    with pytest.raises(BadgeReplaced):
        admit(group, group.badges["𠮷川龑"])
    assert admit(group, made["何秀珠"]).done.group.arrived == 2
    assert make(group) == made  # printed again, everybody keeps their code


def test_badge_codes_and_pass_codes_are_not_interchangeable(group: SimpleNamespace) -> None:
    badge = group.badges["何秀珍"]
    for code in (badge, badge.rsplit("/", 1)[1], badge.replace("/B/", "/T/")):
        with pytest.raises(CodeInvalid):
            passes.token_of(code, KEYS)
        with pytest.raises((desk.Unknown, desk.InvalidReference)):
            counter_of.admit(group, code=code)
    for code in (group.code, group.code.rsplit("/", 1)[1], group.code.replace("/T/", "/B/"), "", "\0", "K7M29QXT"):
        with pytest.raises(BadgeUnknown):
            admit(group, code)
    bare = badge.rsplit("/", 1)[1].lower()
    assert codes.token_of(bare, ("a newer key", *KEYS)) and admit(group, bare).done.outcome is Outcome.ADMITTED


def test_badge_is_refused_as_its_group_is(group: SimpleNamespace) -> None:
    other = make_counter()
    with pytest.raises(desk.OtherHall):
        admit(other, group.badges["何秀珍"])
    with transaction():
        booking = db.session.merge(group.booking)
        booking.slot.day = TODAY.replace(day=22)
    with pytest.raises(desk.AnotherDay):
        admit(group, group.badges["何秀珍"])
    reason = {"role": Role.MANAGER, "staff_id": group.manager.id, "reason": "Their bus came early"}
    assert admit(group, group.badges["何秀珍"], **reason).done.outcome is Outcome.ADMITTED
    with transaction():
        db.session.merge(group.booking).state = BookingState.CANCELLED
    with pytest.raises(desk.Cancelled):
        admit(group, group.badges["𠮷川龑"])
    shown = service.show(group.hall.id, group.badges[NAMES[2]], keys=KEYS)
    assert shown.person is not None and shown.person.name == NAMES[2]
