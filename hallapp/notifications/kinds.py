"""The names of the kinds of messages; each room that writes messages registers its kinds for the outbox pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedKind:
    """The name under which people see the messages of one kind, or of several kinds that need no distinction.

    Attributes:
        key: the word for it in addresses.
        name: message id of its name.
        outbox_kinds: the values of `OutboxMessage.kind` that it covers.
        secret: whether its text gives access to something, so that no page may show it.
    """

    key: str
    name: str
    outbox_kinds: tuple[str, ...]
    secret: bool = False


_kinds: dict[str, NamedKind] = {}


def register(key: str, name: str, *outbox_kinds: str, secret: bool = False) -> None:
    """Make a kind known; registering it again changes nothing."""
    _kinds[key] = NamedKind(key=key, name=name, outbox_kinds=outbox_kinds, secret=secret)


def list_kinds() -> list[NamedKind]:
    """Return all kinds that rooms have registered, in the order of their registration."""
    return list(_kinds.values())


def get_kind(key: str) -> NamedKind:
    """Return the kind of a key. Raises KeyError."""
    return _kinds[key]


def find_kind(outbox_kind: str) -> NamedKind | None:
    """Return the kind to which a message of the outbox belongs, or None where no room has named it."""
    return next((kind for kind in _kinds.values() if outbox_kind in kind.outbox_kinds), None)
