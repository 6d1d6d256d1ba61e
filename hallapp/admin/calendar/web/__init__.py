"""The web layer of `admin.calendar`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
