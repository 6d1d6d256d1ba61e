"""The web layer of `paper`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
