"""The page of the hall's rule for no-shows: its steps, and a preview of what a change would do."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field, Form, FormField, SelectChoice, SelectField

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.setup.no_show_preview import Effect, preview
from hallapp.admin.setup.web.forms import SettingsForm
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.access import allow
from hallapp.core.web.fields import Described, EnumField, LineList, NumberField
from hallapp.core.web.forms import submit_form
from hallapp.schedule import checks, policies
from hallapp.schedule.models import Hall
from hallapp.schedule.no_shows import MOST_TIERS, Consequence, NoShowScope, Tier, Tiers, Unit
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("no_shows", __name__)

SCOPE_NAMES = {
    NoShowScope.PHONE: _l("The phone number"),
    NoShowScope.ORGANISATION: _l("The organisation"),
    NoShowScope.EITHER: _l("Either of the two"),
}
CONSEQUENCE_NAMES = {
    Consequence.REMIND: _l("Only the message about the missed visit"),
    Consequence.REVIEW: _l("The staff confirm each online booking"),
    Consequence.PAUSE: _l("Online booking is paused"),
}
UNIT_NAMES = {Unit.DAYS: _l("days"), Unit.MONTHS: _l("months")}


class TierForm(Described, Form):  # type: ignore[misc]
    """One step of the rule; a line without numbers is no step."""

    count = NumberField(_l("No-shows"))
    within = NumberField(_l("Within"))
    unit = SelectField(
        _l("Unit"),
        choices=[SelectChoice(one.value, name) for one, name in UNIT_NAMES.items()],
        default=Unit.MONTHS.value,
    )
    consequence = SelectField(
        _l("Consequence"), choices=[SelectChoice(one.value, name) for one, name in CONSEQUENCE_NAMES.items()]
    )
    days = NumberField(_l("For how many days"), required=False)

    @property
    def blank(self) -> bool:
        """Return whether nothing was typed here; the choices alone are no step."""
        return not any(field.raw_data and field.raw_data[0].strip() for field in (self.count, self.within, self.days))

    def tier(self) -> Tier:
        """Return the step. The form must have been found valid."""
        unit, consequence = Unit(self.unit.data), Consequence(self.consequence.data)
        return Tier(self.count.data, self.within.data, unit, consequence, self.days.data or 0)


class NoShowForm(SettingsForm):
    """The rule for no-shows: as many lines as there may be steps, and the identity by which a group is known."""

    no_show_tiers = LineList(FormField(TierForm), min_entries=MOST_TIERS, max_entries=MOST_TIERS)
    no_show_scope = EnumField(_l("A group is recognised by"), enum=NoShowScope, names=SCOPE_NAMES)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything; lines in which nothing was typed do not count."""
        self.no_show_tiers.entries = [line for line in self.no_show_tiers if not line.form.blank]
        return bool(super().validate(extra_validators))

    def complete(self) -> "NoShowForm":
        """Add empty lines, up to as many as there may be steps, for the page."""
        while len(self.no_show_tiers) < MOST_TIERS:
            self.no_show_tiers.append_entry()
        for number, line in enumerate(self.no_show_tiers):  # blank lines between steps are gone
            for field in line.form:
                field.id = field.name = f"no_show_tiers-{number}-{field.short_name}"
        return self

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field of a step beside which a refusal is shown; steps are counted without blank lines."""
        name, _separator, rest = (error.field or "").partition("-")
        number, _separator, column = rest.partition("-")
        if name != self.no_show_tiers.name or not number:
            return super().field_of(error)
        return self.no_show_tiers[int(number)].form[column]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of its field, those of the steps first."""
        for line in self.no_show_tiers:
            for field in line.form:
                yield from ((field.id, str(message)) for message in field.errors)
        yield from super().problems()

    def tiers(self) -> Tiers:
        """Return the steps. The form must have been found valid."""
        return tuple(line.form.tier() for line in self.no_show_tiers)

    @classmethod
    def of(cls, hall: Hall) -> "NoShowForm":
        """Return the form with the hall's present rule."""
        steps = [
            {
                "count": tier.count,
                "within": tier.within,
                "unit": tier.unit.value,
                "consequence": tier.consequence.value,
                "days": tier.days or None,
            }
            for tier in hall.no_show_tiers
        ]
        return cls(formdata=None, data={"no_show_tiers": steps, "no_show_scope": hall.no_show_scope})


@blueprint.get("/admin/no-shows")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the rule for no-shows."""
    hall = get_current_hall()
    return _page(hall, NoShowForm.of(hall))


@blueprint.post("/admin/no-shows")
@allow(Permission.SETTINGS_CHANGE)
def save() -> ResponseReturnValue:
    """Save the rule, or show what it would do."""
    form = NoShowForm(request.form)
    act = _preview if "preview" in request.form else _save
    return submit_form(form, lambda: act(form), lambda: _page(get_current_hall(), form))


def _save(form: NoShowForm) -> ResponseReturnValue:
    staff = get_staff()
    with transaction():
        policies.save_no_shows(staff.hall_id, form.tiers(), form.no_show_scope.data, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


def _preview(form: NoShowForm) -> ResponseReturnValue:
    hall, tiers = get_current_hall(), form.tiers()
    checks.check_tiers(tiers, retention_months=hall.retention_months)
    return _page(hall, form, tiers=tiers, effects=preview(hall, tiers, form.no_show_scope.data))


def _page(hall: Hall, form: NoShowForm, *, tiers: Tiers = (), effects: Sequence[Effect] = ()) -> str:
    return render_template(
        "admin/setup/no_shows.html",
        hall=hall,
        form=form.complete(),
        tiers=tiers,
        effects=effects,
        consequence_names=CONSEQUENCE_NAMES,
    )
