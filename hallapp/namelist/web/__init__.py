"""The web layer of `namelist`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
