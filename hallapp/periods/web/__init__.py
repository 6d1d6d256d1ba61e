"""The web layer of `periods`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
