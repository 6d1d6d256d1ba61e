"""Named refusals of this room."""

from hallapp.core.errors import N_, DomainError


class TooManyJobs(DomainError):
    """The hall has asked for more than is done one after the other in a sensible time."""

    def __init__(self) -> None:
        super().__init__("too_many_jobs", N_("Too many tasks are waiting. Try again when some of them are done."))


class NotToBeStartedAgain(DomainError):
    """The job is done, or waits, or is at work."""

    def __init__(self) -> None:
        super().__init__(
            "not_to_be_started_again", N_("This task is done or in progress: there is nothing to start again.")
        )


class JobDied(DomainError):
    """The process of the job ended before the job did, each time."""

    def __init__(self) -> None:
        super().__init__("job_died", N_("It was interrupted several times. Start it again, or ask the administrator."))


class JobFailed(DomainError):
    """An unexpected error occurred; the log has the details."""

    def __init__(self) -> None:
        super().__init__("job_failed", N_("Something went wrong on our side. Please start it again."))
