"""Refusals of the room `schedule`."""

from datetime import date, time

from hallapp.core.errors import N_, DomainError, InvalidInput


class SlotFull(DomainError):
    """The slot has too few places or guides left."""

    code = "slot_full"
    message = N_("This time no longer has enough free places. Please choose another one.")
    field = "slot"

    def __init__(self, *, left: int = 0, asked: int = 0) -> None:
        if 0 < left < asked:
            self.message = N_(
                "Places left at this time: %(left)s. Your group asked for %(asked)s. Please choose another time."
            )
        super().__init__(left=left, asked=asked)


class HolidaysNotAnnounced(DomainError):
    """The holidays of this year have not been announced, or this version does not know them yet."""

    code = "holidays_not_announced"
    message = N_("The public holidays of %(year)s are not known yet. Enter them by hand, or update hallapp later.")
    field = "year"

    def __init__(self, year: int) -> None:
        super().__init__(year=str(year))


class DayPast(InvalidInput):
    """The day, or the template's first one, has passed."""

    code = "day_past"
    message = N_("This day has passed. Choose today or a later one.")

    def __init__(self, field: str = "day") -> None:
        super().__init__(field=field)


class DayTooFar(InvalidInput):
    """The day is further ahead than the calendar reaches."""

    code = "day_too_far"
    message = N_("This is too far ahead: choose a day until %(last)s.")

    def __init__(self, *, last: date, field: str = "day") -> None:
        super().__init__(field=field, last=last.isoformat())


class DayTooEarly(InvalidInput):
    """The opening day is earlier than any hall's, such as a day of the year 217."""

    code = "day_too_early"
    message = N_("Please check the year: the opening day is %(first)s or later.")
    field = "opened_on"

    def __init__(self, *, first: date) -> None:
        super().__init__(first=first.isoformat())


class DayClosedByHand(DomainError):
    """The whole day has been closed by hand, so no time of it can be open."""

    code = "day_closed_by_hand"
    message = N_("This day was closed as an exception. Open it in the calendar first.")

    def __init__(self, field: str = "day") -> None:
        super().__init__(field=field)


class SlotTaken(DomainError):
    """The programme has a slot at this start already."""

    code = "slot_taken"
    message = N_("This programme already has a time at this start. Change that one instead.")
    field = "starts"


class SlotOver(DomainError):
    """The slot has begun, so it stays as it is."""

    code = "slot_over"
    message = N_("This time has already begun, so it can no longer be changed.")


class PassesMidnight(InvalidInput):
    """A visit must end on the day on which it starts."""

    code = "passes_midnight"
    message = N_("A visit at %(starts)s of %(minutes)s minutes would run past midnight. Choose an earlier start.")

    def __init__(self, *, starts: time, minutes: int, field: str = "starts") -> None:
        super().__init__(field=field, starts=f"{starts:%H:%M}", minutes=minutes)


class SameTimeTwice(InvalidInput):
    """Two lines of a template are for the same weekday and time."""

    code = "same_time_twice"
    message = N_("The time %(starts)s is listed twice on the same weekday. Keep one of them.")
    field = "lines"

    def __init__(self, *, starts: time) -> None:
        super().__init__(starts=f"{starts:%H:%M}")


class TooManyTimes(InvalidInput):
    """A template has more lines than a week can use."""

    code = "too_many_times"
    message = N_("A week can have at most %(most)s times.")
    field = "lines"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class NumberOutOfRange(InvalidInput):
    """A number is smaller or larger than makes sense."""

    code = "number_out_of_range"
    message = N_("Enter a number from %(least)s to %(most)s.")

    def __init__(self, field: str, *, least: int, most: int) -> None:
        super().__init__(field=field, least=least, most=most)


class TextTooLong(InvalidInput):
    """A text is longer than its place."""

    code = "text_too_long"
    message = N_("This is too long: at most %(most)s characters.")

    def __init__(self, field: str, *, most: int) -> None:
        super().__init__(field=field, most=most)


