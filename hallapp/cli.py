"""Commands: thin, over the services of the rooms. Errors are one line on standard error and a non-zero exit."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import click
import flask_migrate
from flask import Flask, current_app

from hallapp.accounts import joining, twostep
from hallapp.accounts import queries as people
from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Role
from hallapp.backups.cli import backup, restore
from hallapp.booking import line, proofs
from hallapp.booking import recount as counters
from hallapp.core import limits, servicekey
from hallapp.core.cli import NUMBER, Group, one_line_errors
from hallapp.core.database import hold_names, transaction
from hallapp.core.regions import CHINA
from hallapp.core.text import counted
from hallapp.demo import service as demonstration
from hallapp.doctor.cli import doctor
from hallapp.first_run import service as first_run
from hallapp.jobs import files
from hallapp.jobs import runner as jobs_runner
from hallapp.notifications import queries as messages
from hallapp.notifications import sender
from hallapp.notifications.models import Channel
from hallapp.notifications.transports import ServerAway
from hallapp.points.cli import points
from hallapp.reports.cli import reports
from hallapp.reports.network import service as network
from hallapp.schedule import publishing, starter
from hallapp.schedule import queries as schedule
from hallapp.schedule import service as places
from hallapp.schedule.addresses import base_url
from hallapp.schedule.cli import get_hall, list_halls
from hallapp.schedule.models import Hall
from hallapp.signon.cli import signon
from hallapp.tasks import service as tasks
from hallapp.worker import bodies, performing
from hallapp.worker.bodies import Report
from hallapp.worker.cli import worker

hall = Group("hall", help="Set up a hall.")
staff = Group("staff", help="Staff accounts.")
slots = Group("slots", help="Slots made from the weekly opening template.")
bookings = Group("bookings", help="Bookings.")
outbox = Group("outbox", help="Messages waiting to be sent.")
jobs = Group("jobs", help="Long work in the background.")


def init_app(app: Flask) -> None:
    """Register the command groups."""
    hall.add_command(backup)
    hall.add_command(restore)
    hall.add_command(doctor)
    for group in (hall, staff, signon, slots, bookings, reports, points, outbox, jobs, worker):
        app.cli.add_command(group)


@hall.command("setup")
@click.option(
    "--slug", default="hall", show_default=True, help="Short name for commands: lower-case letters and digits."
)
@click.option("--name-zh", default="", help="Chinese name; with --name-en or alone it creates a hall.")
@click.option("--name-en", default="", help="English name.")
@click.option("--opened-on", type=click.DateTime(["%Y-%m-%d"]), help="First day of opening; default: today.")
@click.option("--country", default=CHINA, show_default=True, help="ISO 3166-1 code of its country, such as DE.")
@click.option("--holidays", "holiday_calendar", help="Calendar of public holidays, such as DE-BE; empty for none.")
@click.option("--time-zone", help="IANA name; default: that of the country, where it has only one.")
@click.option("--origin-set", default="cn", show_default=True, help="Places of origin: cn, world, or a country's code.")
@click.option("--home-division", default="440000", show_default=True, help="Code of the hall's own place in that set.")
@click.option("--host", help="Host name of its visitors, where several halls share one service.")
@click.option("--phone", default="", help="Phone number for visitors.")
@click.option("--address-zh", default="")
@click.option("--address-en", default="")
@click.option("--publish", is_flag=True, help="Open its pages to everyone at once; default: a draft that staff see.")
@click.option("--demo-if-empty", is_flag=True, help="Without a name: then do what `hall demo --if-empty` does.")
@click.option("--new-key", is_flag=True, help="Go on with the secret key of this host; the service's own is lost.")
@one_line_errors
def set_up_hall(
    *,
    name_zh: str,
    name_en: str,
    address_zh: str,
    address_en: str,
    opened_on: datetime | None,
    publish: bool,
    demo_if_empty: bool,
    new_key: bool,
    **facts: Any,
) -> None:
    """Migrate the database; with a name, create a hall, its programmes and its slots. Harmless when run again.

    While there is no hall, it prints a code that opens the first steps in a browser; a new code replaces the last one.
    """
    flask_migrate.upgrade()
    with transaction():
        hold_names(starter.MAKING_HALLS)
        servicekey.record(new_key=new_key)
    files.remove_old_folders(current_app.config["SETTINGS"].instance)
    if not (name_zh or name_en):
        if demo_if_empty:
            make_demonstration(if_empty=True)
        print_setup_code()
        return
    with transaction():
        hold_names(starter.MAKING_HALLS)
        if schedule.find_hall(facts["slug"]):
            click.echo(f"The hall {facts['slug']} exists; nothing was changed.")
            return
        created = starter.create_hall(
            starter.CreateHall(
                name={"zh": name_zh, "en": name_en},
                address={"zh": address_zh, "en": address_en},
                opened_on=opened_on.date() if opened_on else None,
                draft=not publish,
                **facts,
            )
        )
        count = places.extend_slots(created)
    days = counted(created.days_ahead, "day")
    click.echo(f"Created the hall {created.slug} with {counted(count, 'slot')} for the next {days}.")
    click.echo("Next: flask --app wsgi staff add NAME --role admin --password-stdin")
    if created.draft:
        click.echo(f"It is a draft: only staff see its pages until flask --app wsgi hall publish --hall {created.slug}")


def print_setup_code() -> None:
    """Print a new code for the first run in a browser, if there is no hall yet."""
    with transaction():
        code = first_run.make_code()
    if code:
        address = current_app.config["SETTINGS"].base_url
        click.echo(f"There is no hall yet. Open {address}/ in a browser and enter this code once: {code}")


@hall.command("publish")
@click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
@one_line_errors
def publish_hall(slug: str | None) -> None:
    """Open the pages of a hall to everyone, so that it can be booked; a manager can do so in the settings."""
    at = get_hall(slug)
    with transaction():
        publishing.publish(at.id, None)
    click.echo(f"The hall {at.slug} is published: {base_url(at)}")


@hall.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing if there is already a hall, or with HALL_DEMO=off.")
@one_line_errors
def fill_demonstration(*, if_empty: bool) -> None:
    """Fill an empty database with a demonstration hall, its staff, and three months of made-up visits."""
    make_demonstration(if_empty=if_empty)


def make_demonstration(*, if_empty: bool) -> None:
    """Make the demonstration hall, and print its passwords."""
    if if_empty and not current_app.config["SETTINGS"].demo:
        return
    with transaction():
        hold_names(starter.MAKING_HALLS)
        if if_empty and schedule.list_halls():
            return
        accounts = demonstration.fill()
    click.echo("A demonstration hall has been made. Its staff, with passwords that are shown only now:")
    for account in accounts:
        click.echo(f"  {account.name:<8} {account.password}")
    with transaction():
        demonstration.close_years()


@slots.command("extend")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def extend_slots(slug: str | None) -> None:
    """Bring the slots of the coming days up to the calendar and the weekly templates; run it daily."""
    for each in list_halls(slug):
        count = performing.run_now(each, "slots").count
        click.echo(f"{each.slug}: {counted(count, 'new slot')}")
        days = sorted({change.slot.day.isoformat() for change in places.list_unsettled(each)})
        if days:
            click.echo(
                f"{each.slug}: bookings on {', '.join(days)} are hit by the rules and stay; settle them in the calendar"
            )


@slots.command("holidays")
@click.argument("year", type=click.IntRange(2000, 2200))
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def seed_holidays(year: int, slug: str | None) -> None:
    """Write the statutory holidays and make-up working days of a year into the calendar, once."""
    for each in list_halls(slug):
        with transaction():
            count = places.seed_holidays(each, year)
            places.extend_slots(each)
        click.echo(f"{each.slug}: {counted(count, 'day')} of {year} written")


@bookings.command("erase")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def erase_bookings(slug: str | None) -> None:
    """Erase the contact details of visits long past, as the booking page promises; run it daily.

    Ended sessions of the staff, and refused sign-ins of more than 30 days ago, are deleted too.
    """
    for each in list_halls(slug):
        count = performing.run_now(each, "erasure").count
        click.echo(f"{each.slug}: the contact details of {counted(count, 'booking')} erased")


@bookings.command("absent")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def mark_absent(slug: str | None) -> None:
    """Mark the bookings of past days without arrivals, and pause groups by the hall's rule; run it every night."""
    for each in list_halls(slug):
        count = performing.run_now(each, "absences").count
        click.echo(f"{each.slug}: {counted(count, 'booking')} marked as {'a no-show' if count == 1 else 'no-shows'}")


