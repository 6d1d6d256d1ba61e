"""The web layer of `guides`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
