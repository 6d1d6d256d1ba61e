"""The web layer of `core`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
