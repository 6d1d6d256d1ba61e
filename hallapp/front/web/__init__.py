"""The web layer of `front`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
