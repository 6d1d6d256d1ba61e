"""Refusals of the room `online`."""

from collections.abc import Sequence

from hallapp.core.errors import N_, DomainError, InvalidInput


class NotOpenNow(DomainError):
    """The session is not open yet, or has ended."""

    code = "not_open_now"
    message = N_("This programme is not open at the moment. The page shows when it opens.")
    status = 409


class NobodyWatches(InvalidInput):
    """No number of people was given, or one that is no whole number."""

    code = "nobody_watches"
    message = N_("Please enter how many people watch on this screen: at least one.")
    field = "people"


class MoreThanRegistered(InvalidInput):
    """More people watch than the group has registered."""

    code = "more_than_registered"
    message = N_(
        "Your group has registered fewer people from this place. Enter the registered number at most, or change the "
        "size of the group on the page of your booking first."
    )
    field = "people"


class StreamAddress(InvalidInput):
    """An address is no complete address of a secure page."""

    code = "stream_address"
    message = N_("Please enter a complete address that begins with https://.")

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class QuestionEmpty(InvalidInput):
    """A question has no words."""

    code = "question_empty"
    message = N_("Please write your question.")
    field = "text"


class TooManyQuestions(DomainError):
    """A group has asked as many questions as one session takes from it."""

    code = "too_many_questions"
    message = N_("Your group has asked five questions. The host answers as many as time allows.")
    field = "text"


class ListUnclear(InvalidInput):
    """A list of participants can be read in several ways, or not at all."""

    field = "file"


class ListEmpty(ListUnclear):
    """A list has no person."""

    code = "list_empty"
    message = N_("No person was found in this file.")


class ListTooLong(ListUnclear):
    """A list has too many rows."""

    code = "list_too_long"
    message = N_("This file has more than %(most)s rows.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class ListTooLarge(ListUnclear):
    """A file has too many bytes."""

    code = "list_too_large"
    message = N_("This file is larger than 5 MB.")


class SheetsUnclear(ListUnclear):
    """A workbook has several sheets with rows."""

    code = "sheets_unclear"
    message = N_("This file has several sheets. Copy the sheet of the participants into a file of its own.")


class ColumnUnclear(ListUnclear):
    """A column is not found, or there are several for the same thing."""

    code = "column_unclear"
    message = N_("Which column is meant? Please enter its heading. Possible are: %(headings)s.")

    def __init__(self, what: str, headings: Sequence[str]) -> None:
        super().__init__(headings=" · ".join(one for one in headings if one)[:300])
        self.field = what


class PlacesUnknown(ListUnclear):
    """Places of origin are missing, or not known."""

    code = "places_unknown"
    message = N_(
        "Places of origin are missing or not known: %(places)s. Correct them in the file, or tick that they count as "
        "not stated."
    )
    field = "unknown"

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(places=" · ".join(places)[:300] or "—")


class RepeatsUnclear(ListUnclear):
    """Several rows have the same name."""

    code = "repeats_unclear"
    message = N_("%(count)s names are in several rows, such as “%(name)s”. Is each one person, or are they different?")
    field = "repeats"

    def __init__(self, name: str, count: int) -> None:
        super().__init__(name=name[:60], count=count)


class SumInList(ListUnclear):
    """A row of a list has a sum, an average or a remark in place of a person."""

    code = "sum_in_list"
    message = N_(
        "The row “%(name)s” looks like a sum or a remark, which would count as a person. Remove it from the file."
    )

    def __init__(self, name: str) -> None:
        super().__init__(name=name[:60])


class NameMissing(ListUnclear):
    """A row has minutes or a place, but no name: a person without one, a person of the row above, or a sum."""

    code = "name_missing"
    message = N_(
        "Row %(number)s has no name, but “%(text)s”. Enter a name if it is a person, else remove the row from the file."
    )

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number=number, text=text[:60])


class RowsHidden(ListUnclear):
    """Rows are hidden, filtered out or struck through."""

    code = "rows_hidden"
    message = N_(
        "Hidden or struck through rows: %(count)s, such as row %(number)s. Show those that count and delete the others."
    )

    def __init__(self, count: int, number: int) -> None:
        super().__init__(count=count, number=number)


class PersonUnclear(ListUnclear):
    """One person has several places of origin."""

    code = "person_unclear"
    message = N_(
        "“%(name)s” has several places of origin. Correct the file, or choose that equal names are different people."
    )
    field = "repeats"

    def __init__(self, name: str) -> None:
        super().__init__(name=name[:60])


class MinutesUnclear(ListUnclear):
    """A duration can be read in several ways."""

    code = "minutes_unclear"
    message = N_(
        "“%(text)s” is no clear duration. Write hours, minutes and seconds (01:20:00), or minutes under a heading that "
        "says so."
    )
    field = "minutes"

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:40])


class MinutesMissing(ListUnclear):
    """A list has no column with minutes."""

    code = "minutes_missing"
    message = N_(
        "No column with minutes was found among: %(headings)s. Enter its heading, or tick that only people are counted."
    )
    field = "minutes"

    def __init__(self, headings: Sequence[str]) -> None:
        super().__init__(headings=" · ".join(one for one in headings if one)[:300])


class TimeAsNumber(ListUnclear):
    """A spreadsheet stores a duration as a part of a day."""

    code = "time_as_number"
    message = N_(
        "The spreadsheet stores a duration as “%(text)s” of a day. Save the sheet as CSV, which has the time as it is "
        "shown, and import that file."
    )
    field = "minutes"

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:12])


class BlanksUnclear(ListUnclear):
    """Rows have no minutes, in a list that has minutes."""

    code = "blanks_unclear"
    message = N_("Rows without minutes: %(count)s, such as “%(name)s”. Did these people take part, or register only?")
    field = "blanks"

    def __init__(self, name: str, count: int) -> None:
        super().__init__(name=name[:60], count=count)


class RelationUnclear(ListUnclear):
    """The ledger has people of the session already."""

    code = "relation_unclear"
    message = N_("%(people)s people of this session are counted already. Are those of the list the same, or others?")
    field = "relation"

    def __init__(self, people: int) -> None:
        super().__init__(people=people)


class AlreadyImported(ListUnclear):
    """The same file has been imported for this session already."""

    code = "already_imported"
    message = N_("This file has been imported for this session already. It is not counted twice.")
    status = 409


class NotCountedYet(ListUnclear):
    """The presence on the page has not been counted yet."""

    code = "not_counted_yet"
    message = N_("The session has not been counted yet. Please import the list a quarter of an hour after its end.")
    status = 409


class ListOfClosedMonth(DomainError):
    """The month of the session is closed, so that what was counted in it stays."""

    code = "list_of_closed_month"
    message = N_("The month of this session is closed, so its audience stays as it was filed. Reopen the month first.")
    status = 409


class LaterList(DomainError):
    """Another list has been imported for the session since."""

    code = "later_list"
    message = N_("Another list has been imported since. Take back the latest one first.")
    status = 409
