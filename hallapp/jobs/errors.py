"""Named refusals of this room."""

from hallapp.core.errors import N_, DomainError


class TooManyJobs(DomainError):
    """The hall has asked for more than is done one after the other in a sensible time."""

    def __init__(self) -> None:
        super().__init__("too_many_jobs", N_("Too much is waiting already. Ask again when some of it is done."))


class NotToBeStartedAgain(DomainError):
    """The job is done, or waits, or is at work."""

    def __init__(self) -> None:
        super().__init__("not_to_be_started_again", N_("This is done, or on its way: there is nothing to start again."))


class JobDied(DomainError):
    """Its process ended before the job did, each time."""

    def __init__(self) -> None:
        super().__init__("job_died", N_("It was broken off several times. Start it again, or ask the administrator."))


class JobFailed(DomainError):
    """Something happened that nobody has foreseen; the log has it."""

    def __init__(self) -> None:
        super().__init__("job_failed", N_("That went wrong, and it is our mistake. Start it again."))
