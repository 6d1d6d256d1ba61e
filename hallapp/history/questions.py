"""The questions that a file may put to a person: their words, their choices, and which choice is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hallapp.core.errors import N_
from hallapp.history.columns import HistoryColumn
from hallapp.history.findings import LEAVE_OUT, TAKE, YEAR

#: The choices of questions about rows.
ROWS = {LEAVE_OUT: N_("Leave these rows out"), TAKE: N_("Count these rows")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of finding.

    `title` describes the finding and `about` why it matters; both are message ids, as are the labels of the `choices`.
    With `must`, nothing counts until a choice is made.
    """

    title: str
    about: str = ""
    choices: Mapping[str, str] = field(default_factory=lambda: ROWS)
    suggested: str = LEAVE_OUT
    must: bool = True


ENCODING = "encoding"
PEOPLE_COLUMN, DATE_COLUMN, PLACE_COLUMN = "people-column", "date-column", "place-column"
SHEETS, OTHER_SHEET, HIDDEN_SHEET, SUMMARY_SHEET = "sheets", "other-sheet", "hidden-sheet", "summary-sheet"
HIDDEN_ROWS, HIDDEN_COLUMN, STRUCK = "hidden-rows", "hidden-column", "struck-through"
COPIES, NAMED_SUMS, SHEET_COLUMNS = "copied-rows", "named-sums", "sheet-columns"
SIDE_BY_SIDE, ACROSS, ACROSS_TOTAL, ACROSS_LEFT = "side-by-side", "across", "across-total", "across-left"
ACROSS_SAME = "across-same"
OTHER_HEADING, EACH_ROW = "other-heading", "each-row"
SUMS, LABEL_ELSEWHERE, DAYS_AND_MONTH = "sums", "label-elsewhere", "days-and-month"
PROVINCE_AND_CITIES, OF_WHICH = "province-and-cities", "of-which"
STATUS, REMARK = "status", "remark"
UNIT, ZONE, BATCH = "unit", "zone", "batch-number"
BLANK_DATE, BLANK_PLACE = "blank-date", "blank-place"
MONTH = "month"
EXTRA_CELLS, COUNTED = "extra-cells", "counted-already"
MERGED, OTHER_PERIOD, NEW_YEAR = "merged-number", "other-period", "new-year"
DATE_ORDER_TOLD = "date-order"

#: The question about each column that a file may have several times.
CODES = {HistoryColumn.VISITORS: PEOPLE_COLUMN, HistoryColumn.DATE: DATE_COLUMN, HistoryColumn.PROVINCE: PLACE_COLUMN}

