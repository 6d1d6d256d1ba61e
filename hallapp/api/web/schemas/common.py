"""Parts of documents that several groups of views use: types of fields, problems, pages of lists."""

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from hallapp.booking.managing.web.forms import plain

MOST_ROWS = 200
LARGEST = 2**31 - 1
SLUG = r"^[A-Za-z0-9_-]{1,40}$"


class Whole(fields.Integer):
    """A whole number as JSON writes it: not a text, and not true or false."""

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class YesNo(fields.Boolean):
    """True or false as JSON writes them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


def one_of(names: Any, **kwargs: Any) -> fields.String:
    """Return a field with one of these words."""
    return fields.String(validate=validate.OneOf([str(name) for name in names]), **kwargs)


def text(most: int, least: int = 0, **kwargs: Any) -> fields.String:
    """Return a field of text. The length is generous: the form knows what fits."""
    return fields.String(validate=validate.Length(min=least, max=most), **kwargs)


class Words(fields.String):
    """Words for people that no form checks. As in the forms of the staff, control characters are left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        read = super()._deserialize(value, attr, data, **kwargs)
        return plain(read.encode(errors="ignore").decode())  # JSON can hold halves of a character


def words(most: int, least: int = 0, **kwargs: Any) -> Words:
    """Return a field of words."""
    return Words(validate=validate.Length(min=least, max=most), **kwargs)


class Sent(Schema):
    """A document that a program sends: unknown names are refused."""

    class Meta:
        """Refuse unknown names."""

        unknown = RAISE


class Nothing(Sent):
    """An empty document."""


class Answer(Schema):
    """A document that the API sends. It says nothing of other fields: new ones can appear at any time."""

    class Meta:
        """Let the document allow unknown names."""

        unknown = EXCLUDE


class FieldProblem(Answer):
    """An error of one value of the request."""

    pointer = fields.String(required=True, metadata={"description": "A JSON pointer into the request (RFC 6901)"})
    detail = fields.String(required=True)


class Problem(Answer):
    """An error (RFC 9457). Programs decide by `code`; `detail` is for people, in the language of Accept-Language."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem), required=True)
    request_id = fields.String(required=True)
    params = fields.Dict(metadata={"description": "The values of `detail`, such as `left` and `asked` of `slot_full`"})
    overridable = fields.Boolean(
        metadata={
            "description": "Of the desk: a key with the scope `desk.override` can admit the group with a `reason`"
        }
    )
    confirm = fields.Dict(metadata={"description": "Of the desk: the fields that confirm the request when added to it"})
    bookings = fields.List(
        fields.String(), metadata={"description": "Of `duplicate`: the bookings that the group has on that day"}
    )
    day = fields.Date(metadata={"description": "Of `date_refused`: the date of the series that cannot be booked"})
    cause = fields.Dict(metadata={"description": "Of `date_refused`: the problem of this date"})


def texts(**kwargs: Any) -> fields.Dict:
    """Return a field with a text in each language of the hall."""
    return fields.Dict(keys=fields.String(), values=fields.String(), required=True, **kwargs)


def people(most: int = 9999, least: int = 0, **kwargs: Any) -> Whole:
    """Return a field with a number of people."""
    return Whole(validate=validate.Range(min=least, max=most), **kwargs)


def people_by_place(**kwargs: Any) -> fields.Dict:
    """Return the field with numbers of people by the code of their place of origin."""
    return fields.Dict(keys=fields.String(), values=people(), **kwargs)


def slot_id(**kwargs: Any) -> Whole:
    """Return a field with the number of a slot."""
    return Whole(validate=validate.Range(min=1, max=LARGEST), **kwargs)


class Page(Answer):
    """A page of a list: `next` is the cursor of the page that follows, or null."""

    next = fields.String(required=True, allow_none=True)


class PageQuery(Schema):
    """The arguments of a list."""

    cursor = text(1000, 1)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST_ROWS))


def people_by_category(**kwargs: Any) -> fields.Dict:
    """Return the field with numbers of people by the number of their category."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp("^[1-9][0-9]{0,5}$")),
        values=people(),
        **kwargs,
    )


_RULES = ("organiser", "staff")


def rules() -> fields.String:
    """Return the field that says by whose rules an act is done; the organiser's are the stricter ones."""
    return one_of(_RULES, load_default="organiser", dump_default="organiser")
