"""The next release of hallapp, as far as a browser sees it: the same application with other files."""

import os

from hallapp import create_app

app = create_app()
app.static_folder = os.environ["NEXT_STATIC"]
