"""`hall backup` and `hall restore`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hallapp.backups import checking, service
from hallapp.core import clock, runtime
from hallapp.core.cli import one_line_errors

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_PASSPHRASE = click.option("--passphrase-file", type=_FILE, help="A file whose first line is the passphrase.")
_IDENTITY = click.option("--identity", type=_FILE, help="The file of age-keygen, for a backup made with --recipient.")


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--recipient", help="Encrypt for the holder of this public key (age1…).")
@_PASSPHRASE
@_IDENTITY
@click.option("--check", is_flag=True, help="TARGET is a backup: restore it into an empty folder and recount it.")
@one_line_errors
def backup(
    target: Path, *, recipient: str | None, passphrase_file: Path | None, identity: Path | None, check: bool
) -> None:
    """Write the database and the secret keys to TARGET, a file or a folder, while the service runs."""
    if recipient and passphrase_file:
        raise click.ClickException("choose one of --recipient and --passphrase-file")
    if check:
        given = {"--passphrase-file": passphrase_file, "--identity": identity}
        options = [part for name, path in given.items() if path for part in (name, str(path.absolute()))]
        checking.check([*options, str(_existing(target).absolute())])
        click.echo(f"{target} is complete; both recounts of a restored copy found no difference.")
        return
    encrypted = bool(recipient or passphrase_file)
    if target.is_dir():
        target /= f"hallapp-{clock.now():%Y-%m-%dT%H%M%SZ}.zip{'.age' if encrypted else ''}"
    made = _writing(
        target,
        lambda: service.back_up(
            target,
            secret_keys=runtime.settings().secret_keys,
            recipient=recipient,
            passphrase=_passphrase(passphrase_file),
        ),
    )
    click.echo(f"{target}: {sum(made.rows.values())} rows of {len(made.rows)} tables, as of {made.made_at}")


@click.command("restore")
@click.argument("file", type=_FILE)
@_PASSPHRASE
@_IDENTITY
@one_line_errors
def restore(file: Path, *, passphrase_file: Path | None, identity: Path | None) -> None:
    """Fill an empty database from FILE, a backup; the database may be of the other kind."""
    made, keys = service.restore(file, identity=identity, passphrase=_passphrase(passphrase_file))
    click.echo(f"{sum(made.rows.values())} rows of {len(made.rows)} tables restored, as of {made.made_at}")
    settings = runtime.settings()
    if set(keys.split(",")) <= set(settings.secret_keys):
        return
    key_file = settings.instance / "secret_key"
    if os.environ.get("HALL_SECRET_KEY"):
        key_file = key_file.with_suffix(".restored")
        click.echo(f"Passes were signed by another key: add those in {key_file} to HALL_SECRET_KEY, behind your own.")
    _writing(key_file, lambda: _keep(key_file, keys))


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)


def _existing(target: Path) -> Path:
    if not target.is_file():
        raise click.ClickException(f"there is no file {target}")
    return target


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        words = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except UnicodeDecodeError:
        words = ""
    if not words:
        raise click.ClickException(f"the first line of {file} holds no passphrase")
    return words


def _writing(target: Path, write: Callable[[], Any]) -> Any:
    try:
        return write()
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror or error}") from None
