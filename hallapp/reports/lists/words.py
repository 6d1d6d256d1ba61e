"""Texts about an export: its list, its progress and its result."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext, translate_kept
from hallapp.jobs.models import Fate, Job
from hallapp.kinds.values import Kinds
from hallapp.origins.values import OriginSet
from hallapp.reports.lists.streams import Wanted, What
from hallapp.tasks.words import NO_WORKER

FATE_NAMES = {
    Fate.WAITING: N_("In the queue"),
    Fate.RUNNING: N_("Being written"),
    Fate.STOPPED: N_("Interrupted"),
    Fate.DONE: N_("Ready"),
    Fate.FAILED: N_("Failed"),
}
_SHORT_NAMES = {What.DATA: N_("Data sheet"), What.ARRIVALS: N_("Arrivals")}


def title(job: Job) -> str:
    """Return `Data sheet · XLSX`."""
    return f"{_(_SHORT_NAMES[What(job.params['what'])])} · {job.params['form'].upper()}"


def days(job: Job) -> str:
    """Return `2017-06-29 – 2026-11-25`, as written in the file."""
    first, last = (date.fromisoformat(job.params[name]) for name in ("first", "last"))
    return f"{first} – {last}"


def only(job: Job, origins: OriginSet, kinds: Kinds, programmes: Mapping[int, str]) -> list[str]:
    """Return the restriction of an export: a division, a programme by its id, a kind of organisation."""
    wanted = Wanted.from_params(job.params)
    return [
        *([origins.division(wanted.division).name(language())] if wanted.division else []),
        *([programmes.get(wanted.programme_id, "")] if wanted.programme_id else []),
        *([kinds.name(wanted.kind)] if wanted.kind else []),
    ]


def progress(job: Job, *, worker_alive: bool) -> str:
    """Return the progress or the result of a job; `worker_alive` tells whether a worker is running."""
    if job.fate is Fate.RUNNING:
        if job.total is None:
            return _("Counting the rows")
        return _("%(done)s of %(total)s rows", done=formats.number(job.done), total=formats.number(job.total))
    if job.fate is Fate.DONE:
        return _rows(job)
    if job.fate is Fate.FAILED:
        return _told(job.error)
    if not worker_alive:
        return _(NO_WORKER)
    if job.fate is Fate.STOPPED:
        return _("Its process ended too early. It will be started again automatically.")
    return _("Starts when the tasks ahead of it are done.")


def _rows(job: Job) -> str:
    rows = ngettext("%(rows)s row", "%(rows)s rows", job.done, rows=formats.number(job.done))
    return f"{rows}{'，' if language().startswith('zh') else ', '}{formats.size(job.file_bytes or 0)}"


def _told(error: Mapping[str, Any] | None) -> str:
    return translate_kept(error) if error else ""
