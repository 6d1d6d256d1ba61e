"""The web layer of `admin.tasks`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
