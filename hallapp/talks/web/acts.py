"""The buttons of a talk, which the page of a host and the staff's page of all talks share, and the answer to each.

The page that sent a form shows its refusal beside the talk. No cache keeps a page about talks.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.booking import phones
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import private
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.models import Hall
from hallapp.talks import service
from hallapp.talks.models import MODE_NAMES, TALK_STATE_NAMES, Talk
from hallapp.talks.web.forms import CancelForm

#: Finds a talk by the number in an address, for the people of one page; aborts with 404 for everyone else.
Get = Callable[[str], Talk]


class Page(Protocol):
    """A page with talks; `refused` is the number of the talk that `message` is about."""

    def __call__(
        self, *, refused: int | None = None, message: str = "", cancel_form: CancelForm | None = None
    ) -> Response:
        """Render the page."""


def perform(number: str, verb: Callable[[Talk], None], *, get: Get, page: Page) -> ResponseReturnValue:
    """Do what a button of a talk says, and lead back to the talk; or show the page with the refusal."""
    get(number)

    def refused(error: DomainError) -> Response:
        return page(refused=get_number(number), message=translate(error))

    return attempt(lambda: act(number, verb, get=get), refused)


def cancel(number: str, by: service.By, *, get: Get, page: Page) -> ResponseReturnValue:
    """Cancel a talk with the reason of the form, or show the page with the error in the form."""
    form = CancelForm()
    get(number)
    return submit_form(
        form,
        lambda: act(number, lambda talk: service.cancel(talk, reason=form.reason.data or "", by=by), get=get),
        lambda: page(refused=get_number(number), message=" ".join(form.reason.errors), cancel_form=form),
    )


def act(number: str, verb: Callable[[Talk], None], *, get: Get) -> ResponseReturnValue:
    """Do something with a talk in a transaction, and lead back to it on its page. Raises DomainError."""
    with transaction():
        verb(get(number))
    return redirect(url_for(".index", _anchor=f"talk-{get_number(number)}"), 303)


def render(template: str, hall: Hall, *, shown: Collection[Talk], **values: Any) -> Response:
    """Render a page about talks; `shown` are all that it lists, so that a refusal about another one is not lost."""
    html = render_template(
        template,
        hall=hall,
        listed={talk.number for talk in shown},
        now=clock.now(),
        state_names=TALK_STATE_NAMES,
        mode_names=MODE_NAMES,
        language_names=TOUR_LANGUAGE_NAMES,
        phone_display=phones.display,
        **values,
    )
    return private(html)
