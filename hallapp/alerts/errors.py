"""Refusals of the room `alerts`."""

from hallapp.core.errors import N_, InvalidInput


class RecipientListed(InvalidInput):
    """Another person of the list has this address."""

    code = "alert_recipient_listed"
    message = N_("This address is on the list already.")
    field = "address"


class RobotListed(InvalidInput):
    """The robot is on the list already."""

    code = "alert_robot_listed"
    message = N_("This robot is on the list already.")
    field = "url"


class TooManyRecipients(InvalidInput):
    """The list is full."""

    code = "too_many_alert_recipients"
    message = N_("The list holds %(most)s people at most. Remove one first.")
    field = "address"
