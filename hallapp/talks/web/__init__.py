"""The web layer of `talks`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
