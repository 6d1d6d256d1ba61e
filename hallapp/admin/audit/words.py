"""The audit trail in words: action, subject and previous values. Unknown values are shown unchanged."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hallapp.accounts.roles import ROLE_NAMES
from hallapp.core import clock, formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language

ACTIONS = {
    "sign_in": N_("Signed in"),
    "signed_out": N_("Signed out"),
    "session_ended": N_("Ended sessions of their own"),
    "two_step_failed": N_("Entered a wrong two-step code"),
    "two_step_on": N_("Turned two-step codes on"),
    "two_step_off": N_("Turned two-step codes off"),
    "two_step_recovery_used": N_("Used a recovery code"),
    "two_step_recovery_renewed": N_("Made new recovery codes"),
    "two_step_rule_set": N_("Set who must use two-step codes"),
    "staff_added": N_("Added an account"),
    "staff_invited": N_("Invited a person"),
    "staff_link_given": N_("Issued a link for a new password"),
    "staff_link_revoked": N_("Withdrew a link"),
    "sign_on_saved": N_("Changed single sign-on"),
    "sign_on_removed": N_("Removed a system of single sign-on"),
    "sign_on_connected": N_("Connected an account for single sign-on"),
    "sign_on_disconnected": N_("Disconnected an account of single sign-on"),
    "sign_on_address_set": N_("Set the address for single sign-on"),
    "sign_on_role_taken": N_("Took the role of a person without a group at a single sign-on"),
    "sign_on_role_kept": N_("Kept the role of the only administrator at a single sign-on"),
    "goal_set": N_("Set the goal of a year"),
    "report_link_made": N_("Made a public link of a report"),
    "report_link_revoked": N_("Revoked a public link of a report"),
    "network_reader_added": N_("Opened the totals to an account of another hall"),
    "network_reader_removed": N_("Closed the totals to an account of another hall"),
    "talk_rules_saved": N_("Changed the rules of talks"),
    "talk_feed_made": N_("Made the address of the calendar of a host"),
    "talk_feed_withdrawn": N_("Withdrew the address of the calendar of a host"),
    "talk_host_saved": N_("Changed a host of talks"),
    "points_setting_saved": N_("Turned service points on or off"),
    "points_person_added": N_("Added a person to service points"),
    "points_person_removed": N_("Removed a person from service points"),
    "points_index_saved": N_("Changed an index of service points"),
    "points_entry_made": N_("Entered something for service points"),
    "points_entry_approved": N_("Approved an entry of service points"),
    "points_entry_rejected": N_("Rejected an entry of service points"),
    "points_appeal_made": N_("Appealed against service points"),
    "points_appeal_answered": N_("Answered an appeal about service points"),
    "points_closed": N_("Closed a quarter of service points"),
    "certificates_saved": N_("Changed the certificates of visits"),
    "delegation_levels_saved": N_("Changed the levels of delegations"),
    "delegation_named": N_("Delegation named by its organiser"),
    "staff_joined": N_("Set a password by a link"),
    "staff_password_changed": N_("Changed a password"),
    "staff_renamed": N_("Changed a sign-in name"),
    "staff_role_changed": N_("Changed a role"),
    "staff_deactivated": N_("Deactivated an account"),
    "staff_reactivated": N_("Reactivated an account"),
    "staff_signed_out_everywhere": N_("Signed a person out everywhere"),
    "staff_two_step_required": N_("Set whether a person must use two-step codes"),
    "admitted_against_rule": N_("Admitted a group as an exception"),
    "guide_note_written": N_("Wrote a note for the guide"),
    "conflict_settled": N_("Resolved a desk conflict"),
    "bookings_exported": N_("Exported bookings"),
    "report_exported": N_("Exported a long list of figures"),
    "report_day_set": N_("Set the day on which reports are sent"),
    "task_hours_set": N_("Set the hours of background tasks"),
    "report_recipient_added": N_("Put an address on the list of the report"),
    "report_recipient_removed": N_("Removed an address from the list of the report"),
    "report_test_sent": N_("Sent a test of the report"),
    "privacy_words_saved": N_("Changed the hall’s words in the privacy notice"),
    "personal_data_searched": N_("Searched for a person"),
    "personal_data_exported": N_("Exported a person’s data"),
    "personal_data_erased": N_("Erased a person’s data"),
    "search_saved": N_("Saved a list of bookings"),
    "search_deleted": N_("Deleted a list of bookings"),
    "calendar_feed_made": N_("Made the address of a calendar"),
    "calendar_feed_withdrawn": N_("Withdrew the address of a calendar"),
    "embed_sites_saved": N_("Changed the websites that may show the free times"),
    "pass_reissued": N_("Issued a new pass"),
    "badges_printed": N_("Made badges of a group’s people"),
    "pause_lifted": N_("Lifted a pause"),
    "online_list_imported": N_("Imported the list of participants of an online session"),
    "online_list_taken_back": N_("Took back the imported list of an online session"),
    "online_session_set": N_("Set the stream or the recording of an online session"),
    "appeal_accepted": N_("Accepted an appeal against a pause"),
    "appeal_refused": N_("Refused an appeal against a pause"),
    "block_added": N_("Added to the block list"),
    "block_lifted": N_("Lifted a block"),
    "brake_lifted": N_("Lifted the limit on online bookings"),
    "flood_cancelled": N_("Cancelled a mass of bookings"),
    "day_set": N_("Changed a day of the calendar"),
    "holidays_seeded": N_("Entered the public holidays"),
    "template_set": N_("Changed the weekly times"),
    "template_deleted": N_("Deleted weekly times"),
    "slot_added": N_("Added a time"),
    "slot_changed": N_("Changed a time"),
    "slot_released": N_("Reset a time to the weekly template"),
    "origins_chosen": N_("Chose the places of origin"),
    "policy_saved": N_("Changed the details or the rules of the hall"),
    "categories_saved": N_("Changed categories of people"),
    "resource_saved": N_("Changed a resource"),
    "kind_saved": N_("Named a kind of organisation"),
    "kind_offered": N_("Added a kind of organisation, or offered it again"),
    "kind_retired": N_("Retired a kind of organisation"),
    "kind_moved": N_("Changed the order of the kinds of organisation"),
    "region_saved": N_("Changed the country, the time zone or the opening day"),
    "programme_added": N_("Added a programme"),
    "programme_saved": N_("Changed a programme"),
    "name_columns_chosen": N_("Set what name lists collect"),
    "hall_published": N_("Published the hall"),
    "hall_unpublished": N_("Made the hall a draft again"),
    "logo_saved": N_("Replaced the logo"),
    "logo_deleted": N_("Deleted the logo"),
    "picture_saved": N_("Changed a picture"),
    "picture_deleted": N_("Deleted a picture"),
    "notice_saved": N_("Changed a notice"),
    "notice_deleted": N_("Deleted a notice"),
    "device_added": N_("Added a device"),
    "device_link_renewed": N_("Made a new link for a device"),
    "device_revoked": N_("Withdrew a device"),
    "device_words_saved": N_("Changed the texts on the devices"),
    "presence_set": N_("Set whether departures are recorded"),
    "guide_added": N_("Added a guide"),
    "guide_saved": N_("Changed a guide"),
    "guide_pattern_set": N_("Changed a guide’s week"),
    "guide_leave_added": N_("Entered a guide’s leave"),
    "guide_leave_removed": N_("Deleted a guide’s leave"),
    "guide_assigned": N_("Assigned a guide"),
    "guide_unassigned": N_("Removed a guide from a booking"),
    "text_setting_saved": N_("Changed the sign or the limit of text messages"),
    "text_templates_saved": N_("Changed the templates of text messages"),
    "texts_released": N_("Released held text messages"),
    "message_text_saved": N_("Changed the text of a message"),
    "message_text_restored": N_("Restored the standard text of a message"),
    "message_ways_set": N_("Set how messages are sent"),
    "report_sent_once": N_("Sent one report by mail"),
    "groups_told": N_("Sent a message to the groups of a day"),
    "alert_recipient_saved": N_("Changed the list of alerts"),
    "alert_recipient_removed": N_("Removed a person from the list of alerts"),
    "api_key_made": N_("Made a key of the programming interface"),
    "api_key_rotated": N_("Renewed a key of the programming interface"),
    "api_key_revoked": N_("Revoked a key of the programming interface"),
    "alert_tested": N_("Sent a test of the alerts"),
    "webhook_saved": N_("Changed a webhook"),
    "webhook_secret_renewed": N_("Renewed the secret of a webhook"),
    "webhook_tested": N_("Sent a test event to a webhook"),
    "webhook_sent_again": N_("Sent events to a webhook again"),
    "webhook_removed": N_("Removed a webhook"),
    "message_sent_again": N_("Sent a message again"),
    "history_imported": N_("Imported figures from earlier years"),
    "history_withdrawn": N_("Took an import back"),
    "month_closed": N_("Closed a month"),
    "month_reopened": N_("Reopened a month"),
    "admission_corrected": N_("Took an admission back, with a reason"),
}
#: The first word of a subject.
KINDS = {
    "staff": N_("Account"),
    "sign_on": N_("Single sign-on"),
    "person": N_("Person"),
    "booking": N_("Booking"),
    "slot": N_("Time"),
    "day": N_("Day"),
    "programme": N_("Programme"),
    "template": N_("Weekly times"),
    "hall": N_("Hall"),
    "logo": N_("Logo"),
    "picture": N_("Picture"),
    "notice": N_("Notice"),
    "saved_search": N_("List of bookings"),
    "calendar": N_("Calendar"),
    "pause": N_("Pause"),
    "block": N_("Entry of the block list"),
    "category": N_("Category"),
    "resource": N_("Resource"),
    "kind": N_("Kind of organisation"),
    "guide": N_("Guide"),
    "device": N_("Device"),
    "message": N_("Message"),
    "messages": N_("Messages"),
    "outbox": N_("Message in the outbox"),
    "export": N_("Export"),
    "import": N_("Import"),
    "report_recipient": N_("Recipient of the report"),
    "alert_recipient": N_("Recipient of alerts"),
    "api_key": N_("Key of the programming interface"),
    "webhook": N_("Webhook"),
    "month": N_("Month"),
    "walk_in": N_("Walk-in"),
    "point_index": N_("Index of service points"),
    "point_entry": N_("Entry of service points"),
    "point_appeal": N_("Appeal about service points"),
    "point_quarter": N_("Quarter of service points"),
}
_FACTS = {
    "night": N_("nightly work"),
    "reports": N_("monthly report"),
    "reminders": N_("reminders"),
    "thanks": N_("thanks"),
    "draft": N_("draft"),
    "role": N_("role"),
    "provider": N_("single sign-on"),
    "name": N_("sign-in name"),
    "purpose": N_("purpose"),
    "required": N_("required"),
    "two_step": N_("two-step codes"),
    "open": N_("open"),
    "reason": N_("reason"),
    "day": N_("day"),
    "starts": N_("from"),
    "ends": N_("until"),
    "visitor_capacity": N_("places"),
    "guide_capacity": N_("guides at once"),
    "group_min": N_("smallest group"),
    "group_max": N_("largest group"),
    "large_group_max": N_("largest group in several parts"),
    "days_ahead": N_("days ahead"),
    "notice_hours": N_("hours of notice"),
    "year": N_("year"),
    "days": N_("number of days"),
    "fields": N_("searched by"),
    "bookings": N_("number of bookings"),
    "list_entries": N_("entries of name lists"),
    "walk_ins": N_("individuals without a booking"),
    "blocks": N_("entries of the block list"),
    "talks": N_("Talks"),
    "by": N_("asked by"),
    "decision": N_("decision"),
    "what": N_("what"),
    "people": N_("number of people"),
    "number": N_("number"),
    "import": N_("import"),
    "rows": N_("rows"),
    "told": N_("organisers were told"),
    "since": N_("since"),
    "version": N_("version"),
    "digest": N_("digest"),
    "event": N_("entry"),
    "guide": N_("guide"),
    "weight": N_("points for each, in hundredths"),
    "most": N_("limit, in hundredths"),
    "threshold": N_("threshold"),
    "times": N_("how many"),
    "languages": N_("languages"),
    "country": N_("country"),
    "holiday_calendar": N_("public holidays"),
    "first_weekday": N_("first day of the week"),
    "clock": N_("clock"),
    "paper": N_("paper"),
    "time_zone": N_("time zone"),
    "opened_on": N_("opening day"),
    "programme": N_("programme"),
    "active": N_("leads groups here"),
    "kinds": N_("kinds of organisation"),
}
_VALUES = {
    **{role.value: name for role, name in ROLE_NAMES.items()},
    "invitation": N_("invitation"),
    "reset": N_("new password"),
    "nobody": N_("nobody"),
    "managers": N_("managers and administrators"),
    "everybody": N_("everybody"),
    "counted": N_("counted"),
    "dropped": N_("not counted"),
    "data": N_("data sheet"),
    "arrivals": N_("arrivals"),
    "organiser": N_("the organiser"),
    "staff": N_("the staff"),
}
#: Facts whose values are words of the application, not typed text.
_WITH_KNOWN_VALUES = ("role", "by", "purpose", "two_step", "decision", "what")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One fact of an entry; `changed` where it has a before (None: there was none) as well as an after."""

    fact: str
    before: str | None
    after: str | None
    changed: bool


