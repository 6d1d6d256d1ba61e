"""The web layer of `certificates`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
