"""Named refusals of this room."""

from hallapp.core.errors import N_, DomainError


class TooManyJobs(DomainError):
    """The hall has asked for more than is done one after the other in a sensible time."""

    code = "too_many_jobs"
    message = N_("Too much is waiting already. Ask again when some of it is done.")


class NotToBeStartedAgain(DomainError):
    """The job is done, or waits, or is at work."""

    code = "not_to_be_started_again"
    message = N_("This is done, or on its way: there is nothing to start again.")


class JobDied(DomainError):
    """Its process ended before the job did, each time."""

    code = "job_died"
    message = N_("It was broken off several times. Start it again, or ask the administrator.")


class JobFailed(DomainError):
    """Something happened that nobody has foreseen; the log has it."""

    code = "job_failed"
    message = N_("That went wrong, and it is our mistake. Start it again.")
