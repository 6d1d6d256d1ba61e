"""Refusals of service points."""

from hallapp.core.errors import N_, DomainError


class NoPoints(DomainError):
    """The hall gives no service points in this quarter."""

    status = 404
    code = "points_none"
    message = N_("This hall gives no service points in this quarter.")


class NotOnList(DomainError):
    """The account is none of the people with service points."""

    status = 404
    code = "points_not_on_list"
    message = N_("This person is not on the list of people with service points.")


class QuarterClosed(DomainError):
    """The quarter is closed, so nothing in it changes."""

    code = "points_quarter_closed"
    message = N_("This quarter is closed. Its points do not change any more.")


class QuarterNotOver(DomainError):
    """The quarter has days to come, today among them."""

    code = "points_quarter_not_over"
    message = N_("This quarter is not over yet. It can be closed from %(day)s on.")


class AnswersMissing(DomainError):
    """Appeals or entries of the quarter wait for an answer."""

    code = "points_answers_missing"
    message = N_("Not answered yet in this quarter: appeals %(appeals)s, entries %(entries)s. Answer them first.")


class LastDaysMissing(DomainError):
    """Guides no longer lead groups, but nobody has entered since when, so the shifts that they worked are unknown."""

    code = "points_last_days_missing"
    message = N_("Guides who no longer lead have no last day yet. Enter it first: it decides which shifts count.")


class IndexUnknown(DomainError):
    """The index is not entered by people, or is not in force in the quarter."""

    status = 422
    code = "points_index_unknown"
    field = "code"
    message = N_("Nothing can be entered for this index in this quarter.")


class NameMissing(DomainError):
    """The index has no name in any language."""

    status = 422
    code = "points_name_missing"
    field = "name"
    message = N_("Enter a name.")


class DayOutside(DomainError):
    """The day is in the future, or outside of the quarters that can still change."""

    status = 422
    code = "points_day_outside"
    field = "day"
    message = N_("Choose a day from %(first)s to %(last)s.")


class AppealOpen(DomainError):
    """An appeal of this line waits for its answer."""

    code = "points_appeal_open"
    field = "words"
    message = N_("Your appeal against this line is waiting for an answer already.")


class NoSuchLine(DomainError):
    """The statement has no such line."""

    status = 404
    code = "points_no_such_line"
    message = N_("This statement has no such line.")


class Answered(DomainError):
    """Somebody has answered already."""

    code = "points_answered"
    message = N_("This has been answered already.")


class AnotherPersonNeeded(DomainError):
    """A person may not approve what they entered, nor answer about themselves."""

    code = "points_another_person"
    message = N_("Another person has to answer this: you entered it, or it is about you.")


class WordsMissing(DomainError):
    """An appeal was answered, or an entry rejected, without words."""

    status = 422
    code = "points_words_missing"
    field = "answer"
    message = N_("Enter an answer. The person reads it.")
