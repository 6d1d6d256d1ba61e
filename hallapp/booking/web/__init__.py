"""The web layer of `booking`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
