"""Refusals of the room `signon`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SignOnRefused(DomainError):
    """A sign-in with a provider that did not succeed; its code leads to its message on the next page."""

    status = 403


class Cancelled(SignOnRefused):
    """The person, or the provider, ended the sign-in there."""

    code = "cancelled"
    message = N_("The sign-in was cancelled there. Nothing has changed here.")


class StateUnknown(SignOnRefused):
    """The answer does not belong to a sign-in that this browser began within the last minutes."""

    code = "state"
    message = N_("This sign-in took too long, or began in another browser. Please start again here.")


class AnswerRefused(SignOnRefused):
    """The provider's answer failed a check."""

    code = "answer"
    message = N_("The answer of the other system could not be verified. Please try again, or tell an administrator.")


class ProviderAway(SignOnRefused):
    """The provider does not answer, or answers something that is not its protocol."""

    code = "away"
    message = N_("The other system does not answer. Try again later, or sign in with your password.")


class NobodyKnown(SignOnRefused):
    """No open account here belongs to the account there; the message never reveals which accounts exist."""

    code = "nobody"
    message = N_("No account here belongs to your account there. Ask an administrator for an invitation.")


class NoGroup(SignOnRefused):
    """Roles follow the groups at the provider, and the person is in none of those that work here."""

    code = "group"
    message = N_("Your account there is in none of the groups that may work here. Ask an administrator.")


class SubjectTaken(SignOnRefused):
    """The account there belongs to another person here, or the person has another account there."""

    code = "taken"
    message = N_("This account there, or your account here, is already connected with another one.")


class LinkNotForProvider(SignOnRefused):
    """The link of an invitation was used or withdrawn while its owner was at the provider."""

    code = "link"
    message = N_("This invitation is no longer valid. Ask for a new link.")


#: The messages that a page may show after a return from a provider, by the code in its address.
MESSAGES = {
    refusal.code: refusal.message
    for refusal in (
        *(Cancelled, StateUnknown, AnswerRefused, ProviderAway),
        *(NobodyKnown, NoGroup, SubjectTaken, LinkNotForProvider),
    )
}


class IssuerUnusable(InvalidInput):
    """The address of an issuer does not lead to the description of an OpenID provider."""

    code = "issuer_unusable"
    message = N_("No OpenID provider with exactly this issuer answers there. Copy the address from its settings.")
    field = "issuer"


class IssuerNotEncrypted(InvalidInput):
    """The issuer is not reached by HTTPS."""

    code = "issuer_not_encrypted"
    message = N_("The address must start with https://.")
    field = "issuer"


class AddressTaken(DomainError):
    """Another account of the hall has this mail address."""

    code = "address_taken"
    message = N_("Another account has this e-mail address.")
    field = "email"