@bookings.command("tend")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def tend_bookings(slug: str | None) -> None:
    """Let expired offers lapse, and offer their places on; run it every few minutes."""
    for each in list_halls(slug):
        count = performing.run_now(each, "offers").count
        click.echo(f"{each.slug}: {counted(count, 'booking')} lapsed")


@bookings.command("remind")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def remind_bookings(slug: str | None) -> None:
    """Remind those who are expected tomorrow, each once; run it every day, in the morning."""
    for each in list_halls(slug):
        count = performing.run_now(each, "reminders").count
        click.echo(f"{each.slug}: {counted(count, 'booking')} reminded")


@bookings.command("thank")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def thank_bookings(slug: str | None) -> None:
    """Thank the groups that came, each once, with the way to their feedback; run it every day, in the evening."""
    for each in list_halls(slug):
        count = performing.run_now(each, "thanks").count
        click.echo(f"{each.slug}: {counted(count, 'booking')} thanked")


@bookings.command("recount")
@click.option("--repair", is_flag=True, help="Correct the counters from the bookings.")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def recount_bookings(*, repair: bool, slug: str | None) -> None:
    """Recount the used places, guides and people inside of each slot from the bookings, and report differences."""
    wrong = 0
    for each in list_halls(slug):
        differences = _recount(each, repair=repair)
        for one in differences:
            click.echo(
                f"{each.slug} {one.day} slot {one.slot_id} {one.counter}: {one.counted} by bookings, kept {one.stored}"
            )
        click.echo(
            f"{each.slug}: {counted(len(differences), 'difference')}{' put right' if differences and repair else ''}"
        )
        wrong += 0 if repair else len(differences)
    if wrong:
        raise click.ClickException("counters differ from the bookings; run again with --repair to put them right")


