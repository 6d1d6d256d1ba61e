"""The application object for servers and for the `flask` command."""

import sys

from hallapp import create_app
from hallapp.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    print(f"hallapp: {error}", file=sys.stderr)
    raise SystemExit(2) from None