class TextUnreadable(InvalidInput):
    """A text holds a character that no database stores: a NUL, or a lone surrogate."""

    code = "text_unreadable"
    message = N_("This contains a character that cannot be stored. Please enter it again.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class NameMissing(InvalidInput):
    """A programme needs a name in each language of its hall."""

    code = "name_missing"
    message = N_("Enter a name in each language that the hall uses.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class SlugInvalid(InvalidInput):
    """The short name of a programme is part of addresses."""

    code = "slug_invalid"
    message = N_("Use lower-case letters a to z, digits and single hyphens, at most 40.")
    field = "slug"


class ProgrammeExists(DomainError):
    """The hall has a programme of this short name."""

    code = "programme_exists"
    message = N_("There is already a programme with this web address name.")
    field = "slug"


class ProgrammeInactive(DomainError):
    """The programme is not offered at present."""

    code = "programme_inactive"
    message = N_("This programme is not offered at present. Switch it on first.")
    field = "programme"


class ModeFixed(DomainError):
    """A programme that has been booked keeps its mode, because people inside are counted by it."""

    code = "mode_fixed"
    message = N_("This programme has bookings, so on site or online cannot be changed. Add another programme instead.")
    field = "mode"


class GroupSizeCrossed(InvalidInput):
    """The smallest group would be larger than the largest one, for the hall or for a programme."""

    code = "group_size_crossed"
    message = N_("The smallest group is larger than the largest one.")

    def __init__(self, *, programme: str = "", field: str = "group_min") -> None:
        if programme:
            self.message = N_(
                "In the programme “%(programme)s” the smallest group would be larger than the largest one."
            )
        super().__init__(field=field, programme=programme)


class LargeGroupTooSmall(InvalidInput):
    """The largest group in several parts would not be larger than a group that needs no parts."""

    code = "large_group_too_small"
    message = N_("A group of %(most)s people fits into one time already: enter more, or leave this empty.")
    field = "large_group_max"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class NoticeBeyondWindow(InvalidInput):
    """The notice is longer than how far ahead one can book, so that nothing could ever be booked."""

    code = "notice_beyond_window"
    message = N_("With so few days ahead, a notice of more than %(most)s hours leaves nothing to book.")

    def __init__(self, *, most: int, field: str = "notice_hours") -> None:
        super().__init__(field=field, most=most)


class ChangeBeyondWindow(InvalidInput):
    """The deadline for changes is longer than the booking window, so no booking could ever be changed."""

    code = "change_beyond_window"
    message = N_("With so few days ahead, a deadline of more than %(most)s hours would never allow a change.")

    def __init__(self, *, most: int, field: str = "change_hours") -> None:
        super().__init__(field=field, most=most)


class NeverOpen(InvalidInput):
    """Every weekday is a closing day, and holidays do not open either."""

    code = "never_open"
    message = N_("The hall would never be open. Leave at least one weekday open.")
    field = "closed_weekdays"


class LanguagesMissing(InvalidInput):
    """No language, or an unknown one, was chosen."""

    code = "languages_missing"
    message = N_("Choose at least one language.")
    field = "languages"


class LanguageWithoutName(InvalidInput):
    """The hall has no name in one of the languages of its pages."""

    code = "language_without_name"
    message = N_("Enter the hall’s name in each language of its pages.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class AccentInvalid(InvalidInput):
    """The accent is not a colour as browsers send it."""

    code = "accent_invalid"
    message = N_("Enter a colour such as #b3261e.")
    field = "accent"


class AccentTooPale(InvalidInput):
    """White text on the accent could not be read. Source: WCAG 2.2, 1.4.3 (contrast of at least 4.5 to 1)."""

    code = "accent_too_pale"
    message = N_(
        "White text on this colour is hard to read (a contrast of %(contrast)s to 1; 4.5 to 1 is "
        "required). Choose a darker colour."
    )
    field = "accent"

    def __init__(self, *, contrast: float) -> None:
        super().__init__(contrast=f"{contrast:.1f}")


class GuidesTooFew(InvalidInput):
    """Fewer guides are on duty than one group of a programme takes."""

    code = "guides_too_few"
    message = N_("One group of the programme “%(programme)s” needs %(guides)s guides, which is more than are on duty.")

    def __init__(self, *, programme: str, guides: int, field: str = "guides_on_duty") -> None:
        super().__init__(field=field, programme=programme, guides=guides)


class InsideTooSmall(InvalidInput):
    """Not even the smallest group may be inside at once."""

    code = "inside_too_small"
    message = N_("The smallest group has %(people)s people, which is more than may be inside at once.")

    def __init__(self, *, people: int, field: str = "inside_capacity") -> None:
        super().__init__(field=field, people=people)


class LogoEmpty(InvalidInput):
    """No file, or one without content, was sent."""

    code = "logo_empty"
    message = N_("Choose a picture that is not empty.")
    field = "logo"


class LogoTooLarge(InvalidInput):
    """The file of the logo, or the picture in it, is too large."""

    code = "logo_too_large"
    message = N_("Choose a picture of %(most)s KB and %(side)s by %(side)s pixels at most.")
    field = "logo"

    def __init__(self, *, most: int, side: int = 2_000) -> None:
        super().__init__(most=most, side=side)


class LogoNotAnImage(InvalidInput):
    """The file is neither a PNG nor a JPEG, even if its name says so."""

    code = "logo_not_an_image"
    message = N_("Choose a picture in the format PNG or JPEG.")
    field = "logo"


class DaysCrossed(InvalidInput):
    """The last day of a range lies before its first one."""

    code = "days_crossed"
    message = N_("The last day is before the first one.")
    field = "last"


class TooManyDays(InvalidInput):
    """A range of days is longer than one change can be looked over."""

    code = "too_many_days"
    message = N_("Choose %(most)s days at most, and the others afterwards.")
    field = "last"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class HallExists(DomainError):
    """A hall of this short name has been created before."""

    code = "hall_exists"
    message = N_("There is already a hall named “%(slug)s”.")
    field = "slug"


class HostTaken(DomainError):
    """Another hall is reached by this host name."""

    code = "host_taken"
    message = N_("The host name “%(host)s” is already used by another hall.")
    field = "host"


class HallSlugInvalid(InvalidInput):
    """The short name of a hall cannot be part of an address; `slug` is the given text."""

    code = "slug_invalid"
    message = N_("“%(slug)s” cannot be used in web addresses: use lower-case letters, digits and single hyphens.")
    field = "slug"


class HostInvalid(InvalidInput):
    """The host of a hall is not a valid host name; `host` is the given text."""

    code = "host_invalid"
    message = N_("“%(host)s” is not a host name. A host name looks like visit.example.org.")
    field = "host"


class FactTooLong(InvalidInput):
    """A fact of a new hall is longer than its column: `text` is its beginning, `most` its characters."""

    code = "text_too_long"
    message = N_("“%(text)s…” is too long: %(most)d characters at most.")


class HomeDivisionUnknown(InvalidInput):
    """The home division of a new hall does not exist; `division` is the code that was given."""

    code = "division_unknown"
    message = N_("“%(division)s” is not the code of a place of this origin set. A code looks like %(example)s.")
    field = "home_division"


class TimeZoneUnknown(InvalidInput):
    """The time zone of a hall does not exist; `name` is the given text."""

    code = "time_zone_unknown"
    message = N_("“%(name)s” is not a time zone. A time zone looks like Asia/Shanghai.")
    field = "time_zone"


class TimesWouldMeet(DomainError):
    """A visit or talk to come would get the moment of one that has begun, because the new zone is ahead of the old."""

    code = "times_would_meet"
    message = N_(
        "In this time zone, a visit or a talk of today would be at the moment of an earlier one. Change the time zone "
        "after the last visit of the day."
    )
    field = "time_zone"


class CountryUnknown(InvalidInput):
    """There is no country of this code; `country` is the given text."""

    code = "country_unknown"
    message = N_("“%(country)s” is not the code of a country. A code has two letters, such as DE.")
    field = "country"


class HolidaysUnknown(InvalidInput):
    """There is no calendar of holidays of this name; `calendar` is the given text."""

    code = "holidays_unknown"
    message = N_("There is no holiday calendar “%(calendar)s”. A calendar looks like DE or DE-BE.")
    field = "holiday_calendar"


class TimeZoneMissing(InvalidInput):
    """The country of a new hall has several time zones, and none was named."""

    code = "time_zone_missing"
    message = N_("Name the time zone, such as %(example)s: %(country)s has several.")
    field = "time_zone"


class OpeningAfterVisits(DomainError):
    """Groups visit, or have booked, before the new opening day."""

    code = "opening_after_visits"
    message = N_("Groups have booked from %(first)s on. The opening day cannot be later.")
    field = "opened_on"

    def __init__(self, *, first: date) -> None:
        super().__init__(first=first.isoformat())