QUESTIONS: dict[str, Question] = {
    ENCODING: Question(
        title=N_("The text encoding of this file can be read in several ways"),
        about=N_("Choose the one in which the text is shown correctly."),
        choices={},
        suggested="",
    ),
    PEOPLE_COLUMN: Question(
        title=N_("Which column holds the people who came?"),
        about=N_("Choose the column to count."),
        choices={},
        suggested="",
    ),
    DATE_COLUMN: Question(
        title=N_("Which column holds the day of the visit?"),
        about=N_("Choose the day on which people came."),
        choices={},
        suggested="",
    ),
    PLACE_COLUMN: Question(
        title=N_("Which column says where people came from?"), about=N_("Choose one."), choices={}, suggested=""
    ),
    SHEETS: Question(
        title=N_("This workbook has more sheets with figures"),
        about=N_("Sheets of the same kind can be read together, for example one for each month."),
        choices={"all": N_("Read all of these sheets"), "one": N_("Read this sheet only")},
        suggested="all",
    ),
    OTHER_SHEET: Question(
        title=N_("Sheet “%(name)s” is not read"),
        about=N_(
            "Its columns differ from those of the sheet that is read. If it contains figures, import it separately."
        ),
        choices={LEAVE_OUT: N_("Leave this sheet out")},
    ),
    HIDDEN_SHEET: Question(
        title=N_("Sheet “%(name)s” is hidden and is not read"),
        about=N_("To count it, show the sheet in the spreadsheet program, save the file and upload it again."),
        choices={LEAVE_OUT: N_("Leave this sheet out")},
        must=False,
    ),
    SUMMARY_SHEET: Question(
        title=N_("Sheet “%(name)s” seems to add up the other sheets"),
        about=N_("If it does, its people would count twice."),
        choices={LEAVE_OUT: N_("Leave this sheet out"), TAKE: N_("Count this sheet too")},
    ),
    HIDDEN_ROWS: Question(
        title=N_("Rows that are hidden or filtered out"),
        about=N_("These rows are not visible in the spreadsheet program. Often they are duplicates."),
    ),
    STRUCK: Question(
        title=N_("Rows that are struck through"),
        about=N_("A line through a text often means that it does not hold any more."),
    ),
    COPIES: Question(
        title=N_("Repeated rows in the file"),
        about=N_("They are equal in all columns to other rows that are counted. They may be a copy."),
    ),
    NAMED_SUMS: Question(
        title=N_("Rows with as many people as all other rows of their day together"),
        about=N_("They have a name, but they may be the total of their day."),
    ),
    SHEET_COLUMNS: Question(
        title=N_("Sheet “%(name)s” has other headings for the same columns: %(names)s"),
        about=N_("The sheet can be read if they mean the same."),
        choices={TAKE: N_("They mean the same: read this sheet"), LEAVE_OUT: N_("Leave this sheet out")},
        suggested=TAKE,
    ),
    HIDDEN_COLUMN: Question(
        title=N_("Column %(name)s is hidden, and figures are read from it"),
        about=N_("It may contain old numbers. If so, choose another column."),
        choices={TAKE: N_("Read the hidden column"), LEAVE_OUT: N_("Read no rows until I have chosen another column")},
        suggested=TAKE,
    ),
    SIDE_BY_SIDE: Question(
        title=N_("Several tables are side by side"),
        about=N_("They have the same headings, and can be read one after another."),
        choices={"all": N_("Read all of them"), "first": N_("Read the first one only")},
        suggested="all",
    ),
    ACROSS: Question(
        title=N_("The columns are %(kind)s: each cell is a number of people"),
        about=N_("Each cell is counted for its row and its column: %(names)s."),
        choices={TAKE: N_("Read it in this way")},
        suggested=TAKE,
        must=False,
    ),
    ACROSS_TOTAL: Question(
        title=N_("Cells that do not add up to the total of their row"),
        about=N_("The total itself is not counted. Some cell or the total is wrong."),
        choices={TAKE: N_("Count the cells as they are"), LEAVE_OUT: N_("Leave these rows out")},
        suggested="",
    ),
    ACROSS_LEFT: Question(
        title=N_("Columns with numbers that are not counted: %(names)s"),
        about=N_("They are beside the columns that are counted."),
        choices={LEAVE_OUT: N_("Leave these columns out")},
    ),
    ACROSS_SAME: Question(
        title=N_("Several columns for the same place: %(names)s"),
        about=N_("One of them may be the total of the others, or a copy. No total of the row shows it."),
        choices={"first": N_("Count the first one only"), "both": N_("Count all of them: they are different people")},
        suggested="",
    ),
    OTHER_HEADING: Question(
        title=N_("Another heading inside the sheet"),
        about=N_("The columns below it may hold something else than those above it."),
        choices={
            "follow": N_("Read the rows below by the new heading"),
            LEAVE_OUT: N_("Leave out the rows below it"),
        },
        suggested="follow",
    ),
    EACH_ROW: Question(
        title=N_("No column contains a number of people"),
        about=N_("The file seems to list persons, one in each row."),
        choices={TAKE: N_("Count one person for each row")},
        suggested=TAKE,
    ),
    SUMS: Question(
        title=N_("Rows that add up other rows"),
        about=N_("Their formula or value shows that they are sums of rows that are already counted."),
    ),
    LABEL_ELSEWHERE: Question(
        title=N_("Rows marked elsewhere as a total"),
        about=N_("If they are, their people would count twice."),
    ),
    DAYS_AND_MONTH: Question(
        title=N_("Single days and the whole of the same month"),
        about=N_(
            "In %(names)s there are rows for single days and rows for the whole month. People may be counted twice."
        ),
        choices={
            "days": N_("Count the days only"),
            "months": N_("Count the whole months only"),
            "both": N_("Count both: they are different people"),
        },
        suggested="days",
    ),
    PROVINCE_AND_CITIES: Question(
        title=N_("A province beside its own cities"),
        about=N_("For the same time there are rows for %(names)s and rows for cities of it. People may count twice."),
        choices={
            "provinces": N_("Count the rows of the whole province only"),
            "cities": N_("Count the rows of the cities only"),
            "both": N_("Count both: they are different people"),
        },
        suggested="provinces",
    ),
    OF_WHICH: Question(
        title=N_("Rows that are part of the row above them"),
        about=N_("“Of which” means that these people are already counted above."),
    ),
    STATUS: Question(
        title=N_("Rows with the status “%(name)s”"),
        about=N_("Only people who arrived are counted."),
    ),
    REMARK: Question(
        title=N_("Rows with a remark such as cancelled, did not come, or duplicate"),
        about=N_("Only people who arrived are counted, each once."),
    ),
    UNIT: Question(
        title=N_("The numbers are in units of %(factor)s: “%(name)s”"),
        about=N_("The heading or the title indicates it."),
        choices={"times": N_("Multiply each number by %(factor)s"), "as-is": N_("Count the numbers as they are")},
        suggested="times",
    ),
    ZONE: Question(
        title=N_("The times may be in UTC: “%(name)s”"),
        about=N_("An early morning visit would fall on the day before."),
        choices={
            "convert": N_("Convert them to the hall’s local time"),
            "as-is": N_("They are in the time of the hall"),
        },
        suggested="convert",
    ),
    BATCH: Question(
        title=N_("“%(name)s” seems to number the groups instead of counting them"),
        about=N_("The numbers increase from row to row: 1, 2, 3 …"),
        choices={
            "number": N_("A serial number: each row is one group"),
            "count": N_("The number of groups in the row"),
        },
        suggested="number",
    ),
    BLANK_DATE: Question(
        title=N_("Rows without a date below rows with one"),
        about=N_("Often an empty cell means: the same as above."),
        choices={"above": N_("The same date as above"), LEAVE_OUT: N_("Leave these rows out")},
        suggested="above",
    ),
    BLANK_PLACE: Question(
        title=N_("Rows without a place"),
        about=N_("An empty cell may mean that the place is unknown, or that it is the same as above."),
        choices={"unknown": N_("Not stated"), "above": N_("The same place as above")},
        suggested="unknown",
        must=False,
    ),
    EXTRA_CELLS: Question(
        title=N_("Rows with more cells than the heading"),
        about=N_("A comma inside a number may have split it into two cells: 1,234."),
        choices={"join": N_("Read the parts as one number"), LEAVE_OUT: N_("Leave these rows out")},
        suggested="join",
    ),
    COUNTED: Question(
        title=N_("Rows that are already counted"),
        about=N_("An earlier import contains rows with the same day or month, place and number of people."),
        choices={
            LEAVE_OUT: N_("Count only the other rows"),
            TAKE: N_("Count them once more: they are different people"),
        },
    ),
    YEAR: Question(
        title=N_("Dates whose year cannot be seen"),
        about=N_("Choose the year in which people came."),
        choices={
            "title": N_("The year given in the title or the name: %(names)s"),
            "stored": N_("The year stored in each cell"),
        },
        suggested="",
    ),
    MONTH: Question(
        title=N_("Days without a month"),
        about=N_("The title or the name of the sheet gives the month."),
        choices={"title": N_("The month given in the title or the name: %(names)s")},
        suggested="title",
    ),
    MERGED: Question(
        title=N_("One number of people in a cell that is merged over several rows or columns"),
        about=N_("The people may be of several days, places or groups."),
        choices={TAKE: N_("They all belong to the first row and column"), LEAVE_OUT: N_("Leave these rows out")},
        suggested="",
    ),
    NEW_YEAR: Question(
        title=N_("Dates without a year that go on from the end of a year to its beginning"),
        about=N_("The dates from here on may belong to the following year."),
        choices={"next": N_("They belong to the following year"), "same": N_("All dates are of the same year")},
        suggested="",
    ),
    OTHER_PERIOD: Question(
        title=N_("Dates outside the month or year in the name of sheet “%(name)s”"),
        about=N_("The name or the dates may be left from a copied sheet."),
        choices={TAKE: N_("The dates are right"), LEAVE_OUT: N_("Leave these rows out")},
        suggested="",
    ),
    DATE_ORDER_TOLD: Question(
        title=N_("Dates such as 5/3/2019 are read as the other dates of the file"),
        about=N_("All dates that show their order have the same order."),
        choices={"day_first": N_("The day comes first"), "month_first": N_("The month comes first")},
        suggested="",
        must=False,
    ),
}
#: The reason for which a column is suggested, by the code of `candidates.Candidate.why`.
WHY: dict[str, str] = {
    "arrived": N_("people who came, not people who were booked"),
    "total": N_("a total, not part of it"),
    "plain": N_("this year's people"),
    "part": N_("part of the people"),
    "planned": N_("booked or planned, not arrived"),
    "cumulative": N_("a cumulative number"),
    "compared": N_("another period"),
    "average": N_("an average or a share"),
    "absent": N_("people who did not come"),
    "staff": N_("staff, not visitors"),
    "online": N_("people who watched online, not people who came"),
    "birth": N_("not the day of a visit"),
}
#: The reason for which the answer to a question leaves a row out, in a few words.
REASONS: dict[str, str] = {
    HIDDEN_ROWS: N_("hidden in the spreadsheet"),
    STRUCK: N_("struck through"),
    COPIES: N_("a copy of another row"),
    NAMED_SUMS: N_("adds up the other rows of its day"),
    SIDE_BY_SIDE: N_("in a table beside the first one"),
    OTHER_HEADING: N_("another heading, or below it"),
    SUMS: N_("adds up other rows"),
    LABEL_ELSEWHERE: N_("a total, according to another column"),
    DAYS_AND_MONTH: N_("days beside the whole of their month"),
    PROVINCE_AND_CITIES: N_("cities beside their province"),
    OF_WHICH: N_("part of the row above"),
    STATUS: N_("a no-show, by its status"),
    REMARK: N_("a no-show or a duplicate, by its remark"),
    BLANK_DATE: N_("no date of its own"),
    EXTRA_CELLS: N_("more cells than the heading"),
    COUNTED: N_("already counted"),
    ACROSS_SAME: N_("in another column of the same place"),
    ACROSS_TOTAL: N_("does not add up to its total"),
    MERGED: N_("a number for several rows or columns"),
    OTHER_PERIOD: N_("outside the month or year of its sheet"),
}
