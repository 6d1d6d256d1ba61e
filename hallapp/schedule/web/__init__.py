"""The web layer of `schedule`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
