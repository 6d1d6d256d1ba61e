"""Refusals of the room `webhooks`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class TooManyWebhooks(InvalidInput):
    """The hall has as many webhooks as it can have."""

    code = "too_many_webhooks"
    message = N_("A hall has %(most)s webhooks at most. Remove one first.")
    field = "url"


class WebhookNameTaken(InvalidInput):
    """Another webhook has this name."""

    code = "webhook_name_taken"
    message = N_("Another system has this name.")
    field = "name"


class WebhookIsOff(DomainError):
    """The webhook is switched off, so nothing is sent to it."""

    code = "webhook_is_off"
    message = N_("Sending to this system is switched off. Switch it on first.")


class BeingSent(DomainError):
    """The event is being sent at this moment."""

    code = "webhook_being_sent"
    message = N_("This event is being sent now.")
