"""The web layer of `staff`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
