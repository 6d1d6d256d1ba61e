"""Password digests by argon2id, with the library's recommended cost (RFC 9106's second recommended option)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def digest(password: str) -> str:
    """Return the digest to store; it carries its own salt and cost."""
    return _hasher.hash(password)


def matches(password: str, stored: str) -> bool:
    """Return whether a password belongs to a digest; takes as long for a wrong one as for a right one."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def renewed(password: str, stored: str) -> str | None:
    """Return a digest of today's cost where the stored one is of another cost, else None."""
    return digest(password) if _hasher.check_needs_rehash(stored) else None


#: Verified for an unknown name, so that the answer takes as long as for a known one: the digest of a random password
#: that nobody has kept, written down because making one takes longer than most commands run.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$fOMnqQzN8UXEu9DXFNmOLw$5lysILs+NcCYdrUCLDdooCys8w8002YraVYixHy4eCA"
