"""Texts of pages about tasks and workers."""

from hallapp.core.errors import N_

#: Beside whatever waits for a worker while none runs.
NO_WORKER = N_("Nothing happens now: the background worker is not running. Please tell your administrator.")
