"""The web layer of `screen`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
