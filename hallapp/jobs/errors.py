"""Named refusals of this room."""

from hallapp.core.errors import N_, DomainError


class TooManyJobs(DomainError):
    """The hall has asked for more than is done one after the other in a sensible time."""

    code = "too_many_jobs"
    message = N_("Too many tasks are waiting. Try again when some of them are done.")


class NotToBeStartedAgain(DomainError):
    """The job is done, or waits, or is at work."""

    code = "not_to_be_started_again"
    message = N_("This task is done or in progress: there is nothing to start again.")


class JobDied(DomainError):
    """The process of the job ended before the job did, each time."""

    code = "job_died"
    message = N_("It was interrupted several times. Start it again, or ask the administrator.")


class JobFailed(DomainError):
    """An unexpected error occurred; the log has the details."""

    code = "job_failed"
    message = N_("Something went wrong on our side. Please start it again.")


class FileTooLarge(DomainError):
    """A job has written more than is kept."""

    code = "file_too_large"
    message = N_("The list is too large for one file. Choose fewer days, and ask for several files.")
