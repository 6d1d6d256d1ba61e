"""Reasons why a backup is not made or not restored, by name."""

from hallapp.core.errors import N_, DomainError


class DatabaseNotEmpty(DomainError):
    """The database that a backup would be restored into has rows; `table` is one that has."""

    code = "database_not_empty"
    message = N_("The database is not empty (%(table)s has rows). Restore into a new folder or a new database.")


class NothingToBackUp(DomainError):
    """The database has no tables of this program."""

    code = "nothing_to_back_up"
    message = N_("The database has no tables yet, so there is nothing to back up. Is HALL_DATABASE_URL right?")


class ArchiveUnreadable(DomainError):
    """The file is not a backup, or parts of it are missing or changed; `cause` describes the fault."""

    code = "archive_unreadable"
    message = N_("This is not a complete backup: %(cause)s.")


class ArchiveOfNewerVersion(DomainError):
    """The backup was made by a version of the program that this one does not know; `revision` is its database's."""

    code = "archive_of_newer_version"
    message = N_("This backup was made by a newer version (database %(revision)s). Upgrade this program first.")


class ArchiveEncrypted(DomainError):
    """The backup can be read with its passphrase or its identity only."""

    code = "archive_encrypted"
    message = N_("This backup is encrypted. Name the file with its passphrase or its identity.")


class KeyDoesNotOpen(DomainError):
    """The passphrase or the identity is not the one of this backup, or cannot be read."""

    code = "key_does_not_open"
    message = N_("This passphrase or identity does not open the backup.")


class RecipientInvalid(DomainError):
    """The recipient is no public key of age; `recipient` is its beginning."""

    code = "recipient_invalid"
    message = N_("“%(recipient)s…” is not a recipient as age-keygen prints it (age1…).")


class CheckFailed(DomainError):
    """The backup cannot be restored, or its copy is wrong; `words` are the last output of `command`, which failed."""

    code = "check_failed"
    message = N_("This backup failed its check: `%(command)s` says: %(words)s")
