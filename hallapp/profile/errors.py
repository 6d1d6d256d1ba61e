"""Refusals of pictures and notices."""

from hallapp.core.errors import N_, InvalidInput


class PictureEmpty(InvalidInput):
    """No file, or one without content, was sent."""

    code = "picture_empty"
    message = N_("Choose a picture that is not empty.")
    field = "file"


class PictureTooLarge(InvalidInput):
    """The file has too many bytes."""

    code = "picture_too_large"
    message = N_("Choose a picture of %(most)s MB at most.")
    field = "file"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class PictureHasTooManyPixels(InvalidInput):
    """The picture would take too much memory when it is unpacked, however small its file is."""

    code = "picture_too_many_pixels"
    message = N_("Choose a picture of %(most)s million pixels at most.")
    field = "file"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class PictureTooSmall(InvalidInput):
    """The picture would look blurred at its place."""

    code = "picture_too_small"
    message = N_("Choose a picture of at least %(width)s × %(height)s pixels.")
    field = "file"

    def __init__(self, *, width: int, height: int) -> None:
        super().__init__(width=width, height=height)


class PictureNotAnImage(InvalidInput):
    """The file is none of the formats that are taken, or damaged, even if its name says so."""

    code = "picture_not_an_image"
    message = N_("Choose a picture in the format JPEG, PNG or WebP.")
    field = "file"


class PictureUndescribed(InvalidInput):
    """The picture has no description in any language."""

    code = "picture_undescribed"
    message = N_("Describe the picture in a few words, for people who cannot see it.")
    field = "alt"


class PicturePlaceUnknown(InvalidInput):
    """The programme whose picture it would be does not exist."""

    code = "picture_place_unknown"
    message = N_("There is no such programme.")


class NoticeEmpty(InvalidInput):
    """The notice has no text in any language."""

    code = "notice_empty"
    message = N_("Enter the text of the notice in one language at least.")
    field = "text"


class NoticeDaysCrossed(InvalidInput):
    """The last day of the notice lies before its first one."""

    code = "notice_days_crossed"
    message = N_("The last day is before the first one.")
    field = "last"
