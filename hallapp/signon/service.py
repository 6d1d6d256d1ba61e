"""Providers of a hall, and the accounts there: save, connect, sign in, disconnect. It flushes at most."""

from dataclasses import dataclass
from email.errors import HeaderParseError

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from hallapp.accounts import joining, vault
from hallapp.accounts import service as accounts
from hallapp.accounts.errors import LinkOver, LinkUnknown
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock, runtime
from hallapp.core.database import db
from hallapp.schedule.capacity import lock_hall
from hallapp.signon import queries
from hallapp.signon.assertion import Assertion, Provider
from hallapp.signon.errors import AddressTaken, AnswerRefused, LinkNotForProvider, NobodyKnown, NoGroup, SubjectTaken
from hallapp.signon.models import ProviderKind, SignOnIdentity, SignOnProvider, StaffAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProvider:
    """The command that adds or changes a provider; without `secret` the stored one stays.

    `roles` are pairs of a group and the role of its members, of which the first that fits is taken.
    """

    hall_id: int
    by: int | None
    name: str
    client_id: str
    secret: str | None
    issuer: str = ""
    agent_id: str = ""
    groups_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    second_step: bool = False


def add(kind: ProviderKind, command: SaveProvider) -> SignOnProvider:
    """Add a provider to a hall."""
    lock_hall(command.hall_id)  # so that two new ones get different numbers
    provider = SignOnProvider(
        hall_id=command.hall_id,
        number=queries.next_number(command.hall_id),
        kind=kind,
        issuer=command.issuer,
        secret="",
        made_at=clock.now(),
    )
    db.session.add(provider)
    _set(provider, command)
    return provider


def change(provider: SignOnProvider, command: SaveProvider) -> None:
    """Change a provider. Its issuer stays, because the accounts that are connected belong to it."""
    _set(provider, command)


