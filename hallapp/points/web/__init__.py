"""The web layer of `points`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
