"""The web layer of `desk`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
