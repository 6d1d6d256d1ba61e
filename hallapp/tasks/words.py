"""Texts of pages about tasks and workers."""

from hallapp.core.errors import N_

#: The notice beside waiting work while no worker runs.
NO_WORKER = N_("Nothing happens now: the background worker is not running. Please tell your administrator.")
