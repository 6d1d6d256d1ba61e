"""The web layer of `passes`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
