"""The web layer of `reports.lists`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
