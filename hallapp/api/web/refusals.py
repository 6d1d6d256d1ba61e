"""The refusals that an operation can answer beside those of every operation, for the OpenAPI document.

The services raise them. The tests of the API find a refusal that is missing here (`tests/api/table.py`).
"""

from hallapp.accounts import errors as accounts
from hallapp.api import errors as own
from hallapp.booking import errors as booking
from hallapp.booking.managing import errors as managing
from hallapp.categories import errors as categories
from hallapp.desk import errors as desk
from hallapp.kinds.errors import KindUnknown
from hallapp.presence import errors as presence
from hallapp.resources import errors as resources
from hallapp.schedule.errors import SlotFull

_SIZE = (booking.ProgrammeInactive, booking.GroupTooSmall, booking.GroupTooLarge)
_TIME = (booking.SlotUnknown, booking.SlotPast, booking.SlotTooSoon, booking.SlotTooFar, booking.SlotClosed, SlotFull)
_TOUR = (booking.TourLanguageNeeded, booking.TourLanguageNotSpoken)
_ACCESS = (booking.AccessNotOffered, booking.TooManyWheelchairs)
_CATEGORIES = (categories.CategoryNotAsked, categories.CategoriesNotFitting, categories.CategoriesMissing)
_RESOURCES = (
    resources.ResourceNotOffered,
    resources.ResourceTaken,
    resources.NoResourceLeft,
    resources.TooManyResources,
)
_ORGANISER = (booking.NotOnline, booking.Paused, booking.HallBusy, booking.NetworkFull, booking.AddressNeeded)
_OPEN = (booking.VisitStarted, booking.TooLateToChange, booking.NotInThisState, booking.AskTheHall, booking.NotOnline)
_GROUP = (
    *(*_SIZE, *_TIME, *_TOUR, *_ACCESS, *_RESOURCES, KindUnknown, booking.Blocked),
    *(booking.Duplicate, managing.ManagerNeeded),
)

PLACING = (*_GROUP, *_ORGANISER, *_CATEGORIES, booking.PartsNeeded)
PLACING_PARTY = (*_GROUP, *_ORGANISER, booking.PartsWrong, booking.PartFull)
LOOKING_AT_DATES = (*_SIZE, *_CATEGORIES, booking.SlotUnknown, managing.ManagerNeeded)
PLACING_SERIES = (*LOOKING_AT_DATES, managing.NoDateChosen, booking.DateRefused)
CHANGING = (
    *(*_OPEN, *_SIZE, *_TIME, *_TOUR, *_ACCESS, *_RESOURCES, KindUnknown),
    *(booking.FewerThanWheelchairs, managing.ManagerNeeded, own.NothingToChange),
)
MOVING_PARTS = (*_OPEN, *_SIZE, *_TIME, booking.PartsStay, own.NoParty)
CANCELLING = (*_OPEN, managing.ScopeMissing)
CONFIRMING = (booking.NotInThisState, SlotFull, resources.ResourceTaken, resources.NoResourceLeft)
ACCEPTING = (booking.NotInThisState, booking.NotOnline)
DECLINING = (booking.NotInThisState,)

_SCANNED = (
    *(desk.InvalidCode, desk.InvalidReference, desk.Unknown, desk.NotAPass, desk.OtherHall, desk.Replaced),
    *(desk.Cancelled, desk.NotAgreed, desk.TakesPlaceOnline),
)
_WHEN = (desk.InvalidTime, desk.TimeInFuture, desk.TimeTooOld)
_COUNTS = (desk.InvalidCounts, desk.InvalidCategories, desk.WrongCategories, categories.CategoryNotAsked)
ADMITTING = (
    *(*_SCANNED, *_WHEN, *_COUNTS, desk.EventIdUsed, desk.AnotherDay, desk.TooEarly, desk.TooLate),
    *(desk.AlreadyArrived, desk.CountedMeanwhile, desk.MoreThanExpected, desk.TooManyPeople, desk.ManagerNeeded),
)
WALKING_IN = (*_WHEN, *_COUNTS, desk.InvalidWalkIn, desk.TooManyWalkIns, desk.BlockedWalkIn, desk.EventIdUsed)
TAKING_BACK = (own.UnknownArrival, desk.NotAnAdmission, desk.AlreadyTakenBack, desk.EventIdUsed, desk.MonthClosed)
LOOKING_UP = _SCANNED
LEAVING = (
    *(*_SCANNED, presence.LeavingNotCounted, presence.InvalidPeople, presence.InvalidEvent, presence.EventIdUsed),
    *(presence.NobodyInside, presence.MoreThanInside),
)
LEAVING_BACK = (presence.UnknownDeparture, presence.NotADeparture)
INVITING = (accounts.StaffNameInvalid, accounts.StaffNameTaken)
CHANGING_STAFF = (*INVITING, own.AdministratorProtected, own.NothingToChange)
