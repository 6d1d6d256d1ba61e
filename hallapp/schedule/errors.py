"""Refusals of the room `schedule`."""

from datetime import date, time

from hallapp.core.errors import N_, DomainError, InvalidInput


class SlotFull(DomainError):
    """The slot has too few places or guides left."""

    def __init__(self) -> None:
        super().__init__(
            "slot_full", N_("This time no longer has enough free places. Please choose another one."), "slot"
        )


class HolidaysNotAnnounced(DomainError):
    """The State Council has not announced the holidays of this year, or this version does not know them yet."""

    def __init__(self, year: int) -> None:
        super().__init__(
            "holidays_not_announced",
            N_("The statutory holidays of %(year)s are not known yet. Enter them by hand, or update hallapp later."),
            "year",
            year=str(year),  # as text: 2,027 is not a year
        )


class DayPast(InvalidInput):
    """The day, or the template's first one, has passed."""

    def __init__(self, field: str = "day") -> None:
        super().__init__("day_past", N_("This day has passed. Choose today or a later one."), field)


class DayTooFar(InvalidInput):
    """The day is further ahead than the calendar reaches."""

    def __init__(self, *, last: date, field: str = "day") -> None:
        super().__init__(
            "day_too_far", N_("This is too far ahead: choose a day until %(last)s."), field, last=last.isoformat()
        )


class DayClosedByHand(DomainError):
    """The whole day has been closed by hand, so no time of it can be open."""

    def __init__(self, field: str = "day") -> None:
        super().__init__(
            "day_closed_by_hand", N_("This day was closed as an exception. Open it in the calendar first."), field
        )


class SlotTaken(DomainError):
    """The programme has a slot at this start already."""

    def __init__(self) -> None:
        super().__init__(
            "slot_taken", N_("This programme already has a time at this start. Change that one instead."), "starts"
        )


class SlotOver(DomainError):
    """The slot has begun, so it stays as it is."""

    def __init__(self) -> None:
        super().__init__("slot_over", N_("This time has already begun, so it can no longer be changed."))


class PassesMidnight(InvalidInput):
    """A visit must end on the day on which it starts."""

    def __init__(self, *, starts: time, minutes: int, field: str = "starts") -> None:
        super().__init__(
            "passes_midnight",
            N_("A visit at %(starts)s of %(minutes)s minutes would run past midnight. Choose an earlier start."),
            field,
            starts=f"{starts:%H:%M}",
            minutes=minutes,
        )


class SameTimeTwice(InvalidInput):
    """Two lines of a template are for the same weekday and time."""

    def __init__(self, *, starts: time) -> None:
        super().__init__(
            "same_time_twice",
            N_("The time %(starts)s is listed twice on the same weekday. Keep one of them."),
            "lines",
            starts=f"{starts:%H:%M}",
        )


class TooManyTimes(InvalidInput):
    """A template has more lines than a week can use."""

    def __init__(self, *, most: int) -> None:
        super().__init__("too_many_times", N_("A week can have at most %(most)s times."), "lines", most=most)


class NumberOutOfRange(InvalidInput):
    """A number is smaller or larger than makes sense."""

    def __init__(self, field: str, *, least: int, most: int) -> None:
        super().__init__(
            "number_out_of_range", N_("Enter a number from %(least)s to %(most)s."), field, least=least, most=most
        )


class TextTooLong(InvalidInput):
    """A text is longer than its place."""

    def __init__(self, field: str, *, most: int) -> None:
        super().__init__("text_too_long", N_("This is too long: at most %(most)s characters."), field, most=most)


class TextUnreadable(InvalidInput):
    """A text holds what no database keeps: a NUL, or half of a character."""

    def __init__(self, field: str) -> None:
        super().__init__(
            "text_unreadable", N_("This contains a character that cannot be stored. Please enter it again."), field
        )


class NameMissing(InvalidInput):
    """A programme needs a name in each language of its hall."""

    def __init__(self, field: str) -> None:
        super().__init__("name_missing", N_("Enter a name in each language that the hall uses."), field)


class SlugInvalid(InvalidInput):
    """The short name of a programme is part of addresses."""

    def __init__(self) -> None:
        super().__init__(
            "slug_invalid", N_("Use lower-case letters a to z, digits and single hyphens, at most 40."), "slug"
        )


class ProgrammeExists(DomainError):
    """The hall has a programme of this short name."""

    def __init__(self) -> None:
        super().__init__("programme_exists", N_("There is already a programme with this web address name."), "slug")


class ProgrammeInactive(DomainError):
    """The programme is not offered at present."""

    def __init__(self) -> None:
        super().__init__(
            "programme_inactive", N_("This programme is not offered at present. Switch it on first."), "programme"
        )


class ModeFixed(DomainError):
    """A programme that has been booked keeps its mode, because people inside are counted by it."""

    def __init__(self) -> None:
        super().__init__(
            "mode_fixed",
            N_("This programme has bookings, so on site or online cannot be changed. Add another programme instead."),
            "mode",
        )


class GroupSizeCrossed(InvalidInput):
    """The smallest group would be larger than the largest one, for the hall or for a programme."""

    def __init__(self, *, programme: str = "", field: str = "group_min") -> None:
        message = (
            N_("In the programme “%(programme)s” the smallest group would be larger than the largest one.")
            if programme
            else N_("The smallest group is larger than the largest one.")
        )
        super().__init__("group_size_crossed", message, field, programme=programme)