def moment(instant: datetime, zone_name: str) -> str:
    """Return the time of an entry on the hall's wall clock, with its year."""
    day = formats.day(clock.local_day(instant, zone_name), language(), year=True)
    return f"{day} {formats.time_of_day(instant, zone_name)}"


def action_name(action: str) -> str:
    """Return the name of an entry's action, in the reader's language."""
    return _(ACTIONS[action]) if action in ACTIONS else action


def subject_name(subject: str, names: Mapping[str, str]) -> str:
    """Return the name of an entry's subject; `names` may hold a name for it, such as a sign-in name."""
    kind, _blank, rest = subject.partition(" ")
    if kind not in KINDS:
        return subject
    return f"{_(KINDS[kind])} {names.get(subject, rest)}".strip()


def lines(detail: Any, names: Mapping[str, str]) -> Iterator[AuditLine]:
    """Return the details of an entry, fact by fact; `names` is as for `subject_name`."""
    if not isinstance(detail, dict):
        yield AuditLine("", None, _text("", detail), changed=False)
    elif detail and set(detail) <= {"before", "after"}:
        yield from _changes(detail.get("before"), detail.get("after"))
    else:
        for name, value in detail.items():
            if isinstance(value, dict) and value and set(value) <= {"before", "after"}:
                yield _change(name, value.get("before"), value.get("after"))
            else:
                said = names.get(f"{name} {value}") if name in KINDS else None
                yield AuditLine(_fact(name), None, said or _text(name, value), changed=False)


def _changes(before: Any, after: Any) -> Iterator[AuditLine]:
    if not (isinstance(before, dict | None) and isinstance(after, dict | None)):
        yield _change("", before, after)
        return
    old, new = before or {}, after or {}
    for name in {**old, **new}:
        yield _change(name, old.get(name), new.get(name))


def _change(name: str, before: Any, after: Any) -> AuditLine:
    return AuditLine(_fact(name), _text(name, before), _text(name, after), changed=True)


def _fact(name: str) -> str:
    return _(_FACTS[name]) if name in _FACTS else name.replace("_", " ")


def _text(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return _(_VALUES[text]) if name in _WITH_KNOWN_VALUES and text in _VALUES else text
