"""The web layer of `accounts`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
