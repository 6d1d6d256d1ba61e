"""The application object for servers and for the `flask` command."""

import gc
import os
import sys

from hallapp import create_app
from hallapp.settings import GONE, SettingsError

os.umask(0o077)  # all that the service and its commands write is for their own user

for name, instead in GONE.items():
    if name in os.environ:
        print(f"hallapp: {name} is not used any more: {instead}", file=sys.stderr)

gc.disable()  # a start leaves no garbage, and looking for it takes a fifth of the start
try:
    app = create_app()
except SettingsError as error:
    print(f"hallapp: {error}", file=sys.stderr)
    raise SystemExit(2) from None
finally:
    gc.enable()