class NoticeBeyondWindow(InvalidInput):
    """The notice is longer than how far ahead one can book, so that nothing could ever be booked."""

    def __init__(self, *, most: int, field: str = "notice_hours") -> None:
        super().__init__(
            "notice_beyond_window",
            N_("With so few days ahead, a notice of more than %(most)s hours leaves nothing to book."),
            field,
            most=most,
        )


class ChangeBeyondWindow(InvalidInput):
    """The deadline for changes is longer than the booking window, so no booking could ever be changed."""

    def __init__(self, *, most: int, field: str = "change_hours") -> None:
        super().__init__(
            "change_beyond_window",
            N_("With so few days ahead, a deadline of more than %(most)s hours would never allow a change."),
            field,
            most=most,
        )


class NeverOpen(InvalidInput):
    """Every weekday is a closing day, and holidays do not open either."""

    def __init__(self) -> None:
        super().__init__(
            "never_open", N_("The hall would never be open. Leave at least one weekday open."), "closed_weekdays"
        )


class PauseMissing(InvalidInput):
    """The no-show rule has a count but no pause."""

    def __init__(self) -> None:
        super().__init__(
            "pause_missing",
            N_("The no-show rule needs a pause of at least one day; a count of 0 switches the rule off."),
            "no_show_pause_days",
        )


class NoShowPeriodMissing(InvalidInput):
    """The no-show rule has a count but no period in which it is counted."""

    def __init__(self) -> None:
        super().__init__(
            "no_show_period_missing",
            N_("The no-show rule needs a period of at least one month; a count of 0 switches the rule off."),
            "no_show_months",
        )


class NoShowPeriodTooLong(InvalidInput):
    """Contact details are erased before the period of the no-show rule ends, so that it could not be applied."""

    def __init__(self, *, months: int) -> None:
        super().__init__(
            "no_show_period_too_long",
            N_("Contact details are erased after %(months)s months: no-shows cannot be counted for longer."),
            "no_show_months",
            months=months,
        )


class LanguagesMissing(InvalidInput):
    """No language, or an unknown one, was chosen."""

    def __init__(self) -> None:
        super().__init__("languages_missing", N_("Choose at least one language."), "languages")


class LanguageWithoutName(InvalidInput):
    """The hall has no name in one of the languages of its pages."""

    def __init__(self, field: str) -> None:
        super().__init__("language_without_name", N_("Enter the hall’s name in each language of its pages."), field)


class AccentInvalid(InvalidInput):
    """The accent is not a colour as browsers send it."""

    def __init__(self) -> None:
        super().__init__("accent_invalid", N_("Enter a colour such as #b3261e."), "accent")


class AccentTooPale(InvalidInput):
    """White text on the accent could not be read. Source: WCAG 2.2, 1.4.3 (contrast of at least 4.5 to 1)."""

    def __init__(self, *, contrast: float) -> None:
        super().__init__(
            "accent_too_pale",
            N_(
                "White text on this colour is hard to read (a contrast of %(contrast)s to 1; 4.5 to 1 is "
                "required). Choose a darker colour."
            ),
            "accent",
            contrast=f"{contrast:.1f}",
        )


class GuidesTooFew(InvalidInput):
    """Fewer guides are on duty than one group of a programme takes."""

    def __init__(self, *, programme: str, guides: int, field: str = "guides_on_duty") -> None:
        super().__init__(
            "guides_too_few",
            N_("One group of the programme “%(programme)s” needs %(guides)s guides, which is more than are on duty."),
            field,
            programme=programme,
            guides=guides,
        )


class InsideTooSmall(InvalidInput):
    """Not even the smallest group may be inside at once."""

    def __init__(self, *, people: int, field: str = "inside_capacity") -> None:
        super().__init__(
            "inside_too_small",
            N_("The smallest group has %(people)s people, which is more than may be inside at once."),
            field,
            people=people,
        )


class LogoEmpty(InvalidInput):
    """No file, or one without content, was sent."""

    def __init__(self) -> None:
        super().__init__("logo_empty", N_("Choose a picture that is not empty."), "logo")


class LogoTooLarge(InvalidInput):
    """The file of the logo, or the picture in it, is too large."""

    def __init__(self, *, most: int, side: int = 2_000) -> None:
        super().__init__(
            "logo_too_large",
            N_("Choose a picture of %(most)s KB and %(side)s by %(side)s pixels at most."),
            "logo",
            most=most,
            side=side,
        )


class LogoNotAnImage(InvalidInput):
    """The file is neither a PNG nor a JPEG, whatever its name says."""

    def __init__(self) -> None:
        super().__init__("logo_not_an_image", N_("Choose a picture in the format PNG or JPEG."), "logo")


class DaysCrossed(InvalidInput):
    """The last day of a range lies before its first one."""

    def __init__(self) -> None:
        super().__init__("days_crossed", N_("The last day is before the first one."), "last")


class TooManyDays(InvalidInput):
    """A range of days is longer than one change can be looked over."""

    def __init__(self, *, most: int) -> None:
        super().__init__(
            "too_many_days", N_("Choose %(most)s days at most, and the others afterwards."), "last", most=most
        )
