"""Roles of the staff, and what each of them may do: a role is a set of permissions."""

from collections.abc import Mapping
from enum import StrEnum

from hallapp.core.errors import N_


class Permission(StrEnum):
    """One thing that a member of staff may be allowed to do. Every route of the staff names exactly one."""

    OWN_ACCOUNT = "account.own"  # one's own name, password, two-step codes and sessions
    OWN_GROUPS = "groups.own"  # the groups that one leads, and what they said afterwards
    DESK_ADMIT = "desk.admit"  # scan, admit, walk-ins, badges, lists on paper, who is inside
    DESK_OVERRIDE = "desk.override"  # let in what a rule refuses; settle what two desks counted
    BOOKINGS_CHANGE = "bookings.change"  # see bookings with their contacts, make, change and cancel them
    BOOKINGS_REVIEW = "bookings.review"  # confirm, decline, exceed limits, lift pauses, stop a flood
    BOOKINGS_EXPORT = "bookings.export"  # keep lists of bookings; take lists of bookings and arrivals away as files
    CALENDAR_CHANGE = "calendar.change"  # open and close days and times
    GUIDES_ASSIGN = "guides.assign"  # keep the guides, and say who leads whom
    REPORTS_READ = "reports.read"  # figures and pictures; nothing that names a group or a person outside the hall
    REPORTS_TRACE = "reports.trace"  # the rows behind a figure, which name groups
    REPORTS_CLOSE = "reports.close"  # file the figures of a month
    REPORTS_REOPEN = "reports.reopen"  # open a closed month again
    REPORTS_SEND = "reports.send"  # who gets the report by mail
    REPORTS_IMPORT = "reports.import"  # take in the figures of years before, and take them back
    FEEDBACK_READ = "feedback.read"
    MESSAGES_MANAGE = "messages.manage"  # what organisers are told, and what became of each message
    SETTINGS_CHANGE = "settings.change"
    AUDIT_READ = "audit.read"
    STAFF_MANAGE = "staff.manage"
    TASKS_MANAGE = "tasks.manage"  # what runs by the clock, and at which hours


class Role(StrEnum):
    """The role of a member of staff."""

    GUIDE = "guide"
    DESK = "desk"
    MANAGER = "manager"
    DIRECTOR = "director"
    ADMIN = "admin"

    def may(self, permission: Permission) -> bool:
        """Return whether this role has a permission."""
        return permission in _PERMISSIONS[self]


ROLE_NAMES = {
    Role.GUIDE: N_("Guide"),
    Role.DESK: N_("Front desk"),
    Role.MANAGER: N_("Manager"),
    Role.DIRECTOR: N_("Director"),
    Role.ADMIN: N_("Administrator"),
}

_ADMINISTRATION = frozenset({Permission.REPORTS_REOPEN, Permission.STAFF_MANAGE, Permission.TASKS_MANAGE})
_GUIDE = frozenset({Permission.OWN_ACCOUNT, Permission.OWN_GROUPS})
_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.GUIDE: _GUIDE,
    Role.DESK: _GUIDE | {Permission.DESK_ADMIT, Permission.BOOKINGS_CHANGE},
    Role.MANAGER: frozenset(Permission) - _ADMINISTRATION,
    Role.DIRECTOR: frozenset({Permission.OWN_ACCOUNT, Permission.REPORTS_READ}),
    Role.ADMIN: frozenset(Permission),
}