def _recount(at: Hall, *, repair: bool) -> Sequence[counters.Difference]:
    found: list[counters.Difference] = []

    def body(_hall: Hall) -> Report:
        with transaction():
            found.extend(counters.recount(at.id, repair=repair))
        return bodies.of_places(len(found), repaired=repair)

    performing.run_now(at, "places_recount", body)
    return found


_password_stdin = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input; default: ask for it.",
)


_first_password = click.option(
    "--must-change/--keep-password",
    default=None,
    help="Whether the password must be changed at the first sign-in, before any other page opens.",
)


@staff.command("add")
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="The role of the account."
)
@_password_stdin
@_first_password
@click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
@click.option(
    "--halls", "others", default="", help="Short names of further halls whose totals it may read, with commas."
)
@one_line_errors
def add_staff(
    *, name: str, role: str, password_stdin: bool, must_change: bool | None, slug: str | None, others: str
) -> None:
    """Open a staff account. A typed password must be changed at the first sign-in; one given by a script need not."""
    at, password = get_hall(slug), _password(from_stdin=password_stdin)
    first = not password_stdin if must_change is None else must_change
    with transaction():
        added = accounts.add_staff(
            hall_id=at.id, name=name, role=Role(role), password=password, must_change_password=first
        )
        for other in filter(None, map(str.strip, others.split(","))):
            network.grant(get_hall(other).id, added.name, by=None)
    click.echo(f"Added {added.name} ({added.role.value}) to the hall {at.slug}.")


@staff.command("list")
@one_line_errors
def list_staff() -> None:
    """List the staff accounts of every hall."""
    slugs = {each.id: each.slug for each in schedule.list_halls()}
    for each in people.list_staff():
        state = "" if each.active else "  deactivated"
        click.echo(f"{slugs[each.hall_id]}  {each.role.value:<8}  {each.name}{state}")


@staff.command("password")
@click.argument("name")
@_password_stdin
@_first_password
@one_line_errors
def change_password(*, name: str, password_stdin: bool, must_change: bool | None) -> None:
    """Give an account another first password; its open sessions end."""
    accounts.get_staff_by_name(name)
    password = _password(from_stdin=password_stdin)
    with transaction():
        changed = accounts.change_password(name=name, password=password, must_change_password=must_change is not False)
    click.echo(f"Changed the password of {changed.name}; its sessions have ended.")


@staff.command("deactivate")
@click.argument("name")
@one_line_errors
def deactivate_staff(name: str) -> None:
    """Close an account: it can no longer sign in, and its open sessions end."""
    with transaction():
        closed = accounts.deactivate(name=name)
    click.echo(f"Deactivated {closed.name}; its sessions have ended.")


