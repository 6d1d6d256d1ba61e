"""The next release of hallapp, as far as a browser sees it: the same application with other files."""

import os
from pathlib import Path

from hallapp import create_app

app = create_app(static=Path(os.environ["NEXT_STATIC"]))
