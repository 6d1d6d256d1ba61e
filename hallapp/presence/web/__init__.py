"""The web layer of `presence`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
