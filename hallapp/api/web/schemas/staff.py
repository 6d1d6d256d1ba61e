"""Documents about the accounts of the staff."""

from marshmallow import fields

from hallapp.accounts.roles import Role
from hallapp.accounts.service import NAME_LENGTH
from hallapp.api.web.schemas.common import Answer, Sent, YesNo, one_of, text

#: A program makes no administrators.
ROLES = tuple(role for role in Role if role is not Role.ADMIN)


class Person(Answer):
    """An account of a member of staff; `invited` means that its owner has a link and no password yet."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    role = one_of(Role, required=True)
    active = fields.Boolean(required=True)
    invited = fields.Boolean(required=True)
    two_step = fields.Boolean(required=True)
    last_sign_in_at = fields.DateTime(required=True, allow_none=True)


class People(Answer):
    """The accounts of the hall, by name."""

    items = fields.List(fields.Nested(Person), required=True)


class NewPerson(Sent):
    """An account to be opened. With an `email` the invitation is sent there, and is not in the answer."""

    name = text(NAME_LENGTH, 1, required=True)
    role = one_of(ROLES, required=True)
    email = text(254)


class Invited(Answer):
    """The account that was opened, and the link by which its owner sets a password or connects single sign-on."""

    person = fields.Nested(Person, required=True)
    invitation = fields.Url(required=True, allow_none=True)


class ChangedPerson(Sent):
    """Changes of an account: all that is named, or nothing. An account that is not `active` cannot sign in."""

    name = text(NAME_LENGTH, 1)
    role = one_of(ROLES)
    active = YesNo()
