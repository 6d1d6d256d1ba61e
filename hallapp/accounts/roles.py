"""Roles of the staff, and what each of them may do: a role is a set of permissions."""

from collections.abc import Mapping
from enum import StrEnum

from hallapp.core.errors import N_


class Permission(StrEnum):
    """One thing that a member of staff may be allowed to do. Every route of the staff names exactly one."""

    OWN_ACCOUNT = "account.own"  # the person's own name, password, two-step codes and sessions
    OWN_GROUPS = "groups.own"  # the groups that the person leads, and their feedback
    POINTS_OWN = "points.own"  # the person's own service points: read, appeal, enter with evidence
    DESK_ADMIT = "desk.admit"  # scan, admit, walk-ins, badges, lists on paper, people inside
    DESK_OVERRIDE = "desk.override"  # admit people whom a rule refuses; settle conflicts between two desks
    BOOKINGS_CHANGE = "bookings.change"  # see bookings with their contacts; make, change and cancel them
    BOOKINGS_REVIEW = "bookings.review"  # confirm, decline, exceed limits, lift pauses, cancel mass bookings
    BOOKINGS_EXPORT = "bookings.export"  # save lists of bookings; export bookings and arrivals as files
    GATE_READ = "gate.read"  # the list for the gate: delegations of a day with leaders, number plates and names
    CALENDAR_CHANGE = "calendar.change"  # open and close days and times
    GUIDES_ASSIGN = "guides.assign"  # edit the guides, and assign them to groups
    REPORTS_READ = "reports.read"  # figures and pictures; no names of groups or of people outside the hall
    REPORTS_TRACE = "reports.trace"  # the rows behind a figure, which name groups
    REPORTS_CLOSE = "reports.close"  # close a month: file its figures
    REPORTS_REOPEN = "reports.reopen"  # open a closed month again
    REPORTS_SEND = "reports.send"  # choose the recipients of the report by mail
    REPORTS_IMPORT = "reports.import"  # import figures of earlier years, and take imports back
    FEEDBACK_READ = "feedback.read"
    POINTS_MANAGE = "points.manage"  # all service points: ranking, entries, appeals; close a quarter
    MESSAGES_MANAGE = "messages.manage"  # the texts of messages to organisers, and the delivery of each message
    SETTINGS_CHANGE = "settings.change"
    AUDIT_READ = "audit.read"
    STAFF_MANAGE = "staff.manage"
    PERSONAL_DATA = "personal.data"  # find, export and erase what is stored about a person who asks
    KEYS_MANAGE = "keys.manage"  # the keys by which programs use the API
    TASKS_MANAGE = "tasks.manage"  # the scheduled tasks, and their hours


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

_ADMINISTRATION = frozenset(
    {
        Permission.REPORTS_REOPEN,
        Permission.STAFF_MANAGE,
        Permission.PERSONAL_DATA,
        Permission.KEYS_MANAGE,
        Permission.TASKS_MANAGE,
    }
)
_GUIDE = frozenset({Permission.OWN_ACCOUNT, Permission.OWN_GROUPS, Permission.POINTS_OWN})
_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.GUIDE: _GUIDE,
    Role.DESK: _GUIDE | {Permission.DESK_ADMIT, Permission.BOOKINGS_CHANGE, Permission.GATE_READ},
    Role.MANAGER: frozenset(Permission) - _ADMINISTRATION,
    Role.DIRECTOR: frozenset({Permission.OWN_ACCOUNT, Permission.REPORTS_READ}),
    Role.ADMIN: frozenset(Permission),
}