@staff.command("reset")
@click.argument("name")
@one_line_errors
def reset_staff(name: str) -> None:
    """Print a link for setting an account's password; the old password and its sessions end."""
    with transaction():
        given = joining.reset(accounts.get_staff_by_name(name), by=None)
    at = schedule.get_hall(given.staff.hall_id)
    click.echo(f"{given.staff.name} sets a password here, once, within {joining.LINK_DAYS} days:")
    click.echo(f"{base_url(at)}/invitations/{given.token}")


@staff.command("totp-off")
@click.argument("name")
@one_line_errors
def switch_off_two_step(name: str) -> None:
    """Turn off the two-step codes of a person who has lost the phone; their open sessions end."""
    with transaction():
        found = accounts.get_staff_by_name(name)
        had = found.has_two_step
        twostep.switch_off(found, by=None)
    click.echo(f"{found.name} {'has no two-step codes any more; its sessions have ended' if had else 'had none'}.")


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("the password is not UTF-8 text") from None


@outbox.command("run")
@click.option("--limit", type=click.IntRange(min=1), help="Try this many messages at most.")
@one_line_errors
def run_outbox(limit: int | None) -> None:
    """Send the messages that are due; run it every minute. Several runs at once do no harm."""
    with transaction():
        limits.sweep()
        proofs.sweep()
        line.sweep()
    settings = current_app.config["SETTINGS"]
    tally = sender.Tally()
    away: list[str] = []
    if not settings.mail_url:
        due = messages.count_due()
        stay, them = ("stays", "it") if due == 1 else ("stay", "them")
        click.echo(f"HALL_MAIL_URL is not set: {counted(due, 'message')} {stay} here; `outbox list` shows {them}.")
    else:
        tally += _try_to_send(away, partial(sender.run, mail_url=settings.mail_url, base_url=settings.base_url), limit)
    if settings.sms_url:
        tally += _try_to_send(away, partial(sender.run_sms, sms_url=settings.sms_url), limit)
    tally += sender.run_registered(limit=limit)
    if tally.tried or ((settings.mail_url or settings.sms_url) and not away):
        click.echo(f"{tally.sent} sent, {tally.put_off} put off, {tally.given_up} given up")
    if away:
        waiting = sum(messages.count_due(channel) for channel in Channel)
        raise click.ClickException(
            f"{'; '.join(away)}; {counted(waiting, 'message')} {'waits' if waiting == 1 else 'wait'}"
        )


def _try_to_send(away: list[str], run: Callable[..., sender.Tally], limit: int | None) -> sender.Tally:
    """Run one channel; an unreachable server does not hold back the other channel's messages."""
    try:
        return run(limit=limit)
    except ServerAway as error:
        away.append(str(error))
        return sender.Tally()


@outbox.command("list")
@click.option("--limit", type=NUMBER, default=20, show_default=True, help="Number of messages, newest first.")
@one_line_errors
def list_outbox(limit: int) -> None:
    """List the newest messages."""
    for each in messages.list_messages(limit=limit):
        state = each.state.value + (f" ({each.last_error})" if each.last_error else "")
        click.echo(f"{each.id}  {each.created_at:%Y-%m-%d %H:%M}Z  {each.recipient}  {each.subject}  {state}")


@outbox.command("show")
@click.argument("number", type=NUMBER)
@one_line_errors
def show_message(number: int) -> None:
    """Show one message as it is sent."""
    message = messages.find_message(number)
    if message is None:
        raise click.ClickException(f"there is no message {number}")
    click.echo(f"To: {message.recipient}\nSubject: {message.subject}\n\n{message.body}")


@jobs.command("run")
@click.option("--nice", type=click.IntRange(0, 19), default=0, help="Niceness of the process.")
@one_line_errors
def run_jobs(nice: int) -> None:
    """Do the long work that waits, until none is left; the worker does it by itself. Several do no harm."""
    os.nice(nice)
    with transaction():
        tasks.show_life(f"{socket.gethostname()[:80]}: jobs run")  # pages warn if no worker runs
    taken = jobs_runner.run(most=current_app.config["SETTINGS"].jobs_at_once)
    click.echo(f"{counted(taken, 'job')} taken up")
