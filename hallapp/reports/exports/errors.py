"""Named refusals of what is exported."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class NotForPublication(DomainError):
    """Figures of this period are not published: it has days to come, or any days may be chosen for its ends."""

    def __init__(self) -> None:
        message = N_(
            "Open data is made of a month, a quarter or a year that is over, or since the opening: figures that change"
            " from day to day, or of days freely chosen, would give single visitors away by their differences."
        )
        super().__init__("not_for_publication", message)


class LeastRefused(InvalidInput):
    """The smallest number of people to be shown is none that protects anybody, or no number."""

    def __init__(self, least: int, most: int) -> None:
        message = N_("The smallest number shown is a whole number from %(least)s to %(most)s.")
        super().__init__("least_refused", message, "least", least=least, most=most)