def remove(provider: SignOnProvider, *, by: int | None) -> None:
    """Remove a provider with all its connections; nothing happens where another request has just removed it."""
    _forget(SignOnIdentity.hall_id == provider.hall_id, SignOnIdentity.provider_number == provider.number)
    gone = db.session.execute(
        delete(SignOnProvider).where(
            SignOnProvider.hall_id == provider.hall_id, SignOnProvider.number == provider.number
        ),
        execution_options={"synchronize_session": False},
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        _record(provider, "sign_on_removed", by=by)


def opened(provider: SignOnProvider) -> Provider:
    """Return a provider as plain values with its secret. Raises AnswerRefused where no key decrypts the secret."""
    try:
        secret = vault.open_(provider.secret, runtime.settings().secret_keys)
    except vault.Unreadable:
        raise AnswerRefused from None
    return Provider(
        kind=provider.kind.value,
        issuer=provider.issuer,
        client_id=provider.client_id,
        agent_id=provider.agent_id,
        secret=secret,
        groups_claim=provider.groups_claim,
    )


def sign_in(provider: SignOnProvider, assertion: Assertion) -> Staff:
    """Return the account that an assertion opens, with the role that its groups give.

    The account is the one that is connected; else, once, the one with the verified address, which is then connected.

    Raises:
        NobodyKnown: there is no such account, or it is closed.
        NoGroup: roles follow groups, and the person is in none of them.
        SubjectTaken: the account with this address is connected with another account there.
    """
    identity = queries.find_identity(provider, assertion.subject)
    staff = db.session.get_one(Staff, identity.staff_id) if identity else _find_by_address(provider, assertion)
    if staff is None or not staff.active:
        raise NobodyKnown
    _follow_groups(staff, provider, assertion)
    identity = identity or _connect(staff, provider, assertion)
    identity.last_used_at = clock.now()
    provider.secret = vault.renewed(provider.secret, runtime.settings().secret_keys)
    return staff


def join(provider: SignOnProvider, assertion: Assertion, *, token: str) -> Staff:
    """Connect the account of an invitation, whose link is used up, instead of setting a password.

    Raises:
        LinkNotForProvider: the link is of no use any more, or of another hall.
        SubjectTaken, NoGroup.
    """
    try:
        link = joining.use_up(token)
    except (LinkUnknown, LinkOver):
        raise LinkNotForProvider from None
    if link.hall_id != provider.hall_id:
        raise LinkNotForProvider
    _connect(link.staff, provider, assertion)
    return sign_in(provider, assertion)


def connect(staff: Staff, provider: SignOnProvider, assertion: Assertion) -> None:
    """Connect the account of a signed-in person, who has just typed the password. Raises SubjectTaken, NobodyKnown."""
    if not staff.active or staff.hall_id != provider.hall_id:
        raise NobodyKnown
    _connect(staff, provider, assertion)


def disconnect(staff: Staff, provider: SignOnProvider, *, by: int) -> None:
    """Let an account be opened by a provider no longer; all its sessions end. Nothing happens without a connection."""
    mine = SignOnIdentity.staff_id == staff.id, SignOnIdentity.provider_number == provider.number
    if _forget(SignOnIdentity.hall_id == staff.hall_id, *mine):
        accounts.end_all(staff)
        accounts.record_on(staff, "sign_on_disconnected", by=by, detail={"provider": provider.name})


def set_address(staff: Staff, email: str | None, *, by: int | None) -> None:
    """Set the mail address by which a person is found at the first sign-in; None forgets it. Raises AddressTaken."""
    known = queries.find_address(staff)
    tidied = tidy_address(email) if email else None
    if (known.email if known else None) == tidied:
        return
    try:
        with db.session.begin_nested():
            if tidied is None:
                db.session.delete(known)
            elif known:
                known.email = tidied
            else:
                db.session.add(StaffAddress(hall_id=staff.hall_id, staff_id=staff.id, email=tidied))
            db.session.flush()
    except IntegrityError:
        raise AddressTaken from None
    accounts.record_on(staff, "sign_on_address_set", by=by)


def tidy_address(typed: str) -> str | None:
    """Return a mail address as it is compared: without regard to capitals; None where it is none."""
    try:
        return validate_email(typed, check_deliverability=False).normalized.casefold()
    except (EmailNotValidError, HeaderParseError):
        return None


def _find_by_address(provider: SignOnProvider, assertion: Assertion) -> Staff | None:
    email = tidy_address(assertion.email) if assertion.email else None
    return queries.find_staff_by_address(provider.hall_id, email) if email else None


def take_role(provider: SignOnProvider, assertion: Assertion) -> None:
    """Take the role of a person who is in none of the groups any more, and end the sessions of the account.

    The account keeps the least role, so that a password opens no more than that; the next sign-in with a group gives
    the role back. The last administrator who has a password keeps everything, as the way back from a mistake.
    """
    identity = queries.find_identity(provider, assertion.subject)
    staff = db.session.get(Staff, identity.staff_id) if identity else None
    if staff is None or accounts.is_last_administrator(staff):
        return
    accounts.change_role(staff, Role.GUIDE, by=staff.id)
    accounts.end_all(staff)
    accounts.record_on(staff, "sign_on_role_taken", by=staff.id, detail={"provider": provider.name})


def _follow_groups(staff: Staff, provider: SignOnProvider, assertion: Assertion) -> None:
    """Give an account the role of the first group that fits. The last administrator keeps theirs.

    Raises:
        NoGroup: roles follow groups here, and none fits. The last administrator gets in if there is no password to
            get in with instead.
    """
    if not provider.roles:
        return
    wanted = next((Role(role) for group, role in provider.roles if group in assertion.groups), None)
    is_last = wanted is not Role.ADMIN and accounts.is_last_administrator(staff)
    if is_last and (wanted or not staff.has_password):
        detail = {"role": wanted.value} if wanted else {}
        accounts.record_on(staff, "sign_on_role_kept", by=staff.id, detail=detail)
        return
    if wanted is None:
        raise NoGroup
    accounts.change_role(staff, wanted, by=staff.id)


def _connect(staff: Staff, provider: SignOnProvider, assertion: Assertion) -> SignOnIdentity:
    identity = SignOnIdentity(
        hall_id=provider.hall_id,
        provider_number=provider.number,
        subject=assertion.subject,
        staff_id=staff.id,
        connected_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(identity)
            db.session.flush()
    except IntegrityError:
        raise SubjectTaken from None
    accounts.record_on(staff, "sign_on_connected", by=staff.id, detail={"provider": provider.name})
    return identity


def _set(provider: SignOnProvider, command: SaveProvider) -> None:
    provider.name, provider.client_id, provider.agent_id = command.name, command.client_id, command.agent_id
    provider.groups_claim, provider.second_step = command.groups_claim, command.second_step
    provider.roles = [[group, role.value] for group, role in command.roles]
    if command.secret:
        provider.secret = vault.close(command.secret, runtime.settings().secret_keys)
    db.session.flush()
    _record(provider, "sign_on_saved", by=command.by)


def _forget(*conditions: object) -> int:
    gone = db.session.execute(
        delete(SignOnIdentity).where(*conditions),  # type: ignore[arg-type]
        execution_options={"synchronize_session": False},
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _record(provider: SignOnProvider, action: str, *, by: int | None) -> None:
    subject, detail = f"sign_on {provider.number}", {"provider": provider.name}
    accounts.record(hall_id=provider.hall_id, staff_id=by, action=action, subject=subject, detail=detail)
